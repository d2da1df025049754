"""How links were asked for and what came of it, and the table ``fetches``."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Literal

from schemas.articles import BatchStamp
from schemas.columns import arrow_schema
from schemas.fetching import FetchKind, RobotsVerdict
from schemas.rejects import EventStamp

__all__ = ["FETCHES", "Fetch", "FetchState"]

FetchState = Literal["fetched", "unchanged", "rejected", "later"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetch:
    """One link of a run: the requests made for it, if any."""

    input: Annotated[str, "The link, without tracking parameters"]
    source: Annotated[str, "Which watched source led to it"]
    found_in: Annotated[str | None, "The feed, sitemap or list that names it; NULL for a link given by hand"]
    kind: Annotated[
        FetchKind,
        "`article`, `feed` (also a sitemap), or `file` (of a folder that is read again and again)",
    ]
    state: Annotated[
        FetchState,
        "`fetched` (its page went on to cleaning), `unchanged` (304), `rejected` (the table `rejects` has it too), "
        "`later` (to be tried again)",
    ]
    code: Annotated[str | None, "Stable name of the reason, where it was not fetched, or was read in part"]
    message: Annotated[str | None, "The reason in words"]
    url: Annotated[str | None, "Where redirects led to"]
    status: Annotated[int | None, "HTTP status of the last answer"]
    robots: Annotated[RobotsVerdict | None, "What robots.txt says; NULL where it was not reached"]
    requests: Annotated[int, "Requests made in this run; 0 for a link that was not asked for"]
    redirects: Annotated[int, "Redirects followed in the last of them"]
    waited_seconds: Annotated[float, "Waited for the host's turn and between tries"]
    wire_bytes: Annotated[int, "Bytes of bodies received, as sent"]
    etag: Annotated[str | None, "To ask next time whether it has changed; of a file its size, time and reader"]
    last_modified: Annotated[str | None, "The same, as the server wrote it"]
    body_sha256: Annotated[str | None, "SHA-256 of the decompressed body, of a file with its sidecar; hexadecimal"]
    title: Annotated[str | None, "Headline, as the feed gives it"]
    published_at: Annotated[datetime | None, "When the feed says it was published"]
    attempt: Annotated[int, "Which run's try it was, from 1"]
    retry_at: Annotated[datetime | None, "For `later`: not tried again before, UTC"]


FETCHES = arrow_schema(Fetch, EventStamp, BatchStamp)
