"""How answers are printed. A file of its own, so that ``--help`` need not load what prints them."""

from typing import Literal, TypeAlias

__all__ = ["Format"]

Format: TypeAlias = Literal["table", "json", "jsonl", "csv"]
