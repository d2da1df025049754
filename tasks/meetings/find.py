"""From a document to its meetings: mentions of one event become one row."""

import re
from calendar import monthrange
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256

from schemas.document import DateMention, Document, Entity, Sentence, Token
from schemas.meetings import Certainty, Meeting, MeetingStatus, Participant
from seeds import SEEDS
from tasks.language.cascade import Rule, class_string, possible_rules
from tasks.language.pack import LanguagePack, load_pack
from tasks.meetings.arguments import EventArguments, read_arguments
from tasks.meetings.diplomacy import is_diplomatic
from tasks.meetings.event_mentions import EventMention, ParticipantMention, find_mentions
from tasks.mentions.features import REFERRING

__all__ = ["find_meetings"]

_TALKS = frozenset({"MEETN", "MEETV", "TALKV"})


@dataclass(slots=True)
class _DraftEvent:
    """An event in the making."""

    first: EventMention
    participants: list[ParticipantMention]
    status: MeetingStatus
    format: str | None
    arguments: EventArguments
    last_seen: int
    weight: int = 1


def find_meetings(document: Document) -> tuple[Meeting, ...]:
    """Find who met, will meet, or would not meet whom.

    Returns:
        One row per event, in the order in which the article first tells of them; empty where nobody met.
    """
    pack = load_pack(SEEDS, document.article.language)
    events: list[_DraftEvent] = []
    for mention in find_mentions(document, pack):
        whole = _complete_participants(mention, events, document)
        if whole and is_diplomatic(whole, document):
            _join_mention(whole, events, document)
    _add_circumstances(events, document)
    _add_members(events, document, pack)
    _frame_in_visits(events, document)
    return tuple(_make_row(event, document) for event in events)


def _complete_participants(
    mention: EventMention, events: Sequence[_DraftEvent], document: Document
) -> EventMention | None:
    """Reads “sau cuộc gặp ở Bern hồi …”, which names nobody: those spoken of last are meant."""
    if mention.participants_from == "guest":
        return _complete_with_guest(mention, events, document)
    if mention.participants:
        return mention
    if mention.participants_from == "last":
        told = [event for event in events if event.format != "visit" and event.status == "held"]
        return replace(mention, participants=tuple(told[-1].participants)) if told else None
    if mention.participants_from not in ("visitor", "here"):
        return None
    place = mention.arguments.place
    for event in reversed(events):
        there = event.arguments.place
        told_here = mention.participants_from == "here" and event.first.sentence is mention.sentence
        if event.format == "visit" and there and (told_here or (place and there.country == place.country)):
            arguments = mention.arguments if mention.arguments.place else replace(mention.arguments, place=there)
            return replace(mention, participants=tuple(event.participants), arguments=arguments)
    return None


def _complete_with_guest(
    mention: EventMention, events: Sequence[_DraftEvent], document: Document
) -> EventMention | None:
    """Reads “Tại cuộc hội đàm, X nói …” of an X who was not yet told to have met anybody: it was the visitor.

    The visitor is who came to the country of X last.
    """
    host = next(iter(mention.participants), None)
    if host is None or any(
        host.entity in {participant.entity for participant in event.participants}
        for event in events
        if event.format != "visit"
    ):
        return None
    country = document.entities[host.entity].country
    visits = [event for event in events if event.format == "visit" and event.status == "held" and event.arguments.place]
    visit = next(
        (one for one in reversed(visits) if one.arguments.place and one.arguments.place.country == country), None
    )
    if visit is None or country is None or len(visit.participants) != 1:
        return None
    return replace(mention, participants=(host, *visit.participants))


def _join_mention(mention: EventMention, events: list[_DraftEvent], document: Document) -> None:
    event = next((e for e in reversed(events) if _is_same_event(mention, e, document)), None)
    if event is None:
        events.append(
            _DraftEvent(
                mention,
                list(mention.participants),
                mention.status,
                mention.format,
                mention.arguments,
                mention.trigger.start,
            )
        )
        return
    event.arguments = _merge_arguments(event.arguments, mention.arguments)
    event.participants = _choose_participants(event.participants, mention.participants, document)
    event.status = _merge_status(event.status, mention.status)
    event.format = event.format or mention.format
    event.last_seen = mention.trigger.start
    event.weight += 1


def _is_same_event(mention: EventMention, event: _DraftEvent, document: Document) -> bool:
    if (mention.format == "visit") != (event.format == "visit"):
        return False
    if mention.format != event.format and {"phone", "delegation"} & {mention.format, event.format}:
        return False
    if mention.format != event.format and None in (mention.format, event.format) and mention.status != "held":
        return False
    if not _have_same_participants(mention.participants, event.participants, document):
        return False
    if not _have_compatible_status(mention, event):
        return False
    if not _have_compatible_places(mention.arguments, event.arguments):
        return False
    return _have_compatible_dates(mention.arguments.date, event.arguments.date)


