"""Find the meetings of a document: mentions of one event become one row."""

from collections.abc import Sequence
from hashlib import sha256

from schemas.document import Document
from schemas.meetings import Certainty, Meeting, Participant
from seeds import SEEDS
from tasks.language.pack import load_pack
from tasks.meetings.completion import add_circumstances, add_members, complete_participants, frame_in_visits
from tasks.meetings.diplomacy import is_diplomatic
from tasks.meetings.draft_events import DraftEvent, join_mention
from tasks.meetings.event_mentions import ParticipantMention, find_mentions

__all__ = ["find_meetings"]

_CERTAINTIES: tuple[Certainty, ...] = ("explicit", "resolved", "inferred")
"""From the surest to the least sure; a row is as sure as the least sure thing in it."""


def find_meetings(document: Document) -> tuple[Meeting, ...]:
    """Find who met, will meet, or would not meet whom.

    Returns:
        One row per event, in the order in which the article first tells of them; empty if nobody met.
    """
    pack = load_pack(SEEDS, document.article.language)
    events: list[DraftEvent] = []
    for mention in find_mentions(document, pack):
        completed = complete_participants(mention, events, document)
        if completed and is_diplomatic(completed, document):
            join_mention(completed, events, document)
    add_circumstances(events, document)
    add_members(events, document, pack)
    frame_in_visits(events, document)
    return tuple(_make_row(event, document) for event in events)


def _make_row(event: DraftEvent, document: Document) -> Meeting:
    arguments, sentence = event.arguments, event.first.sentence
    when = arguments.date
    place = None if event.format in ("phone", "video") else arguments.place
    participants = _drop_repeated(event.participants)
    return Meeting(
        meeting_id=_make_id(event, participants, document),
        article_id=document.article.article_id,
        participants=tuple(_make_participant(one, document) for one in participants),
        date_start=when.first if when else None,
        date_end=when.last if when else None,
        date_precision=when.precision if when else None,
        date_text=document.text(when.start, when.end) if when else None,
        city=place.city if place else None,
        country=place.country if place else None,
        venue=place.venue if place else None,
        occasion=arguments.occasion,
        sideline=arguments.sideline,
        format=event.format,
        status=event.status,
        duration_minutes=arguments.duration_minutes,
        duration_qualifier=arguments.duration_qualifier,
        first_since=arguments.first_since,
        start=sentence.start,
        end=sentence.end,
        certainty=_find_certainty(event, participants, document),
        rule=event.first.rule,
    )


def _make_id(event: DraftEvent, participants: Sequence[ParticipantMention], document: Document) -> str:
    """Return an identifier that stays the same while article, trigger, participants, date and place do."""
    when = event.arguments.date
    place = None if event.format in ("phone", "video") else event.arguments.place
    who = [str(participant.entity) for participant in participants]
    what = "|".join([*who, str(when and when.first), str(place)])
    where = f"{document.article.article_id}|{event.first.sentence.start}|{event.first.trigger.start}"
    return sha256(f"{where}|{what}".encode()).hexdigest()[:16]


def _drop_repeated(participants: Sequence[ParticipantMention]) -> list[ParticipantMention]:
    """Return each entity once, by its first mention; entities stand in the order of their last one."""
    return list({one.entity: one for one in reversed(participants)}.values())[::-1]


def _make_participant(mention: ParticipantMention, document: Document) -> Participant:
    entity = document.entities[mention.entity]
    has_name = entity.kind in ("person", "organization", "country")
    return Participant(
        name=entity.name if has_name else None,
        person_id=entity.person_id,
        role=entity.role,
        organization=entity.organization,
        country=entity.country,
        start=mention.start,
        end=mention.end,
    )


def _find_certainty(event: DraftEvent, participants: Sequence[ParticipantMention], document: Document) -> Certainty:
    """Return how the least sure part of a row was found."""
    mentions = (document.mention_at(participant.start) for participant in participants)
    found = [mention.certainty for mention in mentions if mention]
    when = event.arguments.date
    if when is not None and when.contradicted:
        found.append("resolved")
    if event.first.participants_from == "guest":
        found.append("inferred")
    return max(found, key=_CERTAINTIES.index, default="explicit")
