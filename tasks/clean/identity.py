"""What makes two pages the same article: their canonical URL, or their text where there is none.

The only place that decides what a URL is called: links are known by the same name before they are fetched.
"""

import hashlib
import re
from collections.abc import Iterable
from urllib.parse import urldefrag, urljoin, urlsplit, urlunsplit

from courlan import clean_url

__all__ = ["article_id", "canonical_link", "canonical_url", "sha256", "source_of"]

_MAX_URL = 2_000
_SIDE_DOOR = re.compile(r"^(?:www|m|amp)\.")
"""Begins hosts that serve the pages of the host without it."""
_AMP_PATH = re.compile(r"(?<=\d)((?:\.\w{1,5})?)(?:/amp/?|\.amp)(?=\?|$)")
"""Follows the number of an article (``…-4713021.html/amp``); an ``/amp`` behind anything else may be an article."""
_SCRIPT = re.compile(r"/(?:[a-z_-]{1,20}\.(?:php|aspx?|jsp|cfm|do|cgi|pl))?$", re.IGNORECASE)
"""Ends paths of one program that shows every article; which one stands in the query."""
_FRONT_PAGE = re.compile(r"/(?:(?:index|default|home|main)(?:\.[a-z]{3,5})?/?)?", re.IGNORECASE)
_MAX_FORM = 9
"""Characters of what makes another form of an article out of its address (``/amp``, ``/print``, ``/trang-2``)."""
_TRACKERS = re.compile(r"(?<=[?&])(?:amp|zarsrc|zclid)(?:=[^&]*)?(?:&|$)")
"""Parameters of AMP copies and of Zalo, which courlan does not know."""


def canonical_url(stated: str | None, linked: Iterable[str]) -> str | None:
    """Return the URL that an article goes by.

    Args:
        stated: From the sidecar: where the page was found.
        linked: From the page itself (``rel=canonical``, ``og:url``), the surest first; may be relative. The first wins
            that is on the stated host or that host's ``www.``, ``m.`` or ``amp.``, because trackers, print and mobile
            versions differ while it stays; another host's is not believed. Neither is a front page, nor a folder
            around the stated address, nor a script without the query that chooses the article: they would make one
            article of many.

    Returns:
        See :func:`canonical_link`.
    """
    base = canonical_link(stated)
    links = (canonical_link(link, base or "") for link in linked)
    return next((link for link in links if link and _is_believable(link, base)), base)


def canonical_link(url: str | None, base: str = "") -> str | None:
    """Return the URL that a link goes by before anybody has seen its page; still good to fetch.

    Args:
        url: As printed; may be relative.
        base: What relative links are relative to.

    Returns:
        The URL without tracking parameters, fragment and what makes it an AMP copy; None unless it is ``http`` or
        ``https``, with a host and without a password.
    """
    if not url or len(url) > _MAX_URL or not url.isprintable():
        return None
    try:
        whole = urldefrag(urljoin(base, url.strip())).url
        plain = _AMP_PATH.sub(r"\1", _TRACKERS.sub("", whole).rstrip("?&"))
        cleaned = _keep_bare_query(plain, clean_url(plain))
        parts = urlsplit(cleaned or "")
        usable = parts.scheme in ("http", "https") and "." in (parts.hostname or "") and "@" not in parts.netloc
    except (ValueError, TypeError, AttributeError):  # courlan lets what urllib raises through
        return None
    return cleaned if usable else None


def _keep_bare_query(plain: str, cleaned: str | None) -> str | None:
    """Return the cleaned URL with the parameters that have no value (``read.php?1423``), which courlan drops."""
    bare = [part for part in urlsplit(plain).query.split("&") if part and "=" not in part]
    if not cleaned or not bare:
        return cleaned
    scheme, host, path, query, _ = urlsplit(cleaned)
    kept = [part for part in query.split("&") if part and part not in bare]
    return urlunsplit((scheme, host, path, "&".join([*kept, *bare]), ""))


def _is_believable(link: str, base: str | None) -> bool:
    """Return True if a page's own link may name the article at ``base``; None is an address that nobody knows."""
    path, query = _path_and_query(link)
    if _FRONT_PAGE.fullmatch(path) and not query:
        return base == link
    if base is None:
        return True
    return _host_of(link) == _host_of(base) and not _is_folder_around(link, base) and not _lacks_choice(link, base)


def _is_folder_around(link: str, base: str) -> bool:
    """Return True if a link is a section that holds the address; ``…/amp`` and ``…/2`` are forms of one article."""
    path, stated = (_path_and_query(url)[0].rstrip("/") for url in (link, base))
    return stated.startswith(f"{path}/") and len(stated) - len(path) > _MAX_FORM


def _lacks_choice(link: str, base: str) -> bool:
    """Return True if a link names a program of the site, without the query of the address that chooses the article."""
    path, query = _path_and_query(link)
    stated_path, stated_query = _path_and_query(base)
    return bool(stated_query) and not query and path == stated_path and bool(_SCRIPT.search(path))


def _path_and_query(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    return parts.path or "/", parts.query


def article_id(url: str | None, text: str) -> str:
    """Return sixteen hexadecimal digits that name an article; the same for ``http`` and ``https``."""
    return sha256(re.sub("^http:", "https:", url) if url else text)[:16]


def sha256(text: str) -> str:
    """Return the SHA-256 of the text in UTF-8, hexadecimal."""
    return hashlib.sha256(text.encode()).hexdigest()


def source_of(link: str) -> str:
    """Return the folder, or for a URL the host, that a link belongs to."""
    scheme, mark, rest = link.partition("://")
    host = re.split(r"[/?#]", rest)[0] if mark and scheme.isalpha() else ""
    return host or link.rpartition("/")[0] or "."


def _host_of(url: str) -> str:
    return _SIDE_DOOR.sub("", urlsplit(url).hostname or "")
