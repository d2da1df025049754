"""Files, folders and web archives as a stream of pages.

Order and memory: a folder's names come out sorted, yet never more than ``NAMES_AT_ONCE`` of them
are held. A bigger folder is scanned once more for each further chunk: a million names cost some
hundred scans, seconds each, beside hours of cleaning, and the order stays the same from run to run.
Names that appear meanwhile are read if they sort after the current one. Of folders only their inode
numbers are kept, so that each is walked once.

A folder may be an inbox that others write into while it is read, again and again: names that begin
with a dot or end in ``.tmp`` or ``.part`` are passed over, so a file is written under such a name
and renamed when it is whole, its sidecar first. Symbolic links that lead out of the folder are not
followed: whoever may write into an inbox shall not choose which of this machine's files are read.
What an earlier run has read is known by size and time, or else by its content.
"""

import heapq
import json
import os
import stat
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Literal, Protocol

from schemas.articles import Page, Sidecar
from schemas.errors import RejectArticle
from schemas.fetches import Fetch, FetchState
from schemas.rejects import Reject
from schemas.settings import CleanLimits
from tasks.read.printable import printable
from tasks.read.warc.pages import read_warc

__all__ = ["NAMES_AT_ONCE", "FilesRead", "read_files"]

NAMES_AT_ONCE = 10_000
"""Names of one folder held in memory; also the folder size that is scanned only once."""
_MAX_SIDECAR_BYTES = 1_000_000
_MEDIA: dict[str, Literal["html", "text"]] = {".txt": "text", ".html": "html", ".htm": "html"}
_ARCHIVES = (".warc", ".warc.gz")
_UNFINISHED = (".tmp", ".part")
_PASSING = {"unreadable", "missing_path"}
"""Codes of files that may be read the next time though they are as they were."""


class FilesRead(Protocol):
    """The files that earlier runs have read."""

    @property
    def version(self) -> str:
        """Return the version of the code that reads now.

        A file that another version has read is read again.
        """

    def has_mark(self, name: str, mark: str) -> bool:
        """Return True if the last reading of a file found the same sizes and times, and the same version."""

    def has_content(self, name: str, sha256: str) -> bool:
        """Return True if the last reading of a file, by the same version, found the same content."""


def read_files(
    paths: Iterable[Path | str],
    *,
    now: datetime,
    limits: CleanLimits,
    known: Callable[[str], bool] = lambda _: False,
    passed: Counter[str] | None = None,
    files_read: FilesRead | None = None,
    source: str = "",
) -> Iterator[Page | Reject | Fetch]:
    """Read files, and the ``.txt``, ``.html``, ``.htm``, ``.warc`` and ``.warc.gz`` files below folders.

    Args:
        paths: Files and folders, in the order in which they are to be read. Other suffixes are
            passed over in folders and rejected when named outright.
        now: When the run reads, UTC; becomes ``fetched_at``.
        limits: A file over ``max_file_bytes`` is not opened; an archive may have any size, its
            pages may not.
        known: Pages of archives that it says are stored already are passed over; see
            :func:`~tasks.read.warc.pages.read_warc`.
        passed: Counts what is passed over in archives, and as ``known`` the files that were read
            before.
        files_read: What earlier runs have read below folders; files that are as they were are
            passed over. None reads all of them.
        source: Which source files belong to, for the rows about them.

    Yields:
        For each archive what :func:`~tasks.read.warc.pages.read_warc` gives; for each other file a
        page with what its sidecar (``NAME.json`` beside it) tells, or a reject of stage ``read``:
        ``missing_path``, ``broken_link``, ``link_loop``, ``outside_folder``, ``not_a_file``,
        ``unsupported_type``, ``unreadable``, ``empty``, ``too_large``, ``broken_sidecar``. Folders
        are walked depth first, names in code-point order. A folder that several links lead to is
        walked once; a link back into a folder around it is a reject. With ``files_read`` comes
        before each page below a folder, and in place of its reject, a row of kind ``file``, by
        which the next run knows it; such a row alone, with the state ``unchanged``, of a file that
        was only touched.
    """
    passed = Counter() if passed is None else passed
    seen: set[tuple[int, int]] = set()
    for root in map(Path, paths):
        for found in _walk_files(root, seen, passed):
            if isinstance(found, Reject):
                yield found
            elif _is_archive(found):
                yield from _read_archive(found, now, limits, known, passed)
            elif files_read is None or found == root:
                yield _read_file(found, root, now, limits)
            else:
                yield from _read_if_new(found, root, now, limits, files_read, passed, source)


