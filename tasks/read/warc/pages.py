"""Web archives as a stream of pages: WARC files of any size, such as those of Common Crawl's news crawl."""

import re
import zlib
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from io import BytesIO
from typing import BinaryIO, Literal
from urllib.parse import urlsplit

from warcio.bufferedreaders import ChunkedDataReader
from warcio.statusandheaders import StatusAndHeaders, StatusAndHeadersParser, StatusAndHeadersParserException

from schemas.articles import Page, Sidecar
from schemas.errors import RejectArticle
from schemas.rejects import Reject
from schemas.settings import CleanLimits
from tasks.clean.identity import canonical_link
from tasks.read.warc.records import ArchiveRecord, RecordHead, read_records

__all__ = ["read_warc"]

_MEDIA: dict[str, Literal["html", "text"]] = {
    "text/html": "html",
    "application/xhtml+xml": "html",
    "text/plain": "text",
}
_GZIP = (zlib.MAX_WBITS | 16,)
_PACKINGS = {"gzip": _GZIP, "x-gzip": _GZIP, "deflate": (zlib.MAX_WBITS, -zlib.MAX_WBITS)}
"""How bodies are packed; ``deflate`` is either of two formats, whatever the standard says (RFC 9110, 8.4.1.2)."""
_CHARSET = re.compile(r"""charset\s*=\s*["']?([\w.:-]{1,40})""")
_HTTP = StatusAndHeadersParser(["HTTP/1.0", "HTTP/1.1"], verify=False)
_HTTP_HEADER_BYTES = 100_000


def read_warc(
    file: BinaryIO,
    *,
    name: str,
    now: datetime,
    limits: CleanLimits,
    known: Callable[[str], bool] = lambda _: False,
    passed: Counter[str] | None = None,
) -> Iterator[Page | Reject]:
    """Read the pages of a web archive.

    Args:
        file: The archive, packed with gzip or not; read once from beginning to end, a record at a time.
        name: Its path.
        now: When the run reads, UTC; the ``fetched_at`` of records whose own date is missing or later.
        limits: What a page may have at most. A larger record is not read into memory.
        known: Whether a page is stored already; asked with the page's ``input`` and with its canonical URL, before
            the record is read.
        passed: Counts the records that were passed over, by reason: ``not_a_response`` (requests, metadata),
            ``known``, ``not_a_page`` (pictures, scripts, ``robots.txt``), ``not_ok`` (errors, redirects). They are
            no rejects: half of every archive is requests.

    Yields:
        A page for each response with status 200 that is HTML or plain text. Its ``input`` is ``NAME:OFFSET``, the
        same in every run; its URL is in the sidecar; ``fetched_at`` is when it was archived. Of records that should
        have been pages and are not, a reject of stage ``read``: ``too_large``, ``unsupported_encoding``,
        ``broken_encoding``, ``empty``. At the end ``damaged_archive``, where the archive cannot be read further, or
        ``no_pages``, where it held nothing else and nothing known.
    """
    passed = Counter() if passed is None else passed
    before = passed.copy()
    given = 0
    gate = _Gate(name, limits, known, passed)
    try:
        for record in read_records(file, gate.bytes_wanted):
            found = _read_response(record, gate, now) if record.content else None
            given += found is not None
            if found is not None:
                yield found
    except RejectArticle as error:
        yield Reject(input=name, stage="read", code=error.code, message=error.message)
        return
    if not given and passed["known"] == before["known"]:
        seen = ", ".join(f"{number:,} {reason}" for reason, number in (passed - before).items()) or "no records"
        yield Reject(input=name, stage="read", code="no_pages", message=f"{name} holds no pages: {seen}")


