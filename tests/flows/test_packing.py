"""What is packed comes out the same."""

from dataclasses import dataclass, field

from flows.packing import pack, unpack
from schemas.document import Entity, Token


@dataclass(frozen=True, slots=True)
class Indexed:
    tokens: tuple[Token, ...]
    name: str
    _at: dict[int, Token] = field(default_factory=dict, init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        self._at.update((token.start, token) for token in self.tokens)

    def at(self, start: int) -> Token:
        return self._at[start]


def test_nested_records_come_out_equal() -> None:
    inner = Token("NAME", 3, 5)
    value = (Token("PERSON", 0, 5, "x", (inner,), (("name", 0, 1),), "rule"), Entity(kind="person", name="An"), None, 7)
    assert unpack(pack(value)) == value


def test_what_the_constructor_derives_is_derived_anew() -> None:
    token = Token("NAME", 3, 5)
    opened = unpack(pack(Indexed((token,), "n")))
    assert isinstance(opened, Indexed)
    assert opened.at(3) == token
