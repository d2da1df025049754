"""The main text of a page, by trafilatura, as lines with what the page's markup says they are."""

import logging
from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from datetime import timedelta

from lxml.etree import iterwalk
from lxml.html import HtmlElement, document_fromstring
from trafilatura import bare_extraction
from trafilatura.settings import Document

from schemas.articles import Page
from schemas.blocks import BlockKind
from schemas.errors import RejectArticle
from tasks.clean.blocks import Line
from tasks.clean.characters import clean_line
from tasks.clean.page_marks import PageMarks
from tasks.clean.selectors import select_elements
from tasks.language.folding import fold

__all__ = ["MainText", "read_main_text"]

for _library in ("trafilatura", "htmldate"):
    logging.getLogger(_library).setLevel(logging.CRITICAL)  # what they cannot read becomes a reject, told once

_BREAKS = {"p", "head", "list", "item", "quote", "table", "row", "cell", "lb", "div", "code", "graphic"}


@dataclass(frozen=True, slots=True, kw_only=True)
class MainText:
    """What trafilatura finds on a page."""

    lines: tuple[Line, ...]
    """Never empty."""
    title: str
    authors: tuple[str, ...]
    outlet: str


def read_main_text(tree: HtmlElement, page: Page, marks: PageMarks) -> MainText:
    """Find the main text of a page.

    Args:
        tree: The page, without style sheets.
        page: Its sidecar's URL and its outlet's selectors are used here.
        marks: What the page's markup calls its parts.

    Raises:
        RejectArticle: ``no_article``.
    """
    selectors = page.hints.selectors if page.hints else None
    found = _extract_article(tree, page, select_elements(tree, selectors.body if selectors else None))
    lines = _keep_believable(tuple(_read_lines(found, marks.hints)))
    if not lines:
        raise RejectArticle("no_article", "no main text found on the page")
    return MainText(
        lines=_add_standfirst(lines, marks.standfirst),
        title=found.title or "",
        authors=tuple(name for part in (found.author or "").split(";") if (name := clean_line(part))),
        outlet=found.sitename or "",
    )


def _extract_article(tree: HtmlElement, page: Page, bodies: Sequence[HtmlElement]) -> Document:
    """Return what trafilatura finds in the outlet's own body elements; in the whole page if that is nothing."""
    found = _run_trafilatura(_make_page_of(tree, bodies), page) if bodies else None
    found = found or _run_trafilatura(tree, page)
    if found is None:
        raise RejectArticle("no_article", "no main text found on the page")
    return found


def _make_page_of(tree: HtmlElement, bodies: Sequence[HtmlElement]) -> HtmlElement:
    """Return a page of nothing but the elements, with all that the whole page says about itself."""
    page = document_fromstring("<html><head></head><body><article></article></body></html>")
    page.find("head").extend(
        map(deepcopy, tree.xpath("/html/head/* | /html/body//script[@type='application/ld+json']"))
    )
    page.find("body/article").extend(map(deepcopy, bodies))
    return page


def _run_trafilatura(tree: HtmlElement, page: Page) -> Document | None:
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


def _read_lines(found: Document, hints: Mapping[str, BlockKind]) -> Iterator[Line]:
    """Yield the lines of trafilatura's tree; every block element and every line break begins one."""
    parts: list[str] = []
    heading = False
    for event, element in iterwalk(found.body, events=("start", "end")):
        if element.tag in _BREAKS:
            yield from _flush_line(parts, hints, heading)
            heading = event == "start" and element.tag == "head"
        parts.append((element.text if event == "start" else element.tail) or "")
    yield from _flush_line(parts, hints, heading)


def _flush_line(parts: list[str], hints: Mapping[str, BlockKind], heading: bool) -> Iterator[Line]:
    text = clean_line("".join(parts))
    parts.clear()
    if text:
        yield Line(text, hints.get(fold(text), "subhead" if heading else None))


def _keep_believable(lines: tuple[Line, ...]) -> tuple[Line, ...]:
    """Return the lines; if most would be other articles, the telling name belongs to something around the article."""
    related = sum(len(line.text) for line in lines if line.hint == "related")
    if 2 * related <= sum(len(line.text) for line in lines):
        return lines
    return tuple(Line(line.text) if line.hint == "related" else line for line in lines)


def _add_standfirst(lines: tuple[Line, ...], standfirst: str) -> tuple[Line, ...]:
    """Return the lines with the page's standfirst below the headline, where trafilatura took it for furniture."""
    folded = fold(standfirst)
    if not standfirst or any(folded in fold(line.text) for line in lines):
        return lines
    below = 1 if lines[0].hint in ("title", "subhead") else 0
    return (*lines[:below], Line(standfirst, "lead"), *lines[below:])
