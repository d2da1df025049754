"""A language as data: what the lexicon knows, the rules of the cascade, and a few named options."""

import csv
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import chain
from pathlib import Path
from typing import Any, Literal
from zoneinfo import ZoneInfo

from schemas.errors import StopFlow
from tasks.language.cascade import Rule, class_pattern
from tasks.language.folding import fold
from tasks.language.lexicon import Case, Lexicon, Phrase

__all__ = [
    "CalledBy",
    "LanguagePack",
    "PlaceNames",
    "RuleSeed",
    "load_pack",
    "load_places",
    "pack_codes",
    "read_phrases",
    "read_rules",
]

CalledBy = Literal["given", "family", "last"]
_ATTRIBUTIONS = ("closing", "according", "passive", "head", "joined", "tail")
_EVENTS = ("meeting", "delegation", "visit", "members")
_RULE_FILES = ("rules.toml", "quotes.toml", "events.toml")
_NOT_LEXICON = {"pack.toml", "boilerplate.toml", *_RULE_FILES}


@dataclass(frozen=True, slots=True)
class RuleSeed:
    """A rule as its seed file states it, with the sentences that test it."""

    rule: Rule
    examples: tuple[str, ...]
    counterexamples: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PlaceNames:
    """The gazetteer by folded spelling: codes of countries, (name, country) of cities, (city, country) of venues."""

    countries: Mapping[str, str]
    cities: Mapping[str, tuple[str, str]]
    venues: Mapping[str, tuple[str | None, str]]
    country_names: Mapping[str, str]
    """What the press of the language calls a country, by code."""
    bodies: Mapping[str, str]
    """Folded name of a building → the body that speaks through it ("Lầu Năm Góc" → "Bộ Quốc phòng Mỹ")."""
    phrases: tuple[Phrase, ...]


@dataclass(frozen=True, slots=True)
class LanguagePack:
    """Everything Parley knows of one language."""

    code: str
    name: str
    syllable: re.Pattern[str]
    timezone: ZoneInfo
    home_country: str | None
    native_tradition: str | None
    """Naming tradition of names in the language's own syllables; None if its letters tell no name for native."""
    day_first: bool
    """A date in numbers gives the day before the month: 3/4 is 3 April."""
    marks: tuple[tuple[str, str], ...]
    abbreviations: frozenset[str]
    """Words whose full stop does not end a sentence."""
    family_names: Mapping[str, str]
    """Folded family name → tradition (``vi``, ``zh``, ``ko``)."""
    called_by: Mapping[str, CalledBy]
    """How a person of each family-name-first tradition is called after the first mention."""
    lexicon: Lexicon
    rules: tuple[Rule, ...]
    """The cascade that every block goes through."""
    attributions: Mapping[str, tuple[Rule, ...]]
    """How a sentence attributes speech, by what the rules make (``closing``, ``head`` …), in order of precedence."""
    events: tuple[Rule, ...]
    """How a sentence tells of a meeting, in order of precedence."""
    places: PlaceNames


def pack_codes(seeds: Path) -> tuple[str, ...]:
    """ISO 639-1 codes of the languages that have a pack, sorted."""
    return tuple(sorted(file.parent.name for file in seeds.glob("languages/*/pack.toml")))


@cache
def load_pack(seeds: Path, code: str) -> LanguagePack:
    """Read a language's folder; once per process.

    Args:
        seeds: The seeds folder.
        code: ISO 639-1 code, the folder's name.

    Raises:
        StopFlow: The folder is missing, a file is not what it should be, or two entries claim one form.
    """
    folder = seeds / "languages" / code
    options = _toml(folder / "pack.toml")
    places = load_places(seeds, options["country_name_column"], options.get("body_column"))
    family_names = _family_names(seeds)
    return LanguagePack(
        code=code,
        name=options["name"],
        syllable=re.compile(options["syllable"]),
        timezone=ZoneInfo(options["timezone"]),
        home_country=options.get("home_country"),
        native_tradition=options.get("native_tradition"),
        day_first=options["day_first"],
        marks=tuple((pair[0], pair[1]) for pair in options["marks"]),
        abbreviations=frozenset(options["abbreviations"]),
        family_names=family_names,
        called_by=options["family_first_called_by"],
        lexicon=Lexicon(_distinct(read_phrases(folder), places.phrases, _surnames(family_names))),
        rules=tuple(seed.rule for seed in read_rules(folder / "rules.toml")),
        attributions=_attributions(folder / "quotes.toml"),
        events=_events(folder / "events.toml"),
        places=places,
    )


def read_phrases(folder: Path) -> tuple[Phrase, ...]:
    """All phrases of a pack's lists, in the order of their files' names.

    Raises:
        StopFlow: Two entries of different class or value claim the same form.
    """
    claimed: dict[str, Phrase] = {}
    for phrase, file in _listed(folder):
        first = claimed.setdefault(fold(phrase.form), phrase)
        if (first.kind, first.value) != (phrase.kind, phrase.value):
            raise StopFlow(f"{file}: {phrase.form!r} is {phrase.kind} here and {first.kind} elsewhere; keep one")
    return tuple(claimed.values())


def read_rules(file: Path) -> tuple[RuleSeed, ...]:
    """The rules of a seed file in their order, with the sentences that test each.

    Raises:
        StopFlow: A rule lacks a part, or its pattern does not compile.
    """
    seeds = _toml(file)
    macros = _expanded(seeds.get("macros", {}))
    return tuple(_rule(entry, macros, file) for entry in seeds["rule"])


