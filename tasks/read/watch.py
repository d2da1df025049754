"""One pass over watched sources and given links: what there is to read, as it arrives.

Each source is read at its own pace beside all others: first its feeds and sitemaps, then the links that are new,
newest first. What feeds said of themselves is told at the end only, by :attr:`Watch.feeds`: stored earlier, it
would keep the next run from reading links that this one did not get to.
"""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from urllib.parse import urlsplit

from schemas.errors import RejectArticle
from schemas.fetches import Fetch
from schemas.fetching import Fetched, HostPace, Outcome, Validators
from schemas.links import Link, Sitemap
from schemas.settings import FetchSettings, LinkLimits
from schemas.sources import Source
from schemas.stream import InputItem
from tasks.read.fetched import feed_row, link_row, to_page
from tasks.read.links.feeds import read_feed
from tasks.read.links.sitemaps import read_sitemap
from tasks.read.sources.tally import SourceReport, SourceTally
from tasks.read.web import Fetcher
from tasks.read.web.stream import Put, stream

__all__ = ["LinkRequest", "Watch"]

_MOST_WAITING = 32
"""Pages that lie ready; with the bound of bytes of each, this bounds memory."""
_PAUSE_SECONDS = 5.0
"""A batch waits no longer for its next page, so that what slow outlets publish is not held back."""
_LONG_AGO = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class LinkRequest:
    """A link to be asked for."""

    link: Link
    attempt: int = 1
    """Which run's try it is."""
    validators: Validators | None = None
    """Of the answer that is known already."""


@dataclass(frozen=True, slots=True)
class _Host:
    """Where requests of one pace go: a watched source, or a host of no source."""

    name: str
    source: Source | None
    tally: SourceTally

    @property
    def pace(self) -> HostPace | None:
        if self.source is None:
            return None
        politeness = self.source.politeness
        return HostPace(interval_seconds=politeness.seconds_between_requests, concurrency=politeness.connections)


