"""CSS and XPath selectors of an outlet's pages."""

from functools import cache

from cssselect import SelectorError
from lxml.cssselect import CSSSelector
from lxml.etree import XPath, XPathError
from lxml.html import HtmlElement, document_fromstring

__all__ = ["compile_selector", "select_elements", "select_text"]

_EMPTY = document_fromstring("<p></p>")


@cache
def compile_selector(text: str) -> XPath:
    """Make a selector ready for use: XPath if it begins with ``/`` or ``(``, else CSS.

    Raises:
        ValueError: It is neither.
    """
    try:
        selector = XPath(text) if text.startswith(("/", "(")) else CSSSelector(text)  # a CSSSelector is an XPath
        selector(_EMPTY)  # unknown functions show only now
    except (XPathError, SelectorError) as error:
        raise ValueError(f"{text!r} is no CSS selector and, without / or ( before it, no XPath: {error}") from error
    return selector


def select_elements(tree: HtmlElement, selector: str | None) -> tuple[HtmlElement, ...]:
    """Return the outermost elements that a selector finds, in order of the page; may be empty."""
    found = [one for one in _apply_selector(tree, selector) if isinstance(one, HtmlElement)]
    around = set(found)
    return tuple(one for one in found if around.isdisjoint(one.iterancestors()))


def select_text(tree: HtmlElement, selector: str | None) -> str:
    """Return the first text that a selector finds: all of an element, or a value where XPath ends in ``/@datetime``."""
    texts = (
        "".join(one.itertext()) if isinstance(one, HtmlElement) else str(one) for one in _apply_selector(tree, selector)
    )
    return next((text.strip() for text in texts if text.strip()), "")


def _apply_selector(tree: HtmlElement, selector: str | None) -> list[object]:
    found = compile_selector(selector)(tree) if selector else []
    return found if isinstance(found, list) else [found]  # XPath's string() gives one string
