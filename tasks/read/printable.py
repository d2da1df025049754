"""Names, links and messages of strangers, made fit for a terminal, a table and a log."""

import re

__all__ = ["printable", "printable_link", "without_password"]

_MAX_LINK_CHARS = 200
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
"""Controls (ESC begins commands to a terminal), line ends, marks that turn the reading direction,
lone surrogates."""
_PASSWORD = re.compile(r"(?<=//)[^/?#\s]*@")


def printable(text: str) -> str:
    """Write control characters and lone surrogates as escapes, so that the text is one line that any table can hold."""
    return _CONTROLS.sub(lambda match: match.group().encode("unicode_escape").decode("ascii"), text)


def without_password(link: str) -> str:
    """Return a link without user name and password."""
    return _PASSWORD.sub("", link)


def printable_link(link: str) -> str:
    """Write a link for a message: printable, without user name and password, and at most 200 characters long."""
    shown = printable(_PASSWORD.sub("…@", link))
    return shown if len(shown) <= _MAX_LINK_CHARS else f"{shown[:_MAX_LINK_CHARS]}…"
