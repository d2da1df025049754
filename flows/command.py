"""An ingest run from the command line: what is checked, said and shown around the flow."""

import os
from collections.abc import Sequence
from pathlib import Path
from uuid import uuid4

from flows.console import say, watched
from flows.local_server import use_running_server
from flows.pipeline import run_in_threads
from flows.prefect_settings import prefect_start_message, prepare_prefect
from flows.runs import open_run
from flows.summary import IngestSummary
from schemas.errors import StopFlow
from schemas.settings import IngestSettings
from tasks.lake import create_lake
from tasks.read.files import read_files

__all__ = ["run_ingest"]


def run_ingest(
    paths: Sequence[Path],
    *,
    lake: str,
    source: str | None,
    settings: IngestSettings,
    direct: bool,
    quiet: bool,
    verbose: bool,
) -> IngestSummary:
    """Run an ingest and show how it gets on.

    Args:
        paths: Files and folders, at least one; those that do not exist become rejects as long as another one does.
        lake: Folder of the lake or `s3://BUCKET/PREFIX`; made where there is none.
        source: Name of the source; by default that of the first folder.
        settings: Workers, batches, limits.
        direct: Without Prefect.
        quiet: Show no progress.
        verbose: Let Prefect's log lines through.

    Raises:
        StopFlow: None of the paths exists, the lake is no lake, or Prefect does not start.
    """
    if not any(os.path.lexists(path) for path in paths):
        raise StopFlow(f"nothing to read: {', '.join(map(str, paths))} does not exist")
    create_lake(lake)
    name = source or _source(paths[0])
    if direct:
        with watched(quiet=quiet):
            return _run_directly(paths, lake, name, settings)
    prepare_prefect(verbose=verbose)
    use_running_server()
    if not quiet:
        say(prefect_start_message())
    with watched(quiet=quiet):
        return _run_flow([str(path) for path in paths], lake, name, settings)


def _run_directly(paths: Sequence[Path], lake: str, source: str, settings: IngestSettings) -> IngestSummary:
    with open_run(str(uuid4()), source, lake, settings) as run:
        return run_in_threads(read_files(paths, now=run.clock(), limits=settings.limits), run)


def _run_flow(paths: list[str], lake: str, source: str, settings: IngestSettings) -> IngestSummary:
    # Importing Prefect takes seconds, so that a person has been told first; a temporary server loads meanwhile.
    from flows.server import start_server

    server_answers = start_server()
    from prefect import tags

    from flows.ingest import ingest

    server_answers()
    with tags(source):
        return ingest(paths, lake, source, settings)


def _source(path: Path) -> str:
    """Name of the folder that a path is, or is in."""
    folder = path.resolve()
    return (folder if folder.is_dir() else folder.parent).name or "files"
