"""Prefect's server, what serves Parley's flows and what works on a pool, as processes of a test."""

import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from outlet import Outlet

START_SECONDS = 120
"""A first start makes a database; on a busy machine that takes more than a minute."""
STOP_SECONDS = 60

ROOT = Path(__file__).parents[1]
HOSTS = ("baomau.outlet.test", "daimau.outlet.test")


def free_url() -> str:
    """Return the address of an API on loopback at a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{probe.getsockname()[1]}/api"


@contextmanager
def prefect_server(environment: Mapping[str, str], home: Path, url: str | None = None) -> Iterator[str]:
    """Run a Prefect server whose database and log are in the folder ``home``; give the address of its API.

    A database elsewhere may be named in the environment, as for any Prefect server.
    """
    url = url or free_url()
    home.mkdir(exist_ok=True)
    own = {**environment, "PREFECT_HOME": str(home), "PREFECT_API_URL": url}
    port = url.removesuffix("/api").rpartition(":")[2]
    command = ["-m", "prefect", "server", "start", "--host", "127.0.0.1", "--port", port]
    with background(command, own, home, log=home / "log") as server:
        _wait_until_healthy(url, server, home / "log")
        yield url


@contextmanager
def background(
    arguments: Sequence[str], environment: Mapping[str, str], folder: Path, log: Path
) -> Iterator[subprocess.Popen[bytes]]:
    """Run Python with these arguments in a folder until the block ends; then tell it to end, and wait for that."""
    with (
        log.open("ab") as out,
        subprocess.Popen([sys.executable, *arguments], cwd=folder, env=environment, stdout=out, stderr=out) as process,
    ):
        try:
            yield process
        finally:
            process.terminate()
            try:
                process.wait(timeout=STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                raise


def serving_environment(environment: Mapping[str, str], newspapers: Outlet, folder: Path) -> dict[str, str]:
    """What the operator of a folder has in the environment, to read these newspapers from its `sources`."""
    return {
        **environment,
        "PREFECT_RUNNER_POLL_FREQUENCY": "1",
        "PARLEY_CONTACT": "tests@outlet.test",
        "PARLEY_CATALOGUE": str(folder / "sources"),
        "PARLEY_ALLOWED_HOSTS": ",".join(newspapers.allowed_hosts),
        "PARLEY_WORKERS": "2",
        "PYTHONPATH": str(ROOT),
    }


def _wait_until_healthy(url: str, server: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while server.poll() is None and time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(f"{url}/health", timeout=5):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)  # a server that is not there yet refuses at once
    raise AssertionError(f"no Prefect server: {log.read_text()[-2000:]}")