class Watch:
    """Reads sources and links once."""

    def __init__(
        self,
        *,
        sources: Iterable[Source],
        catalogue: Iterable[Source] = (),
        requests: Iterable[LinkRequest] = (),
        is_known: Callable[[str], bool] = lambda _: False,
        feeds_before: Mapping[str, Fetch] | None = None,
        settings: FetchSettings,
        limits: LinkLimits,
        clock: Callable[[], datetime],
    ) -> None:
        """Prepare a pass; nothing is asked before :meth:`read`.

        Args:
            sources: To be read.
            catalogue: Sources whose requests there may be; they are asked at the pace of theirs.
            requests: Links to be asked for beside what the sources lead to: given by hand, or put off by earlier runs.
            is_known: Whether a canonical link need not be asked for.
            feeds_before: The last rows of feeds and sitemaps, by their address.
            settings: How the web is asked.
            limits: What feeds and sitemaps may cost.
            clock: UTC.
        """
        self._sources = tuple(sources)
        self._by_id = {source.id: source for source in (*catalogue, *self._sources)}
        self._requests = tuple(requests)
        self._is_known = is_known
        self._before = feeds_before or {}
        self._settings = settings
        self._limits = limits
        self._clock = clock
        self._taken: set[int] = set()
        self._tallies: dict[str, SourceTally] = {}
        self.feeds: list[Fetch] = []
        """Feeds and sitemaps that are not as they were; complete once :meth:`read` has ended."""

    @property
    def reports(self) -> tuple[SourceReport, ...]:
        """How each source has done so far, by name."""
        return tuple(self._tallies[name].report() for name in sorted(self._tallies))

    def read(self) -> Iterator[InputItem]:
        """Everything there is to read.

        Yields:
            For each link a ``Fetch``, and right behind it its page if there is one. Pauses where nothing arrives.
            Links that are known are passed over.

        Raises:
            StopFlow: A setting makes no sense.
        """
        return stream(self._produce_items, most_waiting=_MOST_WAITING, pause_seconds=_PAUSE_SECONDS)

    async def _produce_items(self, put: Put[InputItem]) -> None:
        try:
            async with Fetcher(self._settings) as fetcher, asyncio.TaskGroup() as group:
                for name, requests in self._group_requests().items():
                    group.create_task(self._fetch_links(fetcher, put, self._host_of(name), requests))
                for source in self._sources:
                    group.create_task(self._read_source(fetcher, put, source))
        except BaseExceptionGroup as errors:
            raise errors.exceptions[0] from errors

    def _group_requests(self) -> dict[str, list[LinkRequest]]:
        """Requests by the source they belong to, or else by host; claimed before any feed can name them."""
        by_source: defaultdict[str, list[LinkRequest]] = defaultdict(list)
        for request in self._requests:
            if self._claim_link(request.link.url):
                by_source[request.link.source or urlsplit(request.link.url).hostname or ""].append(request)
        return by_source

    def _host_of(self, name: str) -> _Host:
        return _Host(name, self._by_id.get(name), self._tallies.setdefault(name, SourceTally(name)))

    def _claim_link(self, url: str) -> bool:
        """True the first time that a link is met in this pass."""
        before = len(self._taken)
        self._taken.add(hash(url))
        return len(self._taken) > before

    async def _read_source(self, fetcher: Fetcher, put: Put[InputItem], source: Source) -> None:
        host = self._host_of(source.id)
        links = [link for url in source.feeds for link in await self._read_feed(fetcher, host, source, url)]
        links += [link for url in source.sitemaps for link in await self._read_sitemap(fetcher, host, source, url)]
        links.sort(key=lambda link: link.published_at or _LONG_AGO, reverse=True)
        await self._fetch_links(fetcher, put, host, [LinkRequest(link) for link in links if self._is_new(link, host)])

    def _is_new(self, link: Link, host: _Host) -> bool:
        if not self._claim_link(link.url):
            return False
        known = self._is_known(link.url)
        host.tally.count_link(link, known=known)
        return not known

    async def _read_feed(self, fetcher: Fetcher, host: _Host, source: Source, url: str) -> tuple[Link, ...]:
        def parse(body: bytes) -> Sitemap:
            return Sitemap(links=read_feed(body, url=url, source=source, limits=self._limits))

        return (await self._read_list(fetcher, host, url, parse, self._before.get(url))).links

    async def _read_sitemap(self, fetcher: Fetcher, host: _Host, source: Source, url: str) -> tuple[Link, ...]:
        """Its links and those of the sitemaps it names; an index within an index is not followed.

        It is read even if it is as it was: an index stays the same while the sitemaps it names change.
        """
        since = self._clock() - timedelta(days=self._limits.sitemap_days)
        parse = partial(self._parse_sitemap, source, since)
        top = await self._read_list(fetcher, host, url, partial(parse, url), None)
        below = [
            await self._read_list(fetcher, host, child, partial(parse, child), self._before.get(child))
            for child in top.children
        ]
        return (*top.links, *(link for sitemap in below for link in sitemap.links))

    def _parse_sitemap(self, source: Source, since: datetime, url: str, body: bytes) -> Sitemap:
        return read_sitemap(body, url=url, source=source, limits=self._limits, since=since)

    async def _read_list(
        self, fetcher: Fetcher, host: _Host, url: str, parse: Callable[[bytes], Sitemap], before: Fetch | None
    ) -> Sitemap:
        """What stands in a feed or sitemap; nothing where it is as it was before, or cannot be read."""
        outcome = await fetcher.fetch(url, "feed", validators=_validators_of(before), pace=host.pace)
        row = feed_row(url, outcome, source=host.name)
        found = Sitemap()
        if isinstance(outcome, Fetched) and not (before and before.body_sha256 == row.body_sha256):
            try:
                found = await asyncio.to_thread(parse, outcome.body)
            except RejectArticle as error:
                row = replace(row, state="rejected", code=error.code, message=error.message)
        host.tally.count_feed(row)
        if _has_changed(row, self._before.get(url)):
            self.feeds.append(row)
        return found

    async def _fetch_links(
        self, fetcher: Fetcher, put: Put[InputItem], host: _Host, requests: list[LinkRequest]
    ) -> None:
        """Ask for links, as many at once as the host may be asked."""
        waiting = iter(requests)

        async def work() -> None:
            for request in waiting:
                outcome = await fetcher.fetch(
                    request.link.url, "article", validators=request.validators, pace=host.pace
                )
                await self._hand_over(put, host, request, outcome)

        most = host.pace.concurrency if host.pace else self._settings.host_concurrency
        async with asyncio.TaskGroup() as group:
            for _ in range(min(most, len(requests))):
                group.create_task(work())

    async def _hand_over(self, put: Put[InputItem], host: _Host, request: LinkRequest, outcome: Outcome) -> None:
        row = link_row(
            request.link,
            outcome,
            source=host.name,
            attempt=request.attempt,
            most_attempts=self._settings.runs,
            now=self._clock(),
        )
        host.tally.count_fetch(row)
        await put(row)
        if isinstance(outcome, Fetched):
            await put(to_page(request.link, outcome, source=host.source, name=host.name))


def _validators_of(before: Fetch | None) -> Validators | None:
    return Validators(etag=before.etag, last_modified=before.last_modified) if before else None


def _has_changed(row: Fetch, before: Fetch | None) -> bool:
    if before is None:
        return True
    if row.state == "unchanged":
        return False
    return (row.state, row.code, row.body_sha256) != (before.state, before.code, before.body_sha256)
