"""Whether those who meet make it diplomacy: officials of two sides, and not two football teams."""

from schemas.document import Document, Entity
from tasks.meetings.event_mentions import EventMention

__all__ = ["is_diplomatic"]

_NEVER = frozenset({"person", "spokesperson"})
"""Who has no office, and who speaks of meetings: "người phát ngôn cho rằng không có cuộc hòa đàm nào với phía Nga"."""


def is_diplomatic(mention: EventMention, document: Document) -> bool:
    """Two sides, different ones, at least one of them in office; a visit needs an official and a foreign country."""
    entities = [document.entities[participant.entity] for participant in mention.participants]
    if any(entity.office in _NEVER for entity in entities):
        return False
    if mention.format == "visit":
        return _is_visit(entities, mention)
    if len({id(entity) for entity in entities}) < 2 or not any(_is_in_office(entity) for entity in entities):
        return False
    return len(_collect_sides(entities)) >= 2 and not _is_vague(entities, mention)


def _is_visit(entities: list[Entity], mention: EventMention) -> bool:
    place = mention.arguments.place
    if place is None or place.country is None:
        return False
    visitor = entities[0]
    if visitor.kind in ("country", "organization", "group") or visitor.office == "official":
        return False
    known = visitor.name is not None or visitor.country is not None
    return known and _is_in_office(visitor) and place.country != visitor.country


def _is_in_office(entity: Entity) -> bool:
    return entity.kind in ("country", "organization", "group") or bool(entity.office or entity.role or entity.country)


def _collect_sides(entities: list[Entity]) -> set[str]:
    """Countries, and bodies that have none."""
    return {entity.country or entity.organization or entity.name or entity.role or "" for entity in entities}


def _is_vague(entities: list[Entity], mention: EventMention) -> bool:
    """Contacts without people or a day are a state of things, not an event; and "Nga gặp Mỹ" is a match.

    Leaders of whatever it is ("lãnh đạo 26 tỉnh") are no other side.
    """
    trigger, undated = mention.trigger, mention.arguments.date is None
    if all(entity.kind in ("country", "organization") for entity in entities):
        weak = (
            trigger.value == "weak"
            or trigger.kind == "TALKV"
            or (trigger.kind == "MEETV" and trigger.value == "in_person")
        )
        return weak and mention.format != "delegation"
    nameless = [entity for entity in entities if entity.kind == "unnamed"]
    if any(entity.office == "leader" and not entity.country and not entity.organization for entity in nameless):
        return True
    return undated and any(entity.office in ("official", None) for entity in nameless)
