"""The reference of tables and views, from the descriptions that the schemas carry."""

from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa

from schemas.columns import ABOUT
from schemas.tables import TABLES
from tasks.lake import open_lake
from tasks.lake.views.everyday import describe_views

__all__ = ["describe_tables"]

_HEAD = """\
# Tables and views

Made from the code by `python -m docs.generate`; do not edit. In a lake, `parley sql "DESCRIBE ledger"` lists the
columns of a table or view, and `views.sql` holds their SQL. Questions with their answers are in
[the cookbook](cookbook.md).

Rows of one article share its `article_id`. A quote's `meeting_id` is the meeting it was said at; a topic's `target_id`
is an `article_id`, `meeting_id` or `quote_id`, as its `scope` says. `start` and `end` count code points of
`articles.text` from 0, `end` is not included: in DuckDB, whose texts count from 1, the words are
`text[start + 1 : "end"]`. What the text does not say is NULL. Times are in UTC; `published_on` is the day where the
outlet is (midnight in Hanoi is the day before in UTC). Months are texts: `2018-07`.

A topic's `score` says how surely it is what the article is about, above 0 and below 1. Headline and text each make it
likelier; the article's own subject has the highest. A meeting or a quote has the topics of its article whose words
stand in it, with the article's score.
"""
_TABLES = {
    "articles": "The articles as they were read: one row each, with the whole text.",
    "meetings": "Who met whom: one row for each event that an article tells of, whether it was held or not.",
    "quotes": "Who said what: one row for each stretch of words that an article attributes to somebody.",
    "topics": "What it was about: one row for each topic of an article, of a meeting or of a quote.",
    "rejects": "What was not stored, and why: the newest reject of each input that has not become an article since.",
    "fetches": "How links were asked for: the newest row of each link and state; of feeds and sitemaps too.",
    "pages": "Pages from the web as they were received: the newest of each link, so that cleaning can be run again.",
}
_SCALARS = {
    pa.string(): "VARCHAR",
    pa.bool_(): "BOOLEAN",
    pa.int32(): "INTEGER",
    pa.float64(): "DOUBLE",
    pa.binary(): "BLOB",
    pa.date32(): "DATE",
    pa.timestamp("us", tz="UTC"): "TIMESTAMP WITH TIME ZONE",
}


def describe_tables(lake: Path) -> str:
    """Return the page ``docs/tables.md``.

    Args:
        lake: Any lake; it says which columns the views have.
    """
    return "\n".join([_HEAD, *_describe_columns(), "# Views", "", *_describe_view_columns(lake)])


def _describe_columns() -> Iterator[str]:
    for table, about in _TABLES.items():
        yield from (f"## `{table}`", "", about, "", "| column | type | NULL | what it is |", "|---|---|---|---|")
        yield from (row for field in TABLES[table] for row in _describe_field(field))
        yield ""


def _describe_field(field: pa.Field, prefix: str = "") -> Iterator[str]:
    """Give a line for a column, and one for each field of what is nested in it."""
    name = prefix + field.name
    about = (field.metadata or {})[ABOUT].decode().replace("|", "\\|")
    yield f"| `{name}` | {_name_type(field.type)} | {'yes' if field.nullable else ''} | {about} |"
    inner = field.type.value_type if pa.types.is_list(field.type) else field.type
    if pa.types.is_struct(inner):
        nested = f"{name}[]." if inner is not field.type else f"{name}."
        yield from (row for one in inner for row in _describe_field(one, nested))


def _name_type(kind: pa.DataType) -> str:
    if pa.types.is_list(kind):
        return f"{_name_type(kind.value_type)}[]"
    return "STRUCT" if pa.types.is_struct(kind) else _SCALARS[kind]


def _describe_view_columns(lake: Path) -> Iterator[str]:
    with open_lake(lake) as connection:
        for view, about in describe_views().items():
            columns = connection.execute(f'DESCRIBE "{view}"').fetchall()
            yield from (f"## `{view}`", "", f"{about}.", "")
            yield from (", ".join(f"`{name}`" for name, *_ in columns) + ".", "")
