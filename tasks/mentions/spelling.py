"""Compare spellings of a person's name."""

import re
import unicodedata
from functools import lru_cache

__all__ = ["is_near_spelling", "person_slug", "same_person_spelling"]


@lru_cache(maxsize=10_000)
def person_slug(name: str) -> str:
    """Return a name as an identifier that joins articles: ASCII, lower case, with hyphens (``sergei-lavrov``)."""
    plain_d = name.replace("đ", "d").replace("Đ", "D")
    ascii_name = unicodedata.normalize("NFD", plain_d).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", ascii_name.lower()).strip("-")


def same_person_spelling(a: str, b: str) -> bool:
    """Return True if two full names are spellings of one: Sergei and Sergey Lavrov, Phan and Phạm Văn Giang.

    All words but one must agree, and the one that differs must do so by at most two letters, or one be the
    beginning of the other; a single word is never enough.
    """
    first, second = person_slug(a).split("-"), person_slug(b).split("-")
    if len(first) != len(second) or len(first) < 2 or first[-1] != second[-1]:
        return False
    differing = [(x, y) for x, y in zip(first, second, strict=True) if x != y]
    return len(differing) == 0 or (len(differing) == 1 and is_near_spelling(*differing[0]))


def is_near_spelling(a: str, b: str) -> bool:
    """Return True if two words are likely one in two spellings: by two letters at most, or one begins the other.

    Words of up to four letters may differ by one letter, those of one or two letters by none; both must be lower case
    and begin alike.
    """
    shorter, longer = sorted((a, b), key=len)
    if len(shorter) >= 4 and longer.startswith(shorter):
        return True
    return a[0] == b[0] and len(shorter) >= 3 and _edit_distance(a, b) <= (2 if len(shorter) > 4 else 1)


def _edit_distance(a: str, b: str) -> int:
    """Return the Levenshtein distance: how many letters to insert, delete or replace."""
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        previous, row[0] = row[0], i
        for j, y in enumerate(b, 1):
            previous, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, previous + (x != y))
    return row[-1]
