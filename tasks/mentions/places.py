"""Places that the text names: cities, countries and venues behind a preposition of place."""

from collections.abc import Iterable, Sequence

from schemas.document import PlaceMention, Token
from tasks.language.folding import fold
from tasks.language.pack import LanguagePack

__all__ = ["find_places"]

_PLACES = frozenset({"CITY", "TOWN", "COUNTRY", "REGION", "VENUE", "ORG"})
_BETWEEN = frozenset({"COMMA", "OPEN", "CLOSE", "OF", "TOWNWORD", "AT"})
_ELSEWHERE = frozenset({"CRISIS", "TITLE", "ROLE", "SIDELINE"})
"""Before the preposition: what is somewhere is the war or the ambassador, not the event."""
_FURTHEST = 4
"""How many tokens may stand between a city and its country: "thủ đô Riyadh, của Ả Rập Saudi"."""


def find_places(tokens: Sequence[Token], text: str, pack: LanguagePack) -> tuple[PlaceMention, ...]:
    """Places of one sentence, in reading order; may be empty.

    Only what stands behind a preposition of place counts ("tại Vienna", "ở Ấn Độ", "tới Moscow"), so that
    a country that qualifies a person or a quarrel is none; a city takes the country printed after it.
    """
    found: list[PlaceMention] = []
    done = -1
    for index, token in enumerate(tokens):
        if token.kind not in ("AT", "TO") or index <= done or (index and tokens[index - 1].kind in _ELSEWHERE):
            continue
        run = _collect_places(tokens, index + 1)
        if run and (place := _read_place(run, text, pack)):
            found.append(place)
            done = tokens.index(run[-1])
    return tuple(found)


def _collect_places(tokens: Sequence[Token], first: int) -> list[Token]:
    """The places that one preposition governs."""
    run: list[Token] = []
    gap = 0
    for index, token in enumerate(tokens[first:], first):
        known = token.kind in _PLACES and (token.kind != "ORG" or not run)
        if known or (not run and _is_unknown_town(tokens, index)):
            run.append(token)
            gap = 0
        elif token.kind in _BETWEEN and gap < _FURTHEST:
            gap += 1
        else:
            break
    return run


def _is_unknown_town(tokens: Sequence[Token], index: int) -> bool:
    """A name right before a comma and a country: "tại Bergen, Na Uy"."""
    after = [token.kind for token in tokens[index + 1 : index + 3]]
    return tokens[index].kind in ("FNAME", "NNAME", "CAP") and after in (["COMMA", "COUNTRY"], ["OPEN", "COUNTRY"])


def _read_place(run: Iterable[Token], text: str, pack: LanguagePack) -> PlaceMention | None:
    tokens = list(run)
    city = country = venue = None
    for token in tokens:
        words = text[token.start : token.end]
        known = fold(words)
        if known in pack.places.venues and venue is None:
            venue = words
            city_of, country_of = pack.places.venues[known]
            city, country = city or city_of, country or country_of
        elif token.kind in ("CITY", "TOWN") and city is None:
            city, own = pack.places.cities[known]
            country = country or own
        elif token.kind in ("FNAME", "NNAME", "CAP"):
            city = words
        elif token.kind in ("COUNTRY", "REGION") and country is None:
            country = token.value or None
    if country is None:
        return None
    return PlaceMention(tokens[0].start, tokens[-1].end, city, country, venue)
