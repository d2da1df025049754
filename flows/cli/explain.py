"""Why a row is there, or is not: an article as the rules read it. No Prefect here."""

import sys
from collections.abc import Iterator, Sequence
from textwrap import fill

from flows.cli.output.terminal import unbroken_pipe
from schemas.articles import Article
from schemas.columns import to_record
from schemas.document import Document, Sentence, Token
from schemas.errors import StopFlow
from schemas.meetings import Meeting
from schemas.quotes import Quote
from schemas.topics import Topic
from tasks.lake import run_query
from tasks.linking import join_rows
from tasks.meetings import find_meetings
from tasks.mentions.annotate import annotate
from tasks.quotes import find_quotes
from tasks.topics import find_topics

__all__ = ["explain"]

_ARTICLE = """
SELECT * EXCLUDE (extracted_at, written_at, extractor, run_id, batch_id) FROM articles
WHERE starts_with(article_id, $which) OR contains(input, $which) LIMIT 2"""
_WIDTH = 100


def explain(article: str, /, *, lake: str = "lake") -> None:
    """Print an article with its mentions, the rules that fired and the rows that came of it.

    Args:
        article: The article's id, its beginning, or a part of the path or URL it was read from.
        lake: Folder of the lake, or s3://BUCKET/PREFIX.
    """
    document = annotate(_find(article, lake))
    meetings, quotes, topics = join_rows(
        document, find_meetings(document), find_quotes(document), find_topics(document)
    )
    with unbroken_pipe():
        sys.stdout.writelines(f"{line}\n" for line in _page(document, meetings, quotes, topics))


def _find(which: str, lake: str) -> Article:
    result = run_query(lake, _ARTICLE, {"which": which})
    assert result is not None
    rows = list(result.rows)
    if not rows:
        raise StopFlow(f"no article's id or link has {which!r} in it; column input of the table articles lists them")
    if len(rows) > 1:
        raise StopFlow(f"more than one article has {which!r} in its id or link; give more of it")
    return to_record(Article, dict(zip(result.columns, rows[0], strict=True)))


def _page(
    document: Document, meetings: Sequence[Meeting], quotes: Sequence[Quote], topics: Sequence[Topic]
) -> Iterator[str]:
    article = document.article
    yield article.title or "(no title)"
    yield f"{article.outlet or article.source}, {article.published_at or 'date not known'}, {article.article_id}"
    for block in article.blocks:
        inside = [sentence for sentence in document.sentences if block.start <= sentence.start < block.end]
        if not inside:
            yield f"\n[{block.kind}, not read] {document.text(block.start, min(block.end, block.start + _WIDTH))}"
        for sentence in inside:
            yield from _sentence(sentence, document)
            yield from _rows(sentence, meetings, quotes)
    yield "\nTopics"
    for topic in topics:
        if topic.scope == "article":
            words = dict.fromkeys(document.text(span.start, span.end) for span in topic.spans)
            yield f"  {topic.score:.2f}  {topic.topic_id}: {', '.join(words)}"


def _sentence(sentence: Sentence, document: Document) -> Iterator[str]:
    """The sentence, whom, when and where it mentions, and the rules that fired in it."""
    within = range(sentence.start, sentence.end)
    yield ""
    yield fill(document.text(sentence.start, sentence.end), _WIDTH)
    for mention in document.mentions:
        if mention.start in within:
            entity = document.entities[mention.entity]
            facts = ", ".join(filter(None, [entity.role, entity.country, mention.certainty]))
            who = entity.name or f"nameless {entity.kind}"
            yield f"    who    {document.text(mention.start, mention.end)} → {who} ({facts})"
    for when in document.dates:
        if when.start in within:
            meaning = f"{when.first}…{when.last} ({when.precision})" if when.first else "no certain date"
            yield f"    when   {document.text(when.start, when.end)} → {meaning}"
    for place in document.places:
        if place.start in within:
            meaning = ", ".join(filter(None, [place.venue, place.city, place.country]))
            yield f"    where  {document.text(place.start, place.end)} → {meaning}"
    if rules := dict.fromkeys(_rules(sentence.tokens)):
        yield f"    rules  {', '.join(rules)}"


def _rows(sentence: Sentence, meetings: Sequence[Meeting], quotes: Sequence[Quote]) -> Iterator[str]:
    for meeting in meetings:
        if meeting.start == sentence.start:
            yield f"  = meeting ({meeting.rule}, {meeting.certainty}): {_meeting(meeting)}"
    for quote in quotes:
        if sentence.start <= quote.start < sentence.end:
            said = f"{quote.speaker} [{quote.cue}] {quote.text}"
            yield f"  = {quote.kind} quote ({quote.rule}, {quote.certainty}): {said}"


def _rules(tokens: Sequence[Token]) -> Iterator[str]:
    for token in tokens:
        if token.rule:
            yield token.rule
        yield from _rules(token.parts)


def _meeting(meeting: Meeting) -> str:
    who = ", ".join(party.name or party.role or party.country or "?" for party in meeting.participants)
    where = ", ".join(filter(None, [meeting.venue, meeting.city, meeting.country]))
    return "; ".join(filter(None, [who, f"{meeting.status} {meeting.format}", str(meeting.date_start or ""), where]))
