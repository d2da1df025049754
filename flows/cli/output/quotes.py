"""Quotes on the way out, one below the other, as an editor wants to read them."""

import os
import sys
from collections.abc import Iterator, Mapping
from textwrap import fill

from flows.cli.output.terminal import unbroken_pipe
from tasks.lake import QueryResult

__all__ = ["print_quotes"]

_WIDEST = 100


def print_quotes(result: QueryResult) -> int:
    """Write quotes to standard output: who, when and where, the words, and the sentence around them.

    Args:
        result: Rows with the columns ``who``, ``role``, ``published``, ``outlet``, ``place``, ``kind``, ``words``,
            ``sentence`` and ``url``.

    Returns:
        The number of quotes written.
    """
    width = min(_WIDEST, os.get_terminal_size().columns if sys.stdout.isatty() else _WIDEST)
    quotes = [dict(zip(result.columns, (str(cell or "") for cell in row), strict=True)) for row in result.rows]
    with unbroken_pipe():
        for quote in quotes:
            sys.stdout.writelines(f"{line}\n" for line in _card(quote, width))
    return len(quotes)


def _card(quote: Mapping[str, str], width: int) -> Iterator[str]:
    yield ", ".join(filter(None, [quote["who"] or "(speaker not known)", quote["role"]]))
    yield "  " + " · ".join(filter(None, [quote["published"][:10], quote["outlet"], quote["place"], quote["kind"]]))
    marks = "“”" if quote["kind"] == "direct" else ("", "")
    yield fill(f"{marks[0]}{quote['words']}{marks[1]}", width, initial_indent="  ", subsequent_indent="  ")
    if quote["sentence"] != quote["words"]:
        yield fill(quote["sentence"], width, initial_indent="    … ", subsequent_indent="      ")
    if quote["url"]:
        yield f"    {quote['url']}"
    yield ""
