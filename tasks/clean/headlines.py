"""Headlines: when two spellings are one headline, and where the name of the site at its end begins."""

import re
import unicodedata
from collections.abc import Iterable

from tasks.language.folding import fold

__all__ = ["headline_key", "name_key", "same_headline", "without_site_name"]

_NO_LETTERS = re.compile(r"[\W_]+")
_SEPARATOR = re.compile(r" ?[|•·»›] ?| [-–—:] ")
"""Between a headline and the name of a site; a dash or a colon only between spaces, because headlines have them too."""
_SURE_SEPARATOR = re.compile(r" ?[|•·»›] ?")
_LEAST_SHARED = 0.6
"""Part of the longer spelling that the shorter one must be; the rest is the name of a site or of a section."""
_LEAST_CHARACTERS = 12
"""Shorter headlines are the same only if they are equal."""
_MAX_SITE_NAME = 40
_MAX_SITE_WORDS = 6


def headline_key(text: str) -> str:
    """Return what two spellings of one headline have in common: its letters and digits, folded."""
    return _NO_LETTERS.sub("", fold(text))


def name_key(name: str) -> str:
    """Return what two spellings of a site's name have in common, addresses without accents among them."""
    plain = unicodedata.normalize("NFD", fold(name)).replace("đ", "d")
    return _NO_LETTERS.sub("", "".join(letter for letter in plain if not unicodedata.combining(letter)))


def same_headline(one: str, other: str) -> bool:
    """Return True if two texts are one headline: other marks and dashes, or the name of the site before or behind."""
    short, long = sorted((headline_key(one), headline_key(other)), key=len)
    if short == long:
        return bool(short)
    begins_or_ends = long.startswith(short) or long.endswith(short)
    return len(short) >= _LEAST_CHARACTERS and begins_or_ends and len(short) >= _LEAST_SHARED * len(long)


def without_site_name(title: str, *, headings: Iterable[str], site_names: Iterable[str]) -> str:
    """Return a title without the name of the site, or of its section, before or behind it.

    Args:
        title: From ``og:title`` or ``title``.
        headings: Texts of the page's ``h1`` elements; the one that the title begins or ends with is the headline.
        site_names: What the site calls itself, with its host's name.
    """
    heading = next((one for one in headings if one != title and _is_within(one, title)), None)
    if heading:
        return heading
    names = {name_key(name) for name in site_names} - {""}
    kept = title
    while (shorter := _cut_name(kept, names)) != kept:
        kept = shorter
    return kept


def _is_within(heading: str, title: str) -> bool:
    """Return True if a title is the heading and, behind or before a separator, something shorter."""
    parts = _SEPARATOR.split(title)
    return len(parts) > 1 and len(heading.split()) > 2 and same_headline(heading, title)


def _cut_name(title: str, names: set[str]) -> str:
    """Return the title without its last or first part if that is a name of the site."""
    found = list(_SEPARATOR.finditer(title))
    if not found:
        return title
    first, last = found[0], found[-1]
    if name_key(title[last.end() :]) in names:
        return title[: last.start()].strip()
    if name_key(title[: first.start()]) in names:
        return title[first.end() :].strip()
    tail = title[last.end() :]
    is_short = len(tail) <= _MAX_SITE_NAME and len(tail.split()) <= _MAX_SITE_WORDS
    if _SURE_SEPARATOR.fullmatch(last.group()) and is_short and len(tail) < last.start():
        return title[: last.start()].strip()
    return title
