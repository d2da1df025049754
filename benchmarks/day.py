"""A day in fast motion: a schedule starts the runs by itself, newspapers go on publishing, and there are accidents.

    python -m benchmarks.day --runs 96        (`make day`; some 25 minutes on two quiet cores)
    python -m benchmarks.day --runs 96 --database postgresql

One second stands for a minute, so that the schedule's quarter of an hour is 15 seconds. Nobody starts a run by hand.
After a quarter of the runs the Prefect server is stopped and started again while a run is under way; after half of them
the process of a run is killed; after three quarters the server is killed and stays away for the time of two runs. While
it is away `parley status` must not say that all is well. At the end it must, and every article must be stored once. The
memory of the serving process is printed along the way. Everything is on loopback, in a folder that is deleted.
"""

import argparse
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from tasks.lake import open_lake

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests"))  # the newspapers, and how a server is asked

from postgres import postgres  # noqa: E402

from outlet import Outlet  # noqa: E402
from outlet.catalogue import add_source  # noqa: E402
from prefect_api import Api, wait_for  # noqa: E402
from prefect_processes import PrefectServer, background, serving_environment  # noqa: E402

HOSTS = 3
FIRST_STORIES = 4
INTERVAL_SECONDS = 15
"""Between the starts of two runs; stands for a quarter of an hour."""
WATCH = "ingest/watch"
LEAST_RUNS = 8


class Day:
    """The server, the serving process and what has been seen of them."""

    def __init__(self, newspapers: Outlet, folder: Path, environment: Mapping[str, str]) -> None:
        self.newspapers = newspapers
        self.folder = folder
        self.server = PrefectServer(environment, folder / "prefect")
        self.api = Api(self.server.url)
        self.environment = {**environment, "PREFECT_API_URL": self.server.url}
        self.memory: list[float] = []
        self.problems: list[str] = []
        self._seen: set[str] = set()
        self._states: Counter[str] = Counter()

    def live(self, runs: int) -> None:
        """Let so many runs end, with the accidents in between; what is wrong is added to ``problems``."""
        accidents = {runs // 4: self._restart_server, runs // 2: self._kill_run, 3 * runs // 4: self._lose_server}
        self.server.start()
        try:
            with background(["-m", "flows.cli.app", "serve"], self.environment, self.folder, self._log) as serving:
                wait_for(lambda: self.api.deployment("reextract/by-hand"), "the deployments")
                self.api.reschedule(WATCH, {"interval": INTERVAL_SECONDS, "anchor_date": "2026-01-01T00:00:00Z"})
                for number in range(1, runs + 1):
                    if accident := accidents.get(number):
                        accident()
                    self._publish()
                    self._wait_for_run()
                    self.memory.append(_megabytes(serving.pid))
                    print(f"run {number:3} {dict(self._states)} serving: {self.memory[-1]:.0f} MB", flush=True)
                self._wait_for_run()  # one that has read everything
                self.problems += [*self._check_status(), *_check_rows(self.newspapers, self.folder / "lake")]
                self.problems += [*self._check_states(), *_check_memory(self.memory)]
        finally:
            self.server.stop()

    @property
    def _log(self) -> Path:
        return self.folder / "serve.log"

    def _publish(self) -> None:
        for site in self.newspapers.sites.values():
            site.publish(1)

    def _wait_for_run(self) -> None:
        """Wait until one run more has completed or crashed; what gave way to another run is only counted."""
        wait_for(self._look_for_end, "the end of a run that the schedule has started")

    def _look_for_end(self) -> bool:
        ended = self.api.scheduled_runs(WATCH, "COMPLETED", "FAILED", "CRASHED", "CANCELLED")
        new = [run for run in ended if run["id"] not in self._seen]
        self._seen |= {run["id"] for run in new}
        self._states.update(run["state_type"] for run in new)
        return any(run["state_type"] != "CANCELLED" for run in new)

    def _running(self) -> Any:
        """Wait until a run is under way."""
        return wait_for(lambda: self.api.scheduled_runs(WATCH, "RUNNING"), "a run")[0]

    def _restart_server(self) -> None:
        self._running()
        started = time.monotonic()
        self.server.stop()
        self.server.start()
        print(f"the server was away for {time.monotonic() - started:.0f} s while a run was under way", flush=True)

    def _kill_run(self) -> None:
        wanted = f"PREFECT__FLOW_RUN_ID={self._running()['id']}".encode()
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                if wanted in (folder / "environ").read_bytes() and b"prefect" in (folder / "cmdline").read_bytes():
                    os.kill(int(folder.name), signal.SIGKILL)
            except OSError:
                continue  # it has ended meanwhile
        print("the process of a run was killed", flush=True)

    def _lose_server(self) -> None:
        self._running()
        self.server.kill()
        if _ask_status(self.environment).returncode == 0:
            self.problems.append("status said that all is well while the server was away")
        time.sleep(2 * INTERVAL_SECONDS)
        self.server.start()
        print("the server was killed, and came back", flush=True)

    def _check_status(self) -> Iterator[str]:
        told = _ask_status(self.environment)
        print(told.stdout)
        if told.returncode:
            yield f"at the end, status ended with {told.returncode}: {told.stderr}"

    def _check_states(self) -> Iterator[str]:
        """One run is killed. One loses its server and may crash too: what it stored stays, and others go on."""
        print(f"the runs ended as {dict(self._states)}")
        if self._states["FAILED"] or self._states["CRASHED"] not in (1, 2):
            yield f"one run was killed and one lost its server, but the runs ended as {dict(self._states)}"


def main() -> None:
    """Live through the day, print how it went; exit code 1 if something is not as it should be."""
    parser = argparse.ArgumentParser(prog="day", description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--runs", type=int, default=96, help=f"{LEAST_RUNS} or more")
    parser.add_argument("--database", choices=["sqlite", "postgresql"], default="sqlite", help="of Prefect's server")
    options = parser.parse_args()
    if options.runs < LEAST_RUNS:
        parser.error(f"--runs must be {LEAST_RUNS} or more, so that the accidents do not meet")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # what was started is ended on the way out
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="parley-day-")))
        folder.chmod(0o755)  # PostgreSQL's own user passes through it
        newspapers = stack.enter_context(Outlet())
        environment = _environment(newspapers, folder)
        if options.database == "postgresql":
            environment["PREFECT_API_DATABASE_CONNECTION_URL"] = stack.enter_context(postgres(folder / "postgres"))
        day = Day(newspapers, folder, environment)
        day.live(options.runs)
    for problem in day.problems:
        print(f"PROBLEM {problem}")
    print("All is well." if not day.problems else f"{len(day.problems)} problems")
    sys.exit(1 if day.problems else 0)


