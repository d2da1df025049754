"""From bytes to text; what is no text, or in no encoding that can be made sure of, is rejected."""

import codecs
import re
import unicodedata
from collections.abc import Iterator
from functools import cache

from schemas.articles import Page
from schemas.errors import RejectArticle
from tasks.clean.mojibake import mend_mojibake

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
_DECLARED = re.compile(
    rb"""<(?:meta|\?xml)\b[^<>]{0,300}?(?:charset|encoding) ?= ?["']? ?([A-Za-z0-9_:.-]{2,40})""", re.IGNORECASE
)
_NORMAL_NAME = re.compile(r"[^a-z0-9]")
_LABELS = {
    "gb2312": "gb18030", "gbk": "gb18030", "xgbk": "gb18030", "gb231280": "gb18030", "gb18030": "gb18030",
    "big5": "big5hkscs", "big5hkscs": "big5hkscs", "cnbig5": "big5hkscs",
    "shiftjis": "cp932", "sjis": "cp932", "xsjis": "cp932", "mskanji": "cp932", "eucjp": "euc_jp", "xeucjp": "euc_jp",
    "euckr": "cp949", "ksc56011987": "cp949", "ksc5601": "cp949", "korean": "cp949", "windows949": "cp949",
    "koi8r": "koi8-r", "koi8u": "koi8-u", "ibm866": "cp866", "cp866": "cp866", "macintosh": "mac_roman",
    "tis620": "cp874", "iso885911": "cp874", "windows874": "cp874",
    "iso88599": "cp1254", "latin5": "cp1254", "l5": "cp1254",
    **dict.fromkeys(
        ["iso88591", "latin1", "l1", "ascii", "usascii", "ansix341968", "cp819", "ibm819", "isoir100"], "cp1252"
    ),
    **{f"{prefix}125{digit}": f"cp125{digit}" for prefix in ("windows", "cp", "xcp") for digit in range(9)},
    **{f"iso8859{part}": f"iso8859-{part}" for part in (2, 3, 4, 5, 6, 7, 8, 10, 13, 14, 15, 16)},
}  # fmt: skip
"""Labels, lower-case letters and digits only, as browsers read them (encoding.spec.whatwg.org): ``ISO-8859-1`` means
windows-1252. Python would also obey ``punycode`` or ``unicode_escape``."""
_WINDOWS_GAPS = {byte: chr(byte) for byte in (0x81, 0x8D, 0x8F, 0x90, 0x9D)}
"""Bytes that windows-1252 does not define; browsers make controls of them."""
_HEAD_BYTES = 4096
_DECLARED_BYTES = 100_000
"""A declaration may come late, behind scripts; browsers begin again when they meet it."""
_MAX_DAMAGE = 0.01
_MAX_LABELS = 5
_MAX_WESTERN = 0.02
"""Part of a western text without label that is not ASCII: quotation marks, dashes, names with accents."""
_STRAY_BYTES = "parley-stray-bytes"
"""Name of the handler of bytes that are no UTF-8."""
_SURE_LETTERS = 10
"""Bytes of another encoding hardly ever make one valid letter of UTF-8, let alone ten for each invalid one."""
_LEAST_NULS = 0.3
"""In Vietnamese, two letters of three are ASCII."""


def decode_page(page: Page) -> str:
    """Return the text of a page.

    What the bytes themselves show comes before what is said of them, because labels are often wrong: a byte order
    mark; UTF-16 by its pattern of NULs; valid UTF-8; plausible Vietnamese in windows-1258; in HTML, UTF-8 with a few
    broken bytes. Then the label of the HTTP header counts, then the ones inside an HTML page, in their order; then
    windows-1252 for western text with hardly a letter beyond ASCII. Text that was encoded twice is mended.

    Raises:
        RejectArticle: ``binary`` for NUL bytes, control codes and well-known file formats; ``wrong_encoding``.
    """
    mark, encoding = next(((mark, name) for mark, name in _BOMS if page.body.startswith(mark)), (b"", ""))
    encoding = encoding or _find_unmarked_utf_16(page.body)
    if encoding:
        return _decode_wide(page.body[len(mark) :], encoding)
    _check_not_binary(page.body)
    text = next((reading for reading in _list_readings(page) if reading is not None), None)
    if text is None:
        raise RejectArticle("wrong_encoding", "neither UTF-8 nor another encoding that can be made sure of")
    return mend_mojibake(text)


