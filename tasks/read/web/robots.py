"""robots.txt, read as RFC 9309 asks.

A host without one (4xx) allows everything; one whose robots.txt fails (5xx, 429, no answer) allows
nothing for now.
"""

import logging
import re
from dataclasses import dataclass

from protego import Protego

from schemas.errors import RetryLater
from schemas.fetching import RobotsVerdict

__all__ = ["NO_ROBOTS", "PRODUCT_TOKEN", "Robots", "parse_robots"]

PRODUCT_TOKEN = "Parley"
"""The name by which a group of robots.txt means us."""
_AGENT_LINE = re.compile(r"\s*user[- ]?agent\b\s*:?\s*(?P<name>[a-z_-]+|\*)?", re.IGNORECASE)
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Robots:
    """What one host's robots.txt says to us."""

    rules: Protego | None
    """None where there is none to obey."""
    crawl_delay_seconds: float | None = None
    failure: RetryLater | None = None
    """Why nothing may be asked for now."""

    def verdict(self, url: str) -> RobotsVerdict:
        """Return what robots.txt says about a URL of this host."""
        if self.failure:
            return "unavailable"
        if self.rules is None:
            return "none"
        return "allowed" if self.rules.can_fetch(url, PRODUCT_TOKEN) else "disallowed"


NO_ROBOTS = Robots(None)
"""Of a host without robots.txt."""


def parse_robots(body: bytes, *, host: str, max_crawl_delay_seconds: float) -> Robots:
    """Read a robots.txt; lines that mean nothing are passed over, as the RFC asks.

    Args:
        body: As received, cut where the settings say.
        host: For the log.
        max_crawl_delay_seconds: A longer delay is kept as asked for, and the log says that it is
            not obeyed in full.
    """
    text = body.decode("utf-8-sig", "replace")
    rules = Protego.parse("\n".join(map(_with_our_groups, text.splitlines())))
    delay = rules.crawl_delay(PRODUCT_TOKEN)
    if delay is not None and delay > max_crawl_delay_seconds:
        _log.warning("%s asks for %g s between requests; it is asked every %g s", host, delay, max_crawl_delay_seconds)
    return Robots(rules, crawl_delay_seconds=delay)


def _with_our_groups(line: str) -> str:
    """Return a line, with the groups of all other agents made one.

    Protego copies the rules for each agent: a file with ten thousand of both would fill the memory.
    It would also take a group for ``Par`` to be ours.
    """
    match = _AGENT_LINE.match(line)
    if not match:
        return line
    name = (match["name"] or "").lower()
    return f"User-agent: {name if name in ('*', PRODUCT_TOKEN.lower()) else 'another'}"
