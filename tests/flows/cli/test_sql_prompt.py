from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from prompt_toolkit.application import create_app_session
from prompt_toolkit.completion import CompleteEvent
from prompt_toolkit.document import Document
from prompt_toolkit.input import create_pipe_input
from prompt_toolkit.output import DummyOutput

from docs.generate.samples import fill_lake
from flows.cli.sql_prompt import answer, completer, is_complete, prompt
from schemas.errors import StopFlow
from tasks.lake import Limits, QueryProcess

Ask = Callable[..., None]


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("prompt") / "lake"
    fill_lake(folder)
    return str(folder)


@pytest.fixture
def typed(lake: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Ask]:
    """Opens the prompt for somebody who types this."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))

    @contextmanager
    def typing(keys: str) -> Iterator[None]:
        with create_pipe_input() as keyboard, create_app_session(input=keyboard, output=DummyOutput()):
            keyboard.send_text(keys)
            yield

    def ask(keys: str) -> None:
        with typing(keys):
            prompt(lake, Limits(), "csv")

    yield ask


def test_questions_are_answered_until_the_person_leaves(typed: Ask, capsys: pytest.CaptureFixture[str]) -> None:
    typed("SELECT count(*) > 0 AS some\rFROM quotes;\rSELECT 2 AS two;\r.quit\rSELECT 3 AS three;\r")
    told = capsys.readouterr()
    assert told.out == "some\r\ntrue\r\ntwo\r\n2\r\n"
    assert told.err.endswith("1 row\n1 row\n")


def test_ctrl_d_leaves_and_ctrl_c_drops_the_line(typed: Ask, capsys: pytest.CaptureFixture[str]) -> None:
    typed("SELECT 1\x03SELECT 2 AS two;\r\x04")
    assert capsys.readouterr().out == "two\r\n2\r\n"


def test_a_mistake_is_told_and_the_next_question_answered(typed: Ask, capsys: pytest.CaptureFixture[str]) -> None:
    typed("SELECT nothing FROM quotes;\rCOPY quotes TO 'x.csv';\rSELECT 1 AS one;\r\x04")
    told = capsys.readouterr()
    assert told.out == "one\r\n1\r\n"
    assert "nothing" in told.err
    assert "COPY is not allowed" in told.err


def test_what_one_question_makes_the_next_can_use(typed: Ask, capsys: pytest.CaptureFixture[str]) -> None:
    typed("CREATE TEMP TABLE mine AS SELECT 7 AS n;\rFROM mine;\r\x04")
    assert capsys.readouterr().out.endswith("n\r\n7\r\n")


@pytest.mark.parametrize(
    ("typed_so_far", "name"),
    [("SELECT count(*) FROM quotes_by_p", "quotes_by_person"), ("SELECT Speaker_r", "speaker_role"), ("sel", "SELECT")],
)
def test_names_are_completed(lake: str, typed_so_far: str, name: str) -> None:
    with QueryProcess(lake, Limits()) as process:
        found = completer(process).get_completions(Document(typed_so_far), CompleteEvent())
        assert [completion.text for completion in found] == [name]


def test_questions_are_remembered_for_their_owner_only(typed: Ask, tmp_path: Path) -> None:
    typed("SELECT 1;\r\x04")
    history = tmp_path / "state" / "parley" / "sql_history"
    assert "SELECT 1;" in history.read_text()
    assert history.stat().st_mode & 0o077 == 0


def test_a_home_that_cannot_be_written_is_no_obstacle(
    typed: Ask, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "state").write_text("in the way")
    typed("SELECT 1 AS one;\r\x04")
    assert capsys.readouterr().out == "one\r\n1\r\n"


@pytest.mark.parametrize("text", ["", "  ", ".tables", "SELECT 1;", "SELECT 1;\n ", "exit", "quit", " HELP "])
def test_enter_sends_what_is_whole(text: str) -> None:
    assert is_complete(text)


@pytest.mark.parametrize("text", ["SELECT 1", "SELECT ';' ,", "exit_code", "quit FROM quotes"])
def test_enter_goes_on_where_something_is_missing(text: str) -> None:
    assert not is_complete(text)


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (".tables", "ledger "),
        (".help", ".schema NAME"),
        ("help", ".schema NAME"),
        ("HELP;", ".schema NAME"),
        (".schema", "name a table"),
        (".schema a; DROP", "name a table"),
        (".colour red", "no command .colour"),
    ],
)
def test_dot_commands(capsys: pytest.CaptureFixture[str], line: str, words: str) -> None:
    asked: list[str] = []
    assert answer(line, asked.append)
    told = capsys.readouterr()
    assert words in told.out + told.err
    assert asked == []


@pytest.mark.parametrize("line", ["exit", "quit", "EXIT;", ".quit", ".exit ;"])
def test_words_that_leave(line: str) -> None:
    asked: list[str] = []
    assert not answer(line, asked.append)
    assert asked == []


def test_sql_that_begins_like_a_command_is_sql() -> None:
    asked: list[str] = []
    assert answer("exit FROM quotes;", asked.append)
    assert asked == ["exit FROM quotes;"]


def test_leaving_by_a_plain_word(typed: Ask, capsys: pytest.CaptureFixture[str]) -> None:
    typed("quit\rSELECT 3 AS three;\r")
    assert capsys.readouterr().out == ""


def test_schema_describes(capsys: pytest.CaptureFixture[str]) -> None:
    asked: list[str] = []
    assert answer(".schema quotes;", asked.append)
    assert asked == ['DESCRIBE "quotes"']


def test_ctrl_c_ends_the_question_only(capsys: pytest.CaptureFixture[str]) -> None:
    def interrupted(_: str) -> None:
        raise KeyboardInterrupt

    assert answer("SELECT 1;", interrupted)
    assert capsys.readouterr().err == "Interrupted.\n"


def test_no_lake_no_prompt(tmp_path: Path) -> None:
    with pytest.raises(StopFlow, match="no lake at"):
        prompt(str(tmp_path / "none"), Limits(), "table")
