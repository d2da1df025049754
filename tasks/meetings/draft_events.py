"""Join mentions of one event: an event takes up what every sentence tells of it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from schemas.document import DateMention, Document, Entity
from schemas.meetings import DatePrecision, MeetingFormat, MeetingStatus
from tasks.meetings.arguments import EventArguments
from tasks.meetings.event_mentions import EventMention, ParticipantMention

__all__ = ["DraftEvent", "have_compatible_dates", "join_mention"]

_STATUS_ORDER: tuple[MeetingStatus, ...] = ("held", "cancelled", "postponed", "denied", "planned", "proposed")
"""Of two statuses of one event the first one in this order stays: what was held stays held, a plan can be undone."""
_PRECISION_RANK: dict[DatePrecision | None, int] = {None: 0, "year": 1, "month": 2, "day": 3}


@dataclass(slots=True)
class DraftEvent:
    """An event that mentions are joined into.

    Attributes:
        first: The mention that told of it first.
        participants: Those of the mention that names most people.
        status: As the mentions together tell.
        format: How they met; None if no mention says.
        arguments: Circumstances from all mentions.
        weight: Number of mentions.
    """

    first: EventMention
    participants: list[ParticipantMention]
    status: MeetingStatus
    format: MeetingFormat | None
    arguments: EventArguments
    weight: int = 1

    @property
    def is_visit(self) -> bool:
        """True for a visit to a country, False for a meeting of people."""
        return self.format == "visit"

    @property
    def is_held_meeting(self) -> bool:
        """True for a meeting that took place."""
        return not self.is_visit and self.status == "held"


def join_mention(mention: EventMention, events: list[DraftEvent], document: Document) -> None:
    """Add a mention to the last event that it can tell of, or else as a new event."""
    event = next((one for one in reversed(events) if _is_same_event(mention, one, document)), None)
    if event is None:
        participants = list(mention.participants)
        events.append(DraftEvent(mention, participants, mention.status, mention.format, mention.arguments))
        return
    event.arguments = _merge_arguments(event.arguments, mention.arguments)
    event.participants = _choose_participants(event.participants, mention.participants, document)
    event.status = min(event.status, mention.status, key=_STATUS_ORDER.index)
    event.format = event.format or mention.format
    event.weight += 1


def _is_same_event(mention: EventMention, event: DraftEvent, document: Document) -> bool:
    """Return True if format, participants, status, place and date of a mention all agree with an event's."""
    return (
        _have_compatible_formats(mention, event)
        and _have_same_participants(mention.participants, event.participants, document)
        and _have_compatible_statuses(mention, event)
        and _have_compatible_places(mention.arguments, event.arguments)
        and have_compatible_dates(mention.arguments.date, event.arguments.date)
    )


def _have_compatible_formats(mention: EventMention, event: DraftEvent) -> bool:
    """Return True for equal formats, and for different ones that may be one event told in other words."""
    formats = {mention.format, event.format}
    if len(formats) == 1:
        return True
    if formats & {"visit", "phone", "delegation"}:
        return False
    return None not in formats or mention.status == "held"


def _have_same_participants(
    one: Iterable[ParticipantMention], other: Iterable[ParticipantMention], document: Document
) -> bool:
    """Return True if the same entities take part, or on one side more of them, or only the same countries."""
    first, second = ([document.entities[participant.entity] for participant in part] for part in (one, other))
    names, other_names = ({_identify_entity(entity) for entity in part} for part in (first, second))
    if names <= other_names or other_names <= names:
        fewer, more = sorted((len(names), len(other_names)))
        return fewer >= min(2, more)
    countries, other_countries = ({entity.country for entity in part} for part in (first, second))
    names_only_countries = any(all(entity.kind == "country" for entity in part) for part in (first, second))
    return names_only_countries and countries == other_countries and None not in countries


def _identify_entity(entity: Entity) -> str:
    return entity.person_id or entity.name or f"{entity.role}|{entity.country}"


def _have_compatible_statuses(mention: EventMention, event: DraftEvent) -> bool:
    """Return True if both were held, or neither, or both are of the same day: a plan that was carried out."""
    if (mention.status == "held") == (event.status == "held"):
        return True
    when, then = mention.arguments.date, event.arguments.date
    return bool(when and then and when.first and when.first == then.first)


def _have_compatible_places(one: EventArguments, other: EventArguments) -> bool:
    """Return True if two places may be one; a place that is not told fits all."""
    if one.place is None or other.place is None:
        return True
    if one.place.country != other.place.country:
        return False
    return one.place.city is None or other.place.city is None or one.place.city == other.place.city


def have_compatible_dates(one: DateMention | None, other: DateMention | None) -> bool:
    """Return True if two dates may mean one day; a date that is not told, or has no days, fits all."""
    if one is None or other is None:
        return True
    if one.first is None or one.last is None or other.first is None or other.last is None:
        return True
    return one.first <= other.last and other.first <= one.last


def _merge_arguments(told: EventArguments, new: EventArguments) -> EventArguments:
    """Return circumstances in which a more precise date and place replace those told before, and nothing is lost."""
    date, place = told.date, told.place
    if new.date and (date is None or _PRECISION_RANK[new.date.precision] > _PRECISION_RANK[date.precision]):
        date = new.date
    if new.place and (place is None or (place.city is None and new.place.city)):
        place = new.place
    return EventArguments(
        date=date,
        place=place,
        occasion=told.occasion or new.occasion,
        sideline=told.sideline or new.sideline,
        duration_minutes=told.duration_minutes or new.duration_minutes,
        duration_qualifier=told.duration_qualifier or new.duration_qualifier,
        first_since=told.first_since or new.first_since,
    )


def _choose_participants(
    told: list[ParticipantMention], new: Sequence[ParticipantMention], document: Document
) -> list[ParticipantMention]:
    """Return the participants among whom there are more people with a name."""
    return list(new) if _count_people(new, document) > _count_people(told, document) else told


def _count_people(participants: Iterable[ParticipantMention], document: Document) -> int:
    return len({one.entity for one in participants if document.entities[one.entity].kind == "person"})
