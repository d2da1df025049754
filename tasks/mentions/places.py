"""Find the places that the text names: cities, countries and venues behind a preposition of place."""

from collections.abc import Iterable, Sequence

from schemas.document import PlaceMention, Token
from tasks.language.folding import fold
from tasks.language.pack import LanguagePack

__all__ = ["find_places"]

_PLACES = frozenset({"CAPITAL", "CITY", "COUNTRY", "REGION", "VENUE", "ORG"})
_BETWEEN = frozenset({"COMMA", "OPEN", "CLOSE", "OF", "CITY_WORD", "AT"})
_NAMES = frozenset({"FOREIGN_NAME", "NATIVE_NAME", "CAP"})
_ELSEWHERE = frozenset({"CRISIS", "TITLE", "ROLE", "SIDELINE"})
"""Behind one of these the place is that of a war or of an ambassador, and not of the event."""
_FURTHEST = 4
"""Number of tokens that may stand between a city and its country: "thủ đô Riyadh, của Ả Rập Saudi"."""


def find_places(tokens: Sequence[Token], text: str, pack: LanguagePack) -> tuple[PlaceMention, ...]:
    """Find the places of one sentence.

    Only what stands behind a preposition of place counts ("tại Vienna", "ở Ấn Độ", "tới Moscow"), so that a country
    that qualifies a person or a quarrel is none; a city takes the country printed after it.

    Returns:
        Places in reading order; may be empty.
    """
    found: list[PlaceMention] = []
    next_free = 0
    for index, token in enumerate(tokens):
        is_elsewhere = index > 0 and tokens[index - 1].kind in _ELSEWHERE
        if token.kind not in ("AT", "TO") or index < next_free or is_elsewhere:
            continue
        governed = _collect_places(tokens, index + 1)
        place = _read_place(governed, text, pack)
        if place:
            found.append(place)
            next_free = tokens.index(governed[-1]) + 1
    return tuple(found)


def _collect_places(tokens: Sequence[Token], first: int) -> list[Token]:
    """Return the places that one preposition governs; it stands right before ``first``."""
    governed: list[Token] = []
    gap = 0
    for index, token in enumerate(tokens[first:], first):
        is_listed = token.kind in _PLACES and (token.kind != "ORG" or not governed)
        if is_listed or (not governed and _is_unknown_town(tokens, index)):
            governed.append(token)
            gap = 0
        elif token.kind in _BETWEEN and gap < _FURTHEST:
            gap += 1
        else:
            break
    return governed


def _is_unknown_town(tokens: Sequence[Token], index: int) -> bool:
    """Return True for a name right before a comma and a country: "tại Bergen, Na Uy"."""
    after = [token.kind for token in tokens[index + 1 : index + 3]]
    return tokens[index].kind in _NAMES and after in (["COMMA", "COUNTRY"], ["OPEN", "COUNTRY"])


def _read_place(governed: Iterable[Token], text: str, pack: LanguagePack) -> PlaceMention | None:
    """Make one place of venue, city and country; None if no country is known."""
    tokens = list(governed)
    city = country = venue = None
    for token in tokens:
        words = text[token.start : token.end]
        folded = fold(words)
        if folded in pack.places.venues and venue is None:
            venue = words
            city_of, country_of = pack.places.venues[folded]
            city, country = city or city_of, country or country_of
        elif token.kind in ("CAPITAL", "CITY") and city is None:
            city, country_of = pack.places.cities.get(folded, (words, token.value))  # "Bu - cha" is spelt like no city
            country = country or country_of
        elif token.kind in _NAMES:
            city = words
        elif token.kind in ("COUNTRY", "REGION") and country is None:
            country = token.value or None
    if country is None:
        return None
    return PlaceMention(tokens[0].start, tokens[-1].end, city, country, venue)
