"""What a page's own markup calls its parts: captions, standfirst, by-lines, boxes with other articles."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, islice

from lxml.html import HtmlElement

from schemas.blocks import BlockKind
from tasks.clean.boilerplate import Boilerplate, BoilerplatePattern
from tasks.clean.characters import clean_line
from tasks.clean.page_parts import belongs_elsewhere, element_text, list_near_headline, mark_of
from tasks.language.folding import fold

__all__ = ["PageMarks", "read_page_marks"]

_PARTS = ("a", "p", "li", "h2", "h3", "h4", "h5", "div", "span", "strong")
_WHOLE_PAGE = {"html", "head", "body", "main", "article"}
_MAX_MARKED = 500
_MAX_PARTS = 200
"""Elements with a telling name, and elements in each: pages made to hurt nest thousands."""
_PARAGRAPHS = ("p", "li", "blockquote")
_MAX_LINKED = 0.5
"""Part of a paragraph's words that may be links; of a list of other articles they are all."""
_LEAST_WORDS = 4
"""A shorter paragraph may stand anywhere on the page as well."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PageMarks:
    """What lines of a page are, by what stands around them in its markup."""

    hints: Mapping[str, BlockKind]
    """By folded text."""
    standfirst: str
    """Empty if none is marked."""
    credits: tuple[str, ...]
    """By-lines of this article."""


def read_page_marks(tree: HtmlElement, packs: Sequence[Boilerplate], *, headline: HtmlElement | None) -> PageMarks:
    """Read what elements are by their tags, classes and ids.

    A standfirst stands near the headline; what looks like one below or in a box praises something else.

    Args:
        tree: The page.
        packs: Names of telling elements in every language.
        headline: The element of the headline, if there is one.
    """
    near = set(list_near_headline(tree, headline))
    patterns = [pattern for pack in packs for pattern in pack.element]
    marked = [(element, kind) for element, kind in _list_marked(tree, patterns) if _is_plausible(element, kind, near)]
    texts = [(text, kind) for element, kind in marked for text in _list_texts(element, kind) if text]
    named: Iterator[tuple[str, BlockKind]] = chain(_list_paragraphs(tree), _list_descriptions(tree), texts)
    hints = {fold(text): kind for text, kind in named}
    return PageMarks(
        hints=hints,
        standfirst=next((text for text, kind in texts if kind == "lead"), ""),
        credits=tuple(dict.fromkeys(text for text, kind in texts if kind == "byline")),
    )


def _is_plausible(element: HtmlElement, kind: BlockKind, near: set[HtmlElement]) -> bool:
    """Return False for a standfirst or a by-line that stands where those of other articles do."""
    if kind not in ("lead", "byline"):
        return True
    return not belongs_elsewhere(element) and (kind == "byline" or not near or element in near)


def _list_marked(tree: HtmlElement, patterns: Sequence[BoilerplatePattern]) -> Iterator[tuple[HtmlElement, BlockKind]]:
    elements = (element for element in tree.iter("*") if element.tag not in _WHOLE_PAGE)
    found = ((element, kind) for element in elements if (kind := _find_kind(fold(mark_of(element)), patterns)))
    yield from islice(found, _MAX_MARKED)


def _find_kind(mark: str, patterns: Sequence[BoilerplatePattern]) -> BlockKind | None:
    return next((pattern.kind for pattern in patterns if pattern.pattern.search(mark)), None)


def _list_texts(element: HtmlElement, kind: BlockKind) -> Iterator[str]:
    """Yield the text of an element; of a box with other articles, and of a list of names, those of its parts."""
    parts = list(islice(element.iter("li"), _MAX_PARTS)) if kind == "byline" else []
    if kind == "related":
        parts = list(islice(element.iter(*_PARTS), _MAX_PARTS))
    for part in parts or [element]:
        yield element_text(part)


def _list_descriptions(tree: HtmlElement) -> Iterator[tuple[str, BlockKind]]:
    for description in tree.xpath("//meta[@name='description' or @property='og:description']/@content"):
        yield clean_line(str(description)), "lead"


def _list_paragraphs(tree: HtmlElement) -> Iterator[tuple[str, BlockKind]]:
    """Yield the paragraphs and list items that stand in the element that holds most of the page's text."""
    container = _find_container(tree)
    if container is None:
        return
    for element in container.iter(*_PARAGRAPHS):
        text = element_text(element)
        is_long = text.count(" ") >= _LEAST_WORDS - 1
        if is_long and _stands_directly(element, container) and _linked_share(element, text) <= _MAX_LINKED:
            yield text, "body"


def _find_container(tree: HtmlElement) -> HtmlElement | None:
    sizes: Counter[HtmlElement] = Counter()
    for paragraph in tree.iter("p"):
        parent = paragraph.getparent()
        if parent is not None:
            sizes[parent] += len(element_text(paragraph))
    return sizes.most_common(1)[0][0] if sizes else None


def _stands_directly(element: HtmlElement, container: HtmlElement) -> bool:
    """Return True if only lists stand between an element and the container: no box is around it."""
    for ancestor in element.iterancestors():
        if ancestor is container:
            return True
        if ancestor.tag not in ("ul", "ol", "li", "blockquote"):
            return False
    return False


def _linked_share(element: HtmlElement, text: str) -> float:
    linked = sum(len(element_text(link)) for link in element.iter("a"))
    return linked / max(1, len(text))
