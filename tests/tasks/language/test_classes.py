"""The list of token classes: every class that rules or code name is in it, and nothing else is."""

import ast
import re
import tomllib
from pathlib import Path

import pytest

from schemas.errors import StopFlow
from seeds import SEEDS
from tasks.language.classes import load_token_classes, token_group

ROOT = Path(__file__).parents[3]
CLASSES = load_token_classes()
LANGUAGE_FILES = sorted(SEEDS.glob("languages/*/*.toml"))
CODE = sorted((ROOT / "tasks").rglob("*.py"))
NAME = re.compile(r"[A-Z][A-Z_]+")
NORMAL_FORMS = {"NFC", "NFD"}


def named_in_rules(file):
    data = tomllib.loads(file.read_text("utf-8"))
    rules, macros = data.get("rule", []), data.get("macros", {})
    patterns = " ".join([*macros.values(), *(rule["pattern"] for rule in rules)])
    made = {rule["makes"] for rule in rules if rule.get("makes", "").isupper()}
    return made | (set(re.findall(r"\b[A-Z][A-Z_]+\b", patterns)) - set(macros))


def named_in_entries(file):
    return {entry["token_class"] for entry in tomllib.loads(file.read_text("utf-8")).get("entry", [])}


def groups_asked_for():
    for file in CODE:
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "token_group":
                yield node.args[0].value


def literals(file):
    """Strings in capitals that code compares classes with; names that a module exports are none."""
    tree = ast.parse(file.read_text("utf-8"))
    exported = {
        name.value
        for node in tree.body
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "__all__"
        for name in node.value.elts
    }
    constants = (node.value for node in ast.walk(tree) if isinstance(node, ast.Constant))
    return {value for value in constants if isinstance(value, str) and NAME.fullmatch(value)} - exported


@pytest.mark.parametrize("file", LANGUAGE_FILES, ids=lambda file: f"{file.parent.name}/{file.name}")
def test_every_class_of_a_language_is_listed(file):
    assert named_in_rules(file) | named_in_entries(file) <= set(CLASSES)


@pytest.mark.parametrize("room", ["language", "mentions", "meetings", "quotes"])
def test_every_class_that_code_names_is_listed(room):
    named = set().union(*(literals(file) for file in CODE if file.parent.name == room))
    assert named - set(CLASSES) - NORMAL_FORMS == set()


def test_every_listed_class_is_made_somewhere():
    made = set().union(*map(named_in_rules, LANGUAGE_FILES), *map(named_in_entries, LANGUAGE_FILES))
    elsewhere = {name for name, each in CLASSES.items() if {"shape", "gazetteer", "family names"} & set(each.made_by)}
    assert set(CLASSES) - made - elsewhere == set()


def test_every_group_is_used():
    listed = {group for each in CLASSES.values() for group in each.groups}
    assert listed == set(groups_asked_for())


def test_each_class_says_what_it_means():
    assert [name for name, each in CLASSES.items() if not each.meaning or not each.example or not each.made_by] == []


def test_an_unknown_group_is_told():
    with pytest.raises(StopFlow, match="no token class is in the group 'nobody'"):
        token_group("nobody")


def test_a_class_listed_twice_is_told(tmp_path):
    (tmp_path / "token_classes.csv").write_text(
        "token_class,made_by,groups,example,meaning\nAND,lexicon,,và,and\nAND,lexicon,,và,and\n", encoding="utf-8"
    )
    with pytest.raises(StopFlow, match="twice"):
        load_token_classes(tmp_path)
