"""The lake as DuckDB sees it: the files of its tables at ``lake://TABLE/DAY/FILE``, to be read and nothing else.

DuckDB takes file systems written in Python. Through this one it reaches a folder and a bucket alike, without its
extension ``httpfs``, which must be downloaded.

The threat: SQL comes from others than the lake's owner. Whoever may start a run in Prefect gives a condition
(``where``), and a person at ``parley sql`` may paste what a page said. Such SQL must not read a file outside the
lake, write any, open a socket, load an extension or change a setting. Three walls stand against it. This file system
has nothing that writes or that leads out of the lake. A sealed connection (:mod:`tasks.lake.query.connections`) has
external access off, with this root as the only exception, and its settings locked. Only statements that read are run
(:mod:`tasks.lake.query.run`). A process of its own bounds time and memory (:mod:`tasks.lake.query.process`).

Not meant to be stopped: who can write into the lake's folder can put any rows there. Files are checked by ``parley
verify``, and links out of the folder are refused (:mod:`tasks.lake.storage.disk`).
"""

import re
import threading
import time
from collections.abc import Callable
from fnmatch import translate
from functools import partial
from typing import Any

import duckdb
import pyarrow as pa
from fsspec import AbstractFileSystem

from schemas.errors import StopFlow
from schemas.tables import TABLES
from tasks.lake.storage.layout import INDEX_FOLDER
from tasks.lake.storage.protocol import Storage, StoredFile

__all__ = ["ROOT", "find_own_error", "mount_lake"]

ROOT = "lake:/"
"""What DuckDB calls the lake; a file's name follows after a slash."""

_PREFIX = f"{ROOT}/"
_FOLDERS = (*TABLES, INDEX_FOLDER)

_OWN_ERROR = re.compile(r"^(?:\w+\.)*StopFlow: (?P<message>.*)", re.MULTILINE | re.DOTALL)

_MAGIC = re.compile(r"[*?[]")

_FRESH_SECONDS = 5.0
"""How long a listing is used again: a query names the same table many times, and should see the same files."""

_SMALL_BYTES = 4_000_000
"""Files up to this size are fetched whole and kept: DuckDB reads the footer and each column of each mention anew."""

_KEPT_BYTES = 256_000_000
"""All that is kept of small files."""


def mount_lake(connection: duckdb.DuckDBPyConnection, storage: Storage) -> None:
    """Let a connection read the tables of a storage, at :data:`ROOT`."""
    connection.register_filesystem(_Tables(storage))


def find_own_error(error: Exception) -> StopFlow | None:
    """Return the error that our side of the file system raised, which DuckDB hands on as the text of a traceback."""
    found = _OWN_ERROR.search(str(error))
    return StopFlow(found["message"].strip()) if found else None


class _Tables(AbstractFileSystem):  # type: ignore[misc]  # fsspec has no types
    """The files of a storage's tables as fsspec shows files: what DuckDB calls, and no more."""

    protocol = "lake"
    cachable = False

    def __init__(self, storage: Storage) -> None:
        super().__init__()
        self._storage = storage
        self._listings: dict[str, tuple[float, list[str]]] = {}
        self._files: dict[str, StoredFile] = {}
        self._kept: dict[StoredFile, bytes] = {}
        self._kept_bytes = 0

    def glob(self, path: str, **_: Any) -> list[str]:
        """Return the files that a pattern fits, by name; ``*`` and ``?`` stay within a folder."""
        if not _MAGIC.search(path):  # DuckDB asks so for each file of a list
            return [path] if self.exists(path) else []
        first = path.removeprefix(_PREFIX).partition("/")[0]
        names = (name for table in ([first] if first in _FOLDERS else _FOLDERS) for name in self._list_names(table))
        fits, depth = re.compile(translate(path)).match, path.count("/")
        return [name for name in names if name.count("/") == depth and fits(name)]

    def exists(self, path: str, **_: Any) -> bool:
        """Return True if there is such a file; a folder is none."""
        try:
            return bool(self._find_file(path))
        except FileNotFoundError:
            return False

    def info(self, path: str, **_: Any) -> dict[str, object]:
        """Return name, size and kind of a file."""
        return {"name": path, "size": self._find_file(path).size_bytes, "type": "file"}

    def modified(self, path: str) -> object:
        """Return when a file was last written."""
        return self._find_file(path).modified_at

    def open(self, path: str, mode: str = "rb", **_: Any) -> "_Deferred":
        """Open a file to be read; it is fetched when that begins, for DuckDB opens files that it never reads."""
        if mode != "rb":
            raise PermissionError(f"{path} can only be read")
        return _Deferred(partial(self._open_source, self._find_file(path)))

    def unstrip_protocol(self, name: str) -> str:
        """Return the whole name of a file; names here are whole."""
        return name

    def _open_source(self, file: StoredFile) -> pa.NativeFile:
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

    def _find_file(self, path: str) -> StoredFile:
        """Return a listed file; there are no others."""
        if found := self._files.get(path):
            return found
        table = path.removeprefix(_PREFIX).partition("/")[0]
        if table in _FOLDERS and table not in self._listings:
            self._list_names(table)
        if path in self._files:
            return self._files[path]
        raise FileNotFoundError(f"there is no file {path} in the lake")

    def _list_names(self, table: str) -> list[str]:
        """List the files of a table; one that is gone since stays known, and fails when it is read."""
        at, names = self._listings.get(table, (None, []))
        if at is None or time.monotonic() - at > _FRESH_SECONDS:
            files = {f"{_PREFIX}{file.name}": file for file in self._storage.list_files(table)}
            self._files.update(files)
            at, names = self._listings[table] = time.monotonic(), list(files)
        return names


class _Deferred:
    """A stored file that is opened when somebody reads.

    DuckDB's threads share it: each seeks and then reads, and another may come in between. So a thread's own seek counts
    for its next read; who reads without one goes on where the last read ended.
    """

    def __init__(self, source: Callable[[], pa.NativeFile]) -> None:
        self._open = source
        self._opening = threading.Lock()
        self._source: pa.NativeFile | None = None
        self._sought: dict[int, int] = {}
        self._end = 0

    def seek(self, position: int) -> int:
        self._sought[threading.get_ident()] = position
        return position

    def tell(self) -> int:
        return self._sought.get(threading.get_ident(), self._end)

    def read(self, size: int) -> bytes:
        position = self._sought.pop(threading.get_ident(), self._end)
        with self._opening:
            if self._source is None:
                self._source = self._open()
        content: bytes = self._source.read_at(size, position)
        self._end = position + len(content)
        return content

    def close(self) -> None:
        if self._source is not None:
            self._source.close()
