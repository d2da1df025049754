import asyncio
import gzip
import tracemalloc
import zlib
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.errors import RejectArticle
from tasks.read.web.bodies import check_announced, read_beginning, read_body, unpack_gzip

STORY = ("Hai bộ trưởng hội đàm tại Hà Nội.\n" * 40).encode()


async def sent(chunks):
    for chunk in chunks:
        yield chunk


def read(chunks, encoding="", wire=1_000_000, body=1_000_000, count=lambda size: None):
    limits = {"max_wire_bytes": wire, "max_body_bytes": body}
    return asyncio.run(read_body(sent(chunks), encoding, count=count, **limits))


def code(chunks, encoding="", **limits):
    with pytest.raises(RejectArticle) as caught:
        read(chunks, encoding, **limits)
    return caught.value.code


def bare_deflate(data):
    packer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    return packer.compress(data) + packer.flush()


PACKED = [("gzip", gzip.compress), ("x-gzip", gzip.compress), ("deflate", zlib.compress), ("Deflate", bare_deflate)]
WHOLE = [("identity", bytes), ("", bytes), ("identity, gzip", gzip.compress)]


@pytest.mark.parametrize(("encoding", "pack"), [*PACKED, *WHOLE])
@given(cuts=st.lists(st.integers(0, 2_000), max_size=6))
def test_a_body_is_the_same_however_it_is_cut_up(encoding, pack, cuts):
    packed = pack(STORY)
    edges = [0, *sorted(cuts), len(packed)]
    chunks = [packed[start:end] for start, end in pairwise(edges)]
    assert read(chunks, encoding) == STORY


def test_bytes_are_counted_as_they_come():
    sizes = []
    packed = gzip.compress(STORY)
    read([packed[:10], packed[10:]], "gzip", count=sizes.append)
    assert sizes == [10, len(packed) - 10]


def test_gzip_members_in_a_row_are_one_body_and_what_follows_is_noise():
    assert read([gzip.compress(b"a") + gzip.compress(b"b") + b"\0\0"], "gzip") == b"ab"
    assert read([gzip.compress(b"a"), b"noise"], "gzip") == b"a"


def test_an_empty_body_is_empty_whatever_it_is_called():
    assert read([], "gzip") == read([b""], "deflate") == b""


@pytest.mark.parametrize(
    ("chunks", "encoding"),
    [
        ([gzip.compress(STORY)[:-9]], "gzip"),
        ([gzip.compress(STORY)[:-4] + b"oops"], "gzip"),
        ([b"\x1f"], "gzip"),
        ([STORY], "br"),
        ([STORY], "zstd"),
        ([gzip.compress(gzip.compress(STORY))], "gzip, gzip"),
    ],
)
def test_damaged_and_unknown_encodings(chunks, encoding):
    assert code(chunks, encoding) == "broken_encoding"


def test_bodies_over_a_bound():
    assert code([b"x" * 60, b"x" * 60], wire=100) == "too_large"
    assert code([b"x" * 101], body=100) == "too_large"
    assert len(read([b"x" * 100], wire=100, body=100)) == 100
    assert code([gzip.compress(b"x" * 101)], "gzip", body=100) == "decompression_bomb"
    assert len(read([gzip.compress(b"x" * 100)], "gzip", body=100)) == 100
    assert code([gzip.compress(b"x" * 60) * 2], "gzip", body=100) == "decompression_bomb"


@pytest.mark.parametrize("pack", [gzip.compress, zlib.compress, bare_deflate])
def test_a_bomb_is_never_held(pack):
    bomb = pack(bytes(50_000_000))
    tracemalloc.start()
    try:
        assert code([bomb], "deflate", body=100_000) == "decompression_bomb"
        assert tracemalloc.get_traced_memory()[1] < 2_000_000
    finally:
        tracemalloc.stop()


def test_the_beginning_is_whole_lines():
    def beginning(chunks, most, encoding=""):
        return asyncio.run(read_beginning(sent(chunks), encoding, most))

    assert beginning([b"Allow: /\nDisallow: /tin\n"], 100) == b"Allow: /\nDisallow: /tin\n"
    assert beginning([b"Allow: /\nDisal", b"low: /tin\n"], 20) == b"Allow: /"
    assert beginning([gzip.compress(b"a\n" * 10_000_000)], 9, "gzip") == b"a\n" * 3 + b"a"


@pytest.mark.parametrize("length", [None, "", "0", "100", "ten", "-1", "１００"])
def test_lengths_that_announce_nothing_too_large(length):
    check_announced(length, 100)


@pytest.mark.parametrize("length", ["101", "9" * 5_000, "٩٩٩"])
def test_lengths_that_announce_too_much(length):
    with pytest.raises(RejectArticle):
        check_announced(length, 100)


@pytest.mark.parametrize(
    ("file", "most", "expected"),
    [(gzip.compress(STORY)[:-1], 10_000, "broken_encoding"), (gzip.compress(STORY), 100, "decompression_bomb")],
)
def test_gzip_files_that_are_refused(file, most, expected):
    with pytest.raises(RejectArticle) as caught:
        unpack_gzip(file, most)
    assert caught.value.code == expected


def test_a_gzip_file_is_unpacked():
    assert unpack_gzip(gzip.compress(STORY), len(STORY)) == STORY


@pytest.mark.parametrize(
    "encoding", ["utf-8", "UTF-8", "none", "text/html", "8bit", "\x00klingon" * 99, "identity, utf-8"]
)
def test_an_encoding_that_is_no_packing_is_passed_over(encoding):
    assert read([STORY], encoding) == STORY


@pytest.mark.parametrize("chunks", [[STORY], [STORY[:1], STORY[1:]], [b"<"], [b""], []])
def test_a_plain_body_under_the_name_of_gzip_is_read(chunks):
    assert read(chunks, "gzip") == b"".join(chunks)


def test_gzip_beside_a_name_that_is_no_packing_is_unpacked():
    assert read([gzip.compress(STORY)], "gzip, utf-8") == STORY


def test_a_body_in_a_thousand_tiny_chunks_is_read_and_one_in_more_is_refused():
    assert len(read([b"x"] * 1_000)) == 1_000
    assert code([b"x"] * 1_001) == "tiny_chunks"
    assert len(read([b"x" * 64] * 5_000)) == 320_000
