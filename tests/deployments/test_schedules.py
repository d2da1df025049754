"""Runs begin by themselves: the server makes them of a schedule, and a serving process or a worker takes them.

Nobody starts a run here. Versions of Prefect and SQLAlchemy that did not fit each other once went unnoticed, because
every other test starts its runs by hand.

The folder in which everything is started holds modules with the names of our packages; a run that imported one of them
would fail.
"""

import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from outlet import Outlet
from outlet.catalogue import add_source
from prefect_api import Api, wait_for
from prefect_processes import HOSTS, ROOT, background, prefect_server, serving_environment
from tasks.lake import open_lake

EVERY_MINUTE: dict[str, object] = {"cron": "* * * * *", "timezone": "Asia/Ho_Chi_Minh"}
"""The shortest time that cron knows."""
POOL = "parley"
SERVED, POOLED = "ingest/watch", "ingest/pool-watch"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("scheduled")
    for name in ("flows", "tasks", "schemas", "seeds"):
        (folder / f"{name}.py").write_text("raise SystemExit('a file of the working folder was imported')\n")
    return folder


@pytest.fixture(scope="module")
def newspapers(folder: Path) -> Iterator[Outlet]:
    with Outlet() as outlet:
        for host in HOSTS:
            add_source(folder / "sources", outlet.site(host, stories=3).base)
        yield outlet


@pytest.fixture(scope="module")
def api(environment: dict[str, str], newspapers: Outlet, folder: Path) -> Iterator[Api]:
    """A server of its own, on which a serving process and a worker each have deployments that run every minute."""
    with prefect_server(environment, folder / "server") as url:
        api = Api(url)
        own = serving_environment(environment, newspapers, folder) | {
            "PREFECT_API_URL": url,
            "PREFECT_WORKER_QUERY_SECONDS": "1",
        }
        _deploy_to_pool(own | {"PARLEY_LAKE": str(folder / "pool-lake")}, folder)
        # `-P` is what an installed command does by itself: it does not look into the working folder for modules.
        worker = ["-P", "-m", "prefect", "worker", "start", "--pool", POOL, "--type", "process"]
        with (
            background(["-P", "-m", "flows.cli.app", "serve"], own, folder, log=folder / "serve.log"),
            background(worker, own, folder, log=folder / "worker.log"),
        ):
            for name in (SERVED, POOLED):
                api.reschedule(name, EVERY_MINUTE)
            yield api


def _deploy_to_pool(environment: dict[str, str], folder: Path) -> None:
    """Deploy prefect.yaml from the project's folder, under names that leave those of the serving process alone."""
    file = folder / "prefect.yaml"
    written = (ROOT / "deployments" / "prefect.yaml").read_text("utf-8")
    file.write_text(written.replace("- name: ", "- name: pool-"), "utf-8")
    for command in (
        ["work-pool", "create", POOL, "--type", "process"],
        ["--no-prompt", "deploy", "--all", "--prefect-file", str(file)],
    ):
        made = subprocess.run(
            [sys.executable, "-m", "prefect", *command], cwd=ROOT, env=environment, capture_output=True, text=True
        )
        assert made.returncode == 0, made.stdout + made.stderr


@pytest.fixture(scope="module", params=[SERVED, POOLED])
def ended_run(request: pytest.FixtureRequest, api: Api) -> Any:
    """The first run of a deployment that a schedule has made, that began by itself and has ended.

    On a busy machine the run of the next minute may be cancelled sooner than this one ends; that is as it should be.
    """
    ends = ("COMPLETED", "FAILED", "CRASHED")
    return wait_for(lambda: api.scheduled_runs(request.param, *ends), f"a scheduled run of {request.param}")[0]


def test_a_scheduled_run_completes_by_itself(ended_run: Any) -> None:
    assert ended_run["state_type"] == "COMPLETED", ended_run["state"]["message"]
    assert ended_run["created_by"]["type"] == "SCHEDULE"
    started, expected = (datetime.fromisoformat(ended_run[key]) for key in ("start_time", "expected_start_time"))
    assert started >= expected - timedelta(seconds=5)  # Prefect may begin a moment early


@pytest.mark.parametrize("name", ["maintain/nightly", "maintain/pool-nightly"])
def test_schedules_as_they_are_written_have_runs_waiting(api: Api, name: str) -> None:
    waiting = wait_for(lambda: api.scheduled_runs(name, "SCHEDULED"), f"a run of {name} that waits")
    assert {run["expected_start_time"][11:16] for run in waiting} == {"20:30"}  # half past three in Vietnam


@pytest.mark.parametrize(("name", "lake"), [(SERVED, "lake"), (POOLED, "pool-lake")])
def test_a_scheduled_run_stores_what_was_published(api: Api, folder: Path, name: str, lake: str) -> None:
    wait_for(lambda: api.scheduled_runs(name, "COMPLETED"), f"a scheduled run of {name}")
    with open_lake(folder / lake) as connection:
        assert connection.execute("SELECT count(*), count(DISTINCT url) FROM articles").fetchall() == [(6, 6)]
