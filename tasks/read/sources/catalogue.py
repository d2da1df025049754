"""Watched sources as data: a folder is the catalogue, one TOML file is one outlet.

The shipped catalogue is ``seeds/sources``; a folder of one's own is read the same way.
"""

import re
import tomllib
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import fields, replace
from datetime import date
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import get_args
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from schemas.articles import Page
from schemas.blocks import BlockKind
from schemas.errors import StopFlow
from schemas.settings import IngestSettings
from schemas.sources import DateOrder, OutletPhrase, PageHints, PhraseTable, Politeness, Selectors, Source, SourceKind
from seeds import SEEDS
from tasks.read.sources import cells
from tasks.read.sources.cells import Table

__all__ = [
    "SOURCES",
    "choose_sources",
    "find_source",
    "hinted",
    "hints_for",
    "is_allowed",
    "load_source",
    "load_sources",
    "watched_sources",
]

SOURCES = SEEDS / "sources"
"""The shipped catalogue."""

_ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_LANGUAGE = re.compile(r"[a-z]{2}")
_COUNTRY = re.compile(r"[A-Z]{2}")
_HOST = re.compile(r"(?!www\.)[a-z0-9-]+(\.[a-z0-9-]+)+")
_TABLES: tuple[PhraseTable, ...] = get_args(PhraseTable)
_KINDS: tuple[BlockKind, ...] = get_args(BlockKind)
_USUAL_KINDS: dict[str, BlockKind] = {"prefix": "dateline", "marker": "related"}
_KEYS = {field.name for field in fields(Source)} - {"id", "phrases"} | {*_TABLES}
_PHRASE_KEYS = {"kind", "pattern", "examples", "counterexamples"}


def load_sources(folder: Path) -> tuple[Source, ...]:
    """Read a folder of sources.

    Args:
        folder: ``SOURCES``, or a folder of one's own; its ``*.toml`` files are read, folders in it are not.

    Returns:
        Sources in the order of their file names; never empty. No two have the same name, feed or sitemap.

    Raises:
        StopFlow: The folder holds no source, or a file is wrong; the message names the file and the key.
    """
    paths = sorted(folder.glob("*.toml"))
    if not paths:
        raise StopFlow(f"{folder}: holds no sources; put a NAME.toml for each outlet there, or name another folder")
    sources = tuple(load_source(path) for path in paths)
    _check_unique([(source.id, "name", source.name) for source in sources], folder)
    _check_unique([(source.id, "feeds", url) for source in sources for url in source.feeds], folder)
    _check_unique([(source.id, "sitemaps", url) for source in sources for url in source.sitemaps], folder)
    return sources


def watched_sources(settings: IngestSettings) -> tuple[Source, ...]:
    """The sources of a run: those of the folder that its settings name, or those that come with Parley.

    Raises:
        StopFlow: As :func:`load_sources`.
    """
    return load_sources(Path(settings.catalogue) if settings.catalogue else SOURCES)


def load_source(path: Path) -> Source:
    """Read one source; its file name is its id.

    Raises:
        StopFlow: The file cannot be read, or a key is unknown, missing or wrong; the message names file and key.
    """
    try:
        return _source(path.stem, tomllib.loads(path.read_text("utf-8")))
    except (OSError, ValueError) as error:  # TOML and UTF-8 errors are ValueErrors too
        raise StopFlow(f"{path}: {error}") from error


def choose_sources(ids: Iterable[str], sources: Iterable[Source]) -> tuple[Source, ...]:
    """The sources of these ids, in their order.

    Raises:
        StopFlow: There is no source of an id.
    """
    known = {source.id: source for source in sources}
    wanted = tuple(ids)
    if unknown := [name for name in wanted if name not in known]:
        raise StopFlow(f"there is no source {', '.join(unknown)}; `parley sources list` names those there are")
    return tuple(known[name] for name in wanted)


def find_source(url: str, sources: Iterable[Source]) -> Source | None:
    """The first source that a page belongs to by its host; None if no source does."""
    return next((source for source in sources if is_allowed(url, source)), None)


def is_allowed(url: str, source: Source) -> bool:
    """Whether a URL is on one of the source's hosts or a subdomain of one."""
    try:
        host = urlsplit(url).hostname or ""
    except ValueError:  # "http://["
        return False
    return any(host == own or host.endswith(f".{own}") for own in source.hosts)


def hints_for(source: Source, day: date) -> PageHints:
    """What cleaning should know of a page of the source.

    Args:
        source: The outlet.
        day: When the page was fetched. An old article that is fetched after a redesign looks like the new ones.
    """
    fitting = [one for one in source.selectors if one.since <= day]
    return PageHints(
        outlet=source.name,
        timezone=source.timezone,
        date_order=source.date_order,
        phrases=source.phrases,
        selectors=fitting[-1] if fitting else None,
    )


def hinted(page: Page, sources: Iterable[Source]) -> Page:
    """The page with the hints of the source whose host it is from; as it is where it is from none of them."""
    source = find_source(page.sidecar.url or "", sources)
    return replace(page, hints=hints_for(source, page.fetched_at.date())) if source else page


