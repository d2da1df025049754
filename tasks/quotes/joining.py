"""Join a sentence that only says who spoke to the quote before it: "“Bao giờ?” Ông X hỏi."."""

from collections.abc import Iterator, Sequence

from schemas.document import Clause, Document, Sentence, Token
from tasks.language.classes import token_group
from tasks.language.clauses import read_clauses
from tasks.language.phrases import Phrases
from tasks.quotes.subjects import find_speakers

__all__ = ["is_bare_quote", "join_attributions"]

_AROUND_QUOTE = frozenset({"STOP", "COMMA", "DASH"})
_LINKS = token_group("link") | token_group("adverb")
_OWN_CONTENT = frozenset({"QUOTE", "COLON", "THAT", "SEMI"})


def join_attributions(document: Document) -> Iterator[Sentence]:
    """Yield the sentences of a document in reading order, with attributions joined to the quotes before them.

    A sentence that is nothing but a quote, and the one behind it that only says who spoke, become one.
    """
    waiting: Sentence | None = None
    for sentence in document.sentences:
        if waiting is not None:
            joined = _join(waiting, sentence) if _attributes(sentence, waiting) else None
            if joined:
                yield joined
                waiting = None
                continue
            yield waiting
            waiting = None
        if is_bare_quote(sentence.tokens):
            waiting = sentence
        else:
            yield sentence
    if waiting is not None:
        yield waiting


def is_bare_quote(tokens: Sequence[Token]) -> bool:
    """Return True if a sentence is one stretch in quotation marks and nothing else."""
    return [token.kind for token in tokens if token.kind not in _AROUND_QUOTE] == ["QUOTE"]


def _join(quote: Sentence, attribution: Sentence) -> Sentence:
    tokens = (*quote.tokens, *attribution.tokens)
    return Sentence(quote.start, attribution.end, quote.block, quote.paragraph, tokens, read_clauses(tokens))


def _attributes(sentence: Sentence, quote: Sentence) -> bool:
    """Return True if a sentence says whose the words of the quote before it are, and nothing else."""
    kinds = [token.kind for token in sentence.tokens]
    opener = next((kind for kind in kinds if kind not in _LINKS), "")
    if opener == "SAID_BY":
        return sentence.block == quote.block and sentence.paragraph - quote.paragraph <= 1
    if sentence.paragraph != quote.paragraph or not _OWN_CONTENT.isdisjoint(kinds):
        return False
    return len(sentence.clauses) == 1 and _only_speaks(sentence.clauses[0], kinds)


def _only_speaks(clause: Clause, kinds: Sequence[str]) -> bool:
    """Return True for a speaker with a verb of speech that has no words of its own: "Ông X hỏi"."""
    if clause.verb is None or kinds[clause.verb] != "CUE" or clause.complement or clause.shares_subject:
        return False
    return bool(clause.subject and find_speakers(clause.subject, kinds, Phrases(kinds)))
