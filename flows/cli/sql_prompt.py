"""The prompt of `parley sql` on a terminal: one question after another."""

import os
import re
import sys
from collections.abc import Callable
from datetime import UTC, datetime, tzinfo
from pathlib import Path

from prompt_toolkit import PromptSession
from prompt_toolkit.application import get_app
from prompt_toolkit.completion import WordCompleter
from prompt_toolkit.filters import Condition
from prompt_toolkit.history import FileHistory, History, InMemoryHistory

from flows.cli.output.formats import Format
from flows.cli.output.messages import count, say
from flows.cli.output.tables import print_rows
from schemas.errors import StopFlow
from schemas.tables import TABLES
from tasks.lake import Limits, QueryProcess
from tasks.lake.views.everyday import describe_views

__all__ = ["answer", "completer", "is_complete", "prompt"]

HELP = """\
  SELECT …;        any question in DuckDB's SQL; it may take several lines and ends with ;
  .tables          what can be asked
  .schema NAME     the columns of a table
  help             this
  quit, exit       leave (or Ctrl-D)
Ctrl-C ends a running query or drops what is typed; the arrow keys bring back earlier questions.
"""
_KEYWORDS = "SELECT FROM WHERE GROUP BY ALL ORDER LIMIT JOIN LEFT USING DISTINCT count DESC IS NOT NULL AND OR WITH AS"
_NAME = re.compile(r"\w+")
_PLAIN_COMMANDS = ("exit", "quit", "help")
"""Commands that other prompts have without a dot, and that are no SQL."""


def prompt(lake: str, limits: Limits, form: Format, *, as_of: datetime | None = None, zone: tzinfo = UTC) -> None:
    """Ask for questions and answer them until the person leaves.

    Args:
        lake: Folder of the lake, or ``s3://BUCKET/PREFIX``.
        limits: What each query may cost.
        form: How to print answers.
        as_of: Answer with what was known at that time, with a zone; by default what was known when the prompt opened.
        zone: Where times are told.

    Raises:
        StopFlow: There is no lake at that address.
    """
    with QueryProcess(lake, limits, as_of=as_of) as process:
        session: PromptSession[str] = PromptSession(
            history=_open_history(),
            completer=completer(process),
            complete_while_typing=False,
            multiline=Condition(lambda: not is_complete(get_app().current_buffer.text)),
            prompt_continuation="   …> ",
        )

        def show_answer(query: str) -> None:
            result = process.run(query)
            if result is not None:
                say(count(print_rows(result, form, zone=zone), "row"))

        say(f"{lake}: SQL that ends with ; or help")
        while (line := _read_line(session)) is not None:
            if line and not answer(line, show_answer):
                return


def is_complete(text: str) -> bool:
    """Return True if Enter sends what is typed: nothing, a command, or SQL up to its semicolon."""
    text = text.strip()
    return not text or text.startswith(".") or text.endswith(";") or text.lower() in _PLAIN_COMMANDS


def answer(line: str, show: Callable[[str], None]) -> bool:
    """Do what a line asks for; what goes wrong is said, and the next question may come.

    Args:
        line: SQL or a command.
        show: Runs SQL and prints its answer.

    Returns:
        False to leave.
    """
    command, _, name = line.rstrip("; ").strip().partition(" ")
    command = command.lower()
    if not name and command in _PLAIN_COMMANDS:
        command = f".{command}"
    if command in (".quit", ".exit"):
        return False
    try:
        _run_line(line, command, name.strip(), show)
    except StopFlow as stop:
        say(str(stop))
    except KeyboardInterrupt:
        say("Interrupted.")
    return True


def _run_line(line: str, command: str, name: str, show: Callable[[str], None]) -> None:
    if command == ".help":
        sys.stdout.write(HELP)
    elif command == ".tables":
        sys.stdout.writelines(_list_tables())
    elif command == ".schema":
        show(f"DESCRIBE {_quote_table(name)}")
    elif command.startswith("."):
        raise StopFlow(f"there is no command {command}; help lists them")
    else:
        show(line)


def _read_line(session: "PromptSession[str]") -> str | None:
    """Return what the person types; nothing after Ctrl-C, None after Ctrl-D."""
    try:
        return session.prompt("parley> ").strip()
    except KeyboardInterrupt:
        return ""
    except EOFError:
        return None


def _list_tables() -> list[str]:
    about = {**dict.fromkeys(reversed(TABLES), ""), **describe_views()}
    width = max(map(len, about))
    return [f"{name:<{width}}  {words}".rstrip() + "\n" for name, words in about.items()]


def _quote_table(name: str) -> str:
    if not _NAME.fullmatch(name):
        raise StopFlow("name a table: .schema quotes; .tables lists them")
    return f'"{name}"'


def completer(process: QueryProcess) -> WordCompleter:
    """Return what completes keywords, and the tables and columns of an open lake."""
    columns = "SELECT DISTINCT column_name FROM duckdb_columns() WHERE NOT internal"
    tables = "SELECT view_name FROM duckdb_views() WHERE NOT internal"
    found = process.run(f"{tables} UNION {columns} ORDER BY 1")
    names = [str(name) for (name,) in found.rows] if found else []
    return WordCompleter([*_KEYWORDS.split(), *names], ignore_case=True, pattern=_NAME)


def _open_history() -> History:
    """Return the history in the person's state folder: https://specifications.freedesktop.org/basedir-spec/latest/."""
    state = os.environ.get("XDG_STATE_HOME", "")
    folder = (Path(state) if Path(state).is_absolute() else Path.home() / ".local" / "state") / "parley"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        file = folder / "sql_history"
        file.touch(mode=0o600)
    except OSError:  # a home that cannot be written; the questions are then forgotten at the end
        return InMemoryHistory()
    return FileHistory(file)
