"""What makes two pages the same article: their canonical URL, or their text where there is none.

The only place that decides what a URL is called: links are known by the same name before they are fetched.
"""

import hashlib
import re
from urllib.parse import urldefrag, urljoin, urlsplit

from courlan import clean_url

__all__ = ["article_id", "canonical_link", "canonical_url", "sha256", "source_of"]

_MAX_URL = 2_000
_SIDE_DOOR = re.compile(r"^(?:www|m|amp)\.")
"""Begins hosts that serve the pages of the host without it."""
_AMP_PATH = re.compile(r"(?<=\d)((?:\.\w{1,5})?)(?:/amp/?|\.amp)(?=\?|$)")
"""Follows the number of an article (``…-4713021.html/amp``); an ``/amp`` behind anything else may be an article."""
_TRACKERS = re.compile(r"(?<=[?&])(?:amp|zarsrc|zclid)(?:=[^&]*)?(?:&|$)")
"""Parameters of AMP copies and of Zalo, which courlan does not know."""


def canonical_url(stated: str | None, linked: str | None) -> str | None:
    """The URL that an article goes by.

    Args:
        stated: From the sidecar: where the page was found.
        linked: From the page itself (``rel=canonical``); may be relative. It wins if it is on the stated host or
            that host's ``www.``, ``m.`` or ``amp.``, because trackers, print and mobile versions differ while it
            stays; another host's is not believed.

    Returns:
        See :func:`canonical_link`.
    """
    base = canonical_link(stated)
    own = canonical_link(linked, base or "")
    if own and (not base or _host(own) == _host(base)):
        return own
    return base


def canonical_link(url: str | None, base: str = "") -> str | None:
    """The URL that a link goes by before anybody has seen its page; still good to fetch.

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
        cleaned = clean_url(_AMP_PATH.sub(r"\1", _TRACKERS.sub("", whole).rstrip("?&")))
        parts = urlsplit(cleaned or "")
        usable = parts.scheme in ("http", "https") and "." in (parts.hostname or "") and "@" not in parts.netloc
    except (ValueError, TypeError, AttributeError):  # courlan lets what urllib raises through
        return None
    return cleaned if usable else None


def article_id(url: str | None, text: str) -> str:
    """Sixteen hexadecimal digits that name an article; the same for ``http`` and ``https``."""
    return sha256(re.sub("^http:", "https:", url) if url else text)[:16]


def sha256(text: str) -> str:
    """SHA-256 of the text in UTF-8, hexadecimal."""
    return hashlib.sha256(text.encode()).hexdigest()


def source_of(link: str) -> str:
    """The folder, or for a URL the host, that a link belongs to."""
    scheme, mark, rest = link.partition("://")
    host = re.split(r"[/?#]", rest)[0] if mark and scheme.isalpha() else ""
    return host or link.rpartition("/")[0] or "."


def _host(url: str) -> str:
    return _SIDE_DOOR.sub("", urlsplit(url).hostname or "")
