"""Find the quotes of a document: attributions become rows, with kind, span and speaker."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from itertools import pairwise

from schemas.document import Document, Sentence, Token
from schemas.meetings import Certainty
from schemas.quotes import Quote, QuoteKind, Span
from seeds import SEEDS
from tasks.language.pack import LanguagePack, load_pack
from tasks.language.quotation_marks import CLOSING_MARKS
from tasks.mentions.features import REFERRING, leaves
from tasks.quotes.attribution import Attribution, find_attributions
from tasks.quotes.frames import load_frames
from tasks.quotes.joining import is_bare_quote, join_attributions
from tasks.quotes.speakers import Speaker, is_speaker, name_speaker

__all__ = ["find_quotes"]

_FEWEST_WORDS = 6
"""Words in marks that make a clause; fewer are a fragment of the reporter's sentence."""
_FEWEST_CAPITALISED = 3
"""Words in marks that make a clause if the first one has a capital letter."""
_FEWEST_ALONE = 8
"""Words of a quote that has no attribution of its own; a shorter one is a slogan or a title."""
_GOES_ON = frozenset({"LINK", "SAMETIME", "ADV", "BUT"})
"""Classes with which a sentence can go on from the paragraph before it: "Đồng thời đề nghị hai bên …"."""
_REPEATED = 0.7
"""Share of a lead quote's words that a quote of the body must have for the two to be one."""
_OF_A_VERB = frozenset({"NEG", "PAST", "FUT", "IS", "MAY", "PASSIVE"})


@dataclass(frozen=True, slots=True)
class _Speech:
    """An act of speech, which a quote without attribution can continue.

    Attributes:
        rule: Name of the rule that found it.
        speaker: Who speaks.
        cue: The verb of speech; None if a quote has none.
        paragraph: Paragraph of its sentence.
        addressee: Whom it is said to.
        is_open: More of it must follow: its sentence ended in a colon, or its last mark was not closed.
        certainty: How its speaker was found; None stands for the speaker's own.
    """

    rule: str
    speaker: Speaker
    cue: Span | None
    paragraph: int
    addressee: str | None = None
    is_open: bool = False
    certainty: Certainty | None = None


def find_quotes(document: Document) -> tuple[Quote, ...]:
    """Find what the article says that others said.

    Args:
        document: An annotated article.

    Returns:
        Quotes in reading order; they do not overlap. The speaker is None if the words do not tell.
    """
    pack = load_pack(SEEDS, document.article.language)
    found: list[Quote] = []
    last: _Speech | None = None
    for sentence in join_attributions(document):
        quotes, last = _read_sentence(sentence, document, pack, last)
        found += quotes
    return tuple(_drop_repeats(found, document))


def _drop_repeats(quotes: Sequence[Quote], document: Document) -> Iterator[Quote]:
    """Yield the quotes without those of the standfirst that the body says again."""
    lead_ends = max((s.end for s in document.sentences if s.block == "lead"), default=0)
    body = [set(quote.text.lower().split()) for quote in quotes if quote.start >= lead_ends]
    for quote in quotes:
        words = set(quote.text.lower().split())
        is_repeated = quote.start < lead_ends and any(_overlap_share(words, other) >= _REPEATED for other in body)
        if not is_repeated:
            yield quote


def _overlap_share(words: set[str], other: set[str]) -> float:
    """Return the share of the shorter text's words that the other text has too."""
    return len(words & other) / min(len(words), len(other))


def _read_sentence(
    sentence: Sentence, document: Document, pack: LanguagePack, last: _Speech | None
) -> tuple[list[Quote], _Speech | None]:
    """Return the quotes of a sentence, and the last act of speech up to its end."""
    tokens = sentence.tokens
    quotes: list[Quote] = []
    latest = last
    for attribution in find_attributions(sentence, load_frames(SEEDS, pack.code)):
        speech = _read_speech(tokens, attribution, sentence, document, pack, latest)
        if speech is not None:
            latest = speech
            quotes += _make_rows(tokens, attribution, speech, document, pack)
    if last is None or latest is not last:
        return quotes, latest
    continued = list(_continue_quote(tokens, sentence, last, document, pack))
    if continued:
        return continued, replace(last, is_open=any(_runs_on(token, document) for token in tokens))
    return [], last


