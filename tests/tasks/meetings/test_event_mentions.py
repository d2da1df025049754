"""What one sentence says of one event: who, how, and by which words."""

import pytest
from annotated import read_document

from seeds import SEEDS
from tasks.language.pack import load_pack
from tasks.meetings.event_mentions import find_mentions


def mentions(text):
    document = read_document(text)
    return [
        ([document.entities[one.entity].name for one in mention.participants], mention.format)
        for mention in find_mentions(document, load_pack(SEEDS, "vi"))
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "Ngoại trưởng Áo Karl Gruber gặp Ngoại trưởng Na Uy Kari Nilsen.",
            [(["Karl Gruber", "Kari Nilsen"], "in_person")],
        ),
        (
            "Ngoại trưởng Áo Karl Gruber điện đàm với Ngoại trưởng Na Uy Kari Nilsen.",
            [(["Karl Gruber", "Kari Nilsen"], "phone")],
        ),
        (
            "Ngoại trưởng Áo Karl Gruber lần lượt gặp Ngoại trưởng Na Uy Kari Nilsen và Ngoại trưởng Bỉ Luc Martens.",
            [(["Karl Gruber", "Kari Nilsen"], "in_person"), (["Karl Gruber", "Luc Martens"], "in_person")],
        ),
        ("Ngoại trưởng Áo Karl Gruber thăm Na Uy.", [(["Karl Gruber"], "visit")]),
        (
            "Sau cuộc gặp với Ngoại trưởng Na Uy Kari Nilsen, Ngoại trưởng Áo Karl Gruber nói trời đẹp.",
            [(["Karl Gruber", "Kari Nilsen"], "in_person")],
        ),
    ],
)
def test_a_sentence_gives_each_pair_its_mention(text, expected):
    found = mentions(text)
    assert [(sorted(who), how) for who, how in found] == [(sorted(who), how) for who, how in expected]


@pytest.mark.parametrize("text", ["Ngoại trưởng Áo Karl Gruber ký văn kiện.", "Ông Karl Gruber gặp khó khăn."])
def test_a_sentence_without_a_meeting_gives_none(text):
    assert mentions(text) == []


def test_a_quote_counts_only_if_the_speaker_took_part():
    own = 'Ngoại trưởng Áo Karl Gruber viết: "Tôi vừa gặp Ngoại trưởng Na Uy Kari Nilsen".'
    other = 'Ngoại trưởng Áo Karl Gruber viết: "Ngoại trưởng Bỉ Luc Martens vừa gặp Ngoại trưởng Na Uy Kari Nilsen".'
    assert mentions(own) == [(["Karl Gruber", "Kari Nilsen"], "in_person")]
    assert mentions(other) == []
