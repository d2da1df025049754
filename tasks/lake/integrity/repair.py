"""Moves what cannot be read, or does not belong there, out of a lake's way, and tells how to make it again.

A batch goes as a whole, unless its articles are sound and held by nobody else: then these stay, and what was lost with
the broken file can be extracted from them again.
"""

import contextlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import PurePosixPath
from shlex import quote
from typing import IO

import pyarrow as pa

from schemas.tables import TABLES
from tasks.lake.integrity.files import find_batch_faults, find_file_fault
from tasks.lake.storage.layout import INDEX_FOLDER, find_lake, stored_files
from tasks.lake.storage.parquet import open_parquet
from tasks.lake.storage.protocol import Lake, Storage

__all__ = ["Repair", "repair_lake"]

_COPIED_BYTES = 8_000_000
_INPUTS_NAMED = 20


@dataclass(frozen=True, slots=True)
class Repair:
    """A file that has to go, what goes with it, and what then is to be done."""

    file: str
    """Name within the lake."""
    reason: str
    moved: tuple[str, ...]
    """Names of all files that go for its sake, itself among them."""
    folder: str
    """Where they go to, within the lake."""
    inputs: tuple[str, ...]
    """What the articles of its batch were read from, as far as other files tell."""
    advice: str


@dataclass(frozen=True, slots=True)
class _Article:
    batch_id: str
    article_id: str
    input: str
    read: tuple[datetime, datetime]
    """When it was fetched and extracted; the same for every copy."""


@dataclass(frozen=True, slots=True)
class _Broken:
    table: str
    name: str
    """Within the lake."""
    reason: str

    @property
    def batch_id(self) -> str:
        return PurePosixPath(self.name).stem


@dataclass(frozen=True, slots=True)
class _Examined:
    storage: Storage
    sound: dict[str, dict[str, str]]
    """Names of files, by table and batch."""
    broken: list[_Broken]
    articles: list[_Article]
    """Of sound files, whether they count or not."""


def repair_lake(lake: Lake, *, now: datetime, dry_run: bool = False) -> Iterator[Repair]:
    """Move broken and foreign files aside, one after the other; nothing is deleted.

    Args:
        lake: The lake.
        now: Names the folder they go to.
        dry_run: Only say what would be done.

    Yields:
        One for each broken file; none if all is well.

    Raises:
        StopFlow: There is no lake, or a file cannot be moved.
    """
    known = _examine_files(find_lake(lake), now)
    folder = f"broken/{now:%Y%m%dT%H%M%S}"
    for broken in known.broken:
        names, told, advice = _plan_move(known, broken)
        for name in names if not dry_run else ():
            _move_file(known.storage, name, f"{folder}/{name}")
        inputs = tuple(dict.fromkeys(article.input for article in told))
        yield Repair(broken.name, broken.reason, tuple(names), folder, inputs, advice)


def _examine_files(storage: Storage, now: datetime) -> _Examined:
    known = _Examined(storage, {table: {} for table in (INDEX_FOLDER, *TABLES)}, [], [])
    for table in (INDEX_FOLDER, *reversed(TABLES)):
        sound = known.sound[table]
        for file in stored_files(storage, table):
            fault = find_file_fault(storage, file, table, now=now, every_page=True)
            if fault and not fault.may_move:
                continue
            if fault:
                known.broken.append(_Broken(table, file.name, fault.message))
            elif file.stem in sound:
                known.broken.append(_Broken(table, file.name, f"stored already as {sound[file.stem]}"))
            else:
                sound[file.stem] = file.name
    known.broken.extend(_find_swapped_files(known))
    for batch_id, name in known.sound["articles"].items():
        with contextlib.suppress(FileNotFoundError):  # it was compacted meanwhile
            known.articles.extend(_read_articles(storage, batch_id, name))
    return known


