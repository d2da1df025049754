"""Link the three kinds of rows of one article: quotes to meetings, topics to meetings and quotes."""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from operator import attrgetter

from schemas.articles import Block
from schemas.document import Document, Sentence
from schemas.meetings import Meeting
from schemas.quotes import Quote, Span
from schemas.topics import Topic, TopicScope
from seeds import SEEDS
from tasks.language.folding import fold
from tasks.topics.context_cues import load_context_cues

__all__ = ["join_rows"]

_AT = frozenset({"AT", "IN", "AFTER", "WHEN", "LINK"})
_BEFORE = frozenset({"BEFORE"})
_TRIGGERS = frozenset({"MEETN", "MEETV"})
_REACH = 3
"""Tokens before a word of meeting among which "at", "after" or "before" stands."""
_OPENING_PARAGRAPHS = 2
"""Paragraphs that say what an article is about."""
_SECTION_PARAGRAPHS = 4
"""Paragraphs that a subhead speaks for: the last one of a list of subjects has no end of its own."""

_Range = tuple[int, int]


@dataclass(frozen=True, slots=True)
class _Occasion:
    """A quote with the meetings that it can have been said at.

    Attributes:
        quote: The quote.
        sentence: Its sentence.
        own: Meetings of its speaker that were held; at least one, in the order of the text.
        last: The meeting at which the speaker was last heard, or else the one that the article opens with; None if
            there is neither.
        since: Code point from which on the speaker's words belong to ``last``.
        heard: All meetings at which anybody was heard so far.
    """

    quote: Quote
    sentence: Sentence
    own: Sequence[Meeting]
    last: Meeting | None
    since: int
    heard: Collection[str]


def join_rows(
    document: Document, meetings: Sequence[Meeting], quotes: Sequence[Quote], topics: Sequence[Topic]
) -> tuple[tuple[Meeting, ...], tuple[Quote, ...], tuple[Topic, ...]]:
    """Join what the three extractors found side by side.

    A quote belongs to a held meeting of its speaker, or to none; :data:`_RULES` say to which, in their order. What was
    said before a meeting, or on an earlier day ("trước đây"), belongs to none.

    Article topics whose words stand in a quote, or in the subhead it stands under, are the quote's topics as well;
    those whose words stand in a meeting's sentence or in what was said at it are the meeting's; they keep the score
    that they have for the article.

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
    """Yield the quotes, each with the meeting at which it was said."""
    heard: dict[str, tuple[Meeting, int]] = {}
    opening = _find_opening(meetings, document)
    for quote in quotes:
        occasion = _find_occasion(quote, meetings, document, heard, opening)
        meeting = _find_meeting(occasion, document) if occasion else None
        if meeting is None:
            yield quote
            continue
        heard[_speaker_key(quote)] = (meeting, quote.start)
        yield replace(quote, meeting_id=meeting.meeting_id)


def _find_opening(meetings: Sequence[Meeting], document: Document) -> Meeting | None:
    """Return the held meeting that the first paragraphs tell of."""
    paragraphs = list(dict.fromkeys(sentence.paragraph for sentence in document.sentences))[:_OPENING_PARAGRAPHS]
    for meeting in meetings:
        if _is_held_meeting(meeting) and _find_paragraph(meeting.start, document) in paragraphs:
            return meeting
    return None


def _find_occasion(
    quote: Quote,
    meetings: Sequence[Meeting],
    document: Document,
    heard: Mapping[str, tuple[Meeting, int]],
    opening: Meeting | None,
) -> _Occasion | None:
    """Collect what the rules ask about a quote; None if it cannot belong to any meeting."""
    own = [meeting for meeting in meetings if _took_part_in(quote, meeting)]
    sentence = document.sentence_at(quote.start)
    if not own or sentence is None or _was_said_elsewhere(sentence, quote, document):
        return None
    last, since = None, 0
    if opening and opening in own and opening.start < quote.start:
        last, since = opening, opening.start
    if _speaker_key(quote) in heard:
        last, since = heard[_speaker_key(quote)]
    return _Occasion(quote, sentence, own, last, since, {meeting.meeting_id for meeting, _ in heard.values()})


def _find_meeting(occasion: _Occasion, document: Document) -> Meeting | None:
    """Return the meeting of the first rule that answers."""
    for find in _RULES:
        meeting = find(occasion, document)
        if meeting:
            return meeting
    return None


def _find_in_paragraph(occasion: _Occasion, document: Document) -> Meeting | None:
    """Return the meeting told of last in the quote's paragraph, or the first one told of behind the quote in it.

    "X đã gặp Y ở Bern. Ông nói: “…”"
    """
    near = [one for one in occasion.own if _find_paragraph(one.start, document) == occasion.sentence.paragraph]
    before = [meeting for meeting in near if meeting.start <= occasion.quote.start]
    return before[-1] if before else next(iter(near), None)


def _find_named_occasion(occasion: _Occasion, _: Document) -> Meeting | None:
    """Return the speaker's last or first meeting if the sentence names one: "phát biểu sau cuộc gặp, X nói …"."""
    if not _names_occasion(occasion.sentence, _AT):
        return None
    return occasion.last or occasion.own[0]


