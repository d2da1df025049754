"""Read when, where, how long and on what occasion a sentence says that an event was."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from schemas.document import Clause, DateMention, Document, PlaceMention, Token
from schemas.meetings import DurationQualifier
from tasks.language.folding import fold
from tasks.language.pack import LanguagePack
from tasks.mentions.features import leaves

__all__ = ["EventArguments", "read_arguments", "read_duration"]

_NUMBER = re.compile(r"\d+(?:[.,]\d+)?")
_QUALIFIERS: dict[str, DurationQualifier] = {"lt": "lt", "approx": "approx", "gt": "gt"}
_LISTED = frozenset({"PERSON", "ROLE_OF_COUNTRY", "ROLE", "COUNTERPART", "UNNAMED", "WITH", "AND", "COMMA"})
_PREDICATE = frozenset({"ADV", "PAST", "FUT", "MAY", "LIGHT", "MEETV", "RECEIVEV", "TALKV", "VISITV"})
_VISITS = frozenset({"VISITN", "VISITV"})
_OPENS_CLAUSE = frozenset({"WHEN", "FIRSTSINCE", "STOP", "SEMI", "IF", "LINK"})
_REPORTS = frozenset({"CUE", "THAT"})
_EVENTS = frozenset({"MEETN", "VISITN", "MEETV", "RECEIVEV", "VISITV"})
_DATED_BY_THEIR_OWN = frozenset({"main", "coordinate", "reported"})
_ENDS_OCCASION = frozenset(
    {
        *("AT", "IN", "ON", "WITH", "DATE", "PAST", "ADV", "LASTED", "OCCURRED"),
        *("COMMA", "STOP", "AND", "CUE", "OPEN", "QUOTE"),
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class EventArguments:
    """Circumstances of an event; what the text does not say is None.

    Attributes:
        date: When it was.
        place: Where it was.
        occasion: Name of the larger event that it belongs to, as printed.
        sideline: It was held beside that larger event.
        duration_minutes: How long it lasted, in minutes.
        duration_qualifier: Whether it lasted less, about, exactly or more than that.
        first_since: Words that say since when it was the first of its kind.
    """

    date: DateMention | None = None
    place: PlaceMention | None = None
    occasion: str | None = None
    sideline: bool = False
    duration_minutes: int | None = None
    duration_qualifier: DurationQualifier | None = None
    first_since: str | None = None

    def at(self, token: Token, document: Document, pack: LanguagePack) -> "EventArguments":
        """Return the same circumstances at the place that a token names."""
        words = fold(document.text(token.start, token.end))
        city, country = None, token.value
        if token.kind != "COUNTRY":
            city, country = pack.places.cities.get(words, (None, token.value))
        return replace(self, place=PlaceMention(token.start, token.end, city, country or None, None))


def read_arguments(
    tokens: Sequence[Token], match: re.Match[str] | None, document: Document, clauses: Sequence[Clause] = ()
) -> EventArguments:
    """Read the circumstances that a sentence gives.

    Args:
        tokens: Tokens of the sentence.
        match: Where a rule found the event in it; None for a sentence that goes on about an event told before.
        document: The document.
        clauses: Clauses of the sentence; none for the tokens of a quote.
    """
    trigger = match.start("event") if match else 0
    minutes, qualifier = read_duration(tokens, document)
    occasion, sideline = _find_occasion(tokens, trigger, document)
    return EventArguments(
        date=_date_of_clause(trigger, tokens, document, clauses) or _choose_date(tokens, tokens[trigger], document),
        place=_choose_place(tokens, tokens[trigger], document),
        occasion=occasion,
        sideline=sideline,
        duration_minutes=minutes,
        duration_qualifier=qualifier,
        first_since=_find_first_since(tokens, document),
    )


def _date_of_clause(
    trigger: int, tokens: Sequence[Token], document: Document, clauses: Sequence[Clause]
) -> DateMention | None:
    """Return the date that stands before the subject of the event's verb: "Sáng 1/8, sau lễ đón, X hội đàm với Y"."""
    clause = next((one for one in clauses if one.verb == trigger and one.kind in _DATED_BY_THEIR_OWN), None)
    if clause is None:
        return None
    days = [tokens[adjunct.start] for adjunct in clause.adjuncts if adjunct.kind == "time" and adjunct.end <= trigger]
    found = [when for day in days for when in document.dates_within(day.start, day.end) if when.first]
    return found[-1] if len(found) == 1 else None


