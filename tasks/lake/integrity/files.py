"""What must hold for each file of a lake: it can be read, it is of its batch, its writer's clock was right."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePosixPath

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from schemas.columns import former_names, may_be_missing
from schemas.tables import TABLES
from tasks.lake.storage.batch_files import BatchFile, describe_stored_file, read_batch_files
from tasks.lake.storage.layout import INDEX_FOLDER
from tasks.lake.storage.parquet import is_denied, open_parquet
from tasks.lake.storage.protocol import Storage, StoredFile
from tasks.lake.views.visibility import CLOCK_TOLERANCE, INDEX

__all__ = ["FileFault", "find_batch_faults", "find_file_fault"]

_READ_EARLY = {
    "articles": ["article_id", "batch_id", "fetched_at", "extracted_at", "written_at", "input"],
    "rejects": TABLES["rejects"].names,
    INDEX_FOLDER: INDEX.names,
}
"""Columns that DuckDB reads over all files at once, so that one damaged page would end the check."""


@dataclass(frozen=True, slots=True)
class FileFault:
    """Why a file cannot count."""

    message: str
    """What is wrong, then what to do where moving it aside is not the answer."""
    may_move: bool = True
    """False where the file may be sound: nobody may be kept from his rows by it."""


def find_file_fault(
    storage: Storage, stored: StoredFile, table: str, *, now: datetime, every_page: bool = False
) -> FileFault | None:
    """Return what is wrong with a file as such; None if all is well, or if it was taken away meanwhile.

    Args:
        storage: Of the lake.
        stored: A file of it.
        table: That the file is in, or the folder of the index.
        now: UTC; articles that were read later than this have a wrong time.
        every_page: Read all of it; by default only what a later check reads of all files at once.
    """
    try:
        with open_parquet(storage, stored.name) as file:
            early = _known_columns(file, _READ_EARLY.get(table, []))
            rows = file.read(None if every_page else early, use_threads=False)
            footer = file.metadata
    except FileNotFoundError:
        return None
    except (OSError, pa.ArrowException) as error:
        if is_denied(error):
            advice = "give the account that runs this the right to read it"
            return FileFault(f"cannot be read: permission denied; {advice}", may_move=False)
        return FileFault(f"cannot be read: {error}")
    message = _find_missing_columns(footer, table) or _find_strange_batches(footer, table, stored.stem)
    if message is None and table == "articles":
        message = _find_wrong_clock(rows, now)
    return FileFault(message) if message else None


def find_batch_faults(
    storage: Storage, articles: str, files: Mapping[str, Mapping[str, str]]
) -> Iterator[tuple[str, str]]:
    """Say which files of a batch are not as its writer left them; nothing for batches of older versions.

    Args:
        storage: Of the lake.
        articles: Name of the file of its articles, which can be read.
        files: Names of the files that can be read, by table and batch.

    Yields:
        The name of a file that is missing or another one, and what is wrong with it.
    """
    try:
        with open_parquet(storage, articles) as file:
            noted = read_batch_files(file.metadata) or ()
    except FileNotFoundError:  # it was compacted meanwhile, and its other files may be gone too
        return
    except ValueError as error:
        yield articles, str(error)
        return
    for other in noted:
        message = _compare_with_note(storage, other, files)
        if message and _is_there(storage, articles):
            yield other.name, message


def _compare_with_note(storage: Storage, noted: BatchFile, files: Mapping[str, Mapping[str, str]]) -> str | None:
    is_readable = noted.name in files.get(noted.name.partition("/")[0], {}).values()
    try:
        stored = describe_stored_file(storage, noted.name, noted.rows)
    except FileNotFoundError:
        batch_id = PurePosixPath(noted.name).stem
        again = f"parley reextract --force --where \"batch_id = '{batch_id}'\""
        return f"is missing: {noted.rows} rows are lost until {again}"
    except OSError as error:
        return f"cannot be read: {error}" if is_readable else None
    if is_readable and stored != noted:
        return f"is not the file that its batch wrote ({noted.size_bytes:,} bytes; here are {stored.size_bytes:,})"
    return None  # what cannot be read was told of already


def _is_there(storage: Storage, name: str) -> bool:
    try:
        storage.open_file(name).close()
    except OSError:
        return False
    return True


def _known_columns(file: pq.ParquetFile, columns: list[str]) -> list[str]:
    there = set(file.schema_arrow.names)
    return [name for name in columns if name in there]


def _schema_of(table: str) -> pa.Schema:
    return INDEX if table == INDEX_FOLDER else TABLES[table]


def _find_missing_columns(footer: pq.FileMetaData, table: str) -> str | None:
    schema = _schema_of(table)
    there = set(footer.schema.to_arrow_schema().names)
    there |= {name for name, old in former_names(schema).items() if old in there}
    missing = {field.name for field in schema if not may_be_missing(field)} - there
    return f"lacks the columns {', '.join(sorted(missing))}" if missing else None


def _find_strange_batches(footer: pq.FileMetaData, table: str, batch_id: str) -> str | None:
    strange = set(_list_batches(footer)) - {batch_id} if table in TABLES else set()
    return f"holds rows of other batches: {', '.join(sorted(strange))}" if strange else None


def _list_batches(footer: pq.FileMetaData) -> Iterator[str]:
    """Give the least and the greatest batch id of each row group, from the statistics."""
    columns = [i for i in range(footer.num_columns) if footer.schema.column(i).path == "batch_id"]
    for group in range(footer.num_row_groups):
        statistics = footer.row_group(group).column(columns[0]).statistics
        if statistics and statistics.has_min_max:
            yield from (str(statistics.min), str(statistics.max))


def _find_wrong_clock(rows: pa.Table, now: datetime) -> str | None:
    """Say that a file counts before every right one, because the clock of its writer was ahead."""
    times = [pc.max(rows[name]).as_py() for name in ("fetched_at", "extracted_at")]
    newest = max((time for time in times if time is not None), default=None)
    if newest is None or newest <= now + CLOCK_TOLERANCE:
        return None
    return f"was written by a clock that was ahead: its newest time is {newest:%Y-%m-%d %H:%M} UTC"
