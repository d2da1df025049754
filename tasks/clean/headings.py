"""What a page is called: its headline, without the names of the site and of its brand."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import islice
from urllib.parse import urlsplit

from lxml.html import HtmlElement

from schemas.articles import Page
from tasks.clean.characters import clean_line
from tasks.clean.headlines import headline_key, name_key, same_headline, without_site_name
from tasks.clean.page_parts import element_text

__all__ = ["PageTitle", "read_page_title"]

_STATED = (
    "//meta[@property='og:title']/@content",
    "//meta[@name='twitter:title' or @property='twitter:title']/@content",
    "/html/head/title/text() | //title/text()",
)
_SITES = (
    "//meta[@property='og:site_name']/@content",
    "//meta[@name='application-name' or @name='apple-mobile-web-app-title']/@content",
)
_MAX_HEADINGS = 20
_LEAST_WORDS = 3
"""A shorter heading is a logo or the name of a section."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PageTitle:
    """What a page is called."""

    text: str
    """The headline; empty if the page names none."""
    element: HtmlElement | None
    """The heading that shows it to readers, if there is one."""
    spellings: tuple[str, ...]
    """All that may be the headline, as printed."""
    site: str
    """What the site calls itself; empty if it does not say."""
    site_names: tuple[str, ...]
    """All names of the site, its host's among them."""

    def with_structured(self, headline: str, publishers: tuple[str, ...]) -> "PageTitle":
        """Return the title with what JSON-LD says: the headline where the page names no other, and the publishers."""
        names = (*self.site_names, *publishers)
        text = _choose_text([*self.spellings, headline], self.element, names)
        return replace(self, text=text, site_names=names, spellings=(*self.spellings, headline))


def read_page_title(tree: HtmlElement, page: Page) -> PageTitle:
    """Read what a page is called.

    Args:
        tree: The page.
        page: Its address and its outlet's name are names of the site as well.
    """
    stated = [text for path in _STATED for text in _read_all(tree, path)]
    sites = [text for path in _SITES for text in _read_all(tree, path)]
    names = tuple(dict.fromkeys([*sites, *_list_host_names(page)]))
    element = _find_heading(tree, stated)
    spellings = tuple(dict.fromkeys([*stated, *([element_text(element)] if element is not None else [])]))
    return PageTitle(
        text=_choose_text(spellings, element, names),
        element=element,
        spellings=spellings,
        site=sites[0] if sites else "",
        site_names=names,
    )


def _find_heading(tree: HtmlElement, stated: list[str]) -> HtmlElement | None:
    """Return the heading that the page's title repeats; else the first that could be a headline."""
    found = list(islice(tree.iter("h1", "h2"), _MAX_HEADINGS))
    texts = {element: element_text(element) for element in found}
    for title in stated:
        for element in found:
            if texts[element] and same_headline(texts[element], title):
                return element
    plausible = (one for one in found if one.tag == "h1" and texts[one].count(" ") >= _LEAST_WORDS - 1)
    return next(plausible, None)


def _choose_text(spellings: Iterable[str], element: HtmlElement | None, names: tuple[str, ...]) -> str:
    """Return the first spelling that is no name of the site, without such a name at its ends."""
    heading = element_text(element) if element is not None else ""
    keys = {name_key(name) for name in names}
    headings = [heading] if heading else []
    cut = [without_site_name(title, headings=headings, site_names=names) for title in spellings]
    found = [text for text in cut if headline_key(text) and name_key(text) not in keys]
    if not found:
        return heading if name_key(heading) not in keys else ""
    chosen = min((text for text in found if _is_opening(text, found[0])), key=len, default=found[0])
    return heading if headline_key(heading) == headline_key(chosen) else chosen


def _is_opening(text: str, longer: str) -> bool:
    """Return True if the longer title is the text and, behind a separator, the name of a section."""
    return longer.startswith(text) and same_headline(text, longer)


def _list_host_names(page: Page) -> Iterator[str]:
    """Yield the names of the page's outlet and host: ``baomau.example``, ``baomau``."""
    for outlet in (page.sidecar.outlet, page.hints.outlet if page.hints else None):
        if outlet:
            yield outlet
    try:
        host = (urlsplit(page.sidecar.url or "").hostname or "").removeprefix("www.")
    except ValueError:  # not an address at all
        return
    if host:
        yield host
        yield host.partition(".")[0]


def _read_all(tree: HtmlElement, path: str) -> Iterator[str]:
    yield from (text for found in tree.xpath(path) if (text := clean_line(str(found))))
