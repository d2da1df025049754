import pytest

from flows.cli.output.terminal import remove_controls


@pytest.mark.parametrize("control", ["\x00", "\x07", "\x1b", "\x7f", "\x9b", "\u202e", "\u2066", "\n", "\r"])
def test_control_characters_become_blanks(control: str) -> None:
    assert remove_controls(f"hòa{control}bình") == "hòa bình"


@pytest.mark.parametrize("text", ["hòa bình", "hòa bình", "नमस्ते", "“…” → ©", "👨\u200d👩\u200d👧"])
def test_text_stays(text: str) -> None:
    assert remove_controls(text) == text


def test_line_breaks_stay_where_they_are_wanted() -> None:
    assert remove_controls("a\nb\tc", keep="\n") == "a\nb c"
