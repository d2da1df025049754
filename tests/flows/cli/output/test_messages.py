import json
import sys

import pytest

from flows.cli.output.messages import LOG_FORMAT, choose_log_format, count, say


@pytest.mark.parametrize(
    ("number", "noun", "words"),
    [
        (0, "row", "0 rows"),
        (1, "row", "1 row"),
        (2, "row", "2 rows"),
        (1, "fetch", "1 fetch"),
        (12_345, "batch", "12,345 batches"),
    ],
)
def test_nouns_agree_with_their_number(number: int, noun: str, words: str) -> None:
    assert count(number, noun) == words


def test_messages_go_to_standard_error_without_control_characters(capsys: pytest.CaptureFixture[str]) -> None:
    sys.stdout.write("result\n")
    say("broken: \x1b[31mtitle\r\n  what to do")
    told = capsys.readouterr()
    assert (told.out, told.err) == ("result\n", "broken:  [31mtitle \n  what to do\n")


def test_messages_may_be_json(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("PREFECT_LOGGING_HANDLERS_CONSOLE_FORMATTER", "standard")
    monkeypatch.setenv(LOG_FORMAT, "text")
    choose_log_format("json")
    say("đã đọc\n2 dòng")
    (line,) = capsys.readouterr().err.splitlines()
    found = json.loads(line)
    assert found["message"] == "đã đọc\n2 dòng"
    assert found["at"].endswith("+00:00")
    choose_log_format("text")
    say("plain")
    assert capsys.readouterr().err == "plain\n"
