"""What comes out of reading: pages, links that gave no page, files that cannot be read, and pauses."""

from dataclasses import dataclass
from typing import TypeAlias

from schemas.articles import Page
from schemas.fetches import Fetch
from schemas.rejects import Reject

__all__ = ["InputItem", "Pause"]


@dataclass(frozen=True, slots=True)
class Pause:
    """Nothing has arrived for a while; what is there should not wait for more."""


InputItem: TypeAlias = Page | Fetch | Reject | Pause
"""Each input is one of the first three."""
