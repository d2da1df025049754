"""Web archives as a stream of pages: WARC files of any size, such as those of Common Crawl's news crawl."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
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
from tasks.read.content_types import looks_like_html, parse_content_type
from tasks.read.inflate import inflate, is_gzip
from tasks.read.printable import printable, printable_link
from tasks.read.warc.records import ArchiveRecord, RecordHead, read_records

__all__ = ["read_warc"]

_MEDIA: dict[str, Literal["html", "text"]] = {
    "text/html": "html",
    "application/xhtml+xml": "html",
    "text/plain": "text",
}
_PACKINGS = {"gzip", "x-gzip", "deflate"}
_HTTP = StatusAndHeadersParser(["HTTP/1.0", "HTTP/1.1"], verify=False)
_HTTP_HEADER_BYTES = 100_000
_DOCUMENTS = ("response", "resource")
"""Types of records that may hold a page."""


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
        file: The archive, packed with gzip or not; read once from beginning to end, a record at a
            time.
        name: Its path.
        now: When the run reads, UTC; the ``fetched_at`` of records whose own date is missing or
            later.
        limits: What a page may have at most. A larger record is not read into memory.
        known: Whether a page is stored already; asked with the page's ``input`` and with its
            canonical URL, before the record is read.
        passed: Counts the records that were passed over, by reason: ``not_a_response`` (requests,
            metadata), ``known``, ``not_a_page`` (pictures, scripts, ``robots.txt``), ``not_ok``
            (errors, redirects). They are no rejects: half of every archive is requests.

    Yields:
        A page for each response with status 200, and for each resource (a document that was
        archived without its answer), that is HTML or plain text; one that names no type is taken
        for what it looks like. Its ``input`` is ``NAME:OFFSET``, the same in every run; its URL is
        in the sidecar; ``fetched_at`` is when it was archived. Of records that should have been
        pages and are not, a reject of stage ``read``: ``too_large``, ``unsupported_encoding``,
        ``broken_encoding``, ``empty``, ``record_failed``. At the end ``damaged_archive``, where the
        archive cannot be read further, or ``no_pages``, where it held nothing else and nothing
        known.
    """
    passed = Counter() if passed is None else passed
    before = passed.copy()
    given = 0
    gate = _Gate(name, limits, known, passed)
    try:
        for record in read_records(file, gate.bytes_wanted):
            found = _read_record(record, gate, now) if record.content else None
            given += found is not None
            if found is not None:
                yield found
    except RejectArticle as error:
        yield Reject(input=name, stage="read", code=error.code, message=printable(error.message))
        return
    if not given and passed["known"] == before["known"]:
        seen = ", ".join(f"{number:,} {reason}" for reason, number in (passed - before).items()) or "no records"
        yield Reject(input=name, stage="read", code="no_pages", message=f"{name} holds no pages: {seen}")


class _Gate:
    """Decides which records of an archive are read, and counts those that are passed over."""

    def __init__(self, name: str, limits: CleanLimits, known: Callable[[str], bool], passed: Counter[str]) -> None:
        self.name = name
        self.passed = passed
        self.most_bytes = {"html": limits.max_html_bytes, "text": limits.max_text_bytes}
        self._most_content = max(self.most_bytes.values()) + _HTTP_HEADER_BYTES
        self._known = known

    def input(self, head: RecordHead) -> str:
        """Return the link by which a person can find the record."""
        return f"{self.name}:{head.offset}"

    def bytes_wanted(self, head: RecordHead) -> int:
        """Return how much of a record to read: of a page that is too large only what tells that it is a page."""
        url = canonical_link(head.uri)
        if head.type not in _DOCUMENTS or url is None:
            self.passed["not_a_response"] += 1
        elif urlsplit(url).path == "/robots.txt" or not head.length:
            self.passed["not_a_page"] += 1
        elif self._known(self.input(head)) or self._known(url):
            self.passed["known"] += 1
        else:
            return head.length if head.length <= self._most_content else _HTTP_HEADER_BYTES
        return 0


@dataclass(frozen=True, slots=True)
class _Document:
    """A document in an archive, and what its headers say about it."""

    body: bytes
    """As archived: perhaps chunked and packed."""
    is_ok: bool
    content_type: str | None
    charset: str | None
    is_chunked: bool = False
    encoding: str = ""


