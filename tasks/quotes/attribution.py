"""Where a sentence attributes speech: its cues, who they belong to, and which words they bring.

The shapes are patterns of the language pack (``quotes.toml``) over the sentence's token classes; here they are put
in order of precedence: an attribution at the end of a sentence takes the whole sentence before it, "theo X" takes
what follows, and otherwise the leftmost speaker with a speech verb takes the rest, shared with the verbs that are
joined to it ("đồng thời khẳng định", "; đề nghị").
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from schemas.document import Token
from tasks.language.cascade import Rule, class_pattern, class_string

__all__ = ["Attribution", "find_attributions"]

_WORDS_OF_SPEECH = frozenset({"CUE", "ACCORDING", "RELAY"})
_LEADING = frozenset({"COMMA", "COLON", "THAT", "MORE", "DASH"})
_TRAILING = frozenset({"STOP", "COMMA", "SEMI", "DASH"})
_OBLIQUE = frozenset({"OF", "WITH", "ABOUT", "TO", "AT", "HYPHEN", "BETWEEN", "NOUNER", "PASSIVE"})
_SUBJECTS = frozenset(
    {
        "PERSON",
        "COUNTERPART",
        "ROLE_OF_COUNTRY",
        "ROLE",
        "UNNAMED",
        "GROUP",
        "PRON",
        "ORG",
        "ORGPRON",
        "COUNTRY",
        "CAPITAL",
        "SIDE",
        "DELEGATION_OF",
        "FOREIGN_NAME",
        "NATIVE_NAME",
    }
)
_BEFORE_SUBJECT = frozenset(
    {"COMMA", "LINK", "ADV", "DATE", "BUT", "SAMETIME", "WHEN", "SEMI", "QUOTE", "MARK", "DASH"}
)
_IN_A_CLAUSE = frozenset({"NEG", "PAST", "FUT", "IS", "MAY", "PASSIVE", "QUOTE", "MEETV", "VISITV", "TALKV"})
"""Without any of them, words of place and time are all that follows the verb: "nói ở Linz sau cuộc gặp với X"."""
_TAIL_VERBS = frozenset({"assert", "request", "wish"})
_CROWD = frozenset({"CROWD", "HEARERS", "MEDIA_HEAD"})
_PREPOSITIONS = "AFTER IN AT WITH ON AS TO FOR OF ABOUT"
_NOT_IN_PHRASE = "COMMA THAT CUE QUOTE COLON"
_LATE_THAT = class_pattern(
    # Each preposition begins a phrase of its own, so that a run of them can be read in one way only.
    f"(?:HEARERS|DATE|ADV|[{_PREPOSITIONS}](?=[^{_NOT_IN_PHRASE}])"
    f"(?:[^{_NOT_IN_PHRASE} {_PREPOSITIONS}]|[{_PREPOSITIONS}](?![^{_NOT_IN_PHRASE}])){{0,9}}+)++"
    "(?=THAT|COLON|COMMA? QUOTE)"
)
_LATE_COLON = class_pattern("[^COMMA THAT CUE QUOTE COLON STOP SEMI]{1,8} (?=COLON QUOTE)")
_ASIDE = class_pattern(
    "(?:HEARERS|DATE|(?:WITH|TO)(?:PERSON|PRON|COUNTERPART|ORG|MEDIA|ROLE|ROLE_OF_COUNTRY|UNNAMED|FOREIGN_NAME|NATIVE_NAME))+"
)


@dataclass(frozen=True, slots=True)
class Attribution:
    """One act of speech: token indices into its sentence, ranges half-open.

    ``speaker`` is empty where the verb has no subject of its own and takes that of the attribution before it.
    """

    rule: str
    speaker: tuple[int, int]
    cue: tuple[int, int]
    content: tuple[int, int]
    aside: tuple[int, int] = (0, 0)
    """Words between cue and content, where an addressee may stand."""


def find_attributions(tokens: Sequence[Token], rules: Mapping[str, Sequence[Rule]]) -> tuple[Attribution, ...]:
    """Attributions of one sentence, in reading order; their contents do not overlap.

    Args:
        tokens: Tokens of the sentence.
        rules: Rules of the language by what they make.
    """
    if not any(token.kind in _WORDS_OF_SPEECH for token in tokens):
        return ()
    string = class_string(tokens)
    for rule in rules["closing"]:
        match = rule.pattern.search(string)
        if match and _can_close(tokens, match):
            closing = _make_attribution(rule, match, tokens)
            joined = _find_heads(tokens, string, rules, after=closing)[1:]
            return (closing, *_resume_quote(match, tokens, joined), *joined)
    for rule in rules["according"]:
        match = rule.pattern.search(string)
        if match and not _has_head(tokens, string, rules, match):
            return (_make_attribution(rule, match, tokens),)
    for rule in rules["passive"]:
        match = rule.pattern.search(string)
        if match and _cue_value(tokens, match) in ("describe", "judge", "utter", "assert"):
            return (_make_attribution(rule, match, tokens),)
    return tuple(_find_heads(tokens, string, rules))


def _has_head(tokens: Sequence[Token], string: str, rules: Mapping[str, Sequence[Rule]], match: re.Match[str]) -> bool:
    """Whether what "theo X" closes has a speaker of its own: then X only conveys it."""
    first, last = match.span("content")
    heads = (found for rule in rules["head"] for found in rule.pattern.finditer(string, first, last))
    return any(tokens[found.start("cue")].value == "assert" for found in heads)


def _cue_value(tokens: Sequence[Token], match: re.Match[str]) -> str:
    return tokens[match.start("cue")].value


def _can_close(tokens: Sequence[Token], match: re.Match[str]) -> bool:
    """A closing attribution needs a verb that can close: requests and descriptions only behind marks."""
    content = tokens[match.start("content") : match.end("content")]
    if tokens[match.start("cue")].kind == "RELAY":
        rest = {token.kind for token in tokens[match.end("speaker") :]}
        return any(token.kind == "QUOTE" for token in content) or ("CUE" in rest and not rest & {"QUOTE", "COLON"})
    quoted = any(token.kind == "QUOTE" for token in content)
    ends_quoted = bool(content) and content[-1].kind == "QUOTE"
    if _cue_value(tokens, match) in ("assert", "wish"):
        return len(content) > 2 or quoted
    return ends_quoted or (quoted and _cue_value(tokens, match) == "utter")


def _make_attribution(rule: Rule, match: re.Match[str], tokens: Sequence[Token]) -> Attribution:
    return Attribution(
        rule.name, match.span("speaker"), match.span("cue"), _trim_content(match.span("content"), tokens)
    )


def _resume_quote(
    match: re.Match[str], tokens: Sequence[Token], joined: Sequence[Attribution]
) -> tuple[Attribution, ...]:
    """The second half of a quote that its attribution splits: "…", ông X nói, "…"; not what a joined verb brings."""
    rest = range(match.end("cue"), len(tokens))
    quote = next((i for i in rest if tokens[i].kind == "QUOTE"), None)
    if quote is None or any(head.content[0] <= quote < head.content[1] for head in joined):
        return ()
    return (Attribution("resumed", match.span("speaker"), match.span("cue"), (quote, quote + 1)),)


def _find_heads(
    tokens: Sequence[Token], string: str, rules: Mapping[str, Sequence[Rule]], *, after: Attribution | None = None
) -> list[Attribution]:
    """Speaker-and-verb heads from the left; what follows a head is its content, but for verbs joined to it.

    With ``after``, an attribution whose content stands before it: that one, and the verbs joined to it.
    """
    found = [after] if after else []
    at = after.cue[1] if after else 0
    while True:
        rule, match = _find_leftmost(rules["joined" if found else "head"], string, at)
        head = _read_head(rule, match, tokens, string, joined=bool(found)) if rule and match else None
        if match is None and not found:
            head, match = _find_tail(tokens, string, rules["tail"])
        if match is None:
            return [_without_expressives(head, tokens) for head in found]
        if head is None:
            at = match.end("cue") if found else match.start("speaker") + 1
            continue
        if found:
            found[-1] = _cut_content(found[-1], match.start(), tokens)
        found.append(head)
        at = max(head.content[0], match.end("cue"))


def _find_leftmost(rules: Sequence[Rule], string: str, at: int) -> tuple[Rule | None, re.Match[str] | None]:
    matches = [(match.start(), rule, match) for rule in rules if (match := rule.pattern.search(string, at))]
    _, rule, match = min(matches, key=lambda found: found[0], default=(0, None, None))
    return rule, match


def _find_tail(
    tokens: Sequence[Token], string: str, rules: Sequence[Rule]
) -> tuple[Attribution | None, re.Match[str] | None]:
    """Reads “X ký văn kiện, nói rằng …”: a second verb, whose subject is that of the sentence."""
    speaker = _find_subject(tokens, (len(tokens), len(tokens)))
    for rule in rules:
        for match in rule.pattern.finditer(string, speaker[1]):
            start, aside = _find_content_start(string, match.end())
            content = _trim_content((start, len(tokens)), tokens)
            value = tokens[match.start("cue")].value
            undone = any(token.kind in ("FUT", "MAY", "IF") for token in tokens[speaker[1] : match.start()])
            long_enough = content[1] - content[0] > 2
            if (
                value in _TAIL_VERBS
                and long_enough
                and not undone
                and _has_reported_content(tokens, value, start, content)
            ):
                return Attribution(rule.name, speaker, match.span("cue"), content, aside), match
    return None, None


def _without_expressives(head: Attribution, tokens: Sequence[Token]) -> Attribution:
    """What was said ends where the communiqué goes on to thank or to congratulate."""
    first, last = head.content
    for index in range(first + 1, last):
        if tokens[index].kind == "EXPRESSIVE" and tokens[index - 1].kind in ("SEMI", "COMMA"):
            return _cut_content(head, index - 1, tokens)
    return head


def _read_head(
    rule: Rule, match: re.Match[str], tokens: Sequence[Token], string: str, *, joined: bool
) -> Attribution | None:
    has_speaker = match.start("speaker") >= 0 and match.end("speaker") > match.start("speaker")
    if has_speaker and not _can_be_subject(tokens, match.start("speaker")):
        return None
    start, aside = _find_content_start(string, match.end())
    if tokens[match.start("cue")].value == "utter" and (late := _LATE_COLON.match(string, match.end())):
        start, aside = late.end(), (match.end(), late.end())
    content = _trim_content((start, len(tokens)), tokens)
    if (
        tokens[match.start("cue")].value == "wish"
        and has_speaker
        and tokens[match.start("speaker")].kind in ("GROUP", "BOTH", "COUNTRY", "ROLEPAIR")
    ):
        return None
    if joined and not _continues_attribution(tokens, match, start, has_speaker=has_speaker):
        return None
    if not _has_reported_content(tokens, tokens[match.start("cue")].value, start, content):
        return None
    content = _without_circumstances(content, tokens)
    speaker = match.span("speaker") if has_speaker else (0, 0)
    if (
        has_speaker
        and not joined
        and any(token.kind in ("COMMA", "DASH") for token in tokens[speaker[1] : match.start("cue")])
    ):
        speaker = _find_subject(tokens, speaker)
    return Attribution(rule.name, speaker, match.span("cue"), content, aside)


def _without_circumstances(content: tuple[int, int], tokens: Sequence[Token]) -> tuple[int, int]:
    """Reads “nói "…" trong cuộc gặp với X”: where and when belongs to the verb, not to the words in marks."""
    first, last = content
    rest = [token.kind for token in tokens[first + 1 : last]]
    if not rest or tokens[first].kind != "QUOTE" or rest[0] not in ("IN", "AT", "AFTER", "DATE"):
        return content
    return (first, first + 1) if _IN_A_CLAUSE.isdisjoint(rest) else content


def _find_subject(tokens: Sequence[Token], nearest: tuple[int, int]) -> tuple[int, int]:
    """Whom a sentence is about: ", nói rằng" after a comma belongs to its first party, not to the nearest one."""
    for index in range(nearest[0]):
        opens_clause = index == 0 or tokens[index - 1].kind in _BEFORE_SUBJECT
        if tokens[index].kind in _SUBJECTS and opens_clause:
            return index, index + 1
    return nearest


def _can_be_subject(tokens: Sequence[Token], index: int) -> bool:
    before = tokens[index - 1] if index else None
    if before is None:
        return True
    if before.kind == "OF" and index > 1 and tokens[index - 2].kind == "PAPER":
        return True
    if before.kind in _CROWD or before.kind in _OBLIQUE:
        return False
    return not (
        before.kind == "LOW"
        and tokens[index].kind in ("COUNTRY", "CAPITAL")
        and before.end + 1 == tokens[index].start
        and index > 1
        and tokens[index - 2].kind in ("LOW", "CAP")
    )


def _find_content_start(string: str, at: int) -> tuple[int, tuple[int, int]]:
    """Past hearers and times that stand between the verb and what was said."""
    match = _LATE_THAT.match(string, at) or _ASIDE.match(string, at)
    end = match.end() if match else at
    return end, (at, end)


def _continues_attribution(tokens: Sequence[Token], match: re.Match[str], start: int, *, has_speaker: bool) -> bool:
    """Whether a second verb belongs beside the first and not inside what was said."""
    joiner = [token.kind for token in tokens[match.start() : match.start("cue")]]
    strong = {"SEMI", "SAMETIME"} & set(joiner)
    opens_clause = {"WHEN", "LINK"} & set(joiner)
    that = start < len(tokens) and tokens[start].kind in ("THAT", "COLON")
    value = tokens[match.start("cue")].value
    if has_speaker:
        personal = tokens[match.start("speaker")].kind in ("PRON", "PERSON")
        return bool(opens_clause or (personal and (strong or "BUT" in joiner)))
    if opens_clause:
        return False
    if strong:
        return value in ("assert", "request", "judge", "utter", "deny", "wish")
    if "AND" in joiner:
        return (
            that
            or (value == "assert" and tokens[match.end() - 1].kind == "MORE")
            or tokens[match.start() - 1].kind == "QUOTE"
        )
    return (that and value == "assert") or ("BUT" in joiner and value in ("assert", "request"))


def _has_reported_content(tokens: Sequence[Token], value: str, start: int, content: tuple[int, int]) -> bool:
    """Whether the verb, as used here, has words of its own to bring."""
    first, last = content
    inside = tokens[first:last]
    if not inside:
        return start < len(tokens) and tokens[start].kind == "COLON"
    lead = tokens[start].kind
    quoted = any(token.kind == "QUOTE" for token in inside)
    if lead in ("COLON", "THAT"):
        return True
    if value == "utter":
        return inside[0].kind == "QUOTE" or (lead == "COMMA" and quoted)
    if value == "judge":
        return quoted
    if value == "deny":
        return inside[0].kind == "DEED" or (lead == "COMMA" and len(inside) > 3)
    if value == "explain":
        return quoted or lead == "COMMA"
    if inside[0].kind == "THIS_MATTER" and (
        len(inside) == 1 or inside[1].kind in ("WITH", "HEARERS", "COMMA", "BUT", "IN", "STOP", "AFTER", "ON", "DATE")
    ):
        return False
    if inside[0].kind == "SO":
        return False
    if value == "describe":
        return any(token.kind == "IS" for token in inside)
    if inside[0].kind in ("ABOUT", "OF", "AFTER", "STOP", "BEFORE", "WITH", "TO", "SEMI", "CLOSE", "ON", "FROM", "FOR"):
        return False
    if inside[0].kind in ("AT", "IN") and _IN_A_CLAUSE.isdisjoint(token.kind for token in inside):
        return inside[0].kind == "AT" and any(token.kind == "LOW" for token in inside)
    if value == "wish":
        return True
    if value == "request":
        return len(inside) > 2 and inside[0].kind != "MEETN"
    return quoted or len(inside) > 1


def _cut_content(head: Attribution, end: int, tokens: Sequence[Token]) -> Attribution:
    """The same attribution, its content ending before the next one."""
    content = _trim_content((head.content[0], max(min(end, head.content[1]), head.content[0])), tokens)
    return Attribution(head.rule, head.speaker, head.cue, content, head.aside)


def _trim_content(content: tuple[int, int], tokens: Sequence[Token]) -> tuple[int, int]:
    first, last = content
    while first < last and tokens[first].kind in _LEADING:
        first += 1
    while last > first and tokens[last - 1].kind in _TRAILING:
        last -= 1
    return first, last
