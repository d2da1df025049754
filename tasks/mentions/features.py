"""What one token that names somebody says of him: name, role, office, country, body, gender."""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from schemas.document import EntityKind, Token
from tasks.language.folding import fold
from tasks.language.pack import LanguagePack

__all__ = ["REFERRING", "MentionFeatures", "leaves", "read_features"]

REFERRING = frozenset(
    {
        "PERSON",
        "CPART",
        "ROLE",
        "ROLEC",
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
        "CITY",
        "SIDEC",
        "DELEG",
        "FNAME",
        "NNAME",
    }
)
"""Token classes that can stand for a party or a speaker."""
_ROLE_KINDS: Mapping[str, EntityKind] = {"UNNAMED": "unnamed", "GROUP": "group", "BOTH": "group", "PRON": "person"}
_UNCODED = frozenset({"int", "party"})
_BODIES = frozenset({"NATO", "EU", "UN", "ASEAN"})
"""Bodies whose heads are in the table of offices."""


class MentionFeatures(NamedTuple):
    """A reading of one token; what the words do not say is None.

    A tuple, like :class:`schemas.document.Token`: it has nineteen fields, which a frozen dataclass sets one by one.
    """

    kind: EntityKind
    start: int
    end: int
    token: str
    """Class of the token."""
    name: str | None = None
    words: frozenset[str] = frozenset()
    """Folded words of a person's name."""
    role: str | None = None
    office: str | None = None
    organization: str | None = None
    body: str | None = None
    """Code of an international body that the role belongs to (NATO, EU, UN, ASEAN)."""
    country: str | None = None
    countries: tuple[str, ...] = ()
    """All countries of a role that several share ("các bộ trưởng từ Anh, Pháp và Đức")."""
    gender: str | None = None
    former: bool = False
    plural: bool = False
    of_that_body: bool = False
    """"Người phát ngôn cơ quan này": of the body spoken of last."""
    of_countries: bool = False
    """"Hai nước" rather than "hai bên"."""
    collective: bool = False
    """A group that stands for no certain people: "quân đội hai nước", "lãnh đạo hai bên"."""
    tradition: str | None = None
    """Naming tradition of the family name: vi, zh, ko; None for a name that is not family-name-first."""


def leaves(token: Token) -> Sequence[Token]:
    """The words and phrases that a token is made of, in reading order."""
    if not token.parts:
        return (token,)
    return [leaf for part in token.parts for leaf in (leaves(part) if part.parts else (part,))]


def read_features(token: Token, text: str, pack: LanguagePack) -> MentionFeatures:
    """Read a token of a class in :data:`REFERRING`."""
    if token.kind in ("PERSON", "CPART"):
        return _read_person(token, text, pack)
    if token.kind in ("ROLE", "ROLEC", "UNNAMED", "ROLEPAIR", "GROUP", "BOTH", "PRON", "ME"):
        return _read_role(token, text)
    if token.kind in ("FNAME", "NNAME"):
        return _read_bare_name(token, text, pack)
    return _read_body(token, text)


def _read_bare_name(token: Token, text: str, pack: LanguagePack) -> MentionFeatures:
    name = text[token.start : token.end].rstrip(".")  # of "Jr."
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
    name_tokens, role_tokens = token.group("name"), token.group("role")
    facts = _read_role_facts(role_tokens or token.group("country"), text)
    name = _join_words(name_tokens, text)
    name = name.rstrip(".") if name else None  # of "Jr."
    folded = fold(name or "")
    return MentionFeatures(
        kind="person",
        start=token.start,
        end=token.end,
        token=token.kind,
        name=name,
        words=_split_name(folded),
        role=_join_words(role_tokens, text),
        office=facts.office,
        organization=facts.organization,
        body=facts.body,
        country=facts.country or (_read_role_facts(token.group("country"), text).country if role_tokens else None),
        gender=_find_gender(leaves(token)),
        former=facts.former,
        tradition=_find_tradition(name_tokens, folded, pack),
    )


