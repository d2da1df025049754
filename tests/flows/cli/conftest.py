"""A small lake of two articles, and what commands print about it."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from samples import ARTICLE, MEETING, PARTICIPANT, QUOTE, TOPIC
from schemas.articles import Article
from schemas.meetings import Meeting
from schemas.quotes import Quote
from schemas.rejects import Reject
from schemas.topics import Topic
from tasks.lake import Batch, append_batch, create_lake

Output = Callable[[], tuple[str, str]]
TEXT = 'Mở đầu. "Vì hòa bình!", bà Đỗ Thị Ánh nói. Kết thúc.'


def _article(article_id: str, published_at: datetime | None) -> Article:
    return replace(
        ARTICLE,
        article_id=article_id,
        input=f"{article_id}.txt",
        outlet="Báo [Mẫu]",
        published_on=(published_at + timedelta(hours=7)).date() if published_at else None,  # in Hanoi
        published_at=published_at,
        published_from=None,
        text=TEXT,
        text_sha256=sha256(TEXT.encode()).hexdigest(),
        fetched_at=datetime(2026, 1, 1, tzinfo=UTC),
    )


def _meeting(article_id: str, names: tuple[str, ...], **cells: Any) -> Meeting:
    parties = tuple(replace(PARTICIPANT, name=name, end=2) for name in names)
    own = {"meeting_id": f"m-{article_id}", "article_id": article_id, "participants": parties, "format": None, "end": 7}
    return replace(MEETING, **own | cells)


def _quote(article_id: str) -> Quote:
    words = "Vì hòa bình!"
    start = TEXT.index(words)
    name = TEXT.index("Đỗ Thị Ánh")
    return replace(
        QUOTE,
        quote_id=f"q-{article_id}",
        article_id=article_id,
        text=words,
        start=start,
        end=start + len(words),
        speaker="Đỗ Thị Ánh",
        speaker_start=name,
        speaker_end=name + len("Đỗ Thị Ánh"),
    )


def _topic(article_id: str, topic_id: str, scope: Any, target_id: str) -> Topic:
    own = {"topic_id": topic_id, "article_id": article_id, "label": topic_id.title()}
    return replace(TOPIC, **own, scope=scope, target_id=target_id)


@pytest.fixture
def small_lake(tmp_path: Path) -> Path:
    create_lake(tmp_path / "lake")
    day = {"date_start": date(2026, 3, 5), "date_precision": "day"}
    batch = Batch(
        "b1",
        "run",
        datetime(2026, 3, 9, tzinfo=UTC),
        (_article("a1", datetime(2026, 3, 4, 17, tzinfo=UTC)), _article("a2", None)),
        (
            _meeting("a1", ("Đỗ Thị Ánh", "José Pérez"), **day, city="Hue", country="VN", duration_minutes=270),
            _meeting("a1", ("Ai Đó",), meeting_id="m-span", **(day | {"date_end": date(2026, 3, 7)})),
            _meeting("a2", ("Ai Đó",), date_start=date(2025, 2, 1), date_precision="month", status="planned"),
            _meeting("a2", ("Ai Đó",), meeting_id="m-year", date_start=date(2024, 1, 1), date_precision="year"),
            _meeting("a2", ("Ai Đó",), meeting_id="m-undated", duration_minutes=9, duration_qualifier="lt"),
        ),
        (_quote("a1"),),
        (
            _topic("a1", "peace", "article", "a1"),
            _topic("a1", "peace", "quote", "q-a1"),
            _topic("a2", "trade", "article", "a2"),
        ),
        (Reject(input="x.txt", stage="clean", code="empty", message="no text"),),
        "parley 0",
    )
    append_batch(tmp_path / "lake", batch, written_at=batch.extracted_at)
    return tmp_path / "lake"


@pytest.fixture
def output(capsys: pytest.CaptureFixture[str]) -> Output:
    def read() -> tuple[str, str]:
        captured = capsys.readouterr()
        return captured.out, captured.err

    return read
