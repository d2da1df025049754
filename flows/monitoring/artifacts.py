"""What a run leaves in Prefect's pages: its report, its progress, a page for each source, and its events.

The rows are in the lake by then, so that a server which does not answer costs a warning in the log and no more.
"""

import re
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from unicodedata import normalize
from uuid import UUID

import httpx
from prefect import get_run_logger
from prefect.artifacts import (
    create_markdown_artifact,
    create_progress_artifact,
    create_table_artifact,
    update_progress_artifact,
)
from prefect.client.orchestration import get_client
from prefect.client.schemas.actions import ArtifactUpdate
from prefect.client.schemas.filters import ArtifactCollectionFilter, ArtifactCollectionFilterKey
from prefect.client.schemas.objects import ArtifactCollection
from prefect.events import emit_event
from prefect.settings import PREFECT_CLIENT_MAX_RETRIES, temporary_settings

from flows.monitoring.events import Event, find_degradation, find_new_meetings, find_silences
from flows.monitoring.health import SourceHealth, source_health
from flows.monitoring.report import run_report, source_report
from flows.run.progress import LISTENER, Progress
from flows.run.summary import IngestSummary
from schemas.settings import AlertSettings
from tasks.lake import LakeHistory, open_lake

__all__ = ["artifact_key", "leave_report", "report_progress"]

FIRST_SECONDS = 20.0
"""Shorter runs show no progress."""
EVERY_SECONDS = 10.0
MOST_REJECTS = 200
_SILENT = "Silent since"

_REJECTS = """
SELECT input, stage, code, message
FROM rejects
WHERE run_id = $run
ORDER BY code = 'duplicate', code, input
LIMIT $most"""


def leave_report(summary: IngestSummary, known: LakeHistory, alerts: AlertSettings) -> None:
    """Leave the report, the pages of sources and the events of a run that is over.

    Args:
        summary: The run.
        known: What the lake knew before it.
        alerts: When to say something.
    """
    get_run_logger().info(_summarise(summary))
    with _warn_without_server():
        key = artifact_key("ingest", summary.source)
        create_markdown_artifact(run_report(summary), key=key, description="The result of the run")
        _list_rejects(summary, key)
        silent_before = _renew_source_pages(summary, alerts)
        for event in _find_events(summary, known, alerts, silent_before):
            _emit_event(event)


@contextmanager
def report_progress() -> Iterator[None]:
    """Keep a progress artifact in Prefect's pages up to date while the block runs."""
    bar, others = _ProgressArtifact(), LISTENER.get()

    def listen(progress: Progress) -> None:
        others(progress)
        bar.show(progress)

    token = LISTENER.set(listen)
    try:
        yield
    finally:
        LISTENER.reset(token)
        bar.finish()


def artifact_key(kind: str, name: str) -> str:
    """Return the key of an artifact; Prefect allows lower-case letters without accents, digits and dashes."""
    plain = normalize("NFKD", name.lower().replace("đ", "d")).encode("ascii", "ignore").decode()
    return f"{kind}-{re.sub('[^a-z0-9]+', '-', plain).strip('-') or 'files'}"


