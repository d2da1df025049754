"""Links to articles, as feeds, sitemaps and lists give them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

__all__ = ["DropReason", "Link", "LinkList"]

DropReason = Literal["elsewhere", "no_address", "over_limit", "repeated", "too_old"]
"""Why an entry of a feed or sitemap gave no link.

``elsewhere``: it leads to another outlet. ``no_address``: it has no http or https address. ``over_limit``: more entries
came before it than are taken. ``repeated``: it was in the list before. ``too_old``: it says that it is older than
``LinkLimits.sitemap_days``.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """Where an article is, and what was said of it there."""

    url: str
    """Canonical; good to fetch."""
    title: str | None = None
    """Plain text, one line."""
    published_at: datetime | None = None
    """UTC. None where nothing was said, or nothing that is a date."""
    language: str | None = None
    """ISO 639-1, as stated: many feeds say ``en`` whatever they hold, so it is a hint and no more."""
    source: str | None = None
    """Id of the watched source that it belongs to."""
    found_in: str
    """Address of the feed or sitemap, or ``FILE:LINE`` of a list."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkList:
    """What a feed, a sitemap or an index of sitemaps holds; every entry is a link, a child, or counted as dropped."""

    links: tuple[Link, ...] = ()
    """Of a feed in its order; of a sitemap newest first, those without a date last."""
    children: tuple[str, ...] = ()
    """Addresses of further sitemaps, newest first as far as that can be told."""
    dropped: tuple[tuple[DropReason, int], ...] = ()
    """How many entries gave no link, by reason; no reason twice, no count of 0."""
    damage: str | None = None
    """What is wrong with the document where it could be read in part only, in words; None for a sound one."""

    @property
    def entries(self) -> int:
        """The number of entries that were read."""
        return len(self.links) + len(self.children) + sum(count for _, count in self.dropped)
