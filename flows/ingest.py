"""Ingest: read → clean → meetings, quotes and topics side by side → append, a few batches at a time.

One task run is one step of one batch of 50 to 200 articles. Tasks run in threads and hand their CPU work to one
process pool; nothing is retried, because the same page gives the same result, and nothing is persisted by
Prefect, because the lake is the store. Tasks return nothing: Prefect remembers what they return until the flow
ends.
"""

import re
from collections.abc import Sequence
from datetime import UTC, datetime

from prefect import flow, get_run_logger, tags, task
from prefect.artifacts import create_markdown_artifact
from prefect.cache_policies import NO_CACHE
from prefect.runtime import flow_run
from prefect.task_runners import ThreadPoolTaskRunner
from prefect.tasks import Task

from flows.drafts import Draft, Run
from flows.pipeline import EXTRACTORS, STEPS, THREADS, Pending, StepName, run_batches
from flows.report import run_report
from flows.runs import open_run
from flows.summary import IngestSummary
from schemas.settings import IngestSettings
from tasks.read.files import read_files

__all__ = ["ingest"]

DEFAULTS = IngestSettings()


def _run_name() -> str:
    return f"ingest-{flow_run.parameters['source']}-{datetime.now(UTC):%Y-%m-%d}"


@flow(
    name="ingest",
    flow_run_name=_run_name,
    task_runner=ThreadPoolTaskRunner(max_workers=THREADS),  # type: ignore[arg-type]  # Prefect's types do not fit
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
    with tags(source), open_run(str(flow_run.id), source, lake, settings) as run:
        inputs = read_files(paths, now=run.clock(), limits=settings.limits)
        summary = run_batches(inputs, run, _submit)
    create_markdown_artifact(run_report(summary), key=_artifact_key(source), description="What the run came to")
    return summary


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


def _artifact_key(source: str) -> str:
    """Prefect allows lower-case letters, digits and dashes."""
    return f"ingest-{re.sub('[^a-z0-9]+', '-', source.lower()).strip('-') or 'files'}"
