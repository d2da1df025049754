"""Bodies, read within bounds: bytes are counted as they come and again as they unfold.

Only gzip and deflate are asked for, because zlib's decoder stops at a bound; whatever else comes is refused.
"""

import zlib
from collections.abc import AsyncIterator, Callable

from schemas.errors import RejectArticle

__all__ = ["ACCEPT_ENCODING", "check_announced", "is_gzip", "read_beginning", "read_body", "unpack_gzip"]

ACCEPT_ENCODING = "gzip, deflate"
_GZIP = b"\x1f\x8b"
_EITHER_FRAME = zlib.MAX_WBITS | 32
"""Tells zlib to take the frames of gzip and of zlib, whichever comes."""
_NO_FRAME = -zlib.MAX_WBITS
"""Bare deflate, which some servers take ``deflate`` for."""


def check_announced(length: str | None, max_bytes: int) -> None:
    """Pass unless the ``Content-Length`` header announces more than the bound.

    Raises:
        RejectArticle: ``too_large``.
    """
    if length is not None and length.isdecimal() and (len(length) > 18 or int(length) > max_bytes):
        raise RejectArticle("too_large", f"{length[:18]} bytes are announced; at most {max_bytes:,} are read")


async def read_body(
    chunks: AsyncIterator[bytes],
    encoding: str,
    *,
    max_wire_bytes: int,
    max_body_bytes: int,
    count: Callable[[int], None],
) -> bytes:
    """Read a body to its end, decompressed.

    Args:
        chunks: The body as sent.
        encoding: The ``Content-Encoding`` header; empty for none.
        max_wire_bytes: As sent.
        max_body_bytes: Decompressed; hardly more is ever held.
        count: Told of every chunk's bytes as sent, before they are looked at.

    Raises:
        RejectArticle: ``too_large``, ``decompression_bomb``, ``broken_encoding`` (damaged, cut off or unknown).
    """
    decoder = _choose_decoder(encoding, max_body_bytes)
    wire, body = 0, bytearray()
    async for chunk in chunks:
        count(len(chunk))
        wire += len(chunk)
        if wire > max_wire_bytes:
            raise RejectArticle("too_large", f"more than {max_wire_bytes:,} bytes are sent")
        body += decoder.feed(chunk)
        if len(body) > max_body_bytes:
            raise RejectArticle(decoder.overflow, f"the body holds more than {max_body_bytes:,} bytes")
    decoder.finish()
    return bytes(body)


async def read_beginning(chunks: AsyncIterator[bytes], encoding: str, max_bytes: int) -> bytes:
    """Read whole lines up to ``max_bytes``, decompressed; what follows is left unread.

    Raises:
        RejectArticle: ``broken_encoding``.
    """
    decoder = _choose_decoder(encoding, max_bytes)
    body = bytearray()
    async for chunk in chunks:
        body += decoder.feed(chunk)
        if len(body) > max_bytes:
            return bytes(body[:max_bytes].rpartition(b"\n")[0])
    decoder.finish()
    return bytes(body)


def is_gzip(body: bytes) -> bool:
    """Whether a body is itself a gzip file, as sitemaps may be."""
    return body.startswith(_GZIP)


def unpack_gzip(body: bytes, max_bytes: int) -> bytes:
    """Unpack a gzip file.

    Raises:
        RejectArticle: ``decompression_bomb``, ``broken_encoding``.
    """
    decoder = _Inflater(max_bytes)
    unpacked = decoder.feed(body)
    if len(unpacked) > max_bytes:
        raise RejectArticle("decompression_bomb", f"the gzip file holds more than {max_bytes:,} bytes")
    decoder.finish()
    return unpacked


def _choose_decoder(encoding: str, max_bytes: int) -> "_Plain | _Inflater":
    names = [name.strip().lower() for name in encoding.split(",")]
    names = [name for name in names if name not in ("", "identity")]
    if len(names) > 1 or not {*names} <= {"gzip", "x-gzip", "deflate"}:
        raise RejectArticle("broken_encoding", f"sent as {encoding[:80]!r}; only {ACCEPT_ENCODING} was asked for")
    return _Inflater(max_bytes) if names else _Plain()


class _Plain:
    """Leaves bytes as they are."""

    overflow = "too_large"

    def feed(self, chunk: bytes) -> bytes:
        """The chunk."""
        return chunk

    def finish(self) -> None:
        """Nothing can be missing."""


class _Inflater:
    """Decompresses gzip, zlib and bare deflate, up to one byte over a bound."""

    overflow = "decompression_bomb"

    def __init__(self, max_bytes: int) -> None:
        self._left = max_bytes + 1
        self._zlib: zlib._Decompress | None = None

    def feed(self, chunk: bytes) -> bytes:
        """What a chunk unfolds to. Several gzip members are one body; other bytes after the end are noise."""
        pieces = [self._inflate_chunk(chunk)]
        while self._left and self._zlib and self._zlib.eof and is_gzip(self._zlib.unused_data):
            rest, self._zlib = self._zlib.unused_data, None
            pieces.append(self._inflate_chunk(rest))
        return b"".join(pieces)

    def finish(self) -> None:
        """Say that nothing more comes."""
        if self._zlib and not self._zlib.eof:
            raise RejectArticle("broken_encoding", "the compressed body ends in the middle")

    def _inflate_chunk(self, chunk: bytes) -> bytes:
        if not chunk or not self._left or (self._zlib and self._zlib.eof):
            return b""
        try:
            unfolded = self._start_inflating(chunk[0]).decompress(chunk, self._left)
        except zlib.error as error:
            raise RejectArticle("broken_encoding", f"the compressed body is damaged: {error}") from error
        self._left -= len(unfolded)
        return unfolded

    def _start_inflating(self, first: int) -> "zlib._Decompress":
        """By the body's first byte: that of gzip's frame, of zlib's, or of neither."""
        if self._zlib is None:
            is_framed = first == _GZIP[0] or first & 0x0F == zlib.DEFLATED
            self._zlib = zlib.decompressobj(_EITHER_FRAME if is_framed else _NO_FRAME)
        return self._zlib
