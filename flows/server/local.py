"""``parley up`` and ``parley down``: a Prefect server of this machine that stays, for runs to find. No Prefect here.

Where it is and which process it is stands in a file of Prefect's home, beside the database that it serves.
"""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from flows.server.settings import prepare_prefect
from schemas.errors import StopFlow

__all__ = ["down", "running_server", "server_alive", "up", "use_running_server"]

PATIENCE_SECONDS = 180


@dataclass(frozen=True, slots=True)
class _Started:
    """What is remembered of a server."""

    url: str
    pid: int


def up(*, port: int = 4200, foreground: bool = False) -> None:
    """Start a Prefect server on 127.0.0.1 that later runs report to; its pages show them.

    Args:
        port: Where it listens.
        foreground: Keep the terminal until Ctrl-C, for a service manager or a look at the log.
    """
    if url := running_server():
        sys.stdout.write(f"Prefect is running already: {_pages(url)}\n")
        return
    url = f"http://127.0.0.1:{port}/api"
    _check_free(port)
    prepare_prefect(verbose=True)
    _home().mkdir(mode=0o700, parents=True, exist_ok=True)
    command = [sys.executable, "-m", "prefect", "server", "start", "--host", "127.0.0.1", "--port", str(port)]
    own = os.environ | {"PREFECT_API_URL": url}
    if foreground:
        _remember(_Started(url, os.getpid()))
        os.execve(sys.executable, command, own)  # noqa: S606  # this process becomes the server
    with _log().open("wb") as log:
        server = subprocess.Popen(  # noqa: S603  # our own words
            command, env=own, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
        )
    sys.stdout.write(f"Starting Prefect (half a minute the first time); its log is {_log()}\n")
    sys.stdout.flush()
    _wait(url, server)
    _remember(_Started(url, server.pid))
    sys.stdout.write(f"Prefect is running: {_pages(url)}\nRuns find it by themselves; `parley down` ends it.\n")


def down() -> None:
    """End the server that ``parley up`` started; runs that report to it go on and are told to wait by Prefect."""
    started = _started()
    if started is None or not server_alive(started.url):
        _state().unlink(missing_ok=True)  # of a server that is gone; its process id may be another's by now
        sys.stdout.write("No server that `parley up` started is running.\n")
        return
    os.kill(started.pid, signal.SIGTERM)
    deadline = time.monotonic() + PATIENCE_SECONDS
    while server_alive(started.url):
        if time.monotonic() > deadline:
            raise StopFlow(f"the server (process {started.pid}) does not end; see {_log()}")
        time.sleep(0.1)
    _state().unlink(missing_ok=True)
    sys.stdout.write("Prefect has ended. What it knows stays in its database for the next time.\n")


def running_server() -> str | None:
    """The address of the API of the server that ``parley up`` started; None if it does not answer."""
    started = _started()
    return started.url if started and server_alive(started.url) else None


def use_running_server() -> None:
    """Let this process report to the server that ``parley up`` started, unless it was told another one."""
    if not os.environ.get("PREFECT_API_URL") and (url := running_server()):
        os.environ["PREFECT_API_URL"] = url


def server_alive(url: str) -> bool:
    """Whether a Prefect server answers at the address of an API."""
    import httpx  # a command that finds no server to ask should not wait for it

    try:
        return httpx.get(f"{url}/health", timeout=5, trust_env=False).is_success
    except (httpx.HTTPError, httpx.InvalidURL):
        return False


def _home() -> Path:
    """Prefect's home, by Prefect's rule."""
    return Path(os.environ.get("PREFECT_HOME") or "~/.prefect").expanduser()


def _state() -> Path:
    return _home() / "parley-server.json"


def _log() -> Path:
    return _home() / "parley-server.log"


def _pages(url: str) -> str:
    return url.removesuffix("/api")


def _remember(started: _Started) -> None:
    _state().write_text(json.dumps(asdict(started)), encoding="utf-8")


def _started() -> _Started | None:
    try:
        return _Started(**json.loads(_state().read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None  # there is none, or it was being written when the machine went down


def _check_free(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise StopFlow(f"something listens on port {port} already; choose another one with --port") from error


def _wait(url: str, server: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not server_alive(url):
        if server.poll() is not None or time.monotonic() > deadline:
            server.kill()
            raise StopFlow(f"the Prefect server did not start; its log is {_log()}")
        time.sleep(0.1)
