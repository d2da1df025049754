"""A lake in a folder: files that appear whole or not at all, and never change afterwards."""

import contextlib
import os
import secrets
import stat
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

import pyarrow as pa

from schemas.errors import StopFlow
from tasks.lake.storage.protocol import StoredFile

__all__ = ["Disk"]


class Disk:
    """A folder as the storage of a lake; see :class:`tasks.lake.storage.protocol.Storage`.

    What is published goes to a temporary name in the same folder, reaches the disk, and only then gets its name, so a
    reader (or a crash) never sees half a file.
    """

    is_remote = False

    def __init__(self, folder: Path) -> None:
        """Name a folder; it need not exist.

        Raises:
            StopFlow: DuckDB could never read a lake of that name.
        """
        self._folder = folder.resolve()
        if os.sep == "/" and "\\" in str(self._folder):  # DuckDB takes it for a slash
            raise StopFlow(f"{self._folder} has a backslash in it, with which no lake can be read; choose another name")

    @property
    def root(self) -> str:
        """Return the absolute path of the folder."""
        return str(self._folder)

    def top_names(self) -> frozenset[str] | None:
        """Return the names in the folder; None if it does not exist."""
        if not self._folder.exists():
            return None
        if not self._folder.is_dir():
            raise StopFlow(f"{self.root} is a file, not a lake; choose another folder")
        try:
            return frozenset(path.name for path in self._folder.iterdir())
        except OSError as error:
            raise StopFlow(f"cannot look into {self.root}: {error.strerror}; fix the permissions") from error

    def list_files(self, table: str) -> list[StoredFile]:
        """Return the files in the days of a table, by name."""
        days = (day for day in _list_entries(self._folder / table) if day.is_dir(follow_symlinks=False))
        files = (file for day in days for entry in _list_entries(Path(day)) if (file := self._describe_entry(entry)))
        return sorted(files, key=lambda file: file.name)

    def open_file(self, name: str) -> pa.NativeFile:
        """Open a file to be read; raises OSError."""
        return pa.OSFile(str(self._folder / name))

    def publish(self, name: str, write: Callable[[IO[bytes]], None]) -> bool:
        """Make a file where there is none yet, whole or not at all; True if there was none."""
        path = self._folder / name
        with self._temporary_name(path) as temporary:
            _write_through(temporary, write)
            is_new = _give_name(temporary, path)
            temporary.unlink(missing_ok=True)
            _sync_folder(path.parent)
        return is_new

    def replace(self, name: str, content: bytes) -> None:
        """Make a small file, in the place of whatever is there."""
        path = self._folder / name
        with self._temporary_name(path) as temporary:
            temporary.write_bytes(content)
            temporary.replace(path)

    def delete(self, name: str) -> None:
        """Take a file away."""
        with _translate_os_errors("delete", self._folder / name):
            (self._folder / name).unlink(missing_ok=True)

    def _describe_entry(self, entry: os.DirEntry[str]) -> StoredFile | None:
        """Return a file; None for a folder and for what is gone: temporary files come and go while others look."""
        try:
            about = entry.stat(follow_symlinks=False)
        except FileNotFoundError:
            return None
        if not stat.S_ISREG(about.st_mode):
            return None
        name = Path(entry.path).relative_to(self._folder).as_posix()
        return StoredFile(name, about.st_size, datetime.fromtimestamp(about.st_mtime, UTC))

    @contextlib.contextmanager
    def _temporary_name(self, path: Path) -> Iterator[Path]:
        """Give a name that neither another writer nor the views' ``*.parquet`` can hit."""
        temporary = path.with_name(f".{path.name}.{os.getpid()}-{secrets.token_hex(4)}.tmp")
        with _translate_os_errors("write", path):
            _make_folder(path.parent)
            try:
                yield temporary
            finally:
                temporary.unlink(missing_ok=True)


def _list_entries(folder: Path) -> list[os.DirEntry[str]]:
    """Return what is in a folder; a link would lead out of the lake, and to leave it out would hide rows."""
    try:
        with os.scandir(folder) as scanned:
            entries = list(scanned)
    except FileNotFoundError:
        return []
    except OSError as error:
        raise StopFlow(f"cannot look into {folder}: {error.strerror}; fix the permissions") from error
    links = [folder] if folder.is_symlink() else [Path(entry.path) for entry in entries if entry.is_symlink()]
    if links:
        raise StopFlow(f"{links[0]} is a symbolic link; a lake holds its files itself: put them there, or remove it")
    return entries


def _write_through(temporary: Path, write: Callable[[IO[bytes]], None]) -> None:
    with temporary.open("w+b") as file:
        write(file)
        file.flush()
        os.fsync(file.fileno())


def _give_name(temporary: Path, path: Path) -> bool:
    """Give a file its name unless there is one already; return True if it got it."""
    try:
        # Unlike a rename, a link never replaces: a file that somebody is reading stays the same file.
        os.link(temporary, path)
    except FileExistsError:
        return False
    except OSError:  # a file system without hard links (FAT, some network folders)
        temporary.replace(path)
    return True


def _make_folder(folder: Path) -> None:
    if not folder.is_dir():
        folder.mkdir(parents=True, exist_ok=True)
        _sync_folder(folder.parent)


def _sync_folder(folder: Path) -> None:
    """Make the folder's new names survive a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextlib.contextmanager
def _translate_os_errors(what: str, path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        reason = error.strerror or error
        raise StopFlow(f"cannot {what} {path}: {reason}; make room or fix the permissions and run again") from error
