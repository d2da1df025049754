"""Texts as nobody wrote them: pieces of sample articles, cut, spliced and damaged; one number, always one text."""

import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from random import Random
from typing import Literal

from seeds import SEEDS

__all__ = ["Mutant", "make_mutant"]

SHORTEST, LONGEST = 40, 500
"""Characters of a piece."""
MOST_CHANGES = 8
ONE_IN_SO_MANY_IS_HTML = 100
"""Pages cost twenty times what texts do."""
QUOTES = "“”\"'«»‘’„"
MARKS = f"{QUOTES}()[]-–—:;,.!?…/*> "
INSERTIONS = (
    *("“ ”", '""', "“”", "« »", "(", ")", "“", "”", '"', "\n", "\n\n", "\t", "\xa0", "\u200b", "\u0301", "\ufeff"),
    *(", ", " - ", "…", "***", "12/", "31/02/2023", "ngày 0/0", "hôm qua ", "theo ", " nói: ", " said ", "và ", "ông "),
    *("İ", "ß", "\U0001f600", "đ", "ﬁ", "中国", "U.S.", "J. ", "TS. ", "<b>", "&nbsp;", "&#130;", "\r", "\x0b", "1,5"),
)


@dataclass(frozen=True, slots=True)
class Mutant:
    """A damaged text: as plain text, or as the bytes of a web page."""

    number: int
    media: Literal["html", "text"]
    body: bytes


def make_mutant(number: int, seed: int) -> Mutant:
    """Return the mutant of a number; of one seed always the same."""
    chance = Random(f"{seed} {number}")  # reproducible on purpose
    if number % ONE_IN_SO_MANY_IS_HTML == 0:
        return Mutant(number, "html", damage(chance, chance.choice(pages())).encode())
    text = damage(chance, cut(chance, chance.choice(texts())))
    return Mutant(number, "text", text.encode("utf-8", "surrogatepass"))


def damage(chance: Random, text: str) -> str:
    for _ in range(chance.randint(1, MOST_CHANGES)):
        text = chance.choice(CHANGES)(chance, text)
    return text


@cache
def texts() -> tuple[str, ...]:
    return tuple(path.read_text("utf-8") for path in sample_paths("*.txt"))


@cache
def pages() -> tuple[str, ...]:
    return tuple(path.read_text("utf-8") for path in sample_paths("*.html"))


def sample_paths(pattern: str) -> list[Path]:
    return sorted((SEEDS / "articles").glob(pattern))


def cut(chance: Random, text: str) -> str:
    """Take a piece that begins and ends anywhere, also inside a word."""
    length = chance.randint(SHORTEST, LONGEST)
    start = chance.randrange(max(1, len(text) - length))
    return text[start : start + length]


def splice(chance: Random, text: str) -> str:
    other = cut(chance, chance.choice(texts()))
    place = chance.randrange(len(text) + 1)
    return text[:place] + other + text[place:]


def insert(chance: Random, text: str) -> str:
    place = chance.randrange(len(text) + 1)
    return text[:place] + chance.choice(INSERTIONS) * chance.choice((1, 1, 1, 2, 9)) + text[place:]


def swap_letters(chance: Random, text: str) -> str:
    letters = list(text)
    for _ in range(chance.randint(1, 12)):
        one, other = (chance.randrange(len(letters)) for _ in range(2)) if letters else (0, 0)
        if letters:
            letters[one], letters[other] = letters[other], letters[one]
    return "".join(letters)


def delete_marks(chance: Random, text: str) -> str:
    doomed = chance.choice((QUOTES, MARKS, chance.choice(MARKS), "\n"))
    share = chance.choice((0.2, 0.5, 1.0))
    return "".join(letter for letter in text if letter not in doomed or chance.random() > share)


def double_marks(chance: Random, text: str) -> str:
    doubled = chance.choice(MARKS)
    return text.replace(doubled, doubled * chance.randint(2, 5), chance.randint(1, 9))


def exchange_quotes(chance: Random, text: str) -> str:
    return "".join(chance.choice(QUOTES) if letter in QUOTES else letter for letter in text)


def empty_quotes(chance: Random, text: str) -> str:
    """Take out what stands between two quotation marks."""
    first = text.find("“")
    last = text.find("”", first)
    return text[: first + 1] + chance.choice(("", " ", "\u200b", ".", "…")) + text[last:] if 0 <= first < last else text


def decompose(chance: Random, text: str) -> str:
    return unicodedata.normalize(chance.choice(("NFD", "NFKD")), text)


def change_case(chance: Random, text: str) -> str:
    change: Callable[[str], str] = chance.choice((str.upper, str.lower, str.title))
    start = chance.randrange(len(text) + 1)
    end = start + chance.randint(1, 80)
    return text[:start] + change(text[start:end]) + text[end:]


def repeat(chance: Random, text: str) -> str:
    start = chance.randrange(len(text) + 1)
    piece = text[start : start + chance.randint(1, 40)]
    return text[:start] + piece * chance.randint(2, 20) + text[start:]


def drop_words(chance: Random, text: str) -> str:
    return " ".join(word for word in text.split(" ") if chance.random() > 0.15)


CHANGES: tuple[Callable[[Random, str], str], ...] = (
    splice,
    insert,
    insert,
    swap_letters,
    delete_marks,
    double_marks,
    exchange_quotes,
    empty_quotes,
    decompose,
    change_case,
    repeat,
    drop_words,
)