def _find_last_heard(occasion: _Occasion, _: Document) -> Meeting | None:
    """Return the meeting at which the speaker was last heard, unless another of the speaker's was told since."""
    last = occasion.last
    if last is None:
        return None
    told_since = [one for one in occasion.own if occasion.since < one.start < occasion.quote.start]
    return last if all(_is_over_by(one, last) for one in told_since) else None


def _find_only_meeting(occasion: _Occasion, _: Document) -> Meeting | None:
    """Return the only meeting of a speaker who was not heard yet, if others were heard at it."""
    only = occasion.own[0]
    is_candidate = occasion.last is None and len(occasion.own) == 1
    return only if is_candidate and only.meeting_id in occasion.heard else None


_RULES: tuple[Callable[[_Occasion, Document], Meeting | None], ...] = (
    _find_in_paragraph,
    _find_named_occasion,
    _find_last_heard,
    _find_only_meeting,
)
"""Which meeting a quote belongs to; the first rule that answers decides."""


def _is_over_by(meeting: Meeting, other: Meeting) -> bool:
    """Return True if one meeting is the other, or was over when that began: "hai ông từng gặp nhau năm ngoái"."""
    return meeting == other or bool(meeting.date_end and other.date_start and meeting.date_end < other.date_start)


def _speaker_key(quote: Quote) -> str:
    return quote.speaker_id or quote.speaker or ""


def _is_held_meeting(meeting: Meeting) -> bool:
    return meeting.status == "held" and meeting.format != "visit"


def _took_part_in(quote: Quote, meeting: Meeting) -> bool:
    """Return True if the speaker of a quote took part in a meeting that was held."""
    speaker = quote.speaker
    if speaker is None or not _is_held_meeting(meeting):
        return False
    return any(
        (quote.speaker_id and participant.person_id == quote.speaker_id)
        or (participant.name and participant.name in speaker)
        for participant in meeting.participants
    )


def _was_said_elsewhere(sentence: Sentence, quote: Quote, document: Document) -> bool:
    """Return True for “vài giờ trước cuộc gặp” and “trước đây đã nói”: it was said at another time."""
    if _names_occasion(sentence, _BEFORE):
        return True
    before = fold(document.text(sentence.start, max(sentence.start, quote.start)))
    return load_context_cues(SEEDS).earlier.search(before) is not None


def _names_occasion(sentence: Sentence, links: Collection[str]) -> bool:
    """Return True for “tại cuộc gặp”, “phát biểu sau cuộc hội đàm”: the sentence says where something was said."""
    tokens = sentence.tokens
    if sentence.kinds.isdisjoint(links):
        return False
    for index, token in enumerate(tokens):
        before = tokens[max(0, index - _REACH) : index]
        if token.kind in _TRIGGERS and any(link.kind in links for link in before):
            return True
    return False


def _find_paragraph(start: int, document: Document) -> int | None:
    """Return the paragraph of a code point of the text."""
    sentence = document.sentence_at(start)
    return sentence.paragraph if sentence else None


def _find_subhead_above(quote: Quote, blocks: Sequence[Block]) -> Iterator[_Range]:
    """Yield the subhead that a quote stands under, unless many paragraphs lie between."""
    below = bisect_right(blocks, quote.start, key=attrgetter("start"))
    nearest = blocks[max(0, below - _SECTION_PARAGRAPHS - 1) : below]
    subhead = next((block for block in reversed(nearest) if block.kind == "subhead"), None)
    if subhead:
        yield subhead.start, subhead.end


def _place_topic(
    topic: Topic, starts: Sequence[int], scope: TopicScope, target_id: str, ranges: Iterable[_Range]
) -> Iterator[Topic]:
    """Yield a topic as the target's if words of it stand in the ranges.

    Args:
        topic: Topic of the article.
        starts: Where its words begin, ascending.
        scope: Kind of the target.
        target_id: The meeting or quote.
        ranges: Where the words of the target stand.
    """
    spans: set[Span] = set()
    for start, end in ranges:
        within = topic.spans[bisect_left(starts, start) : bisect_left(starts, end)]
        spans.update(span for span in within if span.end <= end)
    if spans:
        yield replace(topic, scope=scope, target_id=target_id, spans=tuple(sorted(spans)))