def _read_speech(
    tokens: Sequence[Token],
    attribution: Attribution,
    sentence: Sentence,
    document: Document,
    pack: LanguagePack,
    last: _Speech | None,
) -> _Speech | None:
    """Return who speaks in an attribution, with which verb and to whom; None if nobody is named."""
    speaker = _find_speaker(sentence, attribution, document, pack, last)
    if speaker is None:
        return None
    first, end = attribution.cue
    return _Speech(
        rule=attribution.rule,
        speaker=speaker,
        cue=Span(tokens[first].start, tokens[end - 1].end),
        paragraph=sentence.paragraph,
        addressee=_find_addressee(tokens, attribution, document),
        is_open=_leaves_open(tokens[slice(*attribution.content)], document),
    )


def _leaves_open(content: Sequence[Token], document: Document) -> bool:
    """Return True if more of a speech must follow: its sentence ends in a colon, or its last mark is not closed."""
    return not content or _runs_on(content[-1], document)


def _runs_on(token: Token, document: Document) -> bool:
    """Return True for words in marks that go on in the next paragraph and have no closing mark."""
    return token.kind == "QUOTE" and document.article.text[token.end - 1] not in CLOSING_MARKS


def _find_speaker(
    sentence: Sentence,
    attribution: Attribution,
    document: Document,
    pack: LanguagePack,
    last: _Speech | None,
) -> Speaker | None:
    """Return the speaker whom an attribution names.

    A verb without a subject has the last speaker of its paragraph, or of the one before it if a link says so.
    """
    tokens = sentence.tokens
    first, end = attribution.speaker
    named = [token for token in tokens[first:end] if is_speaker(token)]
    if named:
        return name_speaker(named, document, pack)
    if last is None or attribution.speaker != (0, 0):
        return None
    goes_on = last.paragraph == sentence.paragraph or tokens[0].kind in _GOES_ON
    return last.speaker if goes_on else None


def _make_rows(
    tokens: Sequence[Token], attribution: Attribution, speech: _Speech, document: Document, pack: LanguagePack
) -> Iterator[Quote]:
    for part, is_announced in _split_content(tokens, attribution):
        yield _make_row(part, speech, document, pack, is_announced=is_announced)


def _split_content(tokens: Sequence[Token], attribution: Attribution) -> Iterator[tuple[Sequence[Token], bool]]:
    """Yield the stretches that are rows of their own, and whether a colon announces each."""
    first, last = attribution.content
    if first < last and tokens[first].kind == "IS" and attribution.rule == "passive":
        first += 1
    opener = tokens[first - 1].kind if first else ""
    colon = _find_announcing_colon(tokens, first, last)
    if colon is None:
        for part in _split_quotes(tokens[first:last]):
            if part:
                yield part, opener == "COLON"
        return
    reported = tokens[first:colon]
    if opener in ("THAT", "COMMA") or len(reported) >= _FEWEST_WORDS or _is_clause(reported):
        yield reported, False
    for part in _split_quotes(tokens[colon + 1 : last]):
        yield part, True


def _find_announcing_colon(tokens: Sequence[Token], first: int, last: int) -> int | None:
    """Return the position of the first colon inside a content that words in marks follow."""
    for index in range(first + 1, last - 1):
        if tokens[index].kind == "COLON" and tokens[index + 1].kind == "QUOTE":
            return index
    return None


def _is_clause(tokens: Sequence[Token]) -> bool:
    """Return True if one of the words can only belong to a verb, so that even a few are a proposition."""
    return any(token.kind in _OF_A_VERB for token in tokens)


def _find_addressee(tokens: Sequence[Token], attribution: Attribution, document: Document) -> str | None:
    """Return to whom something is said: "nói với ông X", or the one who is asked to do something."""
    aside = tokens[slice(*attribution.aside)]
    named = [token for before, token in pairwise(aside) if before.kind in ("WITH", "TO")]
    first, last = attribution.content
    if tokens[attribution.cue[0]].value == "request" and first < last:
        named.append(tokens[first])
    for token in named:
        entity = document.entity(token) if token.kind in REFERRING else None
        if entity and entity.name:
            return entity.name
    hearers = next((token for token in aside if token.kind == "HEARERS"), None)
    return document.text(hearers.start, hearers.end) if hearers else None


def _split_quotes(group: Sequence[Token]) -> list[Sequence[Token]]:
    """Return whole clauses in marks that "và" joins as quotes of their own; all else stays together."""
    kinds = [token.kind for token in group]
    is_pair = kinds in (["QUOTE", "AND", "QUOTE"], ["QUOTE", "COMMA", "QUOTE"])
    if is_pair and all(_count_words(group[i]) >= _FEWEST_WORDS for i in (0, 2)):
        return [[group[0]], [group[2]]]
    return [group]


