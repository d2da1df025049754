"""Complete events by what other sentences tell: who took part, how long it lasted, where and when it was."""

import re
from calendar import monthrange
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from schemas.document import DateMention, Document, Sentence
from tasks.language.cascade import Rule, class_string, possible_rules
from tasks.language.pack import LanguagePack
from tasks.meetings.arguments import read_arguments
from tasks.meetings.draft_events import DraftEvent, have_compatible_dates
from tasks.meetings.event_mentions import EventMention, ParticipantMention
from tasks.mentions.features import REFERRING

__all__ = ["add_circumstances", "add_members", "complete_participants", "frame_in_visits"]

_TALKS = frozenset({"MEETN", "MEETV", "TALKV"})


def complete_participants(
    mention: EventMention, events: Sequence[DraftEvent], document: Document
) -> EventMention | None:
    """Return a mention with those who took part, also if its sentence leaves them out.

    "Sau cuộc gặp ở Bern hồi …" names nobody: those spoken of last are meant.

    Returns:
        None if nobody can tell who took part.
    """
    if mention.participants_from == "guest":
        return _complete_with_guest(mention, events, document)
    if mention.participants:
        return mention
    if mention.participants_from == "last":
        told = [event for event in events if event.is_held_meeting]
        return replace(mention, participants=tuple(told[-1].participants)) if told else None
    if mention.participants_from in ("visitor", "here"):
        return _complete_with_visitor(mention, events)
    return None


def _complete_with_visitor(mention: EventMention, events: Sequence[DraftEvent]) -> EventMention | None:
    """Return a mention with those who visited its place last, or who the same sentence says are on a visit."""
    place = mention.arguments.place
    for event in reversed(events):
        visited = event.arguments.place
        if not event.is_visit or not visited:
            continue
        told_here = mention.participants_from == "here" and event.first.sentence is mention.sentence
        if told_here or (place and visited.country == place.country):
            arguments = mention.arguments if place else replace(mention.arguments, place=visited)
            return replace(mention, participants=tuple(event.participants), arguments=arguments)
    return None


def _complete_with_guest(
    mention: EventMention, events: Sequence[DraftEvent], document: Document
) -> EventMention | None:
    """Read “Tại cuộc hội đàm, X nói …” of an X of whom no meeting was told yet: it was with the visitor.

    The visitor is who came to the country of X last.
    """
    host = next(iter(mention.participants), None)
    if host is None or _has_met(host, events):
        return None
    country = document.entities[host.entity].country
    visit = _find_last_visit(events, country) if country else None
    if visit is None or len(visit.participants) != 1:
        return None
    return replace(mention, participants=(host, *visit.participants))


def _has_met(participant: ParticipantMention, events: Iterable[DraftEvent]) -> bool:
    """Return True if a meeting of the participant was told."""
    meetings = (event for event in events if not event.is_visit)
    return any(participant.entity == one.entity for meeting in meetings for one in meeting.participants)


def _find_last_visit(events: Sequence[DraftEvent], country: str) -> DraftEvent | None:
    """Return the visit to a country that was held and told last."""
    for event in reversed(events):
        place = event.arguments.place
        if event.is_visit and event.status == "held" and place and place.country == country:
            return event
    return None


def add_circumstances(events: Sequence[DraftEvent], document: Document) -> None:
    """Read “Cuộc gặp kéo dài 90 phút”: a sentence that names nobody adds to an event told before it."""
    held = [event for event in events if event.is_held_meeting]
    for sentence in document.sentences if held else ():
        if _TALKS.isdisjoint(sentence.kinds) or any(event.first.sentence is sentence for event in events):
            continue
        told = [event for event in held if event.first.trigger.start < sentence.start]
        event = _event_continued_by(sentence, told or held)
        new = read_arguments(sentence.tokens, None, document)
        event.arguments = replace(
            event.arguments,
            duration_minutes=event.arguments.duration_minutes or new.duration_minutes,
            duration_qualifier=event.arguments.duration_qualifier or new.duration_qualifier,
            first_since=event.arguments.first_since or new.first_since,
        )


