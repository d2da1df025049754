"""Who said what, and the table ``quotes``."""

from dataclasses import dataclass
from typing import Annotated, Literal

from schemas.articles import BatchStamp
from schemas.columns import arrow_schema
from schemas.meetings import Certainty

__all__ = ["QUOTES", "Quote", "QuoteKind", "Span", "SpeakerKind"]

QuoteKind = Literal["direct", "mixed", "indirect"]
SpeakerKind = Literal["person", "organization", "country", "unnamed"]


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A half-open stretch of `articles.text`, in code points."""

    start: Annotated[int, "First code point"]
    end: Annotated[int, "One past the last code point"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote:
    """Words that the article attributes to a speaker."""

    quote_id: Annotated[str, "Hash of the article and of the quote's place in it"]
    article_id: Annotated[str, "The article that reports it"]
    kind: Annotated[QuoteKind, "Direct: in marks; indirect: reported; mixed: reported, with words in marks"]
    text: Annotated[str, "The words, without outer marks; for mixed quotes the whole reported clause with its marks"]
    start: Annotated[int, "First code point of the words"]
    end: Annotated[int, "One past the last code point"]
    quoted: Annotated[tuple[Span, ...], "The stretches inside marks; empty for indirect quotes"]
    speaker: Annotated[str | None, "Fullest name in the article, or the role of a nameless speaker; NULL if not known"]
    speaker_id: Annotated[
        str | None, "Joins the same person across articles; NULL unless as in `participants[].person_id`"
    ]
    speaker_role: Annotated[str | None, "Office as printed"]
    speaker_country: Annotated[str | None, "Country the speaker speaks for, ISO 3166-1 alpha-2"]
    speaker_kind: Annotated[SpeakerKind | None, "Person, organisation, country, or a nameless official"]
    speaker_start: Annotated[int | None, "First code point of the words that name the speaker"]
    speaker_end: Annotated[int | None, "One past the last code point"]
    cue: Annotated[str | None, "The words of speech as printed; NULL for a quote that carries none of its own"]
    cue_start: Annotated[int | None, "First code point of the cue"]
    cue_end: Annotated[int | None, "One past the last code point"]
    addressee: Annotated[str | None, "To whom it was said, where the text says so"]
    meeting_id: Annotated[str | None, "The meeting at which, or right after which, it was said"]
    is_translation: Annotated[bool | None, "The words were said in another language; NULL where that is not known"]
    certainty: Annotated[Certainty, "Speaker named outright, resolved from context, or inferred"]
    rule: Annotated[str, "The rule that found it"]


QUOTES = arrow_schema(Quote, BatchStamp)
