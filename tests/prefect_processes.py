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


class PrefectServer:
    """A Prefect server on loopback; its database and log are in a folder, unless the environment names a database."""

    def __init__(self, environment: Mapping[str, str], home: Path) -> None:
        self.url = free_url()
        self._environment = {**environment, "PREFECT_HOME": str(home), "PREFECT_API_URL": self.url}
        self._home = home
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it, again if need be, and wait until it answers."""
        self._home.mkdir(exist_ok=True)
        port = self.url.removesuffix("/api").rpartition(":")[2]
        command = ["-m", "prefect", "server", "start", "--host", "127.0.0.1", "--port", port]
        self._process = start_python(command, self._environment, self._home, log=self._home / "log")
        self._wait_until_healthy(self._process)

    def stop(self) -> None:
        """Tell it to end, and wait for that."""
        if self._process:
            end(self._process)

    def kill(self) -> None:
        """End it as a power failure does."""
        if self._process:
            self._process.kill()
            self._process.wait()

    def _wait_until_healthy(self, process: subprocess.Popen[bytes]) -> None:
        deadline = time.monotonic() + START_SECONDS
        while process.poll() is None and time.monotonic() < deadline:
            try:
                with urllib.request.urlopen(f"{self.url}/health", timeout=5):
                    return
            except (urllib.error.URLError, OSError):
                time.sleep(0.2)  # a server that is not there yet refuses at once
        end(process)
        raise AssertionError(f"no Prefect server: {(self._home / 'log').read_text()[-2000:]}")


@contextmanager
def prefect_server(environment: Mapping[str, str], home: Path) -> Iterator[str]:
    """Run a Prefect server; give the address of its API."""
    server = PrefectServer(environment, home)
    server.start()
    try:
        yield server.url
    finally:
        server.stop()


@contextmanager
def background(
    arguments: Sequence[str], environment: Mapping[str, str], folder: Path, log: Path
) -> Iterator[subprocess.Popen[bytes]]:
    """Run Python with these arguments in a folder until the block ends."""
    process = start_python(arguments, environment, folder, log)
    try:
        yield process
    finally:
        end(process)


def start_python(
    arguments: Sequence[str], environment: Mapping[str, str], folder: Path, log: Path
) -> subprocess.Popen[bytes]:
    """Start Python with these arguments in a folder; what it says is added to a log."""
    with log.open("ab") as out:
        return subprocess.Popen([sys.executable, *arguments], cwd=folder, env=environment, stdout=out, stderr=out)


def end(process: subprocess.Popen[bytes]) -> None:
    """Tell a process to end, and wait for that; one that does not is killed, and that is an error."""
    process.terminate()
    try:
        process.wait(timeout=STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
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