def _read_record(record: ArchiveRecord, gate: _Gate, now: datetime) -> Page | Reject | None:
    """Return the page or the reject that a record is; None where it is neither."""
    try:
        return _read_document(record, gate, now)
    except RejectArticle as error:
        code, message = error.code, error.message
    except Exception as error:  # noqa: BLE001  # whatever one record brings about, the others are read
        code, message = "record_failed", f"{type(error).__name__}: {error}"[:1_000]
    told = printable(f"{printable_link(record.head.uri)}: {message}")
    return Reject(input=gate.input(record.head), stage="read", code=code, message=told)


def _read_document(record: ArchiveRecord, gate: _Gate, now: datetime) -> Page | None:
    """Return the page that a record holds; None if it holds none.

    Raises:
        RejectArticle: ``too_large``, ``unsupported_encoding``, ``broken_encoding``, ``empty``.
    """
    document = _open_document(record)
    media = _media_of(document) if document else None
    if document is None or media is None:
        gate.passed["not_a_page"] += 1
        return None
    if not document.is_ok:
        gate.passed["not_ok"] += 1
        return None
    return Page(
        input=gate.input(record.head),
        media=media,
        body=_read_body(record, document, gate.most_bytes[media]),
        sidecar=Sidecar(url=canonical_link(record.head.uri)),
        fetched_at=_read_archive_date(record.head.date, now),
        charset=document.charset,
    )


def _open_document(record: ArchiveRecord) -> _Document | None:
    """Return the document of a record; None for a response that is not HTTP."""
    if record.head.type == "resource":
        kind, charset = parse_content_type([record.head.content_type])
        return _Document(record.content, is_ok=True, content_type=kind, charset=charset)
    stream = BytesIO(record.content)
    headers = _parse_http_headers(stream)
    if headers is None:
        return None
    kind, charset = parse_content_type(value for name, value in headers.headers if name.lower() == "content-type")
    return _Document(
        stream.read(),
        is_ok=headers.get_statuscode() == "200",
        content_type=kind,
        charset=charset,
        is_chunked=(headers.get_header("transfer-encoding") or "").strip().lower() == "chunked",
        encoding=(headers.get_header("content-encoding") or "").strip().lower(),
    )


def _media_of(document: _Document) -> Literal["html", "text"] | None:
    """Return what kind of page a document is; None if it is none."""
    if document.content_type is not None:
        return _MEDIA.get(document.content_type)
    if document.encoding in _PACKINGS or document.is_chunked:
        return "html"  # cleaning looks at what is in it
    return "html" if looks_like_html(document.body) else None


def _parse_http_headers(stream: BytesIO) -> StatusAndHeaders | None:
    try:
        return _HTTP.parse(stream)
    except (EOFError, StatusAndHeadersParserException):
        return None


def _read_body(record: ArchiveRecord, document: _Document, most: int) -> bytes:
    """Return the body of a document without what it was packed in for the way.

    Raises:
        RejectArticle: ``too_large``, ``unsupported_encoding``, ``broken_encoding``, ``empty``.
    """
    if record.head.length > len(record.content):
        raise RejectArticle("too_large", f"has {record.head.length:,} bytes; at most {most:,} are cleaned")
    packed = bytes(ChunkedDataReader(BytesIO(document.body)).read()) if document.is_chunked else document.body
    body = _unpack_body(packed, document.encoding, most)
    if len(body) > most:
        raise RejectArticle("too_large", f"has more than {most:,} bytes, which are the most that is cleaned")
    if not body.strip():
        raise RejectArticle("empty", "has no content")
    return body


def _unpack_body(body: bytes, encoding: str, most: int) -> bytes:
    """Return at most one byte more than ``most``.

    Some crawlers unpack and leave the header, so plain bodies stay.
    """
    if encoding in ("", "identity", "none", "utf-8"):
        return body
    if encoding not in _PACKINGS:
        raise RejectArticle("unsupported_encoding", f"is packed with {encoding[:40]!r}; gzip and deflate can be read")
    try:
        return inflate(body, most)
    except RejectArticle as error:
        if encoding.endswith("gzip") and not is_gzip(body):
            return body
        raise RejectArticle("broken_encoding", f"is not a whole {encoding} stream") from error


def _read_archive_date(date: str, now: datetime) -> datetime:
    try:
        moment = datetime.fromisoformat(date)
        return min(now, (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC))
    except (ValueError, OverflowError):
        return now
