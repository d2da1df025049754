"""Gives DuckDB the files of a remote storage to read, without its extension ``httpfs``, which must be downloaded.

DuckDB's own rules on what a query may open hold for this file system as for any other, and nothing in it writes.
"""

import time
from collections.abc import Callable
from functools import partial
from typing import Any

import duckdb
import pyarrow as pa
from fsspec import AbstractFileSystem

from schemas.tables import TABLES
from tasks.lake.storage import Storage, StoredFile

__all__ = ["mount"]

_FRESH_SECONDS = 5.0
"""How long a listing is used again: a query names the same table many times, and should see the same files."""


_SMALL_BYTES = 4_000_000
"""Files up to this size are fetched whole and kept: DuckDB reads the footer and each column of each mention anew."""

_KEPT_BYTES = 256_000_000
"""All that is kept of small files."""


def mount(connection: duckdb.DuckDBPyConnection, storage: Storage) -> None:
    """Let a connection read the tables of a storage by the whole names of their files, ``s3://…``."""
    connection.register_filesystem(_Tables(storage))


class _Tables(AbstractFileSystem):  # type: ignore[misc]  # fsspec has no types
    """The files of a storage's tables as fsspec shows them: what DuckDB calls, and no more."""

    protocol = "s3"
    cachable = False

    def __init__(self, storage: Storage) -> None:
        super().__init__()
        self._storage = storage
        self._root = self._strip_protocol(storage.root)
        self._listings: dict[str, tuple[float, dict[str, StoredFile]]] = {}
        self._kept: dict[StoredFile, bytes] = {}
        self._kept_bytes = 0

    def find(self, path: str, **_: Any) -> dict[str, dict[str, object]]:
        """All files of the table that a path lies in, or of all tables, for ``glob`` to choose from."""
        tables = [table for table in TABLES if f"{path}/".startswith(f"{self._root}/{table}/")]
        return {name: _info(name, file) for table in tables or TABLES for name, file in self._listing(table).items()}

    def info(self, path: str, **_: Any) -> dict[str, object]:
        """Name, size and kind of a file."""
        return _info(path, self._known(path))

    def modified(self, path: str) -> object:
        """When a file was last written."""
        return self._known(path).modified_at

    def open(self, path: str, mode: str = "rb", **_: Any) -> "_Deferred":
        """A file to be read, fetched when that begins: DuckDB opens files that it then has no need to read."""
        if mode != "rb":
            raise PermissionError(f"{path} can only be read")
        file = self._known(path)
        return _Deferred(partial(self._source, file))

    def _source(self, file: StoredFile) -> pa.NativeFile:
        if file.size_bytes > _SMALL_BYTES:
            return self._storage.open_file(file.name)
        content = self._kept.get(file)
        if content is None:
            with self._storage.open_file(file.name) as source:
                content = source.read()
            if self._kept_bytes < _KEPT_BYTES:
                self._kept_bytes += len(content)
                self._kept[file] = content
        return pa.BufferReader(content)

    def _known(self, path: str) -> StoredFile:
        name = self._strip_protocol(path)
        for table in TABLES:
            if name.startswith(f"{self._root}/{table}/") and (file := self._listing(table).get(name)):
                return file
        raise FileNotFoundError(path)

    def _listing(self, table: str) -> dict[str, StoredFile]:
        at, listing = self._listings.get(table, (0.0, {}))
        if not listing or time.monotonic() - at > _FRESH_SECONDS:
            listing = {f"{self._root}/{file.name}": file for file in self._storage.list_files(table)}
            self._listings[table] = time.monotonic(), listing
        return listing


class _Deferred:
    """A stored file that is opened when somebody reads."""

    def __init__(self, source: Callable[[], pa.NativeFile]) -> None:
        self._open = source
        self._source: pa.NativeFile | None = None
        self._position = 0

    def seek(self, position: int) -> int:
        self._position = position
        return position

    def tell(self) -> int:
        return self._position

    def read(self, size: int) -> bytes:
        if self._source is None:
            self._source = self._open()
        content: bytes = self._source.read_at(size, self._position)
        self._position += len(content)
        return content

    def close(self) -> None:
        if self._source is not None:
            self._source.close()


def _info(name: str, file: StoredFile) -> dict[str, object]:
    return {"name": name, "size": file.size_bytes, "type": "file"}
