"""Attacks on `parley sql`: each would read the bait outside the lake, write something, or change what it may do."""

import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from schemas.errors import QueryTimeout, StopFlow
from tasks.lake import Batch, Lake, Limits, append_batch, create_lake, open_lake, run_query
from tasks.lake.storage.layout import open_storage

BAIT = "the launch codes"


@pytest.fixture(scope="module")
def stored(tmp_path_factory: pytest.TempPathFactory, make_batch: Callable[..., Batch]) -> Path:
    """A lake that all attacks share: whatever changes it fails a test."""
    lake = tmp_path_factory.mktemp("attacked") / "lake"
    create_lake(lake)
    batch = make_batch()
    append_batch(lake, batch, written_at=batch.extracted_at)
    return lake


@pytest.fixture(scope="module")
def baits(stored: Path) -> Path:
    """A folder beside the lake, full of things to steal."""
    folder = stored.with_name("lake-2")
    folder.mkdir()
    for name in ("bait.txt", "bait.csv", "bait.json"):
        (folder / name).write_text(f'"{BAIT}"')
    pq.write_table(pa.table({"words": [BAIT]}), folder / "bait.parquet")
    with duckdb.connect(folder / "bait.db") as connection:
        connection.execute("CREATE TABLE bait AS SELECT 'the launch codes' AS words")
    return folder


