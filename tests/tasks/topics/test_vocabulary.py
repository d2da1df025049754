import unicodedata
from pathlib import Path

import pytest

from schemas.errors import StopFlow
from tasks.language.folding import fold
from tasks.topics.term_index import TermIndex, match_terms
from tasks.topics.vocabulary import load_vocabulary

NAMES = 'plover_contexts = ["diplomatic", "cbrn"]\nRU = ["nga", "moscow"]\nUS = ["mỹ"]\n'
GENERAL = """
[[topic]]
topic_id = "relations"
label = "Relations"
label_vi = "Quan hệ"
iptc = "medtop:20000638"
plover = "diplomatic"
terms = [{ text = "quan hệ song phương", weight = 0.7, lang = "vi" }]
example = "Hai bên bàn quan hệ song phương."
counter_example = "Hai người quen nhau từ nhỏ."
"""
SPECIFIC = """
[[topic]]
topic_id = "us-russia"
parent = "relations"
label = "US-Russia"
label_vi = "Mỹ - Nga"
countries = ["US", "RU"]
terms = [{ text = "bang giao", weight = 0.8, lang = "vi", needs = ["khôi phục|nối lại"] }]
example = "Nga và Mỹ khôi phục bang giao."
counter_example = "Nga khôi phục bang giao."
"""


def folder_of(tmp_path: Path, topics: str, names: str = NAMES) -> Path:
    folder = tmp_path / "topics"
    folder.mkdir()
    (folder / "names.toml").write_text(names, encoding="utf-8")
    (folder / "some.toml").write_text(topics, encoding="utf-8")
    return tmp_path


def test_specific_entry_inherits_codes_and_asks_for_its_countries(tmp_path: Path) -> None:
    _, specific = load_vocabulary(folder_of(tmp_path, GENERAL + SPECIFIC))
    assert (specific.parent, specific.iptc, specific.plover) == ("relations", "medtop:20000638", "diplomatic")
    assert specific.terms[0].needs == (("khôi phục", "nối lại"), ("mỹ", "@US"), ("nga", "moscow", "@RU"))
    assert "us-russia" in match_terms(specific.example, [specific])
    assert match_terms(specific.counter_example, [specific]) == {}


def test_named_group_stands_for_its_words(tmp_path: Path) -> None:
    topics = GENERAL.replace('lang = "vi"', 'lang = "vi", needs = ["đại sứ|@RU"]')
    (general,) = load_vocabulary(folder_of(tmp_path, topics))
    assert general.terms[0].needs == (("đại sứ", "nga", "moscow", "@RU"),)


def test_named_group_as_text_is_one_term_for_each_word(tmp_path: Path) -> None:
    (general,) = load_vocabulary(folder_of(tmp_path, GENERAL.replace("quan hệ song phương", "@RU", 1)))
    assert [(term.text, term.weight) for term in general.terms] == [("nga", 0.7), ("moscow", 0.7)]


def test_an_unknown_group_as_text_stops(tmp_path: Path) -> None:
    with pytest.raises(StopFlow, match=r"relations: text '@XX'"):
        load_vocabulary(folder_of(tmp_path, GENERAL.replace("quan hệ song phương", "@XX", 1)))


def test_a_country_that_a_person_stands_for_counts_as_named(tmp_path: Path) -> None:
    index = TermIndex(load_vocabulary(folder_of(tmp_path, GENERAL + SPECIFIC)))
    text = "Hai ông nối lại bang giao."
    assert index.match(fold(text), ["US"]) == {}
    assert list(index.match(fold(text), ["US", "RU", "ZZ"])) == ["us-russia"]


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ("weight = 0.7", "weight = 1.7", "weight: 1.7 is too large"),
        ("weight = 0.7", "weight = 0.0", "weight: 0.0 "),
        ("weight = 0.7", 'weight = "high"', "weight: 'high' is not a number"),
        ('lang = "vi"', 'lang = "Vietnamese"', "does not look like"),
        ('lang = "vi"', 'lang = "vi", needs = ["@FR"]', "'@FR'"),
        ('lang = "vi"', 'lang = "vi", needs = ["nga||mỹ"]', "'' are no words"),
        ('lang = "vi"', 'lang = "vi", wieght = 1.0', "wieght: is an unknown key"),
        ('"relations"', '"Relations!"', "does not look like"),
        ("medtop:20000638", "20000638", "does not look like"),
        ('"diplomatic"', '"diplomacy"', "no context of PLOVER"),
        ('label = "Relations"', 'label = " "', "label: ' ' are no words"),
        ('label = "Relations"\n', "", "label: is missing"),
        ('label_vi = "Quan hệ"', f'label_vi = "{unicodedata.normalize("NFD", "Quan hệ")}"', "not NFC"),
        ('terms = [{ text = "quan hệ song phương", weight = 0.7, lang = "vi" }]', "terms = []", "terms: "),
        ('iptc = "medtop:20000638"', 'parent = "nothing"', "'nothing' is not a general topic"),
    ],
)
def test_bad_seed_stops_and_names_file_and_entry(tmp_path: Path, old: str, new: str, complaint: str) -> None:
    assert old in GENERAL
    with pytest.raises(StopFlow) as stopped:
        load_vocabulary(folder_of(tmp_path, GENERAL.replace(old, new)))
    message = str(stopped.value)
    assert complaint in message
    assert "topics" in message
    assert "relations" in message or "topic, entry 1: " in message


def test_same_id_twice_stops(tmp_path: Path) -> None:
    with pytest.raises(StopFlow, match=r"some\.toml: relations: .*twice"):
        load_vocabulary(folder_of(tmp_path, GENERAL + GENERAL))


def test_third_level_stops(tmp_path: Path) -> None:
    third = SPECIFIC.replace('"us-russia"', '"deeper"').replace('parent = "relations"', 'parent = "us-russia"')
    with pytest.raises(StopFlow, match="deeper: parent 'us-russia' is not a general topic"):
        load_vocabulary(folder_of(tmp_path, GENERAL + SPECIFIC + third))


def test_broken_toml_stops_and_names_the_file(tmp_path: Path) -> None:
    with pytest.raises(StopFlow, match=r"some\.toml"):
        load_vocabulary(folder_of(tmp_path, "[[topic"))


def test_missing_folder_stops(tmp_path: Path) -> None:
    with pytest.raises(StopFlow, match=r"names\.toml"):
        load_vocabulary(tmp_path)
