"""Messages for the person at the terminal: standard error gets them, standard output is for results."""

import sys

from flows.cli.output.terminal import remove_controls

__all__ = ["count", "say"]


def say(message: str) -> None:
    """Print a message to standard error, after all that standard output has got so far."""
    sys.stdout.flush()
    sys.stderr.write(remove_controls(message, keep="\n") + "\n")


def count(number: int, noun: str) -> str:
    """Return a number with its noun, such as "1 row", "2 rows" or "3 batches".

    Args:
        number: From 0; thousands are set apart.
        noun: English, regular, in the singular.
    """
    ending = "es" if noun.endswith(("ch", "s", "x")) else "s"
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}{ending}"
