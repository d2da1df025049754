from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from flows.monitoring.health import count_articles_ahead
from samples import ARTICLE
from tasks.lake import Batch, append_batch, create_lake, open_lake

NOW = datetime(2026, 3, 5, 12, tzinfo=UTC)


def _append(lake: Path, article_id: str, read_at: datetime) -> None:
    article = replace(ARTICLE, article_id=article_id, input=f"{article_id}.txt", fetched_at=read_at)
    batch = Batch(f"b-{article_id}", "run", read_at, (article,), (), (), (), (), "parley 0")
    append_batch(lake, batch, written_at=read_at)


def test_articles_of_a_clock_that_was_ahead_are_counted(tmp_path: Path) -> None:
    create_lake(tmp_path / "lake")
    for article_id, hours in (("a1", -1), ("a2", 0.5), ("a3", 24)):
        _append(tmp_path / "lake", article_id, NOW + timedelta(hours=hours))
    with open_lake(tmp_path / "lake") as connection:
        assert count_articles_ahead(connection, NOW) == 1
        assert count_articles_ahead(connection, NOW + timedelta(hours=24)) == 0
