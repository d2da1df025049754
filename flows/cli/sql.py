"""Ask a lake in SQL. What it needs is imported when it runs: ``--help`` should not wait for DuckDB and pyarrow."""

import sys
from datetime import datetime

from flows.cli.output.formats import Format
from schemas.errors import StopFlow

__all__ = ["sql"]


def sql(
    query: str | None = None,
    *,
    lake: str = "lake",
    as_of: datetime | None = None,
    timezone: str | None = None,
    format: Format = "table",  # noqa: A002
    timeout: float = 300.0,
    memory: str | None = None,
) -> None:
    """Run SQL over a lake and print the answer; without a query, read it from standard input, or prompt for it.

    Args:
        query: One or more statements; the answer of the last is printed.
        lake: Folder of the lake, or s3://BUCKET/PREFIX.
        as_of: Answer with what was known at that time, such as 2026-03-05T12:00, in --timezone unless it names another.
        timezone: Zone in which times are printed, such as Asia/Ho_Chi_Minh; by default UTC. SQL itself counts in UTC.
        format: How to print: a table for people, one JSON array of objects, JSON lines, or CSV (RFC 4180).
        timeout: Seconds after which a query is ended.
        memory: What a query may take before it goes on in temporary files, such as 2GB; by default 60 % of the
            machine's.
    """
    from flows.cli.output.messages import count, say
    from flows.cli.output.tables import print_rows
    from flows.cli.output.times import read_as_of, read_zone
    from tasks.lake import Limits, run_query_apart

    limits, zone = Limits(timeout_seconds=timeout, memory=memory), read_zone(timezone)
    at = read_as_of(lake, as_of, zone)
    if query is None and sys.stdin.isatty():
        from flows.cli.sql_prompt import prompt

        return prompt(lake, limits, format, as_of=at, zone=zone)
    result = run_query_apart(lake, sys.stdin.read() if query is None else query, limits=limits, as_of=at)
    if result is None:
        raise StopFlow('there is no SQL to run; try `parley sql "SHOW TABLES"`')
    say(count(print_rows(result, format, zone=zone), "row"))
    return None
