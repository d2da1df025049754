"""UTF-8 that was taken for windows-1252 and encoded again ("Thá»© trÆ°á»Ÿng"): mended, or refused."""

import re

from schemas.errors import RejectArticle

__all__ = ["mend_mojibake"]

_FEWEST = 5
"""Fewer such places in a page may be quoted as examples, and are left alone."""
_ROUNDS = 2
"""Some systems encode three times."""
_MAX_LOST = 0.02
"""Part of the mended places whose bytes are lost for good; the text is refused beyond it."""


def _spell_bytes(first: int, last: int) -> str:
    """Return a range of bytes as the characters that windows-1252, or latin-1 in its gaps, makes of them."""
    characters = (bytes([byte]).decode("cp1252", "ignore") or chr(byte) for byte in range(first, last + 1))
    twins = (chr(byte) for byte in range(first, last + 1))
    return "".join(map(re.escape, dict.fromkeys([*characters, *twins])))


_REST = f"[{_spell_bytes(0x80, 0xBF)}\ufffd]"
_LETTER = (
    f"(?:[{_spell_bytes(0xC3, 0xDF)}]{_REST}|\u00c2[{_spell_bytes(0x80, 0xBF)}]"
    f"|[{_spell_bytes(0xE1, 0xEF)}]{_REST}{_REST}"
    f"|[{_spell_bytes(0xF0, 0xF4)}]{_REST}{_REST}{_REST})"
)
_BROKEN = re.compile(f"{_LETTER}+")
"""Characters that are the bytes of letters in UTF-8; a lost byte is a replacement character."""


def mend_mojibake(text: str) -> str:
    """Return the text with what was encoded twice as it was meant.

    Args:
        text: As decoded; one that was encoded once is given back as it is.

    Raises:
        RejectArticle: ``wrong_encoding``: so many bytes were lost on the way that words are lost.
    """
    for _ in range(_ROUNDS):
        if sum(1 for _ in _BROKEN.finditer(text)) < _FEWEST:
            return text
        mended = _BROKEN.sub(_mend_run, text)
        if mended == text:
            return text
        lost = (
            mended.count("\ufffd") - text.count("\ufffd") + sum("\ufffd" in m.group() for m in _BROKEN.finditer(text))
        )
        if lost > _MAX_LOST * sum(1 for letter in mended if letter > "\x7f"):
            raise RejectArticle("wrong_encoding", f"was encoded twice as UTF-8; {lost} letters were lost on the way")
        text = mended
    return text


def _mend_run(match: re.Match[str]) -> str:
    """Return what the bytes behind a run of characters say; the run itself if they say nothing."""
    try:
        raw = b"".join(map(_byte_of, match.group()))
        return raw.decode("utf-8", "replace" if "\ufffd" in match.group() else "strict")
    except UnicodeError:
        return match.group()


def _byte_of(character: str) -> bytes:
    if character == "\ufffd":
        return b"\xff"
    code = ord(character)
    return bytes([code]) if code < 0x100 else character.encode("cp1252")