def _count_words(quote: Token) -> int:
    """Return the number of words and phrases in marks; a single mark is none."""
    words = [leaf for part in quote.parts for leaf in leaves(part)]
    return sum(1 for word in words if word.end - word.start > 1 or word.kind != "MARK")


def _count_syllables(quote: Token, document: Document) -> int:
    return len(document.text(quote.start, quote.end).split())


def _make_row(
    part: Sequence[Token], speech: _Speech, document: Document, pack: LanguagePack, *, is_announced: bool
) -> Quote:
    """Make the row of a stretch that was said.

    Args:
        part: Its tokens, at least one.
        speech: Who said it, and how.
        document: The document.
        pack: The language of the document.
        is_announced: It stands behind a colon.
    """
    kind, start, end = _find_kind_and_span(part, document, is_announced=is_announced)
    speaker, cue = speech.speaker, speech.cue
    quoted = [_inner_span(token, document) for token in part if token.kind == "QUOTE"]
    return Quote(
        quote_id=sha256(f"{document.article.article_id}|{start}|{end}|{kind}".encode()).hexdigest()[:16],
        article_id=document.article.article_id,
        kind=kind,
        text=document.text(start, end),
        start=start,
        end=end,
        quoted=tuple(Span(*span) for span in quoted),
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
        addressee=speech.addressee,
        meeting_id=None,
        is_translation=_is_translation(speaker, pack),
        certainty=speech.certainty or speaker.certainty,
        rule=speech.rule,
    )


def _find_kind_and_span(part: Sequence[Token], document: Document, *, is_announced: bool) -> tuple[QuoteKind, int, int]:
    """Return the kind of a quote and its span: a direct one is a whole clause in marks, and is given without them."""
    if len(part) == 1 and part[0].kind == "QUOTE" and (is_announced or _is_sentence(part[0], document)):
        return "direct", *_inner_span(part[0], document)
    kind: QuoteKind = "mixed" if any(token.kind == "QUOTE" for token in part) else "indirect"
    return kind, part[0].start, part[-1].end


def _is_sentence(quote: Token, document: Document) -> bool:
    """Return True for words in marks that are a clause by their number, or by a capital letter at their beginning."""
    words = _count_syllables(quote, document)
    if words >= _FEWEST_WORDS:
        return True
    start, _ = _inner_span(quote, document)
    return words >= _FEWEST_CAPITALISED and document.text(start, start + 1).isupper()


def _inner_span(quote: Token, document: Document) -> tuple[int, int]:
    """Return the span inside the marks; a speech that goes on in the next paragraph has no closing one."""
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
    tokens: Sequence[Token], sentence: Sentence, last: _Speech, document: Document, pack: LanguagePack
) -> Iterator[Quote]:
    """Yield the quote of a sentence that is nothing but a quote: the last speaker goes on."""
    if not is_bare_quote(tokens):
        return
    quote = next(token for token in tokens if token.kind == "QUOTE")
    is_short = _count_syllables(quote, document) < _FEWEST_ALONE
    if is_short and not last.is_open and not _is_speech(quote, sentence, last, document):
        return
    is_near = last.is_open or last.paragraph == sentence.paragraph
    cue = last.cue if is_near else None
    speech = replace(last, rule="continued", cue=cue, addressee=None, certainty="resolved")
    yield _make_row([quote], speech, document, pack, is_announced=True)


def _is_speech(quote: Token, sentence: Sentence, last: _Speech, document: Document) -> bool:
    """Return True for a short quote that can be no slogan or title.

    It goes on in the next paragraph, or is a whole sentence, with its full stop, in the paragraph of the last speaker.
    """
    text = document.article.text
    if text[quote.end - 1] not in CLOSING_MARKS:
        return True
    start, end = _inner_span(quote, document)
    is_whole = text[start].isupper() and text[end - 1] in ".!?…"
    return (
        is_whole and last.paragraph == sentence.paragraph and _count_syllables(quote, document) >= _FEWEST_CAPITALISED
    )


def _is_translation(speaker: Speaker, pack: LanguagePack) -> bool | None:
    """Return True for a foreign official, who does not speak the language of the article; None if not known."""
    if speaker.country is None or pack.home_country is None:
        return None
    return speaker.country != pack.home_country
