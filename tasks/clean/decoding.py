"""From bytes to text; what is no text, or in no encoding that can be made sure of, is rejected."""

import codecs
import re
import unicodedata
from collections.abc import Iterator

from schemas.articles import Page
from schemas.errors import RejectArticle

__all__ = ["decode_page"]

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_BINARY_OPENINGS = (b"%PDF-", b"\x89PNG", b"GIF8", b"\xff\xd8\xff", b"PK\x03\x04", b"\x1f\x8b", b"BZh", b"{\\rtf")
_CONTROLS = bytes({*range(0x20)} - {*b"\t\n\x0b\x0c\r\x1b"}) + b"\x7f"
_DECLARED = re.compile(rb"""charset\s*=\s*(?:["']\s*)?([A-Za-z0-9_-]{2,20})""", re.IGNORECASE)
_USUAL = re.compile(
    r"(windows-|cp)125\d|iso-?8859-\d{1,2}|latin-?\d|(us-)?ascii|gbk|gb2312|gb18030|big5|shift_jis|euc-(jp|kr)|koi8-[ru]",
    re.IGNORECASE,
)
"""Encodings that pages are really in; Python would also obey ``punycode`` or ``unicode_escape``."""
_HEAD_BYTES = 4096
_MAX_DAMAGE = 0.01
_SURE_LETTERS = 10
"""Bytes of another encoding hardly ever make one valid letter of UTF-8, let alone ten for each invalid one."""
_LEAST_NULS = 0.3
"""In Vietnamese, two letters of three are ASCII."""


def decode_page(page: Page) -> str:
    """The text of a page.

    What the bytes themselves show comes before what is said of them, because labels are often wrong: a byte order
    mark; UTF-16 by its pattern of NULs; valid UTF-8; plausible Vietnamese in windows-1258; in HTML, UTF-8 with a few
    broken bytes. Then the label of the HTTP header counts, then the one inside an HTML page.

    Raises:
        RejectArticle: ``binary`` for NUL bytes, control codes and well-known file formats; ``wrong_encoding``.
    """
    mark, encoding = next(((mark, name) for mark, name in _BOMS if page.body.startswith(mark)), (b"", ""))
    encoding = encoding or _unmarked_utf_16(page.body)
    if encoding:
        return _decode_wide(page.body[len(mark) :], encoding)
    _check_not_binary(page.body)
    text = next((reading for reading in _readings(page) if reading is not None), None)
    if text is None:
        raise RejectArticle("wrong_encoding", "neither UTF-8 nor another encoding that can be made sure of")
    return text


def _readings(page: Page) -> Iterator[str | None]:
    """What the text may be, the surest first."""
    yield _strict(page.body, "utf-8")
    yield _vietnamese(page.body)
    if page.media == "html":
        yield _damaged_utf8(page.body, least_letters=_SURE_LETTERS)
    yield _strict(page.body, _usual(page.charset or ""))
    if page.media == "html":
        yield _strict(page.body, _declared(page.body))
        yield _damaged_utf8(page.body, least_letters=0)


def _unmarked_utf_16(body: bytes) -> str:
    """UTF-16 by its NULs, which western letters have in every other byte and never in the bytes between."""
    even, odd = (body[start:_HEAD_BYTES:2] for start in (0, 1))
    for high, low, encoding in ((even, odd, "utf-16-be"), (odd, even, "utf-16-le")):
        if high.count(0) > len(high) * _LEAST_NULS and not low.count(0):
            return encoding
    return ""


def _decode_wide(body: bytes, encoding: str) -> str:
    text = _strict(body, encoding)
    if text is None:
        raise RejectArticle("wrong_encoding", f"begins like {encoding}, but is not {encoding}")
    if "\0" in text:
        raise RejectArticle("binary", "holds NUL characters")
    return text


def _check_not_binary(body: bytes) -> None:
    controls = len(body) - len(body.translate(None, _CONTROLS))
    if b"\0" in body or body.startswith(_BINARY_OPENINGS) or controls > 2 + len(body) // 100:
        raise RejectArticle("binary", "holds bytes that no text holds")


def _strict(body: bytes, encoding: str | None) -> str | None:
    try:
        return body.decode(encoding) if encoding else None
    except (UnicodeError, LookupError):
        return None


def _declared(body: bytes) -> str | None:
    match = _DECLARED.search(body[:_HEAD_BYTES])
    return _usual(match.group(1).decode("ascii")) if match else None


def _usual(name: str) -> str | None:
    return name if _USUAL.fullmatch(name) else None


def _vietnamese(body: bytes) -> str | None:
    """The text if it is plausible windows-1258: tone marks on vowels, hardly anything outside the alphabet."""
    raw = _strict(body, "cp1258")
    if raw is None:
        return None
    text = unicodedata.normalize("NFC", raw)
    composed = len(raw) - len(text)
    strange = sum(1 for letter in text if letter > "\x7f" and not _is_vietnamese(letter))
    return text if composed > max(2, 10 * strange) else None


def _is_vietnamese(letter: str) -> bool:
    return letter in "đĐ “”‘’–—…•«»\xa0" or unicodedata.normalize("NFD", letter)[0] in "aeiouyAEIOUY"


def _damaged_utf8(body: bytes, *, least_letters: int) -> str | None:
    """The text if little of it is broken, and for each broken place it has so many letters that only UTF-8 makes."""
    text = body.decode("utf-8", "replace")
    broken = text.count("\ufffd")
    letters = sum(1 for letter in text if letter > "\x7f") - broken
    return text if broken <= _MAX_DAMAGE * len(text) and letters >= broken * least_letters else None
