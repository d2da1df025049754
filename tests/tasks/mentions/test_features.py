"""What one naming token tells: name, role, office, country, body, gender."""

import pytest
from annotated import read_tokens

from seeds import SEEDS
from tasks.language.pack import load_pack
from tasks.mentions.features import REFERRING, leaves, read_features


def features(text):
    token = next(token for token in read_tokens(text) if token.kind in REFERRING)
    return read_features(token, text, load_pack(SEEDS, "vi"))


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("Ngoại trưởng Áo Karl Gruber tới dự.", {"name": "Karl Gruber", "office": "foreign-minister", "country": "AT"}),
        ("Cựu Ngoại trưởng Áo Karl Gruber tới dự.", {"former": True, "country": "AT"}),
        ("Ngoại trưởng Áo tới dự.", {"name": None, "office": "foreign-minister", "country": "AT"}),
        ("Bà Kari Nilsen tới dự.", {"name": "Kari Nilsen", "gender": "f", "country": None}),
        ("Tổng thư ký NATO tới dự.", {"office": "secretary-general", "body": "NATO", "country": None}),
        ("Điện Kremlin chưa trả lời.", {"kind": "organization", "name": "Điện Kremlin", "country": "RU", "body": None}),
        ("Áo chưa trả lời.", {"kind": "country", "name": None, "country": "AT"}),
        ("Hai nước ký văn kiện.", {"kind": "group", "of_countries": True}),
        ("Hai bên ký văn kiện.", {"kind": "group", "of_countries": False}),
    ],
)
def test_words_tell_who_is_meant(text, told):
    found = features(text)
    assert {key: getattr(found, key) for key in told} == told


@pytest.mark.parametrize(
    ("name", "tradition"),
    [("Nguyễn Văn Bách", "vi"), ("Mạc Đăng Khôi", "vi"), ("Park Ji-hoon", "ko"), ("Karl Gruber", None)],
)
def test_a_name_tells_its_tradition(name, tradition):
    assert features(f"Ông {name} tới dự.").tradition == tradition


def test_leaves_are_the_words_of_a_token_in_their_order():
    text = "Ngoại trưởng Áo Karl Gruber tới dự."
    token = read_tokens(text)[0]
    assert [text[leaf.start : leaf.end] for leaf in leaves(token)] == ["Ngoại trưởng", "Áo", "Karl", "Gruber"]
