"""Which files of folders a run need not read again."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from samples import FETCH
from tasks.lake import Batch, append_batch, load_file_history

MakeBatch = Callable[..., Batch]
MARK = "5@100+-"


def store(lake: Path, batch: Batch, name: str, version: str = "v1", **cells: object) -> None:
    row = replace(FETCH, input=name, kind="file", etag=f"{MARK} {version}", body_sha256="ab", **cells)  # type: ignore[arg-type]
    append_batch(lake, replace(batch, fetches=(row,)), written_at=batch.extracted_at)


def test_a_stored_file_is_known_by_mark_and_by_content(lake: Path, make_batch: MakeBatch) -> None:
    store(lake, make_batch(articles=("a1",)), "a1.txt")
    history = load_file_history(lake, "v1")
    assert history.has_mark("a1.txt", f"{MARK} v1")
    assert history.has_content("a1.txt", "ab")
    assert not history.has_mark("a1.txt", "6@100+- v1")
    assert not history.has_mark("a2.txt", f"{MARK} v1")
    assert not history.has_content("a1.txt", "cd")


def test_another_version_knows_no_file(lake: Path, make_batch: MakeBatch) -> None:
    store(lake, make_batch(articles=("a1",)), "a1.txt")
    assert not load_file_history(lake, "v2").has_content("a1.txt", "ab")


def test_a_file_of_a_batch_that_was_never_finished_is_not_known(lake: Path, make_batch: MakeBatch) -> None:
    store(lake, make_batch(articles=()), "a1.txt")
    assert not load_file_history(lake, "v1").has_mark("a1.txt", f"{MARK} v1")


def test_a_file_that_was_only_touched_is_known(lake: Path, make_batch: MakeBatch) -> None:
    store(lake, make_batch(articles=()), "a1.txt", state="unchanged")
    assert load_file_history(lake, "v1").has_mark("a1.txt", f"{MARK} v1")
