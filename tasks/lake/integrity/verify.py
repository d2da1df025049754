"""Reads a lake's visible rows again and checks every offset, hash and reference."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from itertools import groupby
from operator import itemgetter

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from schemas.articles import ARTICLES, Article
from schemas.columns import conform, to_record
from schemas.meetings import Meeting
from schemas.quotes import Quote
from schemas.tables import TABLES
from schemas.topics import Topic
from tasks.lake.integrity.files import find_batch_faults, find_file_fault
from tasks.lake.integrity.records import Row, Targets, check_article, check_row, row_id
from tasks.lake.query.connections import Limits, connect
from tasks.lake.query.filesystem import ROOT
from tasks.lake.storage.layout import INDEX_FOLDER, columns_file, find_lake, stored_files
from tasks.lake.storage.parquet import open_parquet
from tasks.lake.storage.protocol import Lake, Storage
from tasks.lake.views.views_file import escape_glob
from tasks.lake.views.visibility import counting_articles, current_articles, newest_rejects, tables_of_articles

__all__ = ["CheckReport", "Problem", "check_batches"]

_CHUNK = 500
"""Articles held at once, with all of their rows."""

_KINDS: dict[str, type[Row]] = {"meetings": Meeting, "quotes": Quote, "topics": Topic}


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
    without_articles: tuple[str, ...] = ()
    """Batches of which there are files, but none of articles: a writer was killed, or somebody deleted it."""


@dataclass(frozen=True, slots=True)
class _Readable:
    """The files of a lake that have a sound footer, by table and batch."""

    storage: Storage
    files: dict[str, dict[str, str]]
    """Names within the lake."""

    def problem(self, table: str, batch_id: str, row: str | None, message: object) -> Problem:
        return Problem(self.files[table][batch_id], row, str(message))


def check_batches(lake: Lake, *, now: datetime) -> Iterator[CheckReport]:
    """Check a lake batch by batch, broken files first; memory is bounded.

    Files of a batch without articles are no problem, but told: a writer that was killed leaves such files, and no view
    shows their rows; but they are also what is left where somebody deleted the file of the articles.

    Args:
        lake: The lake.
        now: UTC; articles that were read later than this have a wrong time.

    Raises:
        StopFlow: There is no lake at that path.
    """
    storage = find_lake(lake)
    readable = _Readable(storage, {table: {} for table in (INDEX_FOLDER, *TABLES)})
    for table in (INDEX_FOLDER, *TABLES):
        yield CheckReport({}, tuple(_sort_files(readable, table, now)))
    yield _find_batches_without_articles(readable)
    with connect(storage, Limits()) as connection:
        yield CheckReport({"rejects": _count_rejects(connection, readable)}, ())
        for batch_id, current in _list_current_articles(connection, readable):
            yield CheckReport({}, tuple(_check_files(readable, batch_id)))
            yield from _check_batch(readable, batch_id, current)


def _find_batches_without_articles(readable: _Readable) -> CheckReport:
    with_articles = {file.stem for file in stored_files(readable.storage, "articles")}
    tables = [table for table in tables_of_articles() if table != "articles"]
    without = {batch: table for table in tables for batch in readable.files[table] if batch not in with_articles}
    # What the index knows had articles; `parley maintain` takes the other files away together with them.
    deleted = sorted(without.keys() & _list_indexed_batches(readable))
    message = "belongs to a batch whose file of articles was deleted; bring it back from a copy of the lake"
    problems = tuple(readable.problem(without[batch], batch, None, message) for batch in deleted)
    return CheckReport({}, problems, tuple(sorted(without.keys() - set(deleted))))


def _list_indexed_batches(readable: _Readable) -> set[str]:
    names = sorted(readable.files[INDEX_FOLDER].values())
    if not names:
        return set()
    with open_parquet(readable.storage, names[-1]) as file:
        return set(file.read(["batch_id"])["batch_id"].to_pylist())


def _check_files(readable: _Readable, batch_id: str) -> Iterator[Problem]:
    """Compare the files of a batch with what its articles say of them."""
    articles = readable.files["articles"][batch_id]
    for name, message in find_batch_faults(readable.storage, articles, readable.files):
        yield Problem(name, None, message)


def _sort_files(readable: _Readable, table: str, now: datetime) -> Iterator[Problem]:
    """Keep the files that can be read, and tell of the others."""
    known = readable.files[table]
    for file in stored_files(readable.storage, table):
        if fault := find_file_fault(readable.storage, file, table, now=now):
            yield Problem(file.name, None, fault.message)
        elif file.stem in known:
            yield Problem(file.name, None, f"stored already as {known[file.stem]}")
        else:
            known[file.stem] = file.name


def _list_patterns(readable: _Readable, table: str) -> list[str]:
    names = (columns_file(table), *readable.files[table].values())
    return [escape_glob(f"{ROOT}/{name}") for name in names]


def _read_files_sql(name: str) -> str:
    return f"read_parquet(${name}, union_by_name = true, hive_partitioning = false)"


def _count_rejects(connection: duckdb.DuckDBPyConnection, readable: _Readable) -> int:
    query = newest_rejects(_read_files_sql("rejects"), counting_articles(_read_files_sql("articles")))
    connection.execute(query, {table: _list_patterns(readable, table) for table in ("rejects", "articles")})
    return sum(len(rows) for rows in iter(lambda: connection.fetchmany(10_000), []))


def _list_current_articles(
    connection: duckdb.DuckDBPyConnection, readable: _Readable
) -> Iterator[tuple[str, frozenset[str]]]:
    """The ids of the current articles of each batch; batches in order of their ids."""
    query = f"SELECT batch_id, article_id FROM ({current_articles(_read_files_sql('articles'))}) ORDER BY batch_id"  # noqa: S608
    connection.execute(query, {"articles": _list_patterns(readable, "articles")})
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
                    {}, tuple(problem(row, "stored twice") for row in _find_repeated(ids) | seen.intersection(ids))
                )
                seen.update(ids)
                yield from _check_articles(readable, batch_id, [a for a in articles if a.article_id in current])
        yield CheckReport({}, tuple(_find_stray_rows(readable, batch_id, seen)))
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
    rows = conform(_read_filtered(readable.storage, name, wanted), TABLES[table])
    return [to_record(kind, row) for row in rows.to_pylist()]


def _read_filtered(storage: Storage, name: str, wanted: pc.Expression) -> pa.Table:
    with open_parquet(storage, name) as file:
        if file.schema_arrow.field("article_id").type != pa.string():  # another program wrote it
            return conform(file.read(use_threads=False), TABLES[name.partition("/")[0]]).filter(wanted)
        if file.num_row_groups <= 1:
            return file.read(use_threads=False).filter(wanted)  # threads cost a small file more than they save
    with storage.open_file(name) as source:
        return pq.read_table(source, filters=wanted, partitioning=None, page_checksum_verification=True)


def _check_rows(
    readable: _Readable, table: str, batch_id: str, rows: list[Row], texts: Mapping[str, str], targets: Targets
) -> Iterator[Problem]:
    for row in sorted(_find_repeated([row_id(row) for row in rows])):
        yield readable.problem(table, batch_id, row, "stored twice")
    for record in rows:
        for message in check_row(record, texts[record.article_id], targets):
            yield readable.problem(table, batch_id, row_id(record), message)


def _find_stray_rows(readable: _Readable, batch_id: str, articles: Collection[str]) -> Iterator[Problem]:
    """Find rows whose article is not among those of their batch."""
    for table in _KINDS:
        if name := readable.files[table].get(batch_id):
            for article_id in sorted(_read_article_ids(readable.storage, name).difference(articles)):
                yield readable.problem(table, batch_id, article_id, "rows of an article that its batch does not hold")


def _read_article_ids(storage: Storage, name: str) -> set[str]:
    try:
        with open_parquet(storage, name) as file:
            return set(file.read(["article_id"], use_threads=False)["article_id"].to_pylist())
    except (OSError, pa.ArrowException):  # told of already where its rows are read
        return set()


def _find_repeated(ids: list[str]) -> set[str]:
    return {row for row, count in Counter(ids).items() if count > 1}
