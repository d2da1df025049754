"""Collect the entities of one article, and count how often and how lately each was spoken of."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import islice

from schemas.document import Entity
from tasks.language.folding import fold
from tasks.language.pack import LanguagePack
from tasks.mentions.features import MentionFeatures
from tasks.mentions.name_index import NameIndex
from tasks.mentions.offices import Offices, Tenure
from tasks.mentions.people import PeopleTable
from tasks.mentions.spelling import person_slug, same_person_spelling

__all__ = ["EntityRecord", "EntityRegistry"]

_BARE_NAMES = frozenset({"FOREIGN_NAME", "NATIVE_NAME"})
_MOST_RECALLED = 200
"""People among whom a pronoun, a group or a role looks for whom it means; those of a longer list are forgotten."""


@dataclass(slots=True)
class EntityRecord:
    """An entity that grows while the article is read, with what helps to tell it apart from others.

    Attributes:
        entity: What is known of it so far.
        index: Its position among the entities of the article.
        words: Folded words of its fullest name so far; empty for what has no name.
        tradition: Naming tradition of its name, as in :class:`MentionFeatures`.
        offices: All offices that the article gives it.
        bodies: Codes of the international bodies that it serves.
        former: It was first spoken of as a former holder of its office.
        last_seen: Code point of its last mention; -1 before the first one in reading order.
        times_seen: Number of its mentions so far.
    """

    entity: Entity
    index: int
    words: frozenset[str] = frozenset()
    tradition: str | None = None
    offices: frozenset[str] = frozenset()
    bodies: frozenset[str] = frozenset()
    former: bool = False
    last_seen: int = -1
    times_seen: int = 0

    @property
    def is_person(self) -> bool:
        """True for a person with a name."""
        return self.entity.kind == "person"

    @property
    def is_one_human(self) -> bool:
        """True for one person, with or without a name."""
        return self.entity.kind in ("person", "unnamed")


class EntityRegistry:
    """The entities of one article.

    Names are learned first, over the whole article, so that a short name in the lead finds its full form in the body;
    all other entities are added in reading order.
    """

    def __init__(self, pack: LanguagePack, offices: Offices, people: PeopleTable, published: date | None) -> None:
        self.pack = pack
        self.offices = offices
        self.people = people
        self.published = published
        self.records: list[EntityRecord] = []
        self._names = NameIndex()
        self._seen: dict[int, EntityRecord] = {}  # the last one spoken of stands last
        self.country_mentions: Counter[str] = Counter()
        self._by_key: dict[str, EntityRecord] = {}

    @property
    def entities(self) -> tuple[Entity, ...]:
        """All entities; a mention says a position in this tuple."""
        return tuple(record.entity for record in self.records)

    def learn_names(self, body: Iterable[MentionFeatures], margins: Iterable[MentionFeatures]) -> None:
        """Read all names that have a title: the fullest form of each becomes an entity.

        Args:
            body: Mentions in lead and body; among equally full spellings these are preferred.
            margins: Mentions in headline and captions.
        """
        for mentions in (body, margins):
            self._learn_titled([one for one in mentions if one.name and one.token in ("PERSON", "COUNTERPART")])

    def learn_bare_names(self, names: Iterable[MentionFeatures], speaking: Iterable[MentionFeatures]) -> None:
        """Read full names without a title, if something tells that they are people's.

        The tables know the person, or a short form of the name speaks or has a title: "Karl Gruber, thợ mộc ở Linz, …
        Gruber nói …". A short form of two full names tells nothing.

        Args:
            names: Mentions by a name only, in lead and body.
            speaking: Those of them that are the subject of a verb of speech.
        """
        full = {one.words: one for one in reversed([*names]) if len(one.words) > 1 and not self.people_named(one)}
        called: defaultdict[str, list[MentionFeatures]] = defaultdict(list)
        for mention in full.values():
            for word in _list_short_forms(mention):
                called[word].append(mention)
        short: defaultdict[str, list[EntityRecord]] = defaultdict(list)
        for record in self.records:
            if len(record.words) == 1:
                short[next(iter(record.words))].append(record)
        spoken = {word for one in speaking for word in one.words if len(one.words) == 1}
        for word, mentions in called.items():
            is_person = word in spoken or word in short
            if len(mentions) == 1 and is_person and len(short[word]) <= 1:
                self._learn_bare_name(mentions[0], next(iter(short[word]), None))
        for mention in full.values():
            if self.people.find_id(mention.name or "") and not self.people_named(mention):
                self.add_person(mention)

    def _learn_bare_name(self, mention: MentionFeatures, record: EntityRecord | None) -> None:
        """Give the record of a short form the full name; without a record, add the person."""
        if self.people_named(mention):
            return
        if record is None:
            self.add_person(mention)
            return
        self._enrich_person(record, mention)
        self._identify(record)

    def people_named(self, features: MentionFeatures) -> list[EntityRecord]:
        """Return the people whom a name can mean.

        Those of exactly that name come alone; without any, it is those whose name it shortens or spells otherwise.
        """
        exact = [self.records[place] for place in self._names.find_exact(features.words)]
        same = [record for record in exact if record.words == features.words]
        longer = (self.records[place] for place in self._names.find_longer(features.words, features.name or ""))
        return same or [record for record in longer if _is_short_for(features, record)]

    def add_person(self, features: MentionFeatures) -> EntityRecord:
        """Add a person met for the first time; the table of offices tells what the article leaves out."""
        tenures = self.offices.known_as(features.name or "")
        gender = tenures[0].gender if tenures else None
        entity = Entity(
            kind="person",
            name=features.name,
            role=features.role,
            office=features.office,
            organization=features.organization,
            country=features.country or _find_only_country(tenures) or self._find_home_country(features),
            gender=features.gender or gender,
        )
        record = self._add_record(entity, features, words=features.words)
        self._identify(record)
        return record

    def _identify(self, record: EntityRecord) -> None:
        """Give a person the identifier that joins articles, if the name is full or office and name tell who it is."""
        person_id = self.people.identify(record.entity.name or "") or self._identify_by_office(record)
        record.entity = replace(record.entity, person_id=person_id)

    def _identify_by_office(self, record: EntityRecord) -> str | None:
        """Return who of the table of offices is meant by a short name with an office: "Ngoại trưởng Nga Lavrov"."""
        places = {record.entity.country, *record.bodies} - {None}
        found = {
            person_slug(tenure.person)
            for (office, country), tenures in self.offices.by_office.items()
            if office in record.offices and (not places or country in places)
            for tenure in tenures
            if self._is_current(tenure, record) and any(_is_short_form(record.words, one) for one in tenure.spellings)
        }
        return found.pop() if len(found) == 1 else None

    def _is_current(self, tenure: Tenure, record: EntityRecord) -> bool:
        """Return True if a tenure covers the day of publication, or for a former holder has begun before it."""
        if self.published is None:
            return True
        return tenure.since <= self.published if record.former else tenure.covers(self.published)

    def add_office_holder(self, tenure: Tenure, features: MentionFeatures, country: str | None) -> EntityRecord:
        """Return the record of somebody whom the article calls by office alone, under the name in the table."""
        slug = person_slug(tenure.person)
        words = _split_words(tenure.person)
        for record in self.records:
            is_unplaced = record.entity.country is None and tenure.office in record.offices
            if is_unplaced and (record.entity.person_id == slug or record.words & words):
                record.entity = replace(record.entity, country=country)
                self._identify(record)
                return record
            if record.entity.person_id == slug:
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
        """Return the record of somebody known by role only; one role of one country is always the same person."""
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
        """Return the record of several entities at once; it has no members if nobody can tell who they are."""
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
        """Return the record of an organisation by its printed name."""
        key = fold(features.name or "")
        if key not in self._by_key:
            entity = Entity(kind="organization", name=features.name, country=features.country)
            self._by_key[key] = self._add_record(entity, features)
        return self._by_key[key]

    def add_country(self, code: str) -> EntityRecord:
        """Return the record of a country, under the name that the press of the language gives it."""
        if code not in self._by_key:
            entity = Entity(kind="country", name=self.pack.places.country_names.get(code, code), country=code)
            self._by_key[code] = self._add_record(entity)
        return self._by_key[code]

    def note_mention(self, record: EntityRecord, features: MentionFeatures) -> None:
        """Count a mention of an entity and remember where it stands."""
        record.last_seen = features.start
        record.times_seen += 1
        if record.is_person:
            self._seen.pop(record.index, None)
            self._seen[record.index] = record
        if features.token == "COUNTERPART" and features.office:
            record.offices |= {features.office}
        if features.country:
            self.country_mentions[features.country] += 1

    def seen_people(self) -> list[EntityRecord]:
        """Return the people with a name who were spoken of last; the latest comes first."""
        return list(islice(reversed(self._seen.values()), _MOST_RECALLED))

    def _learn_titled(self, titled: Sequence[MentionFeatures]) -> None:
        counts = Counter(mention.name for mention in titled)
        for mention in sorted(titled, key=lambda one: (-len(one.words), -counts[one.name], one.start)):
            matches = self.people_named(mention) or self._find_shorter_forms(mention)
            if not matches:
                self.add_person(mention)
            elif len(matches) == 1:
                self._enrich_person(matches[0], mention)
                self._identify(matches[0])

    def _enrich_person(self, record: EntityRecord, features: MentionFeatures) -> None:
        known = record.words
        _enrich_record(record, features)
        if record.words != known:
            self._names.add(record.index, record.words, record.entity.name or "")

    def _find_shorter_forms(self, features: MentionFeatures) -> list[EntityRecord]:
        """Return people of whom only a shorter name was known so far: a caption tells the full name."""
        sharing = (self.records[place] for place in self._names.find_sharing(features.words))
        return [record for record in sharing if record.words < features.words]

    def _find_home_country(self, features: MentionFeatures) -> str | None:
        """Return the country that an official with a native name serves if the article names none."""
        is_native = features.tradition == self.pack.native_tradition
        is_official = features.office != "person" and features.token not in _BARE_NAMES
        return self.pack.home_country if is_native and is_official else None

    def _add_record(
        self, entity: Entity, features: MentionFeatures | None = None, *, words: frozenset[str] = frozenset()
    ) -> EntityRecord:
        record = EntityRecord(entity, len(self.records), words)
        if features is not None:
            record.tradition, record.former = features.tradition, features.former
            record.offices = _set_of(features.office)
            record.bodies = _set_of(features.body)
        self.records.append(record)
        if words:
            self._names.add(record.index, words, entity.name or "")
        return record


def _enrich_record(record: EntityRecord, features: MentionFeatures) -> None:
    """Add what another mention of the same person says; what was said first stays."""
    record.offices |= _set_of(features.office)
    record.bodies |= _set_of(features.body)
    entity = record.entity
    country = entity.country or features.country
    if features.country and not entity.role:
        country = features.country
    name = entity.name
    if len(features.words) > len(record.words):
        record.words, name = features.words, features.name
    record.entity = replace(
        entity,
        name=name,
        role=entity.role or features.role,
        office=entity.office or features.office,
        organization=entity.organization or features.organization,
        country=country,
        gender=entity.gender or features.gender,
    )


def _set_of(value: str | None) -> frozenset[str]:
    return frozenset({value}) if value else frozenset()


def _split_words(name: str) -> frozenset[str]:
    return frozenset(fold(name).split())


def _is_short_for(features: MentionFeatures, record: EntityRecord) -> bool:
    """Return True if a name is a short form of the record's name, or another spelling of it."""
    full_name = record.entity.name or ""
    if same_person_spelling(features.name or "", full_name):
        return True
    if not features.words < record.words:
        return False
    return record.tradition is None or _is_short_form(features.words, full_name)


def _is_short_form(words: frozenset[str], full_name: str) -> bool:
    """Return True if words can stand for a longer name: several of its words, or only its first or last one."""
    full = fold(full_name).split()
    if not words < set(full):
        return False
    return len(words) > 1 or words in ({full[0]}, {full[-1]})


def _list_short_forms(mention: MentionFeatures) -> Collection[str]:
    """Return the single words that can stand for a full name: the last, or first, if the family name stands there."""
    full = fold(mention.name or "").split()
    return {full[-1]} if mention.tradition is None else {full[0], full[-1]}


def _find_only_country(tenures: Sequence[Tenure]) -> str | None:
    """Return the country of all tenures; None if there is none, or more than one."""
    codes = {tenure.country for tenure in tenures}
    return codes.pop() if len(codes) == 1 else None
