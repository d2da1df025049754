"""One plain process pool for the CPU work of a run; a worker that takes too long over a call is ended and replaced.

Workers are born from a fork server, never by forking a process full of threads, and know Parley's modules from
birth, so that replacing one takes milliseconds.

Time is the processor's: a call that is kept waiting, by a busy machine or because the machine sleeps, loses nothing.
"""

import fcntl
import resource
import signal
from collections.abc import Callable, Iterable
from concurrent.futures import CancelledError, Future, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerContext
from pathlib import Path
from threading import Lock
from types import TracebackType
from typing import Generic, Literal, Self, TypeVar

from pebble import ProcessExpired, ProcessPool

from schemas.errors import StopFlow

__all__ = ["WorkerFailure", "WorkerPool"]

ALIVE_CHECK_SECONDS = 1.0
MOST_REPLACEMENTS = 5
"""How often in a row the whole pool may break, without one call that succeeds, before the run gives up."""
IDLE_FACTOR = 30
"""A call that neither ends nor works, because it waits for something, is ended after so many times its limit."""
PIPE_BYTES = 1_048_576
"""Size of a pipe's buffer: what Linux allows every user. A few pages lie ready in it, so that workers do not wait for
busy threads of this process."""
Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class WorkerFailure:
    """What a call gives whose worker was ended or died.

    Attributes:
        code: ``page_timeout`` or ``worker_died``; the codes of the rejects that follow.
        message: What happened, in words.
    """

    code: Literal["page_timeout", "worker_died"]
    message: str


@dataclass(slots=True)
class _Call(Generic[Result]):
    """A call on its way: what is to be done, and the pool that is at it."""

    function: Callable[..., Result]
    arguments: tuple[object, ...]
    timeout_seconds: float | None
    pool: ProcessPool
    future: Future[Result]