def _read_if_new(
    path: Path,
    root: Path,
    now: datetime,
    limits: CleanLimits,
    files_read: FilesRead,
    passed: Counter[str],
    source: str,
) -> Iterator[Page | Reject | Fetch]:
    """Read a file, unless the last run over it found it as it is; give a row that remembers it."""
    name = _printed_path(path)
    mark = f"{_mark_of(path)} {files_read.version}"
    if files_read.has_mark(name, mark):
        passed["known"] += 1
        return
    found = _read_file(path, root, now, limits)
    if isinstance(found, Reject):
        is_passing = found.code in _PASSING
        yield found if is_passing else _file_row(name, source, mark, None, reject=found)
        return
    content = _content_hash(found)
    if files_read.has_content(name, content):
        yield _file_row(name, source, mark, content, is_unchanged=True)
        return
    yield _file_row(name, source, mark, content)
    yield found


def _mark_of(path: Path) -> str:
    """Return size and time of a file and of its sidecar.

    They are taken before it is read, so no change is missed.
    """
    marks = []
    for one in (path, path.with_suffix(".json")):
        try:
            status = one.stat()
            marks.append(f"{status.st_size}@{status.st_mtime_ns}")
        except (OSError, ValueError):
            marks.append("-")
    return "+".join(marks)


def _content_hash(page: Page) -> str:
    """Return the SHA-256 of a file and of what its sidecar tells."""
    return sha256(page.body + b"\0" + repr(page.sidecar).encode()).hexdigest()


def _file_row(
    name: str, source: str, mark: str, content: str | None, *, reject: Reject | None = None, is_unchanged: bool = False
) -> Fetch:
    state: FetchState = "rejected" if reject else "unchanged" if is_unchanged else "fetched"
    return Fetch(
        input=name,
        source=source,
        found_in=None,
        kind="file",
        state=state,
        code=reject.code if reject else None,
        message=reject.message if reject else None,
        url=None,
        status=None,
        robots=None,
        requests=0,
        redirects=0,
        waited_seconds=0.0,
        wire_bytes=0,
        etag=mark,
        last_modified=None,
        body_sha256=content,
        title=None,
        published_at=None,
        attempt=1,
        retry_at=None,
    )


def _walk_files(root: Path, seen: set[tuple[int, int]], passed: Counter[str]) -> Iterator[Path | Reject]:
    """Give the files below ``root``, or ``root`` itself.

    It keeps a stack of its own, because folders nest deeper than calls may.
    """
    around: list[tuple[tuple[int, int], Iterator[Path]]] = [((-1, -1), iter([root]))]
    path = root
    while around:
        try:
            path = next(around[-1][1])
            inode = _inode_if_folder(path)
            if inode is None and not _is_wanted(path, root):
                passed["unsupported_type"] += path.suffix.lower() != ".json"  # that of sidecars
                continue
            _check_inside(path, root)
            if inode is None:
                yield path
            elif any(inode == outer for outer, _ in around):
                loop = RejectArticle("link_loop", f"{_printed_path(path)} leads back into a folder around it")
                yield _to_reject(path, loop)
            elif inode not in seen:
                seen.add(inode)
                around.append((inode, _list_children(path)))
        except StopIteration:
            around.pop()
        except (OSError, ValueError, RejectArticle) as error:
            if path == root or _may_matter(path, error):
                yield _to_reject(path, error)


def _check_inside(path: Path, root: Path) -> None:
    """See that a symbolic link below ``root`` leads to something below it as well."""
    if path == root or not path.is_symlink():
        return
    if not path.resolve().is_relative_to(root.resolve()):
        message = f"{_printed_path(path)} is a link that leads out of {_printed_path(root)}; copy the file there"
        raise RejectArticle("outside_folder", message)


def _inode_if_folder(path: Path) -> tuple[int, int] | None:
    status = path.stat()
    return (status.st_dev, status.st_ino) if stat.S_ISDIR(status.st_mode) else None


def _is_wanted(path: Path, root: Path) -> bool:
    if path.suffix.lower() in _MEDIA or _is_archive(path):
        return True
    if path == root:
        raise RejectArticle("unsupported_type", f"{_printed_path(path)} is not .txt, .html, .htm, .warc or .warc.gz")
    return False


def _is_archive(path: Path) -> bool:
    return path.name.lower().endswith(_ARCHIVES)


def _may_matter(path: Path, error: Exception) -> bool:
    """Return False for a bad link to, say, a picture: its target would have been passed over as well."""
    may_be_read = path.suffix.lower() in {"", *_MEDIA} or _is_archive(path)
    return may_be_read or not isinstance(error, FileNotFoundError | RejectArticle)


def _list_children(folder: Path) -> Iterator[Path]:
    """Return what a folder holds, sorted by name.

    The first scan happens here, so that its errors are met at once.
    """
    first = _names_after(folder, None)
    return (folder / name for name in _names_from(folder, first))


