"""SQL of strangers, in a process of its own, for only a process can be held to its limits.

Who sends it: the person at ``parley sql``, who may paste what a page said; whoever may start a run in Prefect, by the
condition ``where`` of a re-extraction. Inside the process the connection is sealed
(:func:`tasks.lake.query.connections.seal_connection`), so that SQL reads the lake and nothing else. But DuckDB does not
keep every statement to its time and memory: some functions do not hear that they are interrupted, some values are not
counted. So the system bounds the memory of the process, its parent ends it when its time is over, and its temporary
files go with it, however either of them ends.
"""

import contextlib
import multiprocessing
import os
import shutil
import signal
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping
from datetime import datetime
from itertools import islice
from multiprocessing.connection import Connection
from pathlib import Path
from types import TracebackType
from typing import Self

import duckdb

from schemas.errors import QueryTimeout, StopFlow
from tasks.lake.query.connections import Limits, memory_of, read_size
from tasks.lake.query.run import QueryResult, open_lake, query_session
from tasks.lake.storage.protocol import Lake

__all__ = ["QueryProcess", "run_query_apart"]

_ROWS_AT_ONCE = 500
"""Rows that travel together from the process."""
_GRACE_SECONDS = 2.0
"""Within this time after its own a query ends by itself, if it ends at all."""
_START_SECONDS = 120.0
"""For starting Python and opening a lake; of ten thousand files on a slow disk, too."""
_OWN_BYTES = 1_000_000_000
"""Address space beside what DuckDB counts: stacks and arenas of its threads, rows on their way, the file being read."""

_OUTGREW = "the query outgrew its memory; ask for less, or give it more with --memory"

# As pebble's workers are started: a fork of a process with threads may hang.
_CONTEXT = multiprocessing.get_context("spawn")


class QueryProcess:
    """A lake that is open in a process of its own: one question after another, with temporary tables in between.

    Use it as a context manager. A process that was ended is started anew for the next question, without the tables.
    """

    def __init__(self, lake: Lake, limits: Limits, *, as_of: datetime | None = None) -> None:
        """Open a lake.

        Args:
            lake: The lake.
            limits: What each query may cost.
            as_of: Show what was known at that time, with a zone; by default what is known now.

        Raises:
            StopFlow: There is no lake at that address, or a file in it is broken.
        """
        self._lake = lake
        self._limits = limits
        self._as_of = as_of
        self._folder = Path(tempfile.mkdtemp(prefix="parley-sql-"))
        try:
            self._start_process()
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def run(self, query: str, parameters: Mapping[str, object] | None = None) -> QueryResult | None:
        """Run SQL; the result must be used up before the next query.

        Args:
            query: One or more statements that read.
            parameters: Values of ``$name`` in a query of one statement.

        Returns:
            The result of the last statement; None if there is no statement at all.

        Raises:
            QueryTimeout: It takes longer than it may.
            StopFlow: The SQL is wrong, or outgrows its memory.
        """
        if not self._process.is_alive():
            self._start_process()
        self._left = self._limits.timeout_seconds + _GRACE_SECONDS
        columns = self._send_request(("run", query, dict(parameters) if parameters else None))
        if columns is None:
            return None
        assert isinstance(columns, tuple)
        return QueryResult(columns, self._fetch_rows())

    def close(self) -> None:
        """End the process, and take its temporary files away."""
        process = getattr(self, "_process", None)
        if process is not None:
            self._pipe.close()
            process.kill()
            process.join()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _start_process(self) -> None:
        self._pipe, theirs = _CONTEXT.Pipe()
        self._folder.mkdir(exist_ok=True)
        arguments = (theirs, self._lake, self._limits, self._as_of, self._folder)
        self._process = _CONTEXT.Process(target=_serve_queries, args=arguments, daemon=True, name="parley-sql")
        self._process.start()
        theirs.close()
        self._left = _START_SECONDS + self._limits.timeout_seconds
        self._receive_answer()

    def _fetch_rows(self) -> Iterator[tuple[object, ...]]:
        while rows := self._send_request(("fetch",)):
            assert isinstance(rows, list)
            yield from rows

    def _send_request(self, request: tuple[object, ...]) -> object:
        try:
            self._pipe.send(request)
        except OSError:  # it ended between two questions
            raise self._explain_end() from None
        return self._receive_answer()

    def _receive_answer(self) -> object:
        """Wait for an answer as long as the query may take; only the waiting counts."""
        started = time.monotonic()
        try:
            if not self._pipe.poll(max(self._left, 0.0)):
                self._end_process()
                raise _time_is_over(self._limits)
            answer = self._pipe.recv()
        except (EOFError, OSError):
            raise self._explain_end() from None
        except KeyboardInterrupt:
            self._interrupt_query()
            raise
        finally:
            self._left -= time.monotonic() - started
        if isinstance(answer, StopFlow):
            raise answer
        return answer

    def _interrupt_query(self) -> None:
        """Give up the question, and keep the process with its tables if it hears that."""
        with contextlib.suppress(EOFError, OSError):
            os.kill(self._process.pid or 0, signal.SIGINT)
            if self._pipe.poll(_GRACE_SECONDS):
                self._pipe.recv()
                return
        self._end_process()

    def _end_process(self) -> None:
        self._process.kill()
        self._process.join()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _explain_end(self) -> StopFlow:
        self._end_process()
        return StopFlow(f"{_OUTGREW} (its process ended with code {self._process.exitcode})")


