"""The lake: a set of rows that only grows. The only writer of Parquet, and the only one who opens DuckDB.

A lake is a folder, or a prefix of a bucket in an object store (:mod:`tasks.lake.storage`).

    lake/views.sql
    lake/<table>/<ingest day>/<batch_id>.parquet
    lake/<table>/empty/columns.parquet        no rows; it tells DuckDB the columns

A batch writes one immutable file per table, ``articles`` last: it is the commit. Readers go through the views,
which let a row count only if its batch is its article's newest.
"""

from tasks.lake.batches import Batch, append_batch
from tasks.lake.export import Export, ExportFormat, export_lake
from tasks.lake.layout import create_lake
from tasks.lake.reading import Rows, ask, open_lake, run_query
from tasks.lake.sandbox import Limits
from tasks.lake.storage import Lake
from tasks.lake.verify import BatchReport, Problem, check_batches, verify_lake

__all__ = [
    "Batch",
    "BatchReport",
    "Export",
    "ExportFormat",
    "Lake",
    "Limits",
    "Problem",
    "Rows",
    "append_batch",
    "ask",
    "check_batches",
    "create_lake",
    "export_lake",
    "open_lake",
    "run_query",
    "verify_lake",
]
