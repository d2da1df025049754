"""Explain why a row is there, or is not: print an article as the rules read it."""

import sys
from collections.abc import Iterator, Sequence
from datetime import date
from itertools import chain
from textwrap import wrap

from flows.cli.output.terminal import remove_controls, unbroken_pipe
from schemas.articles import Article
from schemas.columns import to_record
from schemas.document import Document, Sentence, Token
from schemas.errors import StopFlow
from schemas.meetings import DatePrecision, Meeting
from schemas.quotes import Quote
from tasks.lake import run_query
from tasks.language.notation import describe_clauses, describe_tokens
from tasks.linking import join_rows
from tasks.meetings import find_meetings
from tasks.mentions.annotate import annotate
from tasks.quotes import find_quotes
from tasks.topics import find_topics

__all__ = ["describe_days", "describe_document", "explain"]

_ARTICLE = """
SELECT * EXCLUDE (extracted_at, written_at, extractor, run_id, batch_id) FROM articles
WHERE starts_with(article_id, $which) OR contains(input, $which) LIMIT 2"""
_WIDTH = 100
"""Columns of the printed article."""
_LENGTHS: dict[DatePrecision, int] = {"day": 10, "month": 7, "year": 4}
"""Letters of a date in ISO 8601 that are known."""


def explain(article: str, /, *, lake: str = "lake", tokens: bool = False) -> None:
    """Print an article with its mentions, the rules that fired and the rows that came of it.

    Args:
        article: The article's id, its beginning, or a part of the path or URL it was read from.
        lake: Folder of the lake, or s3://BUCKET/PREFIX.
        tokens: Print the tokens with their classes and the clauses of each sentence as well.
    """
    document = annotate(_read_article(article, lake))
    title = document.article.title or "(no title)"
    day = document.article.published_on or "day of publication not known"
    origin = document.article.outlet or document.article.source
    heading = [title, f"{origin}, {day}, {document.article.article_id}"]
    with unbroken_pipe():
        for line in chain(heading, describe_document(document, tokens=tokens)):
            sys.stdout.write(remove_controls(line, keep="\n") + "\n")


def describe_document(document: Document, *, tokens: bool) -> Iterator[str]:
    """Yield what the rules read in an article, sentence by sentence, with the rows that come of it.

    Args:
        document: An annotated article.
        tokens: Whether to tell tokens and clauses as well.
    """
    meetings, quotes, topics = join_rows(
        document, find_meetings(document), find_quotes(document), find_topics(document)
    )
    yield from _describe_sentences(document, meetings, quotes, tokens=tokens)
    main_topics = [topic for topic in topics if topic.scope == "article"]
    if main_topics:
        yield "\nTopics"
    for topic in main_topics:
        words = dict.fromkeys(document.text(span.start, span.end) for span in topic.spans)
        yield f"  {topic.score:.2f}  {topic.topic_id}: {', '.join(words)}"


def _read_article(which: str, lake: str) -> Article:
    result = run_query(lake, _ARTICLE, {"which": which})
    assert result is not None
    rows = list(result.rows)
    if not rows:
        raise StopFlow(f"no article's id or link has {which!r} in it; column input of the table articles lists them")
    if len(rows) > 1:
        raise StopFlow(f"more than one article has {which!r} in its id or link; give more of it")
    return to_record(Article, dict(zip(result.columns, rows[0], strict=True)))


def _describe_sentences(
    document: Document, meetings: Sequence[Meeting], quotes: Sequence[Quote], *, tokens: bool
) -> Iterator[str]:
    for block in document.article.blocks:
        inside = [sentence for sentence in document.sentences if block.start <= sentence.start < block.end]
        if not inside:
            yield f"\n[{block.kind}, not read] {document.text(block.start, min(block.end, block.start + _WIDTH))}"
        for sentence in inside:
            yield from _describe_sentence(sentence, document)
            if tokens:
                yield from _describe_reading(sentence, document)
            yield from _describe_rows(sentence, meetings, quotes)


def _describe_reading(sentence: Sentence, document: Document) -> Iterator[str]:
    text = document.article.text
    yield f"    tokens {describe_tokens(sentence.tokens, text)}"
    for line in describe_clauses(sentence.clauses, sentence.tokens, text):
        yield f"    clause {line}"


def _describe_sentence(sentence: Sentence, document: Document) -> Iterator[str]:
    """Print the sentence, whom, when and where it mentions, and the rules that fired in it."""
    yield ""
    yield from wrap(document.text(sentence.start, sentence.end), _WIDTH, break_on_hyphens=False)
    within = range(sentence.start, sentence.end)
    yield from _describe_mentions(within, document)
    yield from _describe_dates(within, document)
    yield from _describe_places(within, document)
    if rules := dict.fromkeys(_list_rules(sentence.tokens)):
        yield f"    rules  {', '.join(rules)}"


def _describe_mentions(within: range, document: Document) -> Iterator[str]:
    for mention in document.mentions:
        if mention.start in within:
            entity = document.entities[mention.entity]
            facts = ", ".join(filter(None, [entity.role, entity.country, mention.certainty]))
            who = entity.name or f"nameless {entity.kind}"
            yield f"    who    {document.text(mention.start, mention.end)} → {who} ({facts})"


def _describe_dates(within: range, document: Document) -> Iterator[str]:
    for when in document.dates:
        if when.start in within:
            meaning = describe_days(when.first, when.last, when.precision) if when.first else "no certain date"
            yield f"    when   {document.text(when.start, when.end)} → {meaning}"


def _describe_places(within: range, document: Document) -> Iterator[str]:
    for place in document.places:
        if place.start in within:
            meaning = ", ".join(filter(None, [place.venue, place.city, place.country]))
            yield f"    where  {document.text(place.start, place.end)} → {meaning}"


def _describe_rows(sentence: Sentence, meetings: Sequence[Meeting], quotes: Sequence[Quote]) -> Iterator[str]:
    for meeting in meetings:
        if meeting.start == sentence.start:
            yield f"  = meeting ({meeting.rule}, {meeting.certainty}): {_describe_meeting(meeting)}"
    for quote in quotes:
        if sentence.start <= quote.start < sentence.end:
            said = f"{quote.speaker} [{quote.cue}] {quote.text}"
            yield f"  = {quote.kind} quote ({quote.rule}, {quote.certainty}): {said}"


def _describe_meeting(meeting: Meeting) -> str:
    who = ", ".join(party.name or party.role or party.country or "?" for party in meeting.participants)
    when = describe_days(meeting.date_start, meeting.date_end, meeting.date_precision) if meeting.date_start else ""
    where = ", ".join(filter(None, [meeting.venue, meeting.city, meeting.country]))
    return "; ".join(filter(None, [who, f"{meeting.status} {meeting.format or ''}".strip(), when, where]))


def describe_days(first: date | None, last: date | None, precision: DatePrecision | None) -> str:
    """Return a day, a month or a year as precisely as it is known, or two with a stroke between them."""
    length = _LENGTHS[precision or "day"]
    days = dict.fromkeys(day.isoformat()[:length] for day in (first, last) if day)
    return "/".join(days)


def _list_rules(tokens: Sequence[Token]) -> Iterator[str]:
    for token in tokens:
        if token.rule:
            yield token.rule
        yield from _list_rules(token.parts)
