"""Who said what: direct, mixed and indirect speech with its speaker."""

from tasks.quotes.find import find_quotes

__all__ = ["find_quotes"]
