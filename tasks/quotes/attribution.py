"""Find where a sentence attributes speech: its cues, who they belong to, and which words were said.

The shapes are patterns of the language pack (``quotes.toml``) over the sentence's token classes; here they are put in
order of precedence. An attribution at the end of a sentence takes the whole sentence before it, "theo X" takes what
follows, and otherwise the leftmost speaker with a speech verb takes the rest and shares it with the verbs that are
joined to it ("đồng thời khẳng định", "; đề nghị").
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from schemas.document import Token
from tasks.language.cascade import Rule, class_pattern, class_string
from tasks.quotes.complements import IN_A_CLAUSE, has_reported_content

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
    "(?:HEARERS|DATE|(?:WITH|TO)"
    "(?:PERSON|PRON|COUNTERPART|ORG|MEDIA|ROLE|ROLE_OF_COUNTRY|UNNAMED|FOREIGN_NAME|NATIVE_NAME))+"
)
_GROUPS = frozenset({"GROUP", "BOTH", "COUNTRY", "ROLEPAIR"})
"""Wishes of those are the wording of a communiqué and not speech of somebody."""
_JOINED_AFTER_PAUSE = frozenset({"assert", "request", "judge", "utter", "deny", "wish"})
_FEW_TOKENS = 2

_Range = tuple[int, int]
_Rules = Mapping[str, Sequence[Rule]]


@dataclass(frozen=True, slots=True)
class Attribution:
    """One act of speech; ranges are half-open and count tokens of the sentence.

    Attributes:
        rule: Name of the rule that found it.
        speaker: Who speaks; empty if the verb has no subject of its own and takes that of the attribution before it.
        cue: The verb of speech.
        content: What was said.
        aside: Words between cue and content, among which an addressee may stand.
    """

    rule: str
    speaker: _Range
    cue: _Range
    content: _Range
    aside: _Range = (0, 0)


def find_attributions(tokens: Sequence[Token], rules: _Rules) -> tuple[Attribution, ...]:
    """Find the attributions of one sentence.

    Args:
        tokens: Tokens of the sentence.
        rules: Rules of the language by what they make.

    Returns:
        Attributions in reading order; their contents do not overlap.
    """
    if not any(token.kind in _WORDS_OF_SPEECH for token in tokens):
        return ()
    string = class_string(tokens)
    for find in (_find_closing, _find_according, _find_passive, _find_heads):
        found = find(tokens, string, rules)
        if found:
            return tuple(found)
    return ()


def _find_closing(tokens: Sequence[Token], string: str, rules: _Rules) -> Sequence[Attribution]:
    """Find an attribution at the end of a sentence, with what goes on behind it: "…", ông X nói, "…"."""
    for rule in rules["closing"]:
        match = rule.pattern.search(string)
        if match and _can_close(tokens, match):
            closing = _make_attribution(rule, match, tokens)
            joined = _find_heads(tokens, string, rules, after=closing)[1:]
            return [closing, *_resume_quote(match, tokens, joined), *joined]
    return []


def _find_according(tokens: Sequence[Token], string: str, rules: _Rules) -> Sequence[Attribution]:
    """Find "theo X", unless what it closes has a speaker of its own."""
    for rule in rules["according"]:
        match = rule.pattern.search(string)
        if match and not _has_asserting_head(tokens, string, rules, match):
            return [_make_attribution(rule, match, tokens)]
    return []


def _find_passive(tokens: Sequence[Token], string: str, rules: _Rules) -> Sequence[Attribution]:
    """Find "… được X mô tả là …"."""
    for rule in rules["passive"]:
        match = rule.pattern.search(string)
        if match and _cue_value(tokens, match) in ("describe", "judge", "utter", "assert"):
            return [_make_attribution(rule, match, tokens)]
    return []


def _has_asserting_head(tokens: Sequence[Token], string: str, rules: _Rules, match: re.Match[str]) -> bool:
    """Return True if what "theo X" closes has a speaker of its own, so that X only conveys it."""
    heads = (found for rule in rules["head"] for found in rule.pattern.finditer(string, *match.span("content")))
    return any(_cue_value(tokens, head) == "assert" for head in heads)


def _cue_value(tokens: Sequence[Token], match: re.Match[str]) -> str:
    return tokens[match.start("cue")].value


def _can_close(tokens: Sequence[Token], match: re.Match[str]) -> bool:
    """Return True if the verb can close a sentence: requests and descriptions do so only behind words in marks."""
    content = tokens[match.start("content") : match.end("content")]
    has_quote = any(token.kind == "QUOTE" for token in content)
    if tokens[match.start("cue")].kind == "RELAY":
        return has_quote or _is_followed_by_plain_cue(tokens[match.end("speaker") :])
    value = _cue_value(tokens, match)
    if value in ("assert", "wish"):
        return has_quote or len(content) > _FEW_TOKENS
    ends_quoted = bool(content) and content[-1].kind == "QUOTE"
    return ends_quoted or (has_quote and value == "utter")


def _is_followed_by_plain_cue(rest: Sequence[Token]) -> bool:
    """Return True if a verb of speech follows, without marks or a colon that would announce its own words."""
    kinds = {token.kind for token in rest}
    return "CUE" in kinds and kinds.isdisjoint(("QUOTE", "COLON"))


def _make_attribution(rule: Rule, match: re.Match[str], tokens: Sequence[Token]) -> Attribution:
    content = _trim_content(match.span("content"), tokens)
    return Attribution(rule.name, match.span("speaker"), match.span("cue"), content)


def _resume_quote(
    match: re.Match[str], tokens: Sequence[Token], joined: Sequence[Attribution]
) -> Iterator[Attribution]:
    """Yield the second half of a quote that its attribution splits, unless a joined verb reports it.

    "…", ông X nói, "…"
    """
    rest = range(match.end("cue"), len(tokens))
    quote = next((i for i in rest if tokens[i].kind == "QUOTE"), None)
    if quote is None or any(head.content[0] <= quote < head.content[1] for head in joined):
        return
    yield Attribution("resumed", match.span("speaker"), match.span("cue"), (quote, quote + 1))


def _find_heads(
    tokens: Sequence[Token], string: str, rules: _Rules, *, after: Attribution | None = None
) -> list[Attribution]:
    """Find speakers with their verbs from the left, or else a second verb without a subject of its own.

    What follows a head is its content, except verbs that are joined to it, which have contents of their own.

    Args:
        tokens: Tokens of the sentence.
        string: Their classes.
        rules: Rules of the language by what they make.
        after: An attribution that comes first in the result, with the verbs joined to it behind it.
    """
    found = [after] if after else []
    at = max(after.content[0], after.cue[1]) if after else 0
    while leftmost := _find_leftmost(rules["joined" if found else "head"], string, at):
        rule, match = leftmost
        head = _read_head(rule, match, tokens, string, joined=bool(found))
        if head is None:
            at = match.end("cue") if found else match.start("speaker") + 1
            continue
        if found:
            found[-1] = _cut_content(found[-1], match.start(), tokens)
        found.append(head)
        at = max(head.content[0], match.end("cue"))
    tail = None if found else _find_tail(tokens, string, rules["tail"])
    if tail:
        return _find_heads(tokens, string, rules, after=tail)
    return [_drop_expressives(head, tokens) for head in found]


def _find_leftmost(rules: Sequence[Rule], string: str, at: int) -> tuple[Rule, re.Match[str]] | None:
    """Return the match that begins first, of the first rule that has one there; None if no rule matches."""
    matches = [(rule, match) for rule in rules if (match := rule.pattern.search(string, at))]
    return min(matches, key=lambda found: found[1].start(), default=None)


def _find_tail(tokens: Sequence[Token], string: str, rules: Sequence[Rule]) -> Attribution | None:
    """Read “X ký văn kiện, nói rằng …”: a second verb, whose subject is that of the sentence."""
    speaker = _find_subject(tokens, (len(tokens), len(tokens)))
    for rule in rules:
        for match in rule.pattern.finditer(string, speaker[1]):
            tail = _read_tail(rule, match, speaker, tokens, string)
            if tail:
                return tail
    return None


def _read_tail(
    rule: Rule, match: re.Match[str], speaker: _Range, tokens: Sequence[Token], string: str
) -> Attribution | None:
    """Return the attribution of a second verb; None if it reports nothing, or what it reports did not happen."""
    start, aside = _find_content_start(string, match.end(), _cue_value(tokens, match))
    content = _trim_content((start, len(tokens)), tokens)
    value = _cue_value(tokens, match)
    is_unreal = any(token.kind in ("FUT", "MAY", "IF") for token in tokens[speaker[1] : match.start()])
    if value not in _TAIL_VERBS or is_unreal or content[1] - content[0] <= _FEW_TOKENS:
        return None
    if not has_reported_content(value, tokens, start, content):
        return None
    return Attribution(rule.name, speaker, match.span("cue"), content, aside)


def _drop_expressives(head: Attribution, tokens: Sequence[Token]) -> Attribution:
    """Return an attribution whose content ends before a communiqué goes on to thank or to congratulate."""
    first, last = head.content
    for index in range(first + 1, last):
        if tokens[index].kind == "EXPRESSIVE" and tokens[index - 1].kind in ("SEMI", "COMMA"):
            return _cut_content(head, index - 1, tokens)
    return head


def _read_head(
    rule: Rule, match: re.Match[str], tokens: Sequence[Token], string: str, *, joined: bool
) -> Attribution | None:
    """Return the attribution of a speaker with a verb; None if the verb reports nothing that this speaker said.

    Args:
        rule: The rule that matched.
        match: Where it matched.
        tokens: Tokens of the sentence.
        string: Their classes.
        joined: The verb is one beside a head that was found before it.
    """
    first, last = match.span("speaker")
    speaker = (first, last) if 0 <= first < last else None
    value = _cue_value(tokens, match)
    if speaker and not _can_speak(tokens, speaker[0], value):
        return None
    start, aside = _find_content_start(string, match.end(), value)
    if joined and not _continues_attribution(tokens, match, start, speaker):
        return None
    content = _trim_content((start, len(tokens)), tokens)
    if not has_reported_content(value, tokens, start, content):
        return None
    if speaker and not joined and _is_apart(tokens[speaker[1] : match.start("cue")]):
        speaker = _find_subject(tokens, speaker)
    content = _drop_circumstances(content, tokens)
    return Attribution(rule.name, speaker or (0, 0), match.span("cue"), content, aside)


def _is_apart(between: Sequence[Token]) -> bool:
    """Return True if a comma or dash parts a speaker from the verb, whose subject may then stand before both."""
    return any(token.kind in ("COMMA", "DASH") for token in between)


def _can_speak(tokens: Sequence[Token], index: int, value: str) -> bool:
    """Return True if a token can be the subject of a verb of speech of that kind."""
    if value == "wish" and tokens[index].kind in _GROUPS:
        return False
    return _can_be_subject(tokens, index)


def _can_be_subject(tokens: Sequence[Token], index: int) -> bool:
    """Return True if the words before a token leave it free to be a subject."""
    if index == 0:
        return True
    before = tokens[index - 1]
    is_of_paper = before.kind == "OF" and index > 1 and tokens[index - 2].kind == "PAPER"
    if is_of_paper:
        return True
    return before.kind not in _CROWD and before.kind not in _OBLIQUE and not _qualifies_noun(tokens, index)


def _qualifies_noun(tokens: Sequence[Token], index: int) -> bool:
    """Return True for a country right behind two plain words, which it belongs to: "tân binh Áo cho biết"."""
    if index < 2 or tokens[index].kind not in ("COUNTRY", "CAPITAL"):
        return False
    noun = tokens[index - 1]
    is_next = noun.end + 1 == tokens[index].start
    return noun.kind == "LOW" and is_next and tokens[index - 2].kind in ("LOW", "CAP")


def _drop_circumstances(content: _Range, tokens: Sequence[Token]) -> _Range:
    """Return only the words in marks of “nói "…" trong cuộc gặp với X”: where and when belongs to the verb."""
    first, last = content
    rest = [token.kind for token in tokens[first + 1 : last]]
    if not rest or tokens[first].kind != "QUOTE" or rest[0] not in ("IN", "AT", "AFTER", "DATE"):
        return content
    return (first, first + 1) if IN_A_CLAUSE.isdisjoint(rest) else content


def _find_subject(tokens: Sequence[Token], nearest: _Range) -> _Range:
    """Return whom a sentence is about: ", nói rằng" belongs to its first party, and not to the nearest one."""
    for index in range(nearest[0]):
        opens_clause = index == 0 or tokens[index - 1].kind in _BEFORE_SUBJECT
        if tokens[index].kind in _SUBJECTS and opens_clause:
            return index, index + 1
    return nearest


def _find_content_start(string: str, at: int, value: str) -> tuple[int, _Range]:
    """Return where content can begin, behind hearers and times that follow the verb, and where those stand."""
    late_colon = _LATE_COLON.match(string, at) if value == "utter" else None
    match = late_colon or _LATE_THAT.match(string, at) or _ASIDE.match(string, at)
    end = match.end() if match else at
    return end, (at, end)


def _continues_attribution(tokens: Sequence[Token], match: re.Match[str], start: int, speaker: _Range | None) -> bool:
    """Return True if a second verb stands beside the first one, and not inside what was said."""
    joiners = {token.kind for token in tokens[match.start() : match.start("cue")]}
    opens_clause = not joiners.isdisjoint(("WHEN", "LINK"))
    has_pause = not joiners.isdisjoint(("SEMI", "SAMETIME"))
    if speaker:
        is_personal = tokens[speaker[0]].kind in ("PRON", "PERSON")
        return opens_clause or (is_personal and (has_pause or "BUT" in joiners))
    if opens_clause:
        return False
    value = _cue_value(tokens, match)
    if has_pause:
        return value in _JOINED_AFTER_PAUSE
    announces = start < len(tokens) and tokens[start].kind in ("THAT", "COLON")
    if "AND" in joiners:
        says_more = value == "assert" and tokens[match.end() - 1].kind == "MORE"
        return announces or says_more or tokens[match.start() - 1].kind == "QUOTE"
    return (announces and value == "assert") or ("BUT" in joiners and value in ("assert", "request"))


def _cut_content(head: Attribution, end: int, tokens: Sequence[Token]) -> Attribution:
    """Return the same attribution with a content that ends before the next one."""
    first, last = head.content
    return replace(head, content=_trim_content((first, max(first, min(end, last))), tokens))


def _trim_content(content: _Range, tokens: Sequence[Token]) -> _Range:
    """Return a content without the marks and words of announcement at its ends."""
    first, last = content
    while first < last and tokens[first].kind in _LEADING:
        first += 1
    while last > first and tokens[last - 1].kind in _TRAILING:
        last -= 1
    return first, last
