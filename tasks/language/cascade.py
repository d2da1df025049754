"""Rules over typed tokens: a token sequence becomes a string of one character per token, rules are regexes over it.

In the tradition of FASTUS (Hobbs et al. 1997) and JAPE (Cunningham et al. 2000). A pattern is written with class
names in capitals, ``TITLE COUNTRY? (?P<name>NAME)``, and compiled to a standard ``re`` pattern in which each
class is one private-use character; white space in a pattern means nothing, no negated class matches the break
between two paragraphs, and what repeats without a bound repeats at most :data:`MAX_REPEATS` times.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import count
from operator import attrgetter

from schemas.document import Token
from tasks.language.first_sets import first_characters, needed_characters

__all__ = ["BREAK", "MAX_REPEATS", "Rule", "apply_rules", "class_pattern", "class_string", "possible_rules"]

BREAK = "BREAK"
"""Class of the token between two paragraphs."""
MAX_REPEATS = 24
"""Times that ``*`` and ``+`` repeat a class or a group. A search begins at every token: without a bound, a run of n
tokens ("Ông Ông Ông …") would be read n times. Repeats of ``.`` and of negated classes reach to the end of a sentence,
and have no bound."""
_CLASS_NAME = re.compile(r"\b[A-Z][A-Z0-9_]+\b")
_REPEAT = re.compile(r"(\[\^[^\[\]]*\]|\.)[*+]|(?<=[^*+?}])[*+]")
_private_use = count(0xE000)
_kind = attrgetter("kind")


@dataclass(frozen=True, slots=True)
class Rule:
    """One step of the cascade: what matches ``pattern`` becomes one token of class ``makes``."""

    name: str
    makes: str
    pattern: re.Pattern[str]
    value: str = ""
    participants_from: str = ""
    """Of a rule for meetings: who took part where its pattern names nobody; see ``events.toml``."""
    needs: tuple[frozenset[str], ...] = field(init=False, repr=False)
    """Classes without one of which, of each set, nothing matches; see :func:`possible_rules`."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "needs", needed_characters(self.pattern.pattern))


@cache
def character(kind: str) -> str:  # noqa: ARG001 (the argument is the cache's key)
    """Return the private-use character that stands for a token class; the same throughout the process."""
    return chr(next(_private_use))


def class_string(tokens: Iterable[Token]) -> str:
    """Return the tokens' classes as one character per token."""
    return "".join(map(character, map(_kind, tokens)))


def class_pattern(pattern: str) -> re.Pattern[str]:
    """Compile a pattern over class names.

    Raises:
        re.error: The pattern is not a regular expression.
    """
    compact = "".join(_CLASS_NAME.sub(lambda m: character(m[0]), pattern).split())
    return re.compile(_REPEAT.sub(_bound_repeat, compact).replace("[^", f"[^{character(BREAK)}"))


def _bound_repeat(repeat: re.Match[str]) -> str:
    if repeat[1]:
        return repeat[0]
    return f"{{{int(repeat[0] == '+')},{MAX_REPEATS}}}"


def apply_rules(tokens: Sequence[Token], rules: Iterable[Rule]) -> list[Token]:
    """Run rules one after the other; each sees what the ones before it made."""
    current, string = list(tokens), class_string(tokens)
    seen = set(string)
    for rule in rules:
        if _can_match(rule, seen) and (matches := list(_find_matches(rule.pattern, string))):
            current, string = _replace_matches(current, string, rule, matches)
            seen.add(character(rule.makes))
    return current


def possible_rules(rules: Iterable[Rule], kinds: Iterable[str]) -> list[Rule]:
    """Return the rules that could match among tokens of these classes; most need another one and are not tried."""
    seen = set(map(character, kinds))
    return [rule for rule in rules if _can_match(rule, seen)]


def _can_match(rule: Rule, seen: set[str]) -> bool:
    return not any(map(seen.isdisjoint, rule.needs))


def _find_matches(pattern: re.Pattern[str], string: str) -> Iterator[re.Match[str]]:
    """Yield what ``pattern.finditer`` gives, but empty matches; four times as fast where few places can start one."""
    starts = _compile_starts(pattern.pattern)
    if starts is None:
        yield from (match for match in pattern.finditer(string) if match.end() > match.start())
        return
    done = 0
    for start in starts.finditer(string):
        if start.start() >= done and (match := pattern.match(string, start.start())) and match.end() > match.start():
            done = match.end()
            yield match


@cache
def _compile_starts(pattern: str) -> re.Pattern[str] | None:
    """Return a pattern of the single characters that a match can begin with; None where any can.

    ``re`` looks for such characters itself, but gives up where a pattern begins with something optional, as most
    of ours do ("hôm? ngày? 2/3"), and then tries every token of every article.
    """
    first = first_characters(pattern)
    return re.compile(f"[{''.join(sorted(first))}]") if first else None


def _replace_matches(
    tokens: list[Token], string: str, rule: Rule, matches: list[re.Match[str]]
) -> tuple[list[Token], str]:
    """Return the tokens with what each match spans made one, and their class string."""
    after: list[Token] = []
    kept: list[str] = []
    done = 0
    for match in matches:
        first, last = match.span()
        after += tokens[done:first]
        after.append(_reduce_match(rule, match, tokens[first:last]))
        kept.append(string[done:first])
        done = last
    return after + tokens[done:], character(rule.makes).join([*kept, string[done:]])


def _reduce_match(rule: Rule, match: re.Match[str], parts: list[Token]) -> Token:
    offset = match.start()
    spans = [(name, *match.span(name)) for name in rule.pattern.groupindex]
    groups = tuple((name, first - offset, last - offset) for name, first, last in spans if first >= 0)
    value = rule.value or (parts[0].value if len(parts) == 1 else "")
    return Token(rule.makes, parts[0].start, parts[-1].end, value, tuple(parts), groups, rule.name)