def _choose_date(tokens: Sequence[Token], trigger: Token, document: Document) -> DateMention | None:
    """Return the date nearest to the event that belongs to no other clause or event.

    A date that has days is preferred to one that has none, and one with the event's verb to one with a verb before it.
    """
    within = document.dates_within(tokens[0].start, tokens[-1].end)
    belonging = [when for when in within if _date_belongs_to_event(tokens, trigger, when.start)]
    supported = [when for when in belonging if when.first] or belonging

    def rank(when: DateMention) -> tuple[bool, int]:
        return _stands_with_earlier_verb(tokens, when.start, trigger), abs(when.start - trigger.start)

    return min(supported, key=rank, default=None)


def _stands_with_earlier_verb(tokens: Sequence[Token], start: int, trigger: Token) -> bool:
    """Return True if a date stands with a verb before the event's: "tới Bern hôm Chủ nhật và sẽ gặp X"."""
    between = [token for token in tokens if start < token.start <= trigger.start]
    return any(before.kind == "AND" and token.kind in _PREDICATE for before, token in pairwise(between))


def _date_belongs_to_event(tokens: Sequence[Token], trigger: Token, start: int) -> bool:
    """Return True if a date that begins at ``start`` can be the event's and is not that of something else."""
    return _is_in_reach(tokens, trigger, start) and not _date_belongs_elsewhere(tokens, trigger, start)


def _is_in_reach(tokens: Sequence[Token], trigger: Token, start: int) -> bool:
    """Return True if a circumstance that begins at ``start`` can belong to the event.

    What stands behind "kể từ khi" or "sau khi" does not, nor what stands nearer to another event. An event that only
    dates the sentence ("sau cuộc gặp với X, …") has nothing but what follows at once.
    """
    low, high = sorted((trigger.start, start))
    between = [token for token in tokens if low < token.start < high]
    if start < trigger.start:
        return _is_in_reach_before(tokens, trigger, between)
    return _is_in_reach_behind(tokens, trigger, between)


def _is_in_reach_before(tokens: Sequence[Token], trigger: Token, between: Sequence[Token]) -> bool:
    """Return True if a circumstance before the event can belong to it, by the words between them."""
    if trigger.value == "proposal":
        return False
    if any(token.kind in _OPENS_CLAUSE for token in between[1:] or between):
        return any(token.kind == "WHEN" for token in between[:2])
    if _only_dates_the_sentence(tokens, trigger) or any(token.kind in _REPORTS for token in between):
        return False
    return not _holds_other_event([trigger, *_strip_coordinated(between)])


def _is_in_reach_behind(tokens: Sequence[Token], trigger: Token, between: Sequence[Token]) -> bool:
    """Return True if a circumstance behind the event can belong to it, by the words between them."""
    if any(token.kind in _OPENS_CLAUSE or token.kind in _REPORTS for token in between):
        return False
    if any(token.kind == "FOR" and before.kind != "TO" for before, token in pairwise(between)):
        return False
    if _only_dates_the_sentence(tokens, trigger) and any(token.kind == "COMMA" for token in between):
        return False
    return not _holds_other_event([trigger, *between])


def _holds_other_event(tokens: Sequence[Token]) -> bool:
    """Return True if a word of meeting follows the first token that is not the place where the event was held."""
    return any(token.kind in _EVENTS and before.kind not in ("SIDELINE", "AT") for before, token in pairwise(tokens))


def _strip_coordinated(before: Sequence[Token]) -> Sequence[Token]:
    """Return the words before an event without verbs of meeting that are joined to it ("hội kiến X và Y, gặp Z")."""
    last = len(before)
    while last and before[last - 1].kind in ("LIGHT", "PLURAL", "ADV"):
        last -= 1
    first = last
    while first and before[first - 1].kind in _LISTED:
        first -= 1
    is_joined = 0 < first < last and before[first - 1].kind in _EVENTS and before[last - 1].kind in ("AND", "COMMA")
    return _strip_coordinated(before[: first - 1]) if is_joined else before


def _date_belongs_elsewhere(tokens: Sequence[Token], trigger: Token, start: int) -> bool:
    """Return True if a date is that of talks about a visit, of what went before, or of an aside on a person.

    "Tại cuộc hội đàm hôm 20/4, X mời Y thăm Áo"; "Sau khi gặp Y hôm 20/4, X tới Áo"; "X, người nhậm chức hôm 1/2, sẽ
    thăm Áo".
    """
    index = next(i for i, token in enumerate(tokens) if token.end > start)
    if index and tokens[index - 1].kind == "MEETN" and trigger.kind in _VISITS:
        return True
    opening = next((i for i in range(index - 1, 0, -1) if tokens[i].kind == "COMMA"), -1) + 1
    close = next((i for i in range(index, len(tokens)) if tokens[i].kind in ("COMMA", "STOP")), len(tokens) - 1)
    opener = tokens[opening]
    if opener.kind not in ("WHO", "WHEN", "AFTER", "BEFORE"):
        return False
    tells_event = opener.kind == "WHO" or any(token.kind in _EVENTS for token in tokens[opening:index])
    return tells_event and not opener.start < trigger.start < tokens[close].end


