"""The pattern files of a language: rules over token classes, with the sentences that test each."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from schemas.errors import StopFlow
from tasks.language.cascade import Rule, class_pattern
from tasks.seed_files import SeedTable, read_seed_file

__all__ = ["RULE_FILES", "RuleSeed", "read_events", "read_rules"]

RULE_FILES = ("rules.toml", "events.toml")
_EVENTS = ("meeting", "delegation", "visit", "members")
ParticipantsFrom = Literal["", "subject", "later", "last", "visitor", "here", "guest", "together"]
"""Who took part where group ``a`` of a pattern does not say; described at the head of ``events.toml``."""


@dataclass(frozen=True, slots=True)
class RuleSeed:
    """A rule as its seed file states it, with the sentences that test it."""

    rule: Rule
    examples: tuple[str, ...]
    counterexamples: tuple[str, ...]


class _RuleRow(SeedTable):
    name: str
    makes: str = ""
    pattern: str
    value: str = ""
    participants_from: ParticipantsFrom = ""
    examples: tuple[str, ...]
    counterexamples: tuple[str, ...]


class _RuleFile(SeedTable):
    macros: dict[str, str] = Field(default_factory=dict)
    rule: Annotated[tuple[_RuleRow, ...], Field(min_length=1)]


def read_rules(file: Path) -> tuple[RuleSeed, ...]:
    """Read the rules of a seed file in their order, with the sentences that test each.

    Raises:
        StopFlow: A rule lacks a part, or its pattern does not compile.
    """
    found = read_seed_file(file, _RuleFile)
    macros = _expand_macros(found.macros)
    return tuple(_compile_rule(row, macros, file) for row in found.rule)


def read_events(file: Path) -> tuple[Rule, ...]:
    """Read how a sentence tells of a meeting, in order of precedence.

    Raises:
        StopFlow: As :func:`read_rules`, or a rule makes something else.
    """
    return _read_known_rules(file, _EVENTS)


def _read_known_rules(file: Path, known: Sequence[str]) -> tuple[Rule, ...]:
    """Read rules whose ``makes`` the code can act on."""
    rules = tuple(seed.rule for seed in read_rules(file))
    for rule in rules:
        if rule.makes not in known:
            raise StopFlow(f"{file}: rule {rule.name!r} makes {rule.makes!r}; use one of {', '.join(known)}")
    return rules


def _compile_rule(row: _RuleRow, macros: Mapping[str, str], file: Path) -> RuleSeed:
    try:
        pattern = class_pattern(_insert_macros(row.pattern, macros))
    except re.error as error:
        raise StopFlow(f"{file}: rule {row.name!r}: pattern does not compile: {error}; correct it") from error
    rule = Rule(row.name, row.makes, pattern, row.value, row.participants_from)
    return RuleSeed(rule, row.examples, row.counterexamples)


def _expand_macros(macros: Mapping[str, str]) -> dict[str, str]:
    """Return macros in terms of classes alone; each may use the ones above it."""
    done: dict[str, str] = {}
    for name, text in macros.items():
        done[name] = _insert_macros(text, done)
    return done


def _insert_macros(pattern: str, macros: Mapping[str, str]) -> str:
    for name, expansion in macros.items():
        pattern = re.sub(rf"\b{name}\b", lambda _, text=expansion: text, pattern)  # type: ignore[misc]
    return pattern
