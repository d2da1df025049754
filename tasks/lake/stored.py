"""Articles that a lake holds already, to be read again by newer rules."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from operator import itemgetter

import pyarrow as pa
import pyarrow.compute as pc

from schemas.articles import ARTICLES, Article
from schemas.columns import conform
from schemas.errors import StopFlow
from tasks.lake.checks import to_record
from tasks.lake.files import open_parquet
from tasks.lake.layout import find_lake, stored_files
from tasks.lake.reading import run_query
from tasks.lake.storage import Lake, Storage

__all__ = ["Choice", "stored_articles"]

_CHUNK = 500
"""Articles held at once."""

# The condition is SQL that a person gave; the connection that runs it only reads, and sees nothing but the lake.
_CHOSEN = """
SELECT batch_id, article_id
FROM articles
WHERE extracted_at < $before AND ($extractor IS NULL OR extractor <> $extractor)
    AND list_contains($languages, language) AND ($source IS NULL OR source = $source)
    AND ($since::DATE IS NULL OR coalesce(published_at, fetched_at) >= $since::TIMESTAMP AT TIME ZONE 'UTC')
    AND (
{where}
)
ORDER BY batch_id, article_id"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """Which articles of a lake are meant; all conditions hold at once."""

    before: datetime
    """Extracted earlier than this: what a run has done once it does not do again."""
    languages: tuple[str, ...]
    """Languages that can be read."""
    other_than: str | None = None
    """Extracted by another version than this."""
    since: date | None = None
    """Published (read, where that is not known) on this day or later, UTC."""
    source: str | None = None
    where: str = "true"
    """A condition in SQL over the columns of ``articles``."""


def stored_articles(lake: Lake, choice: Choice) -> Iterator[Article]:
    """The current articles that are meant, batch by batch; memory is bounded, whatever the batches hold.

    Batches may be compacted meanwhile, and their files be taken away; what was in them is looked up anew. No article is
    given twice.

    Raises:
        StopFlow: There is no lake, the condition is wrong or does more than read, or a file is broken.
    """
    missed, given = True, set[int]()
    while missed:
        missed = False
        storage = find_lake(lake)
        chosen = _chosen(lake, choice)
        names = {file.stem: file.name for file in stored_files(storage, "articles")}
        for batch_id, rows in groupby(chosen, key=itemgetter(0)):
            wanted = pa.array((article_id for _, article_id in rows if hash(article_id) not in given), pa.string())
            try:
                for article in _read(storage, names[str(batch_id)], wanted):
                    given.add(hash(article.article_id))
                    yield article
            except (FileNotFoundError, KeyError):
                missed = True


def _chosen(lake: Lake, choice: Choice) -> Iterator[tuple[object, ...]]:
    result = run_query(
        lake,
        _CHOSEN.format(where=choice.where),
        {
            "before": choice.before,
            "extractor": choice.other_than,
            "languages": list(choice.languages),
            "source": choice.source,
            "since": choice.since,
        },
    )
    if result is None or result.columns != ("batch_id", "article_id"):
        raise StopFlow(f"{choice.where!r} is not one condition, such as \"outlet = 'TASS' AND language = 'vi'\"")
    return result.rows


def _read(storage: Storage, name: str, wanted: pa.Array) -> Iterator[Article]:
    try:
        with open_parquet(storage, name) as file:
            for chunk in file.iter_batches(_CHUNK):
                rows = conform(pa.Table.from_batches([chunk]), ARTICLES)
                rows = rows.filter(pc.is_in(rows["article_id"], wanted))
                yield from (to_record(Article, row) for row in rows.to_pylist())
    except pa.ArrowException as error:
        raise StopFlow(f"{name} is broken: {error}\n`parley repair` moves such files aside") from error
