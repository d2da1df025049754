"""The tables of the lake by name, in the order in which a batch publishes them."""

import pyarrow as pa

from schemas.articles import ARTICLES
from schemas.fetches import FETCHES
from schemas.meetings import MEETINGS
from schemas.pages import PAGES
from schemas.quotes import QUOTES
from schemas.rejects import REJECTS
from schemas.topics import TOPICS

__all__ = ["TABLES"]

TABLES: dict[str, pa.Schema] = {
    "rejects": REJECTS,
    "fetches": FETCHES,
    "pages": PAGES,
    "topics": TOPICS,
    "quotes": QUOTES,
    "meetings": MEETINGS,
    "articles": ARTICLES,  # last: it is the commit
}
