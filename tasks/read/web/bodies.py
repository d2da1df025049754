"""Bodies, read within bounds: bytes are counted as they come and again as they unfold.

Only gzip and deflate are asked for, because zlib's decoder stops at a bound. A body that is packed
in another known way is refused; a ``Content-Encoding`` that names no way of packing at all
(``utf-8``) is passed over, as browsers do.
"""

from collections.abc import AsyncIterator, Callable

from schemas.errors import RejectArticle
from tasks.read.inflate import Inflater, inflate, is_gzip

__all__ = ["ACCEPT_ENCODING", "check_announced", "is_gzip", "read_beginning", "read_body", "unpack_gzip"]

ACCEPT_ENCODING = "gzip, deflate"
_READABLE = {"gzip", "x-gzip", "deflate"}
_UNREADABLE = {"br", "zstd", "compress", "x-compress", "exi", "pack200-gzip", "dcb", "dcz", "aes128gcm"}
"""The other content codings that are registered:
https://www.iana.org/assignments/http-parameters."""
_FREE_CHUNKS = 1_000
"""So many chunks of any size are read; a page of a real server has at most a few hundred."""
_MIN_MEAN_CHUNK_BYTES = 32
"""What further chunks must have on average. Each chunk costs some 50 µs, whatever its size, in
which no other host is served; framing makes six bytes of one."""


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
        RejectArticle: ``too_large``, ``decompression_bomb``, ``tiny_chunks``, ``broken_encoding``
            (damaged, cut off, or packed in a way that was not asked for).
    """
    decoder = _choose_decoder(encoding, max_body_bytes)
    wire, body = 0, bytearray()
    async for chunk in _without_tiny_chunks(chunks):
        count(len(chunk))
        wire += len(chunk)
        if wire > max_wire_bytes:
            raise RejectArticle("too_large", f"more than {max_wire_bytes:,} bytes are sent")
        body += decoder.feed(chunk)
        if len(body) > max_body_bytes:
            raise RejectArticle(decoder.overflow, f"the body holds more than {max_body_bytes:,} bytes")
    body += decoder.finish()
    return bytes(body)


async def read_beginning(chunks: AsyncIterator[bytes], encoding: str, max_bytes: int) -> bytes:
    """Read whole lines up to ``max_bytes``, decompressed; what follows is left unread.

    Raises:
        RejectArticle: ``tiny_chunks``, ``broken_encoding``.
    """
    decoder = _choose_decoder(encoding, max_bytes)
    body = bytearray()
    async for chunk in _without_tiny_chunks(chunks):
        body += decoder.feed(chunk)
        if len(body) > max_bytes:
            return bytes(body[:max_bytes].rpartition(b"\n")[0])
    body += decoder.finish()
    return bytes(body)


def unpack_gzip(body: bytes, max_bytes: int) -> bytes:
    """Unpack a gzip file.

    Raises:
        RejectArticle: ``decompression_bomb``, ``broken_encoding``.
    """
    unpacked = inflate(body, max_bytes)
    if len(unpacked) > max_bytes:
        raise RejectArticle("decompression_bomb", f"the gzip file holds more than {max_bytes:,} bytes")
    return unpacked


async def _without_tiny_chunks(chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """Give the chunks on, and refuse a body that comes in too many too small ones."""
    number = size = 0
    async for chunk in chunks:
        number += 1
        size += len(chunk)
        if number > _FREE_CHUNKS and size < number * _MIN_MEAN_CHUNK_BYTES:
            raise RejectArticle("tiny_chunks", f"the body comes in pieces of {size / number:.0f} bytes")
        yield chunk


def _choose_decoder(encoding: str, max_bytes: int) -> "_PlainBody | _PackedBody":
    names = {name.strip().lower() for name in encoding.split(",")}
    if unreadable := names & _UNREADABLE:
        raise RejectArticle(
            "broken_encoding", f"packed with {', '.join(sorted(unreadable))}; only {ACCEPT_ENCODING} was asked for"
        )
    if encoding.lower().count("gzip") + encoding.lower().count("deflate") > 1:
        raise RejectArticle("broken_encoding", f"packed more than once ({encoding[:80]!r})")
    if not names & _READABLE:
        return _PlainBody()
    return _PackedBody(max_bytes, may_be_plain="deflate" not in names)


class _PlainBody:
    """Leaves bytes as they are."""

    overflow = "too_large"

    def feed(self, chunk: bytes) -> bytes:
        """Return the chunk."""
        return chunk

    def finish(self) -> bytes:
        """Return nothing: no byte can be missing."""
        return b""


class _PackedBody:
    """Unpacks a body, unless it says ``gzip`` and is plain: some servers name an encoding that they do not apply."""

    def __init__(self, max_bytes: int, *, may_be_plain: bool) -> None:
        self.overflow = Inflater.overflow
        self._inflater: Inflater | None = Inflater(max_bytes)
        self._is_settled = not may_be_plain
        self._beginning = b""

    def feed(self, chunk: bytes) -> bytes:
        """Return what a chunk unfolds to.

        Raises:
            RejectArticle: ``broken_encoding``.
        """
        if not self._is_settled:
            self._beginning += chunk
            if len(self._beginning) < 2:
                return b""
            chunk = self._settle()
        return self._inflater.feed(chunk) if self._inflater else chunk

    def finish(self) -> bytes:
        """Return what was held back; say that nothing more comes.

        Raises:
            RejectArticle: ``broken_encoding`` if the stream ends in the middle.
        """
        held = b"" if self._is_settled else self._settle()
        if self._inflater is None:
            return held
        unpacked = self._inflater.feed(held)
        self._inflater.finish()
        return unpacked

    def _settle(self) -> bytes:
        """Decide by the first bytes whether the body is packed; return them."""
        self._is_settled = True
        if not self._beginning.startswith((b"\x1f", b"\x78")):  # gzip; zlib under a wrong name
            self._inflater, self.overflow = None, "too_large"
        return self._beginning
