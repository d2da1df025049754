"""Reextract, for schedules: run the rules of this version over the articles of a lake."""

import os
from datetime import UTC, date, datetime

from prefect import flow
from prefect.artifacts import create_markdown_artifact
from prefect.runtime import deployment, flow_run

from flows.monitoring.artifacts import artifact_key
from flows.monitoring.report import run_report
from flows.run.configuration import fill_settings
from flows.run.reextraction import Reextraction, reextract_lake
from flows.run.summary import IngestSummary
from flows.server.settings import return_to_served_folder
from schemas.settings import IngestSettings

__all__ = ["reextract"]

DEFAULTS = IngestSettings()


def _name_run() -> str:
    return f"reextract-{flow_run.parameters['source'] or 'all'}-{datetime.now(UTC).astimezone():%Y-%m-%d-%H:%M}"


@flow(name="reextract", flow_run_name=_name_run, persist_result=False)
def reextract(
    lake: str,
    since: date | None = None,
    source: str | None = None,
    where: str = "true",
    clean: bool = False,
    force: bool = False,
    settings: IngestSettings = DEFAULTS,
) -> IngestSummary:
    """Extract the rows of stored articles anew where another version of the rules made them.

    Args:
        lake: Folder of the lake.
        since: Only articles published on this day or later.
        source: Only articles of this source.
        where: Only articles that meet this condition, in SQL over the columns of `articles`.
        clean: Clean the page of an article again, where the lake has kept it as it was received.
        force: Also articles whose rows this version made.
        settings: Workers, batches, limits.

    Raises:
        StopFlow: There is no lake, the condition is wrong, a file is broken, or the workers are gone.
    """
    if deployment.id:  # a worker or a serving process has started this run
        return_to_served_folder()
        settings = fill_settings(settings, os.environ)
    run_id = str(flow_run.id)
    wanted = Reextraction(since=since, source=source, where=where, clean=clean, force=force)
    summary = reextract_lake(lake, settings, wanted, run_id=run_id)
    key = artifact_key("reextract", summary.source)
    create_markdown_artifact(run_report(summary), key=key, description="The result of the run")
    return summary
