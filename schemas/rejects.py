"""What was not stored and why, and the table ``rejects``."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Literal

from schemas.articles import BatchStamp
from schemas.columns import arrow_schema

__all__ = ["REJECTS", "EventStamp", "Reject", "Stage"]

Stage = Literal["read", "clean", "extract"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reject:
    """An input that did not become an article."""

    input: Annotated[str, "The link: path or URL"]
    stage: Annotated[Stage, "Where it ended"]
    code: Annotated[str, "Stable name of the reason (`empty`, `too_large` …)"]
    message: Annotated[str, "What was wrong, in words"]
    attempt: Annotated[int, "Which run's try it was, from 1"] = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class EventStamp:
    """Ties something that happened to an input to the run in which it did."""

    at: Annotated[datetime, "When, UTC"]
    run_id: Annotated[str, "The run in which it happened"]


REJECTS = arrow_schema(Reject, EventStamp, BatchStamp)
