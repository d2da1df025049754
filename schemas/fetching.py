"""What is asked of the web, and what came of it.

Failures are values here, not exceptions: a stream of links becomes a stream of outcomes, and each carries the
facts of how it went. ``docs/outcomes.md`` lists the codes.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

__all__ = [
    "FetchFacts",
    "FetchKind",
    "Fetched",
    "HostPace",
    "Later",
    "NotModified",
    "Outcome",
    "Refused",
    "RobotsVerdict",
    "Validators",
]

FetchKind = Literal["article", "feed", "file"]
"""What is expected behind a link: a page to read, or a list of links (feed, sitemap). A ``file`` is of a folder."""

RobotsVerdict = Literal["allowed", "disallowed", "unavailable", "none"]
"""What robots.txt says: ``none`` where the host has none, ``unavailable`` where it fails and all must wait."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Validators:
    """What an earlier answer gave to ask "has it changed?" with."""

    etag: str | None = None
    last_modified: str | None = None
    """As the server wrote it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HostPace:
    """How gently one source is to be asked; stands in for the settings' own pace."""

    interval_seconds: float
    """At least this long from one answer's beginning to the next request."""
    concurrency: int = 1
    """Answers of the host that may be under way at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchFacts:
    """How a fetch went, whatever came of it."""

    attempts: int
    """Tries, from 1; 0 where nothing was asked because the link itself was refused."""
    redirects: int
    """Hops of the last try."""
    status: int | None
    """HTTP status of the last answer; None where none came."""
    robots: RobotsVerdict | None
    """For the last URL asked; None where robots.txt was not reached."""
    crawl_delay_seconds: float | None
    """What robots.txt asks for, even where it is more than ``max_crawl_delay_seconds`` allows."""
    waited_seconds: float
    """For the host's turn and between tries."""
    wire_bytes: int
    """Bytes of bodies received, as sent, over all tries."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """An answer with a body of a wanted type."""

    url: str
    """As asked for."""
    final_url: str
    """Where redirects led to."""
    status: int
    headers: tuple[tuple[str, str], ...]
    """As received, names in lower case."""
    body: bytes
    """Decompressed."""
    content_type: str | None
    """In lower case, without parameters; None where the server names none."""
    charset: str | None
    """As the ``Content-Type`` header names it, in lower case; may be wrong."""
    etag: str | None
    last_modified: str | None
    fetched_at: datetime
    """UTC."""
    facts: FetchFacts


@dataclass(frozen=True, slots=True, kw_only=True)
class NotModified:
    """Nothing new since the answer that the validators come from."""

    url: str
    etag: str | None
    """As the answer renews it; None where it does not."""
    last_modified: str | None
    facts: FetchFacts


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """A failure that asking again will not mend."""

    url: str
    code: str
    message: str
    facts: FetchFacts


@dataclass(frozen=True, slots=True, kw_only=True)
class Later:
    """A failure that may pass; every allowed try was made, or the host asks for a longer pause than we wait."""

    url: str
    code: str
    message: str
    retry_at: datetime
    """UTC; not worth asking before."""
    facts: FetchFacts


Outcome = Fetched | NotModified | Refused | Later
