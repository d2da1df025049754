"""The Prefect server that a run reports to: one that is there, or a temporary one that this run starts and ends."""

import atexit
import signal
import subprocess
from concurrent.futures import ThreadPoolExecutor

from prefect.client.orchestration import get_client
from prefect.server.api.server import SubprocessASGIServer
from prefect.settings import PREFECT_API_URL

from schemas.errors import StopFlow

__all__ = ["reach_server"]


def reach_server() -> None:
    """Wait until a Prefect server answers; returns at once if one does.

    Raises:
        StopFlow: The server that ``PREFECT_API_URL`` names does not answer, or no temporary one could be started.
    """
    if url := PREFECT_API_URL.value():
        _ask(url)
    else:
        # In a thread of its own: see _start_temporary_server. Here, Ctrl-C is heard while it starts.
        threads = ThreadPoolExecutor(max_workers=1)
        try:
            threads.submit(_start_temporary_server).result()
        finally:
            threads.shutdown(wait=False)


def _ask(url: str) -> None:
    with get_client(sync_client=True) as client:
        error = client.api_healthcheck()
    if error:
        raise StopFlow(
            f"no Prefect server answers at {url} ({error}); start one with `make ui`, or unset PREFECT_API_URL"
        )


def _start_temporary_server() -> None:
    """Start it out of Ctrl-C's reach, because the run has yet to tell it that it was interrupted.

    A terminal sends Ctrl-C to every process it started; the server inherits from this thread that it is blocked.
    """
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    server = SubprocessASGIServer()
    try:
        server.start()
    except (OSError, RuntimeError) as error:
        raise StopFlow(f"Prefect's temporary server did not start: {error}") from error
    if server.server_process:
        _end_with_us(server.server_process.pid)


def _end_with_us(pid: int) -> None:
    """End the server even if this process is killed: its guard reads from a pipe that breaks when we are gone."""
    command = ["/bin/sh", "-c", 'read -r _; kill "$1"', "parley-guard", str(pid)]
    guard = subprocess.Popen(command, stdin=subprocess.PIPE, start_new_session=True)  # noqa: S603  # our own words
    atexit.register(guard.kill)  # runs before Prefect stops the server, so that the guard never meets a reused pid
