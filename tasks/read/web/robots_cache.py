"""robots.txt of every host, asked for once and kept for the run."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

import httpx

from schemas.errors import RejectArticle, RetryLater
from schemas.fetching import HostPace
from schemas.settings import FetchSettings
from tasks.read.web.answers import check_status, is_passing, is_redirect
from tasks.read.web.asking import Asker
from tasks.read.web.bodies import read_beginning
from tasks.read.web.clock import Clock
from tasks.read.web.counts import FetchCounts
from tasks.read.web.retries import Draw, retry
from tasks.read.web.robots import NO_ROBOTS, Robots, parse_robots
from tasks.read.web.urls import follow, host_of

__all__ = ["KeptRobots", "RobotsCache"]

_MAX_REDIRECTS = 5
"""RFC 9309, section 2.3.1.2: follow at least five; after more, the host may be taken to have
none."""


@dataclass(frozen=True, slots=True)
class KeptRobots:
    """What a host's robots.txt says, and until when that counts."""

    robots: Robots
    until: float
    """On the monotonic clock."""


class RobotsCache:
    """Keeps the robots.txt of hosts.

    Requests that need the same one wait for the first that asks.
    """

    def __init__(
        self, settings: FetchSettings, asker: Asker, clock: Clock, draw: Draw, check: Callable[[str], httpx.URL]
    ) -> None:
        self._settings = settings
        self._asker = asker
        self._clock = clock
        self._draw = draw
        self._check = check
        self._kept: dict[str, KeptRobots] = {}
        self._locks: dict[str, asyncio.Lock] = {}

    async def load_for(self, url: httpx.URL, pace: HostPace) -> KeptRobots:
        """Return what robots.txt says at a URL's scheme, host and port.

        Raises:
            RejectArticle: The host itself may not or cannot be asked (``not_public_address``,
                ``tls_failed`` …).
        """
        place = str(url.copy_with(raw_path=b"/robots.txt"))
        async with self._locks.setdefault(place, asyncio.Lock()):
            kept = self._kept.get(place)
            if kept is None or kept.until <= self._clock.monotonic():
                kept = self._kept[place] = await self._load_robots(place, pace)
        return kept

    async def _load_robots(self, place: str, pace: HostPace) -> KeptRobots:
        try:
            robots = await retry(
                lambda: self._follow_robots(place, pace), self._clock.sleep, self._settings, self._draw
            )
            age = self._settings.robots_max_age_seconds
        except RetryLater as failure:
            robots = Robots(None, failure=failure)
            age = max(self._settings.host_pause_seconds, failure.wait_seconds or 0.0)
        return KeptRobots(robots, self._clock.monotonic() + age)

    async def _follow_robots(self, place: str, pace: HostPace) -> Robots:
        found = await self._ask_robots(self._check(place), pace)
        for _ in range(_MAX_REDIRECTS):
            if isinstance(found, Robots):
                return found
            found = await self._ask_elsewhere(found, pace)
        return found if isinstance(found, Robots) else NO_ROBOTS

    async def _ask_elsewhere(self, link: str, pace: HostPace) -> Robots | str:
        """Ask where a redirect leads.

        A place where we may not go says nothing about the host itself.
        """
        try:
            return await self._ask_robots(self._check(link), pace)
        except RejectArticle as error:
            raise RetryLater(error.code, f"robots.txt redirects: {error}") from error

    async def _ask_robots(self, url: httpx.URL, pace: HostPace) -> Robots | str:
        """Return what robots.txt says, or the link it redirects to."""
        async with self._asker.ask(url, {"Accept": "text/plain"}, pace=pace, counts=FetchCounts()) as answer:
            location = answer.headers.get("location")
            if is_redirect(answer.status_code) and location:
                return _follow_redirect(url, location)
            if is_passing(answer.status_code):
                check_status(answer, self._clock.now())
            return await self._parse_answer(answer) if answer.status_code == httpx.codes.OK else NO_ROBOTS

    async def _parse_answer(self, answer: httpx.Response) -> Robots:
        encoding = answer.headers.get("content-encoding", "")
        try:
            body = await read_beginning(answer.aiter_raw(), encoding, self._settings.max_robots_bytes)
        except RejectArticle as error:
            raise RetryLater(error.code, f"robots.txt cannot be read: {error}") from error
        most = self._settings.max_crawl_delay_seconds
        return parse_robots(body, host=host_of(answer.request.url), max_crawl_delay_seconds=most)


def _follow_redirect(url: httpx.URL, location: str) -> str:
    """Return where robots.txt is said to be.

    A redirect to no link says nothing about the host itself.
    """
    try:
        return follow(url, location)
    except RejectArticle as error:
        raise RetryLater(error.code, f"robots.txt redirects: {error}") from error
