"""Who met whom: event mentions of every sentence, joined into one row per event."""

from tasks.meetings.find import find_meetings

__all__ = ["find_meetings"]
