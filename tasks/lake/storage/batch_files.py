"""What ties the files of a batch together: its articles name the other files, with their sizes and checksums.

Without it, a file that somebody deleted, or swapped for that of another batch, would look as if nothing had been found
in the articles. The note stands in the metadata of the Parquet file of ``articles``, which is published last.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from hashlib import file_digest

import pyarrow as pa
import pyarrow.parquet as pq

from tasks.lake.storage.protocol import Storage

__all__ = ["BatchFile", "describe_stored_file", "read_batch_files", "with_batch_files"]

_KEY = b"parley.batch_files"


@dataclass(frozen=True, slots=True)
class BatchFile:
    """A file of a batch, as its writer left it."""

    name: str
    """Within the lake."""
    rows: int
    size_bytes: int
    sha256: str
    """Of the whole file, hexadecimal."""


def with_batch_files(articles: pa.Table, others: Sequence[BatchFile]) -> pa.Table:
    """Return the articles of a batch with a note of its other files.

    Args:
        articles: The rows of ``articles``.
        others: The files of the same batch whose rows count through it; may be empty.
    """
    note = json.dumps([asdict(one) for one in others]).encode()
    return articles.replace_schema_metadata({_KEY: note})


def read_batch_files(footer: pq.FileMetaData) -> tuple[BatchFile, ...] | None:
    """Return the other files that a file of ``articles`` names; None if an older version wrote it, without a note.

    Raises:
        ValueError: The note is damaged.
    """
    note = (footer.metadata or {}).get(_KEY)
    if note is None:
        return None
    try:
        return tuple(BatchFile(**cells) for cells in json.loads(note))
    except TypeError as error:
        raise ValueError(f"the note of its batch's files is damaged: {error}") from error


def describe_stored_file(storage: Storage, name: str, rows: int) -> BatchFile:
    """Return a file as it is stored.

    Args:
        storage: Of the lake.
        name: Within the lake.
        rows: That it is said to hold.

    Raises:
        OSError: There is no such file, or it cannot be read.
    """
    with storage.open_file(name) as file:
        return BatchFile(name, rows, file.size(), file_digest(file, "sha256").hexdigest())
