"""From bytes to text; what is no text, or in no encoding that can be made sure of, is rejected."""

import codecs
import re
import unicodedata

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
_DECLARED = re.compile(rb"""charset\s*=\s*["']?\s*([A-Za-z0-9_-]{2,20})""", re.IGNORECASE)
_USUAL = re.compile(
    r"(windows-|cp)125\d|iso-?8859-\d{1,2}|latin-?\d|(us-)?ascii|gbk|gb2312|gb18030|big5|shift_jis|euc-(jp|kr)|koi8-[ru]",
    re.IGNORECASE,
)
"""Encodings that pages are really in; Python would also obey ``punycode`` or ``unicode_escape``."""
_HEAD_BYTES = 4096
_MAX_DAMAGE = 0.01


def decode_page(page: Page) -> str:
    """The text of a page.

    A byte order mark decides, then UTF-8 if the bytes are valid UTF-8, then the encoding an HTML page declares,
    then windows-1258 if that makes plausible Vietnamese. An HTML page may hold a few broken bytes.

    Raises:
        RejectArticle: ``binary`` for NUL bytes, control codes and well-known file formats; ``wrong_encoding``.
    """
    mark, encoding = next(((mark, name) for mark, name in _BOMS if page.body.startswith(mark)), (b"", ""))
    if encoding:
        return _decode_marked(page.body[len(mark) :], encoding)
    _check_not_binary(page.body)
    candidates = [_strict(page.body, "utf-8")]
    if page.media == "html":
        candidates += [_strict(page.body, _declared(page.body))]
    candidates += [_vietnamese(page.body)]
    if page.media == "html":
        candidates += [_damaged_utf8(page.body)]
    text = next((candidate for candidate in candidates if candidate is not None), None)
    if text is None:
        raise RejectArticle("wrong_encoding", "neither UTF-8 nor another encoding that can be made sure of")
    return text


def _decode_marked(body: bytes, encoding: str) -> str:
    text = _strict(body, encoding)
    if text is None:
        raise RejectArticle("wrong_encoding", f"begins with the byte order mark of {encoding}, but is not {encoding}")
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
    name = match.group(1).decode("ascii") if match else ""
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


def _damaged_utf8(body: bytes) -> str | None:
    text = body.decode("utf-8", "replace")
    return text if text.count("\ufffd") <= _MAX_DAMAGE * len(text) else None
