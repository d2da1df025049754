"""The three kinds of failure, and what happens after each.

ParleyError
├── RetryLater       time-out, 429, 5xx, connection reset   → tried again with back-off, then a reject
├── RejectArticle    no text, wrong language, over a bound  → a row in ``rejects``; the batch goes on
└── StopFlow         bad settings, bad seed, broken lake    → the run ends at once and says what to do
"""

__all__ = ["ParleyError", "QueryTimeout", "RejectArticle", "RetryLater", "StopFlow"]


class ParleyError(Exception):
    """Any failure that Parley foresees."""


class RetryLater(ParleyError):
    """A passing failure of somebody else's machine: the same call may succeed later.

    Attributes:
        code: Stable, lower-case name of the reason (``timeout``, ``http_503`` …).
        wait_seconds: How long the other side asks to be left alone; None where it does not say.
    """

    def __init__(self, code: str, message: str, wait_seconds: float | None = None) -> None:
        super().__init__(code, message, wait_seconds)
        self.code = code
        self.message = message
        self.wait_seconds = wait_seconds

    def __str__(self) -> str:
        return self.message


class RejectArticle(ParleyError):
    """This one input cannot become an article; every other one can.

    Attributes:
        code: Stable, lower-case name of the reason, counted in summaries (``empty``, ``too_large`` …).
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(code, message)
        self.code = code
        self.message = message

    def __str__(self) -> str:
        return self.message


class StopFlow(ParleyError):
    """Nothing more can be done until a person changes something; the message says what."""


class QueryTimeout(StopFlow):
    """A question took longer than it was allowed to."""
