"""Sentences of an article, as typed tokens, with quoted stretches folded into one token each."""

from collections.abc import Iterator, Sequence
from itertools import pairwise

from schemas.articles import Article, Block
from schemas.document import Sentence, Token
from tasks.language.cascade import apply_rules
from tasks.language.marks import Marked, pair_marks
from tasks.language.pack import LanguagePack
from tasks.language.tokens import shape_tokens

__all__ = ["read_sentences"]

_OPENING_MARKS = '“«„"'
_STARTS_SENTENCE = {"COMMA", "DASH", "COLON", "SEMI"}
_UNREAD = frozenset({"related", "promo", "byline", "dateline"})
"""Blocks that tell nothing of this article."""
_LONGEST_SENTENCE = 400
"""Tokens; what runs on longer has lost its full stops, and is cut so that no pattern sees the whole of it."""


def read_sentences(article: Article, pack: LanguagePack) -> tuple[Sentence, ...]:
    """Run tokens, lexicon and cascade over every block and cut the result into sentences.

    Returns:
        Sentences in reading order, of all blocks but related links, promos and bylines; a caption or a headline is
        one like any other, its ``block`` says what it is. A sentence's tokens do not overlap; a quoted stretch is one
        ``QUOTE`` token whose parts are the tokens inside the marks.
    """
    sentences: list[Sentence] = []
    following = [*article.blocks[1:], None]
    for number, (block, after) in enumerate(zip(article.blocks, following, strict=True)):
        if block.kind in _UNREAD:
            continue
        sentences += _block_sentences(article.text, block, after, number, pack)
    return tuple(sentences)


def _block_sentences(
    text: str, block: Block, after: Block | None, number: int, pack: LanguagePack
) -> Iterator[Sentence]:
    words = shape_tokens(text, block.start, block.end, pack.syllable)
    if not words:
        return
    tokens = apply_rules(pack.lexicon.apply(words, text), pack.rules)
    goes_on = after is not None and text[after.start : after.start + 1] in _OPENING_MARKS and after.kind == block.kind
    folded = _fold_quotes(tokens, pair_marks(text, block.start, block.end, goes_on=goes_on))
    for run in _split(folded, text, pack):
        yield Sentence(run[0].start, run[-1].end, block.kind, number, tuple(run))


def _fold_quotes(tokens: Sequence[Token], marks: Sequence[Marked]) -> list[Token]:
    folded: list[Token] = []
    remaining = iter(marks)
    mark = next(remaining, None)
    inside: list[Token] = []
    for token in tokens:
        while mark is not None and token.start >= mark.outer_end:
            folded.append(Token("QUOTE", mark.outer_start, mark.outer_end, parts=tuple(inside)))
            mark, inside = next(remaining, None), []
        if mark is None or token.start < mark.outer_start:
            folded.append(token)
        elif mark.inner_start <= token.start < mark.inner_end:
            inside.append(token)
    if mark is not None and mark.outer_start >= tokens[0].start:
        folded.append(Token("QUOTE", mark.outer_start, mark.outer_end, parts=tuple(inside)))
    return folded


def _split(tokens: Sequence[Token], text: str, pack: LanguagePack) -> Iterator[list[Token]]:
    run: list[Token] = []
    for token, after in pairwise([*tokens, None]):
        assert token is not None
        run.append(token)
        if after is None or len(run) >= _LONGEST_SENTENCE or _ends_sentence(token, after, run, text, pack):
            yield run
            run = []


def _ends_sentence(token: Token, after: Token, run: Sequence[Token], text: str, pack: LanguagePack) -> bool:
    if after.kind == "STOP" or after.kind in _STARTS_SENTENCE:
        return False
    starts_big = not text[after.start].islower()
    if token.kind == "QUOTE":
        return starts_big and text[token.end - 2 : token.end - 1] in ".!?…" and after.kind != "OPEN"
    if token.kind != "STOP" or not starts_big or text[token.end : token.end + 1].isalnum():
        return False
    return not _is_abbreviation(run, text, pack)


def _is_abbreviation(run: Sequence[Token], text: str, pack: LanguagePack) -> bool:
    """An initial, a known abbreviation or a list number before a stop: "J.", "TS.", "2."."""
    if len(run) < 2 or run[-1].start != run[-2].end:
        return False
    word = text[run[-2].start : run[-2].end]
    last = word.rsplit(maxsplit=1)[-1]
    return (len(last) == 1 and last.isupper()) or last in pack.abbreviations or (len(run) == 2 and word.isdigit())
