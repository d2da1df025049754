"""Types of numbers that are given on the command line: bounded, so that no sum with them leaves the calendar."""

from typing import Annotated

from cyclopts import Parameter, validators

__all__ = ["Megabytes", "Port", "Span"]

LONGEST = 100_000.0
"""In days 270 years, in hours eleven."""
MOST_MEGABYTES = 1e9


def _check_span(_type: object, value: float) -> None:
    if not 0 <= value <= LONGEST:  # false for "nan" as well
        raise ValueError(f"must be a number from 0 to {LONGEST:,.0f}")


def _check_megabytes(_type: object, value: float) -> None:
    if not 0 <= value <= MOST_MEGABYTES:
        raise ValueError(f"must be a number from 0 to {MOST_MEGABYTES:,.0f}")


Span = Annotated[float, Parameter(validator=_check_span)]
"""Hours or days."""
Megabytes = Annotated[float, Parameter(validator=_check_megabytes)]
Port = Annotated[int, Parameter(validator=validators.Number(gte=1, lte=65_535))]
