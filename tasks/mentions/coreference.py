"""Tell who is who: what a role, a pronoun, a group or a short name stands for at its place in the article.

The rules are deterministic and careful: words that fit nobody, or that can mean several, stay unresolved.
"""

from collections.abc import Callable, Iterable, Mapping
from itertools import takewhile

from schemas.document import Mention
from schemas.meetings import Certainty
from seeds import SEEDS
from tasks.language.folding import fold
from tasks.mentions.features import MentionFeatures
from tasks.mentions.office_groups import load_office_groups
from tasks.mentions.offices import Tenure
from tasks.mentions.registry import EntityRecord, EntityRegistry

__all__ = ["CoreferenceResolver"]

_DUTY_WORDS = 4
"""Words by which two roles are told apart: "Bộ trưởng Nông nghiệp"."""
_BARE_NAMES = ("FOREIGN_NAME", "NATIVE_NAME")

_Found = tuple[EntityRecord, Certainty] | None


class CoreferenceResolver:
    """Resolves the mentions of one article; they must come in reading order."""

    def __init__(self, registry: EntityRegistry) -> None:
        self._registry = registry
        self._groups = load_office_groups(SEEDS)
        self._here: EntityRecord | None = None
        """Subject of the sentence so far; for "tôi", who speaks."""
        self._last_subject: EntityRecord | None = None
        """Whom the last sentence with a person was about."""
        self._last_body: EntityRecord | None = None
        self._finders: Mapping[str, Callable[[MentionFeatures], _Found]] = {
            "COUNTERPART": self._find_counterpart,
            "PRON": self._find_pronoun,
            "ME": self._find_speaking,
            "GROUP": self._find_group,
            "BOTH": self._find_both,
            "ROLEPAIR": self._find_role_pair,
            "UNNAMED": self._find_nameless,
            "ROLE": self._find_role,
            "ROLE_OF_COUNTRY": self._find_role,
            "ORGPRON": self._find_that_body,
            "COUNTRYPRON": self._find_nobody,
        }

    def resolve(self, features: MentionFeatures, subject: int | None) -> Mention | None:
        """Find what a mention stands for.

        Args:
            features: What its words tell.
            subject: Entity that is the subject of the sentence so far, if any; for "tôi", who speaks.

        Returns:
            None for a name that nobody introduced, and for a pronoun that fits nobody.
        """
        self._here = self._registry.records[subject] if subject is not None else None
        features = self._with_office(features)
        if features.name and features.kind == "person":
            found = self._find_named(features)
        else:
            find = self._finders.get(features.token, self._find_body)
            found = find(features)
        if found is None:
            return None
        record, certainty = found
        if features.token != "ME":
            self._registry.note_mention(record, features)
        if record.entity.kind == "organization":
            self._last_body = record
        return Mention(features.start, features.end, record.index, certainty)

    def note_subject(self, *found: int | None) -> None:
        """Remember who spoke in a sentence, or else whom it was about.

        The first of them who is a person is whom a pronoun of the next sentence means.
        """
        records = (self._registry.records[index] for index in found if index is not None)
        self._last_subject = next((one for one in records if one.is_one_human), self._last_subject)

    def _find_named(self, features: MentionFeatures) -> _Found:
        """Find the person of a name; a name without a title means nobody unless exactly one person has it."""
        matches = self._registry.people_named(features)
        is_bare = features.token in _BARE_NAMES
        if is_bare and len(matches) != 1:
            return None
        if not matches:
            return self._registry.add_person(features), "explicit"
        agreeing = [one for one in matches if not features.country or one.entity.country in (None, features.country)]
        return max(agreeing or matches, key=lambda record: record.last_seen), "explicit"

    def _with_office(self, features: MentionFeatures) -> MentionFeatures:
        """Read “người đồng cấp Nga X”: X holds the office of the one spoken of."""
        other = self._here or self._last_subject
        is_named_counterpart = features.token == "COUNTERPART" and features.name
        return features._replace(office=other.entity.office) if is_named_counterpart and other else features

    def _find_counterpart(self, features: MentionFeatures) -> _Found:
        """Read “Người đồng cấp Nga”: who holds the office of the one spoken of in another country."""
        other = self._here or self._last_subject
        if other is None or not features.country:
            return None
        role = self._translate_role(other.entity.role, features.country)
        return self._find_holder(features._replace(role=role, office=other.entity.office), features.country), "resolved"

    def _translate_role(self, role: str | None, country: str) -> str | None:
        """Return the role that names the same office in another country: "Ngoại trưởng Bỉ" from "Ngoại trưởng Áo"."""
        places = self._registry.pack.places
        words = (role or "").split()
        for first in range(1, len(words)):
            if fold(" ".join(words[first:])) in places.countries:
                return " ".join([*words[:first], places.country_names[country]])
        return role

    def _find_pronoun(self, features: MentionFeatures) -> _Found:
        """Find whom "ông", "bà ấy" means: who the sentence, or the one before it, is about."""
        for record in (self._here, self._last_subject):
            if record is not None and record.is_one_human and _has_same_gender(record, features):
                return record, "resolved"
        if not features.gender:
            return None
        fitting = (one for one in self._registry.seen_people() if one.entity.gender == features.gender)
        latest = next(fitting, None)
        return (latest, "inferred") if latest else None

    def _find_speaking(self, _: MentionFeatures) -> _Found:
        """Read “X viết: "Tôi vừa gặp Y"”: "tôi" is the one who speaks."""
        return (self._here, "resolved") if self._here is not None and self._here.is_person else None

    def _find_both(self, features: MentionFeatures) -> _Found:
        """Read “hai nước”: the two countries spoken of last; “hai bên”: the two people."""
        if not features.of_countries:
            return self._find_group(features)
        countries = [one for one in self._registry.records if one.entity.kind == "country" and one.last_seen >= 0]
        latest = sorted(countries, key=lambda record: -record.last_seen)[:2]
        if len(latest) < 2:
            return self._registry.add_group([], features), "inferred"
        return self._registry.add_group(latest, features), "resolved"

    def _find_group(self, features: MentionFeatures) -> _Found:
        """Read “hai ngoại trưởng”: the two people of that office, from two countries, who are spoken of most."""
        office = features.office if features.office != "politician" else None
        pair = self._find_pair(office)
        if len(pair) == 2 and not features.collective:
            members = sorted(pair, key=lambda record: record.index)
            return self._registry.add_group(members, features), "resolved"
        codes = [code for code, _ in self._registry.country_mentions.most_common(2)]
        is_one_office = features.token == "GROUP" and office and office not in self._groups.called
        if len(pair) < 2 and is_one_office and len(codes) == 2:
            holders = [self._find_holder(features._replace(plural=False), code) for code in codes]
            return self._registry.add_group(holders, features), "inferred"
        return self._registry.add_group([], features), "inferred"

    def _find_pair(self, office: str | None) -> list[EntityRecord]:
        """Return up to two people of an office (of any, if None) from two countries who are spoken of most."""
        people = self._registry.seen_people()
        if office:
            wanted = self._groups.meant_by(office)
            people = [record for record in people if wanted & record.offices]
        return _pick_two_countries(sorted(people, key=lambda record: -record.times_seen))

    def _find_role_pair(self, features: MentionFeatures) -> _Found:
        """Read “ngoại trưởng Áo và Bỉ”: the holders of one office in several countries."""
        holders = [self._find_holder(features, code) for code in features.countries]
        return self._registry.add_group(holders, features), "resolved"

    def _find_nameless(self, features: MentionFeatures) -> _Found:
        return self._registry.add_nameless(features), "explicit"

    def _find_nobody(self, _: MentionFeatures) -> _Found:
        return None

    def _find_role(self, features: MentionFeatures) -> _Found:
        """Find whom an office without a name means: "Ngoại trưởng Áo", "Thủ tướng", "người phát ngôn cơ quan này"."""
        if features.of_that_body and self._last_body is not None:
            return self._find_role_of_body(features, self._last_body), "resolved"
        if features.plural or features.office in (None, "official"):
            return self._find_nameless(features)
        if features.office == "person":
            return (self._last_subject, "inferred") if self._last_subject else self._find_nameless(features)
        if features.country:
            return self._find_holder(features, features.country), "resolved"
        return self._find_role_without_country(features)

    def _find_role_of_body(self, features: MentionFeatures, record: EntityRecord) -> EntityRecord:
        """Read “người phát ngôn cơ quan này”: the role ends in the name of the body spoken of last."""
        body = record.entity
        words = (features.role or "").split()[:-2]
        role = " ".join([*words, body.name or ""])
        return self._registry.add_nameless(features._replace(role=role, country=body.country))

    def _find_role_without_country(self, features: MentionFeatures) -> _Found:
        holders = self._find_seen_holders(features)
        if holders:
            # "Thủ tướng" is the one who was called so, rather than "Thủ tướng Áo".
            called_so = (record for record in holders if record.entity.role == features.role)
            return next(called_so, holders[0]), "resolved"
        tenure = self._find_tenure(features, features.body) if features.body else None
        if tenure:
            return self._registry.add_office_holder(tenure, features, None), "resolved"
        return self._registry.add_nameless(features), "explicit"

    def _find_seen_holders(self, features: MentionFeatures) -> list[EntityRecord]:
        """Return the people spoken of who hold an office at the body that the role names; the latest comes first."""
        holders = [record for record in self._registry.seen_people() if features.office in record.offices]
        if features.body:
            return [record for record in holders if features.body in record.bodies]
        if not features.organization:
            return holders
        same_body = [record for record in holders if record.entity.organization == features.organization]
        if same_body or not features.former:
            return same_body
        return [record for record in holders if record.former]

    def _find_holder(self, features: MentionFeatures, country: str) -> EntityRecord:
        """Return who holds an office of a country: in the article, else by the table of offices, else nameless."""
        if features.former:
            return self._registry.add_nameless(features._replace(country=country))
        holders = self._find_holders_in_article(features, country)
        names = {record.entity.name for record in holders}
        if len(names) == 1 or (holders and features.office in self._groups.called):
            return max(holders, key=lambda record: record.last_seen)
        tenure = None if holders else self._find_tenure(features, country)
        if tenure:
            return self._registry.add_office_holder(tenure, features, country)
        leader = self._find_most_mentioned_chief(country) if features.office == "leader" else None
        return leader or self._registry.add_nameless(features._replace(country=country))

    def _find_holders_in_article(self, features: MentionFeatures, country: str) -> list[EntityRecord]:
        """Return the people whom the article gives an office of a country; of a shared office, with the same duty."""
        wanted = self._groups.meant_by(features.office)
        holders = [
            record
            for record in self._registry.records
            if record.is_person and not record.former and record.entity.country == country and record.offices & wanted
        ]
        if features.office is not None and features.office not in self._groups.shared:
            return holders
        return [
            one for one in holders if _has_same_duty(one.entity.role, features.role) or _has_same_body(one, features)
        ]

    def _find_most_mentioned_chief(self, country: str) -> EntityRecord | None:
        """Return whom “nhà lãnh đạo Nga” means of those who are called "Chủ tịch Nga": who is spoken of most."""
        people = (record for record in self._registry.seen_people() if record.entity.country == country)
        chiefs = (record for record in people if "chief" in record.offices)
        return max(chiefs, key=lambda record: record.times_seen, default=None)

    def _find_tenure(self, features: MentionFeatures, country: str) -> Tenure | None:
        """Return the tenure of an office on the day of publication, by the table of offices."""
        if features.former or features.office is None or self._registry.published is None:
            return None
        return self._registry.offices.holder(features.office, country, self._registry.published)

    def _find_that_body(self, _: MentionFeatures) -> _Found:
        return (self._last_body, "resolved") if self._last_body else None

    def _find_body(self, features: MentionFeatures) -> _Found:
        """Find a country, several countries, or an organisation by its name."""
        if len(features.countries) > 1:
            countries = [self._registry.add_country(code) for code in features.countries]
            return self._registry.add_group(countries, features), "explicit"
        if features.kind == "country":
            return (self._registry.add_country(features.country), "explicit") if features.country else None
        return self._registry.add_organization(features), "explicit"


def _has_same_gender(record: EntityRecord, features: MentionFeatures) -> bool:
    return not features.gender or record.entity.gender in (None, features.gender)


def _has_same_body(record: EntityRecord, features: MentionFeatures) -> bool:
    """Return True if both speak for one body: "người phát ngôn Điện Kremlin", "phát ngôn viên Điện Kremlin"."""
    speaks = features.office == "spokesperson" and features.organization is not None
    return speaks and record.entity.organization == features.organization


def _has_same_duty(a: str | None, b: str | None) -> bool:
    """Return True if two roles begin alike, whatever country they end in: "Bộ trưởng Nông nghiệp Bỉ", "… Kenya"."""
    first, second = ((role or "").casefold().split() for role in (a, b))
    pairs = zip(first, second, strict=False)
    shared = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))
    return shared >= min(_DUTY_WORDS, len(first), len(second)) > 0


def _pick_two_countries(people: Iterable[EntityRecord]) -> list[EntityRecord]:
    """Return the first two people whose countries differ; one or none if there are no such two."""
    pair: list[EntityRecord] = []
    for record in people:
        if all(record.entity.country != other.entity.country for other in pair):
            pair.append(record)
    return pair[:2]
