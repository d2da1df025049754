"""Articles that a lake holds already, and the pages they were made of, to be read again by newer rules."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from operator import itemgetter

import pyarrow as pa
import pyarrow.compute as pc

from schemas.articles import ARTICLES, Answer, Article, Page, Sidecar
from schemas.columns import conform, to_record
from schemas.errors import StopFlow
from schemas.pages import PAGES, RawPage
from tasks.lake.query.process import run_query_apart
from tasks.lake.query.run import run_query
from tasks.lake.storage.layout import find_lake, stored_files
from tasks.lake.storage.parquet import open_parquet, unreadable_file
from tasks.lake.storage.protocol import Lake, Storage

__all__ = ["ArticleSelection", "stored_articles", "stored_originals"]

_ARTICLES_AT_ONCE = 500
_PAGES_AT_ONCE = 20
"""They are held in memory; a page may have megabytes."""

# The condition is SQL that a person gave; the connection that runs it only reads, and sees nothing but the lake.
_CHOSEN = """
SELECT batch_id, article_id
FROM articles
WHERE extracted_at < $before AND ($extractor IS NULL OR extractor <> $extractor)
    AND list_contains($languages, language) AND ($source IS NULL OR source = $source)
    AND ($since::DATE IS NULL OR coalesce(published_on, fetched_at::DATE) >= $since::DATE)
    AND (
{where}
)
ORDER BY batch_id, article_id"""

# The page that the article was made of; a later one may have been turned away.
_MADE_OF = """
SELECT p.batch_id, p.input, a.article_id, a.source, a.url
FROM ({chosen}) AS chosen
JOIN articles AS a USING (article_id)
JOIN (SELECT input, fetched_at, batch_id FROM pages) AS p ON p.input = a.input AND p.fetched_at = a.fetched_at
ORDER BY p.batch_id, p.input"""


@dataclass(frozen=True, slots=True, kw_only=True)
class ArticleSelection:
    """Which articles of a lake are meant; all conditions hold at once."""

    before: datetime
    """Extracted earlier than this: what a run has done once it does not do again."""
    languages: tuple[str, ...]
    """Languages that can be read."""
    other_than: str | None = None
    """Extracted by another version than this."""
    since: date | None = None
    """Published on this day or later, by the day of the outlet; read, where that is not known, by that of UTC."""
    source: str | None = None
    where: str = "true"
    """A condition in SQL over the columns of ``articles``."""


def stored_articles(lake: Lake, choice: ArticleSelection, *, as_received: bool = False) -> Iterator[Page | Article]:
    """Give the current articles that are meant, batch by batch; memory is bounded, whatever the batches hold.

    Batches may be compacted meanwhile, and their files be taken away; what was in them is looked up anew. No article is
    given twice.

    Args:
        lake: The lake.
        choice: Which are meant.
        as_received: Give the page that an article was made of, with the URL of the article, where it is kept.

    Raises:
        StopFlow: There is no lake, the condition is wrong or does more than read, or a file is broken.
    """
    given = set[int]()
    if as_received:
        for article_id, page in _read_pages(lake, choice):
            given.add(hash(article_id))
            yield page
    missed = True
    while missed:
        missed = False
        storage = find_lake(lake)
        chosen = _list_chosen(lake, choice)
        names = {file.stem: file.name for file in stored_files(storage, "articles")}
        for batch_id, rows in groupby(chosen, key=itemgetter(0)):
            wanted = pa.array((article_id for _, article_id in rows if hash(article_id) not in given), pa.string())
            try:
                for row in _read_rows(storage, names[str(batch_id)], ARTICLES, "article_id", wanted, _ARTICLES_AT_ONCE):
                    given.add(hash(row["article_id"]))
                    yield to_record(Article, row)
            except (FileNotFoundError, KeyError):
                missed = True


def stored_originals(lake: Lake) -> dict[str, str]:
    """Return which article each copy repeats, by their ``article_id``."""
    query = "SELECT article_id, near_duplicate_of FROM articles WHERE near_duplicate_of IS NOT NULL"
    result = run_query(lake, query)
    return {str(copy): str(original) for copy, original in result.rows} if result else {}


def _read_pages(lake: Lake, choice: ArticleSelection) -> Iterator[tuple[str, Page]]:
    """Read the pages that articles were made of, with the ``article_id`` of each."""
    storage = find_lake(lake)
    result = run_query_apart(lake, _MADE_OF.format(chosen=_CHOSEN.format(where=choice.where)), _bind_selection(choice))
    names = {file.stem: file.name for file in stored_files(storage, "pages")}
    for batch_id, rows in groupby(result.rows if result else (), key=itemgetter(0)):
        articles = {str(link): (str(article_id), str(source), url) for _, link, article_id, source, url in rows}
        wanted = pa.array(articles, pa.string())
        # A page that went meanwhile, because it was old, leaves the article as it is.
        with suppress(FileNotFoundError, KeyError):
            for row in _read_rows(storage, names[str(batch_id)], PAGES, "input", wanted, _PAGES_AT_ONCE):
                article_id, source, url = articles[str(row["input"])]
                yield article_id, _restore_page(to_record(RawPage, row), source, str(url) if url else None)


def _restore_page(raw: RawPage, source: str, url: str | None) -> Page:
    """Return the page as cleaning had it, but for the URL: that of the article, so that its place is taken."""
    return Page(
        input=raw.input,
        media=raw.media,
        body=raw.body,
        sidecar=Sidecar(
            url=url, outlet=raw.outlet, title=raw.title, published_at=raw.published_at, language=raw.language
        ),
        fetched_at=raw.fetched_at,
        charset=raw.charset,
        answer=Answer(source=source, url=raw.url or raw.input, status=raw.status or 200, headers=raw.headers),
    )


def _list_chosen(lake: Lake, choice: ArticleSelection) -> Iterator[tuple[object, ...]]:
    result = run_query_apart(lake, _CHOSEN.format(where=choice.where), _bind_selection(choice))
    if result is None or result.columns != ("batch_id", "article_id"):
        raise StopFlow(f"{choice.where!r} is not one condition, such as \"outlet = 'TASS' AND language = 'vi'\"")
    return result.rows


def _bind_selection(choice: ArticleSelection) -> dict[str, object]:
    return {
        "before": choice.before,
        "extractor": choice.other_than,
        "languages": list(choice.languages),
        "source": choice.source,
        "since": choice.since,
    }


def _read_rows(
    storage: Storage, name: str, schema: pa.Schema, key: str, wanted: pa.Array, chunk: int
) -> Iterator[dict[str, object]]:
    """Read the rows of a file whose key is wanted, so many read at once."""
    try:
        with open_parquet(storage, name) as file:
            for some in file.iter_batches(chunk):
                rows = conform(pa.Table.from_batches([some]), schema)
                yield from rows.filter(pc.is_in(rows[key], wanted)).to_pylist()
    except pa.ArrowException as error:
        raise unreadable_file(name, error) from error
