"""What is news, and what is told only once."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from flows.monitoring.events import find_degradation, find_new_meetings, find_silences
from flows.monitoring.health import SourceHealth
from flows.run.summary import Tally
from samples import ARTICLE, MEETING, PARTICIPANT
from schemas.settings import AlertSettings
from tasks.lake import NO_HISTORY, Batch, append_batch, create_lake, load_history

NOW = datetime(2026, 3, 5, 12, tzinfo=UTC)


def store(lake: Path, name: str, run_id: str, articles: int, *, copies: bool = False) -> None:
    batch = Batch(
        batch_id=name,
        run_id=run_id,
        extracted_at=NOW,
        articles=tuple(
            replace(
                ARTICLE,
                article_id=f"a{n}",
                text="Họ hội đàm.",
                published_at=NOW + timedelta(hours=n),
                near_duplicate_of="a0" if copies and n else None,
            )
            for n in range(articles)
        ),
        meetings=tuple(
            replace(
                MEETING,
                article_id=f"a{n}",
                meeting_id=f"m{n}",
                participants=(replace(PARTICIPANT, name="Đỗ Thị Ánh"), replace(PARTICIPANT, name="José Pérez")),
                date_start=NOW.date(),
                end=11,
            )
            for n in range(articles)
        ),
        quotes=(),
        topics=(),
        rejects=(),
        extractor="test",
    )
    append_batch(lake, batch, written_at=NOW)


@pytest.fixture
def lake(tmp_path: Path) -> Path:
    create_lake(tmp_path / "lake")
    return tmp_path / "lake"


def test_meetings_are_told_newest_first_up_to_the_bound(lake: Path) -> None:
    store(lake, "b1", "run-1", 5)
    told = find_new_meetings(lake, "run-1", NO_HISTORY, AlertSettings(meetings=3))
    assert [one.payload["meeting_id"] for one in told] == ["m4", "m3", "m2"]
    assert [one.payload["more_meetings"] for one in told] == [0, 0, 2]
    assert told[0].event == "parley.meeting.reported"
    assert told[0].resource["prefect.resource.id"] == "parley.meeting.m4"
    assert told[0].resource["prefect.resource.name"] == "2026-03-05 – Đỗ Thị Ánh, José Pérez – held"
    assert told[0].payload["sentence"] == "Họ hội đàm."


def test_another_run_known_articles_and_copies_are_no_news(lake: Path) -> None:
    store(lake, "b1", "run-1", 2, copies=True)
    assert find_new_meetings(lake, "run-2", NO_HISTORY, AlertSettings()) == ()
    assert [one.payload["article_id"] for one in find_new_meetings(lake, "run-1", NO_HISTORY, AlertSettings())] == [
        "a0"
    ]
    known = load_history(lake, NOW)
    store(lake, "b2", "run-3", 2)
    assert find_new_meetings(lake, "run-3", known, AlertSettings()) == ()
    assert find_new_meetings(lake, "run-3", NO_HISTORY, AlertSettings(meetings=0)) == ()


@pytest.mark.parametrize(("hours", "already", "told"), [(47, (), 0), (49, (), 1), (49, ("baomau",), 0)])
def test_silence_is_told_once(hours: int, already: tuple[str, ...], told: int) -> None:
    source = SourceHealth(
        source="baomau", since=NOW - timedelta(days=9), newest=NOW - timedelta(hours=hours), articles=4
    )
    notices = list(find_silences([source], already, NOW, AlertSettings()))
    assert len(notices) == told
    assert all(one.payload["hours"] == hours for one in notices)


@pytest.mark.parametrize(
    ("read", "rejected", "told"),
    [(40, {"gone": 21}, True), (40, {"gone": 20}, False), (40, {"duplicate": 40}, False), (19, {"gone": 19}, False)],
)
def test_a_run_is_degraded_if_it_rejects_too_much(read: int, rejected: dict[str, int], told: bool) -> None:
    summary = Tally().summary(run_id="r", source="s", lake="lake", seconds=1.0)
    notice = find_degradation(replace(summary, read=read, rejected=rejected), AlertSettings())
    assert (notice is not None) == told
    assert notice is None or notice.payload["codes"] == rejected
