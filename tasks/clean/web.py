"""HTML pages: main text and metadata by trafilatura, and what the page's own markup calls its parts."""

import json
import logging
import re
from collections.abc import Iterator, Sequence
from copy import deepcopy
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import islice

from lxml.etree import iterwalk
from lxml.html import HtmlElement, document_fromstring
from trafilatura import bare_extraction, load_html
from trafilatura.settings import Document

from schemas.articles import BlockKind, Page
from schemas.errors import RejectArticle
from schemas.settings import CleanLimits
from schemas.sources import Selectors
from tasks.clean.blocks import Line
from tasks.clean.boilerplate import Boilerplate, BoilerplatePattern
from tasks.clean.characters import clean_line
from tasks.clean.publication_dates import read_stamp
from tasks.clean.selectors import select_elements, select_text
from tasks.language.folding import fold

__all__ = ["WebPage", "read_web_page"]

for _library in ("trafilatura", "htmldate"):
    logging.getLogger(_library).setLevel(logging.CRITICAL)  # what they cannot read becomes a reject, told once

_BREAKS = {"p", "head", "list", "item", "quote", "table", "row", "cell", "lb", "div", "code", "graphic"}
_PARTS = ("a", "p", "li", "h2", "h3", "h4", "h5", "div", "span", "strong")
_WHOLE_PAGE = {"html", "head", "body", "main", "article"}
_MAX_MARKED = 500
_MAX_PARTS = 200
_MAX_STRINGS = 40
"""Elements with a telling name, elements in each, strings in those: pages made to hurt nest thousands."""
_MAX_JSON_CHARACTERS = 200_000
_PUBLISHED_META = (
    "//meta[@property='article:published_time' or @name='article:published_time' or @itemprop='datePublished' "
    "or @name='pubdate' or @property='og:published_time' or @name='dc.date.issued' or @name='publish-date']/@content"
)
_PUBLISHED_JSON = re.compile(r'"datePublished"\s*:\s*("[^"\\]{4,40}")')
_LINKS = "//link[@rel='canonical']/@href | //meta[@property='og:url']/@content"


@dataclass(frozen=True, slots=True, kw_only=True)
class WebPage:
    """What an HTML page says: its lines and its metadata, cleaned; nothing of it is checked yet."""

    lines: tuple[Line, ...]
    title: str | None
    authors: tuple[str, ...]
    credits: tuple[str, ...]
    """By-lines the page marks as such, also those that trafilatura leaves out."""
    outlet: str | None
    url: str | None
    published_at: datetime | None
    """As the page states it: without a time zone, or at midnight, if it says no more."""


def read_web_page(page: Page, text: str, *, limits: CleanLimits, packs: Sequence[Boilerplate]) -> WebPage:
    """Find the article in a page.

    Args:
        page: The page; its sidecar's URL, its time and its outlet's selectors are used here.
        text: Its markup.
        limits: Tags are counted before parsing.
        packs: Names of telling elements; of all languages, since the page's own is not known yet.

    Raises:
        RejectArticle: ``too_many_tags``, ``not_html``, ``no_article``.
    """
    if (tags := text.count("<")) > limits.max_html_tags:
        raise RejectArticle("too_many_tags", f"has {tags:,} tags; at most {limits.max_html_tags:,} are parsed")
    try:
        return _read_tree(load_html(text), page, packs)
    except RejectArticle:
        raise
    except Exception as error:
        raise RejectArticle("no_article", f"the page cannot be parsed: {type(error).__name__}: {error}") from error


def _read_tree(tree: HtmlElement | None, page: Page, packs: Sequence[Boilerplate]) -> WebPage:
    if tree is None:
        raise RejectArticle("not_html", "holds no HTML")
    marked = list(_marked_texts(tree, packs))
    hints: dict[str, BlockKind] = {fold(text): kind for text, kind in [*_descriptions(tree), *marked]}
    published, links = _published(tree), [str(link) for link in tree.xpath(_LINKS)]
    selectors = page.hints.selectors if page.hints else None
    title, stated = _selected(tree, selectors, packs)
    found = _extract(tree, page, select_elements(tree, selectors.body if selectors else None))
    lines = _with_believable(tuple(_lines(found, hints)))
    if not lines:
        raise RejectArticle("no_article", "no main text found on the page")
    return WebPage(
        lines=_with_standfirst(lines, next((text for text, kind in marked if kind == "lead"), "")),
        title=title or clean_line(found.title or "") or None,
        authors=tuple(name for part in (found.author or "").split(";") if (name := clean_line(part))),
        credits=tuple(text for text, kind in marked if kind == "byline"),
        outlet=clean_line(found.sitename or "") or None,
        url=links[0] if links else None,
        published_at=stated or published or _day(found.date),
    )


def _selected(
    tree: HtmlElement, selectors: Selectors | None, packs: Sequence[Boilerplate]
) -> tuple[str, datetime | None]:
    """Title and date of publication where the outlet's selectors say."""
    if selectors is None:
        return "", None
    stated = clean_line(select_text(tree, selectors.published))
    stamps = (read_stamp(stated, pack) for pack in packs)
    return clean_line(select_text(tree, selectors.title)), _moment(stated) or next(filter(None, stamps), None)


