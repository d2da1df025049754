"""Mentions of meetings: what each sentence says of one event, before mentions of the same event are joined."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from schemas.document import DateMention, Document, Sentence, Token
from schemas.meetings import MeetingFormat, MeetingStatus
from tasks.language.cascade import Rule, class_string, possible_rules
from tasks.language.pack import LanguagePack
from tasks.meetings.details import Details, read_details
from tasks.meetings.status import read_status
from tasks.mentions.references import REFERRING

__all__ = ["EventMention", "Party", "find_mentions"]

_WORDS_OF_MEETING = frozenset({"MEETV", "MEETN", "TALKV", "RECEIVEV", "SUMMONV", "COCHAIR", "VISITV", "VISITN", "TO"})
_OBLIQUE = frozenset({"WITH", "OF", "BETWEEN", "AFTER", "BEFORE", "ABOUT", "ACCORDING", "BY", "FOR", "CUE"})
_TIMES = frozenset({"IN", "AT", "AFTER", "BEFORE", "WHEN", "AS", "FROM"})
_SUBJECT_KINDS = frozenset({"PERSON", "ROLEC", "ROLE", "CPART", "PRON", "FNAME", "NNAME"})


@dataclass(frozen=True, slots=True)
class Party:
    """One participant as mentioned: an entity and the words that name it."""

    entity: int
    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class EventMention:
    """One sentence's word of one event."""

    parties: tuple[Party, ...]
    format: MeetingFormat | None
    status: MeetingStatus
    details: Details
    rule: str
    parties_from: str
    """Who took part where the sentence does not say; see ``events.toml``."""
    sentence: Sentence
    anchor: Token
    """The word of meeting."""


def find_mentions(document: Document, pack: LanguagePack) -> Iterator[EventMention]:
    """Mentions of meetings in reading order; one for every pair of parties where the sentence lists several."""
    for sentence in document.sentences:
        yield from _in_sentence(sentence, document, pack)


def _in_sentence(sentence: Sentence, document: Document, pack: LanguagePack) -> Iterator[EventMention]:
    yield from _among(sentence.tokens, sentence, document, pack)
    for quote in sentence.tokens:
        own = {part.start for part in quote.parts if part.kind == "ME"} if quote.kind == "QUOTE" else None
        for told in _among(quote.parts, sentence, document, pack) if own else ():
            if own and any(party.start in own for party in told.parties):
                yield told


def _among(
    tokens: Sequence[Token], sentence: Sentence, document: Document, pack: LanguagePack
) -> Iterator[EventMention]:
    kinds = frozenset(token.kind for token in tokens)
    if _WORDS_OF_MEETING.isdisjoint(kinds):
        return
    string = class_string(tokens)
    taken: set[int] = set()
    for rule in possible_rules(pack.events, kinds):
        if rule.makes == "members":
            continue
        for match in rule.pattern.finditer(string):
            event = match.start("event")
            if event in taken:
                continue
            made = list(_mentions(rule, match, tokens, sentence, document, pack))
            if made:
                taken.update(range(event, match.end("event")))
                taken.update(range(*match.span("before")) if "before" in match.re.groupindex else ())
            yield from made


def _mentions(
    rule: Rule,
    match: re.Match[str],
    tokens: Sequence[Token],
    sentence: Sentence,
    document: Document,
    pack: LanguagePack,
) -> Iterator[EventMention]:
    anchor = tokens[match.start("event")]
    first = _first_parties(rule, match, tokens, document)
    if first is None:
        return
    second = [party for key in ("b", "c") for party in _parties(_slice(match, tokens, key), document)]
    places = _slice(match, tokens, "place") or _slice(match, tokens, "place2")
    details = read_details(tokens, match, document)
    base = EventMention(
        parties=(),
        format=_format(rule, anchor),
        status=read_status(tokens, match, details.date, document),
        details=details,
        rule=rule.name,
        parties_from=rule.value,
        sentence=sentence,
        anchor=anchor,
    )
    if rule.makes == "visit":
        yield from _visits(base, first, places, document, pack)
    else:
        for parties in _pairings(first, second, anchor, document):
            yield replace(base, parties=parties)


def _first_parties(rule: Rule, match: re.Match[str], tokens: Sequence[Token], document: Document) -> list[Party] | None:
    """Those whom group ``a`` names, or whom the rule says to look for; None where they are needed and missing."""
    named = _parties(_slice(match, tokens, "a") or _slice(match, tokens, "a2"), document)
    if rule.value == "later" and not named:
        return _later_subject(match, tokens, document) or None
    if rule.value == "subject":
        return _subject(match, tokens, document) or None
    return named


