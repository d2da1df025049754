"""One pass over watched sources and given links: what there is to read, as it arrives.

Each source is read at its own pace beside all others: first its feeds and sitemaps, then the links
that are new, newest first. What feeds said of themselves can be had at the end only, by
:meth:`Watch.finished_feeds`: stored earlier, it would keep the next run from reading links that
this one did not get to.
"""

import asyncio
from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

from schemas.articles import Page
from schemas.fetches import Fetch
from schemas.fetching import Fetched, FetchFacts, FetchKind, HostPace, Later, Outcome, Refused, Validators
from schemas.links import Link, LinkList
from schemas.settings import FetchSettings, LinkLimits
from schemas.sources import Source
from schemas.stream import InputItem
from tasks.read.fetched import link_row, to_page
from tasks.read.lists import ListDocument, ParseList, has_changed, parse_document, read_answer, usable_validators
from tasks.read.sources.tally import SourceReport, SourceTally
from tasks.read.web import Fetcher
from tasks.read.web.stream import Put, stream

__all__ = ["LinkRequest", "Watch"]

_MOST_WAITING = 32
"""Pages that lie ready; with the bound of bytes of each, this bounds memory."""
_PAUSE_SECONDS = 5.0
"""A batch waits no longer for its next page, so that what slow outlets publish is not held back."""
_OVERLAP = timedelta(days=1)
"""Sitemaps date entries by the day, in zones of their own."""
_LONG_AGO = datetime.min.replace(tzinfo=UTC)
_NOT_ASKED = FetchFacts(
    attempts=0, redirects=0, status=None, robots=None, crawl_delay_seconds=None, waited_seconds=0.0, wire_bytes=0
)


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
        parse: ParseList = parse_document,
        last_read: Mapping[str, datetime] | None = None,
    ) -> None:
        """Prepare a pass; nothing is asked before :meth:`read`.

        Args:
            sources: The sources to read.
            catalogue: Sources that requests may belong to; their links are asked for at their pace.
            requests: Links to be asked for beside those of feeds: given by hand, or put off by
                earlier runs.
            is_known: Returns True for a canonical link that need not be asked for.
            feeds_before: The last rows of feeds and sitemaps, by their address.
            settings: How the web is asked.
            limits: What feeds and sitemaps may cost.
            clock: UTC.
            parse: Parses feeds and sitemaps, in a thread;
                :func:`~tasks.read.lists.parse_in_workers` bounds its time.
            last_read: When each source was last heard of. Of sitemaps everything since then is
                taken, so that a run after an outage of weeks misses nothing.
        """
        self._sources = tuple(sources)
        self._by_id = {source.id: source for source in (*catalogue, *self._sources)}
        self._requests = tuple(requests)
        self._is_known = is_known
        self._before = feeds_before or {}
        self._settings = settings
        self._limits = limits
        self._clock = clock
        self._parse = parse
        self._last_read = last_read or {}
        self._taken: set[int] = set()
        self._tallies: dict[str, SourceTally] = {}
        self._feeds: list[Fetch] = []
        self._deadline = 0.0
        self._has_ended = False

    @property
    def reports(self) -> tuple[SourceReport, ...]:
        """Return how each source has done so far, by name."""
        return tuple(self._tallies[name].report() for name in sorted(self._tallies))

    def finished_feeds(self) -> tuple[Fetch, ...]:
        """Return the rows of feeds and sitemaps that are not as they were.

        Raises:
            RuntimeError: :meth:`read` has not been read to its end; the rows must not be stored
                before all links are.
        """
        if not self._has_ended:
            raise RuntimeError("the pass has not ended yet")
        return tuple(self._feeds)

    def read(self) -> Iterator[InputItem]:
        """Read everything there is.

        Yields:
            For each link a ``Fetch``, and right behind it its page if there is one. Pauses where
            nothing arrives. Links that are known are passed over. Links that ``run_budget_seconds``
            do not suffice for are put off.

        Raises:
            StopFlow: A setting makes no sense.
        """
        yield from stream(self._produce_items, most_waiting=_MOST_WAITING, pause_seconds=_PAUSE_SECONDS)
        self._has_ended = True

    async def _produce_items(self, put: Put[InputItem]) -> None:
        self._deadline = asyncio.get_running_loop().time() + self._settings.run_budget_seconds
        try:
            async with Fetcher(self._settings) as fetcher, asyncio.TaskGroup() as group:
                for name, requests in self._group_requests().items():
                    host = self._host_of(name)
                    host.tally.count_requested(len(requests))
                    group.create_task(self._fetch_links(fetcher, put, host, requests))
                for source in self._sources:
                    group.create_task(self._read_source(fetcher, put, source))
        except BaseExceptionGroup as errors:
            raise _first_error(errors) from errors

    def _group_requests(self) -> dict[str, list[LinkRequest]]:
        """Group requests by the source they belong to, or else by host.

        Claim them before any feed can name them.
        """
        by_source: defaultdict[str, list[LinkRequest]] = defaultdict(list)
        for request in self._requests:
            if self._claim_link(request.link.url):
                by_source[request.link.source or urlsplit(request.link.url).hostname or ""].append(request)
        return by_source

    def _host_of(self, name: str) -> _Host:
        return _Host(name, self._by_id.get(name), self._tallies.setdefault(name, SourceTally(name)))

    def _claim_link(self, url: str) -> bool:
        """Return True the first time that a link is met in this pass."""
        before = len(self._taken)
        self._taken.add(hash(url))
        return len(self._taken) > before

    async def _read_source(self, fetcher: Fetcher, put: Put[InputItem], source: Source) -> None:
        host = self._host_of(source.id)
        links = [link for url in source.feeds for link in await self._read_feed(fetcher, host, source, url)]
        links += [link for url in source.sitemaps for link in await self._read_sitemaps(fetcher, host, source, url)]
        links.sort(key=lambda link: link.published_at or _LONG_AGO, reverse=True)
        fresh = [LinkRequest(link) for link in links if self._is_new(link, host)]
        await self._fetch_links(fetcher, put, host, fresh)

    def _is_new(self, link: Link, host: _Host) -> bool:
        if not self._claim_link(link.url):
            host.tally.count_dropped([("repeated", 1)])
            return False
        known = self._is_known(link.url)
        host.tally.count_link(link, known=known)
        return not known

    async def _read_feed(self, fetcher: Fetcher, host: _Host, source: Source, url: str) -> tuple[Link, ...]:
        found = await self._read_list(fetcher, host, source, url, since=None, before=self._before.get(url))
        return found.links

    async def _read_sitemaps(self, fetcher: Fetcher, host: _Host, source: Source, url: str) -> list[Link]:
        """Return the links of a sitemap and of the sitemaps below it, at most ``max_children`` of them.

        The first is read even if it is as it was: an index stays the same while the sitemaps that
        it names change.
        """
        since = self._oldest_wanted(source)
        links: list[Link] = []
        queue, met = deque([(url, 0)]), {url}
        while queue:
            address, depth = queue.popleft()
            before = self._before.get(address) if depth else None
            found = await self._read_list(fetcher, host, source, address, since=since, before=before)
            links += found.links
            wanted = [child for child in found.children if child not in met]
            room = self._limits.max_children + 1 - len(met) if depth < self._limits.max_index_depth else 0
            met.update(wanted[:room])
            queue.extend((child, depth + 1) for child in wanted[:room])
            if passed_over := len(wanted[room:]):
                host.tally.count_dropped([("over_limit", passed_over)])
                host.tally.count_problem(f"{address}: {passed_over} of its sitemaps are not read (over_limit)")
        return links

    def _oldest_wanted(self, source: Source) -> datetime:
        """Return how old entries of sitemaps may be: ``sitemap_days``, or back to when the source was last heard of."""
        now = self._clock()
        usual = now - timedelta(days=self._limits.sitemap_days)
        last_read = self._last_read.get(source.id, now)
        return max(min(usual, last_read - _OVERLAP), now - timedelta(days=self._limits.max_sitemap_days))

    async def _read_list(
        self, fetcher: Fetcher, host: _Host, source: Source, url: str, *, since: datetime | None, before: Fetch | None
    ) -> LinkList:
        """Return what a feed or sitemap holds.

        The list is empty where it is as it was before, or cannot be read.
        """
        outcome = await self._fetch(fetcher, url, "feed", usable_validators(before), host.pace)

        def to_document(body: bytes) -> ListDocument:
            return ListDocument(body=body, url=url, source=source, limits=self._limits, since=since)

        row, found = await asyncio.to_thread(
            read_answer, outcome, to_document, self._parse, source=host.name, before=before
        )
        host.tally.count_feed(row)
        host.tally.count_dropped(found.dropped)
        if has_changed(row, self._before.get(url)):
            self._feeds.append(row)
        return found

    async def _fetch(
        self, fetcher: Fetcher, url: str, kind: FetchKind, validators: Validators | None, pace: HostPace | None
    ) -> Outcome:
        """Fetch a URL within what is left of the run's time.

        Otherwise put it off until the next run.
        """
        left = self._deadline - asyncio.get_running_loop().time()
        if left > 0:
            try:
                async with asyncio.timeout(left):
                    return await fetcher.fetch(url, kind, validators=validators, pace=pace)
            except TimeoutError:
                pass
        seconds = self._settings.run_budget_seconds
        message = f"the {seconds:,.0f} seconds of this run did not suffice; the next run asks for it"
        return Later(url=url, code="out_of_time", message=message, retry_at=self._clock(), facts=_NOT_ASKED)

    async def _fetch_links(
        self, fetcher: Fetcher, put: Put[InputItem], host: _Host, requests: list[LinkRequest]
    ) -> None:
        """Ask for links, as many at once as the host may be asked."""
        waiting = iter(requests)

        async def work() -> None:
            for request in waiting:
                outcome = await self._fetch(fetcher, request.link.url, "article", request.validators, host.pace)
                await self._hand_over(put, host, request, outcome)

        most = host.pace.concurrency if host.pace else self._settings.host_concurrency
        async with asyncio.TaskGroup() as group:
            for _ in range(min(most, len(requests))):
                group.create_task(work())

    async def _hand_over(self, put: Put[InputItem], host: _Host, request: LinkRequest, outcome: Outcome) -> None:
        try:
            items = self._to_items(host, request, outcome)
        except Exception as error:  # noqa: BLE001  # whatever one answer brings about, others go on
            message = f"{request.link.url}: {type(error).__name__}: {error}"[:1_000]
            failure = Refused(url=request.link.url, code="fetch_failed", message=message, facts=outcome.facts)
            items = self._to_items(host, request, failure)
        host.tally.count_fetch(items[0])
        for item in items:
            await put(item)

    def _to_items(self, host: _Host, request: LinkRequest, outcome: Outcome) -> tuple[Fetch] | tuple[Fetch, Page]:
        """Return the row of a link, and its page if there is one."""
        row = link_row(
            request.link,
            outcome,
            source=host.name,
            attempt=request.attempt,
            most_attempts=self._settings.runs,
            now=self._clock(),
            validators=request.validators,
        )
        if not isinstance(outcome, Fetched):
            return (row,)
        return row, to_page(request.link, outcome, source=host.source, name=host.name)


def _first_error(errors: BaseExceptionGroup[BaseException]) -> BaseException:
    """Return the first error of a group, out of the groups inside it."""
    first = errors.exceptions[0]
    return _first_error(first) if isinstance(first, BaseExceptionGroup) else first
