"""Tables as files of a lake."""

import contextlib
import time
from collections.abc import Iterator
from functools import partial
from typing import IO

import pyarrow as pa
import pyarrow.parquet as pq

from schemas.errors import StopFlow
from tasks.lake.storage.protocol import Storage

__all__ = ["check_write_deadline", "has_footer", "open_parquet", "publish_parquet", "read_schema", "replace_parquet"]

_HASTE_SECONDS = 12 * 3600
"""Half of the time after which a file without its batch's articles is deleted."""


def publish_parquet(table: pa.Table, storage: Storage, name: str, *, row_group_rows: int | None = None) -> None:
    """Write a table to a name where there is no file yet; a file that is there already stays as it is.

    Args:
        table: What to write.
        storage: Where to.
        name: Of the file.
        row_group_rows: Rows that a reader who wants one of them has to look through; by default a million.

    Raises:
        StopFlow: The file cannot be written (disk full, no permission), or does not read back as written.
    """
    storage.publish(name, partial(_write, table, row_group_rows))


def check_write_deadline(begun: float) -> None:
    """Ends a batch that should long have been published: what it wrote may have been taken for a crashed writer's.

    Args:
        begun: When its first file was written, by ``time.time()``, which goes on while a computer sleeps.

    Raises:
        StopFlow: It is too late; nothing of the batch counts.
    """
    if time.time() - begun > _HASTE_SECONDS:
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
    """A file to be read, with a check of the sums of its pages.

    Raises:
        OSError: There is no such file, or it cannot be read; from reading, too.
        pa.ArrowException: It is broken; from reading, too.
    """
    with storage.open_file(name) as file:
        yield pq.ParquetFile(file, page_checksum_verification=True)


def read_schema(storage: Storage, name: str) -> pa.Schema | None:
    """The columns of a file; None where there is no sound file."""
    try:
        with storage.open_file(name) as file:
            return pq.read_schema(file)
    except (OSError, pa.ArrowException):
        return None


def has_footer(storage: Storage, name: str) -> bool:
    """Whether a file looks like Parquet from its end."""
    return read_schema(storage, name) is not None


def _write(table: pa.Table, row_group_rows: int | None, file: IO[bytes]) -> None:
    pq.write_table(table, file, compression="zstd", write_page_checksum=True, row_group_size=row_group_rows)
    file.flush()
    footer = pq.read_metadata(file)
    if footer.num_rows != table.num_rows or not footer.schema.to_arrow_schema().equals(table.schema):
        raise StopFlow(f"{footer.num_rows} rows read back of {table.num_rows} written; is the disk sound?")