def _list_readings(page: Page) -> Iterator[str | None]:
    """Yield what the text may be, the surest first."""
    yield _decode_strictly(page.body, "utf-8")
    yield _decode_vietnamese(page.body)
    if page.media == "html":
        yield _decode_damaged_utf8(page.body, least_letters=_SURE_LETTERS)
    yield _decode_labelled(page.body, page.charset)
    if page.media == "html":
        for label in _DECLARED.findall(page.body[:_DECLARED_BYTES])[:_MAX_LABELS]:
            yield _decode_labelled(page.body, label.decode("ascii"))
    yield _decode_western(page.body)
    if page.media == "html":
        yield _decode_damaged_utf8(page.body, least_letters=0)


def _find_unmarked_utf_16(body: bytes) -> str:
    """Return the name of UTF-16 by its NULs, which western letters have in every other byte and nowhere else."""
    even, odd = (body[start:_HEAD_BYTES:2] for start in (0, 1))
    for high, low, encoding in ((even, odd, "utf-16-be"), (odd, even, "utf-16-le")):
        if high.count(0) > len(high) * _LEAST_NULS and not low.count(0):
            return encoding
    return ""


def _decode_wide(body: bytes, encoding: str) -> str:
    text = _decode_strictly(body, encoding)
    if text is None:
        raise RejectArticle("wrong_encoding", f"begins like {encoding}, but is not {encoding}")
    if "\0" in text:
        raise RejectArticle("binary", "holds NUL characters")
    return text


def _check_not_binary(body: bytes) -> None:
    controls = len(body) - len(body.translate(None, _CONTROLS))
    if b"\0" in body or body.startswith(_BINARY_OPENINGS) or controls > 2 + len(body) // 100:
        raise RejectArticle("binary", "holds bytes that no text holds")


def _decode_strictly(body: bytes, encoding: str | None) -> str | None:
    try:
        return body.decode(encoding) if encoding else None
    except (UnicodeError, LookupError):
        return None


def _decode_labelled(body: bytes, label: str | None) -> str | None:
    """Return the text in the encoding that browsers take a label for; None if it is not, or nobody knows the label."""
    encoding = _LABELS.get(_NORMAL_NAME.sub("", (label or "").lower()))
    if encoding == "cp1252":
        return _decode_windows_1252(body)
    return _decode_strictly(body, encoding)


def _decode_windows_1252(body: bytes) -> str:
    """Return the text in windows-1252, in which every byte means something to a browser."""
    return body.decode("latin-1").translate(_windows_1252())


@cache
def _windows_1252() -> dict[int, str]:
    defined = {byte: bytes([byte]).decode("cp1252", "ignore") for byte in range(0x80, 0xA0)}
    return {byte: letter or _WINDOWS_GAPS[byte] for byte, letter in defined.items()}


def _decode_western(body: bytes) -> str | None:
    """Return the text in windows-1252 if it is nearly ASCII and holds no letter of UTF-8: only marks and accents."""
    text = _decode_strictly(body, "cp1252")
    high = sum(1 for letter in text or "" if letter > "\x7f")
    is_utf8 = not body.decode("utf-8", "ignore").isascii()
    return text if high <= _MAX_WESTERN * len(body) and not is_utf8 else None


def _decode_vietnamese(body: bytes) -> str | None:
    """Return the text if it is plausible windows-1258: tone marks on vowels, hardly anything outside the alphabet."""
    raw = _decode_strictly(body, "cp1258")
    if raw is None:
        return None
    text = unicodedata.normalize("NFC", raw)
    composed = len(raw) - len(text)
    strange = sum(1 for letter in text if letter > "\x7f" and not _is_vietnamese(letter))
    return text if composed > max(2, 10 * strange) else None


def _is_vietnamese(letter: str) -> bool:
    return letter in "đĐ “”‘’–—…•«»\xa0" or unicodedata.normalize("NFD", letter)[0] in "aeiouyAEIOUY"


def _decode_damaged_utf8(body: bytes, *, least_letters: int) -> str | None:
    """Return the text if little is broken, and for each broken place so many letters stand that only UTF-8 makes."""
    text = body.decode("utf-8", "replace")
    broken = text.count("\ufffd")
    letters = sum(1 for letter in text if letter > "\x7f") - broken
    if broken > _MAX_DAMAGE * len(text) or letters < broken * least_letters:
        return None
    return body.decode("utf-8", _STRAY_BYTES)


def _read_stray_bytes(error: UnicodeError) -> tuple[str, int]:
    """Read bytes between letters of UTF-8 as the quotation marks and dashes of windows-1252, where they are some."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    stray = error.object[error.start : error.end]
    marks = (_windows_1252()[byte] if 0x80 <= byte < 0xA0 and byte not in _WINDOWS_GAPS else "\ufffd" for byte in stray)
    return ("".join(marks) if len(stray) == 1 else "\ufffd"), error.end


codecs.register_error(_STRAY_BYTES, _read_stray_bytes)
