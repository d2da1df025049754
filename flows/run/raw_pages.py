"""What is kept of a page from the web, so that cleaning can be run again."""

from collections.abc import Collection
from hashlib import sha256

from schemas.articles import Answer, Page
from schemas.pages import RawPage

__all__ = ["MAX_REJECTED_BODY_BYTES", "keep_page"]

MAX_REJECTED_BODY_BYTES = 200_000
"""Of a page that became no article a larger body is not kept: nobody cleans it again, and it could fill the disk."""


def keep_page(page: Page, answer: Answer, *, cleaned: Collection[str]) -> RawPage:
    """Return a page as it is stored: as it was read, but for large bodies of rejected pages.

    Args:
        page: What was read.
        answer: How it came over the web.
        cleaned: The links of the pages that became articles.

    Returns:
        The page; ``sha256`` is that of the body as received, also where the body is left out.
    """
    has_body = page.input in cleaned or len(page.body) <= MAX_REJECTED_BODY_BYTES
    return RawPage(
        input=page.input,
        source=answer.source,
        url=answer.url,
        status=answer.status,
        headers=answer.headers,
        media=page.media,
        charset=page.charset,
        body=page.body if has_body else b"",
        sha256=sha256(page.body).hexdigest(),
        outlet=page.sidecar.outlet,
        title=page.sidecar.title,
        published_at=page.sidecar.published_at,
        language=page.sidecar.language,
        fetched_at=page.fetched_at,
    )
