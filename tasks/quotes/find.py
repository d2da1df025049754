"""From a document to its quotes: attributions become rows, with kind, span and speaker."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256

from schemas.document import Document, Sentence, Token
from schemas.meetings import Certainty
from schemas.quotes import Quote, QuoteKind, Span
from seeds import SEEDS
from tasks.language.pack import LanguagePack, load_pack
from tasks.language.quotation_marks import CLOSING_MARKS
from tasks.mentions.features import REFERRING, leaves
from tasks.quotes.attribution import Attribution, find_attributions
from tasks.quotes.speakers import Speaker, is_speaker, name_speaker

__all__ = ["find_quotes"]

_FEWEST_WORDS = 6
"""Words in marks that make a clause; fewer are a fragment of the reporter's sentence."""
_REPEATED = 0.7
"""Share of a lead quote's words that a quote of the body must have for the two to be one."""
_FEWEST_WORDS_ALONE = 8
"""A quote with no attribution of its own must be a whole sentence, or it is a slogan or a title."""


@dataclass(frozen=True, slots=True)
class _LastSpeech:
    """Who spoke last, and with which verb; what a quote without attribution continues."""

    speaker: Speaker
    cue: Span | None
    paragraph: int
    open_ended: bool = False
    """The last sentence ended in a colon: what follows is what was said."""


def find_quotes(document: Document) -> tuple[Quote, ...]:
    """Find what the article says others said.

    Args:
        document: An annotated article.

    Returns:
        Quotes in reading order; they do not overlap. The speaker is None where the words do not tell.
    """
    pack = load_pack(SEEDS, document.article.language)
    found: list[Quote] = []
    last: _LastSpeech | None = None
    for sentence in document.sentences:
        rows, last = _read_sentence(sentence, document, pack, last)
        found += rows
    return tuple(_drop_repeats(found, document))


def _drop_repeats(quotes: Sequence[Quote], document: Document) -> Iterator[Quote]:
    """A standfirst often says what the body says again: only the body's words are kept."""
    lead_ends = max((s.end for s in document.sentences if s.block == "lead"), default=0)
    if not any(quote.start < lead_ends for quote in quotes):
        yield from quotes
        return
    body = [set(quote.text.lower().split()) for quote in quotes if quote.start >= lead_ends]
    for quote in quotes:
        words = set(quote.text.lower().split())
        if quote.start >= lead_ends or not any(_overlap_share(words, other) >= _REPEATED for other in body):
            yield quote


def _overlap_share(words: set[str], other: set[str]) -> float:
    return len(words & other) / min(len(words), len(other))


def _read_sentence(
    sentence: Sentence, document: Document, pack: LanguagePack, last: _LastSpeech | None
) -> tuple[list[Quote], _LastSpeech | None]:
    tokens = _skip_conveyor(sentence)
    rows: list[Quote] = []
    before = last
    for attribution in find_attributions(tokens, pack.attributions):
        speaker = _find_speaker(tokens, attribution, document, pack, last if attribution.speaker == (0, 0) else None)
        if speaker is None:
            continue
        cue = Span(tokens[attribution.cue[0]].start, tokens[attribution.cue[1] - 1].end)
        open_ended = attribution.content[0] == attribution.content[1]
        last = _LastSpeech(speaker, cue, sentence.paragraph, open_ended)
        rows += _make_rows(tokens, attribution, speaker, cue, document)
    if not rows and last is before and before is not None:
        rows += _continue_quote(tokens, sentence, before, document)
        if not before.open_ended or rows:
            last = _LastSpeech(before.speaker, before.cue, before.paragraph)
    return rows, last


def _skip_conveyor(sentence: Sentence) -> Sequence[Token]:
    """The sentence without "Theo Reuters," or "Tuy nhiên, theo Reuters," at its head: media convey, not speak."""
    tokens = sentence.tokens
    if "ACCORDING" not in sentence.kinds:
        return tokens
    first = next((i for i, token in enumerate(tokens[:4]) if token.kind not in ("LINK", "BUT", "ADV", "COMMA")), 0)
    if tokens[first].kind != "ACCORDING":
        return tokens
    head = range(first, min(first + 12, len(tokens)))
    stop = next((i for i in head if tokens[i].kind in ("COMMA", "CUE")), None)
    if stop and tokens[stop].kind == "COMMA" and any(token.kind.startswith("MEDIA") for token in tokens[first:stop]):
        return tokens[stop + 1 :]
    return tokens


def _find_speaker(
    tokens: Sequence[Token], attribution: Attribution, document: Document, pack: LanguagePack, last: _LastSpeech | None
) -> Speaker | None:
    first, end = attribution.speaker
    named = [token for token in tokens[first:end] if is_speaker(token)]
    if not named:
        return last.speaker if last else None
    return name_speaker(named, document, pack)


def _make_rows(
    tokens: Sequence[Token], attribution: Attribution, speaker: Speaker, cue: Span, document: Document
) -> Iterator[Quote]:
    addressee = _find_addressee(tokens, attribution, document)
    for part, after_colon in _split_content(tokens, attribution):
        yield _make_row(part, attribution.rule, speaker, cue, document, after_colon=after_colon, addressee=addressee)


