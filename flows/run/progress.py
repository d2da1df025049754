"""How a run reports its progress and its result to whoever waits for it."""

from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass

from flows.run.summary import IngestSummary
from schemas.rejects import Reject

__all__ = ["FINISHED", "LISTENER", "Progress"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """Where a run stands after a batch was read or written. Counts are of the whole run so far."""

    read: int
    """Inputs read, whatever became of them."""
    stored: int
    """Articles written."""
    rejected: int
    written: bool
    """A batch was just written; otherwise one was just read."""
    rejects: tuple[Reject, ...] = ()
    """Those of the batch just written."""


def _ignore(_: object) -> None:
    """Do nothing: Prefect's pages tell the same about runs that nobody watches from a terminal."""


LISTENER: ContextVar[Callable[[Progress], None]] = ContextVar("LISTENER", default=_ignore)
"""Called in the flow's own thread, once per batch read and once per batch written."""

FINISHED: ContextVar[Callable[[IngestSummary], None]] = ContextVar("FINISHED", default=_ignore)
"""Called in the flow's own thread once all rows are written, before anything else may fail."""