class _Gate:
    """Decides what of an archive is read, and counts what is passed over."""

    def __init__(self, name: str, limits: CleanLimits, known: Callable[[str], bool], passed: Counter[str]) -> None:
        self.name = name
        self.passed = passed
        self.most_bytes = {"html": limits.max_html_bytes, "text": limits.max_text_bytes}
        self._most_content = max(self.most_bytes.values()) + _HTTP_HEADER_BYTES
        self._known = known

    def input(self, head: RecordHead) -> str:
        """The link that a person can find the record by."""
        return f"{self.name}:{head.offset}"

    def bytes_wanted(self, head: RecordHead) -> int:
        """How much of a record to read: of a page that is too large only what tells that it is a page."""
        url = canonical_link(head.uri)
        if head.type != "response" or url is None:
            self.passed["not_a_response"] += 1
        elif urlsplit(url).path == "/robots.txt" or not head.length:
            self.passed["not_a_page"] += 1
        elif self._known(self.input(head)) or self._known(url):
            self.passed["known"] += 1
        else:
            return head.length if head.length <= self._most_content else _HTTP_HEADER_BYTES
        return 0


def _read_response(record: ArchiveRecord, gate: _Gate, now: datetime) -> Page | Reject | None:
    """The page or the reject that a response is; None where it is neither."""
    stream = BytesIO(record.content)
    headers = _parse_http_headers(stream)
    stated = (headers.get_header("content-type") or "").lower() if headers else ""
    media = _MEDIA.get(stated.partition(";")[0].strip())
    if headers is None or media is None:
        gate.passed["not_a_page"] += 1
        return None
    if headers.get_statuscode() != "200":
        gate.passed["not_ok"] += 1
        return None
    try:
        body = _read_body(record, stream, headers, gate.most_bytes[media])
    except RejectArticle as error:
        message = f"{record.head.uri}: {error.message}"
        return Reject(input=gate.input(record.head), stage="read", code=error.code, message=message)
    return Page(
        input=gate.input(record.head),
        media=media,
        body=body,
        sidecar=Sidecar(url=canonical_link(record.head.uri)),
        fetched_at=_read_archive_date(record.head.date, now),
        charset=_find_charset(stated),
    )


def _find_charset(content_type: str) -> str | None:
    found = _CHARSET.search(content_type)
    return found.group(1) if found else None


def _parse_http_headers(stream: BytesIO) -> StatusAndHeaders | None:
    try:
        return _HTTP.parse(stream)
    except (EOFError, StatusAndHeadersParserException):
        return None


def _read_body(record: ArchiveRecord, stream: BytesIO, headers: StatusAndHeaders, most: int) -> bytes:
    """The body of a response without what it was packed in for the way.

    Raises:
        RejectArticle: ``too_large``, ``unsupported_encoding``, ``broken_encoding``, ``empty``.
    """
    if record.head.length > len(record.content):
        raise RejectArticle("too_large", f"has {record.head.length:,} bytes; at most {most:,} are cleaned")
    chunked = (headers.get_header("transfer-encoding") or "").strip().lower() == "chunked"
    packed = bytes(ChunkedDataReader(stream).read() if chunked else stream.read())
    body = _unpack_body(packed, (headers.get_header("content-encoding") or "").strip().lower(), most)
    if len(body) > most:
        raise RejectArticle("too_large", f"has more than {most:,} bytes, which are the most that is cleaned")
    if not body.strip():
        raise RejectArticle("empty", "has no content")
    return body


def _unpack_body(body: bytes, encoding: str, most: int) -> bytes:
    """At most one byte more than ``most``. Some crawlers unpack and leave the header, so plain bodies stay."""
    if encoding in ("", "identity", "none"):
        return body
    if encoding not in _PACKINGS:
        raise RejectArticle("unsupported_encoding", f"is packed with {encoding[:40]!r}; gzip and deflate can be read")
    for width in _PACKINGS[encoding]:
        unpacker = zlib.decompressobj(width)
        try:
            unpacked = unpacker.decompress(body, most + 1)
        except zlib.error:
            continue
        if unpacker.eof or len(unpacked) > most:
            return unpacked
    if encoding.endswith("gzip") and not body.startswith(b"\x1f\x8b"):
        return body
    raise RejectArticle("broken_encoding", f"is no whole {encoding} stream")


def _read_archive_date(date: str, now: datetime) -> datetime:
    try:
        moment = datetime.fromisoformat(date)
        return min(now, (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC))
    except (ValueError, OverflowError):
        return now
