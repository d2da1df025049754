"""From a document to its meetings: mentions of one event become one row."""

import re
from calendar import monthrange
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256

from schemas.document import DateMention, Document, Entity, Sentence, Token
from schemas.meetings import Certainty, Meeting, MeetingStatus, Participant
from seeds import SEEDS
from tasks.language.cascade import Rule, class_string, possible_rules
from tasks.language.pack import LanguagePack, load_pack
from tasks.meetings.details import Details, read_details
from tasks.meetings.mentions import EventMention, Party, find_mentions
from tasks.meetings.parties import is_diplomatic
from tasks.mentions.references import REFERRING

__all__ = ["find_meetings"]

_TALKS = frozenset({"MEETN", "MEETV", "TALKV"})


@dataclass(slots=True)
class _Event:
    """An event in the making."""

    first: EventMention
    parties: list[Party]
    status: MeetingStatus
    format: str | None
    details: Details
    last_seen: int
    weight: int = 1


def find_meetings(document: Document) -> tuple[Meeting, ...]:
    """Find who met, will meet, or would not meet whom.

    Returns:
        One row per event, in the order in which the article first tells of them; empty where nobody met.
    """
    pack = load_pack(SEEDS, document.article.language)
    events: list[_Event] = []
    for mention in find_mentions(document, pack):
        whole = _with_parties(mention, events, document)
        if whole and is_diplomatic(whole, document):
            _join(whole, events, document)
    _add_circumstances(events, document)
    _add_members(events, document, pack)
    _frame_in_visits(events, document)
    return tuple(_row(event, document) for event in events)


def _with_parties(mention: EventMention, events: Sequence[_Event], document: Document) -> EventMention | None:
    """Reads “sau cuộc gặp ở Bern hồi …”, which names nobody: those spoken of last are meant."""
    if mention.parties_from == "guest":
        return _with_guest(mention, events, document)
    if mention.parties:
        return mention
    if mention.parties_from == "last":
        told = [event for event in events if event.format != "visit" and event.status == "held"]
        return replace(mention, parties=tuple(told[-1].parties)) if told else None
    if mention.parties_from not in ("visitor", "here"):
        return None
    place = mention.details.place
    for event in reversed(events):
        there = event.details.place
        told_here = mention.parties_from == "here" and event.first.sentence is mention.sentence
        if event.format == "visit" and there and (told_here or (place and there.country == place.country)):
            details = mention.details if mention.details.place else replace(mention.details, place=there)
            return replace(mention, parties=tuple(event.parties), details=details)
    return None


def _with_guest(mention: EventMention, events: Sequence[_Event], document: Document) -> EventMention | None:
    """Reads “Tại cuộc hội đàm, X nói …” of an X who was not yet told to have met anybody: it was the visitor.

    The visitor is who came to the country of X last.
    """
    host = next(iter(mention.parties), None)
    if host is None or any(
        host.entity in {party.entity for party in event.parties} for event in events if event.format != "visit"
    ):
        return None
    country = document.entities[host.entity].country
    visits = [event for event in events if event.format == "visit" and event.status == "held" and event.details.place]
    visit = next((one for one in reversed(visits) if one.details.place and one.details.place.country == country), None)
    if visit is None or country is None or len(visit.parties) != 1:
        return None
    return replace(mention, parties=(host, *visit.parties))


def _join(mention: EventMention, events: list[_Event], document: Document) -> None:
    event = next((e for e in reversed(events) if _same(mention, e, document)), None)
    if event is None:
        events.append(
            _Event(
                mention, list(mention.parties), mention.status, mention.format, mention.details, mention.anchor.start
            )
        )
        return
    event.details = _fuller(event.details, mention.details)
    event.parties = _fuller_parties(event.parties, mention.parties, document)
    event.status = _final_status(event.status, mention.status)
    event.format = event.format or mention.format
    event.last_seen = mention.anchor.start
    event.weight += 1


def _same(mention: EventMention, event: _Event, document: Document) -> bool:
    if (mention.format == "visit") != (event.format == "visit"):
        return False
    if mention.format != event.format and {"phone", "delegation"} & {mention.format, event.format}:
        return False
    if mention.format != event.format and None in (mention.format, event.format) and mention.status != "held":
        return False
    if not _same_parties(mention.parties, event.parties, document):
        return False
    if not _compatible_status(mention, event):
        return False
    if not _compatible_places(mention.details, event.details):
        return False
    return _compatible_dates(mention.details.date, event.details.date)


