"""Feeds and sitemaps as fetched: what links they hold, and the row that remembers each of them.

Their bytes are foreign, and some feeds take a parser minutes, so they are parsed in worker
processes with a time limit.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeAlias

from schemas.errors import RejectArticle
from schemas.fetches import Fetch
from schemas.fetching import Fetched, Outcome, Validators
from schemas.links import DropReason, LinkList
from schemas.settings import LinkLimits
from schemas.sources import Source
from tasks.pool import WorkerFailure, WorkerPool
from tasks.read.fetched import feed_row
from tasks.read.links.feeds import read_feed
from tasks.read.links.sitemaps import read_sitemap
from tasks.read.printable import printable

__all__ = [
    "ListDocument",
    "ListFailure",
    "ParseList",
    "has_changed",
    "parse_document",
    "parse_in_workers",
    "read_answer",
    "usable_validators",
]

_TOLD: frozenset[DropReason] = frozenset({"elsewhere", "no_address", "over_limit"})
"""Entries dropped for these reasons may be articles that somebody misses; repeated and old ones are
not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ListDocument:
    """A feed or sitemap as fetched, with what reading it needs."""

    body: bytes
    url: str
    source: Source
    limits: LinkLimits
    since: datetime | None
    """For sitemaps: leave out what is older. None for a feed."""


@dataclass(frozen=True, slots=True)
class ListFailure:
    """Why a feed or sitemap could not be read.

    Attributes:
        code: Of ``docs/outcomes.md``.
        message: In words.
    """

    code: str
    message: str


ParseList: TypeAlias = Callable[[ListDocument], LinkList | ListFailure]


def parse_document(document: ListDocument) -> LinkList | ListFailure:
    """Parse a feed or sitemap.

    Whatever goes wrong is a value, because not every exception survives the way back.
    """
    try:
        if document.since is None:
            return read_feed(document.body, url=document.url, source=document.source, limits=document.limits)
        return read_sitemap(
            document.body, url=document.url, source=document.source, limits=document.limits, since=document.since
        )
    except RejectArticle as error:
        return ListFailure(error.code, error.message)
    except Exception as error:  # noqa: BLE001  # whatever a foreign document brings about, other sources go on
        return ListFailure("feed_failed", f"{document.url}: {type(error).__name__}: {error}"[:1_000])


def parse_in_workers(pool: WorkerPool) -> ParseList:
    """Return a parser that runs in the pool and ends a worker that takes longer than ``parse_timeout_seconds``."""

    def parse(document: ListDocument) -> LinkList | ListFailure:
        seconds = document.limits.parse_timeout_seconds
        found = pool.call(parse_document, document, timeout_seconds=seconds)
        if not isinstance(found, WorkerFailure):
            return found
        code = "feed_timeout" if found.code == "page_timeout" else found.code
        return ListFailure(code, f"{document.url}: parsing {found.message}")

    return parse


def usable_validators(before: Fetch | None) -> Validators | None:
    """Return what to ask "has it changed?" with.

    None where the last answer could not be read, so that it is again.
    """
    if before is None or before.state not in ("fetched", "unchanged"):
        return None
    return Validators(etag=before.etag, last_modified=before.last_modified)


def read_answer(
    outcome: Outcome, document: Callable[[bytes], ListDocument], parse: ParseList, *, source: str, before: Fetch | None
) -> tuple[Fetch, LinkList]:
    """Read what came of asking for a feed or sitemap.

    Args:
        outcome: What came.
        document: Makes a document of the body.
        parse: Parses it.
        source: Whose it is.
        before: Its last row.

    Returns:
        Its row, and what it holds: nothing where it is as it was when it was last read, or cannot
        be read. The row of a document that was read in part has the code ``entries_dropped`` and
        says how many entries are missing.
    """
    row = feed_row(outcome.url, outcome, source=source, before=before)
    if not isinstance(outcome, Fetched):
        return row, LinkList()
    if usable_validators(before) and before and before.body_sha256 == row.body_sha256:
        return replace(row, code=before.code, message=before.message), LinkList()
    found = parse(document(outcome.body))
    if isinstance(found, ListFailure):
        return replace(row, state="rejected", code=found.code, message=printable(found.message)), LinkList()
    if found.children:
        # An index stays the same while the sitemaps that it names change, so it is always read
        # whole.
        row = replace(row, etag=None, last_modified=None, body_sha256=None)
    if message := _describe_loss(found):
        row = replace(row, code="entries_dropped", message=printable(f"{outcome.url}: {message}"))
    return row, found


def has_changed(row: Fetch, before: Fetch | None) -> bool:
    """Return True if a row says something that the last one did not, also if only the validators are new."""
    return before is None or _facts(row) != _facts(before)


def _facts(row: Fetch) -> tuple[object, ...]:
    state = "fetched" if row.state == "unchanged" else row.state
    return state, row.code, row.body_sha256, row.etag, row.last_modified


def _describe_loss(found: LinkList) -> str:
    """Return what of a document gave no link though it might have; empty if nothing is missing."""
    counts = [f"{count:,} {reason}" for reason, count in found.dropped if reason in _TOLD]
    told = f"of {found.entries:,} entries these gave no link: {', '.join(counts)}" if counts else ""
    return "; ".join(filter(None, [found.damage, told]))
