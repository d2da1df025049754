"""What a Prefect server tells of the schedules and runs, in plain HTTP: importing Prefect would take seconds."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import httpx

__all__ = ["Deployment", "FlowRun", "PrefectState", "ask_prefect"]

_FLOWS = {"flows": {"name": {"any_": ["ingest", "reextract", "maintain"]}}}


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployment:
    """A flow that can be started in Prefect's pages or is on a schedule."""

    name: str
    """Of the flow and of the deployment: ``ingest/watch``."""
    paused: bool
    scheduled: bool
    """It has a schedule that is active."""
    next_run: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowRun:
    """A run."""

    name: str
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
    """The schedules and the last runs; an error of the server is part of the answer."""
    import httpx  # who has no server need not wait for it

    try:
        with httpx.Client(base_url=f"{url}/", timeout=5, auth=_auth(), headers=_headers()) as client:
            return _state(client, url)
    except (httpx.HTTPError, httpx.InvalidURL, KeyError, ValueError) as error:
        return PrefectState(url=url, error=f"{type(error).__name__}: {error}")


def _state(client: "httpx.Client", url: str) -> PrefectState:
    flows = {flow["id"]: flow["name"] for flow in _filter(client, "flows", _FLOWS)}
    ended = {"type": {"any_": ["COMPLETED", "FAILED", "CRASHED"]}}
    ingests = {"flows": {"name": {"any_": ["ingest"]}}}
    last = _filter(client, "flow_runs", ingests | {"flow_runs": {"state": ended}, "sort": "END_TIME_DESC", "limit": 1})
    return PrefectState(
        url=url,
        deployments=tuple(_deployment(client, one, flows) for one in _filter(client, "deployments", _FLOWS)),
        last_run=_run(last[0]) if last else None,
        running=tuple(map(_run, _filter(client, "flow_runs", _FLOWS | _named("Running")))),
        late=tuple(map(_run, _filter(client, "flow_runs", _FLOWS | _named("Late")))),
    )


def _named(state: str) -> dict[str, object]:
    return {"flow_runs": {"state": {"name": {"any_": [state]}}}, "limit": 20}


def _filter(client: "httpx.Client", what: str, wanted: Mapping[str, object]) -> list[dict[str, object]]:
    answer = client.post(f"{what}/filter", json=wanted)
    answer.raise_for_status()
    found: list[dict[str, object]] = answer.json()
    return found


def _deployment(client: "httpx.Client", one: Mapping[str, object], flows: Mapping[object, object]) -> Deployment:
    waiting = {"state": {"type": {"any_": ["SCHEDULED"]}}, "deployment_id": {"any_": [one["id"]]}}
    coming = _filter(client, "flow_runs", {"flow_runs": waiting, "sort": "EXPECTED_START_TIME_ASC", "limit": 1})
    schedules = one["schedules"]
    assert isinstance(schedules, list)
    return Deployment(
        name=f"{flows.get(one['flow_id'], '?')}/{one['name']}",
        paused=bool(one["paused"]),
        scheduled=any(schedule["active"] for schedule in schedules) and not one["paused"],
        next_run=_time(coming[0]["expected_start_time"]) if coming else None,
    )


def _run(one: Mapping[str, object]) -> FlowRun:
    state = one["state"]
    assert isinstance(state, dict)
    return FlowRun(
        name=str(one["name"]),
        state=state["name"],
        message=state.get("message"),
        start=_time(one["start_time"] or one["expected_start_time"]),
        seconds=float(str(one["total_run_time"] or 0)),
    )


def _time(value: object) -> datetime | None:
    return datetime.fromisoformat(value) if isinstance(value, str) else None


def _auth() -> tuple[str, str] | None:
    name, _, password = os.environ.get("PREFECT_API_AUTH_STRING", "").partition(":")
    return (name, password) if name else None


def _headers() -> dict[str, str]:
    key = os.environ.get("PREFECT_API_KEY")
    return {"Authorization": f"Bearer {key}"} if key else {}
