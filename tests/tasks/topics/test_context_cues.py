import tomllib
from pathlib import Path

import pytest

from schemas.errors import StopFlow
from seeds import SEEDS
from tasks.language.folding import fold
from tasks.topics.context_cues import load_context_cues
from tasks.topics.term_index import TermIndex, match_terms
from tasks.topics.vocabulary import load_vocabulary

CUES = load_context_cues(SEEDS)
INDEX = TermIndex(load_vocabulary(SEEDS))
TABLE = tomllib.loads((SEEDS / "topics" / "context_cues.toml").read_text(encoding="utf-8"))
ENTRIES = [(kind, entry) for kind, entries in TABLE.items() for entry in entries]


@pytest.mark.parametrize(
    ("kind", "entry"), ENTRIES, ids=lambda value: value if isinstance(value, str) else value["text"]
)
def test_a_cue_weighs_the_term_of_its_example(kind: str, entry: dict[str, str]) -> None:
    example = fold(entry["example"])
    assert fold(entry["text"]) in example
    weights = {CUES.weigh(example, start) for hits in match_terms(example, INDEX).values() for start, _, _ in hits}
    assert {"subject": 1.5, "background": 0.5, "earlier": 0.5}[kind] in weights


@pytest.mark.parametrize(
    ("text", "term", "weight"),
    [
        ("Hai bên thảo luận về thuế quan, chuỗi cung ứng và visa.", "visa", 1.5),
        ("Hai bên thảo luận về thuế quan. Sau đó họ nói tới visa.", "visa", 1.0),
        ("Kể từ khi có thuế quan, visa là vấn đề lớn.", "visa", 1.0),
        ("Họ bàn về tình hình kể từ khi có thuế quan.", "thuế quan", 0.5),
        ("Visa được bàn về sau.", "visa", 1.0),
    ],
)
def test_how_far_a_cue_reaches(text: str, term: str, weight: float) -> None:
    assert CUES.weigh(fold(text), fold(text).index(term)) == weight


@pytest.mark.parametrize("text", ["[[subject]]\ntext = 'x'\n", "[[", "subject = 1\nbackground = 2\n"])
def test_bad_cues_stop_and_name_the_file(tmp_path: Path, text: str) -> None:
    (tmp_path / "topics").mkdir()
    (tmp_path / "topics" / "context_cues.toml").write_text(text, encoding="utf-8")
    with pytest.raises(StopFlow, match=r"context_cues\.toml"):
        load_context_cues(tmp_path)
