"""Links: which are worth following, and lists of them that people write."""

from collections import Counter
from collections.abc import Iterable, Iterator

from schemas.errors import RejectArticle
from schemas.links import DropReason, Link, LinkList
from schemas.rejects import Reject
from schemas.settings import LinkLimits
from schemas.sources import Source
from tasks.clean.identity import article_id, canonical_link
from tasks.read.printable import printable_link
from tasks.read.sources.catalogue import find_source, is_allowed

__all__ = ["link_id", "read_link", "read_url_list", "select_links"]


def link_id(link: Link) -> str:
    """Return the ``article_id`` that the article will have, unless its page names another URL as its own."""
    return article_id(link.url, "")


def select_links(
    entries: Iterable[Link | None], *, source: Source, most: int, dropped: Counter[DropReason] | None = None
) -> LinkList:
    """Select the links worth following: on the source's own hosts, each article once, in the order they come in.

    Args:
        entries: Canonical links; None for an entry that has no address.
        source: A feed may be made to link anywhere; only its outlet's pages are wanted.
        most: How many links are taken.
        dropped: Entries that gave no link already; they are counted too.

    Returns:
        The links; each other entry is counted under the reason for which it was dropped.
    """
    unique: dict[str, Link] = {}
    dropped = Counter() if dropped is None else dropped
    for link in entries:
        reason = _reason_to_drop(link, source, unique, most)
        if reason:
            dropped[reason] += 1
        elif link:
            unique[link_id(link)] = link
    return LinkList(links=tuple(unique.values()), dropped=tuple(sorted((+dropped).items())))


def _reason_to_drop(link: Link | None, source: Source, taken: dict[str, Link], most: int) -> DropReason | None:
    if link is None:
        return "no_address"
    if not is_allowed(link.url, source):
        return "elsewhere"
    if link_id(link) in taken:
        return "repeated"
    return "over_limit" if len(taken) >= most else None


def read_link(url: str, *, sources: Iterable[Source], found_in: str) -> Link:
    """Read a link that somebody typed.

    Args:
        url: As typed.
        sources: If one of them has the host, the link belongs to it.
        found_in: Where it was typed.

    Raises:
        RejectArticle: ``bad_link``.
    """
    canonical = canonical_link(url)
    if canonical is None:
        raise RejectArticle("bad_link", f"'{printable_link(url)}' is not an http or https address of a page")
    source = find_source(canonical, sources)
    return Link(url=canonical, source=source.id if source else None, found_in=found_in)


def read_url_list(body: bytes, *, name: str, sources: Iterable[Source], limits: LinkLimits) -> Iterator[Link | Reject]:
    """Read a list of URLs: one on each line; blank lines and what follows a ``#`` after a space are passed over.

    Args:
        body: The file, UTF-8.
        name: Its path, for ``found_in`` and rejects.
        sources: Watched sources, to tell which of them a link belongs to.
        limits: ``max_list_bytes``.

    Yields:
        In the order of lines a link, each article once, or a reject of stage ``read``: ``bad_link``
        with the line's number, ``too_large`` for the whole file.
    """
    if len(body) > limits.max_list_bytes:
        message = f"{name} has more than {limits.max_list_bytes:,} bytes, which are the most that is read; split it"
        yield Reject(input=name, stage="read", code="too_large", message=message)
        return
    seen: set[str] = set()
    sources = tuple(sources)
    for number, line in enumerate(body.removeprefix(b"\xef\xbb\xbf").splitlines(), 1):
        url = _url_of_line(line)
        place = f"{name}:{number}"
        try:
            link = read_link(url, sources=sources, found_in=place) if url else None
        except RejectArticle as error:
            yield Reject(input=place, stage="read", code=error.code, message=f"{place}: {error.message}")
        else:
            if link and link_id(link) not in seen:
                seen.add(link_id(link))
                yield link


def _url_of_line(line: bytes) -> str:
    """Return the URL of a line; a ``#`` inside it is part of it."""
    words = line.decode("utf-8", "replace").split()
    comment = next((i for i, word in enumerate(words) if word.startswith("#")), len(words))
    return " ".join(words[:comment])
