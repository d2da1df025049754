"""Ingest: read → clean → meetings, quotes and topics side by side → append, a few batches at a time.

One task run is one step of one batch of 50 to 200 articles. Tasks run in threads and hand their CPU work to one
process pool; nothing is retried, because the same page gives the same result, and nothing is persisted by
Prefect, because the lake is the store. Tasks return nothing: Prefect remembers what they return until the flow
ends.
"""

import os
from collections.abc import Sequence
from datetime import UTC, datetime

from prefect import flow, get_run_logger, task
from prefect.cache_policies import NO_CACHE
from prefect.context import TagsContext
from prefect.runtime import deployment, flow_run
from prefect.task_runners import ThreadPoolTaskRunner
from prefect.tasks import Task

from flows.cli.config import fill_settings
from flows.monitoring.artifacts import progress_told, tell
from flows.run.batch import Draft, Run
from flows.run.context import open_run
from flows.run.ingestion import Assignment, read_and_run
from flows.run.pipeline import EXTRACTORS, STEPS, THREADS, Pending, StepName
from flows.run.summary import IngestSummary
from schemas.settings import IngestSettings

__all__ = ["ingest"]

DEFAULTS = IngestSettings()


def _run_name() -> str:
    given = flow_run.parameters
    name = given["source"] or _wanted(given["inputs"], given["sources"], given["lists"]).name
    return f"ingest-{name}-{datetime.now(UTC):%Y-%m-%d}"


@flow(
    name="ingest",
    flow_run_name=_run_name,
    task_runner=ThreadPoolTaskRunner(max_workers=THREADS),  # type: ignore[arg-type]  # Prefect's types do not fit
    persist_result=False,
)
def ingest(
    inputs: Sequence[str] = (),
    sources: Sequence[str] = (),
    lists: Sequence[str] = (),
    lake: str = "lake",
    source: str | None = None,
    settings: IngestSettings = DEFAULTS,
) -> IngestSummary:
    """Read watched sources, links and files into a lake. With nothing named, every watched source is read once.

    Args:
        inputs: Files, folders, web archives, and links to fetch.
        sources: Ids of watched sources.
        lists: Files with one link on each line.
        lake: Folder of the lake or ``s3://BUCKET/PREFIX``; made where there is none.
        source: What the ``source`` column says of articles from files; also names the run. By default the source,
            the folder or the host that is read.
        settings: Workers, batches, limits, how the web is asked.

    Returns:
        Counts, seconds and the newest meetings. The view ``outcomes`` has what became of each input.

    Raises:
        StopFlow: The lake is no lake, a seed or a setting is wrong, or the worker processes are gone.
    """
    if deployment.id:  # a worker or a serving process has started this run
        settings = fill_settings(settings, os.environ)
    wanted = _wanted(inputs, sources, lists)
    name = source or wanted.name
    get_run_logger().info("Reading %s into %s", name, lake)
    # Tasks have no tags: for each of them Prefect asks its server for a place before the task may begin, and a server
    # that is away at that moment would end the run.
    with TagsContext(), progress_told(), open_run(str(flow_run.id), name, lake, settings) as run:
        summary = read_and_run(wanted, run, _submit)
    tell(summary, run.known, settings.alerts)
    return summary


def _wanted(inputs: Sequence[str], sources: Sequence[str], lists: Sequence[str]) -> Assignment:
    return Assignment(inputs=tuple(inputs), sources=tuple(sources), lists=tuple(lists))


def _step_task(name: StepName) -> Task[[Draft, Run], None]:
    prefix = f"extract-{name}" if name in EXTRACTORS else name

    @task(name=prefix, task_run_name=f"{prefix}-{{draft.batch_id}}", cache_policy=NO_CACHE, persist_result=False)
    def step(draft: Draft, run: Run) -> None:
        STEPS[name](draft, run)
        if draft.report:
            counts = draft.read, draft.report.rows.get("articles", 0), len(draft.rejects)
            get_run_logger().info("%d read, %d stored, %d rejected", *counts)

    return step


TASKS = {name: _step_task(name) for name in STEPS}


def _submit(name: StepName, draft: Draft, run: Run, after: Sequence[Pending]) -> Pending:
    return TASKS[name].submit(draft, run, wait_for=after, return_state=False)
