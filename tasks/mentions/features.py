"""Read what one token tells of whom it names: name, role, office, country, body, gender."""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from schemas.document import EntityKind, Token
from tasks.language.folding import fold
from tasks.language.pack import LanguagePack

__all__ = ["REFERRING", "MentionFeatures", "leaves", "read_features"]

REFERRING = frozenset(
    {
        "PERSON",
        "COUNTERPART",
        "ROLE",
        "ROLE_OF_COUNTRY",
        "ROLEPAIR",
        "UNNAMED",
        "ME",
        "GROUP",
        "BOTH",
        "PRON",
        "ORG",
        "ORGPRON",
        "COUNTRY",
        "COUNTRYPRON",
        "CAPITAL",
        "SIDE",
        "DELEGATION_OF",
        "FOREIGN_NAME",
        "NATIVE_NAME",
    }
)
"""Token classes that can stand for a party or a speaker."""
_ENTITY_KINDS: Mapping[str, EntityKind] = {
    "UNNAMED": "unnamed",
    "GROUP": "group",
    "BOTH": "group",
    "PRON": "person",
}
"""What a token of a class stands for; all other roles stand for somebody unnamed."""
_COUNTRIES = frozenset({"COUNTRY", "COUNTRY_AMB", "CAPITAL"})


class MentionFeatures(NamedTuple):
    """What one token tells of whom it names; what its words do not tell is None.

    It is a tuple, like :class:`schemas.document.Token`, because it has nineteen fields, which a frozen dataclass sets
    one by one.

    Attributes:
        kind: What the token names.
        start: First code point in ``articles.text``.
        end: One past the last code point.
        token: Class of the token.
        name: Name as printed.
        words: Folded words of a person's name.
        role: Office as printed.
        office: Office as a slug of ``seeds/offices.csv``.
        organization: Body as printed.
        body: Code of the international body that a role belongs to (NATO, EU, UN, ASEAN).
        country: ISO 3166-1 alpha-2.
        countries: All countries of a role that several share ("các bộ trưởng từ Anh, Pháp và Đức").
        gender: ``m``, ``f`` or None.
        former: The office is a past one.
        plural: The words name several people.
        of_that_body: The role is of the body spoken of last ("người phát ngôn cơ quan này").
        of_countries: The pair is one of countries ("hai nước") and not of people ("hai bên").
        collective: A group stands for no certain people ("quân đội hai nước", "lãnh đạo hai bên").
        tradition: Naming tradition (vi, zh, ko) of a name that puts the family name first; None for other names.
    """

    kind: EntityKind
    start: int
    end: int
    token: str
    name: str | None = None
    words: frozenset[str] = frozenset()
    role: str | None = None
    office: str | None = None
    organization: str | None = None
    body: str | None = None
    country: str | None = None
    countries: tuple[str, ...] = ()
    gender: str | None = None
    former: bool = False
    plural: bool = False
    of_that_body: bool = False
    of_countries: bool = False
    collective: bool = False
    tradition: str | None = None


def leaves(token: Token) -> Sequence[Token]:
    """Return the words and phrases that a token is made of, in reading order."""
    if not token.parts:
        return (token,)
    return [leaf for part in token.parts for leaf in (leaves(part) if part.parts else (part,))]


def read_features(token: Token, text: str, pack: LanguagePack) -> MentionFeatures:
    """Read what a token of a class in :data:`REFERRING` tells of whom it names."""
    if token.kind in ("PERSON", "COUNTERPART"):
        return _read_person(token, text, pack)
    if token.kind in ("ROLE", "ROLE_OF_COUNTRY", "UNNAMED", "ROLEPAIR", "GROUP", "BOTH", "PRON", "ME"):
        return _read_role(token, text, pack)
    if token.kind in ("FOREIGN_NAME", "NATIVE_NAME"):
        return _read_bare_name(token, text, pack)
    return _read_body(token, text, pack)


