"""HTML pages: what stands on them, and what they say of themselves."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from lxml.html import HtmlElement
from trafilatura import load_html

from schemas.articles import Page
from schemas.errors import RejectArticle
from schemas.settings import CleanLimits
from schemas.sources import Selectors
from tasks.clean.authors import choose_authors
from tasks.clean.blocks import Line
from tasks.clean.boilerplate import Boilerplate
from tasks.clean.characters import clean_line
from tasks.clean.headings import PageTitle, read_page_title
from tasks.clean.identity import canonical_url
from tasks.clean.main_text import MainText, read_main_text
from tasks.clean.page_dates import read_page_dates, read_stated_date
from tasks.clean.page_marks import PageMarks, read_page_marks
from tasks.clean.page_parts import drop_furniture
from tasks.clean.publication_dates import StatedDate, read_stamp, state_date
from tasks.clean.selectors import select_text
from tasks.clean.structured_data import find_structured_article
from tasks.clean.walls import check_no_wall, page_words

__all__ = ["WebPage", "read_web_page"]

_LINKS = "//link[@rel='canonical']/@href | //meta[@property='og:url']/@content"


@dataclass(frozen=True, slots=True, kw_only=True)
class WebPage:
    """What an HTML page says: its lines and its metadata, cleaned; nothing of it is checked yet."""

    lines: tuple[Line, ...]
    title: str | None
    authors: tuple[str, ...]
    guessed_authors: tuple[str, ...]
    """What trafilatura takes for authors."""
    credits: tuple[str, ...]
    """By-lines the page marks as such, also those that trafilatura leaves out."""
    outlet: str | None
    site_names: tuple[str, ...]
    """All names of the site: they are no authors."""
    url: str | None
    """The canonical URL that the page states and that can be believed."""
    published: tuple[StatedDate, ...]
    """As its metadata state it, the surest first."""
    stamp: datetime | None
    """As readers see it near the headline."""


def read_web_page(page: Page, text: str, *, limits: CleanLimits, packs: Sequence[Boilerplate]) -> WebPage:
    """Find the article in a page.

    Args:
        page: The page; its sidecar's URL, its time and its outlet's selectors are used here.
        text: Its markup.
        limits: Tags are counted before parsing.
        packs: Names of telling elements; of all languages, since the page's own is not known yet.

    Raises:
        RejectArticle: ``too_many_tags``, ``not_html``, ``no_article``, or what a wall is called.
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
    url = canonical_url(page.sidecar.url, [str(link) for link in tree.xpath(_LINKS)])
    packs = _order_packs(tree, packs)
    title = read_page_title(tree, page)
    structured = find_structured_article(tree, headlines=title.spellings, url=url)
    title = title.with_structured(structured.headline, structured.publishers)
    dates = read_page_dates(tree, structured.published, packs=packs, headline=title.element)
    drop_furniture(tree)
    marks = read_page_marks(tree, packs, headline=title.element)
    selectors = page.hints.selectors if page.hints else None
    text = _read_text_behind_walls(tree, page, marks, title, packs, has_article=bool(dates.metadata))
    selected = _select_title(tree, selectors)
    return WebPage(
        lines=text.lines,
        title=selected or title.text or clean_line(text.title) or None,
        authors=choose_authors(tree, structured.authors, packs[0], site_names=title.site_names),
        guessed_authors=text.authors,
        credits=marks.credits,
        outlet=title.site or clean_line(text.outlet) or None,
        site_names=title.site_names,
        url=url,
        published=(*_select_published(tree, selectors, packs), *dates.metadata),
        stamp=dates.visible,
    )


def _read_text_behind_walls(
    tree: HtmlElement,
    page: Page,
    marks: PageMarks,
    title: PageTitle,
    packs: Sequence[Boilerplate],
    *,
    has_article: bool,
) -> MainText:
    """Return the main text; a page that has none, or only that of a wall, is refused by the wall's name."""
    try:
        text = read_main_text(tree, page, marks)
    except RejectArticle:
        check_no_wall(page_words(tree), title, packs)
        raise
    if not has_article:
        check_no_wall(" ".join(line.text for line in text.lines), title, packs)
    return text


def _order_packs(tree: HtmlElement, packs: Sequence[Boilerplate]) -> Sequence[Boilerplate]:
    """Return the packs with that of the language that the page states first."""
    stated = (tree.get("lang") or "").lower().replace("_", "-").partition("-")[0]
    return sorted(packs, key=lambda pack: pack.language != stated)


def _select_title(tree: HtmlElement, selectors: Selectors | None) -> str:
    return clean_line(select_text(tree, selectors.title)) if selectors else ""


def _select_published(tree: HtmlElement, selectors: Selectors | None, packs: Sequence[Boilerplate]) -> list[StatedDate]:
    """Return the date of publication where the outlet's selectors say."""
    stated = clean_line(select_text(tree, selectors.published)) if selectors else ""
    pack = packs[0]
    found = read_stated_date(stated, zone=pack.timezone, date_order=pack.date_order) if stated else None
    if found:
        return [found]
    stamp = next((stamp for pack in packs if (stamp := read_stamp(stated, pack))), None)
    return state_date(stamp, pack.timezone)
