"""Gzip, zlib and bare deflate, unpacked up to a bound: the one place where foreign bytes are decompressed."""

import zlib

from schemas.errors import RejectArticle

__all__ = ["Inflater", "inflate", "is_gzip"]

_GZIP = b"\x1f\x8b"
_EITHER_FRAME = zlib.MAX_WBITS | 32
"""Tells zlib to take the frames of gzip and of zlib, whichever comes."""
_NO_FRAME = -zlib.MAX_WBITS
"""Bare deflate, which some servers send for ``deflate`` (RFC 9110, section 8.4.1.2)."""


def is_gzip(body: bytes) -> bool:
    """Return True if a body is a gzip file, whatever its name or type says."""
    return body.startswith(_GZIP)


def inflate(packed: bytes, max_bytes: int, *, must_be_whole: bool = True) -> bytes:
    """Unpack bytes that are all there.

    Args:
        packed: Gzip (also of several members), zlib or bare deflate.
        max_bytes: The bound. One byte more may be returned, which tells that the bound was reached.
        must_be_whole: Whether a stream that ends in the middle is an error; otherwise its beginning
            is returned.

    Raises:
        RejectArticle: ``broken_encoding``.
    """
    inflater = Inflater(max_bytes)
    unpacked = inflater.feed(packed)
    if must_be_whole and len(unpacked) <= max_bytes:
        inflater.finish()
    return unpacked


class Inflater:
    """Unpacks a stream piece by piece, up to one byte over a bound."""

    overflow = "decompression_bomb"
    """The code of a body that is larger than the bound."""

    def __init__(self, max_bytes: int) -> None:
        self._left = max_bytes + 1
        self._beginning = b""
        self._zlib: zlib._Decompress | None = None

    def feed(self, chunk: bytes) -> bytes:
        """Unpack a chunk. Several gzip members are one body; other bytes after the end are noise.

        Raises:
            RejectArticle: ``broken_encoding``.
        """
        pieces = [self._inflate_chunk(chunk)]
        while self._left and self._zlib and self._zlib.eof and is_gzip(self._zlib.unused_data):
            rest, self._zlib = self._zlib.unused_data, None
            pieces.append(self._inflate_chunk(rest))
        return b"".join(pieces)

    def finish(self) -> None:
        """Say that nothing more comes.

        Raises:
            RejectArticle: ``broken_encoding`` if the stream ends in the middle.
        """
        if self._beginning or (self._zlib and not self._zlib.eof):
            raise RejectArticle("broken_encoding", "the compressed body ends in the middle")

    def _inflate_chunk(self, chunk: bytes) -> bytes:
        if not chunk or not self._left or (self._zlib and self._zlib.eof):
            return b""
        if self._zlib is None:
            self._beginning += chunk
            if len(self._beginning) < 2:
                return b""
            chunk, self._beginning = self._beginning, b""
            self._zlib = zlib.decompressobj(_frame_of(chunk))
        try:
            unpacked = self._zlib.decompress(chunk, self._left)
        except zlib.error as error:
            raise RejectArticle("broken_encoding", f"the compressed body is damaged: {error}") from error
        self._left -= len(unpacked)
        return unpacked


def _frame_of(beginning: bytes) -> int:
    """Return the window bits for a stream by the first two bytes of its frame.

    Source: RFC 1950, section 2.2, and RFC 1952, section 2.3.1.
    """
    is_zlib = beginning[0] & 0x0F == zlib.DEFLATED and int.from_bytes(beginning[:2], "big") % 31 == 0
    return _EITHER_FRAME if is_gzip(beginning) or is_zlib else _NO_FRAME
