"""What a terminal or a pipe can take: its width, its letters, no control characters, and a reader that leaves early."""

import codecs
import contextlib
import io
import os
import re
import shutil
import sys
import unicodedata
from collections.abc import Iterator

__all__ = ["prepare_streams", "remove_controls", "terminal_width", "unbroken_pipe", "use_utf8_in_pipes"]

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
"""Control characters, among them ESC; and marks that make a terminal print text in another order than it stands."""
_WIDTH_OF_A_PIPE = 100
"""Columns for text in a pipe, which says no width of its own."""
_PLAIN_LETTERS = str.maketrans(
    {"Đ": "D", "đ": "d", "“": '"', "”": '"', "‘": "'", "’": "'", "«": '"', "»": '"', "–": "-", "—": "-"}
    | {"─": "-", "·": "-", "•": "*", "…": "...", "→": "->", "ß": "ss", "ø": "o", "Ø": "O", "ł": "l", "Ł": "L"}
)
"""Letters and marks that no normalisation takes apart, in ASCII."""
_TO_PLAIN_LETTERS = "parley-plain-letters"


def prepare_streams() -> None:
    """Let standard output and error take any text, whatever their encoding: "Tô Lâm" becomes "To Lam" in ASCII."""
    codecs.register_error(_TO_PLAIN_LETTERS, _encode_plainly)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors=_TO_PLAIN_LETTERS)


def use_utf8_in_pipes() -> None:
    """Write UTF-8 to a pipe or a file, as programs expect of JSON and CSV; a terminal keeps its own encoding."""
    if isinstance(sys.stdout, io.TextIOWrapper) and not sys.stdout.isatty():
        sys.stdout.reconfigure(encoding="utf-8")


def terminal_width() -> int:
    """Return the columns of the terminal, or of the variable COLUMNS; 100 in a pipe."""
    return shutil.get_terminal_size((_WIDTH_OF_A_PIPE, 24)).columns


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


def _encode_plainly(error: UnicodeError) -> tuple[str, int]:
    """Give letters without their marks for what an encoding lacks; an error handler of :mod:`codecs`."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    lacking = error.object[error.start : error.end]
    apart = unicodedata.normalize("NFKD", lacking.translate(_PLAIN_LETTERS))
    letters = (letter for letter in apart if not unicodedata.combining(letter))
    return "".join(letter if letter.isascii() else "?" for letter in letters), error.end
