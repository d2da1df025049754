"""What a server says that a document is."""

import re
from collections.abc import Iterable

__all__ = ["looks_like_html", "parse_content_type"]

_PART = re.compile(r'(?:[^",]|"[^"]*"?)+')
"""What stands between commas; a comma in quotation marks separates nothing."""
_TYPE = re.compile(r"\s*([\w!#$&^.+-]{1,60}/[\w!#$&^.+*-]{1,80})(?=\s*(?:;|$))")
_CHARSET = re.compile(r""";\s*charset\s*=\s*["']?([\w.:-]{1,40})""", re.IGNORECASE)
_HTML = re.compile(
    rb"(?:\xef\xbb\xbf|\s|<\?xml[^>]*>|(?><!--.*?-->))*+<(?:!doctype\s+html|html|head|body|title|article)\b",
    re.I | re.S,
)
_SNIFFED_BYTES = 10_000


def parse_content_type(values: Iterable[str]) -> tuple[str | None, str | None]:
    """Read the values of all ``Content-Type`` headers of an answer.

    Of several types, also in one value with commas between them, the last counts; it takes over the
    charset of one before it with the same name. Source:
    https://fetch.spec.whatwg.org/#concept-header-extract-mime-type.

    Returns:
        Content type and charset, in lower case; None for what is not named.
    """
    kind: str | None = None
    charset: str | None = None
    for part in (match.group() for value in values for match in _PART.finditer(value)):
        found = _TYPE.match(part)
        if not found or found.group(1) == "*/*":
            continue
        named = _CHARSET.search(part)
        kept = charset if found.group(1).lower() == kind else None
        kind = found.group(1).lower()
        charset = named.group(1).lower() if named else kept
    return kind, charset


def looks_like_html(body: bytes) -> bool:
    """Return True if a document of unknown type begins as an HTML page does."""
    return bool(_HTML.match(body[:_SNIFFED_BYTES]))
