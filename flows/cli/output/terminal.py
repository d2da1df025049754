"""What a terminal or a pipe can take: no control characters, and a reader that may leave early."""

import contextlib
import os
import re
import sys
from collections.abc import Iterator

__all__ = ["remove_controls", "unbroken_pipe"]

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
"""Control characters, among them ESC; and marks that make a terminal print text in another order than it stands."""


def remove_controls(text: str, *, keep: str = "") -> str:
    """Return the text with a blank for every control character, as an article from the web may hold any.

    Args:
        text: Any text.
        keep: Control characters that stay.
    """
    return _CONTROL.sub(lambda match: match[0] if match[0] in keep else " ", text)


@contextlib.contextmanager
def unbroken_pipe() -> Iterator[None]:
    """End quietly when the reader of a pipe has seen enough (``| head``)."""
    try:
        yield
        sys.stdout.flush()
    except BrokenPipeError:
        # Python flushes standard output again when it ends: https://docs.python.org/3/library/signal.html#note-on-sigpipe
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise SystemExit(141) from None