@pytest.fixture
def outside(baits: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of baits as the working directory, with one in the environment."""
    monkeypatch.setenv("PARLEY_BAIT", BAIT)
    monkeypatch.chdir(baits)
    return baits


def _listing(folder: Path) -> list[tuple[str, int]]:
    return sorted((path.as_posix(), path.stat().st_mtime_ns) for path in folder.rglob("*"))


def _answer(lake: Lake, query: str, outside: Path) -> Iterator[tuple[object, ...]]:
    result = run_query(lake, query.format(out=outside, lake=lake))
    return result.rows if result else iter(())


REFUSED = [
    # files by the functions that read them, by whatever name
    "FROM read_text('{out}/bait.txt')",
    "FROM read_text('bait.txt')",
    "FROM read_text('file://{out}/bait.txt')",
    "FROM read_text(['lake://quotes/2026-03-05/b1.parquet', '{out}/bait.txt'])",
    "FROM read_blob('{out}/bait.txt')",
    "FROM read_csv('{out}/bait.csv')",
    "FROM read_csv_auto('{out}/*.csv')",
    "FROM read_csv('/dev/stdin')",
    "FROM sniff_csv('{out}/bait.csv')",
    "FROM read_json('{out}/bait.json')",
    "FROM read_ndjson_objects('{out}/bait.json')",
    "FROM read_parquet('{out}/bait.parquet')",
    "FROM parquet_scan('{out}/bait.parquet')",
    "FROM parquet_metadata('{out}/bait.parquet')",
    "FROM parquet_schema('{out}/bait.parquet')",
    "FROM parquet_kv_metadata('{out}/bait.parquet')",
    "FROM parquet_file_metadata('{out}/bait.parquet')",
    "FROM glob('{out}/*')",
    "FROM glob('*')",
    "FROM read_text('{lake}/../lake-2/bait.txt')",
    "FROM read_text('{lake}/views.sql')",
    # … as a table, in other statements, hidden in text
    "FROM '{out}/bait.csv'",
    "FROM 'bait.parquet'",
    "FROM '{out}/bait.db'",
    "SELECT (SELECT content FROM read_text('{out}/bait.txt'))",
    "CREATE TABLE t AS FROM read_text('{out}/bait.txt'); FROM t",
    "CREATE VIEW v AS FROM read_text('{out}/bait.txt'); FROM v",
    "CREATE MACRO m(x) AS TABLE FROM read_text(x); FROM m('{out}/bait.txt')",
    "CREATE OR REPLACE VIEW quotes AS FROM read_text('{out}/bait.txt'); FROM quotes",
    "WITH RECURSIVE t AS (FROM read_text('{out}/bait.txt') UNION ALL FROM t) FROM t",
    "FROM query('FROM read_text(''{out}/bait.txt'')')",
    "FROM query_table('{out}/bait.csv')",
    "FROM json_execute_serialized_sql(json_serialize_sql('FROM read_text(''{out}/bait.txt'')'))",
    "PREPARE p AS FROM read_text('{out}/bait.txt'); EXECUTE p",
    "DESCRIBE FROM '{out}/bait.csv'",
    "SUMMARIZE '{out}/bait.csv'",
    "EXPLAIN ANALYZE FROM read_text('{out}/bait.txt')",
    "PIVOT (FROM read_csv('{out}/bait.csv')) ON column0",
    "CREATE TABLE t (words VARCHAR); COPY t FROM '{out}/bait.csv'; FROM t",
    "CREATE TABLE t (words VARCHAR); INSERT INTO t FROM read_text('{out}/bait.txt')",
    # other databases
    "ATTACH '{out}/bait.db'; FROM bait.bait",
    "ATTACH ':memory:' AS other",
    "ATTACH 'lake://quotes/new.db'",
    "IMPORT DATABASE '{out}'",
    # the network and extensions
    "FROM read_csv('https://127.0.0.1:1/x.csv')",
    "FROM 's3://bucket/x.parquet'",
    "INSTALL httpfs",
    "INSTALL httpfs FROM 'http://127.0.0.1:1'",
    "LOAD httpfs",
    "LOAD '{out}/bait.duckdb_extension'",
    "UPDATE EXTENSIONS",
    # writing
    "COPY quotes TO '{lake}/quotes/2026-03-05/out.parquet'",
    "COPY quotes TO 'lake://quotes/2026-03-05/out.parquet'",
    "COPY quotes TO '{out}/out.csv'",
    "COPY (SELECT 1) TO '/dev/stdout'",
    "EXPLAIN ANALYZE COPY quotes TO 'lake://quotes/out.csv'",
    "EXPLAIN ANALYZE COPY quotes TO '{lake}/out.csv'",
    "WITH x AS (COPY (SELECT 1) TO 'lake://quotes/out.csv') SELECT 1",
    "WITH x AS (COPY (SELECT 1) TO '{lake}/out.csv') SELECT 1",
    "FROM query('WITH x AS (COPY (SELECT 1) TO ''{lake}/out.csv'') SELECT 1')",
    "FROM \"query\"('WITH x AS (COPY (SELECT 1) TO ''{lake}/out.csv'') SELECT 1')",
    "PREPARE p AS COPY quotes TO '{lake}/out.csv'; EXECUTE p",
    "EXPORT DATABASE '{lake}/out'",
    "EXPORT DATABASE 'lake://quotes'",
    "INSERT INTO quotes SELECT * FROM quotes",
    "DELETE FROM quotes",
    "DROP VIEW quotes",
    "CHECKPOINT",
    "VACUUM",
    # settings
    "SET enable_external_access = true",
    "SET lock_configuration = false",
    "SET memory_limit = '1TB'",
    "SET allowed_directories = ['/']",
    "SET temp_directory = '{out}'",
    "SET VARIABLE parley_lake = '{out}'",
    "RESET lock_configuration",
    "PRAGMA enable_profiling = 'json'",
    "PRAGMA database_list",
    "CALL pragma_version()",
    "FROM enable_logging(storage = 'file', storage_path = '{out}')",
    "FROM enable_logging(storage = 'stdout')",
    # secrets
    "CREATE SECRET s (TYPE s3)",
    "CREATE PERSISTENT SECRET s (TYPE http, BEARER_TOKEN 'x')",
    "SELECT getenv('PARLEY_BAIT')",
]


@pytest.mark.parametrize("query", REFUSED)
def test_is_refused(stored: Path, outside: Path, query: str) -> None:
    before = _listing(stored.parent)
    with pytest.raises(StopFlow):
        list(_answer(stored, query, outside))
    assert _listing(stored.parent) == before


@pytest.mark.parametrize(
    "query",
    [
        "FROM glob('lake://**')",
        "FROM glob('lake://../*')",
        "FROM glob('lake://quotes/../../*')",
        "FROM read_text('lake://../lake-2/bait.txt')",
        "FROM read_text('lake://quotes/../../lake-2/bait.txt')",
        "FROM read_text('lake:/{out}/bait.txt')",
        "FROM read_text('lake://views.sql')",
        "FROM duckdb_settings()",
        "FROM duckdb_secrets()",
        "FROM which_secret('s3://bucket/x', 's3')",
        "FROM duckdb_variables()",
        "FROM duckdb_databases()",
        "FROM duckdb_temporary_files()",
        "FROM duckdb_logs()",
        "FROM duckdb_views()",
        "SELECT write_log('x', log_type := 'x')",
        "CREATE TEMP TABLE quotes AS SELECT 1 AS mine; FROM quotes",
    ],
)
def test_gives_nothing_from_outside(stored: Path, outside: Path, query: str) -> None:
    before = _listing(stored.parent)
    try:
        rows = list(_answer(stored, query, outside))
    except StopFlow as stop:
        rows = [(str(stop),)]
    assert BAIT not in str(rows)
    assert _listing(stored.parent) == before


@pytest.mark.parametrize("query", ["COPY quotes TO '{lake}/x.parquet'", "COPY quotes TO 'lake://quotes/x.parquet'"])
def test_nothing_is_written_to_a_bucket(
    any_lake: Lake, make_batch: Callable[..., Batch], outside: Path, query: str
) -> None:
    batch = make_batch()
    append_batch(any_lake, batch, written_at=batch.extracted_at)
    before = open_storage(any_lake).top_names(), open_storage(any_lake).list_files("quotes")
    for words in (query, f"EXPLAIN ANALYZE {query}", f"WITH x AS ({query}) SELECT 1"):
        with pytest.raises(StopFlow):
            list(_answer(any_lake, words, outside))
    assert (open_storage(any_lake).top_names(), open_storage(any_lake).list_files("quotes")) == before


@pytest.mark.parametrize("where", ["quotes/2026-03-05/b2.parquet", "quotes/2026-03-06", "topics"])
def test_links_that_lead_out_of_the_lake_are_named(
    lake: Path, make_batch: Callable[..., Batch], outside: Path, tmp_path: Path, where: str
) -> None:
    batch = make_batch()
    append_batch(lake, batch, written_at=batch.extracted_at)
    link = lake / where
    if link.exists():
        link.rename(tmp_path / "moved")
    link.symlink_to(outside / ("bait.parquet" if where.endswith(".parquet") else "."))
    table = where.partition("/")[0]
    with pytest.raises(StopFlow, match=rf"{link} is a symbolic link"):
        list(_answer(lake, f"FROM {table}", outside))
    with pytest.raises(StopFlow):
        list(_answer(lake, f"FROM read_text('lake://{table}/2026-03-06/bait.txt')", outside))


def test_where_the_lake_is_on_the_disk_is_not_told(stored: Path) -> None:
    result = run_query(stored, "SELECT * FROM duckdb_variables()")
    assert result
    told = str(list(result.rows))
    assert "lake://articles/" in told
    assert str(stored) not in told


def test_python_variables_are_no_tables(stored: Path) -> None:
    before = {"secret": [1]}
    with pytest.raises(StopFlow, match="before"):
        run_query(stored, "FROM before")
    assert before


ENDLESS = "WITH RECURSIVE t AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM t) SELECT max(n) FROM t"


def test_an_endless_query_is_ended(stored: Path) -> None:
    with pytest.raises(QueryTimeout, match=r"no answer after 0\.2 seconds; .* --timeout"):
        run_query(stored, ENDLESS, limits=Limits(timeout_seconds=0.2))


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="sends a signal")
def test_ctrl_c_ends_an_endless_query(stored: Path) -> None:
    before = signal.signal(signal.SIGALRM, signal.default_int_handler)  # what Ctrl-C does
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.5)
        with pytest.raises(KeyboardInterrupt):
            run_query(stored, ENDLESS)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def test_a_query_that_outgrows_its_memory_says_so(stored: Path) -> None:
    query = "SELECT list(i) FROM range(50_000_000) AS t(i)"
    with pytest.raises(StopFlow, match=r"outgrew its memory; .* --memory"):
        list(run_query(stored, query, limits=Limits(memory="60MB")).rows)


@pytest.mark.parametrize(
    ("limits", "words"),
    [({"timeout_seconds": 0}, "--timeout is 0"), ({"memory": "much"}, "--memory is"), ({"memory": "1"}, "like 2GB")],
)
def test_limits_that_are_none_are_refused(limits: dict[str, object], words: str) -> None:
    with pytest.raises(StopFlow, match=words):
        Limits(**limits)


def test_a_connection_is_limited_whoever_opens_it(stored: Path) -> None:
    with open_lake(stored, Limits(memory="100MB")) as connection:
        assert connection.execute("SELECT current_setting('memory_limit')").fetchone() == ("95.3 MiB",)
        with pytest.raises(duckdb.Error):
            connection.execute(f"COPY (SELECT 1) TO '{stored}/x.csv'")
