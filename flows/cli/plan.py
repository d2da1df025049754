"""What is deployed: each flow with its parameters, its schedule and what is to happen when two runs meet.

``parley serve`` serves these from one process; ``deployments/prefect.yaml`` says the same for a work pool, and a test
compares them.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from prefect.client.schemas.objects import ConcurrencyLimitConfig, ConcurrencyLimitStrategy
from prefect.deployments.runner import RunnerDeployment
from prefect.flows import Flow
from prefect.schedules import Cron, Schedule
from prefect.types.entrypoint import EntrypointType

from flows.ingest import ingest
from flows.maintain import maintain
from flows.reextract import reextract
from flows.run.configuration import Configuration, require_contact

__all__ = ["PLANS", "FlowPlan", "deployments"]


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowPlan:
    """One deployment."""

    flow: Flow[..., Any]  # of any result; Prefect's type knows no other way to say so
    name: str
    description: str
    cron: str | None = None
    """When it runs by itself, in the time zone below; None for by hand only."""
    timezone: str = "Asia/Ho_Chi_Minh"
    with_settings: bool = False
    """The flow takes the settings of an ingest."""
    tags: tuple[str, ...] = ("parley",)


PLANS: tuple[FlowPlan, ...] = (
    FlowPlan(
        flow=ingest,
        name="watch",
        description="Read every watched source once: feeds and sitemaps, then the links that are new. Runs by itself "
        "every 15 minutes; a run that would begin while another one is under way is cancelled, for the next one reads "
        "the same. Start it by hand with `inputs` (links, or files that the worker can see) or `sources` (ids).",
        cron="*/15 * * * *",
        with_settings=True,
    ),
    FlowPlan(
        flow=maintain,
        name="nightly",
        description="Put the small files of the day together and delete what newer ones have replaced. Runs by itself "
        "at half past three; what is being read or written meanwhile stays as it is.",
        cron="30 3 * * *",
    ),
    FlowPlan(
        flow=reextract,
        name="by-hand",
        description="Extract the rows of stored articles anew where an older version of the rules made them. Start it "
        "by hand after an upgrade; `since`, `source` and `where` choose articles, `force` takes also those that are "
        "new.",
    ),
)
"""A flow more is an entry more."""


def deployments(configuration: Configuration) -> list[RunnerDeployment]:
    """Return the plans as Prefect wants them.

    Raises:
        StopFlow: Web sites are not told who reads them.
    """
    require_contact(configuration.contact)
    return [_make_deployment(plan, configuration) for plan in PLANS]


def _make_deployment(plan: FlowPlan, configuration: Configuration) -> RunnerDeployment:
    made = plan.flow.to_deployment(
        plan.name,
        description=plan.description,
        tags=list(plan.tags),
        parameters=_make_parameters(plan, configuration),
        entrypoint_type=EntrypointType.MODULE_PATH,  # found wherever the process was started
        schedule=_make_schedule(plan),
        # One at a time; of two, the one that is under way goes on.
        concurrency_limit=ConcurrencyLimitConfig(limit=1, collision_strategy=ConcurrencyLimitStrategy.CANCEL_NEW),
    )
    assert isinstance(made, RunnerDeployment)
    return made


def _make_schedule(plan: FlowPlan) -> Schedule | None:
    return Cron(plan.cron, timezone=plan.timezone) if plan.cron else None


def _make_parameters(plan: FlowPlan, configuration: Configuration) -> dict[str, object]:
    """Return what the form in Prefect's pages shows; a relative lake counts from where the process was started."""
    lake = configuration.lake if "://" in configuration.lake else str(Path(configuration.lake).resolve())
    if not plan.with_settings:
        return {"lake": lake}
    fetching: dict[str, object] = {"contact": configuration.contact, "allowed_hosts": configuration.allowed_hosts}
    if configuration.ca_file:
        fetching["ca_file"] = configuration.ca_file
    # What is not named here has its default, so that the form shows what is special about this machine.
    settings = {"workers": configuration.workers, "catalogue": configuration.catalogue, "fetching": fetching}
    return {"lake": lake, "settings": settings}
