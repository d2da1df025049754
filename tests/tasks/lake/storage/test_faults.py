"""Disks that are full, folders that may not be written: a clear error, and nothing lost."""

import os
import pickle
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from schemas.errors import StopFlow
from schemas.settings import MaintainSettings
from tasks.lake import Batch, append_batch, maintain_lake, open_lake, repair_lake

MakeBatch = Callable[..., Batch]
NOBODY = 65534

# A process of its own, for what it does to itself cannot be undone.
WRITER = """
import os, pickle, resource, signal, sys
from datetime import UTC, datetime
from pathlib import Path
from schemas.errors import StopFlow
from schemas.settings import MaintainSettings
from tasks.lake import append_batch, maintain_lake, open_lake

lake, batch, trouble = Path(sys.argv[1]), pickle.loads(Path(sys.argv[2]).read_bytes()), sys.argv[3]
open_lake(lake).close()
if trouble.isdigit():
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (int(trouble), int(trouble)))
elif os.geteuid() == 0:
    os.setegid(65534)
    os.seteuid(65534)
for write in (
    lambda: append_batch(lake, batch, written_at=batch.extracted_at),
    lambda: maintain_lake(
        lake, MaintainSettings(), clock=lambda: datetime.now(UTC), tell=lambda done, total: None
    ),
):
    try:
        write()
        print("written")
    except StopFlow as stop:
        print(str(stop).splitlines()[0])
print(open_lake(lake).execute("SELECT count(*) FROM quotes").fetchall())
"""


def _write(lake: Path, batch: Batch, trouble: str) -> list[str]:
    pickled = lake.with_name("batch")
    pickled.write_bytes(pickle.dumps(batch))
    command = [sys.executable, "-c", WRITER, str(lake), str(pickled), trouble]
    run = subprocess.run(command, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    return run.stdout.splitlines()


def _files(lake: Path) -> list[Path]:
    return sorted(path for path in lake.rglob("*") if path.is_file() and path.name != "views.sql")


@pytest.fixture
def stored(lake: Path, make_batch: MakeBatch) -> Path:
    for number in range(2):
        batch = make_batch(f"b{number}", articles=(f"a{number}",), minutes=number)
        append_batch(lake, batch, written_at=batch.extracted_at)
    return lake


@pytest.mark.skipif(sys.platform != "linux", reason="has another limit of file sizes, or none")
@pytest.mark.parametrize("room_bytes", [100, 5_000, 9_000])
def test_a_full_disk(stored: Path, make_batch: MakeBatch, room_bytes: int) -> None:
    before = _files(stored)
    appended, maintained, rows = _write(stored, make_batch("b9", articles=("a9",), minutes=9), str(room_bytes))
    for said in (appended, maintained):
        assert "cannot write" in said
        assert "make room or fix the permissions" in said
    assert rows == "[(2,)]"
    assert not list(stored.rglob("*.tmp"))
    published = {path.parts[-3] for path in _files(stored) if path not in before}
    assert "articles" not in published
    again = make_batch("b9", articles=("a9",), minutes=9)
    append_batch(stored, again, written_at=again.extracted_at)
    maintain_lake(stored, MaintainSettings(), clock=lambda: datetime.now(UTC), tell=lambda _done, _total: None)
    with open_lake(stored) as connection:
        assert connection.execute("SELECT count(*) FROM quotes").fetchall() == [(3,)]


@pytest.mark.skipif(os.name != "posix", reason="has other permissions")
def test_a_folder_that_may_only_be_read(stored: Path, make_batch: MakeBatch) -> None:
    for folder in (stored, *stored.parents[:5]):  # those of pytest, which lets nobody else in
        if folder.stat().st_uid == os.geteuid() and not folder.stat().st_mode & 0o001:
            folder.chmod(0o755)
    for path in stored.rglob("*"):
        path.chmod(0o555 if path.is_dir() else 0o444)
    stored.chmod(0o555)
    try:
        appended, maintained, rows = _write(stored, make_batch("b9", articles=("a9",), minutes=9), "no permission")
    finally:
        for path in (stored, *stored.rglob("*")):
            path.chmod(0o755 if path.is_dir() else 0o644)
    assert "Permission denied" in appended
    assert "Permission denied" in maintained
    assert rows == "[(2,)]"


def test_a_batch_that_took_half_a_day_is_not_published(
    stored: Path, make_batch: MakeBatch, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A computer that slept in the middle: its first files may be gone, for a crashed writer's."""
    hours = iter([0, 0, 0, 13, 13, 13])
    monkeypatch.setattr("time.time", lambda: 3600.0 * next(hours))
    late = make_batch("b9", articles=("a9",), minutes=9)
    with pytest.raises(StopFlow, match="half a day"):
        append_batch(stored, late, written_at=late.extracted_at)
    monkeypatch.undo()
    with open_lake(stored) as connection:
        assert connection.execute("SELECT count(*) FROM articles").fetchall() == [(2,)]


def test_a_file_that_goes_while_all_are_looked_at_is_no_broken_file(
    stored: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    listed = "tasks.lake.integrity.repair.stored_files"
    monkeypatch.setattr(listed, lambda storage, table: _then_delete(stored, storage, table))
    assert list(repair_lake(stored, now=datetime.now(UTC))) == []


def _then_delete(lake: Path, storage: object, table: str) -> list[object]:
    from tasks.lake.storage.layout import stored_files

    files = list(stored_files(storage, table))  # type: ignore[arg-type]
    for file in files:
        (lake / file.name).unlink()
    return list(files)
