from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256

import pytest

from flows.run.raw_pages import MAX_REJECTED_BODY_BYTES, keep_page
from schemas.articles import Answer, Page, Sidecar

ANSWER = Answer(source="paper", url="https://paper.example/1", status=200, headers=())
PAGE = Page(
    input="https://paper.example/1",
    media="html",
    body=b"<p>",
    sidecar=Sidecar(),
    fetched_at=datetime(2026, 3, 5, tzinfo=UTC),
    answer=ANSWER,
)


@pytest.mark.parametrize(
    ("size", "cleaned", "kept"),
    [
        (MAX_REJECTED_BODY_BYTES, (), MAX_REJECTED_BODY_BYTES),
        (MAX_REJECTED_BODY_BYTES + 1, (), 0),
        (MAX_REJECTED_BODY_BYTES + 1, (PAGE.input,), MAX_REJECTED_BODY_BYTES + 1),
    ],
)
def test_a_large_body_is_kept_of_articles_only(size: int, cleaned: tuple[str, ...], kept: int) -> None:
    page = replace(PAGE, body=b"x" * size)
    raw = keep_page(page, ANSWER, cleaned=cleaned)
    assert len(raw.body) == kept
    assert raw.sha256 == sha256(page.body).hexdigest()
