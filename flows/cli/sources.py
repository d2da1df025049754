"""Watched sources from the command line: which there are, and whether they answer."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from flows.cli.output.formats import Format
from flows.cli.output.messages import count, say
from flows.cli.output.tables import print_rows
from flows.run.configuration import require_contact
from schemas.fetches import Fetch
from schemas.settings import FetchSettings, IngestSettings, LinkLimits
from schemas.sources import Source
from tasks.lake import QueryResult
from tasks.pool import WorkerPool
from tasks.read.lists import parse_in_workers
from tasks.read.sources.catalogue import SOURCES, choose_sources, load_sources
from tasks.read.sources.tally import SourceReport
from tasks.read.watch import Watch

__all__ = ["check_sources", "list_sources"]

_LISTED = ("id", "name", "kind", "language", "country", "feeds", "sitemaps", "checked", "hosts")
_CHECKED = ("id", "answers", "robots", "links", "newest", "seconds", "problem")


def list_sources(*, catalogue: Path = SOURCES, format: Format = "table") -> None:  # noqa: A002
    """Print the watched sources.

    Args:
        catalogue: Folder of one's own sources; by default the ones that come with Parley.
        format: How to print: a table for people, one JSON array of objects, or CSV (RFC 4180).
    """
    sources = load_sources(catalogue)
    print_rows(QueryResult(_LISTED, _about(sources)), format)
    say(count(len(sources), "source"))


def check_sources(
    *ids: str,
    catalogue: Path = SOURCES,
    contact: str = "",
    allow_host: list[str] | None = None,
    format: Format = "table",  # noqa: A002
) -> int:
    """Ask the feeds and sitemaps of sources, but for no article, and print what answers.

    Args:
        ids: Sources to be checked; by default all.
        catalogue: Folder of one's own sources; by default the ones that come with Parley.
        contact: Web page or mail address that tells web sites who is asking; needed.
        allow_host: A host that may be asked though it is not public, HOST[:PORT][=ADDRESS].
        format: How to print: a table for people, one JSON array of objects, or CSV (RFC 4180).

    Raises:
        StopFlow: There is no such source, or no contact.
    """
    known = load_sources(catalogue)
    sources = choose_sources(ids, known) if ids else known
    require_contact(contact)
    say(f"Asking {count(len(sources), 'source')} …")
    with WorkerPool(1, memory_bytes=IngestSettings().worker_memory_bytes, preload=["tasks.read.lists"]) as pool:
        watch = Watch(
            sources=sources,
            is_known=lambda _: True,  # so that no article is asked for
            settings=FetchSettings(contact=contact, allowed_hosts=tuple(allow_host or ()), attempts=2),
            limits=LinkLimits(),
            clock=lambda: datetime.now(UTC),
            parse=parse_in_workers(pool),
        )
        for _ in watch.read():
            pass
    checks = [
        _check(report, [feed for feed in watch.finished_feeds() if feed.source == report.source])
        for report in watch.reports
    ]
    print_rows(QueryResult(_CHECKED, (check.cells for check in checks)), format)
    silent = [check.source for check in checks if not check.answers]
    say(
        f"{len(silent)} of {len(checks)} do not answer: {', '.join(silent)}" if silent else f"All {len(checks)} answer."
    )
    return 1 if silent else 0


@dataclass(frozen=True, slots=True)
class _Check:
    source: str
    answers: int
    cells: tuple[object, ...]


def _check(report: SourceReport, feeds: list[Fetch]) -> _Check:
    answers = sum(feed.state == "fetched" for feed in feeds)
    robots = ", ".join(sorted({feed.robots for feed in feeds if feed.robots}))
    waited = max((feed.waited_seconds for feed in feeds), default=0.0)
    cells = (report.source, f"{answers} of {len(feeds)}", robots, report.links, report.newest, waited)
    return _Check(report.source, answers, (*cells, "; ".join(report.problems) or None))


def _about(sources: Iterable[Source]) -> Iterator[tuple[object, ...]]:
    for source in sources:
        feeds, sitemaps = len(source.feeds), len(source.sitemaps)
        about = (source.id, source.name, source.kind, source.language, source.country)
        yield (*about, feeds, sitemaps, source.checked, ", ".join(source.hosts))
