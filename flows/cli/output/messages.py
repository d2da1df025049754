"""Messages for the person at the terminal: standard error gets them, standard output is for results."""

import json
import os
import sys
from datetime import UTC, datetime
from typing import Literal, TypeAlias

from flows.cli.output.terminal import remove_controls

__all__ = ["LOG_FORMAT", "LogFormat", "choose_log_format", "count", "say"]

LogFormat: TypeAlias = Literal["text", "json"]
LOG_FORMAT = "PARLEY_LOG_FORMAT"
"""The variable with the format of messages; the processes that a command starts inherit it."""


def choose_log_format(log_format: LogFormat) -> None:
    """Let messages of this process, and of those that it starts, be text or JSON; Prefect's lines as well."""
    os.environ[LOG_FORMAT] = log_format
    if log_format == "json":
        os.environ.setdefault("PREFECT_LOGGING_HANDLERS_CONSOLE_FORMATTER", "json")


def say(message: str) -> None:
    """Print a message to standard error, after all that standard output has got so far.

    With the log format ``json``, it is one object on one line: ``at`` (UTC) and ``message``.
    """
    sys.stdout.flush()
    text = remove_controls(message, keep="\n")
    if os.environ.get(LOG_FORMAT) == "json":
        now = datetime.now(UTC).isoformat(timespec="milliseconds")
        text = json.dumps({"at": now, "message": text}, ensure_ascii=False)
    sys.stderr.write(text + "\n")


def count(number: int, noun: str) -> str:
    """Return a number with its noun, such as "1 row", "2 rows" or "3 batches".

    Args:
        number: From 0; thousands are set apart.
        noun: English, regular, in the singular.
    """
    ending = "es" if noun.endswith(("ch", "s", "x")) else "s"
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}{ending}"
