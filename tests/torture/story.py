"""Batches that tell by themselves whether they are whole.

A *story* is five articles that are always written together. How many rows an article has follows from when it was
fetched and extracted, and every row carries these two times (its *version*), so that a reader who sees a row too many,
a row too few, or rows of two versions together, knows.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

from samples import ARTICLE, MEETING, QUOTE, TOPIC
from schemas.articles import Article
from schemas.meetings import Meeting
from schemas.quotes import Quote
from schemas.rejects import Reject
from schemas.topics import Topic
from tasks.lake import Batch, run_query

ARTICLES = 5
TEXT = "Mở đầu. " + "Lời kể không quan trọng. " * 20
_EPOCH = datetime(2026, 1, 1, tzinfo=UTC)

Version = tuple[int, int]
"""When a story was fetched and extracted, in microseconds; the greatest counts."""


def now() -> int:
    """Microseconds since the beginning of the story."""
    return (datetime.now(UTC) - _EPOCH) // timedelta(microseconds=1)


def make_story(story: int, version: Version, batch_id: str) -> Batch:
    """The five articles with their rows, and a reject."""
    articles = [_article(story, number, version) for number in range(ARTICLES)]
    rows = [_rows(article.article_id, version) for article in articles]
    return Batch(
        batch_id=batch_id,
        run_id="torture",
        extracted_at=_at(version[1]),
        articles=tuple(articles),
        meetings=tuple(row for meetings, _, _ in rows for row in meetings),
        quotes=tuple(row for _, quotes, _ in rows for row in quotes),
        topics=tuple(row for _, _, topics in rows for row in topics),
        rejects=(Reject(input=f"reject-{story}", stage="clean", code="empty", message=_stamp(version)),),
        extractor=str(version[1]),
    )


def story_of(article: Article) -> tuple[int, int]:
    """The story that an article belongs to, and when it was fetched."""
    return int(article.source), (article.fetched_at - _EPOCH) // timedelta(microseconds=1)


@dataclass(slots=True)
class Seen:
    """What a look at the lake found."""

    stories: dict[int, Version]
    partial: int = 0
    """Stories of which some articles, or some rows of other versions, were seen."""
    lost: int = 0
    """Rows that were missing."""
    doubled: int = 0
    """Rows that were there twice."""


_LOOK = """
SELECT
    source::INTEGER, article_id, title,
    (SELECT struct_pack(n := count(*), d := count(DISTINCT quote_id), v := list(DISTINCT rule))
        FROM quotes AS q WHERE q.article_id = a.article_id),
    (SELECT struct_pack(n := count(*), d := count(DISTINCT meeting_id), v := list(DISTINCT rule))
        FROM meetings AS m WHERE m.article_id = a.article_id),
    (SELECT struct_pack(n := count(*), d := count(DISTINCT target_id), v := list(DISTINCT rule))
        FROM topics AS t WHERE t.article_id = a.article_id)
FROM articles AS a
ORDER BY ALL"""


def look(lake: Path) -> Seen:
    """Read everything through the views, and count what is not as it was written."""
    seen = Seen({})
    found: dict[int, list[tuple[str, Version]]] = {}
    for story, article_id, title, *tables in _ask(lake, _LOOK):
        version = _version(title)
        found.setdefault(story, []).append((article_id, version))
        for rows, expected in zip(tables, _counts(article_id, version), strict=True):
            seen.doubled += rows["n"] - rows["d"]
            seen.lost += max(0, expected - rows["d"])
            seen.partial += set(rows["v"] or []) - {title} != set()
    for story, articles in found.items():
        seen.doubled += len(articles) - len(dict(articles))
        seen.partial += len(dict(articles)) != ARTICLES or len({version for _, version in articles}) != 1
        seen.stories[story] = min(version for _, version in articles)
    rejects = _ask(lake, "SELECT input FROM rejects")
    seen.doubled += len(rejects) - len(set(rejects))
    seen.lost += len(seen.stories.keys() - {int(name.removeprefix("reject-")) for (name,) in rejects})
    return seen


def _ask(lake: Path, query: str) -> list[tuple[Any, ...]]:
    result = run_query(lake, query)
    assert result is not None
    return list(result.rows)


def _article(story: int, number: int, version: Version) -> Article:
    return replace(
        ARTICLE,
        article_id=f"{story}-{number}",
        input=f"{story}-{number}.txt",
        source=str(story),
        title=_stamp(version),
        text=TEXT,
        text_sha256=sha256(TEXT.encode()).hexdigest(),
        published_at=_EPOCH + timedelta(days=7 * story),
        fetched_at=_at(version[0]),
    )


def _rows(article_id: str, version: Version) -> tuple[tuple[Meeting, ...], tuple[Quote, ...], tuple[Topic, ...]]:
    quotes, meetings, topics = _counts(article_id, version)
    own = {"article_id": article_id, "rule": _stamp(version)}
    return (
        tuple(replace(MEETING, meeting_id=f"m{number}-{article_id}", **own) for number in range(meetings)),
        tuple(replace(QUOTE, quote_id=f"q{number}-{article_id}", **own) for number in range(quotes)),
        tuple(replace(TOPIC, target_id=f"{article_id}/{number}", **own) for number in range(topics)),
    )


def _counts(article_id: str, version: Version) -> tuple[int, int, int]:
    """Quotes, meetings and topics; none of some kind now and then."""
    digest = sha256(f"{article_id} {version}".encode()).digest()
    return digest[0] % 5, digest[1] % 3, digest[2] % 4


def _stamp(version: Version) -> str:
    return f"{version[0]} {version[1]}"


def _version(stamp: str) -> Version:
    fetched, extracted = stamp.split()
    return int(fetched), int(extracted)


def _at(microseconds: int) -> datetime:
    return _EPOCH + timedelta(microseconds=microseconds)


def versions(lines: Iterator[str]) -> dict[int, Version]:
    """The newest version of each story that a writer has reported as written."""
    newest: dict[int, Version] = {}
    for line in lines:
        story, fetched, extracted = map(int, line.split())
        newest[story] = max(newest.get(story, (0, 0)), (fetched, extracted))
    return newest
