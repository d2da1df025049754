"""The tables of the lake by name, in the order in which a batch publishes them."""

import pyarrow as pa

from schemas.articles import ARTICLES
from schemas.meetings import MEETINGS
from schemas.quotes import QUOTES
from schemas.rejects import REJECTS
from schemas.topics import TOPICS

__all__ = ["TABLES"]

TABLES: dict[str, pa.Schema] = {
    "rejects": REJECTS,
    "topics": TOPICS,
    "quotes": QUOTES,
    "meetings": MEETINGS,
    "articles": ARTICLES,  # last: it is the commit
}
