"""DuckDB connections that see a lake and nothing else of the machine."""

import math
import os
import re
import secrets
import tempfile
from dataclasses import dataclass
from pathlib import Path

import duckdb

from schemas.errors import StopFlow
from tasks.lake.query.filesystem import ROOT, mount_lake
from tasks.lake.storage.protocol import Storage

__all__ = [
    "Limits",
    "connect",
    "connect_for_upkeep",
    "memory_of",
    "native_root",
    "read_size",
    "seal_connection",
]

_SHARE = 0.6
"""Of the machine's memory, for a query that says nothing else; DuckDB takes 0.8 of it."""
_SPILL = "20GB"
"""What a query may put into the temporary folder when it outgrows its memory."""
_REMOTE_THREADS = 16
"""They wait for an object store, not for the processor."""
_SIZE = re.compile(r"(?P<number>\d+(\.\d+)?) ?(?P<unit>[KMGT])(?P<binary>i?)B", re.IGNORECASE)
_POWERS = {"K": 1, "M": 2, "G": 3, "T": 4}


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What a query may cost."""

    timeout_seconds: float = 300.0
    """In DuckDB; the time in which nobody fetches rows does not count."""
    memory: str | None = None
    """Such as ``2GB`` or ``500MB``; by default six tenths of the machine's. Spills to the temporary folder above it."""

    def __post_init__(self) -> None:
        if not 0 < self.timeout_seconds < math.inf:
            raise StopFlow(f"--timeout is {self.timeout_seconds:g}; it must be a number of seconds above 0")
        if self.memory is not None and not _SIZE.fullmatch(self.memory):
            raise StopFlow(f"--memory is {self.memory!r}; it must be like 2GB or 500MB")


def connect(storage: Storage, limits: Limits) -> duckdb.DuckDBPyConnection:
    """Return a DuckDB connection in memory that reads the files of a lake, also at ``lake://``; times are in UTC.

    Only for SQL that is all our own, until it is sealed. Close it after use, before Python ends: its threads call
    Python's functions to read files.

    Args:
        storage: Of the lake.
        limits: What each query may cost.
    """
    connection = duckdb.connect(config=_configure(storage, limits))
    mount_lake(connection, storage)
    connection.execute("SET TimeZone = 'UTC'; SET parquet_metadata_cache = true; SET enable_progress_bar = false")
    return connection


def connect_for_upkeep(storage: Storage) -> duckdb.DuckDBPyConnection:
    """Return the same for questions about ids and times of all files, which DuckDB forgets once it has read them.

    The footers of ten thousand files alone take half a gigabyte.
    """
    connection = connect(storage, Limits(memory="500MB"))
    connection.execute("SET parquet_metadata_cache = false; SET enable_external_file_cache = false")
    return connection


def seal_connection(connection: duckdb.DuckDBPyConnection) -> None:
    """Let a connection reach the lake at ``lake://`` and no other file, write none and load no extension, for good.

    Its own temporary files it may write; its settings are locked.
    """
    connection.execute(f"SET allowed_directories = ['{ROOT}/']; SET enable_external_access = false")
    connection.execute("SET lock_configuration = true")


def native_root(storage: Storage) -> str:
    """Return where a connection that is not sealed finds the lake quickest: a disk DuckDB reads by itself."""
    return ROOT if storage.is_remote else storage.root


def _configure(storage: Storage, limits: Limits) -> dict[str, str | bool | int | float | list[str]]:
    config: dict[str, str | bool | int | float | list[str]] = {
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
        "python_enable_replacements": False,
        "allow_persistent_secrets": False,
        "memory_limit": memory_of(limits),
        # DuckDB makes it when a query outgrows the memory, and removes it; the default is the working directory.
        "temp_directory": str(Path(tempfile.gettempdir()) / f"parley-{secrets.token_hex(8)}"),
        "max_temp_directory_size": _SPILL,
    }
    if storage.is_remote:
        config["threads"] = max(_REMOTE_THREADS, os.cpu_count() or 1)
    return config


def memory_of(limits: Limits) -> str:
    """Return the memory that a query may take, such as ``2GB``."""
    return limits.memory or _default_memory()


def read_size(size: str) -> int:
    """Return the bytes of a size such as ``500MB`` or ``2GiB``.

    Raises:
        ValueError: It is no size.
    """
    found = _SIZE.fullmatch(size)
    if found is None:
        raise ValueError(f"{size!r} is no size; write it like 2GB or 500MB")
    base = 1_024 if found["binary"] else 1_000
    return int(float(found["number"]) * base ** _POWERS[found["unit"].upper()])


def _default_memory() -> str:
    try:
        total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (ValueError, OSError, AttributeError):  # not every system tells
        return "2GB"
    return f"{int(total * _SHARE / 1_000_000)}MB"