def _read_bare_name(token: Token, text: str, pack: LanguagePack) -> MentionFeatures:
    """Read a name without a title: "Gruber nói …"."""
    name = _strip_full_stop(text[token.start : token.end])
    folded = fold(name)
    return MentionFeatures(
        kind="person",
        start=token.start,
        end=token.end,
        token=token.kind,
        name=name,
        words=_split_name(folded),
        tradition=_find_tradition((token,), folded, pack),
    )


def _read_person(token: Token, text: str, pack: LanguagePack) -> MentionFeatures:
    """Read a name with its title: "Ngoại trưởng Áo Karl Gruber"."""
    name_tokens, role_tokens, country_tokens = map(token.group, ("name", "role", "country"))
    role = _read_role_facts(role_tokens or country_tokens, text, pack)
    country = role.country
    if role_tokens and not country:
        country = _read_role_facts(country_tokens, text, pack).country
    printed = _join_words(name_tokens, text)
    name = _strip_full_stop(printed) if printed else None
    folded = fold(name or "")
    return MentionFeatures(
        kind="person",
        start=token.start,
        end=token.end,
        token=token.kind,
        name=name,
        words=_split_name(folded),
        role=_join_words(role_tokens, text),
        office=role.office,
        organization=role.organization,
        body=role.body,
        country=country,
        gender=_find_gender(leaves(token)),
        former=role.former,
        tradition=_find_tradition(name_tokens, folded, pack),
    )


def _read_role(token: Token, text: str, pack: LanguagePack) -> MentionFeatures:
    """Read words that name somebody by office, as one of a group, or by a pronoun: "Ngoại trưởng Áo", "hai ông"."""
    words = leaves(token)
    kinds = {word.kind for word in words}
    role_tokens = token.group("role") or (token,)
    role = _read_role_facts(role_tokens, text, pack)
    countries = (word.value for word in words if word.kind.startswith("COUNTRY"))
    return MentionFeatures(
        kind=_ENTITY_KINDS.get(token.kind, "unnamed"),
        start=token.start,
        end=token.end,
        token=token.kind,
        role=_join_words(role_tokens, text),
        office=role.office,
        organization=role.organization,
        body=role.body,
        country=role.country,
        countries=tuple(dict.fromkeys(countries)),
        gender=_find_gender(words),
        former=role.former,
        of_that_body="ORGPRON" in kinds,
        of_countries=token.kind == "BOTH" and token.value == "countries",
        collective=token.kind == "GROUP" and _is_collective(words, kinds),
        plural=token.kind == "ROLEPAIR" or bool(kinds & {"PLURAL", "TWO"}),
    )


def _is_collective(words: Iterable[Token], kinds: set[str]) -> bool:
    """Return True if a group is of nobody in particular: "quân đội hai nước", "lãnh đạo hai bên"."""
    return "ORG_HEAD" in kinds or ("BOTH" in kinds and any(word.value == "leader" for word in words))


def _read_body(token: Token, text: str, pack: LanguagePack) -> MentionFeatures:
    """Read the name of a country or an organisation: "Điện Kremlin", "phía Áo", "Bộ Ngoại giao Áo"."""
    words = leaves(token)
    is_country = _names_country(token, words)
    facts = _read_role_facts((token,), text, pack)
    countries = (word.value for word in words if word.kind in _COUNTRIES)
    has_name = not is_country and token.kind != "ORGPRON"
    return MentionFeatures(
        kind="country" if is_country else "organization",
        start=token.start,
        end=token.end,
        token=token.kind,
        name=_read_body_name(token, text) if has_name else None,
        country=token.value if token.kind == "CAPITAL" else facts.country,
        body=facts.body,
        countries=tuple(dict.fromkeys(countries)),
    )


def _names_country(token: Token, words: Iterable[Token]) -> bool:
    """Return True if a token names a country and not a body: "phía Áo", but not "phía Điện Kremlin"."""
    if token.kind == "SIDE":
        return any(word.kind in _COUNTRIES for word in words)
    return token.kind in ("COUNTRY", "CAPITAL", "COUNTRYPRON", "DELEGATION_OF")


