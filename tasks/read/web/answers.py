"""What an answer's status and headers mean."""

from collections.abc import Sequence
from datetime import datetime
from email.message import Message

import httpx

from schemas.errors import RejectArticle, RetryLater
from tasks.read.web.retries import retry_after_seconds
from tasks.read.web.urls import host_of

__all__ = ["check_content_type", "check_status", "content_type_of", "is_document", "is_passing", "is_redirect"]

_REDIRECTS = {301, 302, 303, 307, 308}
_PASSING = {408, 425, 429}
_FULL = {200, 203}
_MEANINGS = {
    401: "asks for a login",
    402: "asks for payment",
    403: "does not let us in",
    404: "knows no such page",
    451: "may not show the page",
}


def is_redirect(status: int) -> bool:
    """Whether the answer is elsewhere."""
    return status in _REDIRECTS


def is_document(status: int) -> bool:
    """Whether the body is what was asked for."""
    return status in _FULL


def is_passing(status: int) -> bool:
    """Whether the same request may succeed later."""
    return status in _PASSING or status >= 500


def check_status(answer: httpx.Response, now: datetime) -> None:
    """Pass if the answer is a whole document.

    Raises:
        RetryLater: ``http_408``, ``http_425``, ``http_429`` and ``http_5xx``, with the pause asked for.
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
    """Content type and charset that the header names, in lower case; None for what it does not name."""
    header = Message()
    header["content-type"] = answer.headers.get("content-type", "").replace("\r", " ").replace("\n", " ")
    kind = header["content-type"].partition(";")[0].strip().lower()
    charset = header.get_content_charset() if kind else None
    return kind or None, charset or None


def check_content_type(kind: str | None, wanted: Sequence[str], host: str) -> None:
    """Pass if the type is wanted, or unknown.

    Raises:
        RejectArticle: ``wrong_content_type``.
    """
    if kind is not None and kind not in wanted:
        raise RejectArticle("wrong_content_type", f"{host} sends {kind[:80]}, not {', '.join(wanted)}")
