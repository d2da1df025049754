"""What came of asking for a link, as rows of ``fetches`` and as pages."""

from datetime import datetime, timedelta
from hashlib import sha256

from schemas.articles import Answer, Header, Page, Sidecar
from schemas.fetches import Fetch, FetchState
from schemas.fetching import Fetched, FetchKind, Later, NotModified, Outcome, Refused
from schemas.links import Link
from schemas.sources import Source
from tasks.clean.identity import canonical_link
from tasks.read.sources.catalogue import hints_for

__all__ = ["feed_row", "link_row", "to_page"]

_FIRST_PAUSE = timedelta(minutes=5)
"""A link put off is not tried sooner by the next run; doubled from run to run."""


def link_row(link: Link, outcome: Outcome, *, source: str, attempt: int, most_attempts: int, now: datetime) -> Fetch:
    """The row of a link to an article.

    Args:
        link: What was asked for.
        outcome: What came of it.
        source: Whose link it is.
        attempt: Which run's try it was, from 1.
        most_attempts: After so many runs a link that is put off once more is rejected.
        now: UTC.
    """
    retry_at = None
    if isinstance(outcome, Later) and attempt < most_attempts:
        retry_at = max(outcome.retry_at, now + _FIRST_PAUSE * 2 ** (attempt - 1))
    return _to_row(link, outcome, source=source, kind="article", attempt=attempt, retry_at=retry_at)


def feed_row(url: str, outcome: Outcome, *, source: str) -> Fetch:
    """The row of a feed or sitemap; one that fails is tried again by every run."""
    retry_at = outcome.retry_at if isinstance(outcome, Later) else None
    return _to_row(Link(url=url, found_in=""), outcome, source=source, kind="feed", attempt=1, retry_at=retry_at)


def to_page(link: Link, answer: Fetched, *, source: Source | None, name: str) -> Page:
    """The page that a link led to.

    Args:
        link: What was asked for.
        answer: What came.
        source: The watched source; None for a link of no source.
        name: What ``articles.source`` says.
    """
    return Page(
        input=link.url,
        media="text" if answer.content_type == "text/plain" else "html",
        body=answer.body,
        sidecar=Sidecar(
            url=canonical_link(answer.final_url) or link.url,
            published_at=link.published_at,
            language=source.language if source else None,
        ),
        fetched_at=answer.fetched_at,
        charset=answer.charset,
        answer=Answer(
            source=name,
            url=answer.final_url,
            status=answer.status,
            headers=tuple(Header(name, value) for name, value in answer.headers),
        ),
        hints=hints_for(source, answer.fetched_at.date()) if source else None,
    )


def _to_row(
    link: Link, outcome: Outcome, *, source: str, kind: FetchKind, attempt: int, retry_at: datetime | None
) -> Fetch:
    facts = outcome.facts
    answer = outcome if isinstance(outcome, Fetched) else None
    failure = outcome if isinstance(outcome, Refused | Later) else None
    return Fetch(
        input=link.url,
        source=source,
        found_in=link.found_in or None,
        kind=kind,
        state=_state_of(outcome, retry_at),
        code=failure.code if failure else None,
        message=failure.message if failure else None,
        url=answer.final_url if answer else None,
        status=facts.status,
        robots=facts.robots,
        requests=facts.attempts,
        redirects=facts.redirects,
        waited_seconds=round(facts.waited_seconds, 3),
        wire_bytes=facts.wire_bytes,
        etag=answer.etag if answer else None,
        last_modified=answer.last_modified if answer else None,
        body_sha256=sha256(answer.body).hexdigest() if answer else None,
        title=link.title,
        published_at=link.published_at,
        attempt=attempt,
        retry_at=retry_at,
    )


def _state_of(outcome: Outcome, retry_at: datetime | None) -> FetchState:
    match outcome:
        case Fetched():
            return "fetched"
        case NotModified():
            return "unchanged"
        case Later() if retry_at:
            return "later"
        case _:
            return "rejected"