def _read_body_name(token: Token, text: str) -> str:
    """Return the name of a body, without "phía" before it and without the acronym in brackets behind it."""
    words = [word for word in leaves(token) if word.kind != "SIDE_WORD"]
    stop = next((word.start for word in words if word.kind == "OPEN"), words[-1].end)
    return text[words[0].start : stop].strip()


def _join_words(tokens: Iterable[Token], text: str) -> str | None:
    """Return the words from the first to the last token that is no comma or dash; None if there is none."""
    kept = [token for token in tokens if token.kind not in ("COMMA", "DASH")]
    return text[kept[0].start : kept[-1].end] if kept else None


def _strip_full_stop(name: str) -> str:
    """Return a name without the full stop of "Jr."."""
    return name.rstrip(".")


class _RoleFacts(NamedTuple):
    """What the words of a role tell.

    ``country`` is the one that the role serves: the first one named, or else the one that its body acts for.
    """

    office: str | None = None
    organization: str | None = None
    body: str | None = None
    country: str | None = None
    former: bool = False


def _read_role_facts(tokens: Sequence[Token], text: str, pack: LanguagePack) -> _RoleFacts:
    words = [word for token in tokens for word in leaves(token)]
    is_former = [word.value == "former" for word in words if word.kind == "MOD"]
    codes = [word.value for word in words if word.kind == "ORG" and word.value.isupper()]
    bodies = [code for code in codes if code not in pack.places.country_names]
    named = _first_value(words, "COUNTRY", "COUNTRY_AMB")
    return _RoleFacts(
        office=_first_value(words, "TITLE", "GROUP"),
        organization=_find_organization(tokens, text),
        body=next(iter(bodies), None),
        country=named or _find_acting_country(words, pack),
        former=any(is_former),
    )


def _first_value(words: Iterable[Token], *classes: str) -> str | None:
    """Return the first value that a word of one of the classes has."""
    return next((word.value for word in words if word.kind in classes and word.value), None)


def _find_acting_country(words: Sequence[Token], pack: LanguagePack) -> str | None:
    """Return the country that a city or a body stands for; a seat is none: "Đặc phái viên Liên hợp quốc tại Vienna"."""
    for index, word in enumerate(words):
        is_seat = index > 0 and words[index - 1].kind == "AT"
        if word.kind in ("CAPITAL", "CITY") and not is_seat and word.value:
            return word.value
        if word.kind == "ORG" and word.value in pack.places.country_names:
            return word.value
    return None


def _find_organization(tokens: Iterable[Token], text: str) -> str | None:
    """Return the name of the first body that stands in the tokens of a role."""
    for token in tokens:
        for part in (token, *token.parts):
            if part.kind == "ORG":
                return _read_body_name(part, text)
    return None


def _find_gender(words: Iterable[Token]) -> str | None:
    """Return the gender that a form of address or a pronoun tells."""
    values = (word.value for word in words if word.kind in ("HONORIFIC", "PRON"))
    return next((value for value in values if value in ("m", "f")), None)


def _split_name(folded: str) -> frozenset[str]:
    return frozenset(folded.replace(".", " ").split())


def _find_tradition(tokens: Iterable[Token], folded: str, pack: LanguagePack) -> str | None:
    """Return the tradition of a name that puts the family name first.

    Such a name begins with a known family name and has native syllables only, or is Korean; a name of native
    syllables whose family name is not known is of the language's own tradition.
    """
    if not folded:
        return None
    tradition = pack.family_names.get(folded.split(maxsplit=1)[0])
    if tradition == "ko":
        return tradition
    is_foreign = any(word.kind in ("FOREIGN", "PARTICLE") for token in tokens for word in leaves(token))
    return None if is_foreign else tradition or pack.native_tradition