class _ProgressArtifact:
    """A progress artifact, made late and renewed rarely."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._started = clock()
        self._due = self._started + FIRST_SECONDS
        self._artifact: UUID | None = None
        self._answers = True
        self._last = Progress(read=0, stored=0, rejected=0, written=False)

    def show(self, progress: Progress) -> None:
        self._last = progress
        if self._answers and self._clock() >= self._due:
            self._due = self._clock() + EVERY_SECONDS
            self._write(min(99.0, 100.0 * (progress.stored + progress.rejected) / max(1, progress.read)))

    def finish(self) -> None:
        if self._artifact and self._answers:
            self._write(100.0)

    def _write(self, percent: float) -> None:
        done = f"{self._last.read:,} read, {self._last.stored:,} stored, {self._last.rejected:,} rejected"
        words = f"{done} in {timedelta(seconds=round(self._clock() - self._started))}"
        self._answers = False  # until the server has taken this: the run does not wait for one that is gone
        with _warn_without_server(), temporary_settings({PREFECT_CLIENT_MAX_RETRIES: 0}):
            if self._artifact:
                update_progress_artifact(self._artifact, percent, words)
            else:
                made = create_progress_artifact(percent, key="ingest-progress", description=words)
                assert isinstance(made, UUID)  # its type says that it may be a coroutine, for callers that are one
                self._artifact = made
            self._answers = True


def _list_rejects(summary: IngestSummary, key: str) -> None:
    """List the inputs that were not stored, so that nobody has to open a log."""
    if not summary.rejected:
        return
    with open_lake(summary.lake) as connection:
        rows = connection.execute(_REJECTS, {"run": summary.run_id, "most": MOST_REJECTS})
        names = [column[0] for column in rows.description]
        table = [dict(zip(names, row, strict=True)) for row in rows.fetchall()]
    total = sum(summary.rejected.values())
    words = f"{len(table)} of {total} inputs that were not stored; all are in the table `rejects`"
    create_table_artifact(table, key=f"{key}-rejected", description=words)


def _renew_source_pages(summary: IngestSummary, alerts: AlertSettings) -> tuple[str, ...]:
    """Renew the page of each source that was read; return the sources whose page said before that they are silent."""
    if not summary.sources:
        return ()
    now, health = datetime.now(UTC), {one.source: one for one in _read_health(summary.lake)}
    silent_before = []
    with get_client(sync_client=True) as client:
        named = ArtifactCollectionFilter(key=ArtifactCollectionFilterKey(like_="source-%"))
        pages: Mapping[str, ArtifactCollection] = {
            page.key: page for page in client.read_latest_artifacts(artifact_filter=named)
        }
        for report in summary.sources:
            key, words = artifact_key("source", report.source), _describe_state(health.get(report.source), now, alerts)
            markdown = source_report(report, health.get(report.source), now)
            if page := pages.get(key):
                if (page.description or "").startswith(_SILENT):
                    silent_before.append(report.source)
                client.update_artifact(page.latest_id, ArtifactUpdate(data=markdown, description=words))
            else:
                create_markdown_artifact(markdown, key=key, description=words)
    return tuple(silent_before)


def _read_health(lake: str) -> tuple[SourceHealth, ...]:
    with open_lake(lake) as connection:
        return source_health(connection, datetime.now(UTC))


def _describe_state(health: SourceHealth | None, now: datetime, alerts: AlertSettings) -> str:
    if health is None:
        return f"Read at {now:%Y-%m-%d %H:%M} UTC"
    if health.is_silent(now, timedelta(hours=alerts.silent_hours)):
        return f"{_SILENT} {health.heard:%Y-%m-%d %H:%M} UTC"
    return f"{health.articles:,} articles, the newest of {health.heard:%Y-%m-%d %H:%M} UTC"


def _find_events(
    summary: IngestSummary, known: LakeHistory, alerts: AlertSettings, silent_before: tuple[str, ...]
) -> Iterator[Event]:
    if degraded := find_degradation(summary, alerts):
        yield degraded
    read = {report.source for report in summary.sources}
    if read:
        sources = [one for one in _read_health(summary.lake) if one.source in read]
        yield from find_silences(sources, silent_before, datetime.now(UTC), alerts)
    if summary.rows.get("meetings"):
        yield from find_new_meetings(summary.lake, summary.run_id, known, alerts)


def _emit_event(event: Event) -> None:
    # Each with an id of its own: Prefect's server on SQLite drops a whole batch of events if it knows all their ids.
    emit_event(event.event, event.resource, related=list(event.related), payload=event.payload)


def _summarise(summary: IngestSummary) -> str:
    stored = ", ".join(f"{rows:,} {table}" for table, rows in summary.rows.items() if rows)
    rejected = ", ".join(f"{count:,} {code}" for code, count in summary.rejected.items())
    return (
        f"{summary.read:,} read in {summary.seconds:.1f} s; stored {stored or 'nothing'}; rejected {rejected or 'none'}"
    )


@contextmanager
def _warn_without_server() -> Iterator[None]:
    try:
        yield
    except httpx.HTTPError as error:
        get_run_logger().warning("Prefect did not take the report of this run (%s). The rows are stored.", error)
