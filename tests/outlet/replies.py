"""What was asked, and what is answered, down to how the connection ends."""

import gzip
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from hashlib import sha256
from typing import Literal

Ending = Literal["whole", "cut", "reset", "stall", "drip"]
"""After the body: keep the connection; close it; reset it; send nothing more; send a byte now and then, for ever."""


@dataclass(frozen=True, slots=True)
class Request:
    host: str
    """As the `Host` header says, without port."""
    path: str
    """With query."""
    headers: Mapping[str, str]
    """Names in lower case."""
    times: int = 1
    """How often this path of this host has been asked for, this time included."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | Iterable[bytes] = b""
    """Pieces are sent as they come and never held, ended by closing the connection unless a length is given."""
    length: int | None = None
    """`Content-Length` to claim; that of the body where None and the body is bytes."""
    ending: Ending = "whole"

    def fields(self) -> dict[str, str]:
        """All header fields."""
        length = len(self.body) if self.length is None and isinstance(self.body, bytes) else self.length
        return {**self.headers, **({} if length is None else {"Content-Length": str(length)})}

    def pieces(self) -> Iterator[bytes]:
        yield from [self.body] if isinstance(self.body, bytes) else self.body


Answer = Reply | Callable[[Request], Reply]


def page(body: str | bytes, content_type: str, **headers: str) -> Reply:
    data = body.encode() if isinstance(body, str) else body
    return Reply(headers={"Content-Type": content_type, **headers}, body=data)


def html(body: str | bytes, charset: str = "utf-8") -> Reply:
    return page(body, f"text/html; charset={charset}")


def redirect(to: str, status: int = 302) -> Reply:
    return Reply(status=status, headers={"Location": to})


def gzipped(reply: Reply) -> Reply:
    assert isinstance(reply.body, bytes)
    return replace(reply, headers={**reply.headers, "Content-Encoding": "gzip"}, body=gzip.compress(reply.body))


def conditional(reply: Reply, modified: datetime, request: Request) -> Reply:
    """The reply with validators, or 304 if the request shows that its sender has it already."""
    assert isinstance(reply.body, bytes)
    etag = f'"{sha256(reply.body).hexdigest()[:16]}"'
    marks = {"ETag": etag, "Last-Modified": format_datetime(modified.astimezone(UTC), usegmt=True)}
    if _is_known(request, etag, modified):
        return Reply(status=304, headers=marks)
    return replace(reply, headers={**reply.headers, **marks})


def _is_known(request: Request, etag: str, modified: datetime) -> bool:
    """`If-None-Match` decides where it is given (RFC 9110, section 13.2.2)."""
    if known := request.headers.get("if-none-match"):
        return etag in known
    since = request.headers.get("if-modified-since")
    return since is not None and parsedate_to_datetime(since) >= modified.replace(microsecond=0)


def status_page(code: int, **headers: str) -> Reply:
    """An answer that is only its status."""
    return Reply(status=code, headers={"Content-Type": "text/html", **headers}, body=f"<h1>{code}</h1>".encode())
