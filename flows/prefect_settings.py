"""What Prefect is told before it is imported. A person who sets a variable wins over this."""

import os

__all__ = ["prefect_start_message", "prepare_prefect"]


def prepare_prefect(*, verbose: bool) -> None:
    """Set Prefect up for a run from the command line: no telemetry, no chatter, patience with its first start.

    Args:
        verbose: Let Prefect's own log lines through to the terminal.
    """
    settings = {
        "DO_NOT_TRACK": "1",
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "PREFECT_SERVER_ALLOW_EPHEMERAL_MODE": "true",
        "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": "120",  # 26 s were measured while it made its database
    }
    if not verbose:
        # What goes wrong is raised and told in our words; the log of the run stays in Prefect's pages.
        settings["PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL"] = "CRITICAL"
    for name, value in settings.items():
        os.environ.setdefault(name, value)


def prefect_start_message() -> str:
    """What a person waits for while Prefect starts."""
    if url := os.environ.get("PREFECT_API_URL"):
        return f"Starting Prefect (server at {url}) …"
    return "Starting Prefect (temporary server; about 15 s, the first time 30 s) …"
