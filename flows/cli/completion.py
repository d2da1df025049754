"""``parley completion``: a script that lets a shell complete commands and options."""

import sys
from typing import Literal

__all__ = ["completion"]


def completion(shell: Literal["bash", "zsh"], /) -> None:
    """Print the completion script of a shell.

    Args:
        shell: Which shell.
    """
    from flows.cli.app import app  # the application names this command

    sys.stdout.write(app.generate_completion(shell=shell))