def _environment(newspapers: Outlet, folder: Path) -> dict[str, str]:
    """The environment of the day's operator; the newspapers are founded and watched."""
    for number in range(HOSTS):
        add_source(folder / "sources", newspapers.site(f"bao{number}.outlet.test", stories=FIRST_STORIES).base)
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PREFECT_", "PARLEY_"))}
    quiet = {"DO_NOT_TRACK": "1", "PREFECT_SERVER_ANALYTICS_ENABLED": "false", "PREFECT_SERVER_UI_ENABLED": "false"}
    own = {"PREFECT_HOME": str(folder / "home"), "PARLEY_LAKE": str(folder / "lake")}
    return serving_environment(kept | quiet | own, newspapers, folder)


def _ask_status(environment: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "flows.cli.app", "status"]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


def _check_rows(newspapers: Outlet, lake: Path) -> Iterator[str]:
    published = sum(len(site.stories) for site in newspapers.sites.values())
    with open_lake(lake) as connection:
        ((rows, urls),) = connection.execute("SELECT count(*), count(DISTINCT url) FROM articles").fetchall()
        ((batches,),) = connection.execute("SELECT count(DISTINCT batch_id) FROM articles").fetchall()
    print(f"{published} articles published, {rows} stored in {batches} batches, {urls} addresses")
    if not rows == urls == published:
        yield f"{published} were published, {rows} rows of {urls} addresses are stored"
    asked = Counter(visit for site in newspapers.sites.values() for visit in site.paths("/tin/"))
    again = sum(times - HOSTS for times in asked.values() if times > HOSTS)
    print(f"{again} pages were fetched again after the kill")
    if again > HOSTS * 2:
        yield f"{again} pages were fetched more than once"


def _check_memory(memory: list[float]) -> Iterator[str]:
    """A tenth more than a quarter of the day after its beginning is growth; short days tell nothing."""
    early, late = memory[len(memory) // 4], memory[-1]
    print(f"serving process: {memory[0]:.0f} MB at first, {early:.0f} MB after a quarter, {late:.0f} MB at the end")
    if len(memory) >= 24 and late > 1.1 * early + 5:
        yield f"the serving process grew from {early:.0f} to {late:.0f} MB"


def _megabytes(pid: int) -> float:
    pages = int(Path(f"/proc/{pid}/statm").read_text("ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


if __name__ == "__main__":
    main()
