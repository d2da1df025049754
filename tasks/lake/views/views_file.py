"""The text of a lake's ``views.sql``, and what a session of ours changes in it.

The views are made on files without rows; then the files are listed, what counts is found, and the rows are let in. So a
session sees one state of the lake, whole batches only, and files of which nothing counts are not even opened.
"""

from string import Template

from schemas.tables import TABLES
from tasks.lake.views.everyday import describe_views, read_everyday_views
from tasks.lake.views.visibility import (
    INDEX,
    list_columns,
    newest_fetches,
    newest_pages,
    newest_rejects,
    quote_text,
    superseded_articles,
    tables_of_articles,
    visible_rows,
)

__all__ = [
    "PARTLY_COUNTING",
    "escape_glob",
    "indexed_articles",
    "relocation_sql",
    "views_sql",
    "whole_files_sql",
]

_HEAD = Template("""\
-- The views of this Parley lake: `duckdb -init views.sql` from any folder.
-- Written by Parley, and again whenever it opens a lake that was moved; changes are lost.
--
-- A session sees the lake as it was when this was read, whole batches only; `.read views.sql` shows what came since.
-- What was known earlier: SET VARIABLE parley_as_of = TIMESTAMPTZ '2026-03-05 12:00:00+07'; and read this again.
SET VARIABLE parley_lake = $lake;
CREATE SCHEMA IF NOT EXISTS parley;
CREATE OR REPLACE TABLE parley.superseded (article_id VARCHAR, batch_id VARCHAR);

-- The views are made on files without rows, so that this is quick on any lake; the last lines let the rows in.
SET VARIABLE parley_stored = [getvariable('parley_lake') || '/articles/empty/columns.parquet'];
""")

_NO_ROWS = Template("""\
SET VARIABLE parley_$table = [getvariable('parley_lake') || '/$table/empty/columns.parquet'];
""")

# A batch publishes its articles last, and who deletes one begins with them: so articles are listed first and read after
# all others are listed. A batch whose articles are seen then has all of its files in the lists.
_LIST = Template("""\
SET VARIABLE parley_$variable =
    (SELECT list(file ORDER BY file) FROM glob(getvariable('parley_lake') || '/$table/*/*.parquet'));
""")

_FOUND = Template("""\
SET VARIABLE parley_$variable =
    (SELECT list(regexp_replace(file, '[*?[]', '[\\0]', 'g')) FROM unnest(getvariable('parley_$variable')) AS _(file));
""")

_STORED = Template("""
-- Which articles the files hold. Of most of them the index tells: a note of what they say, so that not each needs to be
-- opened. Without it, this only takes longer.
SET VARIABLE parley_index = (
    SELECT coalesce(
        regexp_replace(max(file), '[*?[]', '[\\0]', 'g'),
        getvariable('parley_lake') || '/articles/empty/columns.parquet'
    )
    FROM glob(getvariable('parley_lake') || '/index/articles/*.parquet')
);
SET VARIABLE parley_unread = (
    SELECT list(file)  -- never none: the file without rows is among them
    FROM unnest(getvariable('parley_stored')) AS _(file)
    ANTI JOIN (SELECT DISTINCT batch_id FROM $index) ON batch_id = parse_filename(file, true)
);
CREATE OR REPLACE TABLE parley.stored AS
$rows;
""")

_ROWS = Template("""\
SELECT $columns
FROM $index
SEMI JOIN (
    SELECT parse_filename(file, true) AS batch_id FROM unnest(getvariable('parley_stored')) AS _(file)
) USING (batch_id)
UNION ALL
SELECT $columns
FROM $unread""")

_SUPERSEDED = Template("""
-- What does not count: of each article all but its newest batch, and what was extracted after the time in question.
CREATE OR REPLACE TABLE parley.superseded AS
$superseded;

-- Files without a row that counts are not even opened.
CREATE OR REPLACE TABLE parley.counting AS
SELECT DISTINCT batch_id FROM parley.stored ANTI JOIN parley.superseded USING (article_id, batch_id)
UNION ALL VALUES ('columns');
DROP TABLE parley.stored;
""")

_COUNTING = Template("""\
SET VARIABLE parley_$table = (
    SELECT list(file) FROM unnest(getvariable('parley_$table')) AS _(file)
    SEMI JOIN parley.counting ON batch_id = parse_filename(file, true)
);
""")

_FILES = Template("read_parquet(getvariable('parley_$variable'), union_by_name = true, hive_partitioning = false)")

# For columns that files of all versions have: without `union_by_name` files are opened one after the other, not all at
# once, which for ten thousand small ones is a gigabyte and most of the time.
_SAME_COLUMNS = Template("read_parquet(getvariable('$variable'), hive_partitioning = false)")

