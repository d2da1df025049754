"""Parley as its operators run it: a real Prefect server, the serving process, newspapers on loopback."""

import os
import re
import signal
import sqlite3
import subprocess
import time
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from outlet import Outlet
from prefect_api import Api, wait_for
from tasks.lake import open_lake

Parley = Callable[..., subprocess.CompletedProcess[str]]

STORY = """Bộ trưởng Ngoại giao Lâm Vĩnh An tiếp khách, bản tin số {number}

Ngày 12/3/2024, Bộ trưởng Ngoại giao Lâm Vĩnh An đã hội đàm với Ngoại trưởng Mỹ Daniel Whitmore tại Hà Nội.

"Chúng tôi coi trọng quan hệ song phương và kết quả thứ {number}", ông Lâm Vĩnh An nói sau cuộc gặp.
"""


@pytest.fixture(scope="module")
def stories(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("inbox") / "sổ tay"
    folder.mkdir()
    for number in range(3):
        (folder / f"{number}.txt").write_text(STORY.format(number=number), "utf-8")
    (folder / "void.txt").touch()
    return folder


@pytest.fixture(scope="module")
def folder_run(served: Path, alerts: list[dict[str, Any]], api: Api, stories: Path) -> Any:
    return api.ended(api.start("ingest/watch", inputs=[str(stories)], lake=str(served / "folder-lake")))


@pytest.fixture(scope="module")
def watch_run(served: Path, folder_run: Any, api: Api) -> Any:
    return api.ended(api.start("ingest/watch"))


def rows(lake: Path, query: str) -> list[tuple[Any, ...]]:
    with open_lake(lake) as connection:
        return connection.execute(query).fetchall()


def test_a_run_started_in_the_pages_is_named_by_its_data(folder_run: Any, api: Api) -> None:
    assert folder_run["state_type"] == "COMPLETED", folder_run["state"]["message"]
    assert re.fullmatch(r"ingest-sổ tay-\d{4}-\d\d-\d\d-\d\d:\d\d", folder_run["name"])
    assert "parley" in folder_run["tags"]
    kinds = Counter(re.sub(r"-\d{8}T\d{12}-\w{6}$", "", name) for name in api.tasks(folder_run["id"]))
    assert kinds == dict.fromkeys(["clean", "extract-meetings", "extract-quotes", "extract-topics", "append"], 1)


def test_its_artifacts_hold_the_numbers_that_the_lake_holds(folder_run: Any, api: Api, served: Path) -> None:
    artifacts = api.artifacts(folder_run["id"])
    report = artifacts["ingest-so-tay"]
    for table in ("articles", "meetings", "quotes", "topics"):
        (count,) = rows(served / "folder-lake", f"SELECT count(*) FROM {table}")
        assert f"| {table} | {count[0]} |" in report
    assert "4 read, 3 cleaned, 1 rejected" in report
    rejected = artifacts["ingest-so-tay-rejected"]
    assert ("void.txt" in rejected, '"empty"' in rejected) == (True, True)


def test_its_log_says_what_happened_and_quotes_nobody(folder_run: Any, api: Api) -> None:
    wanted = {"logs": {"flow_run_id": {"any_": [folder_run["id"]]}}, "limit": 200}

    def whole_log() -> str:  # the last lines arrive a moment after the run has ended
        lines = "\n".join(line["message"] for line in api.post("logs/filter", wanted))
        return lines if "4 read" in lines else ""

    log = wait_for(whole_log, "the line of a batch")
    assert "song phương" not in log


def test_new_meetings_are_events_and_reach_the_webhook(
    folder_run: Any, api: Api, served: Path, alerts: list[dict[str, Any]]
) -> None:
    meetings = {meeting for (meeting,) in rows(served / "folder-lake", "SELECT meeting_id FROM meetings")}

    def own(told: list[Any]) -> list[Any]:
        """Of the runs of other tests the server tells as well."""
        return [one for one in told if one["payload"].get("meeting_id") in meetings]

    first = wait_for(lambda: own(api.events("parley.meeting.reported", "parley.meeting.")), "events")[0]
    assert first["payload"]["who"] == "Lâm Vĩnh An, Daniel Whitmore"
    heard = wait_for(lambda: own(alerts), "an alert")[0]
    assert heard["payload"]["sentence"].startswith("Ngày 12/3/2024, Bộ trưởng Ngoại giao Lâm Vĩnh An")


def test_reading_the_same_again_is_no_news(folder_run: Any, api: Api, stories: Path, served: Path) -> None:
    again = api.ended(api.start("ingest/watch", inputs=[str(stories)], lake=str(served / "folder-lake")))
    assert again["state_type"] == "COMPLETED"
    told = api.events("parley.meeting.reported", "parley.meeting.")
    assert told
    assert not [one for one in told if again["id"] in str(one["related"])]


def test_watched_sources_are_read_and_have_a_page_each(watch_run: Any, api: Api, served: Path) -> None:
    assert watch_run["state_type"] == "COMPLETED", watch_run["state"]["message"]
    assert rows(served / "lake", "SELECT source, count(*) FROM articles GROUP BY 1 ORDER BY 1") == [
        ("baomau", 3),
        ("daimau", 3),
    ]
    pages = {
        one["key"]: one for one in api.post("artifacts/latest/filter", {"artifacts": {"key": {"like_": "source-%"}}})
    }
    assert set(pages) == {"source-baomau", "source-daimau"}
    assert "1 fetched" in pages["source-baomau"]["data"]
    assert pages["source-baomau"]["description"].startswith("3 articles")


def test_what_is_published_later_is_read_once(watch_run: Any, api: Api, served: Path, newspapers: Outlet) -> None:
    for site in newspapers.sites.values():
        site.publish(2)
    assert api.ended(api.start("ingest/watch"))["state_type"] == "COMPLETED"
    assert rows(served / "lake", "SELECT count(*), count(DISTINCT url) FROM articles") == [(10, 10)]
    for site in newspapers.sites.values():
        assert set(Counter(site.paths("/tin/")).values()) == {1}


def test_status_agrees_and_says_that_all_is_well(watch_run: Any, api: Api, served: Path, parley: Parley) -> None:
    told = parley("status", "--lake", served / "lake", PREFECT_API_URL=api.url)
    assert told.returncode == 0, told.stdout
    assert "ingest/watch: paused" in told.stdout
    assert "2 watched, 0 fed from files, 0 silent" in told.stdout
    assert ": Completed, began" in told.stdout


def test_a_run_that_rejects_too_much_and_a_source_that_is_silent_are_told(
    watch_run: Any, api: Api, served: Path, alerts: list[dict[str, Any]], tmp_path: Path
) -> None:
    for number in range(4):
        (tmp_path / f"{number}.txt").touch()
    settings = api.deployment("ingest/watch")["parameters"]["settings"]
    strict = settings | {"alerts": {"degraded_inputs": 4, "silent_hours": 0.0}}
    api.ended(api.start("ingest/watch", inputs=[str(tmp_path)], lake=str(served / "bad-lake"), settings=strict))
    assert wait_for(
        lambda: [one for one in alerts if one["event"] == "parley.run.degraded" and one["payload"]["rejected"] == 4],
        "an alert",
    )[0]["payload"]["codes"] == {"empty": 4}
    again = api.ended(api.start("ingest/watch", settings=strict))
    assert again["state_type"] == "COMPLETED", again["state"]["message"]
    wait_for(
        lambda: {one["about"] for one in alerts if one["event"] == "parley.source.silent"} >= {"baomau", "daimau"},
        "two alerts",
    )


@pytest.mark.long
def test_a_locked_database_delays_a_run_and_loses_nothing(
    watch_run: Any, api: Api, served: Path, stories: Path, prefect_home: Path
) -> None:
    lake = served / "locked-lake"
    run_id = api.start("ingest/watch", inputs=[str(stories)], lake=str(lake))
    wait_for(lambda: api.get(f"flow_runs/{run_id}")["state_type"] == "RUNNING", "the run")
    with closing(sqlite3.connect(prefect_home / "prefect.db", isolation_level=None, timeout=60)) as database:
        database.execute("BEGIN EXCLUSIVE")
        wait_for(lambda: (lake / "views.sql").exists(), "the run to go on")
        time.sleep(15)  # longer than the server waits for its database
        database.execute("ROLLBACK")
    run = api.ended(run_id)
    assert run["state_type"] == "COMPLETED", run["state"]["message"]
    assert rows(lake, "SELECT count(*), count(DISTINCT article_id) FROM articles") == [(3, 3)]


def _slow_run(api: Api, served: Path, newspapers: Outlet, name: str) -> str:
    """A run that has stored something and would go on for an hour."""
    site = newspapers.sites["baomau.outlet.test"]
    site.robots = "User-agent: *\nCrawl-delay: 60\n"
    return api.start("ingest/watch", inputs=[site.url(f"/tin/bai-{n}.html") for n in range(4)], lake=str(served / name))


def test_of_two_runs_at_once_one_gives_way_and_the_other_is_cancelled_soon(
    watch_run: Any, api: Api, served: Path, newspapers: Outlet
) -> None:
    first = _slow_run(api, served, newspapers, "slow-lake")
    wait_for(lambda: api.get(f"flow_runs/{first}")["state_type"] == "RUNNING", "the run")
    second = api.ended(api.start("ingest/watch"))
    assert (second["state_type"], second["state"]["message"]) == ("CANCELLED", "Deployment concurrency limit reached.")
    api.cancel(first)
    assert api.ended(first)["state_type"] == "CANCELLED"


@pytest.mark.long
def test_after_its_process_is_killed_a_run_is_told_as_crashed_and_the_next_one_completes(
    watch_run: Any, api: Api, served: Path, newspapers: Outlet, alerts: list[dict[str, Any]]
) -> None:
    run_id = _slow_run(api, served, newspapers, "killed-lake")
    wait_for(lambda: api.get(f"flow_runs/{run_id}")["state_type"] == "RUNNING", "the run")
    os.kill(_process_of(run_id), signal.SIGKILL)
    assert api.ended(run_id)["state_type"] == "CRASHED"
    wait_for(lambda: [one for one in alerts if one["event"] == "prefect.flow-run.Crashed"], "an alert")
    newspapers.sites["baomau.outlet.test"].robots = None
    links = [newspapers.sites["daimau.outlet.test"].url("/tin/bai-0.html")]
    after = api.ended(api.start("ingest/watch", inputs=links, lake=str(served / "killed-lake")))
    assert after["state_type"] == "COMPLETED"
    assert rows(served / "killed-lake", "SELECT count(*), count(DISTINCT url) FROM articles") == [(1, 1)]


def _process_of(run_id: str) -> int:
    """The process that runs a flow run: Prefect names the run in its environment."""

    def names_it(folder: Path) -> bool:
        try:
            return f"PREFECT__FLOW_RUN_ID={run_id}".encode() in (folder / "environ").read_bytes()
        except OSError:
            return False

    def oldest() -> int | None:
        return min((int(folder.name) for folder in Path("/proc").glob("[0-9]*") if names_it(folder)), default=None)

    return wait_for(oldest, "its process")