def run_query_apart(
    lake: Lake,
    query: str,
    parameters: Mapping[str, object] | None = None,
    limits: Limits | None = None,
    *,
    as_of: datetime | None = None,
) -> QueryResult | None:
    """Run SQL of a stranger as :func:`tasks.lake.query.run.run_query` does ours, in a process of its own.

    Args:
        lake: The lake.
        query: One or more statements.
        parameters: Values of ``$name`` in a query of one statement.
        limits: What it may cost.
        as_of: Show what was known at that time, with a zone; by default what is known now.

    Returns:
        The result of the last statement; None if there is no statement at all. Its rows are fetched as they are used,
        and the process ends with the last of them.

    Raises:
        QueryTimeout: It takes longer than it may.
        StopFlow: There is no lake, a file in it is broken, the SQL is wrong, or outgrows its memory.
    """
    process = QueryProcess(lake, limits or Limits(), as_of=as_of)
    try:
        result = process.run(query, parameters)
    except BaseException:
        process.close()
        raise
    if result is None:
        process.close()
        return None
    return QueryResult(result.columns, _close_after(process, result.rows))


def _close_after(process: QueryProcess, rows: Iterator[tuple[object, ...]]) -> Iterator[tuple[object, ...]]:
    with process:
        yield from rows


def _time_is_over(limits: Limits) -> QueryTimeout:
    seconds = f"{limits.timeout_seconds:g}"
    return QueryTimeout(f"no answer after {seconds} seconds; ask for less, or give more with --timeout")


def _serve_queries(pipe: Connection, lake: Lake, limits: Limits, as_of: datetime | None, folder: Path) -> None:
    """Answer the questions that come through a pipe, until it is closed; this runs in the process."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches both processes; the parent decides
    threading.Thread(target=_end_with_parent, args=(folder,), daemon=True).start()
    tempfile.tempdir = str(folder)
    with contextlib.suppress(EOFError, OSError):
        try:
            connection = open_lake(lake, limits, as_of=as_of)
        except StopFlow as stop:
            pipe.send(stop)
            return
        signal.signal(signal.SIGINT, lambda *_: connection.interrupt())
        _bound_memory(limits)
        pipe.send("ready")
        questions = _Questions(connection, lake, limits)
        while True:
            pipe.send(questions.answer(pipe.recv()))


class _Questions:
    """The questions to one connection, and the rows of the last of them that are still to be fetched."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, lake: Lake, limits: Limits) -> None:
        self._connection = connection
        self._lake = lake
        self._limits = limits
        self._rows: Iterator[tuple[object, ...]] = iter(())

    def answer(self, request: tuple[str, str, Mapping[str, object] | None] | tuple[str]) -> object:
        """Return the names of the columns (None without a statement), the next rows, or what went wrong."""
        try:
            return self._fetch_next_rows() if len(request) == 1 else self._run_query(request[1], request[2])
        except StopFlow as stop:
            return stop
        except MemoryError:
            return StopFlow(_OUTGREW)

    def _fetch_next_rows(self) -> list[tuple[object, ...]]:
        return list(islice(self._rows, _ROWS_AT_ONCE))

    def _run_query(self, query: str, parameters: Mapping[str, object] | None) -> tuple[str, ...] | None:
        result = query_session(self._connection, self._lake, query, parameters, limits=self._limits)
        self._rows = result.rows if result else iter(())
        return result.columns if result else None


def _end_with_parent(folder: Path) -> None:
    """End this process as soon as there is nobody who waits for its answer."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
    shutil.rmtree(folder, ignore_errors=True)
    os._exit(1)


def _bound_memory(limits: Limits) -> None:
    """Let the system refuse memory beyond the limit, on systems that can."""
    try:
        import resource
    except ImportError:  # Windows
        return
    bound = _own_address_space() + read_size(memory_of(limits)) + _OWN_BYTES
    with contextlib.suppress(ValueError, OSError):  # a lower bound is set already
        resource.setrlimit(resource.RLIMIT_AS, (bound, resource.getrlimit(resource.RLIMIT_AS)[1]))


def _own_address_space() -> int:
    """Return the bytes of address space that this process has already; 0 where the system does not tell."""
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
    except (OSError, ValueError):
        return 0
    return pages * os.sysconf("SC_PAGE_SIZE")
