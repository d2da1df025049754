from collections.abc import Callable
from pathlib import Path

import pytest

from flows.cli.verify import verify
from schemas.errors import StopFlow

Output = Callable[[], tuple[str, str]]


def test_verify_prints_what_it_read(small_lake: Path, output: Output) -> None:
    verify(lake=small_lake)
    assert output()[0] == "Read 2 articles, 5 meetings, 1 quote, 3 topics, 0 pages, 0 fetches, 1 reject: all well.\n"


def test_verify_fails_on_a_problem_and_names_its_file(small_lake: Path, output: Output) -> None:
    path = small_lake / "quotes" / "2026-03-09" / "b1.parquet"
    path.write_bytes(path.read_bytes()[:-9])
    with pytest.raises(SystemExit) as stop:
        verify(lake=small_lake)
    out, _ = output()
    assert stop.value.code == 1
    assert out.startswith("quotes/2026-03-09/b1.parquet: cannot be read")
    assert "problem" in out.splitlines()[-1]


def test_without_a_lake_it_stops_with_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(StopFlow, match="parley ingest"):
        verify(lake=str(tmp_path / "none"))
