"""Times that people give: the zone in which times are told, and the time as of which a question is answered."""

from datetime import UTC, datetime, tzinfo
from difflib import get_close_matches
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from flows.cli.output.messages import count, say
from schemas.errors import StopFlow
from tasks.lake import count_forgotten

__all__ = ["read_as_of", "read_zone"]


def read_zone(name: str | None) -> tzinfo:
    """Return the time zone of a name such as ``Asia/Ho_Chi_Minh``; UTC without one.

    Raises:
        StopFlow: There is no zone of that name; the message suggests some.
    """
    if name is None:
        return UTC
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):  # not there, no name at all, or a folder of zones
        near = get_close_matches(name, available_timezones(), cutoff=0.8)
        names = ", ".join(dict.fromkeys([*near, "Asia/Ho_Chi_Minh", "UTC"]))
        raise StopFlow(f"--timezone is {name!r}, which is no time zone; give one such as {names}") from None


def read_as_of(lake: str, as_of: datetime | None, zone: tzinfo = UTC) -> datetime | None:
    """Return the time with its zone; say so where what was known then is not all stored any more.

    Args:
        lake: Folder of the lake, or ``s3://BUCKET/PREFIX``.
        as_of: A time; None asks for what is known now, and is returned.
        zone: Of a time that has none.

    Raises:
        StopFlow: There is no lake, or a file is broken.
    """
    if as_of is None:
        return None
    at = as_of if as_of.tzinfo else as_of.replace(tzinfo=zone)
    if gone := count_forgotten(lake, at):
        say(f"{count(gone, 'article')} read by then left out: only later extractions of them are stored.")
    return at
