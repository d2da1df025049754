"""Whether those who meet make it diplomacy: officials of two sides, and not two football teams."""

from schemas.document import Document, Entity
from tasks.meetings.mentions import EventMention

__all__ = ["is_diplomatic"]

_PRIVATE = frozenset({"person"})
_SPORTS_VERB = "MEETV"


def is_diplomatic(mention: EventMention, document: Document) -> bool:
    """Two sides, different ones, at least one of them in office; a visit needs an official and a foreign country."""
    entities = [document.entities[party.entity] for party in mention.parties]
    if any(entity.office in _PRIVATE for entity in entities):
        return False
    if mention.format == "visit":
        return _is_visit(entities, mention)
    distinct = {id(entity) for entity in entities}
    if len(distinct) < 2 or not any(_in_office(entity) for entity in entities):
        return False
    return len(_sides(entities)) >= 2 and not _only_countries(entities, mention)


def _is_visit(entities: list[Entity], mention: EventMention) -> bool:
    visitor = entities[0] if entities else None
    place = mention.details.place
    if visitor is None or place is None or visitor.kind in ("country", "organization", "group"):
        return False
    if not _in_office(visitor) or visitor.office in ("official", "spokesperson"):
        return False
    return place.country is not None and place.country != visitor.country


def _in_office(entity: Entity) -> bool:
    return (
        entity.kind in ("country", "organization", "group")
        or bool(entity.office)
        or bool(entity.role)
        or bool(entity.person_id and entity.country)
    )


def _sides(entities: list[Entity]) -> set[str]:
    """Countries, and bodies that have none."""
    return {entity.country or entity.organization or entity.name or entity.role or "" for entity in entities}


def _only_countries(entities: list[Entity], mention: EventMention) -> bool:
    """ "Nga gặp Mỹ" is a match; states hold talks and summits."""
    return (
        all(entity.kind == "country" for entity in entities)
        and mention.anchor.kind == "MEETV"
        and mention.rule != "delegations-meet"
    )
