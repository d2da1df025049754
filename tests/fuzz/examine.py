"""What one mutant comes to: no exception, rows whose offsets are right, the same rows again, in a bounded time."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256

from fuzz.mutations import Mutant

from flows.run.worker import STAGES, Stages
from schemas.articles import Article, Page, Sidecar
from schemas.errors import RejectArticle
from schemas.meetings import Meeting
from schemas.quotes import Quote
from schemas.settings import CleanLimits
from schemas.topics import Topic
from seeds import SEEDS
from tasks.lake.integrity.records import Targets, check_article, check_row
from tasks.language.pack import pack_codes

__all__ = ["Outcome", "examine"]

MOST_SECONDS = 3.0
"""Time of the processor for the longest mutant; the median takes some milliseconds."""
ONE_IN_SO_MANY_TWICE = 10
FETCHED = datetime(2026, 3, 5, 12, tzinfo=UTC)
Rows = tuple[tuple[Meeting, ...], tuple[Quote, ...], tuple[Topic, ...]]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a mutant.

    Attributes:
        number: Of the mutant.
        digest: Of the article with all its rows, or of the code of the reject.
        rows: How many rows were found.
        seconds: Time of the processor.
        problems: What is wrong, in words; empty if nothing is.
    """

    number: int
    digest: str
    rows: int
    seconds: float
    problems: tuple[str, ...]


def examine(mutant: Mutant, stages: Stages = STAGES) -> Outcome:
    """Clean and extract a mutant, some twice, and look at what came of it."""
    started = time.thread_time()
    try:
        first = run_stages(mutant, stages)
        seconds = time.thread_time() - started
        again = run_stages(mutant, stages) if mutant.number % ONE_IN_SO_MANY_TWICE == 0 else first
    except Exception as error:  # noqa: BLE001  # that is what is looked for
        return Outcome(mutant.number, "", 0, 0.0, (f"{type(error).__name__}: {error}",))
    problems = list(find_problems(*first)) if first else []
    if repr(first) != repr(again):
        problems.append("gives other rows the second time")
    if seconds > MOST_SECONDS:
        problems.append(f"takes {seconds:.1f} s of the processor")
    found = sum(map(len, first[1])) if first else 0
    return Outcome(mutant.number, sha256(repr(first).encode()).hexdigest()[:16], found, seconds, tuple(problems))


def run_stages(mutant: Mutant, stages: Stages) -> tuple[Article, Rows] | None:
    """Return the article and its rows; None for a reject."""
    page = Page(input="mutant", media=mutant.media, body=mutant.body, sidecar=Sidecar(), fetched_at=FETCHED)
    try:
        article = stages.clean(page, limits=CleanLimits(), languages=pack_codes(SEEDS))
    except RejectArticle:
        return None
    document = stages.annotate(article)
    meetings, quotes, topics = stages.meetings(document), stages.quotes(document), stages.topics(document)
    return article, stages.join(document, meetings, quotes, topics)


def find_problems(article: Article, rows: Rows) -> Iterator[str]:
    meetings, quotes, topics = rows
    yield from check_article(article)
    targets: Targets = {
        "article": frozenset({article.article_id}),
        "meeting": frozenset(meeting.meeting_id for meeting in meetings),
        "quote": frozenset(quote.quote_id for quote in quotes),
    }
    for row in (*meetings, *quotes, *topics):
        yield from check_row(row, article.text, targets)
    if len(targets["meeting"]) < len(meetings) or len(targets["quote"]) < len(quotes):
        yield "two rows have one id"
