"""What happens to a run whose Prefect server goes away: it goes on alone, and Prefect stops trying to reach the server.

Prefect itself tries for minutes, prints every event that it cannot send, and may keep the process from ending.
"""

import logging
import threading
from collections.abc import Callable
from types import TracebackType
from typing import Self

from flows.run.progress import FINISHED
from flows.run.summary import IngestSummary
from flows.server.local import server_alive
from schemas.errors import StopFlow

__all__ = ["ServerWatch", "run_beside_server"]

LOOK_SECONDS = 2.0
"""From one look at the server to the next."""
MISSES = 3
"""So many looks in a row must fail: a busy server may leave one unanswered."""
_SENDERS = ("EventsWorker", "APILogWorker", "prefect._internal.concurrency", "prefect.events.clients")
"""Loggers of those parts of Prefect that send events and log lines."""


class ServerWatch:
    """Looks every few seconds, in a thread, whether a server answers; use it as a context manager around a run.

    Attributes:
        gone: True once the server has not answered several times in a row. It stays so.
    """

    def __init__(self, url: str, tell: Callable[[str], None]) -> None:
        """Describe the watch.

        Args:
            url: Of the server's API.
            tell: Is called, once at most, with one line about a server that is gone.
        """
        self.gone = False
        self._url = url
        self._tell = tell
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._look, name="server-watch", daemon=True)

    def __enter__(self) -> Self:
        """Begin to look."""
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop looking. After an error, look one last time, because the server may be its reason."""
        self._ended.set()
        self._thread.join()
        if kind and not self.gone and not server_alive(self._url):
            self._give_up()

    def _look(self) -> None:
        misses = 0
        while misses < MISSES:
            if self._ended.wait(LOOK_SECONDS):
                return
            misses = 0 if server_alive(self._url) else misses + 1
        self._give_up()

    def _give_up(self) -> None:
        self.gone = True
        drop_what_prefect_sends()
        self._tell(f"Prefect's server at {self._url} is gone. The run goes on; Prefect's pages will not show the rest.")


def drop_what_prefect_sends() -> None:
    """Drop all further events and log lines, and let Prefect not complain about those that it could not send."""
    from prefect.events.clients import NullEventsClient
    from prefect.events.worker import EventsWorker
    from prefect.logging.handlers import set_api_log_sink

    EventsWorker.set_client_override(NullEventsClient)
    set_api_log_sink(lambda _line: None)
    logging.raiseExceptions = False  # Prefect asks this before it prints that a log line was not sent
    for name in _SENDERS:
        logging.getLogger(name).disabled = True


def run_beside_server(
    run_flow: Callable[[], IngestSummary], tell: Callable[[str], None]
) -> tuple[IngestSummary | None, bool]:
    """Run a flow whose Prefect server may go away meanwhile.

    Args:
        run_flow: Runs the flow.
        tell: Is called, once at most, with one line about a server that is gone.

    Returns:
        The summary, and whether the server is gone. The summary is None if the run itself was ended by that.

    Raises:
        Exception: Whatever ended the run while the server was there.
    """
    from prefect.settings import PREFECT_API_URL

    finished: list[IngestSummary] = []
    token = FINISHED.set(finished.append)
    watch = ServerWatch(str(PREFECT_API_URL.value()), tell)
    try:
        with watch:
            return run_flow(), watch.gone
    except StopFlow:
        raise
    except Exception:
        if not watch.gone:
            raise
    finally:
        FINISHED.reset(token)
    return (finished[0] if finished else None), True
