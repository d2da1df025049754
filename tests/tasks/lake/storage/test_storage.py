import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import IO

import pyarrow as pa
import pytest

from lake_problems import find_problems
from schemas.errors import StopFlow
from tasks.lake import Batch, Lake, append_batch, create_lake, open_lake, run_query
from tasks.lake.query.filesystem import _Deferred, _Tables
from tasks.lake.storage.layout import open_storage
from tasks.lake.storage.protocol import Storage


@pytest.fixture
def storage(any_lake: Lake) -> Storage:
    return open_storage(any_lake)


def _content(storage: Storage, name: str) -> bytes:
    with storage.open_file(name) as file:
        return file.read()


def test_what_is_published_is_listed_read_and_deleted(storage: Storage) -> None:
    storage.publish("quotes/2026-03-05/b1.parquet", lambda file: file.write(b"0123456789") and None)
    (file,) = (file for file in storage.list_files("quotes") if file.stem == "b1")
    assert (file.name, file.size_bytes) == ("quotes/2026-03-05/b1.parquet", 10)
    assert file.modified_at.utcoffset().total_seconds() == 0
    assert _content(storage, file.name) == b"0123456789"
    storage.delete(file.name)
    storage.delete(file.name)
    assert file not in storage.list_files("quotes")
    with pytest.raises(FileNotFoundError):
        storage.open_file(file.name)


def test_publishing_never_replaces_and_replacing_does(storage: Storage) -> None:
    for content in (b"first", b"second"):
        storage.publish("quotes/2026-03-05/b1.parquet", lambda file, content=content: file.write(content) and None)
    assert _content(storage, "quotes/2026-03-05/b1.parquet") == b"first"
    storage.replace("quotes/2026-03-05/b1.parquet", b"third")
    assert _content(storage, "quotes/2026-03-05/b1.parquet") == b"third"


def test_a_writer_that_fails_leaves_nothing(storage: Storage) -> None:
    def fail(file: IO[bytes]) -> None:
        file.write(b"half a fi")
        raise ValueError("broken off")

    before = storage.list_files("quotes")
    with pytest.raises(ValueError, match="broken off"):
        storage.publish("quotes/2026-03-05/b1.parquet", fail)
    assert storage.list_files("quotes") == before


def test_only_files_in_days_are_listed(storage: Storage) -> None:
    for name in ("quotes/stray.parquet", "quotes/2026-03-05/deeper/b1.parquet", "quotes2/2026-03-05/b1.parquet"):
        storage.replace(name, b"x")
    assert [file.name for file in storage.list_files("quotes")] == ["quotes/empty/columns.parquet"]
    assert storage.list_files("nothing") == []


def test_a_large_file_goes_up_in_parts(bucket: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tasks.lake.storage.s3._IN_MEMORY", 1_000)
    content = bytes(range(256)) * 50_000
    storage = open_storage(f"{bucket}/large")
    storage.publish("quotes/2026-03-05/b1.parquet", lambda file: file.write(content) and None)
    assert _content(storage, "quotes/2026-03-05/b1.parquet") == content


@pytest.mark.parametrize("prefix", ["", "a/b/c", "it's [x] *?", "hòa-bình 🕊"])
def test_a_lake_answers_whatever_its_prefix_is_called(
    bucket: str, make_batch: Callable[..., Batch], prefix: str
) -> None:
    lake = f"{bucket}/{prefix}" if prefix else f"{bucket}-own"
    create_lake(lake)
    batch = make_batch()
    append_batch(lake, batch, written_at=batch.extracted_at)
    with open_lake(f"{lake}/") as connection:
        assert connection.execute("SELECT count(*) FROM meetings_flat").fetchall() == [(2,)]


def test_a_broken_file_is_named(any_lake: Lake, make_batch: Callable[..., Batch]) -> None:
    batch = make_batch()
    append_batch(any_lake, batch, written_at=batch.extracted_at)
    open_storage(any_lake).replace("quotes/2026-03-05/b1.parquet", b"PAR1 no more")
    with pytest.raises(StopFlow, match=r"^quotes/2026-03-05/b1\.parquet is broken: (.|\n)*parley verify"):
        run_query(any_lake, "FROM quotes")
    assert next(problem.file for problem in find_problems(any_lake)) == "quotes/2026-03-05/b1.parquet"


def test_a_prefix_without_a_lake_says_how_to_make_one(bucket: str) -> None:
    with pytest.raises(StopFlow, match=r"no lake at s3://lakes/none; make one with `parley ingest"):
        open_lake(f"{bucket}/none")
    open_storage(f"{bucket}/other").replace("notes.txt", b"mine")
    for call in (open_lake, create_lake):
        with pytest.raises(StopFlow, match="not a lake"):
            call(f"{bucket}/other")


def test_a_bucket_that_does_not_exist_is_named(bucket: str) -> None:
    with pytest.raises(StopFlow, match="there is no bucket nowhere; make it"):
        create_lake("s3://nowhere/lake")


def test_an_endpoint_that_does_not_answer_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "a-key")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "a-secret")
    with pytest.raises(StopFlow, match=r"nobody answers at http://127\.0\.0\.1:1; check AWS_ENDPOINT_URL") as stop:
        create_lake("s3://unanswered/lake")
    assert "a-secret" not in str(stop.value)


