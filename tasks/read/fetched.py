"""Outcomes of asking for links, as rows of ``fetches`` and as pages."""

from dataclasses import replace
from datetime import datetime, timedelta
from hashlib import sha256

from schemas.articles import Answer, Header, Page, Sidecar
from schemas.fetches import Fetch, FetchState
from schemas.fetching import Fetched, FetchKind, Later, NotModified, Outcome, Refused, Validators
from schemas.links import Link
from schemas.sources import Source
from tasks.clean.identity import canonical_link
from tasks.read.printable import printable
from tasks.read.sources.catalogue import hints_for

__all__ = ["FIRST_PAUSE", "feed_row", "link_row", "put_off_row", "to_page"]

_NOT_KEPT = {"set-cookie", "set-cookie2"}
"""Headers that are not stored: they identify this reader to the host, and say nothing about the page."""
FIRST_PAUSE = timedelta(minutes=5)
"""A link put off is not tried sooner by the next run; doubled from run to run."""


def link_row(
    link: Link,
    outcome: Outcome,
    *,
    source: str,
    attempt: int,
    most_attempts: int,
    now: datetime,
    validators: Validators | None = None,
) -> Fetch:
    """Return the row of a link to an article.

    Args:
        link: What was asked for.
        outcome: What came of it.
        source: Which source the link belongs to.
        attempt: Which run's try it was, from 1.
        most_attempts: A link that is put off once more after so many runs is rejected; one that no
            run has reached yet is not.
        now: UTC.
        validators: What was asked with; an answer that says "unchanged" keeps them.
    """
    retry_at = None
    if isinstance(outcome, Later) and outcome.code == "out_of_time":
        retry_at = outcome.retry_at
    elif isinstance(outcome, Later) and attempt < most_attempts:
        retry_at = max(outcome.retry_at, now + FIRST_PAUSE * 2 ** (attempt - 1))
    row = _to_row(link, outcome, source=source, kind="article", attempt=attempt, retry_at=retry_at)
    return _keep_validators(row, outcome, validators) if validators else row


def put_off_row(row: Fetch, code: str, message: str, *, most_attempts: int, now: datetime) -> Fetch | None:
    """Return the row of a link whose page came, but was lost by a trouble of ours that may pass: it is put off.

    Args:
        row: As :func:`link_row` gave it.
        code: What went wrong.
        message: The same in words.
        most_attempts: After so many runs nothing is put off any more.
        now: UTC.

    Returns:
        The row without validators, so that the page is asked for again in full; None after
        ``most_attempts`` runs.
    """
    if row.attempt >= most_attempts:
        return None
    retry_at = now + FIRST_PAUSE * 2 ** (row.attempt - 1)
    return replace(
        row,
        state="later",
        code=code,
        message=message,
        etag=None,
        last_modified=None,
        body_sha256=None,
        retry_at=retry_at,
    )


def feed_row(url: str, outcome: Outcome, *, source: str, before: Fetch | None = None) -> Fetch:
    """Return the row of a feed or sitemap; one that fails is tried again by every run.

    Args:
        url: Its address.
        outcome: What came of asking for it.
        source: Which source it belongs to.
        before: Its last row; one that says "unchanged" keeps what that says of the body.
    """
    retry_at = outcome.retry_at if isinstance(outcome, Later) else None
    row = _to_row(Link(url=url, found_in=""), outcome, source=source, kind="feed", attempt=1, retry_at=retry_at)
    if before is None or not isinstance(outcome, NotModified):
        return row
    kept = replace(row, code=before.code, message=before.message, body_sha256=before.body_sha256)
    return _keep_validators(kept, outcome, Validators(etag=before.etag, last_modified=before.last_modified))


def to_page(link: Link, answer: Fetched, *, source: Source | None, name: str) -> Page:
    """Return the page that a link led to.

    Args:
        link: What was asked for.
        answer: What came.
        source: The watched source; None for a link of no source.
        name: The value of ``articles.source``.
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
            headers=tuple(Header(name, value) for name, value in answer.headers if name not in _NOT_KEPT),
        ),
        hints=hints_for(source, answer.fetched_at.date()) if source else None,
    )


def _keep_validators(row: Fetch, outcome: Outcome, known: Validators) -> Fetch:
    """Return the row of an unchanged answer with the validators to ask with next: renewed ones, else the known."""
    if not isinstance(outcome, NotModified):
        return row
    return replace(row, etag=outcome.etag or known.etag, last_modified=outcome.last_modified or known.last_modified)


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
        message=printable(failure.message) if failure else None,
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
