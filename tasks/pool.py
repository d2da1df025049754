"""One plain process pool for the CPU work of a run; its workers can be ended when a page takes too long.

Workers are born from a fork server, never by forking a process full of threads, and know Parley's modules from
birth, so that replacing one takes milliseconds.
"""

import fcntl
import resource
from collections.abc import Callable, Iterable
from concurrent.futures import CancelledError, Future, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerContext
from pathlib import Path
from types import TracebackType
from typing import Literal, Self, TypeVar

from pebble import ProcessExpired, ProcessPool

from schemas.errors import StopFlow

__all__ = ["Lost", "WorkerPool"]

ALIVE_CHECK_SECONDS = 1.0
PIPE_BYTES = 1_048_576
"""What Linux grants everybody; a few pages lie ready in it, so that workers do not wait for busy threads here."""
Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Lost:
    """What a call came to whose worker was ended or died.

    Attributes:
        code: ``page_timeout`` or ``worker_died``; the codes of the rejects that follow.
        message: What happened, in words.
    """

    code: Literal["page_timeout", "worker_died"]
    message: str


class WorkerPool:
    """A fixed number of processes; use as a context manager. Calls may come from any thread."""

    def __init__(self, workers: int, *, memory_bytes: int, preload: Iterable[str] = ()) -> None:
        """Describe the pool; processes start on entering it.

        Args:
            workers: How many processes, at least 1.
            memory_bytes: Address space that a worker may take beyond its start (on Linux; elsewhere unbounded).
            preload: Modules that every worker knows from birth.
        """
        context = _WidePipes()
        context.set_forkserver_preload(list(preload))
        self._pool = ProcessPool(workers, initializer=_bound_memory, initargs=[memory_bytes], context=context)

    def __enter__(self) -> Self:
        """Start the processes and wait until one answers.

        Raises:
            StopFlow: No worker could be started.
        """
        self.call(_nothing)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End the processes: after an error at once, otherwise when their work is done."""
        if kind is None:
            self._pool.close()  # type: ignore[no-untyped-call]  # Pebble types some of its methods only
        else:
            self._pool.stop()  # type: ignore[no-untyped-call]
        self._pool.join()

    def call(
        self, function: Callable[..., Result], *arguments: object, timeout_seconds: float | None = None
    ) -> Result | Lost:
        """Call a function, importable by name, in a worker.

        Raises:
            Exception: Whatever the function raises.
            StopFlow: The pool itself broke.
        """
        future = self._schedule(function, arguments, timeout_seconds)
        return self._outcome(future)

    def each(
        self, function: Callable[..., Result], calls: Iterable[tuple[object, ...]], *, timeout_seconds: float
    ) -> list[Result | Lost]:
        """Call a function once per tuple of arguments, side by side.

        Args:
            function: Importable by name.
            calls: The arguments of each call.
            timeout_seconds: What one call may take, counted from when a worker takes it up.

        Returns:
            One result per call, in the order of the calls.

        Raises:
            Exception: Whatever the function raises.
            StopFlow: The pool itself broke.
        """
        futures = [self._schedule(function, arguments, timeout_seconds) for arguments in calls]
        return list(map(self._outcome, futures))

    def _schedule(
        self, function: Callable[..., Result], arguments: tuple[object, ...], timeout_seconds: float | None
    ) -> Future[Result]:
        try:
            future: Future[Result] = self._pool.schedule(function, args=arguments, timeout=timeout_seconds)
        except RuntimeError as error:
            raise _broken(error) from error
        return future

    def _outcome(self, future: Future[Result]) -> Result | Lost:
        self._wait(future)
        try:
            return future.result()
        except TimeoutError as error:
            return Lost("page_timeout", f"took longer than {error.args[-1]} seconds; its worker was ended")
        except ProcessExpired as error:
            return Lost("worker_died", f"its worker died (exit code {error.exitcode})")
        except MemoryError:
            return Lost("worker_died", "its worker ran out of memory")
        except (BrokenProcessPool, CancelledError) as error:
            raise _broken(error) from error

    def _wait(self, future: Future[Result]) -> None:
        """Wait for a call; Pebble forgets the calls that are still queued when a pool breaks or is stopped."""
        while not wait([future], timeout=ALIVE_CHECK_SECONDS).done:
            if not self._pool.active:
                future.cancel()
                return


class _WidePipes(ForkServerContext):
    def Pipe(self, duplex: bool = True) -> tuple[Connection, Connection]:  # noqa: N802  # as its parent has it
        reader, writer = super().Pipe(duplex)
        with suppress(OSError, AttributeError):  # macOS has no such call, and does without
            fcntl.fcntl(writer.fileno(), fcntl.F_SETPIPE_SZ, PIPE_BYTES)
        return reader, writer


def _broken(error: Exception) -> StopFlow:
    return StopFlow(f"the worker processes are gone ({error!r}); what was written stays, run the same command again")


def _nothing() -> None:
    """The call that waits for a worker."""


def _bound_memory(memory_bytes: int) -> None:
    """Let the worker's address space grow by this much and no more (macOS knows the limit but refuses it)."""
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    with suppress(OSError, ValueError):
        pages_mapped = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
        limit = pages_mapped * resource.getpagesize() + memory_bytes
        resource.setrlimit(resource.RLIMIT_AS, (limit if hard == resource.RLIM_INFINITY else min(limit, hard), hard))
