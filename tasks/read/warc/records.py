"""Records of a web archive (WARC 1.0 and 1.1, packed with gzip or not), one at a time, from a stream of any size.

warcio knows the format; this module adds what hostile and damaged archives ask for. A record is
given out only when it is there whole: its length agrees, and so does the checksum of its gzip
member.
"""

import logging
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import BinaryIO

from warcio.bufferedreaders import DecompressingBufferedReader
from warcio.exceptions import ArchiveLoadFailed
from warcio.recordloader import ArcWarcRecord, ArcWarcRecordLoader

from schemas.errors import RejectArticle

__all__ = ["ArchiveRecord", "RecordHead", "read_records"]

logging.getLogger("warcio").setLevel(logging.CRITICAL)  # addresses with spaces in them are no news

_BLOCK_BYTES = 16 * 1024
"""Read at once; unpacked it may be a thousand times as much."""
_MAX_HEADER_BYTES = 1_000_000


@dataclass(frozen=True, slots=True)
class RecordHead:
    """What a record says about itself before its content."""

    offset: int
    """Where it begins, in bytes of the file; unpacked bytes where many records share a gzip
    member."""
    type: str
    """``response``, ``request``, ``warcinfo`` …"""
    uri: str
    """What it is a record of; may be empty."""
    date: str
    """As written; may be empty."""
    length: int
    """Bytes of its content."""
    content_type: str = ""
    """As written; of a ``resource`` that of its document, of a ``response`` that of HTTP; may be
    empty."""


@dataclass(frozen=True, slots=True)
class ArchiveRecord:
    """A record that is there whole."""

    head: RecordHead
    content: bytes
    """As many bytes from its beginning as were asked for."""


def read_records(file: BinaryIO, wanted: Callable[[RecordHead], int]) -> Iterator[ArchiveRecord]:
    """Read an archive from the beginning to its end, or to where it is damaged.

    Args:
        file: Open for reading; need not be seekable.
        wanted: How many bytes of a record's content are to be read into memory; 0 passes it over in
            small blocks.

    Yields:
        All records, in the order of the file.

    Raises:
        RejectArticle: ``damaged_archive``, with the offset of the first record that cannot be read;
            all before it have been yielded.
    """
    source = _Counted(file)
    reader = _Reader(source, block_size=_BLOCK_BYTES)
    offset, line = 0, None
    try:
        while (record := _next_record(reader, line)) is not None:
            head = _read_head(record, offset)
            content = bytes(record.raw_stream.read(wanted(head)))
            offset, line = _pass_over_rest(record, reader, source)
            yield ArchiveRecord(head, content)
        _check_member(reader, source)
    except Exception as error:  # whatever damaged bytes bring about in the parser; AttributeError is among it
        reason = str(error).strip() or type(error).__name__
        raise RejectArticle(
            "damaged_archive", f"the record at byte {offset:,} cannot be read: {reason[:200]}"
        ) from error


class _Counted:
    """A stream that counts what is read from it."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.taken = 0

    def read(self, size: int) -> bytes:
        block = self._file.read(size)
        self.taken += len(block)
        return block


class _Reader(DecompressingBufferedReader):  # type: ignore[misc]  # warcio ships no types
    """warcio's reader, but damage is an error instead of a line on standard error, and headers have an end."""

    decompressor: "zlib._Decompress | None"
    header_bytes = 0

    def _decompress(self, data: bytes) -> bytes:
        if self.decompressor is None or not data:
            return data
        try:
            return bytes(self.decompressor.decompress(data))
        except zlib.error:
            if self.num_read:
                raise
            self.decompressor = None  # not packed at all
            return data

    def readline(self, length: int | None = None) -> bytes:
        most = _MAX_HEADER_BYTES - self.header_bytes + 1
        line = bytes(super().readline(most if length is None else min(length, most)))
        self.header_bytes += len(line)
        if self.header_bytes > _MAX_HEADER_BYTES:
            raise ArchiveLoadFailed(f"its headers are longer than {_MAX_HEADER_BYTES:,} bytes")
        return line


def _next_record(reader: _Reader, line: bytes | None) -> ArcWarcRecord | None:
    """Return the record that begins here, its first line perhaps already read.

    The record is None at the end of the file.
    """
    reader.header_bytes = 0
    loader = ArcWarcRecordLoader(verify_http=False)
    try:
        return loader.parse_record_stream(reader, line, known_format="warc", no_record_parse=True)
    except EOFError:
        return None


def _read_head(record: ArcWarcRecord, offset: int) -> RecordHead:
    length = record.rec_headers.get_header("Content-Length") or ""
    if not length.isascii() or not length.isdecimal():
        raise ArchiveLoadFailed(f"its Content-Length is {length[:40]!r}; perhaps the file was cut off")
    return RecordHead(
        offset=offset,
        type=(record.rec_type or "").lower(),
        uri=record.rec_headers.get_header("WARC-Target-URI") or "",
        date=record.rec_headers.get_header("WARC-Date") or "",
        length=int(length),
        content_type=record.rec_headers.get_header("Content-Type") or "",
    )


def _pass_over_rest(record: ArcWarcRecord, reader: _Reader, source: _Counted) -> tuple[int, bytes | None]:
    """Pass over what is left of a record.

    Return where the next begins, and its first line if that had to be read.
    """
    while record.raw_stream.read(_BLOCK_BYTES):
        pass
    if record.raw_stream.limit:
        raise ArchiveLoadFailed(f"the file ends {record.raw_stream.limit:,} bytes before it does")
    while True:
        line = reader.readline()
        if line.strip():
            return _unpacked_offset(reader, source) - len(line), line
        if not line:
            break
    _check_member(reader, source)
    offset = source.taken - int(reader.rem_length())
    reader.read_next_member()
    return offset, None


def _unpacked_offset(reader: _Reader, source: _Counted) -> int:
    if reader.decompressor is None:
        return source.taken - int(reader.rem_length())
    return int(reader.num_read - reader.buff_size + reader.buff.tell())


def _check_member(reader: _Reader, source: _Counted) -> None:
    """See that the gzip member that has been read has an end, and with it a checksum that agreed."""
    if reader.decompressor is not None and source.taken and not reader.decompressor.eof:
        raise ArchiveLoadFailed("the file ends in the middle of a gzip member")