def _read_role(token: Token, text: str) -> MentionFeatures:
    words = leaves(token)
    kinds = {word.kind for word in words}
    body = token.group("role") or (token,)
    facts = _read_role_facts(body, text)
    return MentionFeatures(
        kind=_ROLE_KINDS.get(token.kind, "unnamed"),
        start=token.start,
        end=token.end,
        token=token.kind,
        role=_join_words(body, text),
        office=facts.office,
        organization=facts.organization,
        body=facts.body,
        country=facts.country,
        countries=tuple(dict.fromkeys(word.value for word in words if word.kind.startswith("COUNTRY"))),
        gender=_find_gender(words),
        former=facts.former,
        of_that_body="ORGPRON" in kinds,
        of_countries=token.kind == "BOTH" and token.value == "countries",
        collective=token.kind == "GROUP" and _is_collective(words, kinds),
        plural=token.kind == "ROLEPAIR" or bool(kinds & {"PLURAL", "TWO"}),
    )


def _is_collective(words: Iterable[Token], kinds: set[str]) -> bool:
    return "ORG_HEAD" in kinds or ("BOTH" in kinds and any(word.value == "leader" for word in words))


def _read_body(token: Token, text: str) -> MentionFeatures:
    words = leaves(token)
    kinds = {word.kind for word in words}
    is_country = token.kind in ("COUNTRY", "CITY", "COUNTRYPRON", "DELEG")
    if token.kind == "SIDEC":
        is_country = bool(kinds & {"COUNTRY", "COUNTRY_AMB", "CITY"})
    facts = _read_role_facts((token,), text)
    return MentionFeatures(
        kind="country" if is_country else "organization",
        start=token.start,
        end=token.end,
        token=token.kind,
        name=None if is_country or token.kind == "ORGPRON" else _read_body_name(token, text),
        country=token.value if token.kind == "CITY" else facts.country,
        body=facts.body,
        countries=tuple(dict.fromkeys(word.value for word in words if word.kind in ("COUNTRY", "COUNTRY_AMB", "CITY"))),
    )


def _read_body_name(token: Token, text: str) -> str:
    """The name of a body without the acronym in brackets behind it, and without "phía" before it."""
    words = [word for word in leaves(token) if word.kind != "SIDE"]
    stop = next((word.start for word in words if word.kind == "OPEN"), words[-1].end)
    return text[words[0].start : stop].strip()


def _join_words(tokens: tuple[Token, ...], text: str) -> str | None:
    tokens = tuple(t for t in tokens if t.kind not in ("COMMA", "DASH"))
    return text[tokens[0].start : tokens[-1].end] if tokens else None


class _RoleFacts(NamedTuple):
    """What the words of a role tell."""

    office: str | None = None
    organization: str | None = None
    body: str | None = None
    country: str | None = None
    """The country that the role serves: the first one named, else the one its body acts for."""
    former: bool = False


def _read_role_facts(tokens: tuple[Token, ...], text: str) -> _RoleFacts:
    office = body = named = acting = None
    former = False
    words = [word for token in tokens for word in leaves(token)]
    for before, word in zip([None, *words], words, strict=False):
        kind, value = word.kind, word.value
        seat = before is not None and before.kind == "AT"  # "Đặc phái viên Liên hợp quốc tại Vienna"
        if kind in ("TITLE", "GROUP"):
            office = office or value or None
        elif kind in ("COUNTRY", "COUNTRY_AMB"):
            named = named or value or None
        elif kind == "ORG" and value in _BODIES:
            body = body or value
        elif (kind in ("CITY", "TOWN") and not seat) or (kind == "ORG" and value not in _UNCODED):
            acting = acting or value or None
        elif kind == "MOD":
            former = former or value == "former"
    return _RoleFacts(office, _find_organization(tokens, text), body, named or acting, former)


def _find_organization(tokens: tuple[Token, ...], text: str) -> str | None:
    for token in tokens:
        for part in (token, *token.parts):
            if part.kind == "ORG":
                return _read_body_name(part, text)
    return None


def _find_gender(words: Iterable[Token]) -> str | None:
    values = (word.value for word in words if word.kind in ("HON", "PRON"))
    return next((value for value in values if value in ("m", "f")), None)


def _split_name(folded: str) -> frozenset[str]:
    return frozenset(folded.replace(".", " ").split())


def _find_tradition(tokens: Iterable[Token], folded: str, pack: LanguagePack) -> str | None:
    """Family-name-first names begin with a known family name and hold native syllables only, or are Korean."""
    if not folded:
        return None
    tradition = pack.family_names.get(folded.split(maxsplit=1)[0])
    foreign = any(word.kind in ("FOREIGN", "PARTICLE") for token in tokens for word in leaves(token))
    if tradition == "ko" or (tradition is not None and not foreign):
        return tradition
    return None if foreign else "vi"
