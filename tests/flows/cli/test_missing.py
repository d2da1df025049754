"""A link that was named and could not be had is told, with when it is tried again."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from flows.cli.missing import report_missing_links
from samples import FETCH
from tasks.lake import Batch, append_batch, create_lake

NOW = datetime.now(UTC)
LATER, GONE, FINE = (f"https://baomau.test/tin/{name}" for name in ("later", "gone", "fine"))


@pytest.fixture
def lake(tmp_path: Path) -> str:
    create_lake(tmp_path / "lake")
    answer = replace(FETCH, kind="article", found_in=None, retry_at=None)
    due = NOW + timedelta(minutes=10)
    fetches = (
        replace(answer, input=LATER, state="later", code="http_503", message="status 503", retry_at=due),
        replace(answer, input=GONE, state="rejected", code="gone", message="status 410"),
        replace(answer, input=FINE, state="fetched", code=None, message=None),
    )
    batch = Batch("b1", "run", NOW, (), (), (), (), (), "parley 0", fetches)
    append_batch(tmp_path / "lake", batch, written_at=NOW)
    return str(tmp_path / "lake")


def test_links_that_are_late_or_gone_are_told(lake: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert report_missing_links([LATER, GONE, FINE], lake) == 2
    late, gone = capsys.readouterr().err.splitlines()
    assert f"{LATER} could not be read: status 503. The next run after " in late
    assert f"{GONE} could not be read: status 410. It is not tried again by itself" in gone


def test_what_is_no_link_is_missing_and_what_was_read_is_not(lake: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert report_missing_links(["http://["], lake) == 1
    assert report_missing_links([FINE], lake) == 0
    assert report_missing_links([], lake) == 0
    assert capsys.readouterr().err == ""
