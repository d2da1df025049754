"""What ``parley verify`` finds in a lake, all at once: lakes of tests are small."""

from datetime import UTC, datetime

from tasks.lake import Lake, Problem, check_batches


def find_problems(lake: Lake) -> tuple[Problem, ...]:
    """Return everything that is wrong in a lake, broken files first, then by batch; empty if all is well."""
    return tuple(problem for report in check_batches(lake, now=datetime.now(UTC)) for problem in report.problems)