def _names_from(folder: Path, names: list[str]) -> Iterator[str]:
    while names:
        yield from names
        names = _names_after(folder, names[-1]) if len(names) == NAMES_AT_ONCE else []


def _names_after(folder: Path, last: str | None) -> list[str]:
    with os.scandir(folder) as entries:
        names = (entry.name for entry in entries if last is None or entry.name > last)
        return heapq.nsmallest(NAMES_AT_ONCE, (name for name in names if not _is_unfinished(name)))


def _is_unfinished(name: str) -> bool:
    return name.startswith(".") or name.lower().endswith(_UNFINISHED)


def _read_archive(
    path: Path, now: datetime, limits: CleanLimits, known: Callable[[str], bool], passed: Counter[str]
) -> Iterator[Page | Reject]:
    try:
        _check_regular(path)
        with path.open("rb") as file:
            yield from read_warc(file, name=_printed_path(path), now=now, limits=limits, known=known, passed=passed)
    except (OSError, RejectArticle) as error:
        yield _to_reject(path, error)


def _read_file(path: Path, root: Path, now: datetime, limits: CleanLimits) -> Page | Reject:
    try:
        body = _read_bytes(path, limits.max_file_bytes)
        sidecar = _read_sidecar(path, root)
    except (OSError, ValueError, RejectArticle) as error:
        return _to_reject(path, error)
    return Page(
        input=_printed_path(path), media=_MEDIA[path.suffix.lower()], body=body, sidecar=sidecar, fetched_at=now
    )


def _read_bytes(path: Path, max_bytes: int) -> bytes:
    status = _check_regular(path)
    if status.st_size > max_bytes:
        raise RejectArticle(
            "too_large", f"{_printed_path(path)} has {status.st_size:,} bytes; at most {max_bytes:,} are read"
        )
    with path.open("rb") as file:
        body = file.read(max_bytes + 1)  # it may have grown since
    if len(body) > max_bytes:
        raise RejectArticle("too_large", f"{_printed_path(path)} has grown over {max_bytes:,} bytes")
    if not body:
        raise RejectArticle("empty", f"{_printed_path(path)} is empty")
    return body


def _check_regular(path: Path) -> os.stat_result:
    """See that a path is a regular file.

    Anything else is not even opened, because a pipe would be waited for.
    """
    status = path.stat()
    if not stat.S_ISREG(status.st_mode):
        raise RejectArticle("not_a_file", f"{_printed_path(path)} is a pipe, socket or device, not a file")
    return status


def _read_sidecar(path: Path, root: Path) -> Sidecar:
    """Return what ``NAME.json`` says, if there is one.

    ``NAME.gold.json`` is an annotation, not a sidecar.
    """
    beside = path.with_suffix(".json")
    if beside.name.endswith(".gold.json") or not os.path.lexists(beside):
        return Sidecar()
    try:
        if path != root:
            _check_inside(beside, root)
        return _parse_sidecar(json.loads(_read_bytes(beside, _MAX_SIDECAR_BYTES)))
    except (OSError, ValueError, TypeError, RecursionError, RejectArticle) as error:
        raise RejectArticle("broken_sidecar", f"{_printed_path(beside)}: {error}; correct it or remove it") from error


def _parse_sidecar(cells: object) -> Sidecar:
    if not isinstance(cells, dict):
        raise TypeError("not a JSON object")
    published = _text_cell(cells, "published_at")
    return Sidecar(
        url=_text_cell(cells, "url"),
        outlet=_text_cell(cells, "outlet"),
        title=_text_cell(cells, "title"),
        published_at=datetime.fromisoformat(published) if published else None,
        language=_text_cell(cells, "language"),
    )


def _text_cell(cells: dict[object, object], key: str) -> str | None:
    cell = cells.get(key)
    if cell is not None and not isinstance(cell, str):
        raise TypeError(f"`{key}` is {type(cell).__name__}, not text")
    if cell is not None:
        cell.encode()  # a lone surrogate is legal JSON, but no text
    return cell


def _to_reject(path: Path, error: Exception) -> Reject:
    name = _printed_path(path)
    match error:
        case RejectArticle():
            code, message = error.code, error.message
        case FileNotFoundError() if path.is_symlink():
            code, message = "broken_link", f"{name} is a link to nowhere"
        case FileNotFoundError() | NotADirectoryError():
            code, message = "missing_path", f"{name} does not exist"
        case OSError() if "symbolic links" in str(error):
            code, message = "link_loop", f"{name} is a link that loops"
        case _:
            code, message = "unreadable", f"{name} cannot be read: {error}"
    return Reject(input=name, stage="read", code=code, message=message)


def _printed_path(path: Path) -> str:
    """Return the path as given; bytes that are not UTF-8 and control characters become escapes."""
    return printable(os.fsencode(path.as_posix()).decode("utf-8", "backslashreplace"))
