"""What Prefect is told before it is imported. A person who sets a variable wins over this."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

__all__ = [
    "RETENTION",
    "empty_working_folder",
    "keep_imports_safe",
    "prefect_start_message",
    "prepare_prefect",
    "return_to_served_folder",
]

_SERVED_FOLDER = "PARLEY_SERVED_FOLDER"

RETENTION = {
    # Ninety-six runs a day leave some 30 MB of flow runs, task runs, logs and events; this bounds what is kept of them.
    "PREFECT_SERVER_SERVICES_DB_VACUUM_ENABLED": "events,flow_runs",
    "PREFECT_SERVER_SERVICES_DB_VACUUM_RETENTION_PERIOD": "2592000",  # in seconds: thirty days
    "PREFECT_SERVER_EVENTS_RETENTION_PERIOD": "P7D",
}
"""For servers that stay: runs with their logs and artifacts are kept for thirty days, events for seven."""


def keep_imports_safe() -> None:
    """Keep the working folder off the import path of every process that this one starts.

    Parley's packages have everyday names; without this, worker processes and Prefect's runs would import a ``tasks.py``
    or ``flows.py`` of the user's in their place.
    """
    os.environ.setdefault("PYTHONSAFEPATH", "1")


@contextmanager
def empty_working_folder() -> Iterator[None]:
    """Work in an empty folder while flows are served from this process.

    Prefect puts the working folder of a run at the head of the import path before it imports the flow, whatever Python
    was told; the run itself calls :func:`return_to_served_folder`.
    """
    os.environ[_SERVED_FOLDER] = str(Path.cwd())
    with tempfile.TemporaryDirectory(prefix="parley-serve-") as empty:
        os.chdir(empty)
        try:
            yield
        finally:
            os.chdir(os.environ[_SERVED_FOLDER])


def return_to_served_folder() -> None:
    """Make relative paths of a run count from the folder in which serving began; its flow is imported by now."""
    if folder := os.environ.get(_SERVED_FOLDER):
        os.chdir(folder)


def prepare_prefect(*, verbose: bool, client_retries: int = 0) -> None:
    """Set Prefect up for this process and those it starts: no telemetry, no chatter, a database that stays small.

    Args:
        verbose: Let Prefect's own log lines through to the terminal.
        client_retries: How often a request to the server is repeated, after 2, 4, 8 … seconds; 0 leaves it to Prefect.
    """
    settings = RETENTION | {"DO_NOT_TRACK": "1", "PREFECT_SERVER_ANALYTICS_ENABLED": "false"}
    if client_retries:
        settings["PREFECT_CLIENT_MAX_RETRIES"] = str(client_retries)
    if not verbose:
        # What goes wrong is raised and told in our words; the log of the run stays in Prefect's pages.
        settings["PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL"] = "CRITICAL"
    for name, value in settings.items():
        os.environ.setdefault(name, value)


def prefect_start_message() -> str:
    """What a person waits for while Prefect starts."""
    if url := os.environ.get("PREFECT_API_URL"):
        return f"Starting Prefect (server at {url}) …"
    return "Starting Prefect (temporary server; `parley up` starts one that stays, and runs then begin at once) …"
