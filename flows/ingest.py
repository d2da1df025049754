"""Ingest: read → clean → meetings, quotes and topics side by side → append, a few batches at a time.

One task run is one batch of 50 to 200 articles. Tasks run in threads and hand their CPU work to one process
pool; nothing is retried, because the same page gives the same result, and nothing is persisted by Prefect,
because the lake is the store. Tasks return nothing: Prefect remembers what they return until the flow ends.
"""

import re
import time
from collections import deque
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime

from prefect import flow, get_run_logger, tags, task
from prefect.artifacts import create_markdown_artifact
from prefect.cache_policies import NO_CACHE
from prefect.futures import PrefectFuture
from prefect.runtime import flow_run
from prefect.task_runners import ThreadPoolTaskRunner

from flows import drafts
from flows.drafts import Draft, Run, Seen
from flows.progress import LISTENER, Progress
from flows.report import run_report
from flows.summary import IngestSummary, Tally
from flows.version import extractor_version
from schemas.rejects import Reject
from schemas.settings import IngestSettings
from seeds import SEEDS
from tasks.lake import create_lake
from tasks.language.pack import pack_codes
from tasks.pool import WorkerPool
from tasks.read.files import read_files

__all__ = ["ingest"]

DEFAULTS = IngestSettings()
THREADS: ThreadPoolTaskRunner[None] = ThreadPoolTaskRunner(max_workers=16)
"""Enough for five tasks of each of three batches; they wait for the pool, not for the processor."""


def _run_name() -> str:
    return f"ingest-{flow_run.parameters['source']}-{datetime.now(UTC):%Y-%m-%d}"


@flow(
    name="ingest",
    flow_run_name=_run_name,
    task_runner=THREADS,  # type: ignore[arg-type]  # Prefect's own types do not fit together
    persist_result=False,
)
def ingest(paths: list[str], lake: str, source: str = "files", settings: IngestSettings = DEFAULTS) -> IngestSummary:
    """Read files and folders into a lake.

    Args:
        paths: Files and folders, in the order in which they are read.
        lake: Folder of the lake or ``s3://BUCKET/PREFIX``; made where there is none.
        source: What the ``source`` column of the articles says; also names and tags the run.
        settings: Workers, batches, limits.

    Returns:
        Counts, seconds and the newest meetings. Inputs that gave no article are rows of ``rejects``.

    Raises:
        StopFlow: The lake is no lake, a seed is broken, or the worker processes are gone.
    """
    create_lake(lake)
    pool = WorkerPool(settings.workers, memory_bytes=settings.worker_memory_bytes, preload=["flows.work"])
    with tags(source), pool:
        summary = _ingest(paths, _run(lake, source, settings, pool))
    create_markdown_artifact(run_report(summary), key=_artifact_key(source), description="What the run came to")
    return summary


@task(task_run_name="clean-{draft.batch_id}", cache_policy=NO_CACHE, persist_result=False)
def clean(draft: Draft, run: Run) -> None:
    """Pages to annotated articles."""
    drafts.clean(draft, run)


@task(task_run_name="extract-meetings-{draft.batch_id}", cache_policy=NO_CACHE, persist_result=False)
def extract_meetings(draft: Draft, run: Run) -> None:
    """Who met whom."""
    drafts.find(draft, run, "meetings")


@task(task_run_name="extract-quotes-{draft.batch_id}", cache_policy=NO_CACHE, persist_result=False)
def extract_quotes(draft: Draft, run: Run) -> None:
    """Who said what."""
    drafts.find(draft, run, "quotes")


@task(task_run_name="extract-topics-{draft.batch_id}", cache_policy=NO_CACHE, persist_result=False)
def extract_topics(draft: Draft, run: Run) -> None:
    """About what."""
    drafts.find(draft, run, "topics")


@task(task_run_name="append-{draft.batch_id}", cache_policy=NO_CACHE, persist_result=False)
def append(draft: Draft, run: Run) -> None:
    """Join the rows and write the batch."""
    draft.report = drafts.append(draft, run)
    get_run_logger().info(
        "%d read, %d stored, %d rejected", draft.read, draft.report.rows.get("articles", 0), len(draft.rejects)
    )


def _run(lake: str, source: str, settings: IngestSettings, pool: WorkerPool) -> Run:
    return Run(
        run_id=str(flow_run.id),
        source=source,
        lake=lake,
        pool=pool,
        settings=settings,
        languages=pack_codes(SEEDS),
        extractor=extractor_version(SEEDS),
        clock=lambda: datetime.now(UTC),
    )


def _ingest(paths: Iterable[str], run: Run) -> IngestSummary:
    started, tally = time.monotonic(), Tally()
    inputs = read_files(paths, now=run.clock(), limits=run.settings.limits)
    for draft in _written(_counted(drafts.drafts(inputs, run), tally), run):
        if draft.report is not None:
            tally.add(draft.report)
            _tell(tally, written=True, rejects=draft.report.rejects)
        draft.release()
    seconds = time.monotonic() - started
    return tally.summary(run_id=run.run_id, source=run.source, lake=run.lake, seconds=seconds)


def _counted(batches: Iterable[Draft], tally: Tally) -> Iterator[Draft]:
    for draft in batches:
        tally.read += draft.read
        _tell(tally, written=False)
        yield draft


def _tell(tally: Tally, *, written: bool, rejects: tuple[Reject, ...] = ()) -> None:
    stored, rejected = tally.rows["articles"], tally.rejected.total()
    LISTENER.get()(Progress(read=tally.read, stored=stored, rejected=rejected, written=written, rejects=rejects))


def _written(batches: Iterable[Draft], run: Run) -> Iterator[Draft]:
    """Drafts in reading order, each once it is written; at most ``batches_in_flight`` are on their way."""
    line = _Line(run)
    for draft in batches:
        while len(line) >= run.settings.batches_in_flight:
            yield line.finish_oldest()
        line.clean(draft)
        while line.queues_for_cleaning():
            line.extract_oldest()
    while len(line):
        yield line.finish_oldest()


class _Line:
    """The batches on their way: some being cleaned, older ones being extracted and written."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._seen = Seen()
        self._cleaning: deque[tuple[Draft, PrefectFuture[None]]] = deque()
        self._writing: deque[tuple[Draft, list[PrefectFuture[None]]]] = deque()

    def __len__(self) -> int:
        return len(self._cleaning) + len(self._writing)

    def queues_for_cleaning(self) -> bool:
        """True when the next batch is waiting for the one that is being cleaned, so that workers stay busy."""
        return len(self._cleaning) > 1

    def clean(self, draft: Draft) -> None:
        self._cleaning.append((draft, clean.submit(draft, self._run)))

    def extract_oldest(self) -> None:
        draft, cleaned = self._cleaning.popleft()
        cleaned.result()
        drafts.admit(draft, self._seen)
        extractors = (extract_meetings, extract_quotes, extract_topics)
        found = [extractor.submit(draft, self._run, wait_for=[cleaned], return_state=False) for extractor in extractors]
        appended = append.submit(draft, self._run, wait_for=found, return_state=False)
        self._writing.append((draft, [*found, appended]))

    def finish_oldest(self) -> Draft:
        if not self._writing:
            self.extract_oldest()
        draft, futures = self._writing.popleft()
        for future in futures:
            future.result()
        return draft


def _artifact_key(source: str) -> str:
    """Prefect allows lower-case letters, digits and dashes."""
    return f"ingest-{re.sub('[^a-z0-9]+', '-', source.lower()).strip('-') or 'files'}"
