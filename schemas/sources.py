"""What Parley watches: an outlet, its feeds, and what is peculiar to its pages."""

from dataclasses import dataclass
from datetime import date
from typing import Literal

from schemas.blocks import BlockKind

__all__ = ["DateOrder", "OutletPhrase", "PageHints", "PhraseTable", "Politeness", "Selectors", "Source", "SourceKind"]

SourceKind = Literal[
    "national", "party", "government", "army", "police", "agency", "broadcaster", "diplomatic", "business", "local",
    "foreign",
]  # fmt: skip
"""Who speaks: ``party``, ``government``, ``army`` and ``police`` name the body an outlet belongs to."""
PhraseTable = Literal["line", "prefix", "suffix", "marker", "element"]
DateOrder = Literal["dmy", "mdy"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Politeness:
    """How gently an outlet is read; its ``robots.txt`` may ask for more, never for less."""

    seconds_between_requests: float = 2.0
    connections: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Selectors:
    """Where an outlet's pages keep their parts, from a day on; CSS, or XPath if it begins with ``/`` or ``(``."""

    since: date
    """First day on which fetched pages look so. A redesign adds an entry; pages fetched before keep theirs."""
    body: str | None = None
    title: str | None = None
    published: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OutletPhrase:
    """An entry of the shape of ``seeds/languages/*/boilerplate.toml`` that holds for one outlet."""

    table: PhraseTable
    kind: BlockKind
    pattern: str
    """Python regular expression, searched in folded text."""
    examples: tuple[str, ...]
    counterexamples: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PageHints:
    """What cleaning should know of the outlet that a page is from."""

    outlet: str | None = None
    """Name of the outlet; what the page's sidecar says comes before it."""
    timezone: str | None = None
    """IANA name, of dates on the page that name none; None for that of the page's language."""
    date_order: DateOrder = "dmy"
    """How the outlet writes dates in digits."""
    phrases: tuple[OutletPhrase, ...] = ()
    """Tried before those of the language."""
    address_date: str | None = None
    """How the outlet writes days into addresses: a regular expression with the groups year, month and day."""
    selectors: Selectors | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """An outlet that is watched: one file of a folder of sources."""

    id: str
    """Name of the file; what ``articles.source`` says."""
    name: str
    language: str
    """ISO 639-1."""
    country: str
    """ISO 3166-1 alpha-2, where the outlet is at home."""
    kind: SourceKind
    homepage: str
    hosts: tuple[str, ...]
    """Pages are read from these hosts and their subdomains only."""
    feeds: tuple[str, ...] = ()
    sitemaps: tuple[str, ...] = ()
    """Sitemaps or indexes of them; news sitemaps where there are any, because they are short."""
    timezone: str = "Asia/Ho_Chi_Minh"
    """IANA name, of dates that name none."""
    date_order: DateOrder = "dmy"
    politeness: Politeness = Politeness()
    phrases: tuple[OutletPhrase, ...] = ()
    address_date: str | None = None
    """How days stand in addresses: a regular expression with the groups ``year``, ``month`` and ``day``."""
    selectors: tuple[Selectors, ...] = ()
    """Oldest first."""
    checked: date | None = None
    """Last day on which somebody fetched the feeds; None if nobody has."""
    note: str | None = None
    """Where the addresses are from, and what is known to be wrong with them."""
