"""What a page says about itself in JSON-LD: the article it is about, told apart from the others it names."""

import html
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from lxml.html import HtmlElement

from tasks.clean.characters import clean_line
from tasks.clean.headlines import same_headline
from tasks.clean.identity import canonical_link

__all__ = ["StructuredArticle", "find_structured_article"]

_SCRIPTS = "//script[contains(translate(@type, 'LDJSON', 'ldjson'), 'ld+json')]"
_MAX_CHARACTERS = 400_000
"""Of one script; live blogs have long ones, and longer ones are hostile."""
_MAX_SCRIPTS = 30
_MAX_NODES = 500
"""Objects that are looked at."""
_ARTICLE = re.compile(r"(?:article|(?:blog|liveblog|socialmedia|discussionforum)posting|^report)$")
_PAGE = re.compile(r"(?:web|item|about|profile|collection)page$")
_VIDEO = re.compile(r"^(?:video|audio)object$|^(?:tv|radio)?episode$")
_ABOUT_ITSELF = ("@graph", "mainEntity", "mainEntityOfPage")
"""Keys under which a page tells of itself; what is under any other (``video``, ``hasPart``, ``itemListElement``,
``liveBlogUpdate``) is another work."""
_TRAILING_COMMA = re.compile(r",(?=\s*[}\]])")
_OPENINGS = ("<!--", "//<![CDATA[", "// <![CDATA[", "/*<![CDATA[*/", "<![CDATA[")
_CLOSINGS = (";", "-->", "/*]]>*/", "]]>", "//")
"""What old systems put around scripts."""
_CONTROLS = re.compile(r"[\x00-\x1f]+")