def _same_parties(a: Sequence[Party], b: Sequence[Party], document: Document) -> bool:
    first, second = [{_key(document.entities[p.entity]) for p in part} for part in (a, b)]
    if first == second or first < second or second < first:
        return min(len(first), len(second)) >= min(2, max(len(first), len(second)))
    countries = [{document.entities[p.entity].country for p in part} for part in (a, b)]
    vague = any(all(document.entities[p.entity].kind == "country" for p in part) for part in (a, b))
    return vague and countries[0] == countries[1] and None not in countries[0]


def _key(entity: Entity) -> str:
    return entity.person_id or entity.name or f"{entity.role}|{entity.country}"


def _compatible_status(mention: EventMention, event: _Event) -> bool:
    if (mention.status == "held") == (event.status == "held"):
        return True
    when, then = mention.details.date, event.details.date
    return bool(when and then and when.first and when.first == then.first)


def _compatible_places(a: Details, b: Details) -> bool:
    if a.place is None or b.place is None:
        return True
    return a.place.country == b.place.country and (
        a.place.city is None or b.place.city is None or a.place.city == b.place.city
    )


def _compatible_dates(a: DateMention | None, b: DateMention | None) -> bool:
    if a is None or b is None or a.first is None or b.first is None or a.last is None or b.last is None:
        return True
    return a.first <= b.last and b.first <= a.last


def _fuller(a: Details, b: Details) -> Details:
    better = b.date if b.date and (a.date is None or _precision(b.date) > _precision(a.date)) else a.date
    place = a.place
    if b.place and (place is None or (place.city is None and b.place.city)):
        place = b.place
    return Details(
        date=better,
        place=place,
        occasion=a.occasion or b.occasion,
        sideline=a.sideline or b.sideline,
        duration_minutes=a.duration_minutes or b.duration_minutes,
        duration_qualifier=a.duration_qualifier or b.duration_qualifier,
        first_since=a.first_since or b.first_since,
    )


def _precision(when: DateMention) -> int:
    return [None, "year", "month", "day"].index(when.precision)


def _fuller_parties(a: list[Party], b: Sequence[Party], document: Document) -> list[Party]:
    def people(parties: Sequence[Party]) -> int:
        return len({p.entity for p in parties if document.entities[p.entity].kind == "person"})

    return list(b) if people(b) > people(a) else a


def _final_status(a: MeetingStatus, b: MeetingStatus) -> MeetingStatus:
    """What is told last of a plan may undo it; what was held stays held."""
    order: tuple[MeetingStatus, ...] = ("held", "cancelled", "postponed", "denied", "planned", "proposed")
    return min(a, b, key=order.index)


def _add_circumstances(events: list[_Event], document: Document) -> None:
    """Reads “Cuộc gặp kéo dài 90 phút”: a sentence that names no parties adds to an event told before."""
    told = [event for event in events if event.format != "visit" and event.status == "held"]
    for sentence in document.sentences if told else ():
        if _TALKS.isdisjoint(sentence.kinds) or any(event.first.sentence is sentence for event in events):
            continue
        before = [event for event in told if event.first.anchor.start < sentence.start]
        details = read_details(sentence.tokens, None, document)
        event = _spoken_of(sentence, before or told)
        event.details = replace(
            event.details,
            duration_minutes=event.details.duration_minutes or details.duration_minutes,
            duration_qualifier=event.details.duration_qualifier or details.duration_qualifier,
            first_since=event.details.first_since or details.first_since,
        )


def _spoken_of(sentence: Sentence, events: Sequence[_Event]) -> _Event:
    """The main event of the article, unless the sentence follows another one in its own paragraph."""
    phone = any(token.kind in ("MEETN", "MEETV") and token.value == "phone" for token in sentence.tokens)
    events = [event for event in events if (event.format == "phone") == phone] or events
    near = [event for event in events if event.first.sentence.paragraph == sentence.paragraph]
    return near[-1] if near else max(events, key=lambda event: (event.weight, -event.first.anchor.start))


