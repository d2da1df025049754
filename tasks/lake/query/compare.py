"""What several versions of the rules made of the same articles, as long as the superseded rows are there."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from string import Template
from typing import Literal

from schemas.errors import StopFlow
from tasks.lake.query.run import QueryResult, run_query
from tasks.lake.storage.protocol import Lake
from tasks.lake.views.visibility import current_articles

__all__ = ["CURRENT", "Comparison", "Example", "compare_versions", "count_forgotten", "list_versions"]

CURRENT = "current"
"""The version that counts, whatever it is for each article."""

Kind = Literal["gained", "lost", "changed"]

# Files that are superseded as a whole are not in the lists that the views use.
_FILES = Template(
    "read_parquet(getvariable('parley_lake') || '/$table/*/*.parquet', union_by_name = true, hive_partitioning = false)"
)
_STORED = _FILES.substitute(table="articles")
_KEYS = {"meetings": "meeting_id", "quotes": "quote_id", "topics": "article_id, scope, target_id, topic_id"}

# Only SQL of ours is pasted; what people give is bound.
_VERSIONS = f"""
SELECT
    extractor, count(*) FILTER (superseded.batch_id IS NULL) AS current_articles,
    count(DISTINCT article_id) AS stored_articles,
    min(extracted_at) AS first_extracted_at, max(extracted_at) AS last_extracted_at
FROM {_STORED} AS stored
LEFT JOIN parley.superseded USING (article_id, batch_id)
GROUP BY extractor
ORDER BY last_extracted_at, extractor"""  # noqa: S608
_SIDE = Template(
    f"(SELECT * FROM {_STORED} WHERE ($$${{side}}::VARCHAR IS NULL OR extractor = $$${{side}})"  # noqa: S608
    " AND ($$${side}_until::TIMESTAMPTZ IS NULL OR extracted_at <= $$${side}_until))"
)
_SIDES = ", ".join(
    f"{name} AS ({current_articles(_SIDE.substitute(side=side))})" for name, side in (("old", "a"), ("new", "b"))
)
_ARTICLES = f"""
WITH {_SIDES}
SELECT
    count(*) FILTER (old.batch_id IS NOT NULL AND new.batch_id IS NOT NULL),
    count(*) FILTER (new.batch_id IS NULL), count(*) FILTER (old.batch_id IS NULL)
FROM old FULL JOIN new USING (article_id)"""  # noqa: S608
_ROWS = Template(f"""
WITH {_SIDES.replace("$", "$$")},
titles AS (SELECT article_id, any_value(title) AS title FROM {_STORED} GROUP BY article_id),
"before" AS (
    SELECT $keys, any_value(one) AS cells
    FROM (SELECT * EXCLUDE (batch_id) FROM $files SEMI JOIN old USING (article_id, batch_id)
        SEMI JOIN new USING (article_id)) AS one
    GROUP BY $keys
),
"after" AS (
    SELECT $keys, any_value(one) AS cells
    FROM (SELECT * EXCLUDE (batch_id) FROM $files SEMI JOIN new USING (article_id, batch_id)
        SEMI JOIN old USING (article_id)) AS one
    GROUP BY $keys
),
changes AS (
    SELECT
        CASE
            WHEN "before".cells IS NULL THEN 'gained'
            WHEN "after".cells IS NULL THEN 'lost'
            WHEN "before".cells IS DISTINCT FROM "after".cells THEN 'changed'
        END AS kind,
        "before".cells AS was, "after".cells AS now, coalesce("after".cells, "before".cells).article_id AS article_id
    FROM "before" FULL JOIN "after" USING ($keys)
)
SELECT kind, count(*) OVER (PARTITION BY kind), title, was, now
FROM changes JOIN titles USING (article_id)
WHERE kind IS NOT NULL
QUALIFY row_number() OVER (PARTITION BY kind ORDER BY article_id, coalesce(now, was)::VARCHAR) <= $$examples
ORDER BY kind, article_id""")  # noqa: S608

_FORGOTTEN = f"""
SELECT count(DISTINCT article_id)
FROM {_STORED}
WHERE fetched_at <= $at AND article_id NOT IN (SELECT article_id FROM {_STORED} WHERE extracted_at <= $at)"""  # noqa: S608

Cells = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Example:
    """A row that differs."""

    table: str
    kind: Kind
    title: str | None
    """Of the article."""
    old: Cells | None
    """The row's columns; None for one that was gained."""
    new: Cells | None
    """None for one that was lost."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """How two versions differ over the articles that both have read."""

    articles: int
    """Read by both."""
    only_old: int
    """Articles that are left out, because only the first has read them (or its rows alone are still there)."""
    only_new: int
    counts: Mapping[str, Mapping[Kind, int]]
    """Rows by table and kind of change; every table and kind."""
    examples: tuple[Example, ...]


def list_versions(lake: Lake) -> QueryResult:
    """Return the versions that made the rows of a lake: how many articles count and are stored, and from when.

    Raises:
        StopFlow: There is no lake, or a file is broken.
    """
    result = run_query(lake, _VERSIONS)
    assert result is not None
    return result


def count_forgotten(lake: Lake, at: datetime) -> int:
    """Count the articles that had been read at a time, but of whose rows only later ones are stored.

    Raises:
        StopFlow: There is no lake, or a file is broken.
    """
    ((count,),) = _ask_rows(lake, _FORGOTTEN, {"at": at})
    assert isinstance(count, int)
    return count


def compare_versions(lake: Lake, old: str, new: str, *, examples: int = 3) -> Comparison:
    """Say what became of the rows from one version to another.

    Args:
        lake: The lake.
        old: A version (``0.1.0+3f9ac01b``), a time (what counted then, UTC unless it says otherwise), or ``current``.
        new: The same.
        examples: Most examples of each kind of change in each table.

    Raises:
        StopFlow: There is no lake, a file is broken, or a version has read nothing that is still there.
    """
    asked = _bind_side(lake, "a", old) | _bind_side(lake, "b", new)
    ((both, only_old, only_new),) = _ask_rows(lake, _ARTICLES, asked)
    counts: dict[str, dict[Kind, int]] = {}
    found: list[Example] = []
    for table, keys in _KEYS.items():
        counts[table] = {"gained": 0, "lost": 0, "changed": 0}
        query = _ROWS.substitute(keys=keys, files=_FILES.substitute(table=table))
        for kind, count, title, was, now in _ask_rows(lake, query, asked | {"examples": examples}):
            counts[table][kind] = count  # type: ignore[index,assignment]  # the query gives these kinds and numbers
            found.append(Example(table, kind, title, was, now))  # type: ignore[arg-type]
    return Comparison(both, only_old, only_new, counts, tuple(found))  # type: ignore[arg-type]


def _bind_side(lake: Lake, side: str, version: str) -> dict[str, object]:
    if version == CURRENT:
        return {side: None, f"{side}_until": None}
    try:
        at = datetime.fromisoformat(version)
    except ValueError:
        known = [str(row[0]) for row in list_versions(lake).rows]
        if version not in known:
            raise StopFlow(f"no rows of version {version!r} are stored; there are: {', '.join(known)}") from None
        return {side: version, f"{side}_until": None}
    return {side: None, f"{side}_until": at if at.tzinfo else at.replace(tzinfo=UTC)}


def _ask_rows(lake: Lake, query: str, parameters: Mapping[str, object]) -> list[tuple[object, ...]]:
    result = run_query(lake, query, parameters)
    assert result is not None
    return list(result.rows)
