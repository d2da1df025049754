"""One newspaper: its stories, its pages, and who has asked for them."""

from collections import Counter
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from outlet.faults import fault
from outlet.feeds import BAD_FEEDS, FEEDS, WHOLE
from outlet.replies import Answer, Reply, Request, conditional, html, page, status_page
from outlet.stories import Story, story, story_page

IN_FEED = 50
"""So many of the newest stories stand in feeds and sitemaps."""


@dataclass(frozen=True, slots=True)
class Visit:
    """One request, as the server saw it."""

    host: str
    path: str
    at: float
    """`time.monotonic()` when the head of the request had been read."""
    headers: dict[str, str]
    status: int


class Site:
    """A newspaper. Everything may be changed while it is being read."""

    def __init__(self, host: str, base: str) -> None:
        self.host = host
        self.base = base
        self.stories: list[Story] = []
        self.pages: dict[str, Answer] = {}
        """Stand before everything else."""
        self.robots: str | Answer | None = "User-agent: *\nAllow: /\n"
        self.visits: list[Visit] = []
        self._times = Counter[str]()

    def url(self, path: str) -> str:
        return self.base + path

    def publish(self, count: int) -> list[Story]:
        """New stories, numbered on."""
        fresh = [story(number, self.host) for number in range(len(self.stories), len(self.stories) + count)]
        self.stories += fresh
        return fresh

    def paths(self, prefix: str = "/") -> list[str]:
        """What was asked for, in order."""
        return [visit.path for visit in list(self.visits) if visit.path.startswith(prefix)]

    def gaps(self) -> list[float]:
        """Seconds between each request and the next."""
        times = [visit.at for visit in list(self.visits)]
        return [later - earlier for earlier, later in pairwise(times)]

    def reply(self, request: Request) -> Reply:
        """What this newspaper answers."""
        self._times[request.path] += 1
        request = replace(request, times=self._times[request.path])
        answer = self._answer(request.path.partition("?")[0])
        return answer(request) if callable(answer) else answer

    def _answer(self, path: str) -> Answer:
        if path in self.pages:
            return self.pages[path]
        if path == "/robots.txt":
            return self._robots()
        listed = FEEDS.get(path) or BAD_FEEDS.get(path)
        if listed:
            newest = self.stories[::-1] if path in WHOLE else self.stories[-IN_FEED:][::-1]
            modified = newest[0].published_at if newest else datetime(2024, 1, 1, tzinfo=UTC)
            return lambda request: conditional(listed(newest, self.url), modified, request)
        return self._story(path) or fault(path) or status_page(404)

    def _robots(self) -> Answer:
        if isinstance(self.robots, str):
            return page(self.robots, "text/plain")
        return status_page(404) if self.robots is None else self.robots

    def _story(self, path: str) -> Answer | None:
        if path == "/tin/tuong-lai.html":
            ahead = Story(len(self.stories), datetime.now(UTC) + timedelta(days=30), self.host)
            return html(story_page(ahead, self.url(path)))
        found = next((one for one in self.stories if one.path == path), None)
        if found is None:
            return None
        written = html(story_page(found, self.url(path)))
        return lambda request: conditional(written, found.published_at, request)
