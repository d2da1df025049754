"""Held, planned, proposed, postponed, cancelled or denied."""

import re
from collections.abc import Sequence
from datetime import date

from schemas.document import DateMention, Document, Token
from schemas.meetings import MeetingStatus
from tasks.mentions.features import leaves

__all__ = ["read_status"]

_BOUNDARY = frozenset({"COMMA", "SEMI", "BUT", "COLON", "STOP", "QUOTE", "LINK"})
_PREDICATE = 6
"""How far behind its parties the predicate of a meeting begins: "cuộc gặp giữa A và B đã bị hoãn"."""
_TIMES = frozenset({"WHEN", "AFTER", "BEFORE", "IN"})
"""Behind them stands when something was denied, not what."""
_MODIFIERS = frozenset({"NEG", "REFUSE", "CANCEL", "IF", "MAY", "FUT", "NOTEXCLUDE", "PAST"})


def read_status(
    tokens: Sequence[Token], match: re.Match[str], when: DateMention | None, document: Document
) -> MeetingStatus:
    """What the words before the event make of it.

    What something is counted from ("kể từ hội nghị thượng đỉnh") was held. A refusal beats a call-off, a call-off
    beats a condition or wish, a wish beats a plan. Without any such word an event that is dated after the day of
    publication is planned ("Tổng thống X thăm Y ngày 19 và 20-6").
    """
    event = match.start("event")
    if event and tokens[event - 1].kind == "FIRSTSINCE":
        return "held"
    modifiers = _find_modifiers(tokens, match)
    kinds = {token.kind for token in modifiers}
    if "NOTEXCLUDE" in kinds:
        return "proposed"
    if "REFUSE" in kinds or "NEG" in kinds or any(token.value == "deny" for token in modifiers):
        return "denied"
    called_off = next((token.value for token in modifiers if token.kind == "CANCEL"), None)
    if called_off:
        return "postponed" if called_off == "postponed" else "cancelled"
    if kinds & {"IF", "MAY", "CUE"} or tokens[event].value == "proposal":
        return "proposed"
    if kinds & {"FUT", "VAGUE"}:
        return "planned"
    if when is None and _is_wished(tokens, match):
        return "proposed"
    return "planned" if _lies_ahead(when, document) else "held"


def _is_wished(tokens: Sequence[Token], match: re.Match[str]) -> bool:
    """Reads “Sẵn sàng cho một cuộc gặp”: an undated event with an indefinite article, behind a word of wish."""
    event = match.start("event")
    indefinite = event > 0 and tokens[event - 1].kind in ("ONE", "PLURAL")
    return indefinite and any(token.kind == "MAY" for token in tokens[:event])


def _find_modifiers(tokens: Sequence[Token], match: re.Match[str]) -> list[Token]:
    """Words of status in the clause: between subject and event, and before the subject back to the clause's start."""
    event = match.start("event")
    start = match.start()
    first = start
    while first > 0 and tokens[first - 1].kind not in _BOUNDARY and start - first < 8:
        first -= 1
    after = tokens[match.end("event") : match.end("event") + 2]
    near = [
        token
        for token in tokens[first:event]
        if token.kind in _MODIFIERS or (token.kind == "CUE" and token.value == "wish")
    ]
    deny = next((i for i in range(first, event) if tokens[i].kind == "CUE" and tokens[i].value == "deny"), None)
    if deny is not None and _TIMES.isdisjoint(token.kind for token in tokens[deny:event]):
        return [tokens[deny]]
    last_past = max((i for i, token in enumerate(near) if token.kind == "PAST"), default=-1)
    kept = near[last_past + 1 :] if last_past >= 0 and near[-1].kind == "PAST" else near
    return kept + [token for token in after if token.kind in ("FUT",)] + _modality_after_event(tokens, match)


def _modality_after_event(tokens: Sequence[Token], match: re.Match[str]) -> list[Token]:
    """Reads “Hội nghị sắp diễn ra giữa …”: the future word stands behind the noun."""
    behind = tokens[match.end("event") : match.end()]
    told = [token for token in behind if token.kind in ("FUT", "NEG", "CANCEL")]
    told += [word for token in behind if token.kind == "DATE" for word in leaves(token) if word.value == "coming"]
    if tokens[match.start("event")].kind not in ("MEETN", "VISITN"):
        return told
    start = _skip_aside(tokens, match.end())
    for token in tokens[start : start + _PREDICATE]:
        if token.kind in ("FUT", "CANCEL", "MAY"):
            told.append(token)
        elif token.kind not in ("PAST", "PASSIVE", "ADV", "NEG"):
            break
    return told


def _skip_aside(tokens: Sequence[Token], start: int) -> int:
    """Where a sentence goes on: "Cuộc gặp giữa A và B, dự kiến diễn ra tại Bern, đã bị hoãn"."""
    if [token.kind for token in tokens[start : start + 2]] != ["COMMA", "FUT"]:
        return start
    return next((i + 1 for i in range(start + 1, len(tokens)) if tokens[i].kind == "COMMA"), start)


def _lies_ahead(when: DateMention | None, document: Document) -> bool:
    published = document.article.published_at
    return bool(
        when
        and when.first
        and published
        and when.precision == "day"
        and when.first > date(published.year, published.month, published.day)
    )
