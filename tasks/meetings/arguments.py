"""When, where, how long and on what occasion a sentence says an event was."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from schemas.document import DateMention, Document, PlaceMention, Token
from schemas.meetings import DurationQualifier
from tasks.language.folding import fold
from tasks.language.pack import LanguagePack
from tasks.mentions.features import leaves

__all__ = ["EventArguments", "read_arguments", "read_duration"]

_NUMBER = re.compile(r"\d+(?:[.,]\d+)?")


@dataclass(frozen=True, slots=True, kw_only=True)
class EventArguments:
    """Circumstances of an event; what is not said is None."""

    date: DateMention | None = None
    place: PlaceMention | None = None
    occasion: str | None = None
    sideline: bool = False
    duration_minutes: int | None = None
    duration_qualifier: DurationQualifier | None = None
    first_since: str | None = None

    def at(self, token: Token, document: Document, pack: LanguagePack) -> "EventArguments":
        """The same circumstances at the place that a token names."""
        words = fold(document.text(token.start, token.end))
        city, country = (
            pack.places.cities.get(words, (None, token.value)) if token.kind != "COUNTRY" else (None, token.value)
        )
        place = PlaceMention(token.start, token.end, city, country or None, None)
        return replace(self, place=place)


def read_arguments(tokens: Sequence[Token], match: re.Match[str] | None, document: Document) -> EventArguments:
    """Read the circumstances that the words of a sentence give; with a match, those nearest to its event."""
    event = tokens[match.start("event")] if match else tokens[0]
    minutes, qualifier = read_duration(tokens, document)
    occasion, sideline = _find_occasion(tokens, match.start("event") if match else 0, document)
    return EventArguments(
        date=_choose_date(tokens, event, document),
        place=_choose_place(tokens, event, document),
        occasion=occasion,
        sideline=sideline,
        duration_minutes=minutes,
        duration_qualifier=qualifier,
        first_since=_find_first_since(tokens, document),
    )


def _choose_date(tokens: Sequence[Token], event: Token, document: Document) -> DateMention | None:
    """The date nearest to the event that no other clause or event owns; one that another verb shares comes last."""
    within = document.dates_within(tokens[0].start, tokens[-1].end)
    told = [
        d
        for d in within
        if _belongs_to_event(tokens, event, d.start) and not _date_belongs_elsewhere(tokens, event, d.start)
    ]
    supported = [d for d in told if d.first] or told
    return min(supported, key=lambda d: (_is_shared(tokens, d.start, event), abs(d.start - event.start)), default=None)


def _is_shared(tokens: Sequence[Token], start: int, event: Token) -> bool:
    """Whether a date stands with an earlier verb: "tới Bern hôm Chủ nhật và sẽ gặp X"."""
    between = [token for token in tokens if start < token.start <= event.start]
    return any(before.kind == "AND" and token.kind in _PREDICATE for before, token in pairwise(between))


def _belongs_to_event(tokens: Sequence[Token], event: Token, start: int) -> bool:
    """Whether a circumstance at ``start`` can belong to the event.

    Not what stands behind "kể từ khi" or "sau khi", not what stands nearer to another event, and of an event that
    only dates the sentence ("sau cuộc gặp với X, …") nothing but what follows at once.
    """
    if event.value == "proposal" and start < event.start:
        return False
    low, high = sorted((event.start, start))
    between = [token for token in tokens if low < token.start < high]
    if start > event.start and any(token.kind in _OPENS_CLAUSE for token in between):
        return False
    if start > event.start and any(token.kind == "FOR" and before.kind != "TO" for before, token in pairwise(between)):
        return False
    if start < event.start and any(token.kind in _OPENS_CLAUSE for token in between[1:] or between):
        return any(token.kind == "WHEN" for token in between[:2])
    if _is_adverbial(tokens, event) and (start < event.start or any(token.kind == "COMMA" for token in between)):
        return False
    if any(token.kind in ("CUE", "THAT") for token in between):
        return False
    apart = _strip_coordinated(between) if start < event.start else between
    return not any(
        token.kind in _EVENTS and before.kind not in ("SIDELINE", "AT") for before, token in pairwise([event, *apart])
    )


def _strip_coordinated(before: Sequence[Token]) -> Sequence[Token]:
    """Words before an event, less verbs of meeting that are joined to it ("hội kiến X và Y, gặp Z")."""
    last = len(before)
    while last and before[last - 1].kind in ("LIGHT", "PLURAL", "ADV"):
        last -= 1
    first = last
    while first and before[first - 1].kind in _LISTED:
        first -= 1
    joined = 0 < first < last and before[first - 1].kind in _EVENTS and before[last - 1].kind in ("AND", "COMMA")
    return _strip_coordinated(before[: first - 1]) if joined else before


def _date_belongs_elsewhere(tokens: Sequence[Token], event: Token, start: int) -> bool:
    """Whether a date is that of a talk about a visit or of what went before, or stands in an aside on a person.

    "Tại cuộc hội đàm hôm 20/4, X mời Y thăm Áo"; "Sau khi gặp Y hôm 20/4, X tới Áo"; "X, người nhậm chức hôm 1/2, sẽ
    thăm Áo".
    """
    index = next(i for i, token in enumerate(tokens) if token.end > start)
    if index and tokens[index - 1].kind == "MEETN" and event.kind in _VISITS:
        return True
    comma = next((i for i in range(index - 1, 0, -1) if tokens[i].kind == "COMMA"), -1)
    close = next((i for i in range(index, len(tokens)) if tokens[i].kind in ("COMMA", "STOP")), len(tokens) - 1)
    if tokens[comma + 1].kind not in ("WHO", "WHEN", "AFTER", "BEFORE"):
        return False
    told = tokens[comma + 1].kind == "WHO" or any(token.kind in _EVENTS for token in tokens[comma + 1 : index])
    return told and not tokens[comma + 1].start < event.start < tokens[close].end


_LISTED = frozenset({"PERSON", "ROLE_OF_COUNTRY", "ROLE", "COUNTERPART", "UNNAMED", "WITH", "AND", "COMMA"})
_PREDICATE = frozenset({"ADV", "PAST", "FUT", "MAY", "LIGHT", "MEETV", "RECEIVEV", "TALKV", "VISITV"})
_VISITS = frozenset({"VISITN", "VISITV"})
_OPENS_CLAUSE = frozenset({"WHEN", "FIRSTSINCE", "STOP", "SEMI", "IF", "LINK"})
_EVENTS = frozenset({"MEETN", "VISITN", "MEETV", "RECEIVEV", "VISITV"})


def _is_adverbial(tokens: Sequence[Token], event: Token) -> bool:
    index = tokens.index(event)
    return event.kind in ("MEETN", "VISITN") and index > 0 and tokens[index - 1].kind in ("BEFORE", "AFTER")


def _choose_place(tokens: Sequence[Token], event: Token, document: Document) -> PlaceMention | None:
    within = document.places_within(tokens[0].start, tokens[-1].end)
    places = [place for place in within if _belongs_to_event(tokens, event, place.start)]
    behind = [p for p in places if p.start > event.start]
    return next(iter(behind), None) or (places[-1] if places else None)


def _find_occasion(tokens: Sequence[Token], event: int, document: Document) -> tuple[str | None, bool]:
    for index, token in enumerate(tokens):
        if token.kind == "SIDELINE" and _belongs_to_event(tokens, tokens[event], token.start):
            return _read_occasion_name(tokens, index + 1, document), True
    for index, token in enumerate(tokens):
        framing = token.kind == "EVENT" or (token.kind == "MEETN" and token.value == "summit")
        if framing and index > event and tokens[index - 1].kind in ("AT", "IN", "TO"):
            return _read_occasion_name(tokens, index, document), False
    return None, False


def _read_occasion_name(tokens: Sequence[Token], first: int, document: Document) -> str | None:
    """The name of the occasion: from its head to the next preposition of place, date or stop."""
    stop = first
    while stop < len(tokens) and tokens[stop].kind not in (
        "AT",
        "DATE",
        "COMMA",
        "STOP",
        "IN",
        "WITH",
        "AND",
        "CUE",
        "OPEN",
        "PAST",
        "QUOTE",
        "ON",
        "ADV",
        "LASTED",
        "OCCURRED",
    ):
        stop += 1
    return document.text(tokens[first].start, tokens[stop - 1].end) if stop > first else None


def _find_first_since(tokens: Sequence[Token], document: Document) -> str | None:
    first = next((i for i, token in enumerate(tokens) if token.kind == "FIRSTSINCE"), None)
    if first is None or not any(leaf.value == "first" for token in tokens[:first] for leaf in leaves(token)):
        return None
    stop = next((i for i in range(first + 1, len(tokens)) if tokens[i].kind in ("STOP", "SEMI", "QUOTE")), len(tokens))
    return document.text(tokens[first].start, tokens[stop - 1].end)


def read_duration(tokens: Sequence[Token], document: Document) -> tuple[int | None, DurationQualifier | None]:
    """How long something in the sentence lasted: minutes and qualifier; only where it is the length of something."""
    for index, token in enumerate(tokens):
        if token.kind == "DURATION" and _is_length(tokens, index):
            return _read_minutes(token, document), _read_qualifier(token)
    return None, None


def _is_length(tokens: Sequence[Token], index: int) -> bool:
    """Behind "kéo dài", or behind a word of meeting: "gặp nhau trong 10 phút", "cuộc gặp 10 phút"."""
    if any(token.kind in ("LASTED", "OCCURRED") for token in tokens[max(0, index - 2) : index]):
        return True
    met = any(token.kind in ("MEETV", "MEETN", "TALKV") for token in tokens[:index])
    return met and tokens[index - 1].kind in ("IN", "MEETN", "MEETV")


def _read_minutes(token: Token, document: Document) -> int | None:
    number, unit = token.group("number")[0], int(token.group("unit")[0].value)
    amount = _read_amount(number, document)
    if amount is None:
        return None
    extra = token.group("half")
    if extra and extra[0].kind == "HALF":
        amount += 0.5
    elif extra:
        return round(amount * unit + (_read_amount(extra[0], document) or 0) * int(extra[1].value))
    return round(amount * unit)


def _read_amount(token: Token, document: Document) -> float | None:
    if token.value:
        return float(token.value)
    found = _NUMBER.fullmatch(document.text(token.start, token.end))
    return float(found[0].replace(",", ".")) if found else None


def _read_qualifier(token: Token) -> DurationQualifier:
    words = token.group("qualifier")
    value = words[0].value if words else "exact"
    return value if value in ("lt", "approx", "gt") else "exact"  # type: ignore[return-value]
