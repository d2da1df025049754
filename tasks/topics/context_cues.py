"""Context cues: phrases that say whether what follows is the subject of an article or only its background."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Annotated

from pydantic import Field

from tasks.language.folding import fold
from tasks.seed_files import SeedTable, read_seed_file

__all__ = ["ContextCues", "load_context_cues"]

_FILE = "context_cues.toml"
_REACH_CHARACTERS = 160
"""Code points before a term in which a cue is looked for."""
_SENTENCE_END = re.compile(r"[.!?…;:\n][\"”»’)]*\s")
_CLAUSE_END = re.compile(r",\s")


@dataclass(frozen=True, slots=True)
class ContextCues:
    """Patterns over folded text (:func:`tasks.language.folding.fold`)."""

    subject: re.Pattern[str]
    background: re.Pattern[str]
    earlier: re.Pattern[str]
    """Part of the background: what follows belongs to another day than the event that is reported."""

    def weigh(self, text: str, place: int) -> float:
        """Return what a term counts where it stands: 0.5 behind a background cue, 1.5 behind a subject cue, else 1.

        A subject cue (“thảo luận về”) reaches to the end of its sentence, for lists of subjects follow it; a
        background cue (“kể từ khi”) to the end of its clause, and there it outweighs the other.

        Args:
            text: The block, folded.
            place: Where the term starts, in code points.
        """
        before = _SENTENCE_END.split(text[max(0, place - _REACH_CHARACTERS) : place])[-1]
        clause = _CLAUSE_END.split(before)[-1]
        if self.background.search(clause):
            return 0.5
        return 1.5 if self.subject.search(before) else 1.0


class _CueRow(SeedTable):
    text: str
    lang: Annotated[str, Field(pattern=r"^[a-z]{2}$")]
    example: str


_CueRows = Annotated[tuple[_CueRow, ...], Field(min_length=1)]


class _CueFile(SeedTable):
    subject: _CueRows
    background: _CueRows
    earlier: _CueRows


@cache
def load_context_cues(root: Path) -> ContextCues:
    """Read the context cues; once per process.

    Args:
        root: The seeds folder (``seeds.SEEDS``).

    Raises:
        StopFlow: The file cannot be read, or lacks one of the three lists.
    """
    found = read_seed_file(root / "topics" / _FILE, _CueFile)
    return ContextCues(
        subject=_compile_cues(found.subject),
        background=_compile_cues([*found.background, *found.earlier]),
        earlier=_compile_cues(found.earlier),
    )


def _compile_cues(rows: Iterable[_CueRow]) -> re.Pattern[str]:
    """Return one pattern for all cues, the longest first."""
    words = sorted({fold(row.text) for row in rows}, key=lambda text: (-len(text), text))
    return re.compile(rf"\b(?:{'|'.join(map(re.escape, words))})\b")
