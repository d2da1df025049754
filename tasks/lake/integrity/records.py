"""What must hold for each record: offsets give their words back, references lead somewhere."""

from collections.abc import Iterator, Mapping
from hashlib import sha256
from typing import TypeAlias

from schemas.articles import Article
from schemas.meetings import Meeting
from schemas.quotes import Quote
from schemas.topics import Topic

__all__ = ["Row", "Targets", "check_article", "check_row", "row_id"]

Row: TypeAlias = Meeting | Quote | Topic

Targets = Mapping[str, frozenset[str]]
"""Ids of the rows that exist, by scope: ``article``, ``meeting``, ``quote``."""


def check_article(article: Article) -> Iterator[str]:
    """Say what is wrong with an article; nothing if all is well."""
    if sha256(article.text.encode()).hexdigest() != article.text_sha256:
        yield "text_sha256 is not the hash of its text"
    for block in article.blocks:
        yield from _check_span("block", block.start, block.end, article.text)


def check_row(row: Row, text: str, targets: Targets) -> Iterator[str]:
    """Say what is wrong with a row of an article with that text; nothing if all is well.

    Args:
        row: What to check.
        text: Of its article.
        targets: What its references may lead to; a meeting leads nowhere.
    """
    if isinstance(row, Meeting):
        return _check_meeting(row, text)
    if isinstance(row, Quote):
        return _check_quote(row, text, targets)
    return _check_topic(row, text, targets)


def row_id(row: Row) -> str:
    """Return what tells a row from every other of its table."""
    if isinstance(row, Meeting):
        return row.meeting_id
    if isinstance(row, Quote):
        return row.quote_id
    return f"{row.topic_id} of {row.scope} {row.target_id}"


def _check_meeting(meeting: Meeting, text: str) -> Iterator[str]:
    yield from _check_span("evidence", meeting.start, meeting.end, text)
    for party in meeting.participants:
        yield from _check_span(f"participant {party.name or party.role}", party.start, party.end, text)


def _check_quote(quote: Quote, text: str, targets: Targets) -> Iterator[str]:
    yield from _check_words("text", quote.text, quote.start, quote.end, text)
    for span in quote.quoted:
        yield from _check_span("quoted", span.start, span.end, text)
    if quote.speaker_start is not None or quote.speaker_end is not None:
        yield from _check_span("speaker", quote.speaker_start, quote.speaker_end, text)
    if quote.cue is not None or quote.cue_start is not None or quote.cue_end is not None:
        yield from _check_words("cue", quote.cue, quote.cue_start, quote.cue_end, text)
    if quote.meeting_id is not None and quote.meeting_id not in targets["meeting"]:
        yield f"meeting_id {quote.meeting_id} is no meeting of its batch"


def _check_topic(topic: Topic, text: str, targets: Targets) -> Iterator[str]:
    for span in topic.spans:
        yield from _check_span("span", span.start, span.end, text)
    if topic.target_id not in targets[topic.scope]:
        yield f"target_id {topic.target_id} is no {topic.scope} of its batch"


def _check_span(what: str, start: int | None, end: int | None, text: str) -> Iterator[str]:
    if start is None or end is None or not 0 <= start < end <= len(text):
        yield f"{what} [{start}:{end}] lies outside the text of {len(text)} code points"


def _check_words(what: str, words: str | None, start: int | None, end: int | None, text: str) -> Iterator[str]:
    outside = list(_check_span(what, start, end, text))
    yield from outside
    if not outside and text[start:end] != words:
        yield f"{what} says {words!r}, but [{start}:{end}] is {text[start:end]!r}"