def _split_content(tokens: Sequence[Token], attribution: Attribution) -> Iterator[tuple[Sequence[Token], bool]]:
    """Stretches that are rows of their own, and whether a colon announces them."""
    first, last = attribution.content
    if first < last and tokens[first].kind == "IS" and attribution.rule == "passive":
        first += 1
    before = tokens[first - 1].kind if first else ""
    inside = tokens[first:last]
    colon = next(
        (i for i in range(first + 1, last - 1) if tokens[i].kind == "COLON" and tokens[i + 1].kind == "QUOTE"), 0
    )
    if not colon:
        yield from ((part, before == "COLON") for part in _split_quotes(inside) if part)
        return
    reported = tokens[first:colon]
    if before in ("THAT", "COMMA") or len(reported) >= _FEWEST_WORDS or _is_clause(reported):
        yield reported, False
    yield from ((part, True) for part in _split_quotes(tokens[colon + 1 : last]))


def _is_clause(tokens: Sequence[Token]) -> bool:
    """A few words are a proposition where one of them can only belong to a verb."""
    return any(token.kind in ("NEG", "PAST", "FUT", "IS", "MAY", "PASSIVE") for token in tokens)


def _find_addressee(tokens: Sequence[Token], attribution: Attribution, document: Document) -> str | None:
    """To whom: "nói với ông X", or the one who is asked to do something."""
    aside = tokens[slice(*attribution.aside)]
    named = [token for token, before in zip(aside[1:], aside, strict=False) if before.kind in ("WITH", "TO")]
    hearers = [token for token in aside if token.kind == "HEARERS"]
    if tokens[attribution.cue[0]].value == "request" and attribution.content[0] < attribution.content[1]:
        named += [tokens[attribution.content[0]]]
    for token in named:
        if token.kind in REFERRING and (entity := document.entity(token)) and entity.name:
            return entity.name
    return document.text(hearers[0].start, hearers[0].end) if hearers else None


def _split_quotes(group: Sequence[Token]) -> list[list[Token]]:
    """Whole clauses in marks joined by "và" are quotes of their own."""
    joined = len(group) == 3 and group[0].kind == group[2].kind == "QUOTE" and group[1].kind in ("AND", "COMMA")
    if joined and all(_count_words(group[i]) >= _FEWEST_WORDS for i in (0, 2)):
        return [[group[0]], [group[2]]]
    return [list(group)]


def _count_words(quote: Token) -> int:
    return sum(1 for part in quote.parts for leaf in leaves(part) if leaf.end - leaf.start > 1 or leaf.kind != "MARK")


def _count_syllables(quote: Token, document: Document) -> int:
    return len(document.text(quote.start, quote.end).split())


def _make_row(
    part: Sequence[Token],
    rule: str,
    speaker: Speaker,
    cue: Span | None,
    document: Document,
    *,
    after_colon: bool = False,
    addressee: str | None = None,
    certainty: Certainty | None = None,
) -> Quote:
    quotes = [token for token in part if token.kind == "QUOTE"]
    only = part[0] if len(part) == 1 and quotes else None
    if only is not None and (
        after_colon or _count_syllables(only, document) >= _FEWEST_WORDS or _is_capitalised(only, document)
    ):
        kind: QuoteKind = "direct"
        start, end = _inner_span(only, document)
    else:
        kind = "mixed" if quotes else "indirect"
        start, end = part[0].start, part[-1].end
    return Quote(
        quote_id=sha256(f"{document.article.article_id}|{start}|{end}|{kind}".encode()).hexdigest()[:16],
        article_id=document.article.article_id,
        kind=kind,
        text=document.text(start, end),
        start=start,
        end=end,
        quoted=tuple(Span(*_inner_span(quote, document)) for quote in quotes),
        speaker=speaker.name,
        speaker_id=speaker.person_id,
        speaker_role=speaker.role,
        speaker_country=speaker.country,
        speaker_kind=speaker.kind,
        speaker_start=speaker.start,
        speaker_end=speaker.end,
        cue=document.text(cue.start, cue.end) if cue else None,
        cue_start=cue.start if cue else None,
        cue_end=cue.end if cue else None,
        addressee=addressee,
        meeting_id=None,
        is_translation=_is_translation(speaker, document),
        certainty=certainty or speaker.certainty,
        rule=rule,
    )


def _is_capitalised(quote: Token, document: Document) -> bool:
    start, _ = _inner_span(quote, document)
    return document.text(start, start + 1).isupper() and _count_syllables(quote, document) >= 3


def _inner_span(quote: Token, document: Document) -> tuple[int, int]:
    """The span inside the marks; a speech that runs on to the next paragraph has no closing one."""
    text = document.article.text
    start, end = quote.start + 1, quote.end
    if text[end - 1] in CLOSING_MARKS:
        end -= 1
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return start, end


def _continue_quote(
    tokens: Sequence[Token], sentence: Sentence, last: _LastSpeech, document: Document
) -> Iterator[Quote]:
    """A sentence that is nothing but a quote goes on from the speaker before it."""
    if "QUOTE" not in sentence.kinds:
        return
    content = [token for token in tokens if token.kind not in ("STOP", "COMMA", "DASH")]
    if len(content) != 1 or content[0].kind != "QUOTE":
        return
    if not last.open_ended and _count_syllables(content[0], document) < _FEWEST_WORDS_ALONE:
        return
    cue = last.cue if last.open_ended or last.paragraph == sentence.paragraph else None
    yield _make_row(content, "continued", last.speaker, cue, document, after_colon=True, certainty="resolved")


def _is_translation(speaker: Speaker, document: Document) -> bool | None:
    """Foreign officials do not speak the language of the article; of the others nothing is known."""
    pack = load_pack(SEEDS, document.article.language)
    if speaker.country is None or pack.home_country is None:
        return None
    return speaker.country != pack.home_country
