"""The entities of one article, and how often and how lately each was spoken of."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date

from schemas.document import Entity
from tasks.language.folding import fold
from tasks.language.pack import LanguagePack
from tasks.mentions.offices import Offices, Tenure
from tasks.mentions.references import Reference
from tasks.mentions.spelling import person_slug, same_person_spelling

__all__ = ["Known", "Registry"]


@dataclass(slots=True)
class Known:
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


class Registry:
    """Who is known in one article.

    Names are learned first, over the whole article, so that a short name in the lead finds its full form in the body;
    everything else joins in reading order.
    """

    def __init__(self, pack: LanguagePack, offices: Offices, published: date | None) -> None:
        self.pack = pack
        self.offices = offices
        self.published = published
        self.known: list[Known] = []
        self.country_mentions: Counter[str] = Counter()
        self._by_key: dict[str, Known] = {}

    @property
    def entities(self) -> tuple[Entity, ...]:
        """All entities; mentions count positions in here."""
        return tuple(known.entity for known in self.known)

    def learn_names(self, body: Iterable[Reference], margins: Iterable[Reference]) -> None:
        """Read all names of the article: the fullest form of each becomes an entity.

        Args:
            body: References of lead and body; among equally full spellings these are preferred.
            margins: References of headline and captions.
        """
        for references in (body, margins):
            self._learn([ref for ref in references if ref.name and ref.token in ("PERSON", "CPART")])

    def people_named(self, ref: Reference) -> list[Known]:
        """People whom a name can mean: those of exactly that name, else those it is short for or a variant of."""
        exact = [known for known in self.known if known.words == ref.words]
        return exact or [known for known in self.known if known.words and _is_short_for(ref, known)]

    def add_person(self, ref: Reference) -> Known:
        """A person met for the first time; the table of offices tells what the article leaves out."""
        tenures = self.offices.known_as(ref.name or "")
        entity = Entity(
            kind="person",
            name=ref.name,
            person_id=person_slug(tenures[0].person if tenures else ref.name or ""),
            role=ref.role,
            office=ref.office,
            organization=ref.organization,
            country=ref.country or _only_country(tenures) or self._home(ref),
            gender=ref.gender or (tenures[0].gender if tenures else None),
        )
        return self._add(entity, ref, words=ref.words)

    def add_office_holder(self, tenure: Tenure, ref: Reference, country: str | None) -> Known:
        """Somebody whom the article calls by office alone, by the name that the table gives."""
        slug = person_slug(tenure.person)
        words = frozenset(fold(tenure.person).split())
        for known in self.known:
            if known.entity.person_id == slug:
                return known
            if known.entity.country is None and tenure.office in known.offices and known.words & words:
                known.entity = replace(known.entity, country=country)
                return known
        entity = Entity(
            kind="person",
            name=tenure.person,
            person_id=slug,
            role=ref.role,
            office=ref.office,
            country=country,
            gender=tenure.gender,
        )
        return self._add(entity, ref, words=words)

    def add_nameless(self, ref: Reference) -> Known:
        """Somebody known by role only; the same role of the same country is the same one."""
        key = fold(f"{ref.role}|{ref.country}|{ref.plural}")
        if key not in self._by_key:
            entity = Entity(
                kind="unnamed",
                role=ref.role,
                office=ref.office,
                organization=ref.organization,
                country=ref.country,
                gender=ref.gender,
            )
            self._by_key[key] = self._add(entity, ref)
        return self._by_key[key]

    def add_group(self, members: Sequence[Known], ref: Reference) -> Known:
        """Several at once; a group with no members is one that could not be resolved."""
        indices = tuple(known.index for known in members)
        key = f"{indices}|{ref.role}"
        if key not in self._by_key:
            names = "; ".join(known.entity.name or known.entity.role or "" for known in members)
            entity = Entity(kind="group", name=names or None, role=ref.role, office=ref.office, members=indices)
            self._by_key[key] = self._add(entity, ref)
        return self._by_key[key]

    def body(self, ref: Reference) -> Known:
        """An organisation by its printed name."""
        key = fold(ref.name or "")
        if key not in self._by_key:
            entity = Entity(kind="organization", name=ref.name, country=ref.country)
            self._by_key[key] = self._add(entity, ref)
        return self._by_key[key]

    def country(self, code: str) -> Known:
        """A country, under the name that the press of the language gives it."""
        if code not in self._by_key:
            entity = Entity(kind="country", name=self.pack.places.country_names.get(code, code), country=code)
            self._by_key[code] = self._add(entity)
        return self._by_key[code]

    def see(self, known: Known, ref: Reference) -> None:
        """Note that an entity was spoken of."""
        known.last_seen = ref.start
        known.times_seen += 1
        if ref.token == "CPART" and ref.office:
            known.offices |= {ref.office}
        if ref.country:
            self.country_mentions[ref.country] += 1

    def seen_people(self) -> list[Known]:
        """People spoken of so far, the latest first."""
        people = (known for known in self.known if known.entity.kind == "person" and known.last_seen >= 0)
        return sorted(people, key=lambda known: -known.last_seen)

    def _learn(self, titled: Sequence[Reference]) -> None:
        counts = Counter(ref.name for ref in titled)
        for ref in sorted(titled, key=lambda ref: (-len(ref.words), -counts[ref.name], ref.start)):
            matches = self.people_named(ref) or self._short_forms_of(ref)
            if not matches:
                self.add_person(ref)
            for known in matches if len(matches) == 1 else ():
                _enrich(known, ref)

    def _short_forms_of(self, ref: Reference) -> list[Known]:
        """People of whom only a short form was known so far: a caption tells the full name."""
        return [known for known in self.known if known.words and known.words < ref.words]

    def _home(self, ref: Reference) -> str | None:
        """An official with a native name and no country named serves the country of the press that names him."""
        return self.pack.home_country if ref.tradition == "vi" and ref.office != "person" else None

    def _add(self, entity: Entity, ref: Reference | None = None, *, words: frozenset[str] = frozenset()) -> Known:
        known = Known(entity, len(self.known), words)
        if ref is not None:
            known.tradition, known.former = ref.tradition, ref.former
            known.offices = frozenset(filter(None, [ref.office]))
            known.bodies = frozenset(filter(None, [ref.body]))
        self.known.append(known)
        return known


def _enrich(known: Known, ref: Reference) -> None:
    """Add what another mention of the same person says; what was said first stays."""
    known.offices |= frozenset(filter(None, [ref.office]))
    known.bodies |= frozenset(filter(None, [ref.body]))
    entity = known.entity
    fuller = len(ref.words) > len(known.words)
    known.words = ref.words if fuller else known.words
    known.entity = replace(
        entity,
        name=ref.name if fuller else entity.name,
        role=entity.role or ref.role,
        office=entity.office or ref.office,
        organization=entity.organization or ref.organization,
        country=ref.country if ref.country and not entity.role else entity.country or ref.country,
        gender=entity.gender or ref.gender,
    )


def _is_short_for(ref: Reference, known: Known) -> bool:
    """Whether a name is a short form or another spelling of a known one."""
    full_name = known.entity.name or ""
    if same_person_spelling(ref.name or "", full_name):
        return True
    if not ref.words < known.words:
        return False
    if known.tradition is None or len(ref.words) > 1:
        return True
    full = fold(full_name).split()
    return ref.words in ({full[0]}, {full[-1]})


def _only_country(tenures: Sequence[Tenure]) -> str | None:
    codes = {tenure.country for tenure in tenures}
    return codes.pop() if len(codes) == 1 else None
