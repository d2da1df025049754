import gzip
import zlib
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.errors import RejectArticle
from tasks.read.inflate import Inflater, inflate, is_gzip

TEXT = "Hai bộ trưởng hội đàm tại Hà Nội.\n".encode() * 50


def bare_deflate(data):
    packer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    return packer.compress(data) + packer.flush()


@pytest.mark.parametrize("pack", [gzip.compress, zlib.compress, bare_deflate])
@given(data=st.binary(max_size=300))
def test_every_frame_is_found_by_its_first_bytes(pack, data):
    assert inflate(pack(data), 1_000) == data


@pytest.mark.parametrize("pack", [gzip.compress, zlib.compress, bare_deflate])
def test_one_byte_more_than_the_bound_is_the_most(pack):
    assert inflate(pack(TEXT), len(TEXT)) == TEXT
    assert inflate(pack(TEXT), len(TEXT) - 1) == TEXT
    assert inflate(pack(TEXT), 10) == TEXT[:11]


def test_a_stream_that_is_cut_off_is_an_error_unless_its_beginning_will_do():
    cut = gzip.compress(TEXT)[:-6]
    with pytest.raises(RejectArticle, match="ends in the middle"):
        inflate(cut, 10_000)
    assert TEXT.startswith(inflate(cut, 10_000, must_be_whole=False))
    with pytest.raises(RejectArticle, match="ends in the middle"):
        inflate(b"\x1f", 10_000)


def test_damage_is_an_error():
    with pytest.raises(RejectArticle, match="damaged"):
        inflate(gzip.compress(TEXT)[:-8] + b"\xff" * 8, 10_000)


def test_members_in_a_row_are_one_file():
    assert inflate(gzip.compress(b"a") + gzip.compress(b"b") + b"noise", 10) == b"ab"


@given(st.lists(st.integers(0, 400), max_size=8))
def test_pieces_give_the_same_as_the_whole(cuts):
    packed = gzip.compress(TEXT)
    edges = [0, *sorted(cuts), len(packed)]
    inflater = Inflater(10_000)
    pieces = [inflater.feed(packed[start:end]) for start, end in pairwise(edges)]
    inflater.finish()
    assert b"".join(pieces) == TEXT


def test_what_is_gzip():
    assert is_gzip(gzip.compress(b"")) and not is_gzip(zlib.compress(b"")) and not is_gzip(b"")
