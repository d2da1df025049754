"""Ties the three kinds of rows of one article together: quotes to meetings, topics to meetings and quotes."""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from operator import attrgetter

from schemas.articles import Block
from schemas.document import Document, Sentence
from schemas.meetings import Meeting
from schemas.quotes import Quote
from schemas.topics import Topic, TopicScope
from seeds import SEEDS
from tasks.language.folding import fold
from tasks.topics.context_cues import load_context_cues

__all__ = ["join_rows"]

_AT = frozenset({"AT", "IN", "AFTER", "WHEN", "LINK"})
_BEFORE = frozenset({"BEFORE"})
_NOUNS = frozenset({"MEETN", "MEETV"})
_OPENING = 2
"""Paragraphs that say what an article is about."""
_SECTION = 4
"""Paragraphs that a subhead speaks for: the last one of a list of subjects has no end of its own."""

_Range = tuple[int, int]


def join_rows(
    document: Document, meetings: Sequence[Meeting], quotes: Sequence[Quote], topics: Sequence[Topic]
) -> tuple[tuple[Meeting, ...], tuple[Quote, ...], tuple[Topic, ...]]:
    """Join what the three extractors found side by side.

    A quote belongs to a held meeting of its speaker: the one told of in its paragraph; else, where its sentence says
    so ("phát biểu sau cuộc gặp"), the one at which the speaker was last heard, or the speaker's first; else the one
    at which the speaker was last heard, or the one that the article opens with, until another meeting of the speaker
    is told of, not one of days before; else the speaker's only one, where others were heard at it. What was said
    before a meeting, or on an earlier day ("trước đây"), belongs to none.

    Article topics whose words stand in a quote, or in the subhead it stands under, are the quote's topics as well;
    those whose words stand in a meeting's sentence or in what was said at it are the meeting's; with the article's
    score.

    Returns:
        Meetings, quotes and topics; topics of scope ``article`` come first.
    """
    joined = tuple(_link_quotes(quotes, meetings, document))
    blocks = [block for block in document.article.blocks if block.kind in ("subhead", "body")]
    words = {quote.quote_id: [(quote.start, quote.end), *_find_subhead_above(quote, blocks)] for quote in joined}
    said: defaultdict[str | None, list[_Range]] = defaultdict(list)
    for quote in joined:
        said[quote.meeting_id] += words[quote.quote_id]
    targets: list[tuple[TopicScope, str, list[_Range]]] = [
        *(("meeting", one.meeting_id, [(one.start, one.end), *said[one.meeting_id]]) for one in meetings),
        *(("quote", one.quote_id, words[one.quote_id]) for one in joined),
    ]
    placed = [(topic, [span.start for span in topic.spans]) for topic in topics]
    below = (row for target in targets for topic, starts in placed for row in _place_topic(topic, starts, *target))
    return tuple(meetings), joined, (*topics, *below)


def _link_quotes(quotes: Sequence[Quote], meetings: Sequence[Meeting], document: Document) -> Iterator[Quote]:
    heard: dict[str, tuple[Meeting, int]] = {}
    opening = _find_opening(meetings, document)
    for quote in quotes:
        meeting = _find_meeting(quote, meetings, document, heard, opening)
        if meeting:
            heard[_speaker_key(quote)] = (meeting, quote.start)
        yield replace(quote, meeting_id=meeting.meeting_id) if meeting else quote


def _find_opening(meetings: Sequence[Meeting], document: Document) -> Meeting | None:
    """The held meeting that the first two paragraphs tell of."""
    paragraphs = list(dict.fromkeys(sentence.paragraph for sentence in document.sentences))[:_OPENING]
    held = (meeting for meeting in meetings if meeting.status == "held" and meeting.format != "visit")
    return next((meeting for meeting in held if _find_paragraph(meeting.start, document) in paragraphs), None)


def _find_meeting(
    quote: Quote,
    meetings: Sequence[Meeting],
    document: Document,
    heard: Mapping[str, tuple[Meeting, int]],
    opening: Meeting | None,
) -> Meeting | None:
    own = [meeting for meeting in meetings if _took_part_in(quote, meeting)]
    sentence = document.sentence_at(quote.start)
    if not own or sentence is None or _was_said_elsewhere(sentence, quote, document):
        return None
    near = [meeting for meeting in own if _find_paragraph(meeting.start, document) == sentence.paragraph]
    if near:
        return next((meeting for meeting in reversed(near) if meeting.start <= quote.start), near[0])
    fallback = (opening, opening.start) if opening and opening in own and opening.start < quote.start else (None, 0)
    last, since = heard.get(_speaker_key(quote), fallback)
    if _names_occasion(sentence, _AT):
        return last or own[0]
    if last:
        return None if any(since < one.start < quote.start for one in own if not _is_over_by(one, last)) else last
    return own[0] if len(own) == 1 and any(own[0] == meeting for meeting, _ in heard.values()) else None


def _is_over_by(meeting: Meeting, other: Meeting) -> bool:
    """Whether one is the other, or was over when that began: "hai ông từng gặp nhau năm ngoái"."""
    return meeting == other or bool(meeting.date_end and other.date_start and meeting.date_end < other.date_start)


def _speaker_key(quote: Quote) -> str:
    return quote.speaker_id or quote.speaker or ""


def _took_part_in(quote: Quote, meeting: Meeting) -> bool:
    if meeting.status != "held" or meeting.format == "visit" or quote.speaker is None:
        return False
    return any(
        (quote.speaker_id and participant.person_id == quote.speaker_id)
        or (participant.name and participant.name in quote.speaker)
        for participant in meeting.participants
    )


def _was_said_elsewhere(sentence: Sentence, quote: Quote, document: Document) -> bool:
    """Reads “vài giờ trước cuộc gặp” and “trước đây đã nói”: it was said at another time."""
    if _names_occasion(sentence, _BEFORE):
        return True
    before = fold(document.text(sentence.start, max(sentence.start, quote.start)))
    return load_context_cues(SEEDS).earlier.search(before) is not None


def _names_occasion(sentence: Sentence, links: frozenset[str]) -> bool:
    """Reads “tại cuộc gặp”, “phát biểu sau cuộc hội đàm”: the sentence says where it was said."""
    tokens = sentence.tokens
    return not links.isdisjoint(sentence.kinds) and any(
        token.kind in _NOUNS and any(before.kind in links for before in tokens[max(0, index - 3) : index])
        for index, token in enumerate(tokens)
    )


def _find_paragraph(start: int, document: Document) -> int | None:
    sentence = document.sentence_at(start)
    return sentence.paragraph if sentence else None


def _find_subhead_above(quote: Quote, blocks: Sequence[Block]) -> Iterator[_Range]:
    """The subhead that a quote stands under, unless many paragraphs lie between."""
    below = bisect_right(blocks, quote.start, key=attrgetter("start"))
    for block in reversed(blocks[max(0, below - _SECTION - 1) : below]):
        if block.kind == "subhead":
            yield block.start, block.end
            return


def _place_topic(
    topic: Topic, starts: Sequence[int], scope: TopicScope, target_id: str, ranges: Sequence[_Range]
) -> Iterator[Topic]:
    """The topic as the target's, with those of its words, which begin at ``starts``, that stand in the ranges."""
    spans = {
        span
        for start, end in ranges
        for span in topic.spans[bisect_left(starts, start) : bisect_left(starts, end)]
        if span.end <= end
    }
    if spans:
        yield replace(topic, scope=scope, target_id=target_id, spans=tuple(sorted(spans)))
