import io
import sys

import pytest

from flows.cli.output.terminal import prepare_streams, remove_controls, use_utf8_in_pipes


@pytest.mark.parametrize("control", ["\x00", "\x07", "\x1b", "\x7f", "\x9b", "\u202e", "\u2066", "\n", "\r"])
def test_control_characters_become_blanks(control: str) -> None:
    assert remove_controls(f"hòa{control}bình") == "hòa bình"


@pytest.mark.parametrize("text", ["hòa bình", "hòa bình", "नमस्ते", "“…” → ©", "👨\u200d👩\u200d👧"])
def test_text_stays(text: str) -> None:
    assert remove_controls(text) == text


def test_line_breaks_stay_where_they_are_wanted() -> None:
    assert remove_controls("a\nb\tc", keep="\n") == "a\nb c"


def test_ascii_streams_take_any_letter(monkeypatch: pytest.MonkeyPatch) -> None:
    raw = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(raw, encoding="ascii"))
    monkeypatch.setattr(sys, "stderr", io.TextIOWrapper(io.BytesIO(), encoding="ascii"))
    prepare_streams()
    sys.stdout.write("Đặng Tô Lâm – “xin chào”… → ─ 東")
    sys.stdout.flush()
    assert raw.getvalue().decode("ascii") == 'Dang To Lam - "xin chao"... -> - ?'


def test_letters_that_an_encoding_has_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    raw = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(raw, encoding="latin-1"))
    monkeypatch.setattr(sys, "stderr", io.TextIOWrapper(io.BytesIO(), encoding="utf-8"))
    prepare_streams()
    sys.stdout.write("José Tô Lâm Nguyễn")
    sys.stderr.write("Nguyễn \udcff")
    sys.stdout.flush()
    sys.stderr.flush()
    assert raw.getvalue().decode("latin-1") == "José Tô Lâm Nguyen"
    assert sys.stderr.buffer.getvalue().decode() == "Nguyễn ?"  # type: ignore[attr-defined]


def test_programs_get_utf_8_in_pipes(monkeypatch: pytest.MonkeyPatch) -> None:
    raw = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(raw, encoding="ascii"))
    use_utf8_in_pipes()
    sys.stdout.write("Tô Lâm")
    sys.stdout.flush()
    assert raw.getvalue().decode() == "Tô Lâm"
