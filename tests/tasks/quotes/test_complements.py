"""Which words behind a verb of speech are what was said."""

import pytest

from schemas.document import Token
from tasks.quotes.complements import has_reported_content


def reports(value, classes):
    """Ask about a content of these token classes; a comma or colon before it does not belong to it."""
    tokens = [Token(name, index, index + 1) for index, name in enumerate(classes.split())]
    first = 1 if tokens and tokens[0].kind in ("COMMA", "COLON", "THAT") else 0
    return has_reported_content(value, tokens, 0, (first, len(tokens)))


@pytest.mark.parametrize(
    ("value", "classes"),
    [
        ("utter", "COLON LOW"),
        ("utter", "COLON"),
        ("judge", "THAT LOW"),
        ("utter", "QUOTE"),
        ("utter", "COMMA LOW QUOTE"),
        ("judge", "LOW QUOTE"),
        ("deny", "DEED LOW"),
        ("deny", "COMMA LOW LOW LOW LOW"),
        ("explain", "COMMA LOW"),
        ("describe", "LOW IS LOW"),
        ("wish", "LOW"),
        ("request", "ORG LOW LOW"),
        ("assert", "LOW LOW"),
        ("assert", "IN CITY COMMA LOW PAST"),
        ("assert", "THIS_MATTER LOW"),
        ("another", "LOW LOW"),
    ],
)
def test_what_the_verb_takes_is_content(value, classes):
    assert reports(value, classes)


@pytest.mark.parametrize(
    ("value", "classes"),
    [
        ("assert", ""),
        ("assert", "LOW"),
        ("assert", "ABOUT LOW LOW"),
        ("assert", "IN CITY"),
        ("assert", "AT CITY"),
        ("assert", "THIS_MATTER WITH PERSON"),
        ("assert", "SO LOW"),
        ("utter", "LOW LOW"),
        ("utter", "LOW QUOTE"),
        ("judge", "LOW LOW"),
        ("deny", "LOW LOW LOW LOW"),
        ("deny", "COMMA LOW"),
        ("explain", "LOW LOW"),
        ("describe", "LOW LOW"),
        ("request", "ORG LOW"),
        ("request", "MEETN LOW LOW"),
        ("wish", "WITH PERSON"),
    ],
)
def test_what_it_does_not_take_is_none(value, classes):
    assert not reports(value, classes)