_Node = Mapping[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class StructuredArticle:
    """What JSON-LD says of the page's own article."""

    headline: str
    """Empty if it says none."""
    published: tuple[str, ...]
    """Stated dates of publication, as printed, the likeliest first."""
    authors: tuple[str, ...]
    """People; organisations are in ``publishers``."""
    publishers: tuple[str, ...]
    """Names of organisations that wrote or publish it."""


def find_structured_article(tree: HtmlElement, *, headlines: Iterable[str], url: str | None) -> StructuredArticle:
    """Find what a page's JSON-LD says of the page's own article.

    Args:
        tree: The page.
        headlines: What else the page calls itself: its ``h1``, ``og:title`` and ``title``.
        url: Its canonical URL, if known.

    Returns:
        An empty answer where nothing is said, or where what is said is about other articles, videos or posts.
    """
    nodes = list(_list_nodes(tree))
    own = _find_own(nodes, tuple(headlines), url)
    if own is None:
        return StructuredArticle(headline="", published=(), authors=(), publishers=_list_publishers(nodes))
    return StructuredArticle(
        headline=_read_text(own, "headline") or _read_text(own, "name"),
        published=tuple(_list_dates(own)),
        authors=tuple(_list_people(own)),
        publishers=_list_publishers(nodes),
    )


def _list_nodes(tree: HtmlElement) -> Iterator[_Node]:
    """Yield the objects in which the page tells of itself, in order; at most so many."""
    count = 0
    for script in tree.xpath(_SCRIPTS)[:_MAX_SCRIPTS]:
        pending = [_parse_script(script.text or "")]
        while pending and count < _MAX_NODES:
            value = pending.pop(0)
            if isinstance(value, list):
                pending[:0] = value[:_MAX_NODES]
            elif isinstance(value, dict):
                count += 1
                yield value
                pending += [value[key] for key in _ABOUT_ITSELF if isinstance(value.get(key), dict | list)]


def _parse_script(text: str) -> object:
    """Return the value of a script; None if it is no JSON even after what publishers get wrong is mended."""
    text = text[: _MAX_CHARACTERS + 1]
    if len(text) > _MAX_CHARACTERS:
        return None
    unwrapped = _unwrap_script(text)
    one_line = _CONTROLS.sub(" ", unwrapped)
    for attempt in (unwrapped, one_line, _TRAILING_COMMA.sub("", one_line), html.unescape(one_line)):
        try:
            return json.loads(attempt)
        except (ValueError, RecursionError):
            continue
    return None


def _unwrap_script(text: str) -> str:
    """Return a script without the marks of comments around it."""
    bare = text.strip()
    for opening in _OPENINGS:
        bare = bare.removeprefix(opening).lstrip()
    for closing in _CLOSINGS:
        bare = bare.removesuffix(closing).rstrip()
    return bare


def _find_own(nodes: list[_Node], headlines: tuple[str, ...], url: str | None) -> _Node | None:
    """Return the object of the page's own article, or of its film if it has no article."""
    for kind in (_ARTICLE, _PAGE):
        found = [node for node in nodes if _is_of_kind(node, kind)]
        own = _choose_own(found, headlines, url)
        if own is not None:
            return own
    films = [node for node in nodes if _is_of_kind(node, _VIDEO) and _has_headline(node, headlines)]
    return films[0] if len(films) == 1 else None


def _choose_own(found: list[_Node], headlines: tuple[str, ...], url: str | None) -> _Node | None:
    """Return the object with the page's address, else with its headline, else the only one if it may be the page's."""
    for node in found:
        if _has_url(node, url):
            return node
    for node in found:
        if _has_headline(node, headlines):
            return node
    is_only = len(found) == 1 and not _belongs_elsewhere(found[0], url)
    return found[0] if is_only else None


def _is_of_kind(node: _Node, kind: re.Pattern[str]) -> bool:
    types = node.get("@type")
    names = types if isinstance(types, list) else [types]
    return any(isinstance(name, str) and kind.search(name.lower().rpartition("/")[2]) for name in names)


def _has_url(node: _Node, url: str | None) -> bool:
    return url is not None and url in _list_urls(node)


def _belongs_elsewhere(node: _Node, url: str | None) -> bool:
    """Return True if the object names an address, and no address that could be this page's."""
    urls = _list_urls(node)
    return url is not None and bool(urls) and url not in urls and not any(_is_front(one) for one in urls)


def _is_front(url: str) -> bool:
    """Return True for a front page: many systems state it instead of the article's address."""
    return url.rstrip("/").count("/") <= 2


def _list_urls(node: _Node) -> list[str]:
    page = node.get("mainEntityOfPage")
    stated = [node.get("url"), node.get("@id"), page, *(page.values() if isinstance(page, dict) else ())]
    links = (canonical_link(one) for one in stated if isinstance(one, str) and one.startswith("http"))
    return [link for link in links if link]


def _has_headline(node: _Node, headlines: tuple[str, ...]) -> bool:
    names = [name for key in ("headline", "name", "alternativeHeadline") if (name := _read_text(node, key))]
    return any(same_headline(name, headline) for name in names for headline in headlines)


def _list_dates(node: _Node) -> Iterator[str]:
    keys = ("datePublished", "uploadDate", "dateCreated") if _is_of_kind(node, _VIDEO) else ("datePublished",)
    for key in keys:
        value = node.get(key)
        values = value if isinstance(value, list) else [value]
        plain = (one.get("@value") if isinstance(one, dict) else one for one in values)
        yield from (str(one).strip() for one in plain if isinstance(one, str | int))


def _list_people(node: _Node) -> Iterator[str]:
    for author in _list_agents(node, ("author", "creator")):
        if isinstance(author, str):
            yield clean_line(author)
        elif not _is_organisation(author):
            yield _read_text(author, "name")


def _list_publishers(nodes: Iterable[_Node]) -> tuple[str, ...]:
    """Return the names of organisations, each once."""
    names: dict[str, None] = {}
    for node in nodes:
        agents = _list_agents(node, ("publisher", "author", "creator", "sourceOrganization"))
        organisations = [agent for agent in agents if isinstance(agent, dict) and _is_organisation(agent)]
        for organisation in [node, *organisations]:
            if _is_organisation(organisation) and (name := _read_text(organisation, "name")):
                names[name] = None
    return tuple(names)


def _list_agents(node: _Node, keys: Iterable[str]) -> Iterator[str | _Node]:
    for key in keys:
        value = node.get(key)
        for one in value if isinstance(value, list) else [value]:
            if isinstance(one, str | dict):
                yield one


def _is_organisation(node: _Node) -> bool:
    types = node.get("@type")
    names = types if isinstance(types, list) else [types]
    return any(isinstance(name, str) and re.search(r"organi[sz]ation$|^website$", name.lower()) for name in names)


def _read_text(node: _Node, key: str) -> str:
    value = node.get(key)
    return clean_line(html.unescape(value)) if isinstance(value, str) else ""