def _add_members(events: list[_Event], document: Document, pack: LanguagePack) -> None:
    """Reads “Phái đoàn Áo gồm có A và B”: the members take the place of their country."""
    rules = [rule for rule in pack.events if rule.makes == "members"]
    for sentence in document.sentences:
        for match in _member_lists(sentence, rules):
            members = [t for t in sentence.tokens[match.start("members") : match.end("members")] if t.kind in REFERRING]
            side = sentence.tokens[match.end("side") - 1]
            country = _side_country(side, document)
            event = next((e for e in reversed(events) if e.format == "delegation"), None)
            if event is None or country not in {document.entities[p.entity].country for p in event.parties}:
                continue
            added = [Party(m.entity, t.start, t.end) for t in members if (m := document.mention(t))]
            kept = [
                p
                for p in event.parties
                if document.entities[p.entity].country != country or document.entities[p.entity].kind == "person"
            ]
            event.parties = kept + [p for p in added if p.entity not in {k.entity for k in kept}]


def _member_lists(sentence: Sentence, rules: Iterable[Rule]) -> Iterator[re.Match[str]]:
    for rule in possible_rules(rules, sentence.kinds):
        yield from rule.pattern.finditer(class_string(sentence.tokens))


def _side_country(side: Token, document: Document) -> str | None:
    entity = document.entity(side)
    return entity.country if entity else None


def _frame_in_visits(events: list[_Event], document: Document) -> None:
    """Talks during a visit took place where the visitor was, on its day; of a longer one only the month is known."""
    visits = [event for event in events if event.format == "visit"]
    for event in events:
        visit = next((v for v in visits if event.format != "visit" and _belongs(event, v, document)), None)
        if visit is None:
            continue
        event.details = replace(
            event.details,
            place=event.details.place or visit.details.place,
            date=event.details.date or _day_or_month(visit.details.date),
        )


def _day_or_month(when: DateMention | None) -> DateMention | None:
    if when is None or when.first is None or when.first == when.last or when.precision != "day":
        return when
    first = when.first.replace(day=1)
    return replace(when, first=first, last=first.replace(day=monthrange(first.year, first.month)[1]), precision="month")


def _belongs(event: _Event, visit: _Event, document: Document) -> bool:
    people = {party.entity for party in event.parties}
    if visit.parties[0].entity not in people or visit.details.place is None:
        return False
    hosts = {document.entities[p.entity].country for p in event.parties if p.entity != visit.parties[0].entity}
    same_time = _compatible_dates(event.details.date, visit.details.date)
    return visit.details.place.country in hosts and same_time and (event.status == "held") == (visit.status == "held")


def _row(event: _Event, document: Document) -> Meeting:
    when = event.details.date
    place = None if event.format in ("phone", "video") else event.details.place
    sentence = event.first.sentence
    parties = _distinct(event.parties)
    key = "|".join([*(str(party.entity) for party in parties), str(when and when.first), str(place)])
    return Meeting(
        meeting_id=sha256(
            f"{document.article.article_id}|{sentence.start}|{event.first.anchor.start}|{key}".encode()
        ).hexdigest()[:16],
        article_id=document.article.article_id,
        participants=tuple(_participant(party, document) for party in parties),
        date_start=when.first if when else None,
        date_end=when.last if when else None,
        date_precision=when.precision if when else None,
        date_text=document.text(when.start, when.end) if when else None,
        city=place.city if place else None,
        country=place.country if place else None,
        venue=place.venue if place else None,
        occasion=event.details.occasion,
        sideline=event.details.sideline,
        format=event.format,  # type: ignore[arg-type]
        status=event.status,
        duration_minutes=event.details.duration_minutes,
        duration_qualifier=event.details.duration_qualifier,
        first_since=event.details.first_since,
        start=sentence.start,
        end=sentence.end,
        certainty=_certainty(event.first, parties, when, document),
        rule=event.first.rule,
    )


def _distinct(parties: Sequence[Party]) -> list[Party]:
    return list({party.entity: party for party in reversed(parties)}.values())[::-1]


def _participant(party: Party, document: Document) -> Participant:
    entity = document.entities[party.entity]
    return Participant(
        name=entity.name if entity.kind in ("person", "organization", "country") else None,
        person_id=entity.person_id,
        role=entity.role,
        organization=entity.organization,
        country=entity.country,
        start=party.start,
        end=party.end,
    )


def _certainty(
    first: EventMention, parties: Sequence[Party], when: DateMention | None, document: Document
) -> Certainty:
    found = [m.certainty for party in parties if (m := document.mention_at(party.start))]
    if when is not None and when.contradicted:
        found.append("resolved")
    if first.parties_from == "guest":
        found.append("inferred")
    return max(found, key=("explicit", "resolved", "inferred").index, default="explicit")
