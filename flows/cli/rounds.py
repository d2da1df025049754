"""``parley ingest --every``: the same run again and again, each in a process of its own.

A round may fail for a reason that passes: a full disk, a lake that is read-only for a while, a server that dies. The
next round begins with a fresh process, and looks for a Prefect server again.
"""

import multiprocessing
import signal
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from flows.cli.ending import INTERRUPTED, EndAtOnce, run_to_exit_code
from flows.cli.output.messages import say
from flows.cli.output.terminal import prepare_streams

__all__ = ["repeat", "run_in_process"]


def repeat(run: Callable[[], int], every: timedelta, *, quiet: bool) -> None:
    """Run again and again, each time at least this long after the last start; until Ctrl-C.

    Args:
        run: Runs once and returns the exit code; one that is not 0 is told, and the next round begins all the same.
        every: From one start to the next.
        quiet: Do not say when the next round begins.
    """
    while True:
        started = time.monotonic()
        if code := run():
            say(f"This run ended with exit code {code}; the next one tries again.")
        pause = max(0.0, every.total_seconds() - (time.monotonic() - started))
        if not quiet:
            due = (datetime.now(UTC) + timedelta(seconds=pause)).astimezone()
            say(f"Next run at {due:%H:%M:%S}; Ctrl-C ends.")
        time.sleep(pause)


def run_in_process(function: Callable[..., int], *arguments: object) -> int:
    """Call a function, importable by name, in a new process; return its exit code.

    Args:
        function: Returns its exit code; what it raises is told as for a command.
        arguments: They are pickled.
    """
    process = multiprocessing.get_context("spawn").Process(target=_call, args=(function, *arguments))
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))  # so that the process below ends as well
    process.start()
    try:
        process.join()
    except KeyboardInterrupt:
        process.join()  # Ctrl-C has reached it too
        raise
    except SystemExit:
        process.terminate()
        process.join()
        raise
    assert process.exitcode is not None
    return process.exitcode if process.exitcode >= 0 else 128 - process.exitcode


def _call(function: Callable[..., int], *arguments: object) -> None:
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    prepare_streams()
    try:
        code = run_to_exit_code(lambda: _call_quietly(function, arguments))
    except EndAtOnce as end:
        end.leave()
        raise
    sys.exit(code)


def _call_quietly(function: Callable[..., int], arguments: tuple[object, ...]) -> int:
    """Say nothing about Ctrl-C: the process that waits for this one says it."""
    try:
        return function(*arguments)
    except KeyboardInterrupt:
        return INTERRUPTED
