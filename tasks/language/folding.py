"""One spelling for matching: lower case, tone marks where the older convention puts them.

Vietnamese writes the tone of an open ``oa``, ``oe`` or ``uy`` on its first letter (hòa) or on its second (hoà);
both stand side by side in one article. In closed syllables (hoàn) and after ``q`` (quý) there is only one way.
"""

import re

__all__ = ["fold"]

_NEW_TO_OLD = dict(
    zip(
        ["oà", "oá", "oả", "oã", "oạ", "oè", "oé", "oẻ", "oẽ", "oẹ", "uỳ", "uý", "uỷ", "uỹ", "uỵ"],
        ["òa", "óa", "ỏa", "õa", "ọa", "òe", "óe", "ỏe", "õe", "ọe", "ùy", "úy", "ủy", "ũy", "ụy"],
        strict=True,
    )
)
_OPEN_PAIR = re.compile(r"[ou](?<!qu)[àáảãạèéẻẽẹỳýỷỹỵ](?![^\W\d_])")
"""Two sets in a row: nearly three times as fast over a text as one alternative for ``o`` and one for ``u``."""


def fold(text: str) -> str:
    """Return the text in the spelling that lexicons and patterns are matched in.

    Args:
        text: NFC; decomposed letters keep their tone where it stands.

    Returns:
        As many code points as ``text``, so that offsets into one are offsets into the other.
    """
    return _OPEN_PAIR.sub(lambda match: _NEW_TO_OLD.get(match[0], match[0]), _lower_letters(text))


def _lower_letters(text: str) -> str:
    """Return lower case, code point by code point where a letter (``İ``) would become two."""
    lowered = text.lower()
    if len(lowered) == len(text):
        return lowered
    return "".join(low if len(low := letter.lower()) == 1 else letter for letter in text)
