"""Sentences as rules see them, written so that a person can read it: ``PERSON<ông Weber> CUE<nói> QUOTE<…>``."""

from collections.abc import Iterator, Sequence

from schemas.document import Adjunct, Clause, Token
from tasks.language.cascade import character
from tasks.language.classes import load_token_classes

__all__ = ["describe_clauses", "describe_tokens", "spell_pattern"]


def describe_tokens(tokens: Sequence[Token], text: str) -> str:
    """Return tokens with their classes and values in one line; words in marks are shown between the marks' token."""
    return " ".join(_describe_token(token, text) for token in tokens)


def describe_clauses(clauses: Sequence[Clause], tokens: Sequence[Token], text: str) -> Iterator[str]:
    """Yield a line for each clause: its number, kind and parent, then subject, verb, mood and the rest.

    A subject in brackets stands in another clause. What the words do not tell is left out.
    """
    for number, clause in enumerate(clauses):
        parts = list(_describe_parts(clause, tokens, text))
        behind = f" of {clause.parent}" if clause.parent is not None else ""
        yield f"{number} {clause.kind}{behind}: {'; '.join(parts) or 'no verb known'}"


def spell_pattern(pattern: str) -> str:
    """Return a compiled class pattern in the names of its classes, as its seed file writes it with macros filled in."""
    for name in load_token_classes():
        pattern = pattern.replace(character(name), f" {name} ")
    return " ".join(pattern.split())


def _describe_token(token: Token, text: str) -> str:
    if token.kind == "QUOTE" and token.parts:
        return f"QUOTE<{describe_tokens(token.parts, text)}>"
    value = f"={token.value}" if token.value else ""
    return f"{token.kind}{value}<{text[token.start : token.end]}>"


def _describe_parts(clause: Clause, tokens: Sequence[Token], text: str) -> Iterator[str]:
    if clause.subject:
        subject = _words(clause.subject, tokens, text)
        yield f"subject ({subject})" if clause.shares_subject else f"subject {subject}"
    if clause.agent:
        yield f"agent {_words(clause.agent, tokens, text)}"
    if clause.verb is not None:
        mood = f" [{' '.join(sorted(clause.modality))}]" if clause.modality else ""
        yield f"verb {_words((clause.verb, clause.verb + 1), tokens, text)}{mood}"
    if clause.complement:
        yield f"brings {_words(clause.complement, tokens, text)}"
    yield from (_describe_adjunct(adjunct, tokens, text) for adjunct in clause.adjuncts)


def _describe_adjunct(adjunct: Adjunct, tokens: Sequence[Token], text: str) -> str:
    return f"{adjunct.kind} {_words((adjunct.start, adjunct.end), tokens, text)}"


def _words(stretch: tuple[int, int], tokens: Sequence[Token], text: str) -> str:
    first, last = stretch
    return text[tokens[first].start : tokens[last - 1].end]
