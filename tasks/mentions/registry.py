"""The entities of one article, and how often and how lately each was spoken of."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date

from schemas.document import Entity
from tasks.language.folding import fold
from tasks.language.pack import LanguagePack
from tasks.mentions.features import MentionFeatures
from tasks.mentions.offices import Offices, Tenure
from tasks.mentions.spelling import person_slug, same_person_spelling

__all__ = ["EntityRecord", "EntityRegistry"]


@dataclass(slots=True)
class EntityRecord:
    """An entity in the making, with what helps to tell it apart."""

    entity: Entity
    index: int
    words: frozenset[str] = frozenset()
    """Folded words of the fullest name so far; empty for what has no name."""
    tradition: str | None = None
    offices: frozenset[str] = frozenset()
    bodies: frozenset[str] = frozenset()
    former: bool = False
    last_seen: int = -1
    """Code point of the last mention; -1 before the first one in reading order."""
    times_seen: int = 0


class EntityRegistry:
    """Who is known in one article.

    Names are learned first, over the whole article, so that a short name in the lead finds its full form in the body;
    everything else joins in reading order.
    """

    def __init__(self, pack: LanguagePack, offices: Offices, published: date | None) -> None:
        self.pack = pack
        self.offices = offices
        self.published = published
        self.records: list[EntityRecord] = []
        self.country_mentions: Counter[str] = Counter()
        self._by_key: dict[str, EntityRecord] = {}

    @property
    def entities(self) -> tuple[Entity, ...]:
        """All entities; mentions count positions in here."""
        return tuple(record.entity for record in self.records)

    def learn_names(self, body: Iterable[MentionFeatures], margins: Iterable[MentionFeatures]) -> None:
        """Read all names of the article: the fullest form of each becomes an entity.

        Args:
            body: References of lead and body; among equally full spellings these are preferred.
            margins: References of headline and captions.
        """
        for references in (body, margins):
            self._learn_titled(
                [features for features in references if features.name and features.token in ("PERSON", "CPART")]
            )

    def people_named(self, features: MentionFeatures) -> list[EntityRecord]:
        """People whom a name can mean: those of exactly that name, else those it is short for or a variant of."""
        exact = [record for record in self.records if record.words == features.words]
        return exact or [record for record in self.records if record.words and _is_short_for(features, record)]

    def add_person(self, features: MentionFeatures) -> EntityRecord:
        """A person met for the first time; the table of offices tells what the article leaves out."""
        tenures = self.offices.known_as(features.name or "")
        entity = Entity(
            kind="person",
            name=features.name,
            person_id=person_slug(tenures[0].person if tenures else features.name or ""),
            role=features.role,
            office=features.office,
            organization=features.organization,
            country=features.country or _find_only_country(tenures) or self._find_home_country(features),
            gender=features.gender or (tenures[0].gender if tenures else None),
        )
        return self._add_record(entity, features, words=features.words)

    def add_office_holder(self, tenure: Tenure, features: MentionFeatures, country: str | None) -> EntityRecord:
        """Somebody whom the article calls by office alone, by the name that the table gives."""
        slug = person_slug(tenure.person)
        words = frozenset(fold(tenure.person).split())
        for record in self.records:
            if record.entity.person_id == slug:
                return record
            if record.entity.country is None and tenure.office in record.offices and record.words & words:
                record.entity = replace(record.entity, country=country)
                return record
        entity = Entity(
            kind="person",
            name=tenure.person,
            person_id=slug,
            role=features.role,
            office=features.office,
            country=country,
            gender=tenure.gender,
        )
        return self._add_record(entity, features, words=words)

    def add_nameless(self, features: MentionFeatures) -> EntityRecord:
        """Somebody known by role only; the same role of the same country is the same one."""
        key = fold(f"{features.role}|{features.country}|{features.plural}")
        if key not in self._by_key:
            entity = Entity(
                kind="unnamed",
                role=features.role,
                office=features.office,
                organization=features.organization,
                country=features.country,
                gender=features.gender,
            )
            self._by_key[key] = self._add_record(entity, features)
        return self._by_key[key]

    def add_group(self, members: Sequence[EntityRecord], features: MentionFeatures) -> EntityRecord:
        """Several at once; a group with no members is one that could not be resolved."""
        indices = tuple(record.index for record in members)
        key = f"{indices}|{features.role}"
        if key not in self._by_key:
            names = "; ".join(record.entity.name or record.entity.role or "" for record in members)
            entity = Entity(
                kind="group", name=names or None, role=features.role, office=features.office, members=indices
            )
            self._by_key[key] = self._add_record(entity, features)
        return self._by_key[key]

    def add_organization(self, features: MentionFeatures) -> EntityRecord:
        """An organisation by its printed name."""
        key = fold(features.name or "")
        if key not in self._by_key:
            entity = Entity(kind="organization", name=features.name, country=features.country)
            self._by_key[key] = self._add_record(entity, features)
        return self._by_key[key]

    def add_country(self, code: str) -> EntityRecord:
        """A country, under the name that the press of the language gives it."""
        if code not in self._by_key:
            entity = Entity(kind="country", name=self.pack.places.country_names.get(code, code), country=code)
            self._by_key[code] = self._add_record(entity)
        return self._by_key[code]

    def note_mention(self, record: EntityRecord, features: MentionFeatures) -> None:
        """Note that an entity was spoken of."""
        record.last_seen = features.start
        record.times_seen += 1
        if features.token == "CPART" and features.office:
            record.offices |= {features.office}
        if features.country:
            self.country_mentions[features.country] += 1

    def seen_people(self) -> list[EntityRecord]:
        """People spoken of so far, the latest first."""
        people = (record for record in self.records if record.entity.kind == "person" and record.last_seen >= 0)
        return sorted(people, key=lambda record: -record.last_seen)

    def _learn_titled(self, titled: Sequence[MentionFeatures]) -> None:
        counts = Counter(features.name for features in titled)
        for features in sorted(
            titled, key=lambda features: (-len(features.words), -counts[features.name], features.start)
        ):
            matches = self.people_named(features) or self._find_longer_forms(features)
            if not matches:
                self.add_person(features)
            for record in matches if len(matches) == 1 else ():
                _enrich_record(record, features)

    def _find_longer_forms(self, features: MentionFeatures) -> list[EntityRecord]:
        """People of whom only a short form was known so far: a caption tells the full name."""
        return [record for record in self.records if record.words and record.words < features.words]

    def _find_home_country(self, features: MentionFeatures) -> str | None:
        """An official with a native name and no country named serves the country of the press that names him."""
        return self.pack.home_country if features.tradition == "vi" and features.office != "person" else None

    def _add_record(
        self, entity: Entity, features: MentionFeatures | None = None, *, words: frozenset[str] = frozenset()
    ) -> EntityRecord:
        record = EntityRecord(entity, len(self.records), words)
        if features is not None:
            record.tradition, record.former = features.tradition, features.former
            record.offices = frozenset(filter(None, [features.office]))
            record.bodies = frozenset(filter(None, [features.body]))
        self.records.append(record)
        return record


def _enrich_record(record: EntityRecord, features: MentionFeatures) -> None:
    """Add what another mention of the same person says; what was said first stays."""
    record.offices |= frozenset(filter(None, [features.office]))
    record.bodies |= frozenset(filter(None, [features.body]))
    entity = record.entity
    fuller = len(features.words) > len(record.words)
    record.words = features.words if fuller else record.words
    record.entity = replace(
        entity,
        name=features.name if fuller else entity.name,
        role=entity.role or features.role,
        office=entity.office or features.office,
        organization=entity.organization or features.organization,
        country=features.country if features.country and not entity.role else entity.country or features.country,
        gender=entity.gender or features.gender,
    )


def _is_short_for(features: MentionFeatures, record: EntityRecord) -> bool:
    """Whether a name is a short form or another spelling of a known one."""
    full_name = record.entity.name or ""
    if same_person_spelling(features.name or "", full_name):
        return True
    if not features.words < record.words:
        return False
    if record.tradition is None or len(features.words) > 1:
        return True
    full = fold(full_name).split()
    return features.words in ({full[0]}, {full[-1]})


def _find_only_country(tenures: Sequence[Tenure]) -> str | None:
    codes = {tenure.country for tenure in tenures}
    return codes.pop() if len(codes) == 1 else None
