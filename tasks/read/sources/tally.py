"""How a source did in one pass: its feeds, its links, what it cost."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from schemas.fetches import Fetch
from schemas.links import DropReason, Link

__all__ = ["SourceReport", "SourceTally"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceReport:
    """Statistics of one source after one pass. For a URL given by hand ``source`` is its host."""

    source: str
    feeds: dict[str, int]
    """Feeds and sitemaps by state: ``fetched``, ``unchanged``, ``rejected``, ``later``."""
    problems: tuple[str, ...]
    """What is wrong with feeds, in words; at most three."""
    dropped: dict[str, int]
    """Entries of feeds and sitemaps that gave no link, by reason (``schemas.links.DropReason``)."""
    links: int
    """Named by feeds and sitemaps, each once."""
    known: int
    """Of them, those with an outcome already."""
    requested: int
    """Links beside those of feeds and sitemaps: given by hand, or put off by earlier runs."""
    asked: dict[str, int]
    """Links with an outcome of this run, by state; together as many as ``links - known +
    requested``."""
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
        self._dropped: Counter[str] = Counter()
        self._links = self._known = self._requested = self._requests = self._wire_bytes = 0
        self._waited_seconds = 0.0
        self._newest: datetime | None = None

    def count_feed(self, row: Fetch) -> None:
        """Count a feed or sitemap that was asked for."""
        self._feeds[row.state] += 1
        if row.message:
            self.count_problem(f"{row.message} ({row.code})")
        self._count_cost(row)

    def count_dropped(self, dropped: Iterable[tuple[DropReason, int]]) -> None:
        """Count entries that gave no link."""
        self._dropped.update(dict(dropped))

    def count_requested(self, number: int) -> None:
        """Count links that are asked for beside those of feeds."""
        self._requested += number

    def count_problem(self, problem: str) -> None:
        """Remember what is wrong, in words."""
        self._problems.append(problem)

    def count_link(self, link: Link, *, known: bool) -> None:
        """Count a link that a feed or sitemap names for the first time in this pass."""
        self._links += 1
        self._known += known
        if link.published_at and (self._newest is None or link.published_at > self._newest):
            self._newest = link.published_at

    def count_fetch(self, row: Fetch) -> None:
        """Count the outcome of a link."""
        self._asked[row.state] += 1
        self._count_cost(row)

    def report(self) -> SourceReport:
        """Return the counts so far."""
        return SourceReport(
            source=self._source,
            feeds=dict(self._feeds),
            problems=tuple(self._problems[:3]),
            dropped=dict(self._dropped),
            links=self._links,
            known=self._known,
            requested=self._requested,
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
