"""The Prefect server that a run reports to: one that is there already, or a temporary one.

A temporary server is started before Prefect is imported here, so that both load side by side; it does without what
a single run has no use for.
"""

import atexit
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from flows.server.home import database_problem, own_home, server_environment, use_server
from flows.server.local import server_alive

__all__ = ["connect"]

PATIENCE_SECONDS = 180
"""A first start makes a database; on a busy machine a minute and a half were seen."""


def connect() -> Callable[[], str | None]:
    """Begin to reach a Prefect server; call this before anything imports Prefect.

    Returns:
        A function that waits until the server answers, to be called once Prefect is imported. It returns None, or the
        reason why there is no server.
    """
    return _ask_named_server if os.environ.get("PREFECT_API_URL") else _TemporaryServer().wait


def _ask_named_server() -> str | None:
    from prefect.client.orchestration import get_client
    from prefect.settings import PREFECT_API_URL

    with get_client(sync_client=True) as client:
        error = client.api_healthcheck()
    return f"no Prefect server answers at {PREFECT_API_URL.value()}" if error else None


class _TemporaryServer:
    """A server that ends with this process, however this process ends."""

    def __init__(self) -> None:
        port = _find_free_port()
        self.url = f"http://127.0.0.1:{port}/api"
        # The application is Prefect's own for this purpose, started as its ``SubprocessASGIServer`` does. A session of
        # its own keeps Ctrl-C from it, because the run has yet to tell it that it was interrupted.
        command = [sys.executable, "-m", "uvicorn", "--factory", "prefect.server.api.server:create_app"]
        command += ["--host", "127.0.0.1", "--port", str(port), "--log-level", "error", "--lifespan", "on"]
        environment = server_environment(self.url) | _NO_FRILLS
        with _log().open("wb") as log:
            self._server = subprocess.Popen(  # noqa: S603  # our own words
                command, env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
            )
        guard = ["/bin/sh", "-c", 'read -r _; kill "$1"', "parley-guard", str(self._server.pid)]
        # Reads from a pipe that breaks when this process is gone, even by kill -9.
        self._guard = subprocess.Popen(  # noqa: S603  # our own words
            guard, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
        )
        atexit.register(self.stop)

    def wait(self) -> str | None:
        """Wait until it answers, and make it the server of this process; return the reason if it does not start."""
        from prefect.context import refresh_global_settings_context
        from prefect.settings import PREFECT_API_URL

        if PREFECT_API_URL.value():  # of a profile, which only Prefect knows how to find
            self.stop()
            return _ask_named_server()
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not server_alive(self.url):
            if self._server.poll() is not None or time.monotonic() > deadline:
                self.stop()
                return _explain_failure()
            time.sleep(0.05)
        use_server(self.url)
        refresh_global_settings_context()
        return None

    def stop(self) -> None:
        """End the server; the guard first, so that it never meets a reused process id."""
        self._guard.kill()
        self._guard.wait()
        self._server.terminate()
        try:
            self._server.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self._server.kill()
            self._server.wait()


_NO_FRILLS = {
    "PREFECT__SERVER_EPHEMERAL": "1",  # of the services only those that write down what a run reports
    "PREFECT__SERVER_FINAL": "1",
    "PREFECT_UI_ENABLED": "0",
    "PREFECT_API_BLOCKS_REGISTER_ON_START": "false",  # as long as all the rest of a first start
}


def _log() -> Path:
    own_home().mkdir(mode=0o700, parents=True, exist_ok=True)
    return own_home() / "temporary-server.log"


def _explain_failure() -> str:
    log = _log().read_text(encoding="utf-8", errors="replace")
    return f"Prefect's temporary server did not start: {database_problem(log) or f'its log is {_log()}'}"


def _find_free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
