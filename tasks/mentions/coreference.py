"""Who is who: what a role, a pronoun, a group or a short name stands for, at its place in the article.

Deterministic and careful: what fits nobody, or cannot be told, stays unresolved.
"""

from collections.abc import Callable, Mapping
from itertools import takewhile

from schemas.document import Mention
from schemas.meetings import Certainty
from tasks.language.folding import fold
from tasks.mentions.features import MentionFeatures
from tasks.mentions.offices import Tenure
from tasks.mentions.registry import EntityRecord, EntityRegistry

__all__ = ["CoreferenceResolver"]

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

_Found = tuple[EntityRecord, Certainty] | None


class CoreferenceResolver:
    """Resolves the references of one article in reading order."""

    def __init__(self, registry: EntityRegistry) -> None:
        self._registry = registry
        self._subject: EntityRecord | None = None
        self._last_body: EntityRecord | None = None
        self._finders: Mapping[str, Callable[[MentionFeatures, EntityRecord | None], _Found]] = {
            "CPART": self._find_counterpart,
            "PRON": self._find_pronoun,
            "ME": self._find_speaking,
            "GROUP": self._find_group,
            "BOTH": self._find_both,
            "ROLEPAIR": self._find_role_pair,
            "UNNAMED": self._find_nameless,
            "ROLE": self._find_role,
            "ROLEC": self._find_role,
            "ORGPRON": self._find_that_body,
            "COUNTRYPRON": lambda _, __: None,
        }

    def resolve(self, features: MentionFeatures, subject: int | None) -> Mention | None:
        """What a reference stands for.

        Args:
            features: What the words say.
            subject: Entity that is the subject of the sentence so far, if any; for "tôi", who speaks.

        Returns:
            None for a name that nobody introduced, and for a pronoun that fits nobody.
        """
        here = self._registry.records[subject] if subject is not None else None
        features = self._with_office(features, here)
        if features.name and features.kind == "person":
            found = self._find_named(features)
        else:
            found = self._finders.get(features.token, self._find_body)(features, here)
        if found is None:
            return None
        record, certainty = found
        if features.token != "ME":
            self._registry.note_mention(record, features)
        if record.entity.kind == "organization":
            self._last_body = record
        return Mention(features.start, features.end, record.index, certainty)

    def note_subject(self, *found: int | None) -> None:
        """Who spoke in a sentence, else whom it was about: the first of them who is a person is the next pronoun."""
        people = (self._registry.records[index] for index in found if index is not None)
        self._subject = next((one for one in people if one.entity.kind in ("person", "unnamed")), self._subject)

    def _find_named(self, features: MentionFeatures) -> _Found:
        matches = self._registry.people_named(features)
        agreeing = [
            record for record in matches if not features.country or record.entity.country in (None, features.country)
        ]
        if len(matches) > 1 and features.token in ("FNAME", "NNAME"):
            return None
        if matches:
            return max(agreeing or matches, key=lambda record: record.last_seen), "explicit"
        if features.token in ("FNAME", "NNAME"):
            return None
        return self._registry.add_person(features), "explicit"

    def _with_office(self, features: MentionFeatures, here: EntityRecord | None) -> MentionFeatures:
        """Reads “người đồng cấp Nga X”: X holds the office of the one spoken of."""
        other = here or self._subject
        named = features.token == "CPART" and features.name
        return features._replace(office=other.entity.office) if named and other else features

    def _find_counterpart(self, features: MentionFeatures, here: EntityRecord | None) -> _Found:
        """Reads “Người đồng cấp Nga”: the office of the one spoken of, in another country."""
        other = here or self._subject
        if other is None or not features.country:
            return None
        role = features._replace(
            role=self._translate_role(other.entity.role, features.country), office=other.entity.office
        )
        return self._find_holder(role, features.country), "resolved"

    def _translate_role(self, role: str | None, country: str) -> str | None:
        """The role that names the same office in another country: "Ngoại trưởng Bỉ" from "Ngoại trưởng Áo"."""
        places = self._registry.pack.places
        words = (role or "").split()
        for first in range(1, len(words)):
            if fold(" ".join(words[first:])) in places.countries:
                return " ".join([*words[:first], places.country_names[country]])
        return role

    def _find_pronoun(self, features: MentionFeatures, here: EntityRecord | None) -> _Found:
        for record in (here, self._subject):
            if (
                record is not None
                and record.entity.kind in ("person", "unnamed")
                and _has_same_gender(record, features)
            ):
                return record, "resolved"
        fitting = [
            record
            for record in self._registry.seen_people()
            if features.gender and record.entity.gender == features.gender
        ]
        return (fitting[0], "inferred") if fitting else None

    def _find_speaking(self, _: MentionFeatures, here: EntityRecord | None) -> _Found:
        """Reads “X viết: "Tôi vừa gặp Y"”: I am the one who speaks."""
        return (here, "resolved") if here is not None and here.entity.kind == "person" else None

    def _find_both(self, features: MentionFeatures, _: EntityRecord | None) -> _Found:
        """Reads “hai nước”: the two countries spoken of last; “hai bên”: the two people."""
        if not features.of_countries:
            return self._find_group(features, None)
        countries = [k for k in self._registry.records if k.entity.kind == "country" and k.last_seen >= 0]
        latest = sorted(countries, key=lambda record: -record.last_seen)[:2]
        if len(latest) < 2:
            return self._registry.add_group([], features), "inferred"
        return self._registry.add_group(latest, features), "resolved"

    def _find_group(self, features: MentionFeatures, _: EntityRecord | None) -> _Found:
        """Reads “hai ngoại trưởng”: the two of that office spoken of most, from two countries."""
        people = self._registry.seen_people()
        office = features.office if features.office != "politician" else None
        if office:
            wanted = set(_EPITHETS.get(office, (office,)))
            people = [record for record in people if wanted & record.offices]
        people.sort(key=lambda record: -record.times_seen)
        pair = _pick_two_countries(people)
        if len(pair) == 2 and not features.collective:
            return self._registry.add_group(sorted(pair, key=lambda record: record.index), features), "resolved"
        codes = [code for code, _ in self._registry.country_mentions.most_common(2)]
        if len(pair) < 2 and features.token == "GROUP" and office and office not in _EPITHETS and len(codes) == 2:
            holders = [self._find_holder(features._replace(plural=False), code) for code in codes]
            return self._registry.add_group(holders, features), "inferred"
        return self._registry.add_group([], features), "inferred"

    def _find_role_pair(self, features: MentionFeatures, _: EntityRecord | None) -> _Found:
        return self._registry.add_group(
            [self._find_holder(features, code) for code in features.countries], features
        ), "resolved"

    def _find_nameless(self, features: MentionFeatures, _: EntityRecord | None) -> _Found:
        return self._registry.add_nameless(features), "explicit"

    def _find_role(self, features: MentionFeatures, here: EntityRecord | None) -> _Found:
        if features.of_that_body and self._last_body is not None:
            body = self._last_body.entity
            role = " ".join([*(features.role or "").split()[:-2], body.name or ""])
            return self._registry.add_nameless(features._replace(role=role, country=body.country)), "resolved"
        if features.plural or features.office in (None, "official"):
            return self._find_nameless(features, here)
        if features.office == "person":
            return (self._subject, "inferred") if self._subject else self._find_nameless(features, here)
        if features.country:
            return self._find_holder(features, features.country), "resolved"
        return self._find_role_without_country(features)

    def _find_role_without_country(self, features: MentionFeatures) -> _Found:
        holders = [record for record in self._registry.seen_people() if features.office in record.offices]
        if features.body:
            holders = [record for record in holders if features.body in record.bodies]
        elif features.organization:
            same_body = [record for record in holders if record.entity.organization == features.organization]
            holders = same_body or ([record for record in holders if record.former] if features.former else [])
        if holders:
            # "Thủ tướng" is the one who was called so, rather than "Thủ tướng Áo".
            called_so = (record for record in holders if record.entity.role == features.role)
            return next(called_so, holders[0]), "resolved"
        if features.body and (tenure := self._find_tenure(features, features.body)):
            return self._registry.add_office_holder(tenure, features, None), "resolved"
        return self._registry.add_nameless(features), "explicit"

    def _find_holder(self, features: MentionFeatures, country: str) -> EntityRecord:
        """The one who holds an office of a country: in the article, else by the table of offices, else nameless."""
        if not features.former:
            wanted = set(_EPITHETS.get(features.office or "", (features.office,)))
            holders = [k for k in self._registry.records if k.entity.country == country and k.offices & wanted]
            holders = [record for record in holders if record.entity.kind == "person" and not record.former]
            if features.office in _SHARED_OFFICES:
                holders = [
                    record
                    for record in holders
                    if _has_same_duty(record.entity.role, features.role) or _has_same_body(record, features)
                ]
            if holders and (len({record.entity.name for record in holders}) == 1 or features.office in _EPITHETS):
                return max(holders, key=lambda record: record.last_seen)
            if not holders and (tenure := self._find_tenure(features, country)):
                return self._registry.add_office_holder(tenure, features, country)
            if features.office == "leader" and (leader := self._find_most_mentioned(country)):
                return leader
        return self._registry.add_nameless(features._replace(country=country))

    def _find_most_mentioned(self, country: str) -> EntityRecord | None:
        """Whom “nhà lãnh đạo Nga” means of those who are only called "Chủ tịch Nga": the one the article names most."""
        people = (record for record in self._registry.seen_people() if record.entity.country == country)
        return max((k for k in people if "chief" in k.offices), key=lambda record: record.times_seen, default=None)

    def _find_tenure(self, features: MentionFeatures, country: str) -> Tenure | None:
        if features.former or features.office is None or self._registry.published is None:
            return None
        return self._registry.offices.holder(features.office, country, self._registry.published)

    def _find_that_body(self, _: MentionFeatures, __: EntityRecord | None) -> _Found:
        return (self._last_body, "resolved") if self._last_body else None

    def _find_body(self, features: MentionFeatures, _: EntityRecord | None) -> _Found:
        if len(features.countries) > 1:
            return self._registry.add_group(
                [self._registry.add_country(code) for code in features.countries], features
            ), "explicit"
        if features.kind == "country":
            return (self._registry.add_country(features.country), "explicit") if features.country else None
        return self._registry.add_organization(features), "explicit"


def _has_same_gender(record: EntityRecord, features: MentionFeatures) -> bool:
    return not features.gender or record.entity.gender in (None, features.gender)


def _has_same_body(record: EntityRecord, features: MentionFeatures) -> bool:
    """Whether both speak for one body: "người phát ngôn Điện Kremlin", "phát ngôn viên Điện Kremlin"."""
    speaks = features.office == "spokesperson" and features.organization is not None
    return speaks and record.entity.organization == features.organization


def _has_same_duty(a: str | None, b: str | None) -> bool:
    """Whether two roles begin alike, whatever country they end in: "Bộ trưởng Nông nghiệp Bỉ", "… Kenya"."""
    first, second = ((role or "").casefold().split() for role in (a, b))
    shared = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(first, second, strict=False)))
    return shared >= min(_DUTY_WORDS, len(first), len(second)) > 0


def _pick_two_countries(people: list[EntityRecord]) -> list[EntityRecord]:
    pair: list[EntityRecord] = []
    for record in people:
        if all(record.entity.country != other.entity.country for other in pair):
            pair.append(record)
    return pair[:2]
