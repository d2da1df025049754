"""Where a lake's files are: the few things that a lake asks of a disk, and an object store can do as well.

A file's name is its path within the lake, with slashes: ``quotes/2026-03-05/b1.parquet``.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import IO, Protocol, TypeAlias

import pyarrow as pa

__all__ = ["Lake", "Storage", "StoredFile"]

Lake: TypeAlias = str | Path
"""Where a lake is: a folder, or ``s3://BUCKET/PREFIX``."""


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file of a lake, as a listing tells of it."""

    name: str
    """Within the lake."""
    size_bytes: int
    modified_at: datetime
    """UTC, by the clock of the storage."""

    @property
    def stem(self) -> str:
        """Return the name without folders and ending: of a batch's file, the ``batch_id``."""
        return PurePosixPath(self.name).stem


class Storage(Protocol):
    """A lake's files. Reading raises OSError, as files do; whatever changes something raises StopFlow."""

    @property
    def root(self) -> str:
        """Return what others call the lake: an absolute path, or ``s3://bucket/prefix``; no slash at the end."""

    @property
    def is_remote(self) -> bool:
        """Return True if each look at a file is a request to another machine."""

    def top_names(self) -> frozenset[str] | None:
        """Return the names of the files and folders at the top; None if the lake's folder does not exist.

        Raises:
            StopFlow: It is no folder, or may not be looked at.
        """

    def list_files(self, table: str) -> list[StoredFile]:
        """Return the files in the days of a table, by name; may be empty. Temporary files of writers are among them.

        Raises:
            StopFlow: The storage does not answer, or a symbolic link stands among the files.
        """

    def open_file(self, name: str) -> pa.NativeFile:
        """Open a file to be read from any position; close it.

        Raises:
            OSError: There is none, or it cannot be read.
        """

    def publish(self, name: str, write: Callable[[IO[bytes]], None]) -> bool:
        """Make a file where there is none yet, whole or not at all; one that is there already stays as it is.

        Return True if it was made, False if there was one.

        Args:
            name: Of the file.
            write: Writes it, and may read it back; what it raises means that there will be no file.

        Raises:
            StopFlow: It cannot be written.
        """

    def replace(self, name: str, content: bytes) -> None:
        """Make a small file, in the place of whatever is there; atomic.

        Raises:
            StopFlow: It cannot be written.
        """

    def delete(self, name: str) -> None:
        """Take a file away; nothing happens where there is none.

        Raises:
            StopFlow: It cannot be deleted.
        """
