"""Which story is a copy of which."""

import random

import pytest

from tasks import duplicates
from tasks.duplicates import Signed, StoryIndex
from tasks.signature import sign_story

RANDOM = random.Random(7)


def story(words: int = 300) -> list[str]:
    return [f"chữ{RANDOM.randrange(5000)}" for _ in range(words)]


def signed(words: list[str]) -> tuple[int, ...]:
    return sign_story([" ".join(words)])


def test_a_copy_names_the_first_and_a_copy_of_a_copy_too() -> None:
    wire = story()
    index = StoryIndex()
    assert index.original_of("first", signed(wire)) is None
    assert index.original_of("cut", signed(wire[:220])) == "first"
    assert index.original_of("longer", signed(wire[:220] + story(40))) == "first"
    assert index.original_of("another", signed(story())) is None


def test_asking_again_gives_the_same_answer_and_never_oneself() -> None:
    wire = story()
    index = StoryIndex()
    assert [index.original_of(one, signed(wire)) for one in ("a", "b", "a", "b")] == [None, "a", None, "a"]


def test_what_was_stored_before_is_an_original() -> None:
    wire = story()
    index = StoryIndex([Signed("old", None, signed(wire)), Signed("copy", "old", signed(wire))])
    assert index.original_of("new", signed(wire)) == "old"
    assert index.original_of("old", signed(wire)) is None


def test_an_original_read_again_after_it_was_forgotten_is_not_the_copy_of_its_copy() -> None:
    wire = story()
    index = StoryIndex([Signed("copy", "old", signed(wire))])
    assert index.original_of("old", signed(wire)) is None


def test_stories_without_a_signature_are_nobodys_copies() -> None:
    index = StoryIndex()
    assert index.original_of("a", ()) is None
    assert index.original_of("b", ()) is None


def test_the_oldest_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(duplicates, "CAPACITY", 3)
    stories = [story() for _ in range(5)]
    index = StoryIndex(Signed(str(number), None, signed(words)) for number, words in enumerate(stories))
    found = [index.original_of(f"copy of {number}", signed(words)) for number, words in enumerate(stories[2:], 2)]
    assert found == ["2", "3", "4"]
    assert StoryIndex([Signed("0", None, signed(stories[0]))]).original_of("x", signed(stories[1])) is None


def test_forgotten_stories_find_no_copies(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(duplicates, "CAPACITY", 3)
    stories = [story() for _ in range(4)]
    index = StoryIndex(Signed(str(number), None, signed(words)) for number, words in enumerate(stories))
    assert index.original_of("copy of 0", signed(stories[0])) is None