def _extract(tree: HtmlElement, page: Page, bodies: Sequence[HtmlElement]) -> Document:
    """What trafilatura finds in the outlet's own body elements; in the whole page where that comes to nothing."""
    found = _main_text(_only(tree, bodies), page) if bodies else None
    found = found or _main_text(tree, page)
    if found is None:
        raise RejectArticle("no_article", "no main text found on the page")
    return found


def _only(tree: HtmlElement, bodies: Sequence[HtmlElement]) -> HtmlElement:
    """A page of nothing but the elements, with all that the whole page says about itself."""
    page = document_fromstring("<html><head></head><body><article></article></body></html>")
    page.find("head").extend(
        map(deepcopy, tree.xpath("/html/head/* | /html/body//script[@type='application/ld+json']"))
    )
    page.find("body/article").extend(map(deepcopy, bodies))
    return page


def _main_text(tree: HtmlElement, page: Page) -> Document | None:
    latest = (page.fetched_at + timedelta(days=1)).date().isoformat()
    found = bare_extraction(
        tree,
        url=page.sidecar.url,
        with_metadata=True,
        include_comments=False,
        deduplicate=False,  # its memory is per process: what one page gives would depend on the pages before
        date_extraction_params={"extensive_search": False, "original_date": True, "max_date": latest},
    )
    return found if isinstance(found, Document) and found.body is not None else None


def _lines(found: Document, hints: dict[str, BlockKind]) -> Iterator[Line]:
    """The lines of trafilatura's tree; every block element and every line break begins one."""
    parts: list[str] = []
    heading = False
    for event, element in iterwalk(found.body, events=("start", "end")):
        if element.tag in _BREAKS:
            yield from _flush(parts, hints, heading)
            heading = event == "start" and element.tag == "head"
        parts.append((element.text if event == "start" else element.tail) or "")
    yield from _flush(parts, hints, heading)


def _flush(parts: list[str], hints: dict[str, BlockKind], heading: bool) -> Iterator[Line]:
    text = clean_line("".join(parts))
    parts.clear()
    if text:
        yield Line(text, hints.get(fold(text), "subhead" if heading else None))


def _descriptions(tree: HtmlElement) -> Iterator[tuple[str, BlockKind]]:
    for description in tree.xpath("//meta[@name='description' or @property='og:description']/@content"):
        yield clean_line(str(description)), "lead"


def _marked_texts(tree: HtmlElement, packs: Sequence[Boilerplate]) -> Iterator[tuple[str, BlockKind]]:
    """Texts of elements whose tag, class or id tells what they are."""
    phrases = [phrase for pack in packs for phrase in pack.element]
    marks = ((element, fold(_mark(element))) for element in tree.iter("*") if element.tag not in _WHOLE_PAGE)
    found = ((element, kind) for element, mark in marks if (kind := _kind(mark, phrases)))
    for element, kind in islice(found, _MAX_MARKED):
        yield from ((text, kind) for text in _texts(element, kind) if text)


def _kind(mark: str, phrases: Sequence[BoilerplatePattern]) -> BlockKind | None:
    return next((phrase.kind for phrase in phrases if phrase.pattern.search(mark)), None)


def _mark(element: HtmlElement) -> str:
    return f"{element.tag} {element.get('class', '')} {element.get('id', '')}".strip()


def _texts(element: HtmlElement, kind: BlockKind) -> Iterator[str]:
    parts = [element] if kind != "related" else islice(element.iter(*_PARTS), _MAX_PARTS)
    for part in parts:
        yield clean_line("".join(islice(part.itertext(), _MAX_STRINGS)))


def _with_believable(lines: tuple[Line, ...]) -> tuple[Line, ...]:
    """The lines; if most of them would be other articles, the telling name belongs to something around the article."""
    related = sum(len(line.text) for line in lines if line.hint == "related")
    if 2 * related <= sum(len(line.text) for line in lines):
        return lines
    return tuple(Line(line.text) if line.hint == "related" else line for line in lines)


def _with_standfirst(lines: tuple[Line, ...], standfirst: str) -> tuple[Line, ...]:
    """The lines with the page's marked standfirst below the headline, where trafilatura has taken it for furniture."""
    folded = fold(standfirst)
    if not standfirst or any(folded in fold(line.text) for line in lines):
        return lines
    below = 1 if lines[0].hint in ("title", "subhead") else 0
    return (*lines[:below], Line(standfirst, "lead"), *lines[below:])


def _published(tree: HtmlElement) -> datetime | None:
    """The first date in the page's own metadata that is one; with its time of day, which htmldate leaves out."""
    stated = [str(content) for content in tree.xpath(_PUBLISHED_META)]
    for script in tree.xpath("//script[@type='application/ld+json']"):
        stated += [json.loads(text) for text in _PUBLISHED_JSON.findall((script.text or "")[:_MAX_JSON_CHARACTERS])]
    return next((moment for text in stated if (moment := _moment(text.strip()))), None)


def _moment(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def _day(text: str | None) -> datetime | None:
    try:
        return datetime.combine(date.fromisoformat(text), datetime.min.time()) if text else None
    except ValueError:
        return None
