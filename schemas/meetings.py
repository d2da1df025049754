"""Who met whom, and the table ``meetings``."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated, Literal

from schemas.articles import BatchStamp
from schemas.columns import arrow_schema

__all__ = ["MEETINGS", "Certainty", "DatePrecision", "Meeting", "MeetingFormat", "MeetingStatus", "Participant"]

Certainty = Literal["explicit", "resolved", "inferred"]
DatePrecision = Literal["day", "month", "year"]
MeetingFormat = Literal["in_person", "phone", "video", "delegation", "visit"]
MeetingStatus = Literal["held", "planned", "proposed", "postponed", "cancelled", "denied"]
DurationQualifier = Literal["lt", "approx", "exact", "gt"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Participant:
    """One party of a meeting: a person, a body, or a country that sent somebody unnamed."""

    name: Annotated[str | None, "Fullest name in the article; NULL where only a role is given"]
    person_id: Annotated[
        str | None,
        "Joins the same person across articles; NULL unless the seed tables know the person or the name is a full one",
    ]
    role: Annotated[str | None, "Office as printed"]
    organization: Annotated[str | None, "Body the person speaks for, as printed"]
    country: Annotated[str | None, "ISO 3166-1 alpha-2; NULL for NATO, the EU and the like"]
    start: Annotated[int, "First code point of the mention in `articles.text`"]
    end: Annotated[int, "One past the last code point"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Meeting:
    """One event: the same parties on the same date, however often and under whatever noun it is named."""

    meeting_id: Annotated[str, "Hash of the article and of the event's evidence"]
    article_id: Annotated[str, "The article that reports it"]
    participants: Annotated[tuple[Participant, ...], "Those who met, in order of mention; for a visit the visitors"]
    date_start: Annotated[date | None, "First day; the first of the month or year where that is all there is"]
    date_end: Annotated[date | None, "Last day"]
    date_precision: Annotated[DatePrecision | None, "How much of the date the text supports"]
    date_text: Annotated[str | None, "The words that date it"]
    city: Annotated[str | None, "City, in its usual international spelling"]
    country: Annotated[str | None, "Where it took place, ISO 3166-1 alpha-2; not the parties' countries"]
    venue: Annotated[str | None, "Building or site, as printed"]
    occasion: Annotated[str | None, "The event that framed it, as printed"]
    sideline: Annotated[bool, "Held in the margins of the occasion"]
    format: Annotated[MeetingFormat | None, "In person, by phone, by video, between delegations, or a visit"]
    status: Annotated[MeetingStatus, "Held, or merely planned, proposed, postponed, cancelled, denied"]
    duration_minutes: Annotated[int | None, "How long it lasted, minutes"]
    duration_qualifier: Annotated[DurationQualifier | None, "Shorter than, about, exactly, or longer than that"]
    first_since: Annotated[str | None, "The words of a claim to be the first such meeting since something"]
    start: Annotated[int, "First code point of the sentence that proves it"]
    end: Annotated[int, "One past the last code point"]
    certainty: Annotated[Certainty, "Parties named outright, resolved from context, or inferred"]
    rule: Annotated[str, "The rule that found it"]


MEETINGS = arrow_schema(Meeting, BatchStamp)
