"""One request to one host: in its turn, within the time limit, its failure as one of our errors."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager

import httpx

from schemas.errors import StopFlow
from schemas.fetching import HostPace
from schemas.settings import FetchSettings
from schemas.version import parley_version
from tasks.read.web.answers import is_document, is_passing
from tasks.read.web.bodies import ACCEPT_ENCODING
from tasks.read.web.clock import Clock
from tasks.read.web.connections import skim, translated_errors
from tasks.read.web.counts import FetchCounts
from tasks.read.web.pacing import Gate
from tasks.read.web.retries import retry_after_seconds
from tasks.read.web.robots import PRODUCT_TOKEN
from tasks.read.web.urls import host_of

__all__ = ["Asker", "user_agent"]


def user_agent(contact: str) -> str:
    """Return the User-Agent header: ``Parley/0.1.0 (+https://example.org/about)``.

    Raises:
        StopFlow: There is no contact, or it cannot stand in a header.
    """
    if not contact.strip() or not contact.isascii() or not contact.isprintable() or {*"()"} & {*contact}:
        raise StopFlow(
            f"--contact is {contact!r}: give a URL or e-mail address, in ASCII and without brackets, where site owners "
            "can reach you (or set PARLEY_CONTACT)"
        )
    return f"{PRODUCT_TOKEN}/{parley_version()} (+{contact.strip()})"


class Asker:
    """Sends requests; each host has a gate of its own, which spaces them."""

    def __init__(self, settings: FetchSettings, transport: httpx.AsyncBaseTransport, clock: Clock) -> None:
        self._settings = settings
        self._transport = transport
        self._clock = clock
        self._gates: dict[str, Gate] = {}
        self._places = asyncio.Semaphore(settings.concurrency)
        self._headers = {"User-Agent": user_agent(settings.contact), "Accept-Encoding": ACCEPT_ENCODING}
        self._timeouts = {
            "connect": settings.connect_timeout_seconds,
            "read": settings.read_timeout_seconds,
            "write": settings.read_timeout_seconds,
        }

    @asynccontextmanager
    async def ask(
        self, url: httpx.URL, headers: Mapping[str, str], *, pace: HostPace, counts: FetchCounts
    ) -> AsyncIterator[httpx.Response]:
        """Give the head of an answer; read the body of a document inside. Afterwards the answer is closed.

        Args:
            url: Checked.
            headers: Beside those that every request has.
            pace: ``interval_seconds`` is taken as it is: the caller has looked at the crawl-delay.
            counts: Told how long the turn was waited for, and the status.

        Raises:
            RetryLater, RejectArticle: See ``translated_errors``, ``Gate.turn`` and
                ``addresses.check_public``; also from what happens inside.
        """
        gate = self._gates.setdefault(host_of(url), Gate(host_of(url), self._clock))
        chosen = self._settings
        came = self._clock.monotonic()
        async with gate.seat(pace.concurrency), AsyncExitStack() as under_way:
            async with gate.turn(pace.interval_seconds, patience_seconds=chosen.max_retry_after_seconds):
                await under_way.enter_async_context(self._places)
                counts.waited_seconds += self._clock.monotonic() - came
                under_way.enter_context(
                    gate.count_failures(
                        most_failures=chosen.failures_before_pause, pause_seconds=chosen.host_pause_seconds
                    )
                )
                under_way.enter_context(translated_errors(host_of(url)))
                await under_way.enter_async_context(asyncio.timeout(chosen.total_timeout_seconds))
                answer = await self._transport.handle_async_request(self._build_request(url, headers))
                under_way.push_async_callback(answer.aclose)
            counts.status = answer.status_code
            self._heed_pause(answer, gate)
            if not is_document(answer.status_code):
                await skim(answer)
            yield answer

    def _build_request(self, url: httpx.URL, headers: Mapping[str, str]) -> httpx.Request:
        return httpx.Request("GET", url, headers={**self._headers, **headers}, extensions={"timeout": self._timeouts})

    def _heed_pause(self, answer: httpx.Response, gate: Gate) -> None:
        """Keep a pause that the host asks for from all requests to it."""
        pause = retry_after_seconds(answer.headers.get("retry-after"), self._clock.now())
        if pause and is_passing(answer.status_code):
            gate.close_for(pause, "asked for a pause")
