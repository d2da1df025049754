"""One way to write a character: NFC, plain spaces, nothing invisible."""

import re
import unicodedata
from functools import cache

__all__ = ["clean_line", "lines_of"]

_INVISIBLE = re.compile(
    "[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f"  # controls that break no line
    "\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f"  # soft hyphen, fillers
    "\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff\ufff9-\ufffb"  # zero width, direction, BOM
    "\ud800-\udfff\U000e0000-\U000e0fff]+"  # halves of pairs, tags
)
_LINE_BREAK = re.compile("\r\n|[\n\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")
_RARE = re.compile("[\U00010000-\U0010ffff]")
_SPACES = re.compile(r"[^\S ]\s*| \s+")  # any run but the one plain space it becomes, which is the rule
_MAX_MARKS = 8
"""More marks than this on one letter say nothing, and ordering a long run takes quadratic time (UAX #15, 13)."""


def lines_of(text: str) -> list[str]:
    """Return the lines of a text that hold anything, each as :func:`clean_line` gives it; may be empty."""
    return [line for raw in _LINE_BREAK.split(text) if (line := clean_line(raw))]


def clean_line(text: str) -> str:
    """Return the text on one line: NFC, one plain space between words, none around, nothing invisible.

    Canonically equivalent texts (NFC, NFD, half decomposed) give the same line, if no letter has more than eight
    marks; a cleaned line gives itself.
    """
    visible = _INVISIBLE.sub("", text)
    if not visible.isascii():
        visible = _compile_runs_of_marks(bool(_RARE.search(visible))).sub(_first_marks, visible)
    return _SPACES.sub(" ", unicodedata.normalize("NFC", visible)).strip()


def _first_marks(run: re.Match[str]) -> str:
    return run.group()[:_MAX_MARKS]


@cache
def _compile_runs_of_marks(rare: bool) -> re.Pattern[str]:
    """Return a pattern of runs that are too long; rare scripts make it many times slower, and count only where met."""
    codes = range(0x300, 0x20000 if rare else 0x10000)
    marks = "".join(chr(code) for code in codes if unicodedata.combining(chr(code)))
    return re.compile(f"[{marks}][{marks}]{{{_MAX_MARKS},}}")
