"""Under which name a speaker stands in the table."""

import pytest
from annotated import read_document

from tasks.quotes import find_quotes


def speaker(text):
    return find_quotes(read_document(text))[0]


@pytest.mark.parametrize(
    ("text", "name", "kind"),
    [
        ("Ngoại trưởng Áo Karl Gruber nói rằng cầu đã mở.", "Karl Gruber", "person"),
        ("Điện Kremlin nói rằng cầu đã mở.", "Điện Kremlin", "organization"),
        ("Áo cho biết cầu đã mở.", "Áo", "country"),
        ("Một quan chức giấu tên cho biết cầu đã mở.", "một quan chức giấu tên", "unnamed"),
        ("Gruber nói rằng cầu đã mở.", "Gruber", "organization"),
        ("Karl Gruber nói rằng cầu đã mở.", "Karl Gruber", "person"),
        ("Ông Karl Gruber và bà Kari Nilsen cho biết cầu đã mở.", "Karl Gruber; Kari Nilsen", "person"),
    ],
)
def test_a_speaker_has_name_and_kind(text, name, kind):
    found = speaker(text)
    assert (found.speaker, found.speaker_kind) == (name, kind)


def test_a_pronoun_of_nobody_has_no_name():
    found = speaker("Ông nói rằng cầu đã mở.")
    assert (found.speaker, found.speaker_kind) == (None, None)


def test_the_words_that_name_the_speaker_are_marked():
    text = "Ngoại trưởng Áo Karl Gruber nói rằng cầu đã mở."
    found = speaker(text)
    assert text[found.speaker_start : found.speaker_end] == "Ngoại trưởng Áo Karl Gruber"
    assert (found.speaker_role, found.speaker_country) == ("Ngoại trưởng Áo", "AT")
