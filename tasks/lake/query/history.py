"""What a lake knows already: which links need not be asked for again, which stories were told before.

Links are remembered by eight bytes each, so that a run over a lake of a million articles holds some megabytes.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import md5

import numpy as np
from numpy.typing import NDArray

from schemas.columns import to_record
from schemas.fetches import Fetch
from schemas.fetching import FetchKind
from tasks.duplicates import CAPACITY, Signed
from tasks.lake.query.run import open_lake
from tasks.lake.storage.protocol import Lake

__all__ = [
    "NO_HISTORY",
    "LakeHistory",
    "last_fetches",
    "load_history",
    "put_off_links",
    "sources_last_read",
    "stored_stories",
]

Hashes = NDArray[np.uint64]
_NONE: Hashes = np.empty(0, np.uint64)

# A link that is to be tried again is known until then.
_LINKS = """
SELECT md5_number_lower(input) AS link FROM outcomes WHERE state <> 'later' OR retry_at > $now
UNION
SELECT md5_number_lower(url) FROM articles WHERE url IS NOT NULL"""

_ARTICLES = "SELECT md5_number_lower(article_id) AS article, md5_number_lower(input) AS input FROM articles ORDER BY 1"

_PUT_OFF = """
SELECT f.*
FROM outcomes AS o
JOIN (
    FROM fetches WHERE kind = 'article' AND state = 'later'
    QUALIFY row_number() OVER (PARTITION BY input ORDER BY "at" DESC, batch_id) = 1
) AS f USING (input)
WHERE o.state = 'later' AND o.retry_at <= $now
ORDER BY f.retry_at, input"""

_ANSWERED = """
FROM fetches
WHERE kind = $kind AND (len($inputs) = 0 OR list_contains($inputs, input))
QUALIFY row_number() OVER (PARTITION BY input ORDER BY "at" DESC, batch_id) = 1"""

_LAST_READ = "SELECT source, max(\"at\") FROM fetches WHERE kind <> 'file' GROUP BY source"

_STORIES = """
SELECT article_id, near_duplicate_of, signature
FROM articles
WHERE extracted_at >= $since AND len(signature) > 0
ORDER BY extracted_at DESC, article_id
LIMIT $most"""


@dataclass(frozen=True, slots=True)
class LakeHistory:
    """Links and articles of a lake, as it was when the run began; hashes, ascending."""

    links: Hashes
    """Links with an outcome, and the canonical URLs of articles."""
    articles: Hashes
    inputs: Hashes
    """The link of each of ``articles``."""

    def has_link(self, link: str) -> bool:
        """Return True if there is no need to ask for a link again."""
        return _find_place(self.links, _hash_link(link)) is not None

    def has_stored(self, link: str) -> bool:
        """Return True if an article is stored that came from a link."""
        return bool(np.any(self.inputs == np.uint64(_hash_link(link))))

    def has_article(self, article_id: str) -> bool:
        """Return True if an article is stored."""
        return _find_place(self.articles, _hash_link(article_id)) is not None

    def has_from_elsewhere(self, article_id: str, link: str) -> bool:
        """Return True if an article is stored that came from another link."""
        place = _find_place(self.articles, _hash_link(article_id))
        return place is not None and int(self.inputs[place]) != _hash_link(link)


NO_HISTORY = LakeHistory(_NONE, _NONE, _NONE)


def load_history(lake: Lake, now: datetime) -> LakeHistory:
    """Load the links and articles of a lake.

    Args:
        lake: The lake.
        now: Links that are to be tried again by then do not count as known; UTC.

    Raises:
        StopFlow: There is no lake, or a file in it is broken.
    """
    with open_lake(lake) as connection:
        links = connection.execute(_LINKS, {"now": now}).fetchnumpy()
        articles = connection.execute(_ARTICLES).fetchnumpy()
    # Copies: DuckDB complains at the end of the process of arrays of its own that somebody still holds.
    return LakeHistory(np.sort(links["link"]), np.array(articles["article"]), np.array(articles["input"]))


def put_off_links(lake: Lake, now: datetime) -> tuple[Fetch, ...]:
    """Return the last rows of links that an earlier run has put off until now, the longest due first.

    Raises:
        StopFlow: There is no lake, or a file in it is broken.
    """
    return _ask_fetches(lake, _PUT_OFF, now=now)


def last_fetches(lake: Lake, kind: FetchKind, inputs: Sequence[str] = ()) -> dict[str, Fetch]:
    """Return the last row of each link or feed, by its address.

    Args:
        lake: The lake.
        kind: Articles, or feeds and sitemaps.
        inputs: Only these addresses; all where none is given.

    Raises:
        StopFlow: There is no lake, or a file in it is broken.
    """
    return {fetch.input: fetch for fetch in _ask_fetches(lake, _ANSWERED, kind=kind, inputs=list(inputs))}


def sources_last_read(lake: Lake) -> dict[str, datetime]:
    """Return when each source was last heard of: its feeds, or an article of it.

    Raises:
        StopFlow: There is no lake, or a file in it is broken.
    """
    with open_lake(lake) as connection:
        return dict(connection.execute(_LAST_READ).fetchall())


def stored_stories(lake: Lake, since: datetime) -> Iterator[Signed]:
    """Give the articles extracted since then that have a signature, oldest first; the newest of too many.

    Raises:
        StopFlow: There is no lake, or a file in it is broken.
    """
    with open_lake(lake) as connection:
        rows = connection.execute(_STORIES, {"since": since, "most": CAPACITY}).fetchall()
    return (Signed(article_id, original, tuple(signature)) for article_id, original, signature in reversed(rows))


def _ask_fetches(lake: Lake, query: str, **parameters: object) -> tuple[Fetch, ...]:
    with open_lake(lake) as connection:
        result = connection.execute(query, parameters)
        names = [column[0] for column in result.description]
        return tuple(to_record(Fetch, dict(zip(names, row, strict=True))) for row in result.fetchall())


def _hash_link(text: str) -> int:
    """As DuckDB's ``md5_number_lower``."""
    return int.from_bytes(md5(text.encode(), usedforsecurity=False).digest()[8:], "little")


def _find_place(hashes: Hashes, wanted: int) -> int | None:
    place = int(np.searchsorted(hashes, np.uint64(wanted)))
    return place if place < len(hashes) and int(hashes[place]) == wanted else None
