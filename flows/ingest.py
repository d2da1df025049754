"""Ingest: read → clean → meetings, quotes and topics side by side → append, a few batches at a time.

One task run is one step of one batch of 50 to 200 articles. Tasks run in threads and hand their CPU work to one
process pool; nothing is retried, because the same page gives the same result, and nothing is persisted by
Prefect, because the lake is the store. Tasks return nothing: Prefect remembers what they return until the flow
ends.
"""

import os
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TypedDict

from prefect import flow, get_run_logger, task
from prefect.cache_policies import NO_CACHE, CachePolicy
from prefect.context import TagsContext
from prefect.runtime import deployment, flow_run
from prefect.task_runners import ThreadPoolTaskRunner

from flows.monitoring.artifacts import leave_report, report_progress
from flows.monitoring.run_log import quiet_tasks
from flows.run import batch as steps
from flows.run.batch import PendingBatch
from flows.run.configuration import fill_settings
from flows.run.context import RunContext, open_run
from flows.run.ingestion import ingest_inputs
from flows.run.inputs import InputSelection
from flows.run.pipeline import STEP_THREADS, Steps
from flows.run.summary import IngestSummary
from flows.server.settings import return_to_served_folder
from schemas.settings import IngestSettings

__all__ = ["ingest"]

DEFAULTS = IngestSettings()


class _TaskOptions(TypedDict):
    cache_policy: CachePolicy
    persist_result: bool


PLAIN: _TaskOptions = {"cache_policy": NO_CACHE, "persist_result": False}


@task(name="clean", task_run_name="clean-{batch.batch_id}", **PLAIN)
def clean(batch: PendingBatch, run: RunContext) -> None:
    """Clean and annotate the pages of a batch."""
    steps.clean(batch, run)


@task(name="extract-meetings", task_run_name="extract-meetings-{batch.batch_id}", **PLAIN)
def extract_meetings(batch: PendingBatch, run: RunContext) -> None:
    """Extract the meetings of a batch."""
    steps.extract_meetings(batch, run)


@task(name="extract-quotes", task_run_name="extract-quotes-{batch.batch_id}", **PLAIN)
def extract_quotes(batch: PendingBatch, run: RunContext) -> None:
    """Extract the quotes of a batch."""
    steps.extract_quotes(batch, run)


@task(name="extract-topics", task_run_name="extract-topics-{batch.batch_id}", **PLAIN)
def extract_topics(batch: PendingBatch, run: RunContext) -> None:
    """Extract the topics of a batch."""
    steps.extract_topics(batch, run)


@task(name="append", task_run_name="append-{batch.batch_id}", **PLAIN)
def append(batch: PendingBatch, run: RunContext) -> None:
    """Write the rows of a batch into the lake."""
    steps.append(batch, run)
    if batch.report:
        counts = batch.read, batch.report.rows.get("articles", 0), len(batch.rejects)
        get_run_logger().info("Batch %s: %d read, %d stored, %d rejected", batch.batch_id, *counts)


def _name_run() -> str:
    given = flow_run.parameters
    name = given["source"] or _select(given["inputs"], given["sources"], given["lists"]).name
    return f"ingest-{name}-{datetime.now(UTC).astimezone():%Y-%m-%d-%H:%M}"


@flow(
    name="ingest",
    flow_run_name=_name_run,
    task_runner=ThreadPoolTaskRunner(max_workers=STEP_THREADS),  # type: ignore[arg-type]  # Prefect's types do not fit
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
        return_to_served_folder()
        settings = fill_settings(settings, os.environ)
    wanted = _select(inputs, sources, lists)
    name = source or wanted.name
    quiet_tasks()
    get_run_logger().info("Reading %s into %s", name, lake)
    # Prefect types `submit` with overloads that no protocol of ours can say.
    each_batch = Steps(clean=clean, extract=(extract_meetings, extract_quotes, extract_topics), append=append)  # type: ignore[arg-type]
    # Tasks have no tags: for each of them Prefect asks its server for a place before the task may begin, and a server
    # that is away at that moment would end the run.
    with TagsContext(), report_progress(), open_run(str(flow_run.id), name, lake, settings) as run:
        summary = ingest_inputs(wanted, run, each_batch)
    leave_report(summary, run.known, settings.alerts)
    return summary


def _select(inputs: Sequence[str], sources: Sequence[str], lists: Sequence[str]) -> InputSelection:
    return InputSelection(inputs=tuple(inputs), sources=tuple(sources), lists=tuple(lists))
