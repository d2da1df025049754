"""Every regular expression of the project, by name: those of seeds, those that modules hold, those inside functions."""

import ast
import importlib
import pkgutil
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Literal

import flows
import schemas
import tasks
from schemas.sources import PageHints
from seeds import SEEDS
from tasks.clean.boilerplate import load_boilerplate, with_hints
from tasks.language.pack import load_pack, pack_codes
from tasks.read.sources.catalogue import SOURCES, load_sources

PACKAGES = (flows, tasks, schemas)
TABLES = ("line", "prefix", "suffix", "marker", "stamp", "wire", "element", "wall")
RE_FUNCTIONS = {"compile", "search", "match", "fullmatch", "split", "findall", "finditer", "sub", "subn"}
ANCHORED = {"match", "fullmatch"}
"""Functions that try a pattern at one place only."""

Way = Literal["search", "match"]


@dataclass(frozen=True, slots=True)
class Named:
    """A pattern, where it stands, and whether it is tried at every place of a text or at one."""

    name: str
    pattern: re.Pattern[str]
    way: Way = "search"

    @property
    def over_classes(self) -> bool:
        """True if the pattern runs over token classes, which are private-use characters."""
        return any("\ue000" <= letter <= "\uf8ff" for letter in self.pattern.pattern)


def collect_patterns() -> tuple[Named, ...]:
    """Return all patterns over text, each once; patterns over bytes are read as Latin letters."""
    found: dict[str, Named] = {}
    for named in (*seed_patterns(), *module_patterns(), *inner_patterns()):
        found.setdefault(named.pattern.pattern, named)
    return tuple(found.values())


def seed_patterns() -> Iterator[Named]:
    """Yield the patterns of language packs and of outlets."""
    for code in pack_codes(SEEDS):
        pack = load_pack(SEEDS, code)
        yield Named(f"{code} syllable", pack.syllable, "match")
        for file, rules in (("rules", pack.rules), ("events", pack.events)):
            for rule in rules:
                yield Named(f"{code}/{file}.toml {rule.name}", rule.pattern)
        yield from boilerplate_patterns(code, PageHints())
        for source in load_sources(SOURCES):
            yield from boilerplate_patterns(code, PageHints(phrases=source.phrases))
            if source.address_date:
                yield Named(f"{source.id} address_date", re.compile(source.address_date))


def boilerplate_patterns(code: str, hints: PageHints) -> Iterator[Named]:
    pack = with_hints(load_boilerplate(code), hints)
    for table in TABLES:
        for phrase in getattr(pack, table):
            yield Named(f"{code}/boilerplate.toml [[{table}]] {phrase.examples[:1]}", phrase.pattern)


def module_patterns() -> Iterator[Named]:
    """Yield the compiled patterns among what modules hold, also inside their tuples, lists and dictionaries."""
    for module in modules():
        source = source_of(module)
        for name, value in vars(module).items():
            for inner, pattern in patterns_in(value):
                uses = set(re.findall(rf"\b{name}\.(\w+)\(", source))
                way: Way = "match" if uses and uses <= ANCHORED else "search"
                yield Named(f"{module.__name__}.{name}{inner}", as_text(pattern), way)


def inner_patterns() -> Iterator[Named]:
    """Yield patterns that functions spell out where they use them."""
    for module in modules():
        for function, first in regex_calls(module):
            if isinstance(first, ast.Constant) and isinstance(first.value, str):
                way: Way = "match" if function in ANCHORED else "search"
                yield Named(f"{module.__name__}, line {first.lineno}", re.compile(first.value), way)


def made_patterns() -> set[str]:
    """Return the modules that put a pattern together while they run."""
    return {
        module.__name__
        for module in modules()
        for _, first in regex_calls(module)
        if not isinstance(first, ast.Constant)
    }


def modules() -> Iterator[ModuleType]:
    for package in PACKAGES:
        for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            yield importlib.import_module(found.name)


def source_of(module: ModuleType) -> str:
    assert module.__file__ is not None
    return Path(module.__file__).read_text("utf-8")


def regex_calls(module: ModuleType) -> Iterator[tuple[str, ast.expr]]:
    """Yield which function of ``re`` is called, and its first argument."""
    for node in ast.walk(ast.parse(source_of(module))):
        match node:
            case ast.Call(func=ast.Attribute(value=ast.Name(id="re"), attr=function), args=[first, *_]):
                if function in RE_FUNCTIONS:
                    yield function, first


def patterns_in(value: object, path: str = "") -> Iterator[tuple[str, re.Pattern[str] | re.Pattern[bytes]]]:
    if isinstance(value, re.Pattern):
        yield path, value
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from patterns_in(inner, f"{path}[{key!r}]")
    elif isinstance(value, tuple | list):
        for number, inner in enumerate(value):
            yield from patterns_in(inner, f"{path}[{number}]")


def as_text(pattern: re.Pattern[str] | re.Pattern[bytes]) -> re.Pattern[str]:
    source = pattern.pattern
    if isinstance(source, bytes):
        return re.compile(source.decode("latin-1"), pattern.flags)
    return re.compile(source, pattern.flags)
