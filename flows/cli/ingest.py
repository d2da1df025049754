"""``parley ingest``: read articles into a lake, once or again and again."""

import atexit
import os
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated
from uuid import uuid4

from cyclopts import Parameter, validators

from flows.cli.output.messages import say
from flows.cli.output.progress import print_summary, show_progress
from flows.run.configuration import require_contact
from flows.run.context import open_run
from flows.run.ingestion import ingest_inputs
from flows.run.inputs import InputSelection
from flows.run.pipeline import thread_steps
from flows.run.summary import IngestSummary
from flows.server.local import use_running_server
from flows.server.settings import prefect_start_message, prepare_prefect
from schemas.errors import StopFlow
from schemas.settings import FetchSettings, IngestSettings
from tasks.lake import create_lake

__all__ = ["IngestOptions", "ingest", "repeat"]

Count = Annotated[int, Parameter(validator=validators.Number(gte=1))]


@dataclass(frozen=True, slots=True, kw_only=True)
class IngestOptions:
    """An ingest as the command line asks for it."""

    from_file: list[Path] | None = None
    """A file with one link on each line."""
    watch: list[str] | None = None
    """Id of a watched source."""
    every: timedelta | None = None
    """Go on, with so much time from one start to the next: 15m, 2h. Files of a folder that have not changed since an
    earlier run with this flag are passed over."""
    lake: str = "lake"
    """Folder of the tables, or s3://BUCKET/PREFIX; made where there is none."""
    source: str | None = None
    """What the column `source` says of articles from files; by default the name of the first folder."""
    catalogue: Path | None = None
    """Folder of watched sources, instead of the one that comes with Parley."""
    contact: str = ""
    """Web page or mail address that tells web sites who is reading them; needed for the web."""
    allow_host: list[str] | None = None
    """A host that may be read though it is not public, HOST[:PORT][=ADDRESS]; for an intranet."""
    workers: Count | None = None
    """Processes that clean and extract; by default one per processor."""
    batch_size: Count = 50
    """Articles in one batch; 50 to 200 are sensible."""
    keep_pages: bool = True
    """Store pages from the web as received, some 30 KB each, for `parley reextract --clean`."""
    direct: bool = False
    """Run without Prefect: the same stages and rows, seconds sooner, but nothing to see in its pages."""
    strict: bool = False
    """Exit with 1 if anything was rejected."""
    json: bool = False
    """Print the summary as JSON."""
    verbose: bool = False
    """Show Prefect's log lines."""

    def select(self, inputs: tuple[str, ...]) -> InputSelection:
        """Return what is to be read."""
        return InputSelection(
            inputs=inputs, sources=tuple(self.watch or ()), lists=tuple(map(str, self.from_file or ()))
        )

    def settings(self) -> IngestSettings:
        """Return the settings of the run."""
        return IngestSettings(
            workers=self.workers or os.cpu_count() or 1,
            batch_size=self.batch_size,
            keep_pages=self.keep_pages,
            skip_known_files=self.every is not None,
            catalogue=str(self.catalogue or ""),
            fetching=FetchSettings(contact=self.contact, allowed_hosts=tuple(self.allow_host or ())),
        )


DEFAULTS = IngestOptions()


def ingest(*inputs: str, options: Annotated[IngestOptions, Parameter(name="*")] = DEFAULTS) -> int:
    """Read articles into a lake: watched sources, links, files, folders and web archives.

    Args:
        inputs: Files, folders, archives and links.
        options: Where to, how, and what else.

    Returns:
        The exit code: 1 if something was rejected and that counts as a failure.

    Raises:
        StopFlow: Nothing can be read, the lake is no lake, a setting is wrong, or Prefect does not start.
    """
    wanted = options.select(inputs)
    _check(wanted, options)
    if options.every:
        repeat(lambda: _run(wanted, options), options.every, quiet=options.json)
    summary = _run(wanted, options)
    return 1 if options.strict and summary.rejected else 0


def repeat(run: Callable[[], object], every: timedelta, *, quiet: bool) -> None:
    """Run again and again, each time at least this long after the last start; until Ctrl-C."""
    while True:
        started = time.monotonic()
        run()
        pause = max(0.0, every.total_seconds() - (time.monotonic() - started))
        if not quiet:
            say(f"Next run at {datetime.now(UTC) + timedelta(seconds=pause):%H:%M:%S} UTC; Ctrl-C ends.")
        time.sleep(pause)


def _check(wanted: InputSelection, options: IngestOptions) -> None:
    paths = wanted.paths
    if paths and not any(os.path.lexists(path) for path in paths):
        raise StopFlow(f"nothing to read: {', '.join(paths)} does not exist")
    if wanted.needs_web:
        require_contact(options.contact)


def _run(wanted: InputSelection, options: IngestOptions) -> IngestSummary:
    """Run once, show how it gets on, and print its summary."""
    create_lake(options.lake)
    if not options.direct:
        prepare_prefect(verbose=options.verbose)
        use_running_server()
        if not options.json:
            say(prefect_start_message())
    with show_progress(quiet=options.json):
        summary = _run_directly(wanted, options) if options.direct else _run_flow(wanted, options)
    print_summary(summary, as_json=options.json)
    return summary


def _run_directly(wanted: InputSelection, options: IngestOptions) -> IngestSummary:
    name = options.source or wanted.name
    with open_run(str(uuid4()), name, options.lake, options.settings()) as run, thread_steps() as steps:
        return ingest_inputs(wanted, run, steps)


def _run_flow(wanted: InputSelection, options: IngestOptions) -> IngestSummary:
    atexit.register(_silence_errors)  # first to be registered, last to be called
    # Importing Prefect takes seconds, so that a person has been told first; a temporary server loads meanwhile.
    from flows.server.temporary import start_server

    server_answers = start_server()
    from prefect import tags

    from flows.ingest import ingest as ingest_flow

    server_answers()
    with tags(options.source or wanted.name):
        return ingest_flow(
            wanted.inputs, wanted.sources, wanted.lists, options.lake, options.source, options.settings()
        )


def _silence_errors() -> None:
    """Let no more reach the terminal: DuckDB's binding lists what Prefect's threads still hold when Python ends."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stderr.fileno())
