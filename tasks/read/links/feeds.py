"""RSS and Atom feeds: bytes to links.

Nothing here opens a socket: feedparser gets bytes, never an address.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from io import BytesIO
from xml.sax import SAXException
from zoneinfo import ZoneInfo

import feedparser
from lxml.etree import ParserError
from lxml.html import fragment_fromstring

from schemas.errors import RejectArticle
from schemas.links import Link, LinkList
from schemas.settings import LinkLimits
from schemas.sources import Source
from tasks.clean.characters import clean_line
from tasks.clean.feed_dates import read_feed_date
from tasks.clean.identity import canonical_link
from tasks.read.links.selection import select_links

__all__ = ["check_no_entities", "plain_title", "read_feed", "stated_language"]

_MAX_TITLE = 1_000
_HTML = re.compile(
    rb"(?:\xef\xbb\xbf|\s|<\?xml[^>]*>|(?><!--.*?-->))*+<(?:!doctype\s+html|html|head|body|script)\b", re.I | re.S
)
_LANGUAGE = re.compile(r"([A-Za-z]{2})(?:[-_].*)?")


def read_feed(body: bytes, *, url: str, source: Source, limits: LinkLimits) -> LinkList:
    """Read a feed: RSS 0.9x, 1.0, 2.0 or Atom.

    Args:
        body: As fetched, unpacked.
        url: Address of the feed; relative links are relative to it unless the feed says otherwise.
        source: Whose feed it is; links to other hosts are dropped.
        limits: What a feed may cost, and how many links are taken.

    Returns:
        Links in the order of the feed, each article once; none for a feed without entries.
        ``damage`` says where a feed is not well-formed: what stands before and mostly also behind
        that place was read.

    Raises:
        RejectArticle: ``not_a_feed`` for HTML and whatever else is no feed, ``malformed_feed`` for
            one that breaks before its first entry, ``unsafe_xml`` for one that defines entities,
            ``too_large``, ``too_many_tags``, ``no_links`` where entries link to other hosts only,
            or to nothing.
    """
    _check_bounds(body, url, limits)
    parsed = _parse_feed(body, url)
    if not parsed.entries:
        _explain_emptiness(body, url, parsed)
        return LinkList()
    found = select_links(_read_entries(parsed, url, source), source=source, most=limits.max_links)
    if not found.links:
        hosts = ", ".join(source.hosts)
        raise RejectArticle("no_links", f"{url}: none of {len(parsed.entries):,} entries links to {hosts}")
    return replace(found, damage=_describe_damage(parsed))


def check_no_entities(body: bytes, url: str) -> None:
    """See that a document defines no XML entities: news needs none, and those who want to exhaust a parser do.

    Raises:
        RejectArticle: ``unsafe_xml``.
    """
    if b"<!ENTITY" in body.replace(b"\0", b"").upper():  # without NULs UTF-16 and UTF-32 read like ASCII
        raise RejectArticle("unsafe_xml", f"{url}: defines XML entities, which no feed needs")


def plain_title(text: str) -> str | None:
    """Return a title as plain text on one line.

    Markup and references that a feed has escaped twice are undone.
    """
    title = text[:_MAX_TITLE]
    if "<" in title or "&" in title:
        try:
            title = "".join(fragment_fromstring(title, create_parent="p").itertext())
        except (ParserError, ValueError):  # nothing but a comment; a control character
            title = ""
    return clean_line(title) or None


def stated_language(text: str) -> str | None:
    """Return the ISO 639-1 code of a language tag such as ``vi-VN``; None if it is not a tag."""
    match = _LANGUAGE.fullmatch(text.strip())
    return match.group(1).lower() if match else None


def _check_bounds(body: bytes, url: str, limits: LinkLimits) -> None:
    if len(body) > limits.max_feed_bytes:
        raise RejectArticle("too_large", f"{url}: {len(body):,} bytes; at most {limits.max_feed_bytes:,} are read")
    if (tags := body.count(b"<")) > limits.max_feed_tags:
        raise RejectArticle("too_many_tags", f"{url}: {tags:,} tags; at most {limits.max_feed_tags:,} are parsed")
    if not body.strip():
        raise RejectArticle("not_a_feed", f"{url}: is empty")
    if _HTML.match(body[:10_000]):
        raise RejectArticle(
            "not_a_feed", f"{url}: is an HTML page; perhaps the feed has moved, or a robot is not welcome"
        )
    check_no_entities(body, url)


def _parse_feed(body: bytes, url: str) -> feedparser.FeedParserDict:
    try:
        return feedparser.parse(
            BytesIO(body),
            response_headers={"content-location": url, "content-type": "application/xml"},
            sanitize_html=False,  # nothing of a feed is shown; titles are made plain
            resolve_relative_uris=False,  # those in descriptions; links are resolved all the same
        )
    except Exception as error:  # whatever a feed can make a parser do
        raise RejectArticle("malformed_feed", f"{url}: {type(error).__name__}: {error}") from error


def _explain_emptiness(body: bytes, url: str, parsed: feedparser.FeedParserDict) -> None:
    if not parsed.version:
        kind = "XML, but no feed" if body.lstrip().startswith(b"<") else "no XML"
        raise RejectArticle("not_a_feed", f"{url}: is {kind}")
    if parsed.bozo:
        raise RejectArticle("malformed_feed", f"{url}: breaks before its first entry: {parsed.bozo_exception}")


def _describe_damage(parsed: feedparser.FeedParserDict) -> str | None:
    """Return what is not well-formed.

    A wrong label of type or encoding is not damage: nothing is lost by it.
    """
    error = parsed.get("bozo_exception")
    return f"is not well-formed XML ({error})" if isinstance(error, SAXException) else None


def _read_entries(parsed: feedparser.FeedParserDict, url: str, source: Source) -> Iterator[Link | None]:
    """Give the link of each entry; None for an entry without an address."""
    language = stated_language(str(parsed.feed.get("language", "")))
    zone = ZoneInfo(source.timezone)
    for entry in parsed.entries:
        canonical = _address_of(entry, url)
        date = _stated_date(entry, parsed.version)
        if canonical is None:
            yield None
            continue
        yield Link(
            url=canonical,
            title=plain_title(_text_of(entry, "title")),
            published_at=read_feed_date(date, zone=zone, date_order=source.date_order),
            language=language,
            source=source.id,
            found_in=url,
        )


def _address_of(entry: Mapping[str, object], url: str) -> str | None:
    """Return the canonical link of an entry.

    An entry without a link goes by its id if that is an address.
    """
    link = _text_of(entry, "link")
    named = _text_of(entry, "id")
    return canonical_link(link, url) or (canonical_link(named) if named.startswith(("http://", "https://")) else None)


def _stated_date(entry: Mapping[str, object], version: str) -> str:
    """Return what the entry says of its publication.

    Of RSS that may be ``dc:date``, which feedparser calls ``updated``.
    """
    return _text_of(entry, "published") or (_text_of(entry, "updated") if version.startswith("rss") else "")


def _text_of(entry: Mapping[str, object], key: str) -> str:
    value = entry.get(key)
    return value if isinstance(value, str) else ""