@pytest.mark.parametrize("lake", ["s3://", "s3:///lake", "s3://bucket/../lake", "gs://bucket/lake", "http://x.example"])
def test_an_address_that_is_none_is_refused(lake: str) -> None:
    with pytest.raises(StopFlow, match="s3://BUCKET/PREFIX"):
        create_lake(lake)


@pytest.mark.parametrize("url", ["store.example:9000", "ftp://store.example", "http://"])
def test_an_endpoint_that_is_no_url_is_refused(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", url)
    with pytest.raises(StopFlow, match="AWS_ENDPOINT_URL is"):
        create_lake(f"s3://{url.replace('/', '')}x")


def test_no_permission_says_so(bucket: str, monkeypatch: pytest.MonkeyPatch) -> None:
    storage = open_storage(f"{bucket}/forbidden")

    def refuse(*_: object) -> None:
        raise PermissionError("When listing …: AWS Error ACCESS_DENIED during ListObjectsV2 operation: Access Denied")

    monkeypatch.setattr(storage, "_client", type("Client", (), {"get_file_info": staticmethod(refuse)}))
    with pytest.raises(StopFlow, match="no permission; ask for the rights"):
        storage.top_names()


def test_a_lake_on_a_disk_does_not_load_the_client_of_stores(tmp_path: Path) -> None:
    code = f"import sys; from tasks.lake import run_query, create_lake; lake = {str(tmp_path / 'lake')!r};"
    code += "create_lake(lake); run_query(lake, 'FROM quotes'); print('tasks.lake.storage.s3' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout == "False\n"


def test_threads_that_share_a_file_do_not_disturb_each_other() -> None:
    file = _Deferred(lambda: pa.BufferReader(bytes(range(100))))
    file.seek(10)
    with ThreadPoolExecutor(1) as other:
        assert other.submit(file.seek, 50).result() == 50
        assert file.read(2) == bytes([10, 11])
        assert other.submit(file.read, 2).result() == bytes([50, 51])
        assert other.submit(file.tell).result() == 52
    assert file.read(1) == bytes([52])  # without a seek of its own, on from where the last read ended
    file.close()


def test_a_name_without_stars_is_looked_up_not_searched_for(lake: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # DuckDB asks for each file of a list; with a search each, ten thousand files took minutes.
    tables = _Tables(open_storage(lake))
    assert tables.glob("lake://quotes/*/*.parquet") == ["lake://quotes/empty/columns.parquet"]
    monkeypatch.setattr(tables, "_list_names", None)
    assert tables.glob("lake://quotes/empty/columns.parquet") == ["lake://quotes/empty/columns.parquet"]
    assert tables.glob("lake://quotes/empty/other.parquet") == []
