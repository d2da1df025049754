"""Read a sentence as the rules of this version do, for those who write rules."""

import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime, time
from hashlib import sha256

from flows.cli.explain import describe_document
from flows.cli.output.terminal import remove_controls, unbroken_pipe
from schemas.articles import Article, Block
from schemas.errors import StopFlow
from seeds import SEEDS
from tasks.clean.characters import clean_line
from tasks.language.pack import load_pack, pack_codes
from tasks.mentions.annotate import annotate

__all__ = ["try_text"]


def try_text(*texts: str, language: str = "vi", published: date | None = None) -> None:
    """Print sentences as tokens with their classes, as clauses, and what would be extracted from them.

    Args:
        texts: One or more sentences; each text is a paragraph. Without any, standard input is read.
        language: ISO 639-1 code of a language pack.
        published: Day on which they were published, for words such as "hôm qua"; by default today.
    """
    if language not in pack_codes(SEEDS):
        raise StopFlow(f"no language pack for {language!r}: choose one of {', '.join(pack_codes(SEEDS))}")
    paragraphs = [line for text in texts or sys.stdin.read().splitlines() if (line := clean_line(text))]
    if not paragraphs:
        raise StopFlow("no text: give a sentence in quotation marks, or write one to standard input")
    document = annotate(_make_article(paragraphs, language, published))
    with unbroken_pipe():
        for line in describe_document(document, tokens=True):
            sys.stdout.write(remove_controls(line, keep="\n") + "\n")


def _make_article(paragraphs: list[str], language: str, published: date | None) -> Article:
    """Return an article of these paragraphs, published at noon where the language's press is."""
    text = "\n".join(paragraphs)
    now = datetime.now(UTC)
    zone = load_pack(SEEDS, language).timezone
    day = datetime.combine(published, time(12), tzinfo=zone) if published else now
    digest = sha256(text.encode()).hexdigest()
    return Article(
        article_id=digest[:16],
        url=None,
        source="try",
        input="try",
        outlet=None,
        title=None,
        authors=(),
        lead=None,
        published_at=day,
        published_on=day.astimezone(zone).date(),
        published_from=None,
        language=language,
        text=text,
        text_sha256=digest,
        blocks=tuple(_list_blocks(paragraphs)),
        near_duplicate_of=None,
        signature=(),
        wire=None,
        fetched_at=max(now, day),
    )


def _list_blocks(paragraphs: list[str]) -> Iterator[Block]:
    start = 0
    for paragraph in paragraphs:
        yield Block("body", start, start + len(paragraph))
        start += len(paragraph) + 1
