"""The index of a lake: which articles each file holds, and when they were read; a note, not a catalogue.

What counts follows from these few columns of all files of ``articles``, and to open thousands of small files takes
seconds. Files never change, so what was noted of one stays true; who opens a lake reads the note, and the files that
are newer. Nothing is lost with an index, and two that are written at once do no harm: the last one counts.
"""

import re
from datetime import datetime, timedelta
from secrets import token_hex

from tasks.lake.query.run import open_for_upkeep, translate_duckdb_errors
from tasks.lake.storage.layout import INDEX_FOLDER, find_lake
from tasks.lake.storage.parquet import publish_parquet
from tasks.lake.storage.protocol import Lake
from tasks.lake.views.views_file import indexed_articles
from tasks.lake.views.visibility import INDEX

__all__ = ["index_lake"]

_UNREAD = 100
"""Files that a session may have to open beside the index: some hundredths of a second."""
_GRACE = timedelta(hours=1)
"""How long an index stays when a newer one is there: longer than anybody takes to open a lake."""

_NUMBER = re.compile(r"\d+")


def index_lake(lake: Lake, *, now: datetime) -> bool:
    """Write a new index if it is worth it: many files of articles are not in the one there is.

    Args:
        lake: The lake.
        now: UTC; older ones that nobody can be reading any more are deleted.

    Returns:
        True if there is a new one.

    Raises:
        StopFlow: There is no lake, a file is broken, or the index cannot be written.
    """
    storage = find_lake(lake)
    before = storage.list_files(INDEX_FOLDER)
    with translate_duckdb_errors(storage), open_for_upkeep(storage) as connection:
        ((unread,),) = connection.execute("SELECT len(getvariable('parley_unread'))").fetchall()
        if unread <= _UNREAD:
            return False
        rows = connection.sql(f"FROM ({indexed_articles()}) ORDER BY batch_id").to_arrow_table()
    # Numbered, not dated: the index of a clock that was ahead would stay the last one.
    number = max((int(digits[0]) for file in before if (digits := _NUMBER.match(file.stem))), default=0) + 1
    publish_parquet(rows.cast(INDEX), storage, f"{INDEX_FOLDER}/articles/{number:08}-{token_hex(3)}.parquet")
    for file in before:
        if file.modified_at <= now - _GRACE:
            storage.delete(file.name)
    return True
