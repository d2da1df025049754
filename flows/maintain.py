"""Maintain, for schedules: put many small files of a lake together into few large ones."""

from dataclasses import asdict
from datetime import UTC, datetime

from prefect import flow, get_run_logger
from prefect.artifacts import create_table_artifact
from prefect.runtime import deployment

from flows.server.settings import return_to_served_folder
from schemas.settings import MaintainSettings
from tasks.lake import Maintenance, maintain_lake

__all__ = ["maintain"]

DEFAULTS = MaintainSettings()


def _name_run() -> str:
    return f"maintain-{datetime.now(UTC).astimezone():%Y-%m-%d-%H:%M}"


@flow(name="maintain", flow_run_name=_name_run, persist_result=False)
def maintain(lake: str, settings: MaintainSettings = DEFAULTS) -> Maintenance:
    """Compact a lake, then delete what has been superseded for longer than the grace period.

    Args:
        lake: Folder of the lake.
        settings: Sizes and times.

    Raises:
        StopFlow: There is no lake, a file is broken, or something cannot be written or deleted.
    """
    if deployment.id:  # a worker or a serving process has started this run
        return_to_served_folder()
    logger = get_run_logger()
    done = maintain_lake(
        lake,
        settings,
        clock=lambda: datetime.now(UTC),
        tell=lambda number, total: logger.info("%d of %d batches made", number, total),
    )
    create_table_artifact([asdict(done)], key="maintain", description=f"What was done to {lake}")
    return done
