"""The Prefect server that a run reports to: the one that ``PREFECT_API_URL`` names, or a temporary one.

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

from flows.server.local import server_alive
from schemas.errors import StopFlow

__all__ = ["start_server"]

PATIENCE_SECONDS = 180
"""A first start makes a database; on a busy machine a minute and a half were seen."""


def start_server() -> Callable[[], None]:
    """Begin to reach a Prefect server; call this before anything imports Prefect.

    Returns:
        What waits until the server answers, to be called once Prefect is imported. It raises StopFlow if the server
        that ``PREFECT_API_URL`` names does not answer, or no temporary one could be started.
    """
    return _ask if os.environ.get("PREFECT_API_URL") else _Temporary().wait


def _ask() -> None:
    from prefect.client.orchestration import get_client
    from prefect.settings import PREFECT_API_URL

    with get_client(sync_client=True) as client:
        error = client.api_healthcheck()
    if error:
        raise StopFlow(
            f"no Prefect server answers at {PREFECT_API_URL.value()} ({error}); "
            "start one with `parley up`, or unset PREFECT_API_URL"
        )


class _Temporary:
    """A server that ends with this process, whatever becomes of it."""

    def __init__(self) -> None:
        port = _free_port()
        self.url = f"http://127.0.0.1:{port}/api"
        # The application is Prefect's own for this purpose, started as its ``SubprocessASGIServer`` does. A session of
        # its own keeps Ctrl-C from it, because the run has yet to tell it that it was interrupted.
        command = [sys.executable, "-m", "uvicorn", "--factory", "prefect.server.api.server:create_app"]
        command += ["--host", "127.0.0.1", "--port", str(port), "--log-level", "error", "--lifespan", "on"]
        self._server = subprocess.Popen(command, env=os.environ | _NO_FRILLS, start_new_session=True)  # noqa: S603
        guard = ["/bin/sh", "-c", 'read -r _; kill "$1"', "parley-guard", str(self._server.pid)]
        # Reads from a pipe that breaks when this process is gone, even by kill -9.
        self._guard = subprocess.Popen(guard, stdin=subprocess.PIPE, start_new_session=True)  # noqa: S603
        atexit.register(self.stop)

    def wait(self) -> None:
        """Wait until it answers, and make it the server of this process."""
        from prefect.context import refresh_global_settings_context
        from prefect.settings import PREFECT_API_URL

        if PREFECT_API_URL.value():  # of a profile, which only Prefect knows how to find
            self.stop()
            _ask()
            return
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not server_alive(self.url):
            if self._server.poll() is not None or time.monotonic() > deadline:
                raise StopFlow("Prefect's temporary server did not start; try --direct, or `parley up` to see its log")
            time.sleep(0.05)
        os.environ["PREFECT_API_URL"] = self.url
        refresh_global_settings_context()

    def stop(self) -> None:
        """End the server; the guard first, so that it never meets a reused process id."""
        self._guard.kill()
        self._guard.communicate()
        self._server.terminate()
        try:
            self._server.wait(timeout=5)
        except subprocess.TimeoutExpired:
            self._server.kill()
            self._server.wait()


_NO_FRILLS = {
    "PREFECT__SERVER_EPHEMERAL": "1",  # of the services only those that write down what a run reports
    "PREFECT__SERVER_FINAL": "1",
    "PREFECT_UI_ENABLED": "0",
    "PREFECT_API_BLOCKS_REGISTER_ON_START": "false",  # as long as all the rest of a first start
}


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
