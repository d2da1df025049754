"""Frames: phrases that say whether what follows is the subject of an article or only its background."""

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from schemas.errors import StopFlow
from tasks.language.folding import fold

__all__ = ["Frames", "load_frames"]

_FILE = "frames.toml"
_REACH = 160
"""Code points before a term in which a frame is looked for."""
_SENTENCE_END = re.compile(r"[.!?…;:\n][\"”»’)]*\s")
_CLAUSE_END = re.compile(r",\s")


@dataclass(frozen=True, slots=True)
class Frames:
    """Patterns over folded text (:func:`tasks.language.folding.fold`)."""

    subject: re.Pattern[str]
    background: re.Pattern[str]
    earlier: re.Pattern[str]
    """Part of the background: what follows belongs to another day than the event that is reported."""

    def weigh(self, text: str, place: int) -> float:
        """What a term counts where it stands: half behind a background frame, one and a half behind a subject frame.

        A subject frame (“thảo luận về”) reaches to the end of its sentence, for lists of subjects follow it; a
        background frame (“kể từ khi”) to the end of its clause, and there it outweighs the other.

        Args:
            text: The block, folded.
            place: Where the term starts, in code points.
        """
        before = _SENTENCE_END.split(text[max(0, place - _REACH) : place])[-1]
        if self.background.search(_CLAUSE_END.split(before)[-1]):
            return 0.5
        return 1.5 if self.subject.search(before) else 1.0


@cache
def load_frames(root: Path) -> Frames:
    """Read the frames.

    Args:
        root: The seeds folder (``seeds.SEEDS``).

    Raises:
        StopFlow: The file cannot be read, or lacks one of the three lists.
    """
    path = root / "topics" / _FILE
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
        subject, background, earlier = (table[kind] for kind in ("subject", "background", "earlier"))
        return Frames(_pattern(subject), _pattern([*background, *earlier]), _pattern(earlier))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise StopFlow(f"{path}: {error!r}; wanted are the lists subject, background, earlier") from error


def _pattern(frames: Iterable[Mapping[str, str]]) -> re.Pattern[str]:
    words = sorted({fold(frame["text"]) for frame in frames}, key=lambda text: (-len(text), text))
    return re.compile(rf"\b(?:{'|'.join(map(re.escape, words))})\b")
