"""Pages that a host sends with status 200 in place of the article: consent, tests for robots, "not found"."""

from collections.abc import Sequence

from lxml.html import HtmlElement

from schemas.errors import RejectArticle
from tasks.clean.boilerplate import Boilerplate
from tasks.clean.characters import clean_line
from tasks.clean.headings import PageTitle
from tasks.language.folding import fold

__all__ = ["check_no_wall", "page_words"]

_MAX_WORDS = 350
"""A longer page has something to read beside the wall."""
_MAX_CHARACTERS = 6_000
"""Of the page's words that are looked at."""
_FURNITURE = ("script", "style", "noscript", "template", "nav", "footer")
_WORDS = f"/html/body//text()[not({' or '.join(f'ancestor::{tag}' for tag in _FURNITURE)})]"
_MESSAGES = {
    "consent_wall": "the host asks for consent instead of showing the article",
    "robot_check": "the host asks whether we are a robot instead of showing the article",
    "not_found": "the host says that there is no such page, with status 200",
}


def check_no_wall(text: str, title: PageTitle, packs: Sequence[Boilerplate]) -> None:
    """Refuse a page that holds a wall and nothing else.

    Args:
        text: Its main text, or all its words where it has none; a long one is no wall's.
        title: What the page is called.
        packs: Phrases of walls in every language.

    Raises:
        RejectArticle: ``consent_wall``, ``robot_check`` or ``not_found``.
    """
    if text.count(" ") > _MAX_WORDS:
        return
    headings = [fold(spelling) for spelling in (*title.spellings, title.text) if spelling]
    folded = fold(text)
    for pattern in (pattern for pack in packs for pattern in pack.wall):
        places = headings if pattern.place == "title" else [folded]
        if any(pattern.pattern.search(place) for place in places):
            raise RejectArticle(pattern.code, _MESSAGES[pattern.code])


def page_words(tree: HtmlElement) -> str:
    """Return the words of a page that readers see, furniture excepted; at most so many characters."""
    parts: list[str] = []
    size = 0
    for text in tree.xpath(_WORDS):
        parts.append(text)
        size += len(text)
        if size > _MAX_CHARACTERS:
            break
    return clean_line(" ".join(parts))
