"""One URL fetched properly, many at once: the only door to the web.

Order of things for a URL, and again for every redirect: look at the link, then at robots.txt, wait
for the host's turn, ask, look at status and type, read the body within bounds. Inside, failures are
exceptions; ``fetch`` turns them into values.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, fields, replace
from datetime import timedelta
from types import TracebackType
from typing import Self

import httpx

from schemas.errors import RejectArticle, RetryLater, StopFlow
from schemas.fetching import Fetched, FetchKind, HostPace, Later, NotModified, Outcome, Refused, Validators
from schemas.settings import FetchSettings
from tasks.read.printable import printable_link
from tasks.read.web.addresses import parse_allowed_hosts
from tasks.read.web.answers import (
    check_content_type,
    check_status,
    content_type_of,
    is_redirect,
    meta_refresh,
    refresh_target,
)
from tasks.read.web.asking import Asker
from tasks.read.web.bodies import check_announced, is_gzip, read_body, unpack_gzip
from tasks.read.web.clock import Clock, SystemClock
from tasks.read.web.connections import CheckedTransport
from tasks.read.web.counts import FetchCounts
from tasks.read.web.retries import Draw, draw_evenly, retry
from tasks.read.web.robots_cache import RobotsCache
from tasks.read.web.sockets import AddressResolver, CheckedSockets, SystemAddressResolver
from tasks.read.web.urls import check_url, follow, host_of

__all__ = ["Fetcher"]


_NOBODY_THERE = {"dns_failed", "connect_failed"}
"""Codes that say more than that robots.txt cannot be had."""


_FRAMING_FACTOR = 2
"""A body in chunks of 32 bytes, the least that is read, takes up to a quarter more bytes than it
has."""
_MAX_HEAD_BYTES = 1_000_000

_ANYTHING_ELSE = "*/*;q=0.1"
"""Servers that name types wrongly would answer 406 without it; what they send is looked at."""


@dataclass(frozen=True, slots=True)
class _FetchRequest:
    """The link that is wanted, and the counts of getting it."""

    link: str
    kind: FetchKind
    validators: Validators
    pace: HostPace
    counts: FetchCounts


class Fetcher:
    """Fetches URLs, as many at once as are asked for: hosts side by side, each at its own pace.

        async with Fetcher(FetchSettings(contact="https://example.org/about")) as fetcher:
            outcome = await fetcher.fetch("https://example.vn/tin.html", "article")

    A fetcher lives as long as a run: it keeps connections, robots.txt and the hosts' turns. Nothing
    of it is shared with another one.
    """

    def __init__(
        self,
        settings: FetchSettings,
        *,
        resolver: AddressResolver | None = None,
        clock: Clock | None = None,
        draw: Draw = draw_evenly,
    ) -> None:
        """Open nothing yet.

        Args:
            settings: Who asks, how gently, how long, how much.
            resolver: Finds the addresses of names; the system's where None. What it finds is
                checked.
            clock: Tells the time and lets pauses pass; the time limits of answers run on the
                machine's clock.
            draw: Draws the pauses between tries.

        Raises:
            StopFlow: A setting makes no sense.
        """
        _check_settings(settings)
        self._settings = settings
        self._clock = clock or SystemClock()
        self._draw = draw
        self._allowed = parse_allowed_hosts(settings.allowed_hosts)
        self._system = SystemAddressResolver(settings.concurrency)
        self._transport = CheckedTransport(
            settings,
            CheckedSockets(
                resolver or self._system,
                self._allowed,
                max_answer_bytes=_FRAMING_FACTOR * settings.max_wire_bytes + _MAX_HEAD_BYTES,
            ),
        )
        self._asker = Asker(settings, self._transport, self._clock)
        self._robots = RobotsCache(settings, self._asker, self._clock, draw, self._check_link)
        self._pace = HostPace(interval_seconds=settings.interval_seconds, concurrency=settings.host_concurrency)

    async def __aenter__(self) -> Self:
        """Return the fetcher; nothing is opened before the first fetch."""
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Close every connection."""
        await self._transport.aclose()
        self._system.close()

    async def fetch(
        self, url: str, kind: FetchKind, *, validators: Validators | None = None, pace: HostPace | None = None
    ) -> Outcome:
        """Fetch a URL; follow its redirects, obey robots.txt, wait for its host's turn, try again what may pass.

        Args:
            url: As a feed or a person gives it.
            kind: What is expected there; decides which content types are accepted.
            validators: Of the answer that is already known.
            pace: Of the source, in place of the settings' pace.

        Returns:
            ``Fetched`` or, only where validators were given, ``NotModified``; for failures
            ``Refused`` or ``Later`` with a code of ``docs/outcomes.md``. Nothing of a foreign
            machine's doing raises.
        """
        request = _FetchRequest(url, kind, validators or Validators(), pace or self._pace, FetchCounts())
        try:
            start = self._check_link(url)
            return await retry(
                lambda: self._try_once(start, request), self._make_pause(request), self._settings, self._draw
            )
        except RejectArticle as error:
            return Refused(url=url, code=error.code, message=error.message, facts=request.counts.facts())
        except RetryLater as error:
            return self._put_off(error, request)
        except StopFlow:
            raise
        except Exception as error:  # noqa: BLE001  # whatever a foreign machine brings about, other links go on
            message = f"{printable_link(url)}: {type(error).__name__}: {error}"[:1_000]
            return Refused(url=url, code="fetch_failed", message=message, facts=request.counts.facts())

    def _check_link(self, link: str) -> httpx.URL:
        return check_url(link, max_chars=self._settings.max_url_chars, allowed=self._allowed)

    def _make_pause(self, request: _FetchRequest) -> Callable[[float], Awaitable[None]]:
        async def pause(seconds: float) -> None:
            request.counts.waited_seconds += seconds
            await self._clock.sleep(seconds)

        return pause

    def _put_off(self, error: RetryLater, request: _FetchRequest) -> Later:
        pause = self._settings.max_backoff_seconds if error.wait_seconds is None else error.wait_seconds
        retry_at = self._clock.now() + timedelta(seconds=pause)
        facts = request.counts.facts()
        return Later(url=request.link, code=error.code, message=error.message, retry_at=retry_at, facts=facts)

    async def _try_once(self, start: httpx.URL, request: _FetchRequest) -> Fetched | NotModified:
        request.counts.begin_attempt()
        visited = [start]
        while isinstance(found := await self._ask_url(visited[-1], request), str):
            url = self._check_link(found)
            if url in visited:
                raise RejectArticle("redirect_loop", f"{start} leads back to {url}")
            if len(visited) > self._settings.max_redirects:
                raise RejectArticle("too_many_redirects", f"{start} redirects more than {len(visited) - 1} times")
            visited.append(url)
            request.counts.redirects += 1
        return found

    async def _ask_url(self, url: httpx.URL, request: _FetchRequest) -> Fetched | NotModified | str:
        """Return what is at a URL, or the link it redirects to."""
        pace = await self._find_pace(url, request)
        async with self._asker.ask(url, self._conditional_headers(request), pace=pace, counts=request.counts) as answer:
            if is_redirect(answer.status_code):
                return follow(url, answer.headers.get("location", ""))
            if answer.status_code == httpx.codes.NOT_MODIFIED and request.validators != Validators():
                return NotModified(
                    url=request.link,
                    etag=answer.headers.get("etag"),
                    last_modified=answer.headers.get("last-modified"),
                    facts=request.counts.facts(),
                )
            check_status(answer, self._clock.now())
            found = await self._read_document(answer, request)
        return _moved_to(found, url, request.kind) or found

    async def _find_pace(self, url: httpx.URL, request: _FetchRequest) -> HostPace:
        """Return how fast a URL may be asked for; raise an error if it may not."""
        kept = await self._robots.load_for(url, request.pace)
        counts, robots = request.counts, kept.robots
        counts.robots = robots.verdict(str(url))
        counts.crawl_delay_seconds = robots.crawl_delay_seconds
        if robots.failure:
            pause = max(0.0, kept.until - self._clock.monotonic())
            code = robots.failure.code if robots.failure.code in _NOBODY_THERE else "robots_unavailable"
            raise RetryLater(code, f"robots.txt of {host_of(url)} cannot be had: {robots.failure}", pause)
        if counts.robots == "disallowed":
            raise RejectArticle("robots_disallowed", f"robots.txt of {host_of(url)} forbids {url.path}")
        delay = min(robots.crawl_delay_seconds or 0.0, self._settings.max_crawl_delay_seconds)
        return replace(request.pace, interval_seconds=max(request.pace.interval_seconds, delay))

    def _conditional_headers(self, request: _FetchRequest) -> dict[str, str]:
        known = request.validators
        asked = {"If-None-Match": known.etag or "", "If-Modified-Since": known.last_modified or ""}
        usable = {name: value for name, value in asked.items() if value and value.isascii() and value.isprintable()}
        return {"Accept": ", ".join([*self._wanted_types(request), _ANYTHING_ELSE]), **usable}

    def _wanted_types(self, request: _FetchRequest) -> tuple[str, ...]:
        return self._settings.article_types if request.kind == "article" else self._settings.feed_types

    async def _read_document(self, answer: httpx.Response, request: _FetchRequest) -> Fetched:
        content_type, charset = content_type_of(answer)
        check_content_type(content_type, self._wanted_types(request), host_of(answer.request.url))
        body = await self._read_answer_body(answer, request)
        return Fetched(
            url=request.link,
            final_url=str(answer.request.url),
            status=answer.status_code,
            headers=tuple(answer.headers.multi_items()),
            body=body,
            content_type=content_type,
            charset=charset,
            etag=answer.headers.get("etag"),
            last_modified=answer.headers.get("last-modified"),
            fetched_at=self._clock.now(),
            facts=request.counts.facts(),
        )

    async def _read_answer_body(self, answer: httpx.Response, request: _FetchRequest) -> bytes:
        most = self._settings.max_body_bytes
        check_announced(answer.headers.get("content-length"), self._settings.max_wire_bytes)
        body = await read_body(
            answer.aiter_raw(),
            answer.headers.get("content-encoding", ""),
            max_wire_bytes=self._settings.max_wire_bytes,
            max_body_bytes=most,
            count=request.counts.count_wire,
        )
        return unpack_gzip(body, most) if request.kind == "feed" and is_gzip(body) else body


def _moved_to(page: Fetched, url: httpx.URL, kind: FetchKind) -> str | None:
    """Return the link to which a document sends its readers at once.

    The link is None if it does not, or to itself.
    """
    headers = dict(page.headers)
    target = refresh_target(headers.get("refresh"))
    if target is None and kind == "article" and page.content_type != "text/plain":
        target = meta_refresh(page.body)
    if target is None:
        return None
    link = follow(url, target)
    return None if link.partition("#")[0] == str(url) else link


def _check_settings(settings: FetchSettings) -> None:
    """Pass if every count is at least one (``max_redirects`` may be none) and no time is negative."""
    for field in fields(settings):
        value = getattr(settings, field.name)
        least = 0 if isinstance(field.default, float) or field.name == "max_redirects" else 1
        if isinstance(value, int | float) and not value >= least:
            raise StopFlow(f"{field.name} is {value}; set it to {least} or more")
