"""Sitemaps (sitemaps.org), indexes of them, and news sitemaps: bytes to links. No sockets here."""

import re
import zlib
from collections.abc import Iterator
from datetime import UTC, datetime
from heapq import nlargest
from io import BytesIO
from zoneinfo import ZoneInfo

from lxml.etree import XMLSyntaxError, _Element, iterparse

from schemas.errors import RejectArticle
from schemas.links import Link, Sitemap
from schemas.settings import LinkLimits
from schemas.sources import Source
from tasks.clean.identity import canonical_link
from tasks.read.links.feed_dates import read_feed_date
from tasks.read.links.feeds import check_no_entities, plain_title, read_feed, stated_language
from tasks.read.links.selection import keep_links
from tasks.read.sources.catalogue import is_allowed

__all__ = ["read_sitemap"]

_GZIP = b"\x1f\x8b"
_LONG_AGO = datetime(1, 1, 1, tzinfo=UTC)
_OWNERS = {
    "loc": ("url", "sitemap"),  # pictures have a loc as well
    "lastmod": ("url", "sitemap"),
    "publication_date": ("news",),
    "title": ("news",),
    "language": ("publication",),
}
"""What is read, and inside what: pictures and videos have titles and places of their own."""

_Cells = dict[str, str]


def read_sitemap(
    body: bytes, *, url: str, source: Source, limits: LinkLimits, since: datetime | None = None
) -> Sitemap:
    """Read a sitemap, a news sitemap, an index of sitemaps, a list of URLs or a feed, packed with gzip or not.

    Args:
        body: As fetched.
        url: Its address.
        source: Whose it is; links and sitemaps on other hosts are dropped.
        limits: What it may cost, and how many links and sitemaps are taken.
        since: Leave out what says that it is older; what says nothing stays.

    Returns:
        Links with the newest first, by publication or else by last change; ``published_at`` is what a news sitemap
        gives, never the date of a change. Of an index the further sitemaps, newest first by last change or else by
        the numbers in their names (``news-2026-7.xml``), those without numbers before the others.

    Raises:
        RejectArticle: ``not_a_sitemap``, ``malformed_sitemap`` for one that breaks before its first link,
            ``unsafe_xml``, ``too_large``, ``too_many_tags``; for feeds see :func:`~tasks.read.links.feeds.read_feed`.
    """
    unpacked = _unpack_gzip(body, url, limits.max_sitemap_bytes).lstrip(b"\xef\xbb\xbf \t\r\n")
    check_no_entities(unpacked, url)
    if (tags := unpacked.count(b"<")) > limits.max_sitemap_tags:
        raise RejectArticle("too_many_tags", f"{url}: {tags:,} tags; at most {limits.max_sitemap_tags:,} are parsed")
    if not unpacked.startswith((b"<", b"\xff\xfe", b"\xfe\xff")):
        return Sitemap(links=_read_text_list(unpacked, url, source, limits))
    root = _root_name(unpacked, url)
    if root in ("rss", "feed", "RDF"):
        return Sitemap(links=read_feed(unpacked, url=url, source=source, limits=limits))
    rows = _read_rows(unpacked, url)
    if root == "sitemapindex":
        return Sitemap(children=_newest_children(rows, url, source, limits, since))
    if root == "urlset":
        return Sitemap(links=_newest_links(rows, url, source, limits, since))
    raise RejectArticle("not_a_sitemap", f"{url}: is a <{root}>, no sitemap; perhaps it has moved")


def _unpack_gzip(body: bytes, url: str, most: int) -> bytes:
    if len(body) > most:
        raise RejectArticle("too_large", f"{url}: {len(body):,} bytes; at most {most:,} are read")
    if not body.startswith(_GZIP):
        return body
    try:
        unpacked = zlib.decompressobj(zlib.MAX_WBITS | 16).decompress(body, most + 1)
    except zlib.error as error:
        raise RejectArticle("malformed_sitemap", f"{url}: is no whole gzip file: {error}") from error
    if len(unpacked) > most:
        raise RejectArticle("too_large", f"{url}: unpacks to more than {most:,} bytes")
    return unpacked


