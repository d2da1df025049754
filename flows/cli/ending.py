"""How a command ends: the exit code of each kind of trouble, and what is said about it."""

import os
import sys
from collections.abc import Callable
from typing import NoReturn

from cyclopts import CycloptsError

from flows.cli.output.messages import say
from schemas.errors import QueryTimeout, StopFlow

__all__ = ["EndAtOnce", "run_to_exit_code"]

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
    except KeyboardInterrupt:
        say("Interrupted. What was written stays; run the same command again to go on.")
        return INTERRUPTED
    return code if isinstance(code, int) else 0
