"""Links to articles, as feeds, sitemaps and lists give them."""

from dataclasses import dataclass
from datetime import datetime

__all__ = ["Link", "Sitemap"]


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
class Sitemap:
    """A sitemap holds links, a sitemap index further sitemaps."""

    links: tuple[Link, ...] = ()
    """Newest first; those without a date last."""
    children: tuple[str, ...] = ()
    """Addresses, newest first as far as that can be told."""
