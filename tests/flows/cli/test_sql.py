import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from docs.generate.samples import fill_lake

Parley = Callable[..., subprocess.CompletedProcess[str]]
ENDLESS = "WITH RECURSIVE t AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM t) SELECT max(n) FROM t"


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sql") / "lake"
    fill_lake(folder)
    return folder


def test_a_query_that_takes_too_long_exits_with_124(parley: Parley, lake: Path) -> None:
    run = parley("sql", ENDLESS, "--lake", lake, "--timeout", "0.5")
    assert (run.returncode, run.stdout) == (124, "")
    assert run.stderr.startswith("parley: no answer after 0.5 seconds; ask for less, or give more with --timeout")


@pytest.mark.parametrize(
    ("option", "words"), [(("--timeout", "0"), "--timeout is 0"), (("--memory", "lots"), "must be like 2GB")]
)
def test_limits_that_are_none_are_refused(parley: Parley, lake: Path, option: tuple[str, str], words: str) -> None:
    run = parley("sql", "SELECT 1", "--lake", lake, *option)
    assert (run.returncode, words in run.stderr) == (2, True)


@pytest.mark.parametrize("name", ["sql", "export"])
def test_help_loads_nothing_heavy(environment: dict[str, str], name: str) -> None:
    heavy = {"pyarrow", "duckdb", "prefect", "fsspec", "prompt_toolkit"}
    program = f"import sys; from flows.cli.app import app; app(['{name}', '--help'], result_action='return_value');"
    program += f"sys.stderr.write(str({heavy} & sys.modules.keys()))"
    run = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True)
    assert (run.returncode, run.stderr) == (0, "set()")


def test_export_writes_files_and_says_how_many_rows(parley: Parley, lake: Path, tmp_path: Path) -> None:
    run = parley("export", tmp_path / "out", "--format", "csv", "--lake", lake)
    assert run.returncode == 0, run.stderr
    assert [line.split()[0] for line in run.stdout.splitlines()] == [
        "articles", "meetings", "quotes", "topics", "fetches", "rejects",
    ]  # fmt: skip
    again = parley("export", tmp_path / "out", "--format", "csv", "--lake", lake)
    assert (again.returncode, "--force" in again.stderr) == (2, True)
    summary = parley(
        "export", tmp_path / "out" / "q.jsonl", "--format", "jsonl", "--table", "quotes", "--json", "--lake", lake
    )
    assert json.loads(summary.stdout)["files"] == {"quotes": str(tmp_path / "out" / "q.jsonl")}
