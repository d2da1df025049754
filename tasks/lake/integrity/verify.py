"""Reads a lake's visible rows again and checks every offset, hash and reference."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from itertools import groupby
from operator import itemgetter

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from schemas.articles import ARTICLES, Article
from schemas.columns import conform, former_names, may_be_missing, to_record
from schemas.meetings import Meeting
from schemas.quotes import Quote
from schemas.tables import TABLES
from schemas.topics import Topic
from tasks.lake.integrity.records import Row, Targets, check_article, check_row, row_id
from tasks.lake.query.connections import Limits, connect
from tasks.lake.query.filesystem import ROOT
from tasks.lake.storage.layout import INDEX_FOLDER, columns_file, find_lake, stored_files
from tasks.lake.storage.parquet import open_parquet
from tasks.lake.storage.protocol import Lake, Storage, StoredFile
from tasks.lake.views.views_file import escape_glob
from tasks.lake.views.visibility import INDEX, counting_articles, current_articles, newest_rejects

__all__ = ["CheckReport", "Problem", "check_batches", "find_file_fault"]

_CHUNK = 500
"""Articles held at once, with all of their rows."""

_KINDS: dict[str, type[Row]] = {"meetings": Meeting, "quotes": Quote, "topics": Topic}

_EARLY = {
    "articles": ["article_id", "batch_id", "fetched_at", "extracted_at", "written_at", "input"],
    "rejects": TABLES["rejects"].names,
    INDEX_FOLDER: INDEX.names,
}
"""Columns that DuckDB reads over all files at once, so that one damaged page would end the check."""


@dataclass(frozen=True, slots=True)
class Problem:
    """Something in a lake that is not as it should be."""

    file: str
    """Name within the lake."""
    row: str | None
    """``article_id``, ``meeting_id`` …; None for the file as a whole."""
    message: str

    def __str__(self) -> str:
        return f"{self.file}: {self.row + ': ' if self.row else ''}{self.message}"


@dataclass(frozen=True, slots=True)
class CheckReport:
    """What one step of the check read and found."""

    rows: dict[str, int]
    """Visible rows read, per table."""
    problems: tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class _Readable:
    """The files of a lake that have a sound footer, by table and batch."""

    storage: Storage
    files: dict[str, dict[str, str]]
    """Names within the lake."""

    def problem(self, table: str, batch_id: str, row: str | None, message: object) -> Problem:
        return Problem(self.files[table][batch_id], row, str(message))


def check_batches(lake: Lake) -> Iterator[CheckReport]:
    """Check a lake batch by batch, broken files first; memory is bounded.

    Leftovers of a batch that never published its articles are no problem: no view shows their rows.

    Raises:
        StopFlow: There is no lake at that path.
    """
    storage = find_lake(lake)
    readable = _Readable(storage, {table: {} for table in (INDEX_FOLDER, *TABLES)})
    for table in (INDEX_FOLDER, *TABLES):
        yield CheckReport({}, tuple(_sort_files(readable, table)))
    with connect(storage, Limits()) as connection:
        yield CheckReport({"rejects": _count_rejects(connection, readable)}, ())
        for batch_id, current in _current_by_batch(connection, readable):
            yield from _check_batch(readable, batch_id, current)


def _sort_files(readable: _Readable, table: str) -> Iterator[Problem]:
    """Keep the files that can be read, and tell of the others."""
    known = readable.files[table]
    for file in stored_files(readable.storage, table):
        if reason := find_file_fault(readable.storage, file, table):
            yield Problem(file.name, None, reason)
        elif file.stem in known:
            yield Problem(file.name, None, f"stored already as {known[file.stem]}")
        else:
            known[file.stem] = file.name


def find_file_fault(storage: Storage, stored: StoredFile, table: str, *, every_page: bool = False) -> str | None:
    """What is wrong with a file as such, in words; None if all is well, or if it was taken away meanwhile.

    Args:
        storage: Of the lake.
        stored: A file of it.
        table: That the file is in, or the folder of the index.
        every_page: Read all of it; by default only what a later check reads of all files at once.
    """
    try:
        with open_parquet(storage, stored.name) as file:
            file.read(None if every_page else _EARLY.get(table, []), use_threads=False)
            footer = file.metadata
    except FileNotFoundError:
        return None
    except (OSError, pa.ArrowException) as error:
        return f"cannot be read: {error}"
    former = former_names(_schema(table))
    there = set(footer.schema.to_arrow_schema().names)
    there |= {name for name, old in former.items() if old in there}
    if missing := {field.name for field in _schema(table) if not may_be_missing(field)} - there:
        return f"lacks the columns {', '.join(sorted(missing))}"
    if table in TABLES and (strange := set(_batches(footer)) - {stored.stem}):
        return f"holds rows of other batches: {', '.join(sorted(strange))}"
    return None


def _schema(table: str) -> pa.Schema:
    return INDEX if table == INDEX_FOLDER else TABLES[table]


def _batches(footer: pq.FileMetaData) -> Iterator[str]:
    """The least and the greatest batch id of each row group, from the statistics."""
    columns = [i for i in range(footer.num_columns) if footer.schema.column(i).path == "batch_id"]
    for group in range(footer.num_row_groups):
        statistics = footer.row_group(group).column(columns[0]).statistics
        if statistics and statistics.has_min_max:
            yield from (statistics.min, statistics.max)


def _patterns(readable: _Readable, table: str) -> list[str]:
    names = (columns_file(table), *readable.files[table].values())
    return [escape_glob(f"{ROOT}/{name}") for name in names]


def _source(name: str) -> str:
    return f"read_parquet(${name}, union_by_name = true, hive_partitioning = false)"


def _count_rejects(connection: duckdb.DuckDBPyConnection, readable: _Readable) -> int:
    query = newest_rejects(_source("rejects"), counting_articles(_source("articles")))
    connection.execute(query, {table: _patterns(readable, table) for table in ("rejects", "articles")})
    return sum(len(rows) for rows in iter(lambda: connection.fetchmany(10_000), []))


def _current_by_batch(
    connection: duckdb.DuckDBPyConnection, readable: _Readable
) -> Iterator[tuple[str, frozenset[str]]]:
    """The ids of the current articles of each batch; batches in order of their ids."""
    query = f"SELECT batch_id, article_id FROM ({current_articles(_source('articles'))}) ORDER BY batch_id"  # noqa: S608
    connection.execute(query, {"articles": _patterns(readable, "articles")})
    pairs = (pair for pairs in iter(lambda: connection.fetchmany(10_000), []) for pair in pairs)
    for batch_id, group in groupby(pairs, key=itemgetter(0)):
        yield batch_id, frozenset(article_id for _, article_id in group)


def _check_batch(readable: _Readable, batch_id: str, current: frozenset[str]) -> Iterator[CheckReport]:
    problem = partial(readable.problem, "articles", batch_id)
    seen: set[str] = set()
    try:
        with open_parquet(readable.storage, readable.files["articles"][batch_id]) as file:
            for chunk in file.iter_batches(_CHUNK):
                rows = conform(pa.Table.from_batches([chunk]), ARTICLES)
                articles = [to_record(Article, row) for row in rows.to_pylist()]
                ids = [article.article_id for article in articles]
                yield CheckReport(
                    {}, tuple(problem(row, "stored twice") for row in _repeated(ids) | seen.intersection(ids))
                )
                seen.update(ids)
                yield from _check_articles(readable, batch_id, [a for a in articles if a.article_id in current])
        yield CheckReport({}, tuple(_strays(readable, batch_id, seen)))
    except (OSError, pa.ArrowException) as error:
        yield CheckReport({}, (problem(None, f"cannot be read: {error}"),))


def _check_articles(readable: _Readable, batch_id: str, articles: list[Article]) -> Iterator[CheckReport]:
    found = ((article.article_id, message) for article in articles for message in check_article(article))
    problems = tuple(readable.problem("articles", batch_id, row, message) for row, message in found)
    yield CheckReport({"articles": len(articles)}, problems)
    texts = {article.article_id: article.text for article in articles}
    targets = {"article": frozenset(texts)}
    for table, kind in _KINDS.items():  # in this order: quotes lead to meetings, topics to both
        try:
            rows = _read_rows(readable, table, kind, batch_id, texts.keys())
        except (OSError, pa.ArrowException) as error:
            yield CheckReport({}, (readable.problem(table, batch_id, None, f"cannot be read: {error}"),))
            rows = []
        targets[kind.__name__.lower()] = frozenset(row_id(row) for row in rows)
        problems = tuple(_check_rows(readable, table, batch_id, rows, texts, targets))
        yield CheckReport({table: len(rows)}, problems)


def _read_rows(readable: _Readable, table: str, kind: type[Row], batch_id: str, articles: Iterable[str]) -> list[Row]:
    name = readable.files[table].get(batch_id)
    if name is None:
        return []
    wanted = pc.field("article_id").isin(list(articles))
    rows = conform(_read(readable.storage, name, wanted), TABLES[table])
    return [to_record(kind, row) for row in rows.to_pylist()]


def _read(storage: Storage, name: str, wanted: pc.Expression) -> pa.Table:
    with open_parquet(storage, name) as file:
        if file.num_row_groups <= 1:
            return file.read(use_threads=False).filter(wanted)  # threads cost a small file more than they save
    with storage.open_file(name) as source:
        return pq.read_table(source, filters=wanted, partitioning=None, page_checksum_verification=True)


def _check_rows(
    readable: _Readable, table: str, batch_id: str, rows: list[Row], texts: Mapping[str, str], targets: Targets
) -> Iterator[Problem]:
    for row in sorted(_repeated([row_id(row) for row in rows])):
        yield readable.problem(table, batch_id, row, "stored twice")
    for record in rows:
        for message in check_row(record, texts[record.article_id], targets):
            yield readable.problem(table, batch_id, row_id(record), message)


def _strays(readable: _Readable, batch_id: str, articles: Collection[str]) -> Iterator[Problem]:
    """Rows whose article is not among those of their batch."""
    for table in _KINDS:
        if name := readable.files[table].get(batch_id):
            for article_id in sorted(_article_ids(readable.storage, name).difference(articles)):
                yield readable.problem(table, batch_id, article_id, "rows of an article that its batch does not hold")


def _article_ids(storage: Storage, name: str) -> set[str]:
    try:
        with open_parquet(storage, name) as file:
            return set(file.read(["article_id"], use_threads=False)["article_id"].to_pylist())
    except (OSError, pa.ArrowException):  # told of already where its rows are read
        return set()


def _repeated(ids: list[str]) -> set[str]:
    return {row for row, count in Counter(ids).items() if count > 1}
