"""A Prefect server as tests ask it: plain HTTP, and patience with what takes its time."""

import json
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from typing import Any, TypeVar

Found = TypeVar("Found")

ENDS = {"COMPLETED", "FAILED", "CRASHED", "CANCELLED"}


def wait_for(look: Callable[[], Found | None], what: str, seconds: float = 240) -> Found:
    """What a look finds, once it finds something; a server that is away is asked again."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            if found := look():
                return found
        except (urllib.error.URLError, OSError):
            pass
        time.sleep(0.2)  # between questions to another process
    raise AssertionError(f"waited {seconds:.0f} s for {what}")


class Api:
    """The API of a server."""

    def __init__(self, url: str) -> None:
        self.url = url

    @property
    def pages(self) -> str:
        return self.url.removesuffix("/api")

    def get(self, path: str) -> Any:
        with urllib.request.urlopen(f"{self.url}/{path}", timeout=60) as answer:
            return json.load(answer)

    def post(self, path: str, body: object) -> Any:
        return self._send_until_answered(path, body, "POST")

    def _send_until_answered(self, path: str, body: object, method: str) -> Any:
        """Ask, and again while its database is locked by others: Prefect's own client does so too."""
        return wait_for(lambda: self._send(path, body, method), f"an answer to {path}")[0]

    def _send(self, path: str, body: object, method: str) -> tuple[Any] | None:
        headers = {"Content-Type": "application/json"}
        request = urllib.request.Request(f"{self.url}/{path}", json.dumps(body).encode(), headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return (json.loads(answer.read() or b"null"),)
        except urllib.error.HTTPError as error:
            if error.code == 503:
                return None
            raise AssertionError(f"{path}: {error.code} {error.read().decode()}") from error

    def deployment(self, name: str) -> Any:
        return wait_for(lambda: self.get(f"deployments/name/{name}"), f"the deployment {name}")

    def pause(self, name: str) -> None:
        """Keep a schedule from starting runs; runs started by hand still begin."""
        self.post(f"deployments/{self.deployment(name)['id']}/pause_deployment", {})

    def reschedule(self, name: str, schedule: dict[str, object]) -> None:
        """Give the only schedule of a deployment other times, as its page does."""
        deployment = self.deployment(name)
        (one,) = deployment["schedules"]
        path = f"deployments/{deployment['id']}/schedules/{one['id']}"
        self._send_until_answered(path, {"schedule": schedule}, "PATCH")

    def scheduled_runs(self, name: str, *states: str) -> list[Any]:
        """Runs that the server made by itself because of a schedule, in the order in which they are due."""
        wanted = {
            "deployments": {"id": {"any_": [self.deployment(name)["id"]]}},
            "flow_runs": {"state": {"type": {"any_": list(states)}}},
            "sort": "EXPECTED_START_TIME_ASC",
        }
        return [run for run in self.post("flow_runs/filter", wanted) if run["auto_scheduled"]]

    def start(self, name: str, **parameters: object) -> str:
        """Start a run by hand, as the button in the pages does; gives its id."""
        path = f"deployments/{self.deployment(name)['id']}/create_flow_run"
        return str(self.post(path, {"parameters": parameters})["id"])

    def ended(self, run_id: str) -> Any:
        def look() -> Any:
            run = self.get(f"flow_runs/{run_id}")
            return run if run["state_type"] in ENDS else None

        return wait_for(look, f"the end of run {run_id}")

    def cancel(self, run_id: str) -> None:
        self.post(f"flow_runs/{run_id}/set_state", {"state": {"type": "CANCELLING"}})

    def artifacts(self, run_id: str) -> dict[str, Any]:
        """What a run left behind, by key."""
        wanted = {"artifacts": {"flow_run_id": {"any_": [run_id]}}}
        return {one["key"]: one["data"] for one in self.post("artifacts/filter", wanted)}

    def tasks(self, run_id: str) -> list[str]:
        wanted = {"task_runs": {"flow_run_id": {"any_": [run_id]}}}
        return [one["name"] for one in self.post("task_runs/filter", wanted)]

    def events(self, name: str, resource: str) -> list[Any]:
        wanted = {"filter": {"event": {"name": [name]}, "resource": {"id_prefix": [resource]}}}
        return list(self.post("events/filter", wanted)["events"])
