"""How a source did in one pass: its feeds, its links, what it cost."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from schemas.fetches import Fetch
from schemas.links import Link

__all__ = ["SourceReport", "SourceTally"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceReport:
    """A source after a pass; a host of no source, where a link was given by hand."""

    source: str
    feeds: dict[str, int]
    """Feeds and sitemaps by state: ``fetched``, ``unchanged``, ``rejected``, ``later``."""
    problems: tuple[str, ...]
    """What is wrong with feeds, in words; at most three."""
    links: int
    """Named by feeds and sitemaps, each once."""
    known: int
    """Of them, those with an outcome already."""
    asked: dict[str, int]
    """Links asked for, by state."""
    newest: datetime | None
    """Latest date of publication that a feed gives, UTC."""
    requests: int
    wire_bytes: int
    waited_seconds: float
    """Waited for the host's turn and between tries, summed over requests."""


class SourceTally:
    """Adds up the requests of a source."""

    def __init__(self, source: str) -> None:
        self._source = source
        self._feeds: Counter[str] = Counter()
        self._asked: Counter[str] = Counter()
        self._problems: list[str] = []
        self._links = self._known = self._requests = self._wire_bytes = 0
        self._waited_seconds = 0.0
        self._newest: datetime | None = None

    def count_feed(self, row: Fetch) -> None:
        """A feed or sitemap was asked for."""
        self._feeds[row.state] += 1
        if row.message:
            self._problems.append(f"{row.message} ({row.code})")
        self._count_cost(row)

    def count_link(self, link: Link, *, known: bool) -> None:
        """A feed or sitemap names a link."""
        self._links += 1
        self._known += known
        if link.published_at and (self._newest is None or link.published_at > self._newest):
            self._newest = link.published_at

    def count_fetch(self, row: Fetch) -> None:
        """A link was asked for."""
        self._asked[row.state] += 1
        self._count_cost(row)

    def report(self) -> SourceReport:
        """The counts so far."""
        return SourceReport(
            source=self._source,
            feeds=dict(self._feeds),
            problems=tuple(self._problems[:3]),
            links=self._links,
            known=self._known,
            asked=dict(self._asked),
            newest=self._newest,
            requests=self._requests,
            wire_bytes=self._wire_bytes,
            waited_seconds=round(self._waited_seconds, 1),
        )

    def _count_cost(self, row: Fetch) -> None:
        self._requests += row.requests
        self._wire_bytes += row.wire_bytes
        self._waited_seconds += row.waited_seconds
