"""SQL that DuckDB alone does not hold to its limits."""

import os
import select
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest

from schemas.errors import QueryTimeout, StopFlow
from tasks.lake import Batch, Limits, QueryProcess, append_batch, run_query_apart

# Neither of them hears that it is interrupted, or is counted by DuckDB.
DEAF = "SELECT levenshtein(repeat('a', 200000), repeat('b', 200000))"
HUGE = "SELECT len(range(1000000000))"


@pytest.fixture
def stored(lake: Path, make_batch: Callable[..., Batch], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    batch = make_batch()
    append_batch(lake, batch, written_at=batch.extracted_at)
    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    return lake


def _left_over(lake: Path) -> list[Path]:
    return list((lake.parent / "temporary").iterdir())


def _rows(lake: Path, query: str, limits: Limits | None = None) -> list[tuple[object, ...]]:
    result = run_query_apart(lake, query, limits=limits)
    assert result is not None
    return list(result.rows)


def test_questions_are_answered_with_what_was_made_before(stored: Path) -> None:
    with QueryProcess(stored, Limits()) as process:
        assert process.run("CREATE TEMP TABLE mine AS SELECT 7 AS n") is not None
        result = process.run("FROM mine, (SELECT $word AS word)", {"word": "'; --"})
        assert result is not None
        assert (result.columns, list(result.rows)) == (("n", "word"), [(7, "'; --")])
        assert process.run("-- nothing") is None
        with pytest.raises(StopFlow, match="COPY is not allowed"):
            process.run("COPY mine TO 'x.csv'")
        many = process.run("FROM range(2500)")
        assert many is not None
        assert [number for (number,) in many.rows] == list(range(2500))
    assert _left_over(stored) == []


def test_a_query_that_hears_nothing_is_ended_with_its_process(stored: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tasks.lake.query.process._GRACE_SECONDS", 0.2)
    with QueryProcess(stored, Limits(timeout_seconds=0.5)) as process:
        with pytest.raises(QueryTimeout, match=r"no answer after 0\.5 seconds"):
            process.run(DEAF)
        again = process.run("SELECT 1")  # the next question has a new process
        assert again is not None
        assert list(again.rows) == [(1,)]
    assert _left_over(stored) == []


@pytest.mark.skipif(sys.platform != "linux", reason="only there is the address space of a process bounded")
def test_a_query_gets_no_more_memory_than_it_may(stored: Path) -> None:
    with pytest.raises(StopFlow, match="memory"):
        _rows(stored, HUGE, Limits(memory="200MB"))
    assert _left_over(stored) == []


def test_an_error_on_the_way_is_told(stored: Path) -> None:
    with pytest.raises(StopFlow, match="late"):
        _rows(stored, "SELECT CASE WHEN range > 400000 THEN error('late') END FROM range(500000)")


def test_a_lake_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(StopFlow, match="there is no lake at"):
        run_query_apart(tmp_path / "none", "SELECT 1")


ASKER = f"""
import sys, tempfile
from tasks.lake import Limits, QueryProcess
if __name__ == "__main__":
    tempfile.tempdir = sys.argv[2]
    process = QueryProcess(sys.argv[1], Limits())
    print(process._process.pid, flush=True)
    process.run({DEAF!r})
"""


@pytest.mark.skipif(sys.platform != "linux", reason="waits for a process that is not its child")
def test_a_killed_asker_leaves_neither_a_process_nor_its_files(stored: Path, tmp_path: Path) -> None:
    program = tmp_path / "asker.py"
    program.write_text(ASKER, encoding="utf-8")
    command = [sys.executable, str(program), str(stored), str(tmp_path / "temporary")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as asker:
        assert asker.stdout is not None
        pid = int(asker.stdout.readline())
        assert _left_over(stored)
        asker.send_signal(signal.SIGKILL)
    _wait_for_end(pid)
    assert _left_over(stored) == []


def _wait_for_end(pid: int) -> None:
    descriptor = os.pidfd_open(pid)
    try:
        assert select.select([descriptor], [], [], 60)[0]
    finally:
        os.close(descriptor)
