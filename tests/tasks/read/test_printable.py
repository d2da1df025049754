import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.read.printable import printable, printable_link, without_password


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Hội đàm 😀", "Hội đàm 😀"),
        ("a\x1b[31mb\n\x9b", "a\\x1b[31mb\\n\\x9b"),
        ("a\u202eb\u2028\u2066", "a\\u202eb\\u2028\\u2066"),
        ("\ud800", "\\ud800"),
    ],
)
def test_controls_become_escapes_and_letters_stay(text, shown):
    assert printable(text) == shown


@given(st.text())
def test_any_text_becomes_one_line_that_utf8_can_hold(text):
    shown = printable(text)
    assert len(shown.encode().splitlines()) <= 1
    assert printable(shown) == shown


@pytest.mark.parametrize(
    ("link", "plain"),
    [
        ("https://lan:bimat@baomau.vn/a?b@c", "https://baomau.vn/a?b@c"),
        ("https://lan@baomau.vn", "https://baomau.vn"),
        ("https://baomau.vn/@lan", "https://baomau.vn/@lan"),
        ("lan@baomau.vn", "lan@baomau.vn"),
    ],
)
def test_a_password_is_left_out(link, plain):
    assert without_password(link) == plain
    assert "bimat" not in printable_link(link)


def test_a_long_link_is_cut():
    assert len(printable_link("https://baomau.vn/" + "x" * 5_000)) == 201
