"""Find what each sentence says of one event, before mentions of the same event are joined."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import product

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
_PLACE_KINDS = frozenset({"COUNTRY", "CAPITAL", "CITY"})
_SUBJECT_KINDS = frozenset({"PERSON", "ROLE_OF_COUNTRY", "ROLE", "COUNTERPART", "PRON", "FOREIGN_NAME", "NATIVE_NAME"})


@dataclass(frozen=True, slots=True)
class ParticipantMention:
    """One participant as mentioned: an entity and the words that name it."""

    entity: int
    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class EventMention:
    """What one sentence says of one event.

    Attributes:
        participants: Who took part, as the sentence names them.
        format: How they met; None if the sentence does not say.
        status: What became of it.
        arguments: When, where, how long and on what occasion it was.
        rule: Name of the rule that found it.
        participants_from: Who took part if the sentence does not say; see ``events.toml``.
        sentence: The sentence.
        trigger: The word of meeting.
    """

    participants: tuple[ParticipantMention, ...]
    format: MeetingFormat | None
    status: MeetingStatus
    arguments: EventArguments
    rule: str
    participants_from: str
    sentence: Sentence
    trigger: Token


@dataclass(frozen=True, slots=True)
class _Scene:
    """Where rules are applied: the tokens of a sentence, or of a quote in it."""

    tokens: Sequence[Token]
    sentence: Sentence
    document: Document
    pack: LanguagePack


def find_mentions(document: Document, pack: LanguagePack) -> Iterator[EventMention]:
    """Find mentions of meetings, in reading order; each pair of participants that a sentence lists has its own."""
    for sentence in document.sentences:
        yield from _find_in_scene(_Scene(sentence.tokens, sentence, document, pack))
        for token in sentence.tokens:
            if token.kind == "QUOTE":
                yield from _find_in_quote(_Scene(token.parts, sentence, document, pack))


def _find_in_quote(scene: _Scene) -> Iterator[EventMention]:
    """Yield the meetings in a quote at which the one who speaks took part: "Tôi vừa gặp ngài Weber"."""
    own = {token.start for token in scene.tokens if token.kind == "ME"}
    if not own:
        return
    for mention in _find_in_scene(scene):
        if any(participant.start in own for participant in mention.participants):
            yield mention


def _find_in_scene(scene: _Scene) -> Iterator[EventMention]:
    """Yield what the rules find; the first rule that matches a word of meeting takes it."""
    kinds = frozenset(token.kind for token in scene.tokens)
    if _WORDS_OF_MEETING.isdisjoint(kinds):
        return
    string = class_string(scene.tokens)
    taken: set[int] = set()
    for rule in possible_rules(scene.pack.events, kinds):
        if rule.makes == "members":
            continue
        for match in rule.pattern.finditer(string):
            if match.start("event") in taken:
                continue
            found = list(_read_match(rule, match, scene))
            if found:
                taken.update(range(*match.span("event")))
                taken.update(range(*match.span("before")) if "before" in match.re.groupindex else ())
            yield from found


def _read_match(rule: Rule, match: re.Match[str], scene: _Scene) -> Iterator[EventMention]:
    """Yield the mentions that a match gives: one for every pair of participants, or for every visit."""
    tokens, document = scene.tokens, scene.document
    first = _find_first_participants(rule, match, tokens, document)
    if first is None:
        return
    trigger = tokens[match.start("event")]
    clauses = scene.sentence.clauses if tokens is scene.sentence.tokens else ()
    arguments = read_arguments(tokens, match, document, clauses)
    base = EventMention(
        participants=(),
        format=_find_format(rule, trigger),
        status=read_status(tokens, match, arguments.date, document),
        arguments=arguments,
        rule=rule.name,
        participants_from=rule.participants_from,
        sentence=scene.sentence,
        trigger=trigger,
    )
    if rule.makes == "visit":
        places = _group_tokens(match, tokens, "place") or _group_tokens(match, tokens, "place2")
        yield from _make_visits(base, first, places, scene)
        return
    second = [one for group in ("b", "c") for one in _read_participants(_group_tokens(match, tokens, group), document)]
    for participants in _pair_participants(first, second, trigger, document):
        yield replace(base, participants=participants)


def _find_first_participants(
    rule: Rule, match: re.Match[str], tokens: Sequence[Token], document: Document
) -> list[ParticipantMention] | None:
    """Return those whom group ``a`` names, or whom the rule says to look for; None if they are needed and missing."""
    named = _read_participants(_group_tokens(match, tokens, "a") or _group_tokens(match, tokens, "a2"), document)
    if rule.participants_from == "later" and not named:
        return _find_later_subject(match, tokens, document) or None
    if rule.participants_from == "subject":
        return _find_subject(match, tokens, document) or None
    return named


def _make_visits(
    base: EventMention, visitors: Sequence[ParticipantMention], places: Iterable[Token], scene: _Scene
) -> Iterator[EventMention]:
    """Yield one visit for every visitor, country and year."""
    when = base.arguments.date
    dates: Sequence[DateMention | None] = scene.document.dates_within(when.start, when.start + 1) if when else []
    together = base.participants_from == "together" or not visitors
    parties = [tuple(visitors)] if together else [(visitor,) for visitor in visitors]
    to_places = [base.arguments.at(place, scene.document, scene.pack) for place in places if place.kind in _PLACE_KINDS]
    if not to_places and base.participants_from == "here":
        to_places = [base.arguments]
    for arguments, day, participants in product(to_places, dates or [when], parties):
        yield replace(base, participants=participants, arguments=replace(arguments, date=day))


def _find_subject(match: re.Match[str], tokens: Sequence[Token], document: Document) -> list[ParticipantMention]:
    """Return whom the sentence is about, for a verb that has no subject of its own."""
    for index in range(match.start()):
        if tokens[index].kind in _SUBJECT_KINDS and (index == 0 or tokens[index - 1].kind not in _OBLIQUE):
            return _read_participants([tokens[index]], document)
    return []


def _group_tokens(match: re.Match[str], tokens: Sequence[Token], group: str) -> tuple[Token, ...]:
    """Return the tokens of a group; empty if the pattern has no such group or the group took no part."""
    first, last = match.span(group) if group in match.re.groupindex else (-1, -1)
    return tuple(tokens[first:last]) if first >= 0 else ()


def _read_participants(tokens: Iterable[Token], document: Document) -> list[ParticipantMention]:
    """Return the entities behind the tokens; a group stands for its members."""
    found: list[ParticipantMention] = []
    for token in tokens:
        mention = document.mention(token) if token.kind in REFERRING else None
        if mention is None:
            continue
        members = document.entities[mention.entity].members or (mention.entity,)
        found += [ParticipantMention(member, token.start, token.end) for member in members]
    return found


def _find_later_subject(match: re.Match[str], tokens: Sequence[Token], document: Document) -> list[ParticipantMention]:
    """Read “Sau cuộc gặp với X, Y nói”: Y met X."""
    behind = range(match.end(), len(tokens))
    before_subject = ("COMMA", "DATE", "LINK", "ADV")
    found = [i for i in behind if tokens[i].kind in _SUBJECT_KINDS and tokens[i - 1].kind in before_subject]
    if not found:
        event = match.start("event")
        first = 0 if _dates_the_sentence(tokens, event) else _find_clause_start(tokens, event)
        found = [i for i in range(first, event) if tokens[i].kind in _SUBJECT_KINDS]
    return _read_participants([tokens[found[0]]], document) if found else []


def _dates_the_sentence(tokens: Sequence[Token], event: int) -> bool:
    """Return True for “Y nói sau cuộc gặp”: the event dates what the sentence says."""
    return not _TIMES.isdisjoint(token.kind for token in tokens[max(0, event - 3) : event])


def _find_clause_start(tokens: Sequence[Token], event: int) -> int:
    """Return where the clause of an event begins that somebody speaks of: "Y nói rằng Z hủy cuộc gặp"."""
    return next((index for index in range(event - 1, -1, -1) if tokens[index].kind == "CUE"), -1) + 1


def _find_format(rule: Rule, trigger: Token) -> MeetingFormat | None:
    """Return how they met; None for a verb of talking, which does not tell the channel."""
    if rule.makes == "visit":
        return "visit"
    if rule.makes == "delegation":
        return "delegation"
    if trigger.kind == "TALKV":
        return None
    if trigger.value == "phone":
        return "phone"
    return "video" if trigger.value == "video" else "in_person"


def _pair_participants(
    first: Sequence[ParticipantMention], second: Sequence[ParticipantMention], trigger: Token, document: Document
) -> Iterator[tuple[ParticipantMention, ...]]:
    """Yield who met in each event: one event for every counterpart.

    At a single round of talks several from one country sit together.
    """
    if not second or not first or trigger.value == "several":
        yield (*first, *second)
        return
    together = trigger.kind == "MEETN" and trigger.value != "phone"
    guests = _group_by_country(second, document) if together else _group_by_mention(second)
    hosts = _group_by_country(first, document) if together or len(second) > 1 else _group_by_mention(first)
    for guest, host in product(guests, hosts):
        yield (*host, *guest)


def _group_by_mention(participants: Iterable[ParticipantMention]) -> list[list[ParticipantMention]]:
    """Return groups of those whom one phrase names ("các bộ trưởng từ Anh, Pháp và Đức")."""
    groups: dict[tuple[int, int], list[ParticipantMention]] = {}
    for participant in participants:
        groups.setdefault((participant.start, participant.end), []).append(participant)
    return list(groups.values())


def _group_by_country(participants: Sequence[ParticipantMention], document: Document) -> list[list[ParticipantMention]]:
    """Return groups of those from one country; those whom one phrase names together stay together."""
    entities_of: dict[tuple[int, int], set[int]] = {}
    for participant in participants:
        entities_of.setdefault((participant.start, participant.end), set()).add(participant.entity)
    groups: dict[object, list[ParticipantMention]] = {}
    for participant in participants:
        phrase = (participant.start, participant.end)
        country = document.entities[participant.entity].country
        key = phrase if len(entities_of[phrase]) > 1 else (country or participant.entity)
        groups.setdefault(key, []).append(participant)
    return list(groups.values())