def _have_same_participants(
    a: Sequence[ParticipantMention], b: Sequence[ParticipantMention], document: Document
) -> bool:
    first, second = [{_identify_entity(document.entities[p.entity]) for p in part} for part in (a, b)]
    if first == second or first < second or second < first:
        return min(len(first), len(second)) >= min(2, max(len(first), len(second)))
    countries = [{document.entities[p.entity].country for p in part} for part in (a, b)]
    vague = any(all(document.entities[p.entity].kind == "country" for p in part) for part in (a, b))
    return vague and countries[0] == countries[1] and None not in countries[0]


def _identify_entity(entity: Entity) -> str:
    return entity.person_id or entity.name or f"{entity.role}|{entity.country}"


def _have_compatible_status(mention: EventMention, event: _DraftEvent) -> bool:
    if (mention.status == "held") == (event.status == "held"):
        return True
    when, then = mention.arguments.date, event.arguments.date
    return bool(when and then and when.first and when.first == then.first)


def _have_compatible_places(a: EventArguments, b: EventArguments) -> bool:
    if a.place is None or b.place is None:
        return True
    return a.place.country == b.place.country and (
        a.place.city is None or b.place.city is None or a.place.city == b.place.city
    )


def _have_compatible_dates(a: DateMention | None, b: DateMention | None) -> bool:
    if a is None or b is None or a.first is None or b.first is None or a.last is None or b.last is None:
        return True
    return a.first <= b.last and b.first <= a.last


def _merge_arguments(a: EventArguments, b: EventArguments) -> EventArguments:
    better = b.date if b.date and (a.date is None or _rank_precision(b.date) > _rank_precision(a.date)) else a.date
    place = a.place
    if b.place and (place is None or (place.city is None and b.place.city)):
        place = b.place
    return EventArguments(
        date=better,
        place=place,
        occasion=a.occasion or b.occasion,
        sideline=a.sideline or b.sideline,
        duration_minutes=a.duration_minutes or b.duration_minutes,
        duration_qualifier=a.duration_qualifier or b.duration_qualifier,
        first_since=a.first_since or b.first_since,
    )


def _rank_precision(when: DateMention) -> int:
    return [None, "year", "month", "day"].index(when.precision)


def _choose_participants(
    a: list[ParticipantMention], b: Sequence[ParticipantMention], document: Document
) -> list[ParticipantMention]:
    def people(participants: Sequence[ParticipantMention]) -> int:
        return len({p.entity for p in participants if document.entities[p.entity].kind == "person"})

    return list(b) if people(b) > people(a) else a


def _merge_status(a: MeetingStatus, b: MeetingStatus) -> MeetingStatus:
    """What is told last of a plan may undo it; what was held stays held."""
    order: tuple[MeetingStatus, ...] = ("held", "cancelled", "postponed", "denied", "planned", "proposed")
    return min(a, b, key=order.index)


def _add_circumstances(events: list[_DraftEvent], document: Document) -> None:
    """Reads “Cuộc gặp kéo dài 90 phút”: a sentence that names no parties adds to an event told before."""
    told = [event for event in events if event.format != "visit" and event.status == "held"]
    for sentence in document.sentences if told else ():
        if _TALKS.isdisjoint(sentence.kinds) or any(event.first.sentence is sentence for event in events):
            continue
        before = [event for event in told if event.first.trigger.start < sentence.start]
        arguments = read_arguments(sentence.tokens, None, document)
        event = _event_continued_by(sentence, before or told)
        event.arguments = replace(
            event.arguments,
            duration_minutes=event.arguments.duration_minutes or arguments.duration_minutes,
            duration_qualifier=event.arguments.duration_qualifier or arguments.duration_qualifier,
            first_since=event.arguments.first_since or arguments.first_since,
        )


def _event_continued_by(sentence: Sentence, events: Sequence[_DraftEvent]) -> _DraftEvent:
    """The main event of the article, unless the sentence follows another one in its own paragraph."""
    phone = any(token.kind in ("MEETN", "MEETV") and token.value == "phone" for token in sentence.tokens)
    events = [event for event in events if (event.format == "phone") == phone] or events
    near = [event for event in events if event.first.sentence.paragraph == sentence.paragraph]
    return near[-1] if near else max(events, key=lambda event: (event.weight, -event.first.trigger.start))


