"""Lists of stories in the forms that newspapers give them, good and bad."""

import gzip
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from email.utils import format_datetime
from functools import cache
from html import escape

from outlet.faults import FAULTS
from outlet.replies import Reply, page
from outlet.stories import Story, story

Link = Callable[[str], str]
"""Makes a path of the newspaper a URL."""
_RSS = "application/rss+xml; charset=utf-8"
_XML = "application/xml; charset=utf-8"
_HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'


def rss(stories: Iterable[Story], link: Link) -> Reply:
    items = "".join(_item(story, link(story.path)) for story in stories)
    return page(f'{_HEAD}<rss version="2.0"><channel><title>Báo mẫu</title>{items}</channel></rss>', _RSS)


def _item(story: Story, url: str) -> str:
    return (
        f"<item><title>{escape(story.title)}</title><link>{escape(url)}</link><guid>{escape(url)}</guid>"
        f"<pubDate>{format_datetime(story.published_at)}</pubDate></item>\n"
    )


def atom(stories: Sequence[Story], link: Link) -> Reply:
    entries = "".join(
        f'<entry><title>{escape(story.title)}</title><link href="{escape(link(story.path))}"/>'
        f"<id>{escape(link(story.path))}</id><updated>{story.published_at.isoformat()}</updated></entry>\n"
        for story in stories
    )
    feed = f'{_HEAD}<feed xmlns="http://www.w3.org/2005/Atom"><title>Báo mẫu</title>{entries}</feed>'
    return page(feed, "application/atom+xml; charset=utf-8")


def sitemap(stories: Iterable[Story], link: Link) -> Reply:
    urls = "".join(
        f"<url><loc>{escape(link(story.path))}</loc><news:news><news:publication><news:name>Báo mẫu</news:name>"
        f"<news:language>vi</news:language></news:publication><news:title>{escape(story.title)}</news:title>"
        f"<news:publication_date>{story.published_at.isoformat()}</news:publication_date></news:news></url>\n"
        for story in stories
    )
    spaces = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"'
    return page(f"{_HEAD}<urlset {spaces}>{urls}</urlset>", _XML)


def sitemap_file(stories: Iterable[Story], link: Link) -> Reply:
    body = sitemap(stories, link).body
    assert isinstance(body, bytes)
    return page(gzip.compress(body), "application/x-gzip")


def sitemap_index(stories: Iterable[Story], link: Link) -> Reply:
    places = "".join(f"<sitemap><loc>{link(path)}</loc></sitemap>" for path in ("/sitemap.xml", "/sitemap.xml.gz"))
    return page(
        f'{_HEAD}<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{places}</sitemapindex>', _XML
    )


def malformed(stories: Iterable[Story], link: Link) -> Reply:
    """Ends in the middle of an item, with an ampersand left bare."""
    body = rss(stories, link).body
    assert isinstance(body, bytes)
    return page(body.replace(b"<title>", b"<title>Tin & ")[: -len(body) // 4], _RSS)


def entity_bomb(stories: Iterable[Story], link: Link) -> Reply:
    """A billion laughs: nine entities, each ten times the one before."""
    entities = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 10))
    items = f"<item><title>&e9;</title><link>{link('/tin/bai-0.html')}</link></item>"
    doctype = f'<!DOCTYPE rss [<!ENTITY e0 "ha">{entities}]>'
    return page(f'{_HEAD}{doctype}<rss version="2.0"><channel>{items}</channel></rss>', _RSS)


def outside_entity(stories: Iterable[Story], link: Link) -> Reply:
    """Asks its reader to paste in a file of its own machine."""
    items = "<item><title>&file;</title><link>http://o.test/</link></item>"
    doctype = '<!DOCTYPE rss [<!ENTITY file SYSTEM "file:///etc/hostname">]>'
    return page(f'{_HEAD}{doctype}<rss version="2.0"><channel>{items}</channel></rss>', _RSS)


def ten_thousand(stories: Iterable[Story], link: Link) -> Reply:
    """Only those that exist lead anywhere."""
    return page(_ten_thousand(link("")), _RSS)


@cache
def _ten_thousand(base: str) -> bytes:
    body = rss((story(number, "o.test") for number in range(10_000)), lambda path: base + path).body
    assert isinstance(body, bytes)
    return body


