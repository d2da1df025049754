"""An ingest run from the command line: what is checked, said and shown around the flow."""

import atexit
import os
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import uuid4

from flows.cli.output.messages import say
from flows.cli.output.progress import show_progress
from flows.run.context import open_run
from flows.run.ingestion import Assignment, read_and_run
from flows.run.pipeline import plain_threads
from flows.run.summary import IngestSummary
from flows.server.local import use_running_server
from flows.server.settings import prefect_start_message, prepare_prefect
from schemas.errors import StopFlow
from schemas.settings import IngestSettings
from tasks.lake import create_lake

__all__ = ["Ingest", "repeat", "run_ingest"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ingest:
    """An ingest as the command line asks for it."""

    wanted: Assignment
    lake: str
    """Folder of the lake or ``s3://BUCKET/PREFIX``; made where there is none."""
    source: str | None
    """What the ``source`` column says of files; by default the name of what is read."""
    settings: IngestSettings
    direct: bool
    """Without Prefect."""
    quiet: bool
    """Show no progress."""
    verbose: bool
    """Let Prefect's log lines through."""


def run_ingest(order: Ingest) -> IngestSummary:
    """Run an ingest and show how it gets on.

    Raises:
        StopFlow: None of the paths exists, the lake is no lake, a setting is wrong, or Prefect does not start.
    """
    paths = order.wanted.paths
    if paths and not any(os.path.lexists(path) for path in paths):
        raise StopFlow(f"nothing to read: {', '.join(paths)} does not exist")
    if order.wanted.needs_web and not order.settings.fetching.contact:
        raise StopFlow(
            "whom may a web site turn to that minds being read? Give a web page or mail address with --contact, or in "
            "the environment as PARLEY_CONTACT"
        )
    create_lake(order.lake)
    if not order.direct:
        prepare_prefect(verbose=order.verbose)
        use_running_server()
        if not order.quiet:
            say(prefect_start_message())
    with show_progress(quiet=order.quiet):
        return _run_directly(order) if order.direct else _run_flow(order)


def repeat(run: Callable[[], None], every: timedelta, *, quiet: bool) -> None:
    """Run again and again, each time at least this long after the last start; until Ctrl-C."""
    while True:
        started = time.monotonic()
        run()
        pause = max(0.0, every.total_seconds() - (time.monotonic() - started))
        if not quiet:
            say(f"Next run at {datetime.now(UTC) + timedelta(seconds=pause):%H:%M:%S} UTC; Ctrl-C ends.")
        time.sleep(pause)


def _run_directly(order: Ingest) -> IngestSummary:
    name = order.source or order.wanted.name
    with open_run(str(uuid4()), name, order.lake, order.settings) as run, plain_threads() as submit:
        return read_and_run(order.wanted, run, submit)


def _run_flow(order: Ingest) -> IngestSummary:
    atexit.register(_fall_silent)  # first to be registered, last to be called
    # Importing Prefect takes seconds, so that a person has been told first; a temporary server loads meanwhile.
    from flows.server.temporary import start_server

    server_answers = start_server()
    from prefect import tags

    from flows.ingest import ingest

    server_answers()
    wanted = order.wanted
    with tags(order.source or wanted.name):
        return ingest(wanted.inputs, wanted.sources, wanted.lists, order.lake, order.source, order.settings)


def _fall_silent() -> None:
    """Nothing of ours is said any more; DuckDB's binding lists what Prefect's threads still hold when Python ends."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stderr.fileno())
