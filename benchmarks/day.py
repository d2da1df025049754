"""A day in fast motion: so many scheduled reads of newspapers that go on publishing, with two accidents in between.

    python -m benchmarks.day --runs 96        (`make day`; some 15 minutes on two quiet cores)

A third of the way the Prefect server is ended and started again while a run is under way; half way the process of a run
is killed. Afterwards every article must be stored once, and `parley status` must say that all is well. The memory of
the serving process is printed along the way. Everything is on loopback, in a folder of its own that is deleted.
"""

import argparse
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tasks.lake import open_lake

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests"))  # the newspapers, and how a server is asked

from outlet import Outlet  # noqa: E402
from outlet.catalogue import add_source  # noqa: E402
from prefect_api import Api, wait_for  # noqa: E402

HOSTS = 3
FIRST_STORIES = 4


def main() -> None:
    """Live through the day, print how it went; exit code 1 if something is not as it should be."""
    parser = argparse.ArgumentParser(prog="day", description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--runs", type=int, default=96, help="4 or more")
    runs = parser.parse_args().runs
    with tempfile.TemporaryDirectory(prefix="parley-day-") as name, Outlet() as newspapers:
        folder = Path(name)
        _found(newspapers, folder)
        environment = _environment(newspapers, folder)
        problems = _live(runs, newspapers, folder, environment)
    for problem in problems:
        print(f"PROBLEM {problem}")
    print("All is well." if not problems else f"{len(problems)} problems")
    sys.exit(1 if problems else 0)


def _found(newspapers: Outlet, folder: Path) -> None:
    for number in range(HOSTS):
        site = newspapers.site(f"bao{number}.outlet.test", stories=FIRST_STORIES)
        add_source(folder / "sources", site.base)


def _environment(newspapers: Outlet, folder: Path) -> dict[str, str]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PREFECT_", "PARLEY_"))}
    return kept | {
        "PREFECT_HOME": str(folder / "prefect"),
        "PREFECT_API_URL": f"http://127.0.0.1:{port}/api",
        "PREFECT_RUNNER_POLL_FREQUENCY": "1",
        "PREFECT_SERVER_UI_ENABLED": "false",
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "DO_NOT_TRACK": "1",
        "PARLEY_CONTACT": "day@outlet.test",
        "PARLEY_CATALOGUE": str(folder / "sources"),
        "PARLEY_ALLOWED_HOSTS": ",".join(newspapers.allowed_hosts),
        "PARLEY_LAKE": str(folder / "lake"),
        "PARLEY_WORKERS": "2",
        "PYTHONPATH": str(ROOT),
    }


def _live(runs: int, newspapers: Outlet, folder: Path, environment: dict[str, str]) -> list[str]:
    api = Api(environment["PREFECT_API_URL"])
    states: Counter[str] = Counter()
    memory: list[float] = []
    server = _server(environment)
    with _serving(environment, folder) as serving:
        wait_for(
            lambda: "ingest" in (folder / "serve.log").read_text() and api.deployment("reextract/by-hand"), "serving"
        )
        api.pause("ingest/watch")  # the day has a clock of its own
        for number in range(runs):
            for site in newspapers.sites.values():
                site.publish(1)
            run = api.start("ingest/watch")
            if number == runs // 3:
                server = _restart(server, environment, api, run)
            if number == runs // 2:
                _kill(api, run)
            states[api.ended(run)["state_type"]] += 1
            memory.append(_megabytes(serving.pid))
            print(f"run {number + 1:3} {dict(states)} serving process {memory[-1]:.0f} MB", flush=True)
        problems = [*_check_rows(newspapers, folder, killed=True), *_check_states(states, runs), *_check_memory(memory)]
        problems += _check_status(environment)
    server.terminate()
    server.wait()
    return problems


def _server(environment: dict[str, str]) -> subprocess.Popen[bytes]:
    api = Api(environment["PREFECT_API_URL"])
    port = api.pages.rpartition(":")[2]
    command = [sys.executable, "-m", "prefect", "server", "start", "--host", "127.0.0.1", "--port", port]
    server = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    wait_for(lambda: api.get("health"), "the server")
    return server


@contextmanager
def _serving(environment: dict[str, str], folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    with (folder / "serve.log").open("wb") as log:
        command = [sys.executable, "-m", "deployments.serve"]
        with subprocess.Popen(command, env=environment, cwd=folder, stdout=log, stderr=log) as serving:
            try:
                yield serving
            finally:
                serving.terminate()


def _restart(
    server: subprocess.Popen[bytes], environment: dict[str, str], api: Api, run: str
) -> subprocess.Popen[bytes]:
    wait_for(lambda: api.get(f"flow_runs/{run}")["state_type"] == "RUNNING", "the run")
    server.terminate()
    server.wait()
    started = time.monotonic()
    server = _server(environment)
    print(f"the server was away for {time.monotonic() - started:.0f} s while a run was under way")
    return server


def _kill(api: Api, run: str) -> None:
    wait_for(lambda: api.get(f"flow_runs/{run}")["state_type"] == "RUNNING", "the run")
    wanted = f"PREFECT__FLOW_RUN_ID={run}".encode()
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if wanted in (folder / "environ").read_bytes() and b"prefect" in (folder / "cmdline").read_bytes():
                os.kill(int(folder.name), signal.SIGKILL)
        except OSError:
            continue  # it has ended meanwhile
    print("the process of a run was killed")


def _check_rows(newspapers: Outlet, folder: Path, *, killed: bool) -> Iterator[str]:
    published = sum(len(site.stories) for site in newspapers.sites.values())
    with open_lake(folder / "lake") as connection:
        ((rows, urls),) = connection.execute("SELECT count(*), count(DISTINCT url) FROM articles").fetchall()
        ((files,),) = connection.execute("SELECT count(DISTINCT batch_id) FROM articles").fetchall()
    print(f"{published} articles published, {rows} stored in {files} batches, {urls} addresses")
    if not rows == urls == published:
        yield f"{published} were published, {rows} rows of {urls} addresses are stored"
    asked = Counter(visit for site in newspapers.sites.values() for visit in site.paths("/tin/"))
    again = sum(times - HOSTS for times in asked.values() if times > HOSTS)
    print(f"{again} pages were fetched again after the kill")
    if again > HOSTS * 2 or (again and not killed):
        yield f"{again} pages were fetched more than once"


def _check_states(states: Counter[str], runs: int) -> Iterator[str]:
    if states != {"COMPLETED": runs - 1, "CRASHED": 1}:
        yield f"the runs ended as {dict(states)}"


def _check_memory(memory: list[float]) -> Iterator[str]:
    """A tenth more than a quarter of the day after its beginning is growth; short days tell nothing."""
    early, late = memory[len(memory) // 4], memory[-1]
    print(f"serving process: {memory[0]:.0f} MB at first, {early:.0f} MB after a quarter, {late:.0f} MB at the end")
    if len(memory) >= 24 and late > 1.1 * early + 5:
        yield f"the serving process grew from {early:.0f} to {late:.0f} MB"


def _check_status(environment: dict[str, str]) -> Iterator[str]:
    told = subprocess.run(
        [sys.executable, "-m", "flows.cli.app", "status"], env=environment, capture_output=True, text=True, check=False
    )
    print(told.stdout)
    if told.returncode:
        yield f"status says {told.returncode}: {told.stderr}"


def _megabytes(pid: int) -> float:
    pages = int(Path(f"/proc/{pid}/statm").read_text("ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


if __name__ == "__main__":
    main()
