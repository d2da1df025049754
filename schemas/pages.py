"""Pages as they were received, and the table ``pages``."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Literal

from schemas.articles import BatchStamp, Header
from schemas.columns import arrow_schema
from schemas.rejects import EventStamp

__all__ = ["PAGES", "RawPage"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RawPage:
    """What cleaning was given, so that it can be run again."""

    input: Annotated[str, "The link it came from"]
    source: Annotated[str, "Which watched source led to it"]
    url: Annotated[str | None, "Where redirects led to"]
    status: Annotated[int | None, "HTTP status"]
    headers: Annotated[tuple[Header, ...], "As received but for cookies, names in lower case"]
    media: Annotated[Literal["html", "text"], "How the body is to be read"]
    charset: Annotated[str | None, "As the server names it; may be wrong"]
    body: Annotated[bytes, "As received, decompressed; empty for a large page that became no article"]
    sha256: Annotated[str, "SHA-256 of the body as received, hexadecimal"]
    outlet: Annotated[str | None, "What was known beforehand: the outlet"]
    title: Annotated[str | None, "What was known beforehand: the headline"]
    published_at: Annotated[datetime | None, "What was known beforehand: when it was published"]
    language: Annotated[str | None, "What was known beforehand: the language"]
    fetched_at: Annotated[datetime, "When it was received, UTC"]


PAGES = arrow_schema(RawPage, EventStamp, BatchStamp)
