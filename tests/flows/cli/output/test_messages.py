import sys

import pytest

from flows.cli.output.messages import count, say


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