def _read_text_list(body: bytes, url: str, source: Source, limits: LinkLimits) -> tuple[Link, ...]:
    """Links of a text sitemap, which has one URL on each line."""
    lines = (canonical_link(line.decode("utf-8", "replace")) for line in body.splitlines())
    links = (Link(url=link, source=source.id, found_in=url) for link in lines if link)
    found = keep_links(links, source=source, most=limits.max_links)
    if not found:
        raise RejectArticle("not_a_sitemap", f"{url}: is neither XML nor a list of this outlet's URLs")
    return found


def _root_name(body: bytes, url: str) -> str:
    try:
        return next((_local_name(element) for _, element in _parse_events(body, "start")), "")
    except XMLSyntaxError as error:
        raise RejectArticle("malformed_sitemap", f"{url}: {error}") from error


def _parse_events(body: bytes, event: str) -> Iterator[tuple[str, _Element]]:
    events: Iterator[tuple[str, _Element]] = iterparse(
        BytesIO(body),
        events=(event,),
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    return events


def _read_rows(body: bytes, url: str) -> Iterator[_Cells]:
    """The cells of each ``<url>`` or ``<sitemap>``; a document that breaks gives those before the break."""
    cells: _Cells = {}
    given = 0
    try:
        for _, element in _parse_events(body, "end"):
            name = _local_name(element)
            if _is_read(name, element):
                cells.setdefault(name, _strip_cdata(element.text or ""))
            elif name in ("url", "sitemap"):
                given += 1
                yield cells
                cells = {}
            _free_element(element)
    except XMLSyntaxError as error:
        if not given:
            raise RejectArticle("malformed_sitemap", f"{url}: {error}") from error


def _strip_cdata(text: str) -> str:
    """The text of a cell; Tuổi Trẻ escapes the marks of its CDATA sections, so that they become text."""
    return text.strip().removeprefix("<![CDATA[").removesuffix("]]>").strip()


def _is_read(name: str, element: _Element) -> bool:
    parent = element.getparent()
    return name in _OWNERS and parent is not None and _local_name(parent) in _OWNERS[name]


def _local_name(element: _Element) -> str:
    """The name without its namespace, which outlets get wrong in many ways."""
    return str(element.tag).rpartition("}")[2]


def _free_element(element: _Element) -> None:
    """Free what has been read, so that the tree does not grow."""
    element.clear()
    while element.getprevious() is not None:
        del element.getparent()[0]


def _newest_links(
    rows: Iterator[_Cells], url: str, source: Source, limits: LinkLimits, since: datetime | None
) -> tuple[Link, ...]:
    dated = ((_row_date(cells, source), cells) for cells in rows if is_allowed(cells.get("loc", ""), source))
    fresh = ((moment, cells) for moment, cells in dated if not (moment and since and moment < since))
    # A sitemap may give an article twice, so more are kept than asked for.
    newest = nlargest(2 * limits.max_links, fresh, key=lambda pair: pair[0] or _LONG_AGO)
    links = (link for _, cells in newest if (link := _to_link(cells, url, source)))
    return keep_links(links, source=source, most=limits.max_links)


def _row_date(cells: _Cells, source: Source) -> datetime | None:
    return _read_date(cells, "publication_date", source) or _read_date(cells, "lastmod", source)


def _to_link(cells: _Cells, url: str, source: Source) -> Link | None:
    canonical = canonical_link(cells["loc"])
    if canonical is None:
        return None
    return Link(
        url=canonical,
        title=plain_title(cells.get("title", "")),
        published_at=_read_date(cells, "publication_date", source),
        language=stated_language(cells.get("language", "")),
        source=source.id,
        found_in=url,
    )


def _newest_children(
    rows: Iterator[_Cells], url: str, source: Source, limits: LinkLimits, since: datetime | None
) -> tuple[str, ...]:
    found: dict[str, tuple[datetime, bool, tuple[int, ...]]] = {}
    for cells in rows:
        address, changed = cells.get("loc", ""), _read_date(cells, "lastmod", source)
        wanted = address.startswith(("https://", "http://")) and address != url and is_allowed(address, source)
        if wanted and not (since and changed and changed < since):
            numbers = tuple(map(int, re.findall(r"\d{1,18}", address)))
            found[address] = (changed or _LONG_AGO, not numbers, numbers)
    return tuple(nlargest(limits.max_children, found, key=found.__getitem__))


def _read_date(cells: _Cells, key: str, source: Source) -> datetime | None:
    return read_feed_date(cells.get(key, ""), zone=ZoneInfo(source.timezone), date_order=source.date_order)
