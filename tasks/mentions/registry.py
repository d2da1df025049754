"""Who is who inside one article: names become entities, everything else that refers is resolved to one of them.

Deterministic and careful: what fits nobody, or more than one, stays unresolved. Names are read first, over the
whole article, so that a short name in the lead finds its full form in the body; roles, pronouns and groups are
then resolved in reading order.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date

from schemas.document import Entity, Mention
from schemas.meetings import Certainty
from tasks.language.folding import fold
from tasks.language.pack import LanguagePack
from tasks.mentions.offices import Offices
from tasks.mentions.references import Reference
from tasks.mentions.spelling import person_slug, same_person_spelling

__all__ = ["LEADERS", "Registry"]

LEADERS = ("head-of-state", "party-leader", "head-of-government", "secretary-general", "crown-prince", "leader")
"""Offices whose holders the press calls "nhà lãnh đạo"."""
_EPITHETS: dict[str, tuple[str, ...]] = {
    "leader": LEADERS,
    "diplomat": (
        "foreign-minister",
        "diplomat",
        "ambassador",
        "minister",
        "high-representative",
        "spokesperson",
        "envoy",
    ),
}


@dataclass(slots=True)
class _Known:
    """An entity in the making."""

    entity: Entity
    words: frozenset[str]
    tradition: str | None
    last_seen: int = -1
    offices: frozenset[str] = frozenset()
    former: bool = False
    bodies: frozenset[str] = frozenset()
    times_seen: int = 0


class Registry:
    """The entities of one article, and who was spoken of last."""

    def __init__(self, pack: LanguagePack, offices: Offices, published: date | None) -> None:
        self._pack = pack
        self._offices = offices
        self._published = published
        self._known: list[_Known] = []
        self._bodies: dict[str, int] = {}
        self._subject: int | None = None
        self._last_body: int | None = None
        self._countries: Counter[str] = Counter()

    @property
    def entities(self) -> tuple[Entity, ...]:
        """All entities, in order of first reading."""
        return tuple(known.entity for known in self._known)

    # ── names ────────────────────────────────────────────────────────────────────────────────────────────────

    def learn_names(self, body: Iterable[Reference], margins: Iterable[Reference]) -> None:
        """Read all names of the article: the fullest form of each becomes an entity.

        Args:
            body: References of lead and body; among equally full spellings these are preferred.
            margins: References of headline and captions.
        """
        for references in (body, margins):
            self._learn([ref for ref in references if ref.name and ref.token in ("PERSON", "CPART")])

    def _learn(self, titled: Sequence[Reference]) -> None:
        counts = Counter(ref.name for ref in titled)
        for ref in sorted(titled, key=lambda ref: (-len(_words(ref)), -counts[ref.name], ref.start)):
            matches = self._by_name(ref) or self._by_longer_name(ref)
            if not matches:
                self._add_person(ref)
            for known in matches if len(matches) == 1 else ():
                self._enrich(known, ref)

    def _by_name(self, ref: Reference) -> list[_Known]:
        words = _words(ref)
        exact = [known for known in self._known if known.words == words]
        return exact or [known for known in self._known if known.words and _is_short_for(words, ref, known)]

    def _by_longer_name(self, ref: Reference) -> list[_Known]:
        """People of whom only a short form was known so far: the caption tells the full name."""
        words = _words(ref)
        return [known for known in self._known if known.words and known.words < words]

    def _add_person(self, ref: Reference) -> int:
        assert ref.name is not None
        tenures = self._offices.known_as(ref.name)
        entity = Entity(
            kind="person",
            name=ref.name,
            person_id=person_slug(tenures[0].person if tenures else ref.name),
            role=ref.role,
            office=ref.office,
            organization=ref.organization,
            country=ref.country or (_current(tenures, self._published) if tenures else None) or self._home(ref),
            gender=ref.gender or (tenures[0].gender if tenures else None),
        )
        return self._add(
            _Known(
                entity, _words(ref), ref.tradition, offices=_offices_of(ref), former=ref.former, bodies=_bodies_of(ref)
            )
        )

    def _home(self, ref: Reference) -> str | None:
        """An official with a native name and no country named serves the country of the press that names him."""
        return self._pack.home_country if ref.tradition == "vi" and ref.office != "person" else None

    def _enrich(self, known: _Known, ref: Reference) -> None:
        entity = known.entity
        known.offices |= _offices_of(ref)
        known.bodies |= _bodies_of(ref)
        if ref.country and entity.country not in (None, ref.country) and not entity.role:
            entity = replace(entity, country=ref.country)
        if len(_words(ref)) > len(known.words):
            known.words = _words(ref)
            entity = replace(entity, name=ref.name)
        known.entity = replace(
            entity,
            role=entity.role or ref.role,
            office=entity.office or ref.office,
            organization=entity.organization or ref.organization,
            country=entity.country or ref.country,
            gender=entity.gender or ref.gender,
        )

    def _add(self, known: _Known) -> int:
        self._known.append(known)
        return len(self._known) - 1

    # ── reading order ─────────────────────────────────────────────────────────────────────────────────────────

    def resolve(self, ref: Reference, here: int | None) -> Mention | None:
        """What a reference stands for.

        Args:
            ref: The reference.
            here: Entity that is the subject of the sentence so far, if any.

        Returns:
            None for a name that nobody introduced, and for a pronoun that fits nobody.
        """
        found = self._find(ref, here)
        if found is None:
            return None
        index, certainty = found
        self._known[index].last_seen = ref.start
        self._known[index].times_seen += 1
        if ref.country:
            self._countries[ref.country] += 1
        if ref.token in ("ORG", "ORGPRON"):
            self._last_body = index
        return Mention(ref.start, ref.end, index, certainty)

    def note_subject(self, index: int | None) -> None:
        """Who a sentence was about, or who spoke in it: the next pronoun means him."""
        if index is not None and self._known[index].entity.kind in ("person", "unnamed"):
            self._subject = index

    def index_of(self, entity: Entity) -> int:
        """Position of an entity."""
        return next(index for index, known in enumerate(self._known) if known.entity is entity)

    def _find(self, ref: Reference, here: int | None) -> tuple[int, Certainty] | None:
        if ref.name and ref.kind == "person":
            return self._find_named(ref)
        if ref.token == "CPART":
            return self._find_counterpart(ref, here)
        if ref.token == "PRON":
            return self._find_pronoun(ref, here)
        if ref.token in ("GROUP", "BOTH"):
            return self._find_group(ref)
        if ref.token == "ROLEPAIR":
            return self._add_group([self._role_holder(ref, country) for country in ref.countries], ref), "resolved"
        if ref.kind == "unnamed":
            return self._find_role(ref)
        return self._find_body(ref)

    def _find_named(self, ref: Reference) -> tuple[int, Certainty] | None:
        matches = self._by_name(ref)
        agreeing = [k for k in matches if not ref.country or k.entity.country in (None, ref.country)] or matches
        if agreeing:
            best = max(agreeing, key=lambda known: known.last_seen)
            return self._known.index(best), "explicit"
        if ref.token in ("FNAME", "NNAME"):
            return None
        return self._add_person(ref), "explicit"

    def _find_counterpart(self, ref: Reference, here: int | None) -> tuple[int, Certainty] | None:
        """ "Người đồng cấp Nga": the office of the one spoken of, in another country."""
        other = (
            self._known[here if here is not None else self._subject].entity
            if (here is not None or self._subject is not None)
            else None
        )
        if other is None or not ref.country:
            return None
        role = replace(ref, role=other.role, office=other.office)
        return self._role_holder(role, ref.country), "resolved"

    def _find_pronoun(self, ref: Reference, here: int | None) -> tuple[int, Certainty] | None:
        for index in (here, self._subject):
            if index is not None and self._fits(index, ref):
                return index, "resolved"
        people = [
            i for i, known in enumerate(self._known) if known.last_seen >= 0 and known.entity.gender == ref.gender
        ]
        if ref.gender and people:
            return max(people, key=lambda i: self._known[i].last_seen), "inferred"
        return None

    def _fits(self, index: int, ref: Reference) -> bool:
        entity = self._known[index].entity
        return entity.kind in ("person", "unnamed") and (not ref.gender or entity.gender in (None, ref.gender))

    def _find_group(self, ref: Reference) -> tuple[int, Certainty] | None:
        """ "Hai ngoại trưởng", "hai bên": the last two people of that office, or the last two at all, of two countries."""
        if ref.token == "BOTH" and ref.of_countries:
            codes = [
                known.entity.country
                for known in sorted(self._known, key=lambda k: -k.last_seen)
                if known.entity.kind == "country" and known.last_seen >= 0
            ]
            if len(codes) >= 2:
                return self._add_group([self._country(code) for code in codes[:2] if code], ref), "resolved"
        seen = sorted(
            (k for k in self._known if k.last_seen >= 0 and k.entity.kind == "person"), key=lambda k: -k.last_seen
        )
        if ref.office == "leader" and ref.token == "GROUP" and "người" not in (ref.role or "") and ref.plural is False:
            return self._add_nameless(ref), "explicit"
        office = ref.office if ref.office not in (None, "politician") else None
        wanted = set(_EPITHETS.get(office or "", (office,)))
        fitting = [known for known in seen if not office or wanted & known.offices]
        if office:
            fitting.sort(key=lambda known: -known.times_seen)
        members: list[_Known] = []
        for known in fitting:
            if all(known.entity.country != member.entity.country for member in members):
                members.append(known)
        if len(members) < 2 and ref.token == "GROUP" and office and len(self._countries) > 1:
            pair_of_roles = [
                self._role_holder(replace(ref, plural=False), code) for code, _ in self._countries.most_common(2)
            ]
            return self._add_group(pair_of_roles, ref), "inferred"
        if len(members) < 2 or (ref.token == "GROUP" and ref.made_of_bodies):
            return (
                self._add(_Known(Entity(kind="group", role=ref.role, office=ref.office), frozenset(), None)),
                "inferred",
            )
        pair = sorted((self._known.index(known) for known in members[:2]))
        return self._add_group(pair, ref), "resolved"

    def _add_group(self, members: Sequence[int], ref: Reference) -> int:
        names = [self._known[i].entity.name or self._known[i].entity.role or "" for i in members]
        entity = Entity(kind="group", name="; ".join(names), role=ref.role, office=ref.office, members=tuple(members))
        return self._add(_Known(entity, frozenset(), None))

    def _find_role(self, ref: Reference) -> tuple[int, Certainty] | None:
        if ref.of_that_body and self._last_body is not None:
            body = self._known[self._last_body].entity
            words = (ref.role or "").split()[:-2]
            return self._add_nameless(
                replace(ref, role=" ".join([*words, body.name or ""]), country=body.country)
            ), "resolved"
        if ref.token == "UNNAMED" or ref.plural or ref.office in (None, "official"):
            return self._add_nameless(ref), "explicit"
        if ref.office == "person":
            return (self._subject, "inferred") if self._subject is not None else (self._add_nameless(ref), "explicit")
        if ref.country:
            return self._role_holder(ref, ref.country), "resolved"
        holders = [k for k in self._known if k.entity.kind == "person" and ref.office in k.offices and k.last_seen >= 0]
        if ref.body:
            holders = [k for k in holders if ref.body in k.bodies]
            if not holders and ref.office and self._published and not ref.former:
                tenure = self._offices.holder(ref.office, ref.body, self._published)
                if tenure:
                    return self._by_table(tenure.person, tenure.gender, ref, None), "resolved"
        elif ref.organization:
            holders = [k for k in holders if k.entity.organization == ref.organization] or (
                [k for k in holders if k.former] if ref.former else []
            )
        if holders:
            return self._known.index(max(holders, key=lambda known: known.last_seen)), "resolved"
        return self._add_nameless(ref), "explicit"

    def _role_holder(self, ref: Reference, country: str) -> int:
        """The one who holds an office of a country: in the article, else by the table of offices, else nameless."""
        wanted = _EPITHETS.get(ref.office or "", (ref.office,))
        if not ref.former:
            holders = [
                k
                for k in self._known
                if k.entity.kind == "person" and k.entity.country == country and k.offices & set(wanted)
            ]
            if ref.office in (None, "spokesperson", "ambassador", "envoy", "minister", "chief", "politician", "party"):
                holders = [k for k in holders if k.entity.role and ref.role and _same_role(k.entity.role, ref.role)]
            names = {known.entity.name for known in holders}
            if holders and (len(names) == 1 or ref.office in _EPITHETS):
                return self._known.index(max(holders, key=lambda known: known.last_seen))
            if not holders and ref.office and self._published:
                tenure = self._offices.holder(ref.office, country, self._published)
                if tenure:
                    return self._by_table(tenure.person, tenure.gender, ref, country)
        return self._add_nameless(replace(ref, country=country))

    def _by_table(self, person: str, gender: str | None, ref: Reference, country: str | None) -> int:
        slug = person_slug(person)
        for index, known in enumerate(self._known):
            if known.entity.person_id == slug:
                return index
        entity = Entity(
            kind="person", name=person, person_id=slug, role=ref.role, office=ref.office, country=country, gender=gender
        )
        return self._add(_Known(entity, frozenset(fold(person).split()), None, offices=_offices_of(ref)))

    def _add_nameless(self, ref: Reference) -> int:
        key = fold(f"{ref.role}|{ref.country}")
        if key in self._bodies and not ref.plural:
            return self._bodies[key]
        entity = Entity(
            kind="unnamed",
            role=ref.role,
            office=ref.office,
            organization=ref.organization,
            country=ref.country,
            gender=ref.gender,
        )
        self._bodies[key] = self._add(_Known(entity, frozenset(), None, offices=_offices_of(ref)))
        return self._bodies[key]

    def _find_body(self, ref: Reference) -> tuple[int, Certainty] | None:
        if ref.token == "ORGPRON":
            return (self._last_body, "resolved") if self._last_body is not None else None
        if ref.token == "COUNTRYPRON":
            return None
        if len(ref.countries) > 1:
            members = [self._country(code) for code in ref.countries]
            return self._add_group(members, ref), "explicit"
        if ref.kind == "country":
            return (self._country(ref.country), "explicit") if ref.country else None
        assert ref.name is not None
        if (index := self._bodies.get(fold(ref.name))) is None:
            entity = Entity(kind="organization", name=ref.name, country=ref.country)
            index = self._bodies[fold(ref.name)] = self._add(_Known(entity, frozenset(), None))
        return index, "explicit"

    def _country(self, code: str) -> int:
        if (index := self._bodies.get(code)) is None:
            entity = Entity(kind="country", name=self._pack.places.country_names.get(code, code), country=code)
            index = self._bodies[code] = self._add(_Known(entity, frozenset(), None))
        return index


def _words(ref: Reference) -> frozenset[str]:
    return frozenset(fold(ref.name or "").replace(".", " ").split())


def _offices_of(ref: Reference) -> frozenset[str]:
    return frozenset({ref.office}) if ref.office else frozenset()


def _bodies_of(ref: Reference) -> frozenset[str]:
    return frozenset({ref.body}) if ref.body else frozenset()


def _is_short_for(words: frozenset[str], ref: Reference, known: _Known) -> bool:
    """Whether a name is a short or another spelling of a known one."""
    assert known.entity.name is not None
    if same_person_spelling(ref.name or "", known.entity.name):
        return True
    if not words < known.words:
        return False
    if known.tradition is None or len(words) > 1:
        return True
    full = fold(known.entity.name).split()
    called = full[-1] if known.tradition == "vi" else full[0]
    return words == {called} or words == {full[0]} or words == {full[-1]}


def _same_role(a: str, b: str) -> bool:
    return fold(a) == fold(b) or fold(a).startswith(fold(b)) or fold(b).startswith(fold(a))


def _current(tenures: Sequence[object], published: date | None) -> str | None:
    codes = {getattr(tenure, "country") for tenure in tenures}
    return codes.pop() if len(codes) == 1 else None
