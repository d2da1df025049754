"""Watched sources as data: a folder is the catalogue, one TOML file is one outlet.

The shipped catalogue is ``seeds/sources``; a folder of your own is read the same way.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from difflib import get_close_matches
from pathlib import Path
from urllib.parse import urlsplit

from schemas.articles import Page
from schemas.errors import StopFlow
from schemas.settings import IngestSettings
from schemas.sources import PageHints, Source
from seeds import SEEDS
from tasks.read.sources.source_file import read_source_file

__all__ = [
    "SOURCES",
    "choose_sources",
    "find_source",
    "hints_for",
    "is_allowed",
    "load_sources",
    "watched_sources",
    "with_source_hints",
]

SOURCES = SEEDS / "sources"
"""The shipped catalogue."""


def load_sources(folder: Path) -> tuple[Source, ...]:
    """Read a folder of sources.

    Args:
        folder: ``SOURCES``, or a folder of one's own; its ``*.toml`` files are read, the folders in
            it are not.

    Returns:
        Sources in the order of their file names; never empty. No two have the same name, feed or
        sitemap.

    Raises:
        StopFlow: The folder holds no source, or a file is wrong; the message names the file and the
            key.
    """
    paths = sorted(folder.glob("*.toml"))
    if not paths:
        raise StopFlow(f"{folder}: holds no sources; put a NAME.toml for each outlet there, or name another folder")
    sources = tuple(read_source_file(path) for path in paths)
    _check_unique([(source.id, "name", source.name) for source in sources], folder)
    _check_unique([(source.id, "feeds", url) for source in sources for url in source.feeds], folder)
    _check_unique([(source.id, "sitemaps", url) for source in sources for url in source.sitemaps], folder)
    return sources


def watched_sources(settings: IngestSettings) -> tuple[Source, ...]:
    """Read the catalogue of a run: the folder that its settings name, or the shipped one.

    Raises:
        StopFlow: As :func:`load_sources`.
    """
    return load_sources(Path(settings.catalogue) if settings.catalogue else SOURCES)


def choose_sources(ids: Iterable[str], sources: Iterable[Source]) -> tuple[Source, ...]:
    """Return the sources with these ids, in the order of the ids.

    Raises:
        StopFlow: No source has one of the ids.
    """
    known = {source.id: source for source in sources}
    wanted = tuple(ids)
    if unknown := [name for name in wanted if name not in known]:
        near = [name for one in unknown for name in get_close_matches(one, known)]
        hint = f"did you mean {' or '.join(near)}? " if near else ""
        raise StopFlow(f"there is no source {', '.join(unknown)}; {hint}`parley sources list` shows all of them")
    return tuple(known[name] for name in wanted)


def find_source(url: str, sources: Iterable[Source]) -> Source | None:
    """Return the first source that has the host of a page; None if no source has it."""
    return next((source for source in sources if is_allowed(url, source)), None)


def is_allowed(url: str, source: Source) -> bool:
    """Return True if a URL is on one of the source's hosts or on a subdomain of one."""
    try:
        host = urlsplit(url).hostname or ""
    except ValueError:  # "http://["
        return False
    return any(host == own or host.endswith(f".{own}") for own in source.hosts)


def hints_for(source: Source, day: date) -> PageHints:
    """Return what cleaning should know about a page of the source.

    Args:
        source: The outlet.
        day: When the page was fetched: an old article that is fetched after a redesign looks like
            the new ones.
    """
    fitting = [one for one in source.selectors if one.since <= day]
    return PageHints(
        outlet=source.name,
        timezone=source.timezone,
        date_order=source.date_order,
        phrases=source.phrases,
        address_date=source.address_date,
        selectors=fitting[-1] if fitting else None,
    )


def with_source_hints(page: Page, sources: Iterable[Source]) -> Page:
    """Add the hints of the source whose host the page is from.

    Return it as it is if no source has its host.
    """
    source = find_source(page.sidecar.url or "", sources)
    return replace(page, hints=hints_for(source, page.fetched_at.date())) if source else page


def _check_unique(owned: Iterable[tuple[str, str, str]], folder: Path) -> None:
    owners: dict[str, str] = {}
    for owner, key, value in owned:
        if (first := owners.setdefault(value, owner)) != owner:
            raise StopFlow(f"{folder / owner}.toml: {key}: {value} is in {first}.toml already; delete one")
