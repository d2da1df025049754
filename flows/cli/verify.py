"""Check the rows of a lake against the words that they point at."""

import sys
from collections import Counter

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
    problems = 0
    with unbroken_pipe():
        for report in check_batches(lake):
            rows.update(report.rows)
            problems += len(report.problems)
            sys.stdout.writelines(f"{remove_controls(str(problem))}\n" for problem in report.problems)
        nouns = {table: _IRREGULAR.get(table, table.removesuffix("s")) for table in rows}
        counts = ", ".join(count(number, nouns[table]) for table, number in rows.items())
        sys.stdout.write(f"Read {counts}: {count(problems, 'problem') if problems else 'all well'}.\n")
    if problems:
        raise SystemExit(1)
