"""Mentions of meetings: what each sentence says of one event, before mentions of the same event are joined."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from schemas.document import DateMention, Document, PlaceMention, Sentence, Token
from schemas.meetings import DurationQualifier, MeetingFormat, MeetingStatus
from tasks.language.cascade import class_string
from tasks.language.pack import LanguagePack
from tasks.meetings.details import Details, read_details
from tasks.meetings.status import read_status
from tasks.mentions.references import REFERRING

__all__ = ["EventMention", "Party", "find_mentions"]

_VISITS = frozenset({"visit-of-to", "makes-visit", "visits", "invited"})
_PLURAL_NOUN = re.compile(r"các |những |loạt ", re.IGNORECASE)
_SUBJECT_KINDS = frozenset({"PERSON", "ROLEC", "ROLE", "CPART", "PRON", "FNAME", "NNAME"})


@dataclass(frozen=True, slots=True)
class Party:
    """One participant as mentioned: an entity and the words that name it."""

    entity: int
    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class EventMention:
    """One sentence's word of one event."""

    parties: tuple[Party, ...]
    format: MeetingFormat | None
    status: MeetingStatus
    details: Details
    rule: str
    sentence: Sentence
    anchor: Token
    """The word of meeting."""


def find_mentions(document: Document, pack: LanguagePack) -> Iterator[EventMention]:
    """Mentions of meetings in reading order; one for every pair of parties where the sentence lists several."""
    for sentence in document.sentences:
        yield from _in_tokens(sentence.tokens, sentence, document, pack)


def _in_tokens(
    tokens: Sequence[Token], sentence: Sentence, document: Document, pack: LanguagePack
) -> Iterator[EventMention]:
    string = class_string(tokens)
    taken: set[int] = set()
    for name, pattern in pack.events.items():
        if name == "delegation-members":
            continue
        for match in pattern.finditer(string):
            event = match.start("event")
            if event in taken:
                continue
            made = list(_mentions(name, match, tokens, sentence, document, pack))
            if made:
                taken.update(range(event, match.end("event")))
            yield from made


def _mentions(
    name: str, match: re.Match[str], tokens: Sequence[Token], sentence: Sentence, document: Document, pack: LanguagePack
) -> Iterator[EventMention]:
    anchor = tokens[match.start("event")]
    groups = match.re.groupindex
    first = _parties(_slice(match, tokens, "a") or (_slice(match, tokens, "a2") if "a2" in groups else ()), document)
    second = [p for key in ("b", "c") if key in groups for p in _parties(_slice(match, tokens, key), document)]
    places = _slice(match, tokens, "place") if "place" in groups else ()
    if "place2" in groups and not places:
        places = _slice(match, tokens, "place2")
    if name == "meeting-of-with" and not first:
        first = _later_subject(match, tokens, document)
    details = read_details(tokens, match, sentence, document, pack)
    status = read_status(tokens, match, details.date, document)
    kind = _format(name, anchor, tokens)
    for parties in _pairings(name, first, second, anchor, document):
        if name in _VISITS:
            for place in [token for token in places if token.kind in ("COUNTRY", "CITY", "TOWN")]:
                yield EventMention(
                    parties=parties,
                    format="visit",
                    status=status,
                    details=details.at(place, document, pack),
                    rule=name,
                    sentence=sentence,
                    anchor=anchor,
                )
        else:
            yield EventMention(
                parties=parties,
                format=kind,
                status=status,
                details=details,
                rule=name,
                sentence=sentence,
                anchor=anchor,
            )


def _slice(match: re.Match[str], tokens: Sequence[Token], group: str) -> tuple[Token, ...]:
    first, last = match.span(group)
    return tuple(tokens[first:last]) if first >= 0 else ()


def _parties(tokens: Sequence[Token], document: Document) -> list[Party]:
    """The entities behind the tokens; a group stands for its members."""
    found: list[Party] = []
    for token in tokens:
        mention = document.mention(token) if token.kind in REFERRING else None
        if mention is None:
            continue
        entity = document.entities[mention.entity]
        members = entity.members or (mention.entity,)
        found += [Party(member, token.start, token.end) for member in members]
    return found


def _later_subject(match: re.Match[str], tokens: Sequence[Token], document: Document) -> list[Party]:
    """ "Sau cuộc gặp với X, Y nói": Y met X."""
    for index in range(match.end(), len(tokens)):
        if tokens[index].kind in _SUBJECT_KINDS and tokens[index - 1].kind in ("COMMA", "DATE", "LINK", "ADV"):
            return _parties([tokens[index]], document)
    for index in range(match.start("event")):
        if tokens[index].kind in _SUBJECT_KINDS:
            return _parties([tokens[index]], document)
    return []


def _format(name: str, anchor: Token, tokens: Sequence[Token]) -> MeetingFormat | None:
    if name == "delegations-meet":
        return "delegation"
    if anchor.value in ("phone", "video"):
        return "phone" if anchor.value == "phone" else "video"
    return "in_person"


def _pairings(
    name: str, first: Sequence[Party], second: Sequence[Party], anchor: Token, document: Document
) -> Iterator[tuple[Party, ...]]:
    """One event for every counterpart, unless the counterparts come from one country and so together."""
    if name in _VISITS:
        for party in first:
            yield (party,)
        return
    if not second or not first:
        yield tuple(first) + tuple(second)
        return
    for group in _by_country(second, document):
        for host in _by_country(first, document) if len(first) > 1 else [list(first)]:
            yield tuple(host) + tuple(group)


def _by_country(parties: Sequence[Party], document: Document) -> list[list[Party]]:
    groups: dict[object, list[Party]] = {}
    for party in parties:
        entity = document.entities[party.entity]
        same_mention = (party.start, party.end)
        collective = [p for p in parties if (p.start, p.end) == same_mention and p.entity != party.entity]
        key: object = same_mention if collective else (entity.country or party.entity)
        groups.setdefault(key, []).append(party)
    return list(groups.values())
