"""``parley ingest``: read articles into a lake, once or again and again."""

import atexit
import os
import sys
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Annotated
from uuid import uuid4

from cyclopts import Parameter, validators

from flows.cli.ending import EndAtOnce
from flows.cli.missing import report_missing_links
from flows.cli.output.messages import LogFormat, choose_log_format, say
from flows.cli.output.progress import print_summary, show_progress
from flows.cli.rounds import repeat, run_in_process
from flows.run.configuration import require_contact
from flows.run.context import open_run
from flows.run.ingestion import ingest_inputs
from flows.run.inputs import InputSelection
from flows.run.pipeline import thread_steps
from flows.run.summary import IngestSummary
from flows.run.survey import READ_SUFFIXES, Survey, survey_paths
from flows.server.local import use_running_server
from flows.server.settings import prefect_start_message, prepare_prefect
from flows.server.watch import run_beside_server
from schemas.errors import StopFlow
from schemas.settings import FetchSettings, IngestSettings
from tasks.lake import create_lake
from tasks.read.sources.catalogue import choose_sources, watched_sources

__all__ = ["IngestOptions", "ingest", "run_once"]

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
    log_format: LogFormat | None = None
    """Print messages as text, or each as a JSON object on a line of its own (or set PARLEY_LOG_FORMAT)."""

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
CLIENT_RETRIES = 2
"""A run goes on without its server, so it waits some seconds for it and not the minutes that Prefect would wait."""


def ingest(*inputs: str, options: Annotated[IngestOptions, Parameter(name="*")] = DEFAULTS) -> int:
    """Read articles into a lake: watched sources, links, files, folders and web archives.

    Args:
        inputs: Files, folders, archives and links.
        options: Where to, how, and what else.

    Returns:
        The exit code: 1 if a link that was named could not be had, or something was rejected and that counts.

    Raises:
        StopFlow: Nothing can be read, the lake is no lake, or a setting is wrong.
    """
    if options.log_format:
        choose_log_format(options.log_format)
    wanted = options.select(inputs)
    _check(wanted, options)
    if options.every:
        repeat(lambda: run_in_process(run_once, wanted, options), options.every, quiet=options.json)
    return run_once(wanted, options)


def run_once(wanted: InputSelection, options: IngestOptions) -> int:
    """Run once, show how it gets on, print its summary, and return the exit code.

    Raises:
        StopFlow: The lake is no lake, or a setting is wrong.
        EndAtOnce: The run has ended well, but Prefect would wait for a server that is gone.
    """
    create_lake(options.lake)
    with show_progress(quiet=options.json, total=_count_files(wanted)):
        if options.direct:
            summary, has_lost_server = _run_directly(wanted, options), False
        else:
            summary, has_lost_server = _run_flow(wanted, options)
    print_summary(summary, as_json=options.json)
    missing = report_missing_links(wanted.links, options.lake)
    code = 1 if missing or (options.strict and summary.rejected) else 0
    if has_lost_server:
        raise EndAtOnce(code)
    return code


def _check(wanted: InputSelection, options: IngestOptions) -> None:
    """Find mistakes before anything is started, and say what folders hold that is not read."""
    if options.every is not None and options.every <= timedelta():
        raise StopFlow("--every must be more than 0; give for example 15m or 2h")
    paths = wanted.paths
    if paths and not any(os.path.lexists(path) for path in paths):
        raise StopFlow(f"nothing to read: {', '.join(paths)} does not exist")
    if wanted.needs_web:
        require_contact(options.contact)
    choose_sources(wanted.sources, watched_sources(options.settings()))
    if not options.json:
        _report_passed_over(survey_paths(paths), paths)


def _report_passed_over(survey: Survey, paths: tuple[str, ...]) -> None:
    if not survey.passed_over and (survey.files or not paths or survey.files is None):
        return
    suffixes = ", ".join(f"{number:,} {suffix}" for suffix, number in survey.passed_over.items())
    nothing = f"Nothing to read in {', '.join(paths)}. " if survey.files == 0 else ""
    passed = f"Passed over: {suffixes}. " if suffixes else ""
    say(f"{nothing}{passed}Parley reads {', '.join(READ_SUFFIXES)}.")


def _count_files(wanted: InputSelection) -> int | None:
    """Return how many files will be read; None if that is not known, because the web or an archive is read."""
    return None if wanted.needs_web else survey_paths(wanted.paths).files


def _run_directly(wanted: InputSelection, options: IngestOptions) -> IngestSummary:
    name = options.source or wanted.name
    with open_run(str(uuid4()), name, options.lake, options.settings()) as run, thread_steps() as steps:
        return ingest_inputs(wanted, run, steps)


def _run_flow(wanted: InputSelection, options: IngestOptions) -> tuple[IngestSummary, bool]:
    """Run as a flow, or directly where no Prefect server can be had.

    Returns:
        The summary, and whether the server has gone away during the run.
    """
    prepare_prefect(verbose=options.verbose, client_retries=CLIENT_RETRIES)
    use_running_server()
    if not options.json:
        say(prefect_start_message())
    atexit.register(_silence_errors)  # first to be registered, last to be called
    # Importing Prefect takes seconds, so that a person has been told first; a temporary server loads meanwhile.
    from flows.server.temporary import connect

    wait_for_server = connect()
    from prefect import tags

    from flows.ingest import ingest as ingest_flow

    if reason := wait_for_server():
        say(f"{reason[0].upper()}{reason[1:]}. This run goes on without it, and its pages will not show the run.")
        return _run_directly(wanted, options), False

    def run_flow() -> IngestSummary:
        with tags(options.source or wanted.name):
            return ingest_flow(
                wanted.inputs, wanted.sources, wanted.lists, options.lake, options.source, options.settings()
            )

    summary, is_gone = run_beside_server(run_flow, say)
    return summary or _run_directly(wanted, options), is_gone


def _silence_errors() -> None:
    """Let no more reach the terminal: DuckDB's binding lists what Prefect's threads still hold when Python ends."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stderr.fileno())
