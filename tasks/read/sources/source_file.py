"""One TOML file of a catalogue, validated: what may stand in it, and the ``Source`` that it describes."""

import re
from collections import Counter
from collections.abc import Iterator
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, field_validator, model_validator

from schemas.blocks import BlockKind
from schemas.errors import StopFlow
from schemas.sources import DateOrder, OutletPhrase, PhraseTable, Politeness, Selectors, Source, SourceKind
from tasks.clean.address_dates import address_day
from tasks.seed_files import SeedTable, check_pattern, check_timezone, read_seed_file

__all__ = ["read_source_file"]

_ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_HOST = re.compile(r"(?!www\.)[a-z0-9-]+(\.[a-z0-9-]+)+")
_USUAL = Politeness()
_USUAL_KINDS: dict[PhraseTable, BlockKind] = {"prefix": "dateline", "marker": "related"}


def read_source_file(path: Path) -> Source:
    """Read one source; the name of its file is its id.

    Raises:
        StopFlow: The file cannot be read, or a key is unknown, missing or wrong; the message names
            file and key.
    """
    if not _ID.fullmatch(path.stem):
        raise StopFlow(f"{path}: file name: {path.stem!r} is not an id; use lower-case ASCII letters, digits and '-'")
    return read_seed_file(path, _SourceFile).to_source(path.stem)


def _check_text(text: str) -> str:
    if not text.strip():
        raise ValueError("is empty; write a text")
    return text


def _check_host(host: str) -> str:
    if not _HOST.fullmatch(host):
        raise ValueError(f"{host!r} is not a host; write it in lower case and without www., such as baomau.example")
    return host


def _check_selector(selector: str) -> str:
    # The import takes a second, because it brings lxml and trafilatura along; most catalogues have
    # no selectors.
    from tasks.clean.selectors import compile_selector

    compile_selector(selector)
    return selector


_Text = Annotated[str, AfterValidator(_check_text)]
_Host = Annotated[str, AfterValidator(_check_host)]
_Pattern = Annotated[str, AfterValidator(_check_text), AfterValidator(check_pattern)]
_Selector = Annotated[str, AfterValidator(_check_text), AfterValidator(_check_selector)]
_TimeZone = Annotated[str, AfterValidator(check_timezone)]


class _PolitenessTable(SeedTable):
    seconds_between_requests: Annotated[float, Field(ge=0, le=3600)] = _USUAL.seconds_between_requests
    connections: Annotated[int, Field(ge=1, le=16)] = _USUAL.connections


class _PhraseRow(SeedTable):
    kind: BlockKind | None = None
    pattern: _Pattern
    examples: tuple[_Text, ...] = ()
    counterexamples: tuple[_Text, ...] = ()


class _SelectorsRow(SeedTable):
    since: date
    body: _Selector | None = None
    title: _Selector | None = None
    published: _Selector | None = None


class _AddressDateTable(SeedTable):
    pattern: _Pattern
    examples: dict[str, date]
    """Addresses of own wording, with the day that each names."""

    @model_validator(mode="after")
    def check_examples(self) -> Self:
        """See that the pattern has its groups and reads its examples."""
        if {"year", "month", "day"} - re.compile(self.pattern).groupindex.keys():
            raise ValueError("pattern: needs the groups (?P<year>…), (?P<month>…) and (?P<day>…)")
        for url, day in self.examples.items():
            found = address_day(url, self.pattern)
            if found is None or found.day != day:
                raise ValueError(f"examples: {url} does not give {day}")
        return self