_STORE = """\
-- This lake is in an object store. DuckDB reads it with:
--   INSTALL httpfs; LOAD httpfs; CREATE SECRET (TYPE s3, PROVIDER credential_chain);
"""

PARTLY_COUNTING = "FROM parley.superseded SEMI JOIN parley.counting USING (batch_id) LIMIT 1"
"""SQL that finds something if a file is read of which some rows count and others do not."""


def views_sql(root: str) -> str:
    """Return the text of ``views.sql``; it answers from any working directory.

    Args:
        root: Absolute path of the lake, or its address; any characters.
    """
    head = _HEAD.substitute(lake=quote_text(escape_glob(root)))
    if root.startswith("s3://"):
        head = _STORE + head
    no_rows = "".join(_NO_ROWS.substitute(table=table) for table in TABLES)
    views = "".join(_create_view(name, query) for name, query in _list_views().items())
    return head + no_rows + views + _let_rows_in()


def relocation_sql(root: str, other: str) -> str:
    """Return SQL by which a session that has read :func:`views_sql` reads its files at another address.

    The session forgets the first address.

    Args:
        root: As it was given there.
        other: Where the files are as well.
    """
    moved = f"'{other}' || file[{len(escape_glob(root)) + 1}:]"
    lists = (
        f"SET VARIABLE parley_{name} = list_transform(getvariable('parley_{name}'), lambda file: {moved});\n"
        for name in ("stored", *TABLES)
    )
    done = "".join(f"RESET VARIABLE parley_{name};\n" for name in ("index", "unread", "kept"))
    return f"SET VARIABLE parley_lake = '{other}';\n{''.join(lists)}{done}"


def whole_files_sql() -> str:
    """Return SQL that makes a session quicker in which every row of its files counts, as after compaction.

    It may run only where :data:`PARTLY_COUNTING` finds nothing. Comparing each row with an empty list would make a
    count four times as long.
    """
    return "".join(_create_unfiltered_view(table) for table in tables_of_articles())


def indexed_articles() -> str:
    """Return SQL of the columns of :data:`INDEX` of all stored rows of ``articles``, most of them from the index."""
    names = {name: _SAME_COLUMNS.substitute(variable=f"parley_{name}") for name in ("index", "unread")}
    return _ROWS.substitute(names, columns=", ".join(INDEX.names))


def escape_glob(path: str) -> str:
    """Return a path as a pattern that matches only itself; in brackets, for DuckDB takes a backslash for a slash."""
    return "".join(f"[{char}]" if char in "*?[" else char for char in path)


def _create_unfiltered_view(table: str) -> str:
    query = f"SELECT {list_columns(TABLES[table])} FROM {_read_files(table)} WHERE batch_id IS NOT NULL"  # noqa: S608
    # A view is made on the file without rows; on all of them, all would be opened.
    kept, none = f"getvariable('parley_{table}')", _NO_ROWS.substitute(table=table)
    return (
        f"SET VARIABLE parley_kept = {kept};\n{none}{_create_view(table, query)}"
        f"SET VARIABLE parley_{table} = getvariable('parley_kept');\n"
    )


def _let_rows_in() -> str:
    """Return SQL that lists the files as they are now, and finds what of them counts."""
    others = [table for table in TABLES if table != "articles"]
    lists = [_LIST.substitute(variable="stored", table="articles")]
    lists += [_LIST.substitute(variable=table, table=table) for table in others]
    found = [_FOUND.substitute(variable=variable) for variable in ("stored", *others)]
    every = "SET VARIABLE parley_articles = getvariable('parley_stored');\n"
    stored = _STORED.substitute(index=_SAME_COLUMNS.substitute(variable="parley_index"), rows=indexed_articles())
    superseded = _SUPERSEDED.substitute(superseded=superseded_articles("parley.stored"))
    counting = [_COUNTING.substitute(table=table) for table in tables_of_articles()]
    return "\n" + "".join([*lists, *found, every, stored, superseded, *counting])


def _read_files(variable: str) -> str:
    return _FILES.substitute(variable=variable)


def _list_views() -> dict[str, str]:
    """Return the SQL of every view by name, each after those it uses."""
    queries = {table: visible_rows(table, _read_files(table)) for table in tables_of_articles()}
    queries["current_batches"] = f"-- {describe_views()['current_batches']}.\nSELECT article_id, batch_id FROM articles"
    queries["rejects"] = newest_rejects(_read_files("rejects"), "articles")
    queries["fetches"] = newest_fetches(_read_files("fetches"))
    queries["pages"] = newest_pages(_read_files("pages"))
    return queries | read_everyday_views()


def _create_view(name: str, query: str) -> str:
    return f"\nCREATE OR REPLACE VIEW {name} AS\n{query.strip()};\n"
