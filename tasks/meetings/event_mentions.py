"""Mentions of meetings: what each sentence says of one event, before mentions of the same event are joined."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from schemas.document import DateMention, Document, Sentence, Token
from schemas.meetings import MeetingFormat, MeetingStatus
from tasks.language.cascade import Rule, class_string, possible_rules
from tasks.language.pack import LanguagePack
from tasks.meetings.arguments import EventArguments, read_arguments
from tasks.meetings.status import read_status
from tasks.mentions.features import REFERRING

__all__ = ["EventMention", "ParticipantMention", "find_mentions"]

_WORDS_OF_MEETING = frozenset({"MEETV", "MEETN", "TALKV", "RECEIVEV", "SUMMONV", "COCHAIR", "VISITV", "VISITN", "TO"})
_OBLIQUE = frozenset({"WITH", "OF", "BETWEEN", "AFTER", "BEFORE", "ABOUT", "ACCORDING", "BY", "FOR", "CUE"})
_TIMES = frozenset({"IN", "AT", "AFTER", "BEFORE", "WHEN", "AS", "FROM"})
_SUBJECT_KINDS = frozenset({"PERSON", "ROLE_OF_COUNTRY", "ROLE", "COUNTERPART", "PRON", "FOREIGN_NAME", "NATIVE_NAME"})


@dataclass(frozen=True, slots=True)
class ParticipantMention:
    """One participant as mentioned: an entity and the words that name it."""

    entity: int
    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class EventMention:
    """One sentence's word of one event."""

    participants: tuple[ParticipantMention, ...]
    format: MeetingFormat | None
    status: MeetingStatus
    arguments: EventArguments
    rule: str
    participants_from: str
    """Who took part where the sentence does not say; see ``events.toml``."""
    sentence: Sentence
    trigger: Token
    """The word of meeting."""


def find_mentions(document: Document, pack: LanguagePack) -> Iterator[EventMention]:
    """Mentions of meetings in reading order; one for every pair of parties where the sentence lists several."""
    for sentence in document.sentences:
        yield from _find_in_sentence(sentence, document, pack)


def _find_in_sentence(sentence: Sentence, document: Document, pack: LanguagePack) -> Iterator[EventMention]:
    yield from _find_among_tokens(sentence.tokens, sentence, document, pack)
    for quote in sentence.tokens:
        own = {part.start for part in quote.parts if part.kind == "ME"} if quote.kind == "QUOTE" else None
        for told in _find_among_tokens(quote.parts, sentence, document, pack) if own else ():
            if own and any(participant.start in own for participant in told.participants):
                yield told


