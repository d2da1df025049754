"""Sitemaps (sitemaps.org), indexes of them, and news sitemaps: bytes to links. No sockets here."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from heapq import nlargest
from io import BytesIO
from itertools import islice
from urllib.parse import urljoin
from zoneinfo import ZoneInfo

from lxml.etree import XMLSyntaxError, _Element, iterparse

from schemas.errors import RejectArticle
from schemas.links import DropReason, Link, LinkList
from schemas.settings import LinkLimits
from schemas.sources import Source
from tasks.clean.feed_dates import read_feed_date
from tasks.clean.identity import canonical_link
from tasks.read.inflate import inflate, is_gzip
from tasks.read.links.feeds import check_no_entities, plain_title, read_feed, stated_language
from tasks.read.links.selection import select_links
from tasks.read.sources.catalogue import is_allowed

__all__ = ["read_sitemap"]

_CLOSED = re.compile(rb"</(?:[\w.-]+:)?(?:url|sitemap)\s*>")
"""Ends an entry."""
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
_Dated = tuple[datetime | None, _Cells]


def read_sitemap(
    body: bytes, *, url: str, source: Source, limits: LinkLimits, since: datetime | None = None
) -> LinkList:
    """Read a sitemap, a news sitemap, an index of sitemaps, a list of URLs or a feed, packed with gzip or not.

    Args:
        body: As fetched.
        url: Its address; relative addresses in it are relative to that.
        source: Whose it is; links and sitemaps on other hosts are dropped.
        limits: What it may cost, and how many links and sitemaps are taken.
        since: Leave out what says that it is older; what says nothing stays.

    Returns:
        Links with the newest first, by publication or else by last change; ``published_at`` is what
        a news sitemap gives, never the date of a change. Of an index the further sitemaps, newest
        first by last change or else by the numbers in their names (``news-2026-7.xml``), those
        without numbers before the others. ``damage`` says where a document is not well-formed: it
        is read as far as it can be repaired.

    Raises:
        RejectArticle: ``not_a_sitemap``, ``malformed_sitemap`` for one of which no entry can be
            read, ``unsafe_xml``, ``too_large``, ``too_many_tags``; for feeds see
            :func:`~tasks.read.links.feeds.read_feed`.
    """
    unpacked = _unpack(body, url, limits.max_sitemap_bytes).lstrip(b"\xef\xbb\xbf \t\r\n")
    check_no_entities(unpacked, url)
    if (tags := unpacked.count(b"<")) > limits.max_sitemap_tags:
        raise RejectArticle("too_many_tags", f"{url}: {tags:,} tags; at most {limits.max_sitemap_tags:,} are parsed")
    if not unpacked.startswith((b"<", b"\xff\xfe", b"\xfe\xff")):
        return _read_text_list(unpacked, url, source, limits)
    root = _root_name(unpacked)
    if root in ("rss", "feed", "RDF"):
        return read_feed(unpacked, url=url, source=source, limits=limits)
    if not root:
        raise RejectArticle("malformed_sitemap", f"{url}: has no XML element that could be read")
    if root not in ("sitemapindex", "urlset"):
        raise RejectArticle("not_a_sitemap", f"{url}: is a <{root}>, not a sitemap; perhaps it has moved")
    rows, damage = _read_all_rows(unpacked)
    find = _newest_children if root == "sitemapindex" else _newest_links
    found = find(rows, url, source, limits, since)
    if damage and not (found.links or found.children):
        raise RejectArticle("malformed_sitemap", f"{url}: {damage}")
    return replace(found, damage=damage)


def _unpack(body: bytes, url: str, most: int) -> bytes:
    """Unpack a gzip file; the beginning of one that is cut off."""
    if len(body) > most:
        raise RejectArticle("too_large", f"{url}: {len(body):,} bytes; at most {most:,} are read")
    if not is_gzip(body):
        return body
    try:
        unpacked = inflate(body, most, must_be_whole=False)
    except RejectArticle as error:
        raise RejectArticle("malformed_sitemap", f"{url}: {error}") from error
    if len(unpacked) > most:
        raise RejectArticle("too_large", f"{url}: unpacks to more than {most:,} bytes")
    return unpacked


def _read_text_list(body: bytes, url: str, source: Source, limits: LinkLimits) -> LinkList:
    """Read a text sitemap, which has one URL on each line."""
    lines = (line.decode("utf-8", "replace").strip() for line in body.splitlines())
    addresses = (canonical_link(line) for line in lines if line)
    links = (address and Link(url=address, source=source.id, found_in=url) for address in addresses)
    found = select_links((link or None for link in links), source=source, most=limits.max_links)
    if not found.links:
        raise RejectArticle("not_a_sitemap", f"{url}: is neither XML nor a list of this outlet's URLs")
    return found


def _root_name(body: bytes) -> str:
    """Return the name of the outermost element; empty if there is none."""
    try:
        return next((_local_name(element) for _, element in _parse_events(body, "start", repair=True)), "")
    except XMLSyntaxError:
        return ""


def _parse_events(body: bytes, event: str, *, repair: bool) -> Iterator[tuple[str, _Element]]:
    events: Iterator[tuple[str, _Element]] = iterparse(
        BytesIO(body),
        events=(event,),
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
        recover=repair,
    )
    return events


def _read_all_rows(body: bytes) -> tuple[Iterable[_Cells], str | None]:
    """Return the cells of each entry, and what is wrong with a document that had to be repaired.

    A bare ampersand or an entity that is not declared costs its own characters, not the entries
    behind it. Of a document that is cut off the last entry is left out: its address may be cut as
    well.
    """
    damage = _find_damage(body)
    if damage is None:
        return _read_rows(body, repair=False), None
    whole = len(_CLOSED.findall(body))
    return islice(_read_rows(body, repair=True), whole), f"is not well-formed XML ({damage})"


def _find_damage(body: bytes) -> str | None:
    """Return where a document is not well-formed, in the parser's words; None for a sound one."""
    try:
        for _, element in _parse_events(body, "end", repair=False):
            _free_element(element)
    except XMLSyntaxError as error:
        return str(error)
    return None


