"""How a command ends: the exit code of each kind of trouble, and what is said about it."""

import os
import sys
from collections.abc import Callable, Iterable
from typing import NoReturn

from cyclopts import CycloptsError

from flows.cli.output.messages import say
from schemas.errors import QueryTimeout, StopFlow

__all__ = ["EndAtOnce", "check_texts", "run_to_exit_code"]

WRONG_USE = 2
OUT_OF_TIME = 124
"""As ``timeout`` of coreutils has it."""
INTERRUPTED = 130
"""As shells have it for a process that Ctrl-C has ended."""


class EndAtOnce(SystemExit):
    """Ends the process without the clean-up of libraries, which may wait for minutes for a server that is gone."""

    def leave(self) -> NoReturn:
        """Write out what has been printed, and end."""
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(self.code if isinstance(self.code, int) else 1)


def check_texts(arguments: Iterable[str]) -> None:
    """Check that all arguments are UTF-8, as tables are; the name of a file that is there may be anything.

    Raises:
        StopFlow: One is not.
    """
    for argument in arguments:
        if not _is_utf8(argument) and not os.path.lexists(argument):
            raise StopFlow(f"{argument!a} is not UTF-8; set the terminal to UTF-8, or write it without accents")


def _is_utf8(text: str) -> bool:
    """Return True if a text of the command line was UTF-8; Python keeps other bytes as lone surrogates."""
    return not any("\ud800" <= letter <= "\udfff" for letter in text)


def run_to_exit_code(command: Callable[[], object]) -> int:
    """Run a command; return its exit code, and say what went wrong."""
    try:
        code = command()
    except CycloptsError:
        return WRONG_USE  # Cyclopts has said what is wrong
    except QueryTimeout as timeout:
        say(f"parley: {timeout}")
        return OUT_OF_TIME
    except StopFlow as stop:
        say(f"parley: {stop}")
        return WRONG_USE
    except UnicodeEncodeError as error:
        say(f"parley: {error.object!a} is not UTF-8; give it another name")
        return WRONG_USE
    except KeyboardInterrupt:
        say("Interrupted. What was written stays; run the same command again to go on.")
        return INTERRUPTED
    return code if isinstance(code, int) else 0
