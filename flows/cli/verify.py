"""Check the rows of a lake against the words that they point at."""

import sys
from collections import Counter
from datetime import UTC, datetime

from flows.cli.output.messages import count
from flows.cli.output.terminal import remove_controls, unbroken_pipe
from schemas.tables import TABLES
from tasks.lake import check_batches

__all__ = ["verify"]

_IRREGULAR = {"fetches": "fetch"}
"""The singular of tables whose plural is more than an s."""


def verify(*, lake: str = "lake") -> None:
    """Read every row again; fail if an offset is wrong or a row has no article.

    Prints each problem with its file, then how many rows were read.
    Exit code: 0 all well, 1 problems, 2 no lake.

    Args:
        lake: Folder of the lake, or s3://BUCKET/PREFIX.
    """
    rows: Counter[str] = Counter(dict.fromkeys(reversed(TABLES), 0))
    problems, unfinished = 0, list[str]()
    with unbroken_pipe():
        for report in check_batches(lake, now=datetime.now(UTC)):
            rows.update(report.rows)
            problems += len(report.problems)
            unfinished += report.without_articles
            sys.stdout.writelines(f"{remove_controls(str(problem))}\n" for problem in report.problems)
        nouns = {table: _IRREGULAR.get(table, table.removesuffix("s")) for table in rows}
        counts = ", ".join(count(number, nouns[table]) for table, number in rows.items())
        if unfinished:
            named = remove_controls(", ".join(unfinished[:3])) + (" …" if len(unfinished) > 3 else "")
            sys.stdout.write(
                f"{count(len(unfinished), 'batch')} without articles ({named}): a writer was stopped, which "
                "`parley maintain` tidies up after a day, or somebody deleted files of `articles`.\n"
            )
        sys.stdout.write(f"Read {counts}: {count(problems, 'problem') if problems else 'all well'}.\n")
    if problems:
        raise SystemExit(1)