def _read_rows(body: bytes, *, repair: bool) -> Iterator[_Cells]:
    """Give the cells of each ``<url>`` or ``<sitemap>``.

    A repaired document is read up to where the parser gives up.
    """
    cells: _Cells = {}
    try:
        for _, element in _parse_events(body, "end", repair=repair):
            name = _local_name(element)
            if _is_read(name, element):
                cells.setdefault(name, _strip_cdata(element.text or ""))
            elif name in ("url", "sitemap"):
                yield cells
                cells = {}
            _free_element(element)
    except XMLSyntaxError:
        if not repair:
            raise


def _strip_cdata(text: str) -> str:
    """Return the text of a cell.

    Tuổi Trẻ escapes the marks of its CDATA sections, so that they become text.
    """
    return text.strip().removeprefix("<![CDATA[").removesuffix("]]>").strip()


def _is_read(name: str, element: _Element) -> bool:
    parent = element.getparent()
    return name in _OWNERS and parent is not None and _local_name(parent) in _OWNERS[name]


def _local_name(element: _Element) -> str:
    """Return the name without its namespace, which outlets get wrong in many ways."""
    return str(element.tag).rpartition("}")[2]


def _free_element(element: _Element) -> None:
    """Free what has been read, so that the tree does not grow."""
    element.clear()
    while element.getprevious() is not None:
        del element.getparent()[0]


def _newest_links(
    rows: Iterable[_Cells], url: str, source: Source, limits: LinkLimits, since: datetime | None
) -> LinkList:
    dropped: Counter[DropReason] = Counter()
    fresh = _fresh_rows(rows, url, source, since, dropped)
    # A sitemap may give an article twice, so more are kept than asked for.
    most = 2 * limits.max_links
    newest = nlargest(most, _count(fresh, dropped), key=lambda pair: pair[0] or _LONG_AGO)
    dropped["over_limit"] -= len(newest)
    links = (_to_link(cells, url, source) for _, cells in newest)
    return select_links(links, source=source, most=limits.max_links, dropped=dropped)


def _fresh_rows(
    rows: Iterable[_Cells], url: str, source: Source, since: datetime | None, dropped: Counter[DropReason]
) -> Iterator[_Dated]:
    """Give the rows that lead to the source and are not too old, with their dates.

    Count the others.
    """
    for cells in rows:
        moment = _row_date(cells, source)
        reason = _reason_to_drop(_absolute_address(cells, url), source)
        if reason:
            dropped[reason] += 1
        elif not _is_too_old(moment, since, dropped):
            yield moment, cells


def _count(rows: Iterable[_Dated], dropped: Counter[DropReason]) -> Iterator[_Dated]:
    """Give the rows on, and count each as one too many; whoever takes some subtracts them."""
    for row in rows:
        dropped["over_limit"] += 1
        yield row


def _is_too_old(moment: datetime | None, since: datetime | None, dropped: Counter[DropReason]) -> bool:
    is_old = bool(moment and since and moment < since)
    dropped["too_old"] += is_old
    return is_old


def _row_date(cells: _Cells, source: Source) -> datetime | None:
    return _read_date(cells, "publication_date", source) or _read_date(cells, "lastmod", source)


def _to_link(cells: _Cells, url: str, source: Source) -> Link | None:
    canonical = canonical_link(cells.get("loc"), url)
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
    rows: Iterable[_Cells], url: str, source: Source, limits: LinkLimits, since: datetime | None
) -> LinkList:
    found: dict[str, tuple[datetime, bool, tuple[int, ...]]] = {}
    dropped: Counter[DropReason] = Counter()
    for cells in rows:
        address, changed = _absolute_address(cells, url), _read_date(cells, "lastmod", source)
        is_repeated = address == url or address in found
        reason: DropReason | None = "repeated" if is_repeated else _reason_to_drop(address, source)
        if reason:
            dropped[reason] += 1
        elif not _is_too_old(changed, since, dropped):
            numbers = tuple(map(int, re.findall(r"\d{1,18}", address)))
            found[address] = (changed or _LONG_AGO, not numbers, numbers)
    newest = nlargest(limits.max_children, found, key=found.__getitem__)
    dropped["over_limit"] = len(found) - len(newest)
    return LinkList(children=tuple(newest), dropped=tuple(sorted((+dropped).items())))


def _absolute_address(cells: _Cells, url: str) -> str:
    """Return the address that an entry names.

    The address is empty if there is none, or none that is http or https.
    """
    stated = cells.get("loc", "")
    try:
        address = urljoin(url, stated) if stated else ""
    except ValueError:  # "http://["
        return ""
    return address if address.startswith(("https://", "http://")) else ""


def _reason_to_drop(address: str, source: Source) -> DropReason | None:
    if not address:
        return "no_address"
    return None if is_allowed(address, source) else "elsewhere"


def _read_date(cells: _Cells, key: str, source: Source) -> datetime | None:
    return read_feed_date(cells.get(key, ""), zone=ZoneInfo(source.timezone), date_order=source.date_order)