class WorkerPool:
    """A fixed number of processes; use as a context manager. Calls may come from any thread."""

    def __init__(self, workers: int, *, memory_bytes: int, preload: Iterable[str] = ()) -> None:
        """Describe the pool; processes start on entering it.

        Args:
            workers: How many processes, at least 1.
            memory_bytes: Address space that a worker may take beyond its start (on Linux; elsewhere unbounded).
            preload: Modules that every worker knows from birth.
        """
        self._context = _WidePipes()
        self._context.set_forkserver_preload(list(preload))
        self._workers = workers
        self._memory_bytes = memory_bytes
        self._lock = Lock()
        self._replacements = 0
        self._is_closed = False
        self._pool = self._make_pool()

    def __enter__(self) -> Self:
        """Start the processes and wait until one answers.

        Raises:
            StopFlow: No worker could be started.
        """
        self.call(_do_nothing)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End the processes: after an error at once, otherwise when their work is done."""
        with self._lock:
            self._is_closed = True
        if kind is None:
            self._pool.close()  # type: ignore[no-untyped-call]  # Pebble types some of its methods only
        else:
            self._pool.stop()  # type: ignore[no-untyped-call]
        self._pool.join()

    def call(
        self, function: Callable[..., Result], *arguments: object, timeout_seconds: float | None = None
    ) -> Result | WorkerFailure:
        """Call a function, importable by name, in a worker.

        Raises:
            Exception: Whatever the function raises.
            StopFlow: The pool broke again and again, or was closed.
        """
        started = self._start(function, arguments, timeout_seconds)
        return self._finish(started)

    def each(
        self, function: Callable[..., Result], calls: Iterable[tuple[object, ...]], *, timeout_seconds: float
    ) -> list[Result | WorkerFailure]:
        """Call a function once per tuple of arguments, side by side.

        Args:
            function: Importable by name.
            calls: The arguments of each call.
            timeout_seconds: Time of the processor that one call may take.

        Returns:
            One result per call, in the order of the calls.

        Raises:
            Exception: Whatever the function raises.
            StopFlow: The pool broke again and again, or was closed.
        """
        started = [self._start(function, arguments, timeout_seconds) for arguments in calls]
        return list(map(self._finish, started))

    def _make_pool(self) -> ProcessPool:
        return ProcessPool(
            self._workers, initializer=_prepare_worker, initargs=[self._memory_bytes], context=self._context
        )

    def _start(
        self, function: Callable[..., Result], arguments: tuple[object, ...], timeout_seconds: float | None
    ) -> _Call[Result]:
        while True:
            pool = self._pool
            try:
                future = pool.schedule(_call_within, args=(timeout_seconds, function, *arguments))
            except RuntimeError as error:  # the pool broke, or is closed
                self._replace(pool, error)
            else:
                return _Call(function, arguments, timeout_seconds, pool, future)

    def _finish(self, call: _Call[Result]) -> Result | WorkerFailure:
        """Wait for a call; a call whose pool breaks, through no fault of its own, is made again in a new one."""
        while True:
            if not self._wait(call):
                limit = IDLE_FACTOR * (call.timeout_seconds or 0)
                return WorkerFailure("page_timeout", f"gave no result within {limit:g} seconds; its worker was ended")
            try:
                result = call.future.result()
            except ProcessExpired as error:
                return _explain_death(error, call.timeout_seconds)
            except MemoryError:
                return WorkerFailure("worker_died", "its worker ran out of memory")
            except (BrokenProcessPool, CancelledError) as error:
                self._replace(call.pool, error)
                call = self._start(call.function, call.arguments, call.timeout_seconds)
            else:
                self._replacements = 0
                return result

    def _wait(self, call: _Call[Result]) -> bool:
        """Wait until a call is over; return False if it was ended because it has long been at nothing.

        Seconds are counted one at a time, by what this process was awake for. Pebble forgets the calls that are still
        queued when a pool breaks or is stopped.
        """
        limit = call.timeout_seconds and IDLE_FACTOR * call.timeout_seconds
        waited = 0.0
        while not wait([call.future], timeout=ALIVE_CHECK_SECONDS).done:
            if not call.pool.active:
                call.future.cancel()
                return True
            waited += ALIVE_CHECK_SECONDS if call.future.running() else 0
            if limit and waited > limit:
                call.future.cancel()
                return False
        return True

    def _replace(self, broken: ProcessPool, error: Exception) -> None:
        """Put a new pool in the place of a broken one, unless another thread has done so.

        Pebble gives a pool up when a worker dies that had nothing to do, such as one that the system has killed.

        Raises:
            StopFlow: The pool is closed, or has broken too often.
        """
        with self._lock:
            if self._is_closed or self._replacements >= MOST_REPLACEMENTS:
                raise StopFlow(
                    f"the worker processes are gone ({error!r}); what was written stays, run the same command again"
                ) from error
            if self._pool is broken:
                self._replacements += 1
                broken.stop()  # type: ignore[no-untyped-call]
                broken.join()
                self._pool = self._make_pool()


class _WidePipes(ForkServerContext):
    def Pipe(self, duplex: bool = True) -> tuple[Connection, Connection]:  # noqa: N802  # as its parent has it
        reader, writer = super().Pipe(duplex)
        with suppress(OSError, AttributeError):  # macOS has no such call, and does without
            fcntl.fcntl(writer.fileno(), fcntl.F_SETPIPE_SZ, PIPE_BYTES)
        return reader, writer


def _explain_death(error: ProcessExpired, timeout_seconds: float | None) -> WorkerFailure:
    if error.exitcode == -signal.SIGPROF:
        message = f"took more than {timeout_seconds:g} seconds of the processor; its worker was ended"
        return WorkerFailure("page_timeout", message)
    return WorkerFailure("worker_died", f"its worker died (exit code {error.exitcode})")


def _do_nothing() -> None:
    """Answer, so that somebody knows that a worker is there."""


def _call_within(cpu_seconds: float | None, function: Callable[..., Result], *arguments: object) -> Result:
    """Call a function in a worker, which the system ends when the time of the processor is used up.

    The system does so wherever the worker is, also inside C code that never comes back to Python.
    """
    signal.setitimer(signal.ITIMER_PROF, cpu_seconds or 0)
    try:
        return function(*arguments)
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)


def _prepare_worker(memory_bytes: int) -> None:
    """Let the worker's address space grow by this much and no more (macOS knows the limit but refuses it)."""
    signal.signal(signal.SIGPROF, signal.SIG_DFL)
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    with suppress(OSError, ValueError):
        pages_mapped = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
        limit = pages_mapped * resource.getpagesize() + memory_bytes
        resource.setrlimit(resource.RLIMIT_AS, (limit if hard == resource.RLIM_INFINITY else min(limit, hard), hard))