def _find_among_tokens(
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
            made = list(_read_match(rule, match, tokens, sentence, document, pack))
            if made:
                taken.update(range(event, match.end("event")))
                taken.update(range(*match.span("before")) if "before" in match.re.groupindex else ())
            yield from made


def _read_match(
    rule: Rule,
    match: re.Match[str],
    tokens: Sequence[Token],
    sentence: Sentence,
    document: Document,
    pack: LanguagePack,
) -> Iterator[EventMention]:
    trigger = tokens[match.start("event")]
    first = _find_first_participants(rule, match, tokens, document)
    if first is None:
        return
    second = [
        participant
        for key in ("b", "c")
        for participant in _read_participants(_group_tokens(match, tokens, key), document)
    ]
    places = _group_tokens(match, tokens, "place") or _group_tokens(match, tokens, "place2")
    arguments = read_arguments(tokens, match, document)
    base = EventMention(
        participants=(),
        format=_find_format(rule, trigger),
        status=read_status(tokens, match, arguments.date, document),
        arguments=arguments,
        rule=rule.name,
        participants_from=rule.value,
        sentence=sentence,
        trigger=trigger,
    )
    if rule.makes == "visit":
        yield from _make_visits(base, first, places, document, pack)
    else:
        for participants in _pair_participants(first, second, trigger, document):
            yield replace(base, participants=participants)


def _find_first_participants(
    rule: Rule, match: re.Match[str], tokens: Sequence[Token], document: Document
) -> list[ParticipantMention] | None:
    """Those whom group ``a`` names, or whom the rule says to look for; None where they are needed and missing."""
    named = _read_participants(_group_tokens(match, tokens, "a") or _group_tokens(match, tokens, "a2"), document)
    if rule.value == "later" and not named:
        return _find_later_subject(match, tokens, document) or None
    if rule.value == "subject":
        return _find_subject(match, tokens, document) or None
    return named


def _make_visits(
    base: EventMention,
    visitors: Sequence[ParticipantMention],
    places: Sequence[Token],
    document: Document,
    pack: LanguagePack,
) -> Iterator[EventMention]:
    """One visit for every visitor, country and year."""
    when = base.arguments.date
    dates: Sequence[DateMention | None] = document.dates_within(when.start, when.start + 1) if when else []
    alone = [tuple(visitors)] if base.participants_from == "together" or not visitors else [(one,) for one in visitors]
    named = [
        base.arguments.at(place, document, pack) for place in places if place.kind in ("COUNTRY", "CAPITAL", "CITY")
    ]
    for arguments in named or ([base.arguments] if base.participants_from == "here" else []):
        for day in dates or [when]:
            for participants in alone:
                yield replace(base, participants=participants, arguments=replace(arguments, date=day))


def _find_subject(match: re.Match[str], tokens: Sequence[Token], document: Document) -> list[ParticipantMention]:
    """Whom the sentence is about, where the verb has no subject of its own."""
    for index in range(match.start()):
        if tokens[index].kind in _SUBJECT_KINDS and (index == 0 or tokens[index - 1].kind not in _OBLIQUE):
            return _read_participants([tokens[index]], document)
    return []


def _group_tokens(match: re.Match[str], tokens: Sequence[Token], group: str) -> tuple[Token, ...]:
    """The tokens of a group; empty where the pattern has no such group or it took no part."""
    first, last = match.span(group) if group in match.re.groupindex else (-1, -1)
    return tuple(tokens[first:last]) if first >= 0 else ()


def _read_participants(tokens: Sequence[Token], document: Document) -> list[ParticipantMention]:
    """The entities behind the tokens; a group stands for its members."""
    found: list[ParticipantMention] = []
    for token in tokens:
        mention = document.mention(token) if token.kind in REFERRING else None
        if mention is None:
            continue
        entity = document.entities[mention.entity]
        members = entity.members or (mention.entity,)
        found += [ParticipantMention(member, token.start, token.end) for member in members]
    return found


def _find_later_subject(match: re.Match[str], tokens: Sequence[Token], document: Document) -> list[ParticipantMention]:
    """Reads “Sau cuộc gặp với X, Y nói”: Y met X."""
    for index in range(match.end(), len(tokens)):
        if tokens[index].kind in _SUBJECT_KINDS and tokens[index - 1].kind in ("COMMA", "DATE", "LINK", "ADV"):
            return _read_participants([tokens[index]], document)
    event = match.start("event")
    for index in range(0 if _dates_the_sentence(tokens, event) else _find_clause_start(tokens, event), event):
        if tokens[index].kind in _SUBJECT_KINDS:
            return _read_participants([tokens[index]], document)
    return []


def _dates_the_sentence(tokens: Sequence[Token], event: int) -> bool:
    """Reads “Y nói sau cuộc gặp”: the event dates what the sentence says."""
    return not _TIMES.isdisjoint(token.kind for token in tokens[max(0, event - 3) : event])


def _find_clause_start(tokens: Sequence[Token], event: int) -> int:
    """Where the clause of an event begins that somebody speaks of: "Y nói rằng Z hủy cuộc gặp"."""
    return next((index for index in range(event - 1, -1, -1) if tokens[index].kind == "CUE"), -1) + 1


def _find_format(rule: Rule, trigger: Token) -> MeetingFormat | None:
    if rule.makes == "visit":
        return "visit"
    if rule.makes == "delegation":
        return "delegation"
    if trigger.kind == "TALKV":
        return None  # the channel is not told
    if trigger.value == "phone":
        return "phone"
    return "video" if trigger.value == "video" else "in_person"


def _pair_participants(
    first: Sequence[ParticipantMention], second: Sequence[ParticipantMention], trigger: Token, document: Document
) -> Iterator[tuple[ParticipantMention, ...]]:
    """One event for every counterpart; a single talk may have several from one country, who then sit together."""
    if not second or not first or trigger.value == "several":
        yield tuple(first) + tuple(second)
        return
    together = trigger.kind == "MEETN" and trigger.value != "phone"
    for group in _group_by_country(second, document) if together else _group_by_mention(second):
        for host in _group_by_country(first, document) if together or len(second) > 1 else _group_by_mention(first):
            yield tuple(host) + tuple(group)


def _group_by_mention(participants: Sequence[ParticipantMention]) -> list[list[ParticipantMention]]:
    """Those whom one phrase names ("các bộ trưởng từ Anh, Pháp và Đức") belong together."""
    groups: dict[tuple[int, int], list[ParticipantMention]] = {}
    for participant in participants:
        groups.setdefault((participant.start, participant.end), []).append(participant)
    return list(groups.values())


def _group_by_country(participants: Sequence[ParticipantMention], document: Document) -> list[list[ParticipantMention]]:
    groups: dict[object, list[ParticipantMention]] = {}
    for participant in participants:
        entity = document.entities[participant.entity]
        same_mention = (participant.start, participant.end)
        collective = [p for p in participants if (p.start, p.end) == same_mention and p.entity != participant.entity]
        key: object = same_mention if collective else (entity.country or participant.entity)
        groups.setdefault(key, []).append(participant)
    return list(groups.values())
