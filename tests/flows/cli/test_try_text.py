"""`parley try`: a sentence as the rules read it."""

import subprocess
from datetime import date

import pytest

from flows.cli.try_text import try_text
from schemas.errors import StopFlow

SENTENCE = "Hôm qua, Ngoại trưởng Áo Jonas Weber gặp Ngoại trưởng Séc Petr Novák tại Praha và nói rằng cầu đã mở."


def test_tokens_clauses_and_rows_are_shown(capsys: pytest.CaptureFixture[str]) -> None:
    try_text(SENTENCE, published=date(2024, 6, 8))
    page = capsys.readouterr().out
    assert "PERSON<Ngoại trưởng Áo Jonas Weber> MEETV=in_person<gặp> PERSON<Ngoại trưởng Séc Petr Novák>" in page
    assert "clause 0 main: subject Ngoại trưởng Áo Jonas Weber; verb gặp; time Hôm qua; at tại Praha" in page
    assert "clause 1 coordinate of 0: subject (Ngoại trưởng Áo Jonas Weber); verb nói; brings cầu đã mở" in page
    assert "= meeting (meets, explicit): Jonas Weber, Petr Novák; held in_person; 2024-06-07; Prague, CZ" in page
    assert "= indirect quote (clause, explicit): Jonas Weber [nói] cầu đã mở" in page
    assert "Topics" not in page


def test_another_language(capsys: pytest.CaptureFixture[str]) -> None:
    try_text("Jonas Weber said the bridge was open.", language="en")
    assert "clause 0 main: subject Jonas Weber; verb said; brings the bridge was open" in capsys.readouterr().out


def test_a_language_without_a_pack_is_told() -> None:
    with pytest.raises(StopFlow, match="no language pack for 'xx': choose one of en, vi"):
        try_text("a", language="xx")


def test_no_text_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(StopFlow, match="no text: give a sentence in quotation marks"):
        try_text("  ")


def test_a_sentence_may_come_from_standard_input(command: list[str], environment: dict[str, str]) -> None:
    told = "Ông Weber nói rằng cầu đã mở.\n"
    run = subprocess.run([*command, "try"], input=told, env=environment, capture_output=True, text=True, check=True)
    assert "CUE=assert<nói> THAT<rằng>" in run.stdout