def _add_members(events: list[_DraftEvent], document: Document, pack: LanguagePack) -> None:
    """Reads “Phái đoàn Áo gồm có A và B”: the members take the place of their country."""
    rules = [rule for rule in pack.events if rule.makes == "members"]
    for sentence in document.sentences:
        for match in _find_member_lists(sentence, rules):
            members = [t for t in sentence.tokens[match.start("members") : match.end("members")] if t.kind in REFERRING]
            side = sentence.tokens[match.end("side") - 1]
            country = _find_side_country(side, document)
            event = next((e for e in reversed(events) if e.format == "delegation"), None)
            if event is None or country not in {document.entities[p.entity].country for p in event.participants}:
                continue
            added = [ParticipantMention(m.entity, t.start, t.end) for t in members if (m := document.mention(t))]
            kept = [
                p
                for p in event.participants
                if document.entities[p.entity].country != country or document.entities[p.entity].kind == "person"
            ]
            event.participants = kept + [p for p in added if p.entity not in {k.entity for k in kept}]


def _find_member_lists(sentence: Sentence, rules: Iterable[Rule]) -> Iterator[re.Match[str]]:
    for rule in possible_rules(rules, sentence.kinds):
        yield from rule.pattern.finditer(class_string(sentence.tokens))


def _find_side_country(side: Token, document: Document) -> str | None:
    entity = document.entity(side)
    return entity.country if entity else None


def _frame_in_visits(events: list[_DraftEvent], document: Document) -> None:
    """Talks during a visit took place where the visitor was, on its day; of a longer one only the month is known."""
    visits = [event for event in events if event.format == "visit"]
    for event in events:
        visit = next((v for v in visits if event.format != "visit" and _is_part_of_visit(event, v, document)), None)
        if visit is None:
            continue
        event.arguments = replace(
            event.arguments,
            place=event.arguments.place or visit.arguments.place,
            date=event.arguments.date or _widen_to_month(visit.arguments.date),
        )


def _widen_to_month(when: DateMention | None) -> DateMention | None:
    if when is None or when.first is None or when.first == when.last or when.precision != "day":
        return when
    first = when.first.replace(day=1)
    return replace(when, first=first, last=first.replace(day=monthrange(first.year, first.month)[1]), precision="month")


def _is_part_of_visit(event: _DraftEvent, visit: _DraftEvent, document: Document) -> bool:
    people = {participant.entity for participant in event.participants}
    if visit.participants[0].entity not in people or visit.arguments.place is None:
        return False
    hosts = {
        document.entities[p.entity].country for p in event.participants if p.entity != visit.participants[0].entity
    }
    same_time = _have_compatible_dates(event.arguments.date, visit.arguments.date)
    return visit.arguments.place.country in hosts and same_time and (event.status == "held") == (visit.status == "held")


def _make_row(event: _DraftEvent, document: Document) -> Meeting:
    when = event.arguments.date
    place = None if event.format in ("phone", "video") else event.arguments.place
    sentence = event.first.sentence
    participants = _drop_repeated(event.participants)
    key = "|".join([*(str(participant.entity) for participant in participants), str(when and when.first), str(place)])
    return Meeting(
        meeting_id=sha256(
            f"{document.article.article_id}|{sentence.start}|{event.first.trigger.start}|{key}".encode()
        ).hexdigest()[:16],
        article_id=document.article.article_id,
        participants=tuple(_make_participant(participant, document) for participant in participants),
        date_start=when.first if when else None,
        date_end=when.last if when else None,
        date_precision=when.precision if when else None,
        date_text=document.text(when.start, when.end) if when else None,
        city=place.city if place else None,
        country=place.country if place else None,
        venue=place.venue if place else None,
        occasion=event.arguments.occasion,
        sideline=event.arguments.sideline,
        format=event.format,  # type: ignore[arg-type]
        status=event.status,
        duration_minutes=event.arguments.duration_minutes,
        duration_qualifier=event.arguments.duration_qualifier,
        first_since=event.arguments.first_since,
        start=sentence.start,
        end=sentence.end,
        certainty=_find_certainty(event.first, participants, when, document),
        rule=event.first.rule,
    )


def _drop_repeated(participants: Sequence[ParticipantMention]) -> list[ParticipantMention]:
    return list({participant.entity: participant for participant in reversed(participants)}.values())[::-1]


def _make_participant(participant: ParticipantMention, document: Document) -> Participant:
    entity = document.entities[participant.entity]
    return Participant(
        name=entity.name if entity.kind in ("person", "organization", "country") else None,
        person_id=entity.person_id,
        role=entity.role,
        organization=entity.organization,
        country=entity.country,
        start=participant.start,
        end=participant.end,
    )


def _find_certainty(
    first: EventMention, participants: Sequence[ParticipantMention], when: DateMention | None, document: Document
) -> Certainty:
    found = [m.certainty for participant in participants if (m := document.mention_at(participant.start))]
    if when is not None and when.contradicted:
        found.append("resolved")
    if first.participants_from == "guest":
        found.append("inferred")
    return max(found, key=("explicit", "resolved", "inferred").index, default="explicit")
