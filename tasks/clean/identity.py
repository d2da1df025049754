"""What makes two pages the same article: their canonical URL, or their text where there is none."""

import hashlib
import re
from urllib.parse import urldefrag, urljoin, urlsplit

from courlan import clean_url

__all__ = ["article_id", "canonical_url", "sha256", "source_of"]

_MAX_URL = 2_000


def canonical_url(stated: str | None, linked: str | None) -> str | None:
    """The URL that an article goes by.

    Args:
        stated: From the sidecar: where the page was found.
        linked: From the page itself (``rel=canonical``); may be relative. It wins if it is on the stated host,
            because trackers and print versions differ while it stays; another host's is not believed.

    Returns:
        The URL without tracking parameters and fragment; None unless it is ``http`` or ``https`` with a host.
    """
    base = _usable(stated)
    own = _usable(linked, base or "")
    if own and (not base or _host(own) == _host(base)):
        return own
    return base


def article_id(url: str | None, text: str) -> str:
    """Sixteen hexadecimal digits that name an article."""
    return sha256(url or text)[:16]


def sha256(text: str) -> str:
    """SHA-256 of the text in UTF-8, hexadecimal."""
    return hashlib.sha256(text.encode()).hexdigest()


def source_of(link: str) -> str:
    """The folder, or for a URL the host, that a link belongs to."""
    scheme, mark, rest = link.partition("://")
    host = re.split(r"[/?#]", rest)[0] if mark and scheme.isalpha() else ""
    return host or link.rpartition("/")[0] or "."


def _usable(url: str | None, base: str = "") -> str | None:
    if not url or len(url) > _MAX_URL or not url.isprintable():
        return None
    try:
        cleaned = clean_url(urldefrag(urljoin(base, url.strip())).url)
        parts = urlsplit(cleaned or "")
    except (ValueError, TypeError, AttributeError):  # courlan lets what urllib raises through
        return None
    return cleaned if parts.scheme in ("http", "https") and "." in (parts.hostname or "") else None


def _host(url: str) -> str:
    return (urlsplit(url).hostname or "").removeprefix("www.")
