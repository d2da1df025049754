"""Ask a Prefect server for its schedules and runs, in plain HTTP: importing Prefect would take seconds."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import httpx

__all__ = ["Deployment", "FlowRun", "PrefectState", "ask_prefect"]

_FLOWS = {"flows": {"name": {"any_": ["ingest", "reextract", "maintain"]}}}


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployment:
    """A flow that can be started in Prefect's pages or is on a schedule."""

    deployment_id: str
    name: str
    """Of the flow and of the deployment: ``ingest/watch``."""
    paused: bool
    scheduled: bool
    """It has a schedule that is active."""
    next_run: datetime | None
    """The next run that waits for its time; None if there is none."""
    interval: timedelta | None = None
    """From that run to the one after it; None if fewer than two wait."""
    last_run: datetime | None = None
    """When its last run ended, or when it was made if none has ended yet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowRun:
    """A run."""

    name: str
    deployment_id: str | None
    """None for a run that no deployment has started."""
    state: str
    """``Completed``, ``Failed``, ``Crashed``, ``Cancelled``, ``Running``, ``Late`` …"""
    message: str | None
    start: datetime | None
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class PrefectState:
    """A Prefect server."""

    url: str
    error: str | None = None
    """Why it could not be asked; everything below is empty then."""
    deployments: tuple[Deployment, ...] = ()
    last_run: FlowRun | None = None
    """The ingest that ended last."""
    running: tuple[FlowRun, ...] = ()
    late: tuple[FlowRun, ...] = ()
    """Should have begun, and nobody has begun them."""


def ask_prefect(url: str) -> PrefectState:
    """Return the schedules and the last runs; an error of the server is part of the answer."""
    import httpx  # who has no server need not wait for it

    try:
        with httpx.Client(base_url=f"{url}/", timeout=5, auth=_read_auth(), headers=_read_headers()) as client:
            return _read_state(client, url)
    except (httpx.HTTPError, httpx.InvalidURL, KeyError, ValueError) as error:
        return PrefectState(url=url, error=f"{type(error).__name__}: {error}")


def _read_state(client: "httpx.Client", url: str) -> PrefectState:
    flows = {flow["id"]: flow["name"] for flow in _ask(client, "flows", _FLOWS)}
    ended = {"type": {"any_": ["COMPLETED", "FAILED", "CRASHED"]}}
    ingests = {"flows": {"name": {"any_": ["ingest"]}}}
    last = _ask(client, "flow_runs", ingests | {"flow_runs": {"state": ended}, "sort": "END_TIME_DESC", "limit": 1})
    return PrefectState(
        url=url,
        deployments=tuple(_to_deployment(client, one, flows) for one in _ask(client, "deployments", _FLOWS)),
        last_run=_to_run(last[0]) if last else None,
        running=tuple(map(_to_run, _ask(client, "flow_runs", _FLOWS | _filter_by_state("Running")))),
        late=tuple(map(_to_run, _ask(client, "flow_runs", _FLOWS | _filter_by_state("Late")))),
    )


def _filter_by_state(state: str) -> dict[str, object]:
    return {"flow_runs": {"state": {"name": {"any_": [state]}}}, "limit": 20}


def _ask(client: "httpx.Client", what: str, wanted: Mapping[str, object]) -> list[dict[str, object]]:
    answer = client.post(f"{what}/filter", json=wanted)
    answer.raise_for_status()
    found: list[dict[str, object]] = answer.json()
    return found


def _to_deployment(client: "httpx.Client", one: Mapping[str, object], flows: Mapping[object, object]) -> Deployment:
    of_this = {"deployment_id": {"any_": [one["id"]]}}
    waiting = of_this | {"state": {"type": {"any_": ["SCHEDULED"]}}, "expected_start_time": {"after_": _now_text()}}
    coming = _ask(client, "flow_runs", {"flow_runs": waiting, "sort": "EXPECTED_START_TIME_ASC", "limit": 2})
    ended = of_this | {"state": {"type": {"any_": ["COMPLETED", "FAILED", "CRASHED"]}}}
    last = _ask(client, "flow_runs", {"flow_runs": ended, "sort": "END_TIME_DESC", "limit": 1})
    times = [time for run in coming if (time := _parse_time(run["expected_start_time"]))]
    schedules = one["schedules"]
    assert isinstance(schedules, list)
    return Deployment(
        deployment_id=str(one["id"]),
        name=f"{flows.get(one['flow_id'], '?')}/{one['name']}",
        paused=bool(one["paused"]),
        scheduled=any(schedule["active"] for schedule in schedules) and not one["paused"],
        next_run=times[0] if times else None,
        interval=times[1] - times[0] if len(times) > 1 else None,
        last_run=_parse_time(last[0]["end_time"] if last else one["created"]),
    )


def _to_run(one: Mapping[str, object]) -> FlowRun:
    state = one["state"]
    assert isinstance(state, dict)
    return FlowRun(
        name=str(one["name"]),
        deployment_id=str(one["deployment_id"]) if one.get("deployment_id") else None,
        state=state["name"],
        message=state.get("message"),
        start=_parse_time(one["start_time"] or one["expected_start_time"]),
        seconds=float(str(one["total_run_time"] or 0)),
    )


def _now_text() -> str:
    return datetime.now(UTC).isoformat()


def _parse_time(value: object) -> datetime | None:
    return datetime.fromisoformat(value) if isinstance(value, str) else None


def _read_auth() -> tuple[str, str] | None:
    name, _, password = os.environ.get("PREFECT_API_AUTH_STRING", "").partition(":")
    return (name, password) if name else None


def _read_headers() -> dict[str, str]:
    key = os.environ.get("PREFECT_API_KEY")
    return {"Authorization": f"Bearer {key}"} if key else {}