def _only_dates_the_sentence(tokens: Sequence[Token], trigger: Token) -> bool:
    """Return True for the event of "sau cuộc gặp", which says when something else was."""
    index = tokens.index(trigger)
    return trigger.kind in ("MEETN", "VISITN") and index > 0 and tokens[index - 1].kind in ("BEFORE", "AFTER")


def _choose_place(tokens: Sequence[Token], trigger: Token, document: Document) -> PlaceMention | None:
    """Return the first place behind the event that can be its own, or else the last one before it."""
    within = document.places_within(tokens[0].start, tokens[-1].end)
    places = [place for place in within if _is_in_reach(tokens, trigger, place.start)]
    behind = [place for place in places if place.start > trigger.start]
    if behind:
        return behind[0]
    return places[-1] if places else None


def _find_occasion(tokens: Sequence[Token], trigger: int, document: Document) -> tuple[str | None, bool]:
    """Return the name of the larger event that the event belongs to, and whether it was held beside that."""
    for index, token in enumerate(tokens):
        if token.kind == "SIDELINE" and _is_in_reach(tokens, tokens[trigger], token.start):
            return _read_occasion_name(tokens, index + 1, document), True
    for index, token in enumerate(tokens):
        is_larger = token.kind == "EVENT" or (token.kind == "MEETN" and token.value == "summit")
        if is_larger and index > trigger and tokens[index - 1].kind in ("AT", "IN", "TO"):
            return _read_occasion_name(tokens, index, document), False
    return None, False


def _read_occasion_name(tokens: Sequence[Token], first: int, document: Document) -> str | None:
    """Return the name of an occasion, which goes on to the next preposition of place, date or stop."""
    stop = first
    while stop < len(tokens) and tokens[stop].kind not in _ENDS_OCCASION:
        stop += 1
    return document.text(tokens[first].start, tokens[stop - 1].end) if stop > first else None


def _find_first_since(tokens: Sequence[Token], document: Document) -> str | None:
    """Return the words behind "lần đầu tiên kể từ", up to the end of their clause."""
    since = next((i for i, token in enumerate(tokens) if token.kind == "FIRSTSINCE"), None)
    if since is None:
        return None
    before = (leaf for token in tokens[:since] for leaf in leaves(token))
    if not any(leaf.value == "first" for leaf in before):
        return None
    rest = range(since + 1, len(tokens))
    stop = next((i for i in rest if tokens[i].kind in ("STOP", "SEMI", "QUOTE")), len(tokens))
    return document.text(tokens[since].start, tokens[stop - 1].end)


def read_duration(tokens: Sequence[Token], document: Document) -> tuple[int | None, DurationQualifier | None]:
    """Read how long something in the sentence lasted: minutes and qualifier; both are None if it says no length."""
    for index, token in enumerate(tokens):
        if token.kind == "DURATION" and _is_length(tokens, index):
            return _read_minutes(token, document), _read_qualifier(token)
    return None, None


def _is_length(tokens: Sequence[Token], index: int) -> bool:
    """Return True for a duration behind "kéo dài" or behind a word of meeting.

    "Gặp nhau trong 10 phút"; "cuộc gặp 10 phút".
    """
    if any(token.kind in ("LASTED", "OCCURRED") for token in tokens[max(0, index - 2) : index]):
        return True
    met = any(token.kind in ("MEETV", "MEETN", "TALKV") for token in tokens[:index])
    return met and tokens[index - 1].kind in ("IN", "MEETN", "MEETV")


def _read_minutes(token: Token, document: Document) -> int | None:
    """Return a duration in minutes: number times unit, with "rưỡi" (and a half) or a smaller unit behind it."""
    unit = int(token.group("unit")[0].value)
    amount = _read_amount(token.group("number")[0], document)
    if amount is None:
        return None
    extra = token.group("half")
    if not extra:
        return round(amount * unit)
    if extra[0].kind == "HALF":
        return round((amount + 0.5) * unit)
    smaller = (_read_amount(extra[0], document) or 0) * int(extra[1].value)
    return round(amount * unit + smaller)


def _read_amount(token: Token, document: Document) -> float | None:
    if token.value:
        return float(token.value)
    found = _NUMBER.fullmatch(document.text(token.start, token.end))
    return float(found[0].replace(",", ".")) if found else None


def _read_qualifier(token: Token) -> DurationQualifier:
    words = token.group("qualifier")
    return _QUALIFIERS.get(words[0].value, "exact") if words else "exact"
