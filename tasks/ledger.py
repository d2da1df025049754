"""Ties the three kinds of rows of one article together: quotes to meetings, topics to meetings and quotes."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from schemas.document import Document, Sentence
from schemas.meetings import Meeting
from schemas.quotes import Quote
from schemas.topics import Topic, TopicScope

__all__ = ["join_rows"]

_AT = frozenset({"AT", "IN", "AFTER", "WHEN", "LINK", "BEFORE"})
_NOUNS = frozenset({"MEETN", "MEETV"})


def join_rows(
    document: Document, meetings: Sequence[Meeting], quotes: Sequence[Quote], topics: Sequence[Topic]
) -> tuple[tuple[Meeting, ...], tuple[Quote, ...], tuple[Topic, ...]]:
    """Join what the three extractors found side by side.

    A quote belongs to a held meeting of its speaker where its sentence says so ("phát biểu sau cuộc gặp"), where it
    stands in the paragraph that tells of the meeting, or where the speaker held no other meeting in the article and
    had already been heard at this one. Article topics whose words stand inside a meeting's sentence or a quote
    are that meeting's or quote's topics as well, with the article's score.

    Returns:
        Meetings, quotes and topics; topics of scope ``article`` come first.
    """
    joined = tuple(_tied(quotes, meetings, document))
    targets: list[tuple[TopicScope, str, int, int]] = [
        *(("meeting", meeting.meeting_id, meeting.start, meeting.end) for meeting in meetings),
        *(("quote", quote.quote_id, quote.start, quote.end) for quote in joined),
    ]
    below = (row for target in targets for topic in topics for row in _topic_of(topic, *target))
    return tuple(meetings), joined, (*topics, *below)


def _tied(quotes: Sequence[Quote], meetings: Sequence[Meeting], document: Document) -> Iterator[Quote]:
    heard: set[str] = set()
    for quote in quotes:
        meeting = _meeting_of(quote, meetings, document, heard)
        if meeting:
            heard.add(meeting.meeting_id)
        yield replace(quote, meeting_id=meeting.meeting_id) if meeting else quote


def _meeting_of(quote: Quote, meetings: Sequence[Meeting], document: Document, heard: set[str]) -> Meeting | None:
    own = [meeting for meeting in meetings if _took_part(quote, meeting)]
    if not own:
        return None
    sentence = next((s for s in document.sentences if s.start <= quote.start < s.end), None)
    if sentence is None:
        return None
    if _names_occasion(sentence):
        earlier = [meeting for meeting in own if meeting.start <= quote.start]
        return earlier[-1] if earlier else own[0]
    near = [meeting for meeting in own if _paragraph(meeting.start, document) == sentence.paragraph]
    if near:
        return near[-1]
    return own[0] if len(own) == 1 and own[0].meeting_id in heard else None


def _took_part(quote: Quote, meeting: Meeting) -> bool:
    if meeting.status != "held" or meeting.format == "visit" or quote.speaker is None:
        return False
    return any(
        (quote.speaker_id and party.person_id == quote.speaker_id) or (party.name and party.name in quote.speaker)
        for party in meeting.participants
    )


def _names_occasion(sentence: Sentence) -> bool:
    """Reads “tại cuộc gặp”, “phát biểu sau cuộc hội đàm”: the sentence says where it was said."""
    tokens = sentence.tokens
    return any(
        token.kind in _NOUNS and any(before.kind in _AT for before in tokens[max(0, index - 3) : index])
        for index, token in enumerate(tokens)
    )


def _paragraph(start: int, document: Document) -> int | None:
    return next((s.paragraph for s in document.sentences if s.start <= start < s.end), None)


def _topic_of(topic: Topic, scope: TopicScope, target_id: str, start: int, end: int) -> Iterator[Topic]:
    spans = tuple(span for span in topic.spans if start <= span.start and span.end <= end)
    if spans:
        yield replace(topic, scope=scope, target_id=target_id, spans=spans)
