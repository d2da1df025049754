"""The lake: a set of rows that only grows. The only writer of Parquet, and the only one who opens DuckDB.

A lake is a folder, or a prefix of a bucket in an object store (:mod:`tasks.lake.storage.protocol`).

    lake/views.sql
    lake/<table>/<ingest day>/<batch_id>.parquet
    lake/<table>/<month of publication>/<batch_id>.parquet    compacted
    lake/<table>/empty/columns.parquet        no rows; it tells DuckDB the columns

A batch writes one immutable file per table, ``articles`` last: it is the commit. Readers go through the views,
which let a row count only if its batch is its article's newest: the newest extraction of its newest reading.
"""

from tasks.lake.batches import Batch, append_batch, drop_faulty_rows
from tasks.lake.integrity.repair import Repair, repair_lake
from tasks.lake.integrity.verify import CheckReport, Problem, check_batches
from tasks.lake.query.articles import ArticleSelection, stored_articles, stored_originals
from tasks.lake.query.compare import count_forgotten
from tasks.lake.query.connections import Limits
from tasks.lake.query.export import Export, ExportFormat, export_lake
from tasks.lake.query.file_history import load_file_history
from tasks.lake.query.history import (
    NO_HISTORY,
    LakeHistory,
    last_fetches,
    load_history,
    put_off_links,
    sources_last_read,
    stored_stories,
)
from tasks.lake.query.process import QueryProcess, run_query_apart
from tasks.lake.query.run import QueryResult, open_lake, query_session, run_query
from tasks.lake.storage.layout import create_lake, lake_files
from tasks.lake.storage.protocol import Lake
from tasks.lake.upkeep.index import index_lake
from tasks.lake.upkeep.maintenance import Maintenance, maintain_lake
from tasks.lake.views.visibility import CLOCK_TOLERANCE

__all__ = [
    "CLOCK_TOLERANCE",
    "NO_HISTORY",
    "ArticleSelection",
    "Batch",
    "CheckReport",
    "Export",
    "ExportFormat",
    "Lake",
    "LakeHistory",
    "Limits",
    "Maintenance",
    "Problem",
    "QueryProcess",
    "QueryResult",
    "Repair",
    "append_batch",
    "check_batches",
    "count_forgotten",
    "create_lake",
    "drop_faulty_rows",
    "export_lake",
    "index_lake",
    "lake_files",
    "last_fetches",
    "load_file_history",
    "load_history",
    "maintain_lake",
    "open_lake",
    "put_off_links",
    "query_session",
    "repair_lake",
    "run_query",
    "run_query_apart",
    "sources_last_read",
    "stored_articles",
    "stored_originals",
    "stored_stories",
]
