"""Every entry of every language pack: its example fires, each of its forms fires, nothing is claimed twice."""

import tomllib
from dataclasses import dataclass

import pytest

from schemas.errors import StopFlow
from seeds import SEEDS
from tasks.language.folding import fold
from tasks.language.pack import load_pack, pack_codes
from tasks.language.phrase_lists import read_phrases
from tasks.language.rule_files import read_rules
from tasks.language.tokens import shape_words

CODES = pack_codes(SEEDS)
RULE_FILES = ("rules.toml", "events.toml")


@dataclass(frozen=True)
class Entry:
    code: str
    file: str
    kind: str
    value: str
    forms: tuple[str, ...]
    example: str

    def __str__(self):
        return f"{self.code}-{self.file}-{self.kind}-{self.value}-{self.forms[0]}"


def entries():
    for code in CODES:
        for file in sorted((SEEDS / "languages" / code).glob("*.toml")):
            for entry in tomllib.loads(file.read_text(encoding="utf-8")).get("entry", []):
                value, forms = entry.get("value", ""), tuple(entry["forms"])
                yield Entry(code, file.stem, entry["token_class"], value, forms, entry.get("example", ""))


ENTRIES = tuple(entries())


def looked_up(code, text):
    pack = load_pack(SEEDS, code)
    return pack.lexicon.apply(shape_words(text, 0, len(text), pack.syllable))


def words(code, text):
    """A text as the lexicon sees it: words and marks, folded, one space apart."""
    pack = load_pack(SEEDS, code)
    return " ".join(folded for _, _, _, folded in shape_words(text, 0, len(text), pack.syllable))


@pytest.mark.parametrize("entry", ENTRIES, ids=str)
def test_an_entrys_example_fires_it(entry):
    forms = {words(entry.code, form) for form in entry.forms}
    found = [
        (token.kind, token.value, words(entry.code, entry.example[token.start : token.end]) in forms)
        for token in looked_up(entry.code, entry.example)
    ]
    assert (entry.kind, entry.value, True) in found


@pytest.mark.parametrize("entry", ENTRIES, ids=str)
def test_each_form_fires_on_its_own(entry):
    silent = [
        form
        for form in entry.forms
        if [(t.kind, t.value, t.start, t.end) for t in looked_up(entry.code, form)]
        != [(entry.kind, entry.value, 0, len(form))]
    ]
    assert silent == []


@pytest.mark.parametrize("code", CODES)
def test_every_entry_reaches_the_lexicon(code):
    listed = {fold(form) for entry in ENTRIES if entry.code == code for form in entry.forms}
    assert listed == {fold(phrase.form) for phrase in read_phrases(SEEDS / "languages" / code)}


def test_every_language_has_the_same_files():
    """A language may have lists of its own besides (compounds, adjectives of countries)."""
    common = {"pack", "words", "dates", "titles", "organisations", "speech", "meetings", "boilerplate"}
    common |= {"rules", "frames", "events"}
    lacking = {code: common - {f.stem for f in (SEEDS / "languages" / code).glob("*.toml")} for code in CODES}
    assert lacking == {code: set() for code in CODES}


@pytest.mark.parametrize(("code", "file"), [(code, file) for code in CODES for file in RULE_FILES])
def test_rules_have_names_of_their_own(code, file):
    names = [seed.rule.name for seed in read_rules(SEEDS / "languages" / code / file)]
    assert len(names) == len(set(names))


ENTRY = '[[entry]]\ntoken_class = "{0}"\nvalue = "{1}"\nforms = ["{2}"]\nexample = "-"\n'


def planted(folder, *rows):
    folder.joinpath("words.toml").write_text("\n".join(ENTRY.format(*row) for row in rows), encoding="utf-8")
    return folder


@pytest.mark.parametrize(
    ("second", "form"),
    [
        (("WITH", ""), "và"),
        (("AND", "other"), "và"),
        (("WITH", ""), "Và"),
        (("WITH", ""), "hòa"),
        (("WITH", ""), "hoà"),
    ],
)
def test_a_form_claimed_twice_is_refused(tmp_path, second, form):
    with pytest.raises(StopFlow, match=f"words.toml: '{form}' is {second[0]} here and AND elsewhere"):
        read_phrases(planted(tmp_path, ("AND", "", "và"), ("AND", "", "hoà"), (*second, form)))


def test_a_form_listed_twice_with_one_meaning_is_kept_once(tmp_path):
    assert len(read_phrases(planted(tmp_path, ("AND", "", "và"), ("AND", "", "Và")))) == 1


def test_a_pack_that_is_not_there_stops_the_flow():
    with pytest.raises(StopFlow, match=r"pack\.toml"):
        load_pack(SEEDS, "xx")


RULE = '[[rule]]\nname = "r"\npattern = "{pattern}"\nexamples = ["a"]\n{rest}'


@pytest.mark.parametrize(
    "seed",
    [
        RULE.format(pattern="(AND", rest="counterexamples = []"),
        RULE.format(pattern="AND", rest=""),
        '[[rule]]\nname = "r"\nexamples = []\ncounterexamples = []',
    ],
    ids=["pattern does not compile", "no counter-examples", "no pattern"],
)
def test_a_broken_rule_is_named(tmp_path, seed):
    file = tmp_path / "rules.toml"
    file.write_text(seed, encoding="utf-8")
    with pytest.raises(StopFlow, match=r"rules\.toml: rule( 'r'|, entry 1): "):
        read_rules(file)


def test_broken_toml_is_named(tmp_path):
    file = tmp_path / "rules.toml"
    file.write_text("[[rule", encoding="utf-8")
    with pytest.raises(StopFlow, match=r"rules\.toml"):
        read_rules(file)
