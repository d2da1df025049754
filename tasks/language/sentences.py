"""Sentences of an article, as typed tokens, with quoted stretches folded into one token each."""

from collections.abc import Iterator, Sequence
from itertools import pairwise

from schemas.articles import Article, Block
from schemas.document import Sentence, Token
from tasks.language.cascade import BREAK, apply_rules
from tasks.language.pack import LanguagePack
from tasks.language.quotation_marks import OPENING_MARKS, Marked, pair_marks
from tasks.language.tokens import Word, shape_words

__all__ = ["read_sentences"]

_STARTS_SENTENCE = {"COMMA", "DASH", "COLON", "SEMI"}
_ENDS_SENTENCE = {"STOP", "QUOTE"}
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
    read = [(number, block) for number, block in enumerate(article.blocks) if block.kind not in _UNREAD]
    paragraphs = _read_paragraphs(article, [block for _, block in read], pack)
    following = dict(pairwise(article.blocks))
    sentences: list[Sentence] = []
    for (number, block), tokens in zip(read, paragraphs, strict=True):
        marks = pair_marks(
            article.text, block.start, block.end, goes_on=_continues_below(block, following.get(block), article)
        )
        runs = _split_sentences(_fold_quotes(tokens, marks), article.text, pack)
        sentences += [Sentence(run[0].start, run[-1].end, block.kind, number, tuple(run)) for run in runs]
    return tuple(sentences)


def _read_paragraphs(article: Article, blocks: Sequence[Block], pack: LanguagePack) -> list[list[Token]]:
    """Return the typed tokens of each block.

    Lexicon and rules run once over all of them, with a break between any two: thirty rules over one long string
    cost less than over a dozen short ones.
    """
    words: list[Word] = []
    for block in blocks:
        words += shape_words(article.text, block.start, block.end, pack.syllable)
        words.append((BREAK, block.end, block.end, ""))
    tokens = apply_rules(pack.lexicon.apply(words), pack.rules)
    breaks = [index for index, token in enumerate(tokens) if token.kind == BREAK]
    return [tokens[before + 1 : after] for before, after in pairwise([-1, *breaks])]


def _continues_below(block: Block, after: Block | None, article: Article) -> bool:
    """Return True if the next paragraph opens with a quotation mark, so that a speech may run on into it."""
    return (
        after is not None and after.kind == block.kind and article.text[after.start : after.start + 1] in OPENING_MARKS
    )


def _fold_quotes(tokens: Sequence[Token], marks: Sequence[Marked]) -> Sequence[Token]:
    if not marks:
        return tokens
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
    if mark is not None and tokens and mark.outer_start >= tokens[0].start:
        folded.append(Token("QUOTE", mark.outer_start, mark.outer_end, parts=tuple(inside)))
    return folded


def _split_sentences(tokens: Sequence[Token], text: str, pack: LanguagePack) -> Iterator[Sequence[Token]]:
    first = 0
    for last, (token, after) in enumerate(pairwise(tokens), 1):
        may_end = token.kind in _ENDS_SENTENCE and _ends_sentence(token, after, tokens[first:last], text, pack)
        if may_end or last - first >= _LONGEST_SENTENCE:
            yield tokens[first:last]
            first = last
    if tokens:
        yield tokens[first:]


def _ends_sentence(token: Token, after: Token, run: Sequence[Token], text: str, pack: LanguagePack) -> bool:
    """Return True if a sentence ends with ``token``, a stop or a quote."""
    if after.kind == "STOP" or after.kind in _STARTS_SENTENCE:
        return False
    starts_big = not text[after.start].islower()
    if token.kind == "QUOTE":
        return starts_big and text[token.end - 2 : token.end - 1] in ".!?…" and after.kind != "OPEN"
    if not starts_big or text[token.end : token.end + 1].isalnum():
        return False
    return not _is_abbreviation(run, text, pack)


def _is_abbreviation(run: Sequence[Token], text: str, pack: LanguagePack) -> bool:
    """Return True for an initial, a known abbreviation or a list number before a stop: "J.", "TS.", "2."."""
    if len(run) < 2 or run[-1].start != run[-2].end:
        return False
    word = text[run[-2].start : run[-2].end]
    last = word.rsplit(maxsplit=1)[-1]
    return (len(last) == 1 and last.isupper()) or last in pack.abbreviations or (len(run) == 2 and word.isdigit())
