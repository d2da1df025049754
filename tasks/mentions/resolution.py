"""Who is who: what a role, a pronoun, a group or a short name stands for, at its place in the article.

Deterministic and careful: what fits nobody, or cannot be told, stays unresolved.
"""

from collections.abc import Callable, Mapping
from itertools import takewhile

from schemas.document import Mention
from schemas.meetings import Certainty
from tasks.language.folding import fold
from tasks.mentions.offices import Tenure
from tasks.mentions.references import Reference
from tasks.mentions.registry import Known, Registry

__all__ = ["Resolver"]

_LEADERS = ("head-of-state", "party-leader", "head-of-government", "secretary-general", "crown-prince", "leader")
_EPITHETS: Mapping[str, tuple[str, ...]] = {
    "leader": _LEADERS,
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
"""Offices whose holders the press also calls "nhà lãnh đạo", "nhà ngoại giao kỳ cựu"."""
_SHARED_OFFICES = frozenset({None, "spokesperson", "ambassador", "envoy", "minister", "chief", "politician", "party"})
"""Offices that several people of one country hold at once: the role must agree in words as well."""

_DUTY_WORDS = 4
"""Words by which two roles are told apart: "Bộ trưởng Nông nghiệp"."""

_Found = tuple[Known, Certainty] | None


class Resolver:
    """Resolves the references of one article in reading order."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        self._subject: Known | None = None
        self._last_body: Known | None = None
        self._finders: Mapping[str, Callable[[Reference, Known | None], _Found]] = {
            "CPART": self._counterpart,
            "PRON": self._pronoun,
            "ME": self._speaking,
            "GROUP": self._group,
            "BOTH": self._both,
            "ROLEPAIR": self._role_pair,
            "UNNAMED": self._nameless,
            "ROLE": self._role,
            "ROLEC": self._role,
            "ORGPRON": self._that_body,
            "COUNTRYPRON": lambda _, __: None,
        }

    def resolve(self, ref: Reference, subject: int | None) -> Mention | None:
        """What a reference stands for.

        Args:
            ref: The reference.
            subject: Entity that is the subject of the sentence so far, if any; for "tôi", who speaks.

        Returns:
            None for a name that nobody introduced, and for a pronoun that fits nobody.
        """
        here = self._registry.known[subject] if subject is not None else None
        ref = self._in_office(ref, here)
        if ref.name and ref.kind == "person":
            found = self._named(ref)
        else:
            found = self._finders.get(ref.token, self._body)(ref, here)
        if found is None:
            return None
        known, certainty = found
        if ref.token != "ME":
            self._registry.see(known, ref)
        if known.entity.kind == "organization":
            self._last_body = known
        return Mention(ref.start, ref.end, known.index, certainty)

    def note_subject(self, *found: int | None) -> None:
        """Who spoke in a sentence, else whom it was about: the first of them who is a person is the next pronoun."""
        people = (self._registry.known[index] for index in found if index is not None)
        self._subject = next((one for one in people if one.entity.kind in ("person", "unnamed")), self._subject)

    def _named(self, ref: Reference) -> _Found:
        matches = self._registry.people_named(ref)
        agreeing = [known for known in matches if not ref.country or known.entity.country in (None, ref.country)]
        if len(matches) > 1 and ref.token in ("FNAME", "NNAME"):
            return None
        if matches:
            return max(agreeing or matches, key=lambda known: known.last_seen), "explicit"
        if ref.token in ("FNAME", "NNAME"):
            return None
        return self._registry.add_person(ref), "explicit"

    def _in_office(self, ref: Reference, here: Known | None) -> Reference:
        """Reads “người đồng cấp Nga X”: X holds the office of the one spoken of."""
        other = here or self._subject
        named = ref.token == "CPART" and ref.name
        return ref._replace(office=other.entity.office) if named and other else ref

    def _counterpart(self, ref: Reference, here: Known | None) -> _Found:
        """Reads “Người đồng cấp Nga”: the office of the one spoken of, in another country."""
        other = here or self._subject
        if other is None or not ref.country:
            return None
        role = ref._replace(role=self._role_in(other.entity.role, ref.country), office=other.entity.office)
        return self._holder(role, ref.country), "resolved"

    def _role_in(self, role: str | None, country: str) -> str | None:
        """The role that names the same office in another country: "Ngoại trưởng Bỉ" from "Ngoại trưởng Áo"."""
        places = self._registry.pack.places
        words = (role or "").split()
        for first in range(1, len(words)):
            if fold(" ".join(words[first:])) in places.countries:
                return " ".join([*words[:first], places.country_names[country]])
        return role

    def _pronoun(self, ref: Reference, here: Known | None) -> _Found:
        for known in (here, self._subject):
            if known is not None and known.entity.kind in ("person", "unnamed") and _same_gender(known, ref):
                return known, "resolved"
        fitting = [known for known in self._registry.seen_people() if ref.gender and known.entity.gender == ref.gender]
        return (fitting[0], "inferred") if fitting else None

    def _speaking(self, _: Reference, here: Known | None) -> _Found:
        """Reads “X viết: "Tôi vừa gặp Y"”: I am the one who speaks."""
        return (here, "resolved") if here is not None and here.entity.kind == "person" else None

    def _both(self, ref: Reference, _: Known | None) -> _Found:
        """Reads “hai nước”: the two countries spoken of last; “hai bên”: the two people."""
        if not ref.of_countries:
            return self._group(ref, None)
        countries = [k for k in self._registry.known if k.entity.kind == "country" and k.last_seen >= 0]
        latest = sorted(countries, key=lambda known: -known.last_seen)[:2]
        if len(latest) < 2:
            return self._registry.add_group([], ref), "inferred"
        return self._registry.add_group(latest, ref), "resolved"

    def _group(self, ref: Reference, _: Known | None) -> _Found:
        """Reads “hai ngoại trưởng”: the two of that office spoken of most, from two countries."""
        people = self._registry.seen_people()
        office = ref.office if ref.office != "politician" else None
        if office:
            wanted = set(_EPITHETS.get(office, (office,)))
            people = [known for known in people if wanted & known.offices]
        people.sort(key=lambda known: -known.times_seen)
        pair = _of_two_countries(people)
        if len(pair) == 2 and not ref.collective:
            return self._registry.add_group(sorted(pair, key=lambda known: known.index), ref), "resolved"
        codes = [code for code, _ in self._registry.country_mentions.most_common(2)]
        if len(pair) < 2 and ref.token == "GROUP" and office and office not in _EPITHETS and len(codes) == 2:
            holders = [self._holder(ref._replace(plural=False), code) for code in codes]
            return self._registry.add_group(holders, ref), "inferred"
        return self._registry.add_group([], ref), "inferred"

    def _role_pair(self, ref: Reference, _: Known | None) -> _Found:
        return self._registry.add_group([self._holder(ref, code) for code in ref.countries], ref), "resolved"

    def _nameless(self, ref: Reference, _: Known | None) -> _Found:
        return self._registry.add_nameless(ref), "explicit"

    def _role(self, ref: Reference, here: Known | None) -> _Found:
        if ref.of_that_body and self._last_body is not None:
            body = self._last_body.entity
            role = " ".join([*(ref.role or "").split()[:-2], body.name or ""])
            return self._registry.add_nameless(ref._replace(role=role, country=body.country)), "resolved"
        if ref.plural or ref.office in (None, "official"):
            return self._nameless(ref, here)
        if ref.office == "person":
            return (self._subject, "inferred") if self._subject else self._nameless(ref, here)
        if ref.country:
            return self._holder(ref, ref.country), "resolved"
        return self._role_without_country(ref)

    def _role_without_country(self, ref: Reference) -> _Found:
        holders = [known for known in self._registry.seen_people() if ref.office in known.offices]
        if ref.body:
            holders = [known for known in holders if ref.body in known.bodies]
        elif ref.organization:
            same_body = [known for known in holders if known.entity.organization == ref.organization]
            holders = same_body or ([known for known in holders if known.former] if ref.former else [])
        if holders:
            # "Thủ tướng" is the one who was called so, rather than "Thủ tướng Áo".
            called_so = (known for known in holders if known.entity.role == ref.role)
            return next(called_so, holders[0]), "resolved"
        if ref.body and (tenure := self._tenure(ref, ref.body)):
            return self._registry.add_office_holder(tenure, ref, None), "resolved"
        return self._registry.add_nameless(ref), "explicit"

    def _holder(self, ref: Reference, country: str) -> Known:
        """The one who holds an office of a country: in the article, else by the table of offices, else nameless."""
        if not ref.former:
            wanted = set(_EPITHETS.get(ref.office or "", (ref.office,)))
            holders = [k for k in self._registry.known if k.entity.country == country and k.offices & wanted]
            holders = [known for known in holders if known.entity.kind == "person" and not known.former]
            if ref.office in _SHARED_OFFICES:
                holders = [
                    known for known in holders if _same_duty(known.entity.role, ref.role) or _same_body(known, ref)
                ]
            if holders and (len({known.entity.name for known in holders}) == 1 or ref.office in _EPITHETS):
                return max(holders, key=lambda known: known.last_seen)
            if not holders and (tenure := self._tenure(ref, country)):
                return self._registry.add_office_holder(tenure, ref, country)
            if ref.office == "leader" and (leader := self._most_told_of(country)):
                return leader
        return self._registry.add_nameless(ref._replace(country=country))

    def _most_told_of(self, country: str) -> Known | None:
        """Whom “nhà lãnh đạo Nga” means of those who are only called "Chủ tịch Nga": the one the article names most."""
        people = (known for known in self._registry.seen_people() if known.entity.country == country)
        return max((k for k in people if "chief" in k.offices), key=lambda known: known.times_seen, default=None)

    def _tenure(self, ref: Reference, country: str) -> Tenure | None:
        if ref.former or ref.office is None or self._registry.published is None:
            return None
        return self._registry.offices.holder(ref.office, country, self._registry.published)

    def _that_body(self, _: Reference, __: Known | None) -> _Found:
        return (self._last_body, "resolved") if self._last_body else None

    def _body(self, ref: Reference, _: Known | None) -> _Found:
        if len(ref.countries) > 1:
            return self._registry.add_group([self._registry.country(code) for code in ref.countries], ref), "explicit"
        if ref.kind == "country":
            return (self._registry.country(ref.country), "explicit") if ref.country else None
        return self._registry.body(ref), "explicit"


def _same_gender(known: Known, ref: Reference) -> bool:
    return not ref.gender or known.entity.gender in (None, ref.gender)


def _same_body(known: Known, ref: Reference) -> bool:
    """Whether both speak for one body: "người phát ngôn Điện Kremlin", "phát ngôn viên Điện Kremlin"."""
    speaks = ref.office == "spokesperson" and ref.organization is not None
    return speaks and known.entity.organization == ref.organization


def _same_duty(a: str | None, b: str | None) -> bool:
    """Whether two roles begin alike, whatever country they end in: "Bộ trưởng Nông nghiệp Bỉ", "… Kenya"."""
    first, second = ((role or "").casefold().split() for role in (a, b))
    shared = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(first, second, strict=False)))
    return shared >= min(_DUTY_WORDS, len(first), len(second)) > 0


def _of_two_countries(people: list[Known]) -> list[Known]:
    pair: list[Known] = []
    for known in people:
        if all(known.entity.country != other.entity.country for other in pair):
            pair.append(known)
    return pair[:2]