def _event_continued_by(sentence: Sentence, events: Sequence[DraftEvent]) -> DraftEvent:
    """Return the event that a sentence goes on about: the last one of its paragraph, or else the main one."""
    is_call = any(token.kind in ("MEETN", "MEETV") and token.value == "phone" for token in sentence.tokens)
    alike = [event for event in events if (event.format == "phone") == is_call] or events
    near = [event for event in alike if event.first.sentence.paragraph == sentence.paragraph]
    if near:
        return near[-1]
    return max(alike, key=lambda event: (event.weight, -event.first.trigger.start))


def add_members(events: Sequence[DraftEvent], document: Document, pack: LanguagePack) -> None:
    """Read “Phái đoàn Áo gồm có A và B”: the members take the place of their country."""
    rules = [rule for rule in pack.events if rule.makes == "members"]
    for sentence in document.sentences:
        for match in _find_member_lists(sentence, rules):
            side = document.entity(sentence.tokens[match.end("side") - 1])
            country = side.country if side else None
            event = next((one for one in reversed(events) if one.format == "delegation"), None)
            if event and country in {document.entities[one.entity].country for one in event.participants}:
                _replace_country(event, country, _read_members(match, sentence, document), document)


def _find_member_lists(sentence: Sentence, rules: Iterable[Rule]) -> Iterator[re.Match[str]]:
    for rule in possible_rules(rules, sentence.kinds):
        yield from rule.pattern.finditer(class_string(sentence.tokens))


def _read_members(match: re.Match[str], sentence: Sentence, document: Document) -> Iterator[ParticipantMention]:
    for token in sentence.tokens[match.start("members") : match.end("members")]:
        mention = document.mention(token) if token.kind in REFERRING else None
        if mention:
            yield ParticipantMention(mention.entity, token.start, token.end)


def _replace_country(
    event: DraftEvent, country: str | None, members: Iterable[ParticipantMention], document: Document
) -> None:
    """Put the members of a delegation in the place of its country; people named before stay."""
    kept = []
    for participant in event.participants:
        entity = document.entities[participant.entity]
        if entity.country != country or entity.kind == "person":
            kept.append(participant)
    known = {participant.entity for participant in kept}
    event.participants = [*kept, *(member for member in members if member.entity not in known)]


def frame_in_visits(events: Sequence[DraftEvent], document: Document) -> None:
    """Give talks during a visit its place and its day; a visit of several days tells only their month."""
    visits = [event for event in events if event.is_visit]
    for event in events:
        if event.is_visit:
            continue
        visit = next((one for one in visits if _is_part_of_visit(event, one, document)), None)
        if visit is not None:
            event.arguments = replace(
                event.arguments,
                place=event.arguments.place or visit.arguments.place,
                date=event.arguments.date or _widen_to_month(visit.arguments.date),
            )


def _is_part_of_visit(event: DraftEvent, visit: DraftEvent, document: Document) -> bool:
    """Return True if the visitor met somebody of the country visited, at the time of the visit."""
    visitor = visit.participants[0].entity
    place = visit.arguments.place
    if place is None or all(participant.entity != visitor for participant in event.participants):
        return False
    hosts = {document.entities[one.entity].country for one in event.participants if one.entity != visitor}
    same_status = (event.status == "held") == (visit.status == "held")
    same_time = have_compatible_dates(event.arguments.date, visit.arguments.date)
    return place.country in hosts and same_time and same_status


def _widen_to_month(when: DateMention | None) -> DateMention | None:
    """Return a single day as it is, and several days as the month in which they begin."""
    if when is None or when.first is None or when.first == when.last or when.precision != "day":
        return when
    first = when.first.replace(day=1)
    last = first.replace(day=monthrange(first.year, first.month)[1])
    return replace(when, first=first, last=last, precision="month")
