"""Where on a page something stands: in the article's own head and text, or in what surrounds it."""

import re
from collections import Counter
from collections.abc import Iterator
from itertools import islice

from lxml.etree import iterwalk
from lxml.html import HtmlElement

from tasks.clean.characters import clean_line

__all__ = ["belongs_elsewhere", "drop_furniture", "element_text", "list_near_headline", "mark_of"]

_ELSEWHERE = frozenset({"aside", "nav", "footer", "figure", "figcaption", "blockquote", "form"})
"""Elements whose dates, by-lines and standfirsts are about something else."""
_OTHER_WORK = re.compile(
    r"relat|lien-?quan|recommend|most-?read|comment|binh-?luan|teaser|\bcard\b|sidebar-?(?:right|item|widget)|promo"
    r"|newsletter|widget|live-?(?:post|update|blog-?post)|\bpost-?(?:list|item)|river|feed|latest|tin-?moi|listing"
    r"|summary-item|story-?list|more-?(?:news|stories)",
    re.IGNORECASE,
)
"""In classes and ids of boxes with other stories, comments and offers."""
_NO_BOX = frozenset({"html", "body", "main"})
_MAX_ANCESTORS = 8
_LONG_PARAGRAPH = 120
"""Characters of a paragraph that shows that the article has begun."""
_PARAGRAPH = 60
"""Characters of a paragraph that is no label."""
_BEFORE_HEADLINE = 20
_AFTER_HEADLINE = 400
"""Elements around the headline that may hold a stamp or a by-line."""
_MAX_STRINGS = 120
"""Strings of one element: pages made to hurt nest thousands."""
_WORDLESS = ("style", "template")
_FEWEST_PARAGRAPHS = 2
_ASIDE_SHARE = 0.5
"""An ``aside`` that holds so many paragraphs, and so large a part of the page's, is the article."""


def element_text(element: HtmlElement) -> str:
    """Return the words of an element on one line; at most so many strings of it."""
    return clean_line("".join(islice(_list_strings(element), _MAX_STRINGS)))


def _list_strings(element: HtmlElement) -> Iterator[str]:
    """Yield the strings of an element in their order, with a space for each line break."""
    for event, node in iterwalk(element, events=("start", "end", "comment", "pi")):
        if event == "start":
            yield " " if node.tag == "br" else node.text or ""
        elif node is not element:
            yield node.tail or ""


def mark_of(element: HtmlElement) -> str:
    """Return what tells what an element is, in one line: its tag, classes, id and label."""
    labels = (element.get("class", ""), element.get("id", ""), element.get("aria-labelledby", ""))
    return " ".join([element.tag, *filter(None, labels)])


def drop_furniture(tree: HtmlElement) -> None:
    """Take style sheets and templates out of a page, and give an ``aside`` that is the article another name.

    Changes the tree.
    """
    for element in list(tree.iter(*_WORDLESS)):
        element.drop_tree()
    paragraphs = [element for element in tree.iter("p") if len(element_text(element)) >= _PARAGRAPH]
    inside = Counter(aside for paragraph in paragraphs for aside in paragraph.iterancestors("aside"))
    for aside, count in inside.items():
        if count >= _FEWEST_PARAGRAPHS and count > _ASIDE_SHARE * len(paragraphs):
            aside.tag = "div"
            aside.attrib.pop("class", None)
            aside.attrib.pop("id", None)


def list_near_headline(tree: HtmlElement, headline: HtmlElement | None) -> list[HtmlElement]:
    """Return the elements from a little before the headline to the first long paragraph, that one included.

    Args:
        tree: The page.
        headline: An element of it; None gives no elements.
    """
    if headline is None:
        return []
    elements = [element for element in tree.iter("*") if isinstance(element.tag, str)]
    place = elements.index(headline)
    near = elements[max(0, place - _BEFORE_HEADLINE) : place]
    for element in elements[place + 1 : place + 1 + _AFTER_HEADLINE]:
        near.append(element)
        if element.tag == "p" and len(element_text(element)) >= _LONG_PARAGRAPH:
            break
    return near


def belongs_elsewhere(element: HtmlElement) -> bool:
    """Return True if an element stands in a box or a comment, or in another article, not in this one."""
    for number, ancestor in enumerate(_with_ancestors(element)):
        if ancestor.tag in _NO_BOX or number >= _MAX_ANCESTORS:
            return False
        if ancestor.tag == "article" and number:
            return _is_second_article(ancestor)
        is_box = ancestor.tag in _ELSEWHERE and number > 0
        if is_box or _OTHER_WORK.search(f"{ancestor.get('class', '')} {ancestor.get('id', '')}"):
            return True
    return False


def _with_ancestors(element: HtmlElement) -> Iterator[HtmlElement]:
    yield element
    yield from element.iterancestors()


def _is_second_article(article: HtmlElement) -> bool:
    """Return True if another ``article`` is around it, or one before it holds the page's headline."""
    if any(ancestor.tag == "article" for ancestor in article.iterancestors()):
        return True
    return not article.xpath("boolean(.//h1)") and bool(article.xpath("boolean(preceding::article//h1)"))
