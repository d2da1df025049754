"""Links as they come, and links that may be asked for.

The URL that was checked is the URL that is asked: there is one parser, httpx's, and no second
opinion.
"""

import re
from collections.abc import Container

import httpx

from schemas.errors import RejectArticle
from tasks.read.printable import printable_link
from tasks.read.web.addresses import is_disguised

__all__ = ["check_url", "follow", "host_of"]

_PORTS = {"http": 80, "https": 443}
_HOST = re.compile(r"[a-z0-9_]([a-z0-9_.-]*[a-z0-9_.])?|[0-9a-f:]*:[0-9a-f:.]*")
_FORBIDDEN = re.compile(r"[\x00-\x1f\x7f-\x9f\\\ud800-\udfff]")
_SCHEME = re.compile(r"\s*([a-z][a-z0-9+.-]*):", re.IGNORECASE)


def check_url(link: str, *, max_chars: int, allowed: Container[tuple[str, int]]) -> httpx.URL:
    """Return a link as a URL that may be asked for: without fragment, its host in ASCII and lower case.

    Args:
        link: Whatever a feed or a redirect says.
        max_chars: A longer link is refused.
        allowed: Hosts and ports that the settings vouch for.

    Raises:
        RejectArticle: ``unsupported_scheme`` for any but http and https; ``bad_port`` for a port
            that is neither usual nor vouched for; ``not_public_address`` for an IPv4 address in an
            unusual spelling; ``bad_url`` for user-info, control characters, backslashes, lone
            surrogates, no or a broken host.
    """
    shown = printable_link(link)
    if len(link) > max_chars:
        raise RejectArticle("bad_url", f"{shown} is longer than {max_chars:,} characters")
    scheme = _SCHEME.match(link)
    if scheme and scheme.group(1).lower() not in _PORTS:
        raise RejectArticle("unsupported_scheme", f"{shown} is neither http nor https")
    url = _parse_link(link.strip(), shown)
    port = url.port or _PORTS[url.scheme]
    if is_disguised(host_of(url)):
        raise RejectArticle("not_public_address", f"{shown} hides an address behind an unusual spelling")
    if port not in _PORTS.values() and (host_of(url), port) not in allowed:
        raise RejectArticle("bad_port", f"{shown} asks for port {port}; only 80 and 443 are for the public")
    return url.copy_with(fragment=None)


def host_of(url: httpx.URL) -> str:
    """Return the host as it is asked for: ``url.host`` would turn Punycode into letters, and fail where it cannot."""
    return url.raw_host.decode("ascii")


def follow(url: httpx.URL, location: str) -> str:
    """Return where a redirect leads, as a link that is still to be checked.

    Raises:
        RejectArticle: ``bad_redirect``.
    """
    if not location.strip():
        raise RejectArticle("bad_redirect", f"{url} redirects, but does not say where to")
    try:
        return str(url.join(location.strip()))
    except (httpx.InvalidURL, ValueError) as error:
        shown = printable_link(location)
        raise RejectArticle("bad_redirect", f"{url} redirects to {shown}, which is not a link") from error


def _parse_link(link: str, shown: str) -> httpx.URL:
    try:
        url = httpx.URL(link)
        _ = url.host  # fails for Punycode that stands for no letters (``xn--a``), as would building a request
    except (httpx.InvalidURL, ValueError) as error:
        raise RejectArticle("bad_url", f"{shown} is not a link: {error}") from error
    if url.scheme not in _PORTS or not url.raw_host or url.userinfo or _FORBIDDEN.search(link) or url.port == 0:
        raise RejectArticle("bad_url", f"{shown} is no link that anybody would print")
    if not _HOST.fullmatch(host_of(url)) or ".." in host_of(url):
        raise RejectArticle("bad_url", f"{shown} names no host")
    return url