def _visits(
    base: EventMention, visitors: Sequence[Party], places: Sequence[Token], document: Document, pack: LanguagePack
) -> Iterator[EventMention]:
    """One visit for every visitor, country and year."""
    when = base.details.date
    dates: Sequence[DateMention | None] = document.dates_within(when.start, when.start + 1) if when else []
    alone = [tuple(visitors)] if base.parties_from == "together" or not visitors else [(one,) for one in visitors]
    named = [base.details.at(place, document, pack) for place in places if place.kind in ("COUNTRY", "CITY", "TOWN")]
    for details in named or ([base.details] if base.parties_from == "here" else []):
        for day in dates or [when]:
            for parties in alone:
                yield replace(base, parties=parties, details=replace(details, date=day))


def _subject(match: re.Match[str], tokens: Sequence[Token], document: Document) -> list[Party]:
    """Whom the sentence is about, where the verb has no subject of its own."""
    for index in range(match.start()):
        if tokens[index].kind in _SUBJECT_KINDS and (index == 0 or tokens[index - 1].kind not in _OBLIQUE):
            return _parties([tokens[index]], document)
    return []


def _slice(match: re.Match[str], tokens: Sequence[Token], group: str) -> tuple[Token, ...]:
    """The tokens of a group; empty where the pattern has no such group or it took no part."""
    first, last = match.span(group) if group in match.re.groupindex else (-1, -1)
    return tuple(tokens[first:last]) if first >= 0 else ()


def _parties(tokens: Sequence[Token], document: Document) -> list[Party]:
    """The entities behind the tokens; a group stands for its members."""
    found: list[Party] = []
    for token in tokens:
        mention = document.mention(token) if token.kind in REFERRING else None
        if mention is None:
            continue
        entity = document.entities[mention.entity]
        members = entity.members or (mention.entity,)
        found += [Party(member, token.start, token.end) for member in members]
    return found


def _later_subject(match: re.Match[str], tokens: Sequence[Token], document: Document) -> list[Party]:
    """Reads “Sau cuộc gặp với X, Y nói”: Y met X."""
    for index in range(match.end(), len(tokens)):
        if tokens[index].kind in _SUBJECT_KINDS and tokens[index - 1].kind in ("COMMA", "DATE", "LINK", "ADV"):
            return _parties([tokens[index]], document)
    event = match.start("event")
    for index in range(0 if _tells_when(tokens, event) else _clause(tokens, event), event):
        if tokens[index].kind in _SUBJECT_KINDS:
            return _parties([tokens[index]], document)
    return []


def _tells_when(tokens: Sequence[Token], event: int) -> bool:
    """Reads “Y nói sau cuộc gặp”: the event dates what the sentence says."""
    return not _TIMES.isdisjoint(token.kind for token in tokens[max(0, event - 3) : event])


def _clause(tokens: Sequence[Token], event: int) -> int:
    """Where the clause of an event begins that somebody speaks of: "Y nói rằng Z hủy cuộc gặp"."""
    return next((index for index in range(event - 1, -1, -1) if tokens[index].kind == "CUE"), -1) + 1


def _format(rule: Rule, anchor: Token) -> MeetingFormat | None:
    if rule.makes == "visit":
        return "visit"
    if rule.makes == "delegation":
        return "delegation"
    if anchor.kind == "TALKV":
        return None  # the channel is not told
    if anchor.value == "phone":
        return "phone"
    return "video" if anchor.value == "video" else "in_person"


def _pairings(
    first: Sequence[Party], second: Sequence[Party], anchor: Token, document: Document
) -> Iterator[tuple[Party, ...]]:
    """One event for every counterpart; a single talk may have several from one country, who then sit together."""
    if not second or not first or anchor.value == "several":
        yield tuple(first) + tuple(second)
        return
    together = anchor.kind == "MEETN" and anchor.value != "phone"
    for group in _by_country(second, document) if together else _by_mention(second):
        for host in _by_country(first, document) if together or len(second) > 1 else _by_mention(first):
            yield tuple(host) + tuple(group)


def _by_mention(parties: Sequence[Party]) -> list[list[Party]]:
    """Those whom one phrase names ("các bộ trưởng từ Anh, Pháp và Đức") belong together."""
    groups: dict[tuple[int, int], list[Party]] = {}
    for party in parties:
        groups.setdefault((party.start, party.end), []).append(party)
    return list(groups.values())


def _by_country(parties: Sequence[Party], document: Document) -> list[list[Party]]:
    groups: dict[object, list[Party]] = {}
    for party in parties:
        entity = document.entities[party.entity]
        same_mention = (party.start, party.end)
        collective = [p for p in parties if (p.start, p.end) == same_mention and p.entity != party.entity]
        key: object = same_mention if collective else (entity.country or party.entity)
        groups.setdefault(key, []).append(party)
    return list(groups.values())