def tracking(stories: Iterable[Story], link: Link) -> Reply:
    """Every story four times, as campaigns, anchors and trackers link to it."""
    tails = ("", "?utm_source=rss&utm_medium=feed", "?fbclid=abc123", "#box_comment")
    items = "".join(_item(story, link(story.path) + tail) for story in stories for tail in tails)
    return page(f'{_HEAD}<rss version="2.0"><channel>{items}</channel></rss>', _RSS)


def inward(stories: Iterable[Story], link: Link) -> Reply:
    """Links that lead where no link should: into the reader's own network, and to no web at all."""
    links = (
        "http://127.0.0.1/tin",
        "http://169.254.169.254/latest/meta-data/",
        "http://2130706433/",
        "file:///etc/passwd",
    )
    items = "".join(f"<item><title>Tin</title><link>{link}</link></item>" for link in links)
    return page(f'{_HEAD}<rss version="2.0"><channel>{items}</channel></rss>', _RSS)


def future(stories: Iterable[Story], link: Link) -> Reply:
    items = f"<item><title>Tin ngày mai</title><link>{link('/tin/tuong-lai.html')}</link></item>"
    return page(f'{_HEAD}<rss version="2.0"><channel>{items}</channel></rss>', _RSS)


def faults(stories: Iterable[Story], link: Link) -> Reply:
    """A link to everything that goes wrong."""
    items = "".join(f"<item><title>{name}</title><link>{link(f'/fault/{name}')}</link></item>" for name in FAULTS)
    return page(f'{_HEAD}<rss version="2.0"><channel>{items}</channel></rss>', _RSS)


def as_html(stories: Iterable[Story], link: Link) -> Reply:
    """A sound feed under the name of a page."""
    return replace(rss(stories, link), headers={"Content-Type": "text/html; charset=utf-8"})


def bare_ampersands(stories: Iterable[Story], link: Link) -> Reply:
    """A sitemap whose addresses have queries that nobody has escaped."""
    urls = "".join(f"<url><loc>{link(story.path)}?a=1&b=2</loc></url>\n" for story in stories)
    return page(f"{_HEAD}<urlset>{urls}</urlset>", _XML)


def relative_sitemap(stories: Iterable[Story], link: Link) -> Reply:
    urls = "".join(f"<url><loc>{story.path}</loc></url>\n" for story in stories)
    return page(f"{_HEAD}<urlset>{urls}</urlset>", "text/plain")


def index_of_indexes(stories: Iterable[Story], link: Link) -> Reply:
    """Leads to the index, with a relative address, and back to itself."""
    places = "".join(f"<sitemap><loc>{path}</loc></sitemap>" for path in ("/sitemap-index.xml", "/sitemap-indexes.xml"))
    return page(f"{_HEAD}<sitemapindex>{places}</sitemapindex>", "application/octet-stream")


def slow_author(stories: Iterable[Story], link: Link) -> Reply:
    """Keeps feedparser busy for about a minute with one author."""
    items = f"<item><title>Tin</title><link>{link('/tin/bai-0.html')}</link><author>{'a.' * 50_000}</author></item>"
    return page(f'{_HEAD}<rss version="2.0"><channel>{items}</channel></rss>', _RSS)


FEEDS = {
    "/feed.xml": rss,
    "/atom.xml": atom,
    "/feed-all.xml": rss,
    "/sitemap.xml": sitemap,
    "/sitemap.xml.gz": sitemap_file,
    "/sitemap-index.xml": sitemap_index,
    "/sitemap-indexes.xml": index_of_indexes,
    "/sitemap-relative.xml": relative_sitemap,
    "/feed-as-html.xml": as_html,
}
BAD_FEEDS = {
    "/feed-malformed.xml": malformed,
    "/feed-entity-bomb.xml": entity_bomb,
    "/feed-outside-entity.xml": outside_entity,
    "/feed-10000.xml": ten_thousand,
    "/feed-tracking.xml": tracking,
    "/feed-inward.xml": inward,
    "/feed-future.xml": future,
    "/feed-faults.xml": faults,
    "/feed-slow-author.xml": slow_author,
    "/sitemap-ampersands.xml": bare_ampersands,
}
WHOLE = {"/feed-all.xml"}
"""Holds every story, not the newest alone."""
