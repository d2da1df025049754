"""What the pipeline starts from, as data: sample articles, language packs, reference tables, topics."""

from pathlib import Path

__all__ = ["SEEDS"]

SEEDS = Path(__file__).parent
"""The folder itself; everything below it is data, read by name."""
