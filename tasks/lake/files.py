"""Files that appear whole or not at all, and never change afterwards."""

import contextlib
import os
import secrets
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from schemas.errors import StopFlow

__all__ = ["publish_parquet", "replace_parquet", "replace_text"]


def publish_parquet(table: pa.Table, path: Path) -> None:
    """Write a table to a path where there is no file yet; a file that is there already stays as it is.

    The rows go to a temporary name in the same folder, reach the disk, are checked, and only then get their
    name, so a reader (or a crash) never sees half a file.

    Raises:
        StopFlow: The file cannot be written (disk full, no permission), or does not read back as written.
    """
    with _explained(path):
        _make_folder(path.parent)
        temporary = _temporary(path)
        try:
            _write(table, temporary)
            _publish(temporary, path)
        finally:
            temporary.unlink(missing_ok=True)
        _sync(path.parent)


def replace_parquet(table: pa.Table, path: Path) -> None:
    """Write a table to a path, in the place of whatever file is there; atomic.

    Raises:
        StopFlow: The file cannot be written.
    """
    with _explained(path):
        _make_folder(path.parent)
        temporary = _temporary(path)
        try:
            _write(table, temporary)
            temporary.replace(path)
        finally:
            temporary.unlink(missing_ok=True)


def replace_text(text: str, path: Path) -> None:
    """Write a text file in UTF-8, in the place of whatever file is there; atomic.

    Raises:
        StopFlow: The file cannot be written.
    """
    with _explained(path):
        temporary = _temporary(path)
        try:
            temporary.write_text(text, encoding="utf-8")
            temporary.replace(path)
        finally:
            temporary.unlink(missing_ok=True)


def _temporary(path: Path) -> Path:
    """A name that neither another writer nor the views' ``*.parquet`` can hit."""
    return path.with_name(f".{path.name}.{os.getpid()}-{secrets.token_hex(4)}.tmp")


def _write(table: pa.Table, temporary: Path) -> None:
    with temporary.open("wb") as file:
        pq.write_table(table, file, compression="zstd", write_page_checksum=True)
        file.flush()
        os.fsync(file.fileno())
    footer = pq.read_metadata(temporary)
    if footer.num_rows != table.num_rows or not footer.schema.to_arrow_schema().equals(table.schema):
        raise StopFlow(f"{temporary}: {footer.num_rows} rows read back of {table.num_rows} written; is the disk sound?")


def _publish(temporary: Path, path: Path) -> None:
    try:
        # Unlike a rename, a link never replaces: a file that somebody is reading stays the same file.
        os.link(temporary, path)
    except FileExistsError:
        return
    except OSError:  # a file system without hard links (FAT, some network folders)
        temporary.replace(path)


def _make_folder(folder: Path) -> None:
    if not folder.is_dir():
        folder.mkdir(parents=True, exist_ok=True)
        _sync(folder.parent)


def _sync(folder: Path) -> None:
    """Make the folder's new names survive a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextlib.contextmanager
def _explained(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        reason = error.strerror or error
        raise StopFlow(f"cannot write {path}: {reason}; make room or fix the permissions and run again") from error
