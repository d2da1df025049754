"""Tables as files of a lake."""

import contextlib
import time
from collections.abc import Iterator
from hashlib import file_digest
from typing import IO

import pyarrow as pa
import pyarrow.parquet as pq

from schemas.errors import StopFlow
from tasks.lake.storage.batch_files import BatchFile, describe_stored_file
from tasks.lake.storage.protocol import Storage

__all__ = [
    "check_write_deadline",
    "has_footer",
    "is_denied",
    "open_parquet",
    "publish_parquet",
    "read_schema",
    "replace_parquet",
    "unreadable_file",
]

_DEADLINE_SECONDS = 12 * 3600
"""Half of the time after which a file without its batch's articles is deleted."""


def publish_parquet(table: pa.Table, storage: Storage, name: str, *, row_group_rows: int | None = None) -> BatchFile:
    """Write a table to a name where there is no file yet; a file that is there already stays as it is.

    Args:
        table: What to write.
        storage: Where to.
        name: Of the file.
        row_group_rows: Rows that a reader who wants one of them has to look through; by default a million.

    Returns:
        The file that is there now.

    Raises:
        StopFlow: The file cannot be written (disk full, no permission), or does not read back as written.
    """
    written: list[BatchFile] = []

    def write(file: IO[bytes]) -> None:
        written.append(_write_table(table, row_group_rows, name, file))

    if storage.publish(name, write):
        return written[-1]
    return describe_stored_file(storage, name, table.num_rows)


def check_write_deadline(begun: float) -> None:
    """End a batch that should long have been published: its files may have been taken for a crashed writer's.

    Args:
        begun: When its first file was written, by ``time.time()``, which goes on while a computer sleeps.

    Raises:
        StopFlow: It is too late; nothing of the batch counts.
    """
    if time.time() - begun > _DEADLINE_SECONDS:
        raise StopFlow("writing a batch took longer than half a day (did the computer sleep?); run again")


def replace_parquet(table: pa.Table, storage: Storage, name: str) -> None:
    """Write a small table, in the place of whatever file is there; atomic.

    Raises:
        StopFlow: The file cannot be written.
    """
    content = pa.BufferOutputStream()
    pq.write_table(table, content, compression="zstd", write_page_checksum=True)
    storage.replace(name, content.getvalue().to_pybytes())


@contextlib.contextmanager
def open_parquet(storage: Storage, name: str) -> Iterator[pq.ParquetFile]:
    """Open a file to be read, with a check of the sums of its pages.

    Raises:
        OSError: There is no such file, or it cannot be read; from reading, too.
        pa.ArrowException: It is broken; from reading, too.
    """
    with storage.open_file(name) as file:
        yield pq.ParquetFile(file, page_checksum_verification=True)


def read_schema(storage: Storage, name: str) -> pa.Schema | None:
    """Return the columns of a file; None where there is no sound file."""
    try:
        with storage.open_file(name) as file:
            return pq.read_schema(file)
    except (OSError, pa.ArrowException):
        return None


def has_footer(storage: Storage, name: str) -> bool:
    """Return True if a file looks like Parquet from its end."""
    return read_schema(storage, name) is not None


def is_denied(error: Exception) -> bool:
    """Return True if a file may be sound but we have no permission to read it."""
    return isinstance(error, PermissionError) or "ACCESS_DENIED" in str(error)


def unreadable_file(name: str, error: Exception) -> StopFlow:
    """Return the error that says what to do about a file that cannot be read.

    Args:
        name: Within the lake.
        error: What opening or reading it raised.
    """
    if is_denied(error):
        return StopFlow(f"{name}: permission denied; give the account that runs this the right to read it")
    return StopFlow(f"{name} is broken: {error}\n`parley repair` moves such files aside")


def _write_table(table: pa.Table, row_group_rows: int | None, name: str, file: IO[bytes]) -> BatchFile:
    # A note in the schema's own metadata would be written three times.
    plain = table.replace_schema_metadata()
    with pq.ParquetWriter(file, plain.schema, compression="zstd", write_page_checksum=True) as writer:
        writer.write_table(plain, row_group_size=row_group_rows)
        writer.add_key_value_metadata(table.schema.metadata or {})
    file.flush()
    footer = pq.read_metadata(file)
    if footer.num_rows != table.num_rows or not footer.schema.to_arrow_schema().equals(table.schema):
        raise StopFlow(f"{footer.num_rows} rows read back of {table.num_rows} written; is the disk sound?")
    size_bytes = file.seek(0, 2)
    file.seek(0)
    return BatchFile(name, table.num_rows, size_bytes, file_digest(file, "sha256").hexdigest())  # type: ignore[arg-type]
