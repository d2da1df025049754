"""Tell whether a meeting was held, or is planned, proposed, postponed, cancelled or denied."""

import re
from collections.abc import Iterator, Sequence
from datetime import date

from schemas.document import DateMention, Document, Token
from schemas.meetings import MeetingStatus
from tasks.mentions.features import leaves

__all__ = ["read_status"]

_BOUNDARY = frozenset({"COMMA", "SEMI", "BUT", "COLON", "STOP", "QUOTE", "LINK"})
_REACH_BEFORE = 8
"""Tokens before the subject of an event among which words of status are looked for."""
_REACH_BEHIND = 6
"""Tokens behind the parties of a meeting among which its predicate begins: "cuộc gặp giữa A và B đã bị hoãn"."""
_TIMES = frozenset({"WHEN", "AFTER", "BEFORE", "IN"})
"""Behind one of these stands when something was denied, and not what."""
_MODIFIERS = frozenset({"NEG", "REFUSE", "CANCEL", "IF", "MAY", "FUT", "NOTEXCLUDE", "PAST"})


def read_status(
    tokens: Sequence[Token], match: re.Match[str], when: DateMention | None, document: Document
) -> MeetingStatus:
    """Tell what the words around an event make of it.

    What something is counted from ("kể từ hội nghị thượng đỉnh") was held. A refusal beats a call-off, a call-off beats
    a condition or wish, and a wish beats a plan. Without any such word, an event that is dated after the day of
    publication is planned ("Tổng thống X thăm Y ngày 19 và 20-6").

    Args:
        tokens: Tokens of the sentence.
        match: Where a rule found the event in it.
        when: Date of the event, if the sentence has one.
        document: The document.
    """
    event = match.start("event")
    if event and tokens[event - 1].kind == "FIRSTSINCE":
        return "held"
    modifiers = _find_modifiers(tokens, match)
    status = _judge_modifiers(modifiers, is_proposal=tokens[event].value == "proposal")
    if status:
        return status
    if when is None and _is_wished(tokens, match):
        return "proposed"
    return "planned" if _is_after_publication(when, document) else "held"


def _judge_modifiers(modifiers: Sequence[Token], *, is_proposal: bool) -> MeetingStatus | None:
    """Return the status that the strongest of the words gives; None if none of them says anything."""
    kinds = {token.kind for token in modifiers}
    if "NOTEXCLUDE" in kinds:
        return "proposed"
    if kinds & {"REFUSE", "NEG"} or any(token.value == "deny" for token in modifiers):
        return "denied"
    called_off = next((token.value for token in modifiers if token.kind == "CANCEL" and token.value), None)
    if called_off:
        return "postponed" if called_off == "postponed" else "cancelled"
    if kinds & {"IF", "MAY", "CUE"} or is_proposal:
        return "proposed"
    return "planned" if kinds & {"FUT", "VAGUE"} else None


def _is_wished(tokens: Sequence[Token], match: re.Match[str]) -> bool:
    """Return True for “Sẵn sàng cho một cuộc gặp”: an event with an indefinite article behind a word of wish."""
    event = match.start("event")
    is_indefinite = event > 0 and tokens[event - 1].kind in ("ONE", "PLURAL")
    return is_indefinite and any(token.kind == "MAY" for token in tokens[:event])


def _find_modifiers(tokens: Sequence[Token], match: re.Match[str]) -> list[Token]:
    """Return the words of status that concern an event, before it and behind it.

    Those before it stand in its clause: between its subject and the event, and before the subject back to the start
    of the clause.
    """
    event = match.start("event")
    first = _find_clause_start(tokens, match.start())
    denial = _find_denial(tokens[first:event])
    if denial:
        return [denial]
    before = [token for token in tokens[first:event] if _modifies(token)]
    if before and before[-1].kind == "PAST":
        before = []  # "đã" right before the event says that it happened, whatever else the clause wishes or denies
    after = tokens[match.end("event") : match.end("event") + 2]
    return [*before, *(token for token in after if token.kind == "FUT"), *_modality_after_event(tokens, match)]


def _modifies(token: Token) -> bool:
    return token.kind in _MODIFIERS or (token.kind == "CUE" and token.value == "wish")


def _find_clause_start(tokens: Sequence[Token], start: int) -> int:
    """Return where the clause of a token begins; it is looked for in the nearest tokens only."""
    first = start
    while first > 0 and tokens[first - 1].kind not in _BOUNDARY and start - first < _REACH_BEFORE:
        first -= 1
    return first


def _find_denial(clause: Sequence[Token]) -> Token | None:
    """Return a verb of denial before an event, unless the event only says when something was denied."""
    for index, token in enumerate(clause):
        if token.kind == "CUE" and token.value == "deny":
            tells_when = any(later.kind in _TIMES for later in clause[index:])
            return None if tells_when else token
    return None


def _modality_after_event(tokens: Sequence[Token], match: re.Match[str]) -> list[Token]:
    """Return the words of status behind an event: "Hội nghị sắp diễn ra giữa …"; "cuộc gặp giữa A và B đã bị hoãn"."""
    behind = tokens[match.end("event") : match.end()]
    found = [token for token in behind if token.kind in ("FUT", "NEG", "CANCEL")]
    found += [word for token in behind if token.kind == "DATE" for word in leaves(token) if word.value == "coming"]
    if tokens[match.start("event")].kind in ("MEETN", "VISITN"):
        found += _read_predicate(tokens, _skip_aside(tokens, match.end()))
    return found


def _read_predicate(tokens: Sequence[Token], start: int) -> Iterator[Token]:
    """Yield the words of status with which the predicate of an event begins."""
    for token in tokens[start : start + _REACH_BEHIND]:
        if token.kind in ("FUT", "CANCEL", "MAY"):
            yield token
        elif token.kind not in ("PAST", "PASSIVE", "ADV", "NEG"):
            return


def _skip_aside(tokens: Sequence[Token], start: int) -> int:
    """Return where a sentence goes on: "Cuộc gặp giữa A và B, dự kiến diễn ra tại Bern, đã bị hoãn"."""
    if [token.kind for token in tokens[start : start + 2]] != ["COMMA", "FUT"]:
        return start
    return next((i + 1 for i in range(start + 1, len(tokens)) if tokens[i].kind == "COMMA"), start)


def _is_after_publication(when: DateMention | None, document: Document) -> bool:
    """Return True if a date is a day after the one of publication."""
    published = document.article.published_at
    if when is None or when.first is None or when.precision != "day" or published is None:
        return False
    return when.first > date(published.year, published.month, published.day)
