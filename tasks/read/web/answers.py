"""Meaning of an answer's status and headers."""

import re
from collections.abc import Sequence
from datetime import datetime
from html import unescape

import httpx

from schemas.errors import RejectArticle, RetryLater
from tasks.read.content_types import parse_content_type
from tasks.read.web.retries import retry_after_seconds
from tasks.read.web.urls import host_of

__all__ = [
    "check_content_type",
    "check_status",
    "content_type_of",
    "is_document",
    "is_passing",
    "is_redirect",
    "meta_refresh",
    "refresh_target",
]

_REDIRECTS = {301, 302, 303, 307, 308}
_PASSING = {408, 425, 429}
_FULL = {200, 203}
_MAX_REFRESH_SECONDS = 10
_MAX_HEAD_BYTES = 16_384
_REFRESH = re.compile(
    r"(?P<seconds>\d{1,6})[\d.]*\s*+(?:[;,]\s*+|(?<=\s))url\s*=\s*(?P<url>\S.*)", re.IGNORECASE | re.DOTALL
)
_UNREAD = re.compile(r"<!--.*?(?:-->|\Z)|<(script|noscript|style)\b.*?(?:</\1\s*>|\Z)", re.IGNORECASE | re.DOTALL)
_META = re.compile(r"<meta\b[^<>]{1,2000}>", re.IGNORECASE)
_IS_REFRESH = re.compile(r"""http-equiv\s*=\s*(?:["']\s*)?refresh\b""", re.IGNORECASE)
_CONTENT = re.compile(r"""\bcontent\s*=\s*(?:"([^"]*)"|'([^']*)')""", re.IGNORECASE)
_MEANINGS = {
    401: "asks for a login",
    402: "asks for payment",
    403: "does not let us in",
    404: "knows no such page",
    451: "may not show the page",
}


def is_redirect(status: int) -> bool:
    """Return True if the answer is elsewhere."""
    return status in _REDIRECTS


def is_document(status: int) -> bool:
    """Return True if the body is what was asked for."""
    return status in _FULL


def is_passing(status: int) -> bool:
    """Return True if the same request may succeed later."""
    return status in _PASSING or status >= 500


def check_status(answer: httpx.Response, now: datetime) -> None:
    """Pass if the answer is a whole document.

    Raises:
        RetryLater: ``http_408``, ``http_425``, ``http_429`` and ``http_5xx``, with the pause asked
            for.
        RejectArticle: ``gone`` for 410, ``http_<status>`` for any other.
    """
    status = answer.status_code
    if is_document(status):
        return
    host = host_of(answer.request.url)
    if is_passing(status):
        pause = retry_after_seconds(answer.headers.get("retry-after"), now)
        raise RetryLater(f"http_{status}", f"{host} answers {status}", pause)
    if status == 410:
        raise RejectArticle("gone", f"{host} answers 410: the page was taken away for good")
    raise RejectArticle(f"http_{status}", f"{host} answers {status}{_explain_status(status)}")


def _explain_status(status: int) -> str:
    return f": it {_MEANINGS[status]}" if status in _MEANINGS else ""


def content_type_of(answer: httpx.Response) -> tuple[str | None, str | None]:
    """Return the content type and charset that the headers name, in lower case.

    What they do not name is None.
    """
    return parse_content_type(answer.headers.get_list("content-type"))


def check_content_type(kind: str | None, wanted: Sequence[str], host: str) -> None:
    """Pass if the type is wanted, or unknown.

    Args:
        kind: In lower case, without parameters.
        wanted: Types; ``text/*`` stands for all that begin so.
        host: For the message.

    Raises:
        RejectArticle: ``wrong_content_type``.
    """
    if kind is None or kind in wanted or f"{kind.partition('/')[0]}/*" in wanted:
        return
    raise RejectArticle("wrong_content_type", f"{host} sends {kind[:80]}, not {', '.join(wanted)}")


def refresh_target(header: str | None) -> str | None:
    """Return where a ``Refresh`` header, or a ``<meta http-equiv="refresh">``, leads at once; None if nowhere.

    A pause over ten seconds means that a page is to be loaded again while somebody reads it, not
    that it has moved.
    Source: https://html.spec.whatwg.org/#shared-declarative-refresh-steps.
    """
    found = _REFRESH.fullmatch((header or "")[:4_000].strip())
    if not found or int(found["seconds"]) > _MAX_REFRESH_SECONDS:
        return None
    return found["url"].strip().strip("\"'").strip() or None


def meta_refresh(body: bytes) -> str | None:
    """Return where a page leads by ``<meta http-equiv="refresh">``; None if it does not.

    Only the beginning is searched; what stands in comments, scripts or ``<noscript>`` does not
    count.
    """
    head = body[:_MAX_HEAD_BYTES]
    if b"refresh" not in head.lower():
        return None
    text = _UNREAD.sub(" ", head.decode("utf-8", "replace"))
    tags = (match.group() for match in _META.finditer(text) if _IS_REFRESH.search(match.group()))
    contents = (_CONTENT.search(tag) for tag in tags)
    targets = (refresh_target(unescape(content[1] or content[2] or "")) for content in contents if content)
    return next(filter(None, targets), None)
