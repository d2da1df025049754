"""Everything that goes wrong on the web; each has a path below ``/fault/`` at every newspaper.

A path may go on (``/fault/500-then-200/7``), so that each test or article has a fault of its own.
"""

import gzip
import unicodedata
import zlib
from collections.abc import Callable, Iterator
from functools import cache

from outlet.replies import Answer, Reply, Request, html, page, redirect, status_page

TEXT = "<p>Bộ trưởng Ngoại giao Lâm Vĩnh An đã hội đàm với Ngoại trưởng Mỹ Daniel Whitmore tại Hà Nội.</p>"
_PAGE = f"<html><head><title>Tin</title></head><body><article>{TEXT * 20}</article></body></html>"
_HTML = {"Content-Type": "text/html; charset=utf-8"}
_TONES = "\u0300\u0301\u0303\u0309\u0323"
_GZIP = {**_HTML, "Content-Encoding": "gzip"}


def first(times: int, bad: Reply) -> Callable[[Request], Reply]:
    """Bad the first times a path is asked for, then good."""
    return lambda request: bad if request.times <= times else html(_PAGE)


def _loop(request: Request) -> Reply:
    return redirect("/fault/redirect-loop-back" if "back" not in request.path else "/fault/redirect-loop", 301)


def _chain(request: Request) -> Reply:
    """``/fault/redirect-chain/N``: N hops, then a page."""
    hops = request.path.rpartition("/")[2]
    left = int(hops) if hops.isdigit() else 1
    return redirect(f"/fault/redirect-chain/{left - 1}") if left else html(_PAGE)


def _refresh_loop(request: Request) -> Reply:
    """Two pages, each of which sends its readers to the other."""
    other = "b" if request.path.endswith("/a") else "a"
    return html(f'<meta http-equiv="refresh" content="0;url=/fault/refresh-loop/{other}">')


def _tiny_chunks() -> Iterator[bytes]:
    yield b"1\r\nx\r\n" * 20_000
    yield b"0\r\n\r\n"


def _long_chunk_names() -> Iterator[bytes]:
    """Chunks of fifty bytes with extensions of fifty thousand."""
    for _ in range(3_000):
        yield b"32;" + b"x" * 50_000 + b"\r\n" + b"y" * 50 + b"\r\n"


def _large() -> Iterator[bytes]:
    yield b"<html><body>"
    for _ in range(200):
        yield b"<p>dai dong</p>" * 70_000


def _bomb() -> Iterator[bytes]:
    """A gigabyte of spaces in one gzip member; its end is missing, but nobody gets there."""
    yield b"\x1f\x8b\x08" + bytes(6) + b"\xff"
    yield from [_ten_million_spaces()] * 100


