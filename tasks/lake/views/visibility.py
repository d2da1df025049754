"""The one rule of which rows of a lake count, as SQL.

Of each article one batch counts: that of its newest reading, of this the newest extraction, of this the newest copy. A
meeting, quote or topic counts if its batch is its article's. Rejects, fetches and pages are true on their own: of these
the newest of each link is shown.
"""

from datetime import timedelta
from string import Template

import pyarrow as pa

from schemas.columns import former_names
from schemas.tables import TABLES
from tasks.language.time_zones import read_time_zones

__all__ = [
    "CLOCK_TOLERANCE",
    "INDEX",
    "KNOWN",
    "counting_articles",
    "current_articles",
    "list_columns",
    "newest_fetches",
    "newest_pages",
    "newest_rejects",
    "quote_text",
    "superseded_articles",
    "tables_of_articles",
    "visible_rows",
]

_RANK = "fetched_at, extracted_at, written_at, batch_id"

INDEX = pa.schema([TABLES["articles"].field(name) for name in ("article_id", "batch_id", *_RANK.split(", ")[:-1])])
"""The columns that decide which rows count."""

_AS_OF = "coalesce(getvariable('parley_as_of')::TIMESTAMPTZ, 'infinity')"

CLOCK_TOLERANCE = timedelta(hours=1)
"""How far apart right clocks may be; a row with a later time than now and this has a wrong one."""

KNOWN = f"extracted_at <= {_AS_OF}"
"""SQL that is true of a stored row of ``articles`` that was there at the time in question."""

_CURRENT = Template("""\
SELECT article_id, arg_max(batch_id, ($rank)) AS batch_id
FROM $articles
GROUP BY article_id""")

# Most articles are stored once, and only of the others one has to find the newest: that is quick.
_SUPERSEDED = Template("""\
WITH stored AS (SELECT *, $known AS known FROM $articles)
SELECT article_id, batch_id
FROM stored
SEMI JOIN (
    SELECT article_id FROM stored WHERE known GROUP BY article_id HAVING count(*) > 1
) USING (article_id)
WHERE known
QUALIFY batch_id <> first_value(batch_id) OVER (PARTITION BY article_id ORDER BY ($rank) DESC)
UNION ALL
SELECT article_id, batch_id FROM stored WHERE NOT known""")

_VISIBLE = Template("""\
SELECT $columns
FROM $rows
ANTI JOIN parley.superseded USING (article_id, batch_id)
WHERE batch_id IS NOT NULL""")

_NEWEST = Template("""\
SELECT $columns
FROM $rows
WHERE "at" <= $as_of
QUALIFY row_number() OVER (PARTITION BY $keys ORDER BY "at" DESC, batch_id DESC) = 1""")

_REJECTS = Template("""\
SELECT $columns
FROM (
    SELECT * FROM $rejects
    WHERE "at" <= $as_of
    QUALIFY row_number() OVER (PARTITION BY input ORDER BY "at" DESC, batch_id DESC) = 1
) AS newest
ANTI JOIN (SELECT input, extracted_at FROM $articles) AS stored
    ON stored.input = newest.input AND stored.extracted_at > newest."at" """)


def current_articles(articles: str) -> str:
    """Return SQL for the batch of each article that counts.

    Args:
        articles: SQL of a relation with the stored rows of ``articles``.

    Returns:
        A query with the columns ``article_id`` (each once) and ``batch_id``.
    """
    return _CURRENT.substitute(articles=articles, rank=_RANK)


def counting_articles(articles: str) -> str:
    """Return SQL for the rows of ``articles`` that count.

    Args:
        articles: SQL of a relation with the stored rows.
    """
    return f"(FROM {articles} SEMI JOIN ({current_articles(articles)}) USING (article_id, batch_id))"


def superseded_articles(articles: str) -> str:
    """Return SQL for what does not count: all batches of an article but one, and what was extracted too late.

    Args:
        articles: SQL of a relation with the stored rows of ``articles``.

    Returns:
        A query with the columns ``article_id`` and ``batch_id``.
    """
    return _SUPERSEDED.substitute(articles=articles, rank=_RANK, known=KNOWN)


def visible_rows(table: str, rows: str) -> str:
    """Return SQL for the rows of a table of articles that count, in a session that has ``parley.superseded``.

    Args:
        table: ``articles``, or one whose rows belong to articles.
        rows: SQL of a relation with its stored rows.
    """
    return _VISIBLE.substitute(columns=list_columns(TABLES[table]), rows=rows)


def newest_rejects(rejects: str, articles: str) -> str:
    """Return SQL for the newest reject of each input, unless an article that counts was made of it later.

    Args:
        rejects: SQL of a relation with the stored rows of ``rejects``.
        articles: SQL of a relation with the rows of ``articles`` that count.
    """
    columns = list_columns(TABLES["rejects"], "newest.")
    return _REJECTS.substitute(columns=columns, rejects=rejects, articles=articles, as_of=_AS_OF)


def newest_fetches(fetches: str) -> str:
    """Return SQL for the newest fetch of each link and state.

    Args:
        fetches: SQL of a relation with the stored rows of ``fetches``.
    """
    columns = list_columns(TABLES["fetches"])
    return _NEWEST.substitute(columns=columns, rows=fetches, keys="input, state", as_of=_AS_OF)


def newest_pages(pages: str) -> str:
    """Return SQL for the newest page of each link.

    Args:
        pages: SQL of a relation with the stored rows of ``pages``.
    """
    columns = list_columns(TABLES["pages"])
    return _NEWEST.substitute(columns=columns, rows=pages, keys="input", as_of=_AS_OF)


def tables_of_articles() -> tuple[str, ...]:
    """Return the tables whose rows count if their article's batch does, ``articles`` last."""
    return tuple(table for table, schema in TABLES.items() if "article_id" in schema.names)


def quote_text(text: str) -> str:
    """Return a text as an SQL literal."""
    return "'" + text.replace("'", "''") + "'"


def list_columns(schema: pa.Schema, prefix: str = "") -> str:
    """Return SQL of the columns of a table by their names of now, then those that had another name by that as well.

    Args:
        schema: Of the table.
        prefix: Name of the relation with a full stop, where several have such columns.
    """
    former = former_names(schema)
    cells = {name: f'{prefix}"{name}"' for name in schema.names}
    derived = _derived_cells(prefix) if schema is TABLES["articles"] else {}
    cells |= derived
    cells |= {name: f'coalesce({prefix}"{name}", {prefix}"{old}")' for name, old in former.items()}
    changed = former.keys() | derived.keys()
    columns = [f'{cells[name]} AS "{name}"' if name in changed else cells[name] for name in schema.names]
    return ", ".join([*columns, *(f'{cells[name]} AS "{old}"' for name, old in former.items())])


def _derived_cells(prefix: str) -> dict[str, str]:
    """Return SQL of columns of ``articles`` that older files lack, but that follow from what they have.

    Which zone an outlet is in stands in no file; that of its language's press is right for nearly all.
    """
    zones = " ".join(f"WHEN {quote_text(code)} THEN {quote_text(zone)}" for code, zone in read_time_zones().items())
    zone = f"CASE {prefix}language {zones} ELSE 'UTC' END"
    day = f"timezone({zone}, {prefix}published_at)::DATE"
    return {"published_on": f"coalesce({prefix}published_on, {day})"}
