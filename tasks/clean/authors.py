"""Who wrote an article, as its page's metadata say: people, not systems, desks or the outlet itself."""

import re
from collections.abc import Iterable, Iterator, Sequence

from lxml.html import HtmlElement

from tasks.clean.boilerplate import Boilerplate
from tasks.clean.characters import clean_line
from tasks.clean.headlines import name_key
from tasks.language.folding import fold

__all__ = ["choose_authors", "drop_site_names", "keep_people", "read_author_names"]

_META = frozenset(
    {"author", "article:author", "dc.creator", "dcterms.creator", "parsely-author", "byl", "sailthru.author"}
)
_NO_NAME = re.compile(r"https?:|www\.|@|\d|\.(?:com|vn|net|org|example)\b", re.IGNORECASE)
_MAX_NAME = 60
_MAX_NAME_WORDS = 7
_MAX_STATED = 300


def choose_authors(
    tree: HtmlElement, structured: Sequence[str], pack: Boilerplate, *, site_names: Iterable[str]
) -> tuple[str, ...]:
    """Choose the authors that a page's metadata state.

    Args:
        tree: The page, for its ``meta`` elements.
        structured: People in the JSON-LD of the page's own article.
        pack: Boilerplate of the page's language.
        site_names: What the site calls itself; it is nobody.

    Returns:
        Names, each once, first name first; may be empty.
    """
    site_keys = {name_key(name) for name in site_names}
    return keep_people(structured, pack, site_keys) or keep_people(list(_list_meta(tree)), pack, site_keys)


def keep_people(stated: Iterable[str], pack: Boilerplate, site_keys: set[str]) -> tuple[str, ...]:
    """Return the names of people in statements of authors, each once; may be empty."""
    names = (name for text in stated for name in read_author_names(text, pack))
    return tuple(dict.fromkeys(drop_site_names(names, site_keys)))


def read_author_names(stated: str, pack: Boilerplate) -> Iterator[str]:
    """Yield the names in one statement of authors; "Thorne, Ada" is one name, "Ada Thorne, Bo Larsen" are two."""
    for part in _split_joined(stated[:_MAX_STATED], pack):
        for name in _split_commas(part.strip(" ,")):
            bare = _without_opener(clean_line(name), pack)
            if _could_be_name(bare, pack):
                yield bare


def drop_site_names(names: Iterable[str], site_keys: set[str]) -> Iterator[str]:
    """Yield the names that are not the site's.

    Args:
        names: Names of authors.
        site_keys: Names of the site, as :func:`tasks.clean.headlines.name_key` gives them.
    """
    yield from (name for name in names if name_key(name) not in site_keys)


def _split_joined(stated: str, pack: Boilerplate) -> Iterator[str]:
    """Yield what stands between semicolons, bars and words such as "and"."""
    for part in stated.replace("|", ";").split(";"):
        words: list[str] = []
        for word in part.split():
            joins = word.lower() in pack.name_joiners and (word.isalpha() or word == "&")
            if joins:
                yield " ".join(words)
            words = [] if joins else [*words, word]
        yield " ".join(words)


def _split_commas(part: str) -> list[str]:
    """Return names between commas; a name with the family name first is turned round."""
    pieces = [piece.strip() for piece in part.split(",") if piece.strip()]
    if len(pieces) == 2 and any(" " not in piece for piece in pieces):
        return [f"{pieces[1]} {pieces[0]}"]
    return pieces


def _without_opener(name: str, pack: Boilerplate) -> str:
    folded = fold(name)
    opener = next((opener for opener in pack.byline_openers if folded.startswith(f"{opener} ")), "")
    return name[len(opener) :].strip()


def _could_be_name(name: str, pack: Boilerplate) -> bool:
    is_short = 1 < len(name) <= _MAX_NAME and len(name.split()) <= _MAX_NAME_WORDS
    return is_short and not _NO_NAME.search(name) and fold(name) not in pack.no_authors


def _list_meta(tree: HtmlElement) -> Iterator[str]:
    for element in tree.iter("meta"):
        name = (element.get("name") or element.get("property") or "").strip().lower()
        if name in _META and (content := clean_line(element.get("content") or "")):
            yield content
