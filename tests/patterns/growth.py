"""How the time of a search grows with the text, in time of the processor, so that a busy machine changes nothing."""

import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType

from patterns.collect import Named
from patterns.pumps import pumps, stops

LENGTH = {True: 512, False: 1024}
"""Length of the text, by whether it is one of token classes; those are dearer, and sentences are no longer."""
CHEAP_SECONDS = 0.00015
"""A search of such a text that takes less is not looked at further: nothing in it can grow fast."""
FOURFOLD = 8
"""A text four times as long may take so many times as long; linear time is 4, quadratic 16."""
MOST_SECONDS = 0.5
"""One search that takes longer is ended, and its pattern called exponential."""
TRIES = 3


class TooSlow(Exception):
    """A search was ended."""


def find_fast_growth(named: Named) -> str | None:
    """Return how a pattern grows faster than linear, with the text that shows it; None if none does."""
    length = LENGTH[named.over_classes]
    for before, pump in pumps(named.pattern, over_classes=named.over_classes):
        for stop in stops(over_classes=named.over_classes):
            told = examine(named, Pumped(before, pump, stop), length)
            if told:
                return f"{told}: {before!r} + {pump!r} again and again + {stop!r}"
    return None


def examine(named: Named, pumped: "Pumped", length: int) -> str | None:
    """Look once, and closely where that is suspicious: a search may have been interrupted."""
    try:
        if seconds(named, pumped.text(length)) < CHEAP_SECONDS or growth(named, pumped, length // 4, 1) < FOURFOLD:
            return None
        ratio = growth(named, pumped, length, TRIES)
    except TooSlow:
        return f"takes over {MOST_SECONDS} s of the processor"
    return f"takes {ratio:.0f} times as long for four times the text" if ratio > FOURFOLD else None


def growth(named: Named, pumped: "Pumped", length: int, tries: int) -> float:
    """Return how many times as long a search of four times the length takes."""
    shorter, longer = (min(seconds(named, pumped.text(size)) for _ in range(tries)) for size in (length, 4 * length))
    return longer / shorter


@dataclass(frozen=True, slots=True)
class Pumped:
    """A kind of text that can be made of any length."""

    before: str
    pump: str
    stop: str

    def text(self, length: int) -> str:
        return self.before + self.pump * (length // len(self.pump) + 1) + self.stop


def seconds(named: Named, text: str) -> float:
    search = named.pattern.match if named.way == "match" else named.pattern.search
    with time_limit():
        started = time.thread_time()
        search(text)
        return time.thread_time() - started


@contextmanager
def time_limit() -> Iterator[None]:
    """End a search from outside; ``re`` looks for signals while it works."""

    def stop(_: int, __: FrameType | None) -> None:
        raise TooSlow

    before = signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, MOST_SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)
