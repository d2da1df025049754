"""What a stretch of an article can be."""

from typing import Literal

__all__ = ["BlockKind"]

BlockKind = Literal["title", "lead", "body", "subhead", "byline", "dateline", "caption", "related", "promo", "repeat"]
