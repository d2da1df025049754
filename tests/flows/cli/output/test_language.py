"""Every language says everything, and fills in the same."""

import re
from typing import get_args

import pytest

from flows.cli.output.language import InterfaceLanguage, load_interface, translate
from schemas.meetings import MeetingFormat, MeetingStatus
from schemas.quotes import QuoteKind

TABLES = ("headings", "status", "format", "kind", "entry", "messages", "rows", "options")


@pytest.mark.parametrize("language", get_args(InterfaceLanguage))
def test_a_language_has_the_keys_and_places_of_english(language: InterfaceLanguage) -> None:
    english, other = load_interface("en"), load_interface(language)
    for table in TABLES:
        phrases, translated = getattr(english, table), getattr(other, table)
        assert translated.keys() == phrases.keys()
        for key, phrase in phrases.items():
            places = re.findall(r"\{\w+", phrase)
            assert sorted(re.findall(r"\{\w+", translated[key])) == sorted(places), key


@pytest.mark.parametrize("language", get_args(InterfaceLanguage))
def test_every_value_of_the_tables_has_words(language: InterfaceLanguage) -> None:
    interface = load_interface(language)
    assert interface.status.keys() == {*get_args(MeetingStatus)}
    assert interface.format.keys() == {*get_args(MeetingFormat)}
    assert interface.kind.keys() == {*get_args(QuoteKind)}


def test_numbers_of_rows() -> None:
    interface = load_interface("en")
    assert [interface.count_rows(number) for number in (1, 2, 1_234)] == ["1 row", "2 rows", "1,234 rows"]


def test_a_value_without_words_stays_and_null_is_nothing() -> None:
    assert (translate("held", {"held": "đã"}), translate("new", {}), translate(None, {})) == ("đã", "new", "")