def _source(name: str, table: Table) -> Source:
    cells.check_keys(table, _KEYS)
    hosts = tuple(cells.matching(_HOST, host, "hosts") for host in cells.texts(table, "hosts"))
    source = Source(
        id=cells.matching(_ID, name, "file name"),
        name=cells.text(table, "name"),
        language=cells.matching(_LANGUAGE, cells.text(table, "language"), "language"),
        country=cells.matching(_COUNTRY, cells.text(table, "country"), "country"),
        kind=cells.one_of(get_args(SourceKind), table.get("kind"), "kind"),
        homepage=_address(cells.text(table, "homepage"), hosts, "homepage"),
        hosts=hosts,
        feeds=tuple(_address(url, hosts, "feeds") for url in cells.texts(table, "feeds")),
        sitemaps=tuple(_address(url, hosts, "sitemaps") for url in cells.texts(table, "sitemaps")),
        timezone=_timezone(table),
        date_order=cells.one_of(get_args(DateOrder), table.get("date_order", "dmy"), "date_order"),
        politeness=cells.within("politeness", table.get("politeness", {}), _politeness),
        phrases=tuple(_phrases(table)),
        selectors=tuple(cells.within("selectors", row, _selectors) for row in cells.tables(table, "selectors")),
        checked=cells.day(table, "checked") if "checked" in table else None,
        note=cells.text(table, "note") if "note" in table else None,
    )
    _check_whole(source)
    return source


def _check_whole(source: Source) -> None:
    """What no key tells on its own."""
    addresses = [*source.feeds, *source.sitemaps]
    if not addresses:
        raise ValueError("feeds: there are neither feeds nor sitemaps; name at least one")
    if repeated := [url for url, times in Counter(addresses).items() if times > 1]:
        raise ValueError(f"feeds: {repeated[0]} stands there twice; drop one")
    if source.checked is None and not source.note:
        raise ValueError("note: say where the addresses are from, or when they were last fetched (`checked`)")
    if any(later.since <= earlier.since for earlier, later in pairwise(source.selectors)):
        raise ValueError("selectors: `since` must grow from entry to entry; a redesign is added at the end")


def _check_unique(owned: Iterable[tuple[str, str, str]], folder: Path) -> None:
    owners: dict[str, str] = {}
    for owner, key, value in owned:
        if (first := owners.setdefault(value, owner)) != owner:
            raise StopFlow(f"{folder / owner}.toml: {key}: {value} is in {first}.toml already; drop one")


def _address(url: str, hosts: tuple[str, ...], key: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError(f"{key}: {url!r} is no http or https address")
    if not any(parts.hostname == host or parts.hostname.endswith(f".{host}") for host in hosts):
        raise ValueError(f"{key}: {url} is on none of the hosts ({', '.join(hosts)}); add its host to `hosts`")
    return url


def _timezone(table: Table) -> str:
    name = cells.text({"timezone": "Asia/Ho_Chi_Minh", **table}, "timezone")
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        raise ValueError(f"timezone: {name!r} is no time zone; write one such as Asia/Ho_Chi_Minh") from error
    return name


def _politeness(table: Table) -> Politeness:
    usual = Politeness()
    cells.check_keys(table, {field.name for field in fields(Politeness)})
    return Politeness(
        seconds_between_requests=cells.number(
            table, "seconds_between_requests", usual.seconds_between_requests, 0, 3600
        ),
        connections=int(cells.number(table, "connections", usual.connections, 1, 16)),
    )


def _selectors(table: Table) -> Selectors:
    cells.check_keys(table, {field.name for field in fields(Selectors)})
    return Selectors(
        since=cells.day(table, "since"),
        body=_selector(table, "body"),
        title=_selector(table, "title"),
        published=_selector(table, "published"),
    )


def _selector(table: Table, key: str) -> str | None:
    if key not in table:
        return None
    # Compiling one takes what cleaning takes to start, a second; a catalogue without selectors is listed at once.
    from tasks.clean.selectors import compile_selector

    selector = cells.text(table, key)
    try:
        compile_selector(selector)
    except ValueError as error:
        raise ValueError(f"{key}: {error}") from error
    return selector


def _phrases(table: Table) -> Iterator[OutletPhrase]:
    for name in _TABLES:
        for row in cells.tables(table, name):
            yield cells.within(name, row, partial(_phrase, name))


def _phrase(name: PhraseTable, row: Table) -> OutletPhrase:
    cells.check_keys(row, _PHRASE_KEYS)
    pattern = cells.text(row, "pattern")
    try:
        re.compile(pattern)
    except re.error as error:
        raise ValueError(f"pattern: {pattern!r} is no regular expression: {error}") from error
    return OutletPhrase(
        table=name,
        kind=cells.one_of(_KINDS, row.get("kind", _USUAL_KINDS.get(name)), "kind"),
        pattern=pattern,
        examples=cells.texts(row, "examples"),
        counterexamples=cells.texts(row, "counterexamples"),
    )