@cache
def load_places(seeds: Path, name_column: str, body_column: str | None) -> PlaceNames:
    """Read the gazetteer of ``seeds/places``; once per process and language.

    Args:
        seeds: The seeds folder.
        name_column: Column of ``countries.csv`` that holds what the language calls a country.
        body_column: Column of ``venues.csv`` that says in the language which body speaks through a building, if any.
    """
    folder = seeds / "places"
    countries: dict[str, str] = {}
    cities: dict[str, tuple[str, str]] = {}
    venues: dict[str, tuple[str | None, str]] = {}
    names: dict[str, str] = {}
    bodies: dict[str, str] = {}
    phrases: list[Phrase] = []
    for row in _csv(folder / "countries.csv"):
        names[row["code"]] = row[name_column]
        ambiguous = set(_split(row["ambiguous"]))
        for form in dict.fromkeys([row["vi"], row["name"], *_split(row["aliases"])]):
            countries.setdefault(fold(form), row["code"])
            phrases.append(Phrase(form, "COUNTRY_AMB" if form in ambiguous else "COUNTRY", row["code"], case="capital"))
    for row in _csv(folder / "cities.csv"):
        for form in dict.fromkeys([row["name"], *_split(row["aliases"])]):
            cities.setdefault(fold(form), (row["name"], row["country"]))
            kind = "CAPITAL" if row["metonym"] == "true" else "CITY"
            phrases.append(Phrase(form, kind, row["country"], case="capital"))
    for row in _csv(folder / "venues.csv"):
        for form in dict.fromkeys([row["name"], *_split(row["aliases"])]):
            venues.setdefault(fold(form), (row["city"] or None, row["country"]))
            phrases.append(Phrase(form, "VENUE", row["country"]))
            if body_column and row[body_column]:
                bodies[fold(form)] = row[body_column]
    for row in _csv(folder / "regions.csv"):
        phrases += [
            Phrase(form, "REGION", row["country"]) for form in [row["vi"], row["name"], *_split(row["aliases"])]
        ]
    return PlaceNames(countries, cities, venues, names, bodies, tuple(phrases))


def _listed(folder: Path) -> Iterator[tuple[Phrase, Path]]:
    for file in sorted(folder.glob("*.toml")):
        if file.name in _NOT_LEXICON:
            continue
        seeds = _toml(file)
        for entry in seeds["entry"]:
            case: Case = "capital" if entry.get("cased") else seeds.get("case", "any")
            for form in entry["forms"]:
                yield Phrase(form, entry["token_class"], entry.get("value", ""), case), file


def _distinct(*sources: tuple[Phrase, ...]) -> tuple[Phrase, ...]:
    """One phrase a form; earlier sources win, so that a pack can overrule the gazetteer."""
    kept: dict[str, Phrase] = {}
    for phrase in chain(*sources):
        kept.setdefault(fold(phrase.form), phrase)
    return tuple(kept.values())


def _attributions(file: Path) -> dict[str, tuple[Rule, ...]]:
    rules = _known_rules(file, _ATTRIBUTIONS)
    for rule in rules:
        missing = {"cue", "speaker"} - rule.pattern.groupindex.keys()
        if missing - ({"speaker"} if rule.makes == "tail" else set()):
            raise StopFlow(f"{file}: rule {rule.name!r} lacks the group {', '.join(sorted(missing))}")
    return {makes: tuple(rule for rule in rules if rule.makes == makes) for makes in _ATTRIBUTIONS}


def _events(file: Path) -> tuple[Rule, ...]:
    return _known_rules(file, _EVENTS)


def _known_rules(file: Path, known: Sequence[str]) -> tuple[Rule, ...]:
    """Rules whose ``makes`` the code can act on."""
    rules = tuple(seed.rule for seed in read_rules(file))
    for rule in rules:
        if rule.makes not in known:
            raise StopFlow(f"{file}: rule {rule.name!r} makes {rule.makes!r}; use one of {', '.join(known)}")
    return rules


def _rule(entry: Mapping[str, Any], macros: Mapping[str, str], file: Path) -> RuleSeed:
    try:
        pattern = class_pattern(_expand(entry["pattern"], macros))
        rule = Rule(
            entry["name"], entry.get("makes", ""), pattern, entry.get("participants_from") or entry.get("value", "")
        )
        return RuleSeed(rule, tuple(entry["examples"]), tuple(entry["counterexamples"]))
    except (KeyError, re.error) as error:
        raise StopFlow(f"{file}: rule {entry.get('name', '?')!r}: {error!r}") from error


def _expanded(macros: Mapping[str, str]) -> dict[str, str]:
    """Macros in terms of classes alone; each may use the ones above it."""
    done: dict[str, str] = {}
    for name, text in macros.items():
        done[name] = _expand(text, done)
    return done


def _expand(pattern: str, macros: Mapping[str, str]) -> str:
    for name, expansion in macros.items():
        pattern = re.sub(rf"\b{name}\b", lambda _, text=expansion: text, pattern)  # type: ignore[misc]
    return pattern


def _family_names(seeds: Path) -> dict[str, str]:
    return {fold(row["name"]): row["tradition"] for row in _csv(seeds / "people" / "family_names.csv")}


def _surnames(family_names: Mapping[str, str]) -> tuple[Phrase, ...]:
    return tuple(Phrase(name, "SURNAME", tradition, case="capital") for name, tradition in family_names.items())


def _split(cell: str) -> list[str]:
    return [part for part in cell.split("|") if part]


def _csv(file: Path) -> list[dict[str, str]]:
    try:
        with file.open(encoding="utf-8", newline="") as rows:
            return list(csv.DictReader(rows))
    except OSError as error:
        raise StopFlow(f"{file}: {error.strerror}; a seed table is missing") from error


def _toml(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise StopFlow(f"{file}: {error.strerror}; a language pack needs this file") from error
    except tomllib.TOMLDecodeError as error:
        raise StopFlow(f"{file}: {error}") from error
