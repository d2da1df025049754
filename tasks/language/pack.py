"""A language as data: what the lexicon knows, the rules of the cascade, and a few named options."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from itertools import chain
from pathlib import Path
from zoneinfo import ZoneInfo

from tasks.language.cascade import Rule
from tasks.language.folding import fold
from tasks.language.gazetteer import PlaceNames, load_places
from tasks.language.lexicon import Lexicon, Phrase
from tasks.language.pack_options import read_pack_options
from tasks.language.phrase_lists import read_phrases
from tasks.language.rule_files import read_events, read_rules
from tasks.seed_files import read_csv

__all__ = ["LanguagePack", "load_pack", "pack_codes"]


@dataclass(frozen=True, slots=True)
class LanguagePack:
    """Everything Parley knows of one language."""

    code: str
    syllable: re.Pattern[str]
    timezone: ZoneInfo
    home_country: str | None
    native_tradition: str | None
    """Naming tradition of names in the language's own syllables; None if its letters tell no name for native."""
    day_first: bool
    """A date in numbers gives the day before the month: 3/4 is 3 April."""
    abbreviations: frozenset[str]
    """Words whose full stop does not end a sentence."""
    family_names: Mapping[str, str]
    """Folded family name → tradition (``vi``, ``zh``, ``ko``)."""
    lexicon: Lexicon
    rules: tuple[Rule, ...]
    """The cascade that every block goes through."""
    events: tuple[Rule, ...]
    """How a sentence tells of a meeting, in order of precedence."""
    places: PlaceNames


def pack_codes(seeds: Path) -> tuple[str, ...]:
    """Return the ISO 639-1 codes of the languages that have a pack, sorted."""
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
    options = read_pack_options(seeds, code)
    places = load_places(seeds, options.place_name_columns, options.body_column)
    family_names = _read_family_names(seeds)
    phrases = _keep_first(read_phrases(folder), places.phrases, _make_surnames(family_names))
    return LanguagePack(
        code=code,
        syllable=re.compile(options.syllable),
        timezone=options.zone,
        home_country=options.home_country,
        native_tradition=options.native_tradition,
        day_first=options.day_first,
        abbreviations=frozenset(options.abbreviations),
        family_names=family_names,
        lexicon=Lexicon(phrases),
        rules=tuple(seed.rule for seed in read_rules(folder / "rules.toml")),
        events=read_events(folder / "events.toml"),
        places=places,
    )


def _keep_first(*sources: tuple[Phrase, ...]) -> tuple[Phrase, ...]:
    """Keep one phrase a form, two where one is meant in small letters only; earlier sources win.

    So a pack can overrule the gazetteer.
    """
    kept: dict[tuple[str, bool], Phrase] = {}
    for phrase in chain(*sources):
        kept.setdefault((fold(phrase.form), phrase.case == "small"), phrase)
    return tuple(kept.values())


def _read_family_names(seeds: Path) -> dict[str, str]:
    rows = read_csv(seeds / "people" / "family_names.csv", ["name", "tradition"])
    return {fold(row["name"]): row["tradition"] for row in rows}


def _make_surnames(family_names: Mapping[str, str]) -> tuple[Phrase, ...]:
    return tuple(Phrase(name, "SURNAME", tradition, case="capital") for name, tradition in family_names.items())