@cache
def _ten_million_spaces() -> bytes:
    """As deflate blocks that may follow each other."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    return packer.compress(b" " * 10_000_000) + packer.flush(zlib.Z_FULL_FLUSH)


def windows_1258(text: str) -> bytes:
    """As Vietnamese Windows wrote it: base letters composed, tones as marks of their own."""
    return "".join(map(_tone_apart, text)).encode("cp1258")


def _tone_apart(letter: str) -> str:
    spread = unicodedata.normalize("NFD", letter)
    base = "".join(mark for mark in spread if mark not in _TONES)
    return unicodedata.normalize("NFC", base) + "".join(mark for mark in spread if mark in _TONES)


class _Endless:
    """A body that can be begun again and again."""

    def __init__(self, begin: Callable[[], Iterator[bytes]]) -> None:
        self._begin = begin

    def __iter__(self) -> Iterator[bytes]:
        return self._begin()


_PACKED = gzip.compress(_PAGE.encode())

FAULTS: dict[str, Answer] = {
    "redirect-loop": _loop,
    "redirect-loop-back": _loop,
    "redirect-chain": _chain,
    "redirect-loopback": redirect("http://127.0.0.1/"),
    "redirect-metadata": redirect("http://169.254.169.254/latest/meta-data/"),
    "redirect-scheme": redirect("file:///etc/passwd"),
    "redirect-nowhere": Reply(status=302),
    "redirect-punycode": redirect("http://xn--a/"),
    "refresh-header": Reply(headers={**_HTML, "Refresh": "0; url=/fault/no-type"}, body=b"<p>Trang da chuyen</p>"),
    "refresh-meta": html('<html><head><meta http-equiv="refresh" content="0; url=\'/fault/no-type\'"></head></html>'),
    "refresh-later": html(f'<meta http-equiv="refresh" content="300; url=/">{_PAGE}'),
    "refresh-loop": _refresh_loop,
    "odd-charset": page(_PAGE, "text/html; charset*=a; charset*0=b"),
    "two-types": page(_PAGE, "text/html, text/html; charset=utf-8"),
    "no-packing": page(_PAGE, "text/html", **{"Content-Encoding": "UTF-8"}),
    "gzip-but-plain": page(_PAGE, "text/html", **{"Content-Encoding": "gzip"}),
    "304": Reply(status=304),
    "401": status_page(401, **{"WWW-Authenticate": 'Basic realm="toa soan"'}),
    "402": status_page(402),
    "403": status_page(403),
    "404": status_page(404),
    "410": status_page(410),
    "451": status_page(451),
    "429": status_page(429, **{"Retry-After": "3600"}),
    "429-then-200": first(1, status_page(429, **{"Retry-After": "7"})),
    "500": status_page(500),
    "500-then-200": first(1, status_page(500)),
    "503-then-200": first(2, status_page(503)),
    "reset": Reply(headers=_HTML, body=_PAGE.encode()[:500], length=5_000, ending="reset"),
    "reset-then-200": first(1, Reply(headers=_HTML, body=_PAGE.encode()[:500], length=5_000, ending="reset")),
    "cut": Reply(headers=_HTML, body=_PAGE.encode()[:500], length=5_000, ending="cut"),
    "stall": Reply(headers=_HTML, body=_PAGE.encode()[:500], length=5_000, ending="stall"),
    "drip": Reply(headers=_HTML, body=b"<html>", length=1_000_000, ending="drip"),
    "silent": Reply(status=0, ending="stall"),
    "drip-head": Reply(status=0, body=b"HTTP/1.1 200 OK\r\nX-Slow: ", ending="drip"),
    "truncated-gzip": Reply(headers=_GZIP, body=_PACKED[: len(_PACKED) // 2]),
    "damaged-gzip": Reply(headers=_GZIP, body=_PACKED[:30] + b"\xff" * 20 + _PACKED[50:]),
    "gzip-bomb": Reply(headers=_GZIP, body=_Endless(_bomb)),
    "large": Reply(headers=_HTML, body=_Endless(_large)),
    "large-announced": Reply(headers=_HTML, body=_Endless(_large), length=210_000_012),
    "tiny-chunks": Reply(headers={**_HTML, "Transfer-Encoding": "chunked"}, body=_Endless(_tiny_chunks)),
    "interim": Reply(status=0, body=b"HTTP/1.1 100 Continue\r\n\r\n" * 20_000, ending="cut"),
    "hints-then-200": Reply(
        status=0,
        body=b"HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n"
        b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 10\r\n\r\n<p>Tin</p>",
        ending="cut",
    ),
    "long-chunk-names": Reply(headers={**_HTML, "Transfer-Encoding": "chunked"}, body=_Endless(_long_chunk_names)),
    "brotli": Reply(headers={**_HTML, "Content-Encoding": "br"}, body=b"\x1b\x00\x00"),
    "wrong-type": page(b"%PDF-1.7 \x00\x01", "application/pdf"),
    "no-type": Reply(body=_PAGE.encode()),
    "wrong-charset": html(_PAGE, "iso-8859-1"),
    "windows-1258": html(windows_1258(_PAGE), "windows-1252"),
    "utf-16": html(_PAGE.encode("utf-16-le"), "utf-16le"),
    "no-http": Reply(status=0, body=b"SSH-2.0-nothing\r\n", ending="cut"),
}


def fault(path: str) -> Answer | None:
    """The fault of a path, whatever follows its name."""
    _, place, name, *_ = [*path.partition("?")[0].split("/"), "", "", ""]
    return FAULTS.get(name) if place == "fault" else None
