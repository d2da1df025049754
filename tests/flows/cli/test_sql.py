import csv
import io
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from docs.generate.samples import fill_lake
from flows.cli.sql import sql
from schemas.errors import StopFlow

Output = Callable[[], tuple[str, str]]
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


def test_sql_prints_a_table_of_whole_lines_and_counts_on_stderr(small_lake: Path, output: Output) -> None:
    sql(f"SELECT '{'x' * 300}' AS long, [1, 2] AS list, NULL AS none, 'a' || chr(10) || 'b' AS lines", lake=small_lake)
    out, err = output()
    assert err == "1 row\n"
    header, _, row = out.splitlines()
    assert header.split() == ["long", "list", "none", "lines"]
    assert row.split() == ["x" * 300, "[1,", "2]", "a", "b"]


def test_sql_prints_markup_and_escapes_as_they_are(small_lake: Path, output: Output) -> None:
    sql("SELECT outlet, chr(27) || '[31m' AS red FROM articles LIMIT 1", lake=small_lake)
    out, _ = output()
    assert "Báo [Mẫu]" in out
    assert "\x1b" not in out


def test_sql_prints_json(small_lake: Path, output: Output) -> None:
    sql(
        """
        SELECT meeting_id, date_start, participants[1].name AS name, {'a': [1.5, NULL]} AS nested, 7::HUGEINT AS big,
            1.50::DECIMAL(9, 2) AS price, 'nan'::DOUBLE AS nan, extracted_at, MAP {1: 'x'} AS map, 'a'::BLOB AS bytes,
            INTERVAL 1 DAY AS day, uuid AS id, true AS yes
        FROM meetings JOIN articles USING (article_id), (SELECT '00000000-0000-0000-0000-000000000001'::UUID AS uuid)
        WHERE meeting_id = 'm-a1'
        """,
        lake=small_lake,
        format="json",
    )
    out, _ = output()
    assert "Đỗ Thị Ánh" in out
    assert json.loads(out) == [
        {
            "meeting_id": "m-a1",
            "date_start": "2026-03-05",
            "name": "Đỗ Thị Ánh",
            "nested": {"a": [1.5, None]},
            "big": 7,
            "price": 1.5,
            "nan": None,
            "extracted_at": "2026-03-09T00:00:00+00:00",
            "map": {"1": "x"},
            "bytes": "61",
            "day": "1 day, 0:00:00",
            "id": "00000000-0000-0000-0000-000000000001",
            "yes": True,
        }
    ]


@pytest.mark.parametrize(("limit", "rows"), [(0, []), (1, [{"n": 0}]), (3, [{"n": 0}, {"n": 1}, {"n": 2}])])
def test_json_is_one_array_whatever_the_number_of_rows(
    small_lake: Path, output: Output, limit: int, rows: list[dict[str, int]]
) -> None:
    sql(f"SELECT range AS n FROM range({limit})", lake=small_lake, format="json")
    assert json.loads(output()[0]) == rows


def test_sql_prints_csv(small_lake: Path, output: Output) -> None:
    sql(
        "SELECT 'a,\"b\"' AS q, chr(10) AS line, NULL AS none, ['Đ'] AS list, true AS yes",
        lake=small_lake,
        format="csv",
    )
    out, _ = output()
    assert out == 'q,line,none,list,yes\r\n"a,""b""","\n",,"[""Đ""]",true\r\n'
    assert list(csv.reader(io.StringIO(out, newline="")))[1] == ['a,"b"', "\n", "", '["Đ"]', "true"]


def test_sql_comes_from_standard_input(small_lake: Path, output: Output, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("SELECT count(*) AS n FROM articles"))
    sql(lake=small_lake, format="json")
    assert json.loads(output()[0]) == [{"n": 2}]


@pytest.mark.parametrize("query", ["", "-- nothing", "SELEC 1", "FROM nowhere", "COPY articles TO 'x.csv'"])
def test_wrong_sql_stops_with_a_word(small_lake: Path, output: Output, query: str) -> None:
    with pytest.raises(StopFlow, match=r".{10}"):
        sql(query, lake=small_lake)
    assert output()[0] == ""


def test_a_query_that_fails_half_way_stops_with_a_word(small_lake: Path) -> None:
    with pytest.raises(StopFlow, match="Error"):
        sql("SELECT CASE WHEN range > 400000 THEN error('late') END FROM range(500000)", lake=small_lake, format="csv")


def test_sql_without_a_lake_stops_with_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(StopFlow, match="parley ingest"):
        sql("SELECT 1", lake=str(tmp_path / "none"))


def test_a_reader_that_has_seen_enough_ends_it_quietly(small_lake: Path) -> None:
    program = "import sys; from pathlib import Path; from flows.cli.sql import sql; "
    program += "sql('FROM range(200000)', lake=Path(sys.argv[1]), format='csv')"
    command = [sys.executable, "-c", program, str(small_lake)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as reader:
        assert reader.stdout is not None
        assert reader.stderr is not None
        assert reader.stdout.readline() == "range\n"
        reader.stdout.close()
        assert reader.stderr.read() == ""
    assert reader.returncode == 141


def test_export_knows_excel_sqlite_and_rights(parley: Parley, lake: Path, tmp_path: Path) -> None:
    csv_files = parley("export", tmp_path / "out", "--format", "csv", "--bom", "--no-text", "--lake", lake)
    assert csv_files.returncode == 0, csv_files.stderr
    written = (tmp_path / "out" / "articles.csv").read_text(encoding="utf-8")
    assert written.startswith("\ufeffarticle_id,")
    assert ",text," not in written.partition("\n")[0]
    for form, name in (("xlsx", "a.xlsx"), ("sqlite", "a.db")):
        run = parley("export", tmp_path / name, "--format", form, "--lake", lake)
        assert (run.returncode, (tmp_path / name).exists()) == (0, True), run.stderr
    wrong = parley("export", tmp_path / "b.db", "--format", "sqlite", "--bom", "--lake", lake)
    assert (wrong.returncode, "--bom is for --format csv" in wrong.stderr) == (2, True)