class _SourceFile(SeedTable):
    name: _Text
    language: Annotated[str, Field(pattern=r"^[a-z]{2}$")]
    country: Annotated[str, Field(pattern=r"^[A-Z]{2}$")]
    kind: SourceKind
    homepage: str
    hosts: tuple[_Host, ...] = ()
    feeds: tuple[str, ...] = ()
    sitemaps: tuple[str, ...] = ()
    timezone: _TimeZone = "Asia/Ho_Chi_Minh"
    date_order: DateOrder = "dmy"
    politeness: _PolitenessTable = _PolitenessTable()
    line: tuple[_PhraseRow, ...] = ()
    prefix: tuple[_PhraseRow, ...] = ()
    suffix: tuple[_PhraseRow, ...] = ()
    marker: tuple[_PhraseRow, ...] = ()
    element: tuple[_PhraseRow, ...] = ()
    address_date: _AddressDateTable | None = None
    selectors: tuple[_SelectorsRow, ...] = ()
    checked: date | None = None
    note: _Text | None = None

    @field_validator("line", "suffix", "element")
    @classmethod
    def check_kinds(cls, rows: tuple[_PhraseRow, ...]) -> tuple[_PhraseRow, ...]:
        """See that every row says what kind of block it marks.

        Prefixes and markers have a usual one.
        """
        for number, row in enumerate(rows, 1):
            if row.kind is None:
                raise ValueError(f"entry {number} has no `kind`; write one such as promo or related")
        return rows

    @field_validator("selectors")
    @classmethod
    def check_order(cls, rows: tuple[_SelectorsRow, ...]) -> tuple[_SelectorsRow, ...]:
        """See that a redesign is added at the end."""
        if any(later.since <= earlier.since for earlier, later in pairwise(rows)):
            raise ValueError("`since` must grow from entry to entry; add a redesign at the end")
        return rows

    @model_validator(mode="after")
    def check_whole(self) -> Self:
        """See what no key tells on its own."""
        for key, url in self._list_addresses():
            _check_address(url, self.hosts, key)
        if not (self.feeds or self.sitemaps):
            raise ValueError("feeds: there are neither feeds nor sitemaps; name at least one")
        repeated = [url for url, times in Counter((*self.feeds, *self.sitemaps)).items() if times > 1]
        if repeated:
            raise ValueError(f"feeds: {repeated[0]} is listed twice; delete one")
        if self.checked is None and not self.note:
            raise ValueError("note: say where the addresses are from, or when they were last fetched (`checked`)")
        return self

    def to_source(self, source_id: str) -> Source:
        """Return what the file describes."""
        return Source(
            id=source_id,
            name=self.name,
            language=self.language,
            country=self.country,
            kind=self.kind,
            homepage=self.homepage,
            hosts=self.hosts,
            feeds=self.feeds,
            sitemaps=self.sitemaps,
            timezone=self.timezone,
            date_order=self.date_order,
            politeness=Politeness(**self.politeness.model_dump()),
            phrases=tuple(self._list_phrases()),
            selectors=tuple(Selectors(**row.model_dump()) for row in self.selectors),
            checked=self.checked,
            note=self.note,
        )

    def _list_addresses(self) -> Iterator[tuple[str, str]]:
        yield "homepage", self.homepage
        yield from (("feeds", url) for url in self.feeds)
        yield from (("sitemaps", url) for url in self.sitemaps)

    def _list_phrases(self) -> Iterator[OutletPhrase]:
        tables: dict[PhraseTable, tuple[_PhraseRow, ...]] = {
            "line": self.line,
            "prefix": self.prefix,
            "suffix": self.suffix,
            "marker": self.marker,
            "element": self.element,
        }
        for table, rows in tables.items():
            for row in rows:
                yield OutletPhrase(
                    table=table,
                    kind=row.kind or _USUAL_KINDS[table],
                    pattern=row.pattern,
                    examples=row.examples,
                    counterexamples=row.counterexamples,
                )


def _check_address(url: str, hosts: tuple[str, ...], key: str) -> None:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError(f"{key}: {url!r} is not an http or https address")
    if not any(parts.hostname == host or parts.hostname.endswith(f".{host}") for host in hosts):
        raise ValueError(f"{key}: {url} is on none of the hosts ({', '.join(hosts)}); add its host to `hosts`")
