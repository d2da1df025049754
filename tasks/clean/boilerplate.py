"""What surrounds articles, as data: ``seeds/languages/<code>/boilerplate.toml``."""

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from typing import get_args
from zoneinfo import ZoneInfo

from schemas.articles import BlockKind
from schemas.errors import StopFlow
from schemas.sources import DateOrder, OutletPhrase, PageHints, PhraseTable
from seeds import SEEDS

__all__ = ["Boilerplate", "Phrase", "load_boilerplate", "with_hints"]

_TABLES = ("line", "prefix", "suffix", "marker", "stamp", "wire", "element")
_KINDS: dict[str, BlockKind] = {"prefix": "dateline", "marker": "related", "stamp": "dateline", "wire": "byline"}


@dataclass(frozen=True, slots=True)
class Phrase:
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Boilerplate:
    """One language's ``boilerplate.toml``, and its time zone; phrases in the order in which they are tried."""

    timezone: ZoneInfo
    """Of dates that name none."""
    date_order: DateOrder
    """Of dates in digits; outlets may differ from their language."""
    end_marks: tuple[str, ...]
    """Close an article at the end of its last line."""
    byline_openers: tuple[str, ...]
    name_joiners: frozenset[str]
    months: Mapping[str, int] = field(hash=False)
    line: tuple[Phrase, ...]
    prefix: tuple[Phrase, ...]
    suffix: tuple[Phrase, ...]
    marker: tuple[Phrase, ...]
    stamp: tuple[Phrase, ...]
    wire: tuple[Phrase, ...]
    element: tuple[Phrase, ...]


@cache
def load_boilerplate(language: str) -> Boilerplate:
    """The boilerplate of a language; read once per process.

    Raises:
        StopFlow: The file is missing, or an entry is not as described there.
    """
    folder = SEEDS / "languages" / language
    try:
        pack, data = (tomllib.loads((folder / name).read_text("utf-8")) for name in ("pack.toml", "boilerplate.toml"))
        return Boilerplate(
            timezone=ZoneInfo(pack["timezone"]),
            date_order="dmy",
            end_marks=tuple(data["end_marks"]),
            byline_openers=tuple(data["byline_openers"]),
            name_joiners=frozenset(data["name_joiners"]),
            months=data.get("months", {}),
            **{table: tuple(_phrases(table, data.get(table, []))) for table in _TABLES},
        )
    except (OSError, KeyError, TypeError, ValueError, re.error) as error:
        raise StopFlow(f"{folder / 'boilerplate.toml'}: {error!r}; correct the entry or restore the file") from error


def with_hints(pack: Boilerplate, hints: PageHints | None) -> Boilerplate:
    """The boilerplate of a language, with what is known of one outlet before it."""
    if hints is None:
        return pack
    return replace(
        pack,
        timezone=ZoneInfo(hints.timezone) if hints.timezone else pack.timezone,
        date_order=hints.date_order,
        line=(*_own(hints, "line"), *pack.line),
        prefix=(*_own(hints, "prefix"), *pack.prefix),
        suffix=(*_own(hints, "suffix"), *pack.suffix),
        marker=(*_own(hints, "marker"), *pack.marker),
        element=(*_own(hints, "element"), *pack.element),
    )


def _own(hints: PageHints, table: PhraseTable) -> Iterator[Phrase]:
    return (_compiled(phrase) for phrase in hints.phrases if phrase.table == table)


@cache
def _compiled(phrase: OutletPhrase) -> Phrase:
    return Phrase(
        kind=phrase.kind,
        pattern=re.compile(phrase.pattern),
        name=None,
        examples=phrase.examples,
        counterexamples=phrase.counterexamples,
        gives=(),
    )


def _phrases(table: str, entries: list[dict[str, object]]) -> Iterator[Phrase]:
    for entry in entries:
        yield Phrase(
            kind=_kind(table, entry),
            pattern=re.compile(str(entry["pattern"])),
            name=str(entry["name"]) if "name" in entry else None,
            examples=_texts(entry, "examples"),
            counterexamples=_texts(entry, "counterexamples"),
            gives=_texts(entry, "gives"),
        )


def _kind(table: str, entry: dict[str, object]) -> BlockKind:
    stated = str(entry.get("kind", _KINDS.get(table)))
    kinds: tuple[BlockKind, ...] = get_args(BlockKind)
    found = next((kind for kind in kinds if kind == stated), None)
    if found is None:
        raise ValueError(f"[[{table}]] has the unknown kind {stated!r}")
    return found


def _texts(entry: dict[str, object], key: str) -> tuple[str, ...]:
    texts = entry.get(key, [])
    if not isinstance(texts, list):
        raise TypeError(f"`{key}` of {entry} is not a list")
    return tuple(map(str, texts))
