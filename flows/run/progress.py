"""How a run tells whoever waits for it how far it is."""

from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass

from schemas.rejects import Reject

__all__ = ["LISTENER", "Progress"]


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


def _nobody_listens(_: Progress) -> None:
    """Runs that are not watched from a terminal: Prefect's pages tell the same."""


LISTENER: ContextVar[Callable[[Progress], None]] = ContextVar("LISTENER", default=_nobody_listens)
"""Called in the flow's own thread, once per batch read and once per batch written."""
