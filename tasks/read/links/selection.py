"""Links: which are worth following, and lists of them that people write."""

from collections.abc import Iterable, Iterator
from itertools import islice

from schemas.errors import RejectArticle
from schemas.links import Link
from schemas.rejects import Reject
from schemas.settings import LinkLimits
from schemas.sources import Source
from tasks.clean.identity import article_id, canonical_link
from tasks.read.sources.catalogue import find_source, is_allowed

__all__ = ["keep_links", "link_id", "read_link", "read_url_list"]

_MAX_PRINTED = 200


def link_id(link: Link) -> str:
    """The ``article_id`` that the article will have, unless its page names another URL as its own."""
    return article_id(link.url, "")


def keep_links(links: Iterable[Link], *, source: Source, most: int) -> tuple[Link, ...]:
    """The links worth following: on the source's own hosts, each article once, in the order they come in.

    Args:
        links: Canonical ones.
        source: A feed may be made to link anywhere; only its outlet's pages are wanted.
        most: How many.
    """
    unique: dict[str, Link] = {}
    own = (link for link in links if is_allowed(link.url, source))
    fresh = (link for link in own if unique.setdefault(link_id(link), link) is link)
    return tuple(islice(fresh, most))


def read_link(url: str, *, sources: Iterable[Source], found_in: str) -> Link:
    """A link that somebody typed.

    Args:
        url: As typed.
        sources: If one of them has the host, the link is its.
        found_in: Where it was typed.

    Raises:
        RejectArticle: ``bad_link``.
    """
    canonical = canonical_link(url)
    if canonical is None:
        raise RejectArticle("bad_link", f"{_printed_url(url)} is no http or https address of a page")
    source = find_source(canonical, sources)
    return Link(url=canonical, source=source.id if source else None, found_in=found_in)


def read_url_list(body: bytes, *, name: str, sources: Iterable[Source], limits: LinkLimits) -> Iterator[Link | Reject]:
    """Read a list of URLs: one on each line; blank lines and what follows a ``#`` after a space are passed over.

    Args:
        body: The file, UTF-8.
        name: Its path, for ``found_in`` and rejects.
        sources: Watched sources, to tell whose a link is.
        limits: ``max_list_bytes``.

    Yields:
        In the order of lines a link, each article once, or a reject of stage ``read``: ``bad_link`` with the line's
        number, ``too_large`` for the whole file.
    """
    if len(body) > limits.max_list_bytes:
        message = f"{name} has {len(body):,} bytes; at most {limits.max_list_bytes:,} are read"
        yield Reject(input=name, stage="read", code="too_large", message=message)
        return
    seen: set[str] = set()
    sources = tuple(sources)
    for number, line in enumerate(body.removeprefix(b"\xef\xbb\xbf").splitlines(), 1):
        url = _url_of(line)
        place = f"{name}:{number}"
        try:
            link = read_link(url, sources=sources, found_in=place) if url else None
        except RejectArticle as error:
            yield Reject(input=place, stage="read", code=error.code, message=f"{place}: {error.message}")
        else:
            if link and link_id(link) not in seen:
                seen.add(link_id(link))
                yield link


def _url_of(line: bytes) -> str:
    """The URL of a line; a ``#`` inside it is part of it."""
    words = line.decode("utf-8", "replace").split()
    comment = next((i for i, word in enumerate(words) if word.startswith("#")), len(words))
    return " ".join(words[:comment])


def _printed_url(url: str) -> str:
    shown = url if len(url) <= _MAX_PRINTED else f"{url[:_MAX_PRINTED]}…"
    return repr(shown)
