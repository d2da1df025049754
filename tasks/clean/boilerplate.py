"""What surrounds articles, as data: ``seeds/languages/<code>/boilerplate.toml``."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Annotated, Literal, TypeAlias
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, Field

from schemas.blocks import BlockKind
from schemas.sources import DateOrder, OutletPhrase, PageHints, PhraseTable
from seeds import SEEDS
from tasks.language.folding import fold
from tasks.language.pack_options import read_pack_options
from tasks.seed_files import SeedTable, check_pattern, read_seed_file

__all__ = ["Boilerplate", "BoilerplatePattern", "WallCode", "WallPattern", "load_boilerplate", "with_hints"]

WallCode: TypeAlias = Literal["consent_wall", "robot_check", "not_found"]
"""What a host may send in place of an article; codes of rejects."""
_Pattern = Annotated[str, AfterValidator(check_pattern)]


@dataclass(frozen=True, slots=True)
class BoilerplatePattern:
    """A pattern with the examples that prove it."""

    kind: BlockKind
    """What it makes of the text it is found in."""
    pattern: re.Pattern[str]
    """Searched in folded text."""
    name: str | None
    """Outlet of a prefix, agency of a wire."""
    examples: tuple[str, ...]
    counterexamples: tuple[str, ...]
    gives: tuple[str, ...]
    """Of a stamp: what each example says, ISO 8601."""


@dataclass(frozen=True, slots=True)
class WallPattern:
    """A pattern that shows that a host sent something else than the article."""

    code: WallCode
    place: Literal["title", "text"]
    """Searched in what the page is called, or in all its words."""
    pattern: re.Pattern[str]
    """Searched in folded text."""
    examples: tuple[str, ...]
    counterexamples: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Boilerplate:
    """One language's ``boilerplate.toml``, and its time zone; patterns in the order in which they are tried."""

    language: str
    """ISO 639-1."""
    timezone: ZoneInfo
    """Of dates that name none."""
    date_order: DateOrder
    """Of dates in digits; outlets may differ from their language."""
    end_marks: tuple[str, ...]
    """Close an article at the end of its last line."""
    byline_openers: tuple[str, ...]
    name_joiners: frozenset[str]
    change_words: tuple[str, ...]
    """Folded; before a date they say that the article was changed then, not published."""
    no_authors: frozenset[str]
    """Folded; what systems and desks sign with instead of a name."""
    months: Mapping[str, int] = field(hash=False)
    line: tuple[BoilerplatePattern, ...]
    prefix: tuple[BoilerplatePattern, ...]
    suffix: tuple[BoilerplatePattern, ...]
    marker: tuple[BoilerplatePattern, ...]
    stamp: tuple[BoilerplatePattern, ...]
    wire: tuple[BoilerplatePattern, ...]
    element: tuple[BoilerplatePattern, ...]
    wall: tuple[WallPattern, ...]


class _PatternRow(SeedTable):
    kind: BlockKind
    pattern: _Pattern
    name: str | None = None
    examples: Annotated[tuple[str, ...], Field(min_length=1)]
    counterexamples: tuple[str, ...] = ()
    gives: tuple[str, ...] = ()

    def compile(self) -> BoilerplatePattern:
        """Return the row with its pattern ready for use."""
        return BoilerplatePattern(
            kind=self.kind,
            pattern=re.compile(self.pattern),
            name=self.name,
            examples=self.examples,
            counterexamples=self.counterexamples,
            gives=self.gives,
        )


class _DatelineRow(_PatternRow):
    kind: BlockKind = "dateline"


class _RelatedRow(_PatternRow):
    kind: BlockKind = "related"


class _BylineRow(_PatternRow):
    kind: BlockKind = "byline"


class _WallRow(SeedTable):
    code: WallCode
    place: Literal["title", "text"]
    pattern: _Pattern
    examples: Annotated[tuple[str, ...], Field(min_length=1)]
    counterexamples: tuple[str, ...] = ()

    def compile(self) -> WallPattern:
        """Return the row with its pattern ready for use."""
        pattern = re.compile(self.pattern)
        return WallPattern(self.code, self.place, pattern, self.examples, self.counterexamples)


class _BoilerplateFile(SeedTable):
    end_marks: tuple[str, ...]
    byline_openers: tuple[str, ...]
    name_joiners: tuple[str, ...]
    change_words: tuple[str, ...]
    no_authors: tuple[str, ...]
    months: dict[str, Annotated[int, Field(ge=1, le=12)]] = Field(default_factory=dict)
    line: tuple[_PatternRow, ...] = ()
    prefix: tuple[_DatelineRow, ...] = ()
    suffix: tuple[_PatternRow, ...] = ()
    marker: tuple[_RelatedRow, ...] = ()
    stamp: tuple[_DatelineRow, ...] = ()
    wire: tuple[_BylineRow, ...] = ()
    element: tuple[_PatternRow, ...] = ()
    wall: tuple[_WallRow, ...] = ()


@cache
def load_boilerplate(language: str) -> Boilerplate:
    """Read the boilerplate of a language; once per process.

    Raises:
        StopFlow: The file is missing, or an entry is not as described there.
    """
    options = read_pack_options(SEEDS, language)
    found = read_seed_file(SEEDS / "languages" / language / "boilerplate.toml", _BoilerplateFile)
    return Boilerplate(
        language=language,
        timezone=options.zone,
        date_order="dmy" if options.day_first else "mdy",
        end_marks=found.end_marks,
        byline_openers=found.byline_openers,
        name_joiners=frozenset(found.name_joiners),
        change_words=tuple(map(fold, found.change_words)),
        no_authors=frozenset(map(fold, found.no_authors)),
        months=found.months,
        line=_compile_rows(found.line),
        prefix=_compile_rows(found.prefix),
        suffix=_compile_rows(found.suffix),
        marker=_compile_rows(found.marker),
        stamp=_compile_rows(found.stamp),
        wire=_compile_rows(found.wire),
        element=_compile_rows(found.element),
        wall=tuple(row.compile() for row in found.wall),
    )


def with_hints(pack: Boilerplate, hints: PageHints | None) -> Boilerplate:
    """Return the boilerplate of a language, with what is known of one outlet before it."""
    if hints is None:
        return pack
    return replace(
        pack,
        timezone=ZoneInfo(hints.timezone) if hints.timezone else pack.timezone,
        date_order=hints.date_order,
        line=(*_outlet_patterns(hints, "line"), *pack.line),
        prefix=(*_outlet_patterns(hints, "prefix"), *pack.prefix),
        suffix=(*_outlet_patterns(hints, "suffix"), *pack.suffix),
        marker=(*_outlet_patterns(hints, "marker"), *pack.marker),
        element=(*_outlet_patterns(hints, "element"), *pack.element),
    )


def _outlet_patterns(hints: PageHints, table: PhraseTable) -> Iterator[BoilerplatePattern]:
    return (_compile_outlet_phrase(phrase) for phrase in hints.phrases if phrase.table == table)


@cache
def _compile_outlet_phrase(phrase: OutletPhrase) -> BoilerplatePattern:
    return BoilerplatePattern(
        kind=phrase.kind,
        pattern=re.compile(phrase.pattern),
        name=None,
        examples=phrase.examples,
        counterexamples=phrase.counterexamples,
        gives=(),
    )


def _compile_rows(rows: tuple[_PatternRow, ...]) -> tuple[BoilerplatePattern, ...]:
    return tuple(row.compile() for row in rows)
