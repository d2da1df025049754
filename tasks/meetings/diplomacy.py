"""Tell whether those who meet make it diplomacy: officials of two sides, and not two football teams."""

from collections.abc import Collection, Sequence

from schemas.document import Document, Entity
from seeds import SEEDS
from tasks.meetings.event_mentions import EventMention
from tasks.mentions.office_groups import load_office_groups

__all__ = ["is_diplomatic"]

_COLLECTIVE = frozenset({"country", "organization", "group"})


def is_diplomatic(mention: EventMention, document: Document) -> bool:
    """Return True if a meeting or visit is one of diplomacy.

    A meeting needs two different sides, at least one of them in office; a visit needs an official and a foreign
    country.
    """
    entities = [document.entities[participant.entity] for participant in mention.participants]
    never_meets = load_office_groups(SEEDS).never_meets
    if any(entity.office in never_meets for entity in entities):
        return False
    if mention.format == "visit":
        return _is_official_visit(entities[0], mention)
    is_between_two = len({id(entity) for entity in entities}) >= 2 and len(_collect_sides(entities)) >= 2
    return is_between_two and any(map(_is_in_office, entities)) and not _is_vague(entities, mention)


def _is_official_visit(visitor: Entity, mention: EventMention) -> bool:
    """Return True if a known official goes to a country that is not their own."""
    place = mention.arguments.place
    if place is None or place.country is None:
        return False
    if visitor.kind in _COLLECTIVE or visitor.office == "official":
        return False
    is_known = visitor.name is not None or visitor.country is not None
    return is_known and _is_in_office(visitor) and place.country != visitor.country


def _is_in_office(entity: Entity) -> bool:
    return entity.kind in _COLLECTIVE or bool(entity.office or entity.role or entity.country)


def _collect_sides(entities: Sequence[Entity]) -> Collection[str]:
    """Return the countries of the entities, and the bodies that have none."""
    return {entity.country or entity.organization or entity.name or entity.role or "" for entity in entities}


def _is_vague(entities: Sequence[Entity], mention: EventMention) -> bool:
    """Return True for what is no single event of two sides.

    Contacts without people or a day are a state of things, "Nga gặp Mỹ" is a match, and leaders of whatever it is
    ("lãnh đạo 26 tỉnh") are no other side.
    """
    if all(entity.kind in ("country", "organization") for entity in entities):
        return mention.format != "delegation" and _is_weak_trigger(mention)
    nameless = [entity for entity in entities if entity.kind == "unnamed"]
    if any(entity.office == "leader" and not entity.country and not entity.organization for entity in nameless):
        return True
    is_undated = mention.arguments.date is None
    return is_undated and any(entity.office in ("official", None) for entity in nameless)


def _is_weak_trigger(mention: EventMention) -> bool:
    """Return True if the word of meeting, between countries, says no more than that they are in touch or play."""
    trigger = mention.trigger
    if trigger.value == "weak" or trigger.kind == "TALKV":
        return True
    return trigger.kind == "MEETV" and trigger.value == "in_person"
