"""A Prefect server of this machine that stays, for runs to find. Prefect is not imported here.

Its address and its process are kept in a file of :func:`flows.server.home.own_home`, beside its database.
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
from typing import NoReturn

from flows.server.home import database_problem, own_home, server_environment, use_server
from flows.server.settings import prepare_prefect
from schemas.errors import StopFlow

__all__ = [
    "become_server",
    "missing_server",
    "running_server",
    "server_alive",
    "server_log",
    "start_server",
    "stop_server",
    "use_running_server",
]

PATIENCE_SECONDS = 180


@dataclass(frozen=True, slots=True)
class _StartedServer:
    """What is remembered of a server."""

    url: str
    pid: int


def start_server(port: int) -> str:
    """Start a Prefect server on 127.0.0.1 that goes on when this process ends, and wait until it answers.

    Returns:
        The address of its API.

    Raises:
        StopFlow: Something listens on the port already, or the server did not start.
    """
    url = f"http://127.0.0.1:{port}/api"
    _prepare_start(port)
    with server_log().open("wb") as log:
        server = subprocess.Popen(  # noqa: S603  # our own words
            _command(port),
            env=server_environment(url),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    _wait_until_alive(url, server)
    _remember(_StartedServer(url, server.pid))
    return url


def become_server(port: int) -> NoReturn:
    """Turn this process into a Prefect server on 127.0.0.1.

    Raises:
        StopFlow: Something listens on the port already.
    """
    url = f"http://127.0.0.1:{port}/api"
    _prepare_start(port)
    _remember(_StartedServer(url, os.getpid()))
    os.execve(sys.executable, _command(port), server_environment(url))  # noqa: S606  # our own words


def stop_server() -> bool:
    """End the server that ``parley up`` started; return True if there was one.

    Raises:
        StopFlow: It does not end.
    """
    started = _read_started()
    if started is None or not server_alive(started.url):
        _state_file().unlink(missing_ok=True)  # of a server that is gone; its process id may be another's by now
        return False
    os.kill(started.pid, signal.SIGTERM)
    deadline = time.monotonic() + PATIENCE_SECONDS
    while server_alive(started.url):
        if time.monotonic() > deadline:
            raise StopFlow(f"the server (process {started.pid}) does not end; its log is {server_log()}")
        time.sleep(0.1)
    _state_file().unlink(missing_ok=True)
    return True


def running_server() -> str | None:
    """Return the address of the API of the server that ``parley up`` started; None if it does not answer."""
    started = _read_started()
    return started.url if started and server_alive(started.url) else None


def missing_server() -> str | None:
    """Return the address of the server that ``parley up`` started, if it has ended without ``parley down``."""
    started = _read_started()
    return started.url if started and not server_alive(started.url) else None


def use_running_server() -> None:
    """Let this process report to the server that ``parley up`` started, unless it was told another one."""
    named = os.environ.get("PREFECT_API_URL", "").rstrip("/")
    if (url := running_server()) and named in {"", url, url.replace("127.0.0.1", "localhost")}:
        use_server(url)


def server_alive(url: str) -> bool:
    """Return True if a Prefect server answers at the address of an API."""
    import httpx  # a command that finds no server to ask should not wait for it

    try:
        return httpx.get(f"{url}/health", timeout=5, trust_env=False).is_success
    except (httpx.HTTPError, httpx.InvalidURL):
        return False


def _state_file() -> Path:
    return own_home() / "server.json"


def server_log() -> Path:
    """Return where the log of the server is."""
    return own_home() / "server.log"


def _remember(started: _StartedServer) -> None:
    _state_file().write_text(json.dumps(asdict(started)), encoding="utf-8")


def _read_started() -> _StartedServer | None:
    try:
        return _StartedServer(**json.loads(_state_file().read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None  # there is none, or it was being written when the machine went down


def _prepare_start(port: int) -> None:
    _check_free(port)
    prepare_prefect(verbose=True)
    own_home().mkdir(mode=0o700, parents=True, exist_ok=True)


def _command(port: int) -> list[str]:
    return [sys.executable, "-m", "prefect", "server", "start", "--host", "127.0.0.1", "--port", str(port)]


def _check_free(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise StopFlow(f"something listens on port {port} already; choose another one with --port") from error


def _wait_until_alive(url: str, server: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not server_alive(url):
        if server.poll() is not None or time.monotonic() > deadline:
            server.kill()
            raise StopFlow(_explain_failure())
        time.sleep(0.1)


def _explain_failure() -> str:
    log = server_log().read_text(encoding="utf-8", errors="replace")
    return f"the Prefect server did not start: {database_problem(log) or f'its log is {server_log()}'}"
