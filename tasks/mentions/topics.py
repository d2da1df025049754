"""Whom a sentence is about, and who speaks in it: what pronouns of this sentence and the next one mean."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from schemas.document import Clause, Sentence, Token
from tasks.language.classes import token_group
from tasks.language.clauses import with_ancestors
from tasks.language.phrases import PARTICIPANT

__all__ = ["Topics", "find_topics"]

_DETERMINER = token_group("determiner")
_GOVERNING = token_group("preposition") | token_group("event")
_INNER = frozenset({"reported", "relative", "quoted"})
"""Clauses whose subject is not whom the sentence is about."""


class Topics(NamedTuple):
    """Positions of tokens in a sentence, in reading order."""

    subjects: tuple[int, ...]
    """Subjects of the sentence's own clauses; where no clause tells, whoever no preposition governs."""
    speakers: tuple[int, ...]
    """Subjects of its verbs of speech."""


def find_topics(sentence: Sentence) -> Topics:
    """Find whom a sentence is about."""
    tokens, clauses = sentence.tokens, sentence.clauses
    own = [clause for index, clause in enumerate(clauses) if not _is_inner(index, clauses)]
    speaking = (clause for clause in own if clause.verb is not None and tokens[clause.verb].kind == "CUE")
    subjects = _list_heads(own, tokens)
    return Topics(subjects or _list_ungoverned(tokens), _list_heads(speaking, tokens))


def _is_inner(index: int, clauses: Sequence[Clause]) -> bool:
    """Return True if a clause is part of what somebody said, or only describes something."""
    return any(clause.kind in _INNER for clause in with_ancestors(index, clauses))


def _list_heads(clauses: Iterable[Clause], tokens: Sequence[Token]) -> tuple[int, ...]:
    heads = (_find_head(clause, tokens) for clause in clauses if not clause.shares_subject)
    return tuple(sorted({head for head in heads if head is not None}))


def _find_head(clause: Clause, tokens: Sequence[Token]) -> int | None:
    """Return the token of a clause's subject that names somebody; of a list the first one."""
    if clause.subject is None or clause.verb is None:
        return None
    start, end = clause.subject
    while start < end and (tokens[start].kind in _DETERMINER or tokens[start].kind == "LOW"):
        start += 1
    return start if start < end and tokens[start].kind in PARTICIPANT else None


def _list_ungoverned(tokens: Sequence[Token]) -> tuple[int, ...]:
    return tuple(
        at
        for at, token in enumerate(tokens)
        if token.kind in PARTICIPANT and (at == 0 or tokens[at - 1].kind not in _GOVERNING)
    )