def _find_swapped_files(known: _Examined) -> Iterator[_Broken]:
    """Take the files that are not what their batch wrote from the sound ones."""
    for articles in tuple(known.sound["articles"].values()):
        for name, message in find_batch_faults(known.storage, articles, known.sound):
            broken = _Broken(name.partition("/")[0], name, message)
            sound = known.sound[broken.table]
            if sound.get(broken.batch_id) == name:  # a file that is missing cannot be moved
                del sound[broken.batch_id]
                yield broken


def _read_articles(storage: Storage, batch_id: str, name: str) -> Iterator[_Article]:
    for article_id, source, *read in _read_columns(
        storage, name, ["article_id", "input", "fetched_at", "extracted_at"]
    ):
        yield _Article(batch_id, str(article_id), str(source), tuple(read))  # type: ignore[arg-type]


def _read_columns(storage: Storage, name: str, columns: list[str]) -> Iterator[tuple[object, ...]]:
    with open_parquet(storage, name) as file:
        yield from zip(*file.read(columns, use_threads=False).to_pydict().values(), strict=True)


def _plan_move(known: _Examined, broken: _Broken) -> tuple[list[str], Sequence[_Article], str]:
    """Return the files that go, the articles it is about, and what to do then."""
    name, batch_id = broken.name, broken.batch_id
    if batch_id in known.sound[broken.table]:
        return [name], (), "Nothing is lost: another file holds this batch."
    if broken.table == INDEX_FOLDER:
        return [name], (), "Nothing is lost: what it says stands in the files of articles."
    if broken.table == "articles":
        told = _find_named_articles(known, batch_id)
        return [name, *_list_other_files(known, batch_id)], told, _advise_ingest(told)
    if "article_id" not in TABLES[broken.table].names:
        return [name], (), "Its rows are lost; ingest what they came from again."
    batch = [article for article in known.articles if article.batch_id == batch_id]
    if not batch:
        return [name], (), "Nothing is lost: its batch has no articles, so that its rows did not count."
    if _is_held_elsewhere(known, batch):
        return [*_list_other_files(known, batch_id), name], batch, "Nothing is lost: other batches hold the same rows."
    again = f"parley reextract --force --where \"batch_id = '{batch_id}'\""
    return [name], batch, f"Its {broken.table} are lost until: {again}"


def _list_other_files(known: _Examined, batch_id: str) -> list[str]:
    """Return the other files of a batch; ``articles`` first, so that it never counts in part."""
    through = (table for table in reversed(TABLES) if "article_id" in TABLES[table].names)
    return [known.sound[table][batch_id] for table in through if batch_id in known.sound[table]]


def _find_named_articles(known: _Examined, batch_id: str) -> list[_Article]:
    """Return articles of which other tables say that the batch held them, as other batches describe them."""
    ids = {
        row[0]
        for name in _list_other_files(known, batch_id)
        for row in _read_columns(known.storage, name, ["article_id"])
    }
    return [article for article in known.articles if article.article_id in ids]


def _is_held_elsewhere(known: _Examined, batch: Iterable[_Article]) -> bool:
    """Return True if each article is in another batch as well, as extracted then: before compaction, or after it."""
    here = {(article.article_id, article.read): article.batch_id for article in batch}
    there = {
        (other.article_id, other.read)
        for other in known.articles
        if here.get((other.article_id, other.read), other.batch_id) != other.batch_id
    }
    return here.keys() == there


def _advise_ingest(told: Sequence[_Article]) -> str:
    if not told:
        return "Its articles are lost, and no other file says which; ingest what was read at that time again."
    inputs = list(dict.fromkeys(quote(article.input) for article in told))
    named = " ".join(inputs[:_INPUTS_NAMED]) + (" …" if len(inputs) > _INPUTS_NAMED else "")
    return f"Older rows of its articles count again, where there are any. To make it again: parley ingest {named}"


def _move_file(storage: Storage, name: str, to: str) -> None:
    with storage.open_file(name) as source:
        storage.publish(to, partial(_copy_content, source))
    storage.delete(name)


def _copy_content(source: pa.NativeFile, file: IO[bytes]) -> None:
    while content := source.read(_COPIED_BYTES):
        file.write(content)
