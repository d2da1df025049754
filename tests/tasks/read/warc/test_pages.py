import gzip
import io
import os
import subprocess
import sys
import zlib
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from warcio.archiveiterator import ArchiveIterator

from schemas.articles import Page, Sidecar
from schemas.rejects import Reject
from schemas.settings import CleanLimits
from tasks.read.files import read_files
from tasks.read.warc import pages as pages_module
from tasks.read.warc.pages import read_warc

NOW = datetime(2024, 6, 18, 9, tzinfo=UTC)
STORY = b"<html><body><p>Hai b\xc3\xaan g\xe1\xba\xb7p nhau.</p></body></html>"


def http(body=STORY, *, status="200 OK", media="text/html; charset=utf-8", **headers):
    lines = [f"HTTP/1.1 {status}", *([f"Content-Type: {media}"] if media else [])]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode() + body


def record(content=None, *, kind="response", url="https://baomau.vn/a.html", date="2024-06-17T01:30:00Z", length=None):
    content = http() if content is None else content
    lines = ["WARC/1.0", f"WARC-Type: {kind}", "WARC-Record-ID: <urn:uuid:0>"]
    lines += [f"WARC-Target-URI: {url}"] * bool(url) + [f"WARC-Date: {date}"] * bool(date)
    lines += [f"Content-Length: {len(content) if length is None else length}"]
    return "\r\n".join([*lines, "", ""]).encode() + content + b"\r\n\r\n"


def packed(*records):
    return b"".join(map(gzip.compress, records))


def read(archive, **options):
    return list(read_warc(io.BytesIO(archive), **{"name": "x.warc.gz", "now": NOW, "limits": CleanLimits(), **options}))


def pages(found):
    return [item for item in found if isinstance(item, Page)]


def codes(found):
    return [item.code for item in found if isinstance(item, Reject)]


def one(content):
    return read(packed(record(content)))


def test_a_response_becomes_a_page():
    (page,) = read(packed(record()))
    assert page == Page(
        input="x.warc.gz:0",
        media="html",
        body=STORY,
        sidecar=Sidecar(url="https://baomau.vn/a.html"),
        fetched_at=datetime(2024, 6, 17, 1, 30, tzinfo=UTC),
        charset="utf-8",
    )


@pytest.mark.parametrize("pack", [packed, lambda *records: b"".join(records), lambda *r: gzip.compress(b"".join(r))])
def test_every_way_to_pack_an_archive_gives_the_same_pages(pack):
    found = read(pack(record(b"x", kind="warcinfo", url=""), *(record(url=f"https://baomau.vn/{n}") for n in range(5))))
    assert [page.sidecar.url for page in found] == [f"https://baomau.vn/{n}" for n in range(5)]
    assert len({page.input for page in found}) == 5


@pytest.mark.parametrize("pack", [packed, lambda *records: b"".join(records)])
def test_the_input_says_where_in_the_archive_a_page_is(pack):
    archive = pack(*(record(url=f"https://baomau.vn/{n}") for n in range(3)))
    for page in read(archive):
        stream = io.BytesIO(archive)
        stream.seek(int(page.input.rpartition(":")[2]))
        there = next(iter(ArchiveIterator(stream)))
        assert there.rec_headers.get_header("WARC-Target-URI") == page.sidecar.url


def test_an_archive_need_not_be_seekable():
    class Pipe(io.RawIOBase):
        def __init__(self, data):
            self._data = io.BytesIO(data)

        def read(self, size=-1):
            return self._data.read(min(size, 7))

        def seekable(self):
            return False

        def tell(self):
            raise OSError("a pipe")

    archive = packed(*(record(url=f"https://baomau.vn/{n}") for n in range(3)))
    assert list(read_warc(Pipe(archive), name="x.warc.gz", now=NOW, limits=CleanLimits())) == read(archive)


def test_what_is_no_page_is_passed_over_and_counted():
    passed = Counter()
    archive = packed(
        record(b"software: x", kind="warcinfo", url=""),
        record(b"GET / HTTP/1.1\r\n\r\n", kind="request"),
        record(b"", kind="revisit"),
        record(b"baomau.vn. 1 IN A 127.0.0.1", url="dns:baomau.vn"),
        record(http(b"\x89PNG", media="image/png")),
        record(http(b"\x89PNG" * 3_000_000, media="image/png")),
        record(http(b"\x89PNG", media="")),
        record(http(b"User-agent: *", media="text/plain"), url="https://baomau.vn/robots.txt"),
        record(http(status="404 Not Found")),
        record(http(status="301 Moved", Location="https://baomau.vn/b")),
        record(b"no HTTP at all"),
        record(b""),
        record(),
    )
    assert len(read(archive, passed=passed)) == 1
    assert passed == {"not_a_response": 4, "not_a_page": 6, "not_ok": 2}


def test_plain_text_is_a_page_too():
    (page,) = one(http(b"Hai b\xc3\xaan g\xe1\xba\xb7p nhau.", media="TEXT/PLAIN"))
    assert (page.media, page.charset) == ("text", None)


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        (gzip.compress(STORY), {"Content_Encoding": "gzip"}),
        (gzip.compress(STORY), {"Content_Encoding": "X-GZIP"}),
        (zlib.compress(STORY), {"Content_Encoding": "deflate"}),
        (zlib.compress(STORY, wbits=-15), {"Content_Encoding": "deflate"}),
        (STORY, {"Content_Encoding": "identity"}),
        (STORY, {"Content_Encoding": "gzip"}),
        (b"5\r\n" + STORY[:5] + b"\r\nff;x=y\r\n" + STORY[5:] + b"\r\n0\r\n\r\n", {"Transfer_Encoding": "chunked"}),
        (STORY, {"Transfer_Encoding": "chunked"}),
    ],
)
def test_bodies_are_unpacked(body, headers):
    body = body.replace(b"ff;x=y", f"{len(STORY) - 5:x};x=y".encode())
    (page,) = one(http(body, **headers))
    assert page.body == STORY


def test_a_body_in_chunks_may_be_packed_as_well():
    body = gzip.compress(STORY)
    chunks = f"{len(body):x}\r\n".encode() + body + b"\r\n0\r\n\r\n"
    (page,) = one(http(chunks, Transfer_Encoding="chunked", Content_Encoding="gzip"))
    assert page.body == STORY


@pytest.mark.parametrize(
    ("code", "content"),
    [
        ("unsupported_encoding", http(STORY, Content_Encoding="br")),
        ("unsupported_encoding", http(STORY, Content_Encoding="gzip, gzip")),
        ("broken_encoding", http(gzip.compress(STORY)[:-9], Content_Encoding="gzip")),
        ("broken_encoding", http(STORY, Content_Encoding="deflate")),
        ("too_large", http(b"x" * 2_000_001)),
        ("too_large", http(b"x" * 20_000_000)),
        ("too_large", http(gzip.compress(b"x" * 20_000_000), Content_Encoding="gzip")),
        ("empty", http(b"\r\n")),
    ],
)
def test_what_should_have_been_a_page_is_a_reject_and_the_rest_goes_on(code, content):
    found = read(packed(record(content), record(url="https://baomau.vn/b")))
    assert codes(found) == [code]
    assert (found[0].input, found[0].stage) == ("x.warc.gz:0", "read")
    assert found[0].message.startswith("https://baomau.vn/a.html: ")
    assert [page.sidecar.url for page in pages(found)] == ["https://baomau.vn/b"]


@pytest.mark.parametrize(
    ("date", "fetched"),
    [
        ("2024-06-17T01:30:00.5Z", datetime(2024, 6, 17, 1, 30, 0, 500_000, UTC)),
        ("2024-06-17", datetime(2024, 6, 17, tzinfo=UTC)),
        ("2034-06-17T01:30:00Z", NOW),
        ("0001-01-01T00:00:00+14:00", NOW),
        ("yesterday", NOW),
        ("", NOW),
    ],
)
def test_a_page_was_fetched_when_it_was_archived(date, fetched):
    assert read(packed(record(date=date)))[0].fetched_at == fetched


def test_the_url_is_canonical_and_spaces_in_it_do_not_matter(capfd):
    found = read(packed(record(url="https://BaoMau.vn/a b?utm_source=x"), record(url="<https://baomau.vn/c>")))
    assert [page.sidecar.url for page in found] == ["https://baomau.vn/a%20b", "https://baomau.vn/c"]
    assert capfd.readouterr() == ("", "")


def test_pages_that_are_stored_are_not_read_again():
    archive = packed(*(record(url=f"https://baomau.vn/{n}?utm_source=x") for n in range(4)))
    whole, passed = read(archive), Counter()
    stored = {whole[0].input, "https://baomau.vn/2"}
    assert read(archive, known=stored.__contains__, passed=passed) == [whole[1], whole[3]]
    assert passed == {"known": 2}
    assert read(archive, known=lambda _: True) == []


def test_an_archive_without_pages_says_what_it_holds():
    archive = packed(record(kind="request"), record(http(status="404 Not Found")))
    (reject,) = read(archive)
    assert (reject.code, reject.input) == ("no_pages", "x.warc.gz")
    assert reject.message == "x.warc.gz holds no pages: 1 not_a_response, 1 not_ok"
    assert codes(read(b"")) == ["no_pages"]
    assert codes(read(archive, passed=Counter(known=5, not_ok=9))) == ["no_pages"]


def cut_points(archive, first):
    return [first + 1, first + 15, first + 40, (first + len(archive)) // 2, len(archive) - 5, len(archive) - 1]


def test_a_cut_archive_gives_what_is_whole_and_names_the_place(capfd):
    first = len(packed(record()))
    archive = packed(record(), record(http(os.urandom(3_000).hex().encode()), url="https://baomau.vn/b"))
    for end in cut_points(archive, first):
        found = read(archive[:end])
        assert [page.input for page in pages(found)] == ["x.warc.gz:0"], end
        assert codes(found) == ["damaged_archive"], end
        assert f"the record at byte {first:,}" in found[-1].message
        assert found[-1].input == "x.warc.gz"
    assert capfd.readouterr() == ("", "")


def test_a_cut_archive_that_is_not_packed(capfd):
    first = len(record())
    archive = record() + record(url="https://baomau.vn/b")
    for end in (first + 1, first + 12, first + 60, len(archive) - 30):
        found = read(archive[:end])
        assert ([page.input for page in pages(found)], codes(found)) == (["x.warc.gz:0"], ["damaged_archive"]), end
    assert len(pages(read(archive[:-4]))) == 2
    assert capfd.readouterr() == ("", "")


def test_a_flipped_bit_is_noticed(capfd):
    first = len(packed(record()))
    archive = bytearray(packed(record(), record(url="https://baomau.vn/b"), record(url="https://baomau.vn/c")))
    archive[first + 60] ^= 0x10
    found = read(bytes(archive))
    assert ([page.input for page in pages(found)], codes(found)) == (["x.warc.gz:0"], ["damaged_archive"])
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(
    "archive",
    [
        b"<html>no archive</html>",
        gzip.compress(b"<html>no archive</html>"),
        record(length="many"),
        record(length="-5"),
        record(length="9" * 5_000),
        record(length=""),
        b"WARC/1.0\r\n" + b"x" * 2_000_000,
        b"WARC/1.0\r\n" + b"X-Y: z\r\n" * 200_000,
        b"WARC/1.0\r\nWARC-Type: response\r\n\r\n",
        record() + b"\r\n" * 600_000,
        packed(record()) + b"and then something else",
        b"\x1f\x8b",
    ],
)
def test_what_is_no_archive_is_a_reject(archive):
    assert codes(read(archive)) == ["damaged_archive"]


def test_a_length_that_is_too_short_ends_the_archive_there():
    found = read(record(length=len(http()) - 20) + record(url="https://baomau.vn/b"))
    assert codes(found) == ["damaged_archive"]


def test_files_and_folders_hand_archives_over(tmp_path):
    (tmp_path / "b.WARC.gz").write_bytes(packed(record(), record(url="https://baomau.vn/b")))
    (tmp_path / "a.warc").write_bytes(record(url="https://baomau.vn/c"))
    (tmp_path / "c.txt").write_text("words")
    (tmp_path / "d.gz").write_bytes(b"nothing of ours")
    passed = Counter()
    found = list(read_files([tmp_path], now=NOW, limits=CleanLimits(max_file_bytes=10), passed=passed))
    names = [Path(item.input).name for item in found]
    assert [name.partition(":")[0] for name in names] == ["a.warc", "b.WARC.gz", "b.WARC.gz", "c.txt"]
    stored = list(
        read_files([tmp_path / "b.WARC.gz"], now=NOW, limits=CleanLimits(), known=lambda link: link.endswith(":0"))
    )
    assert [page.sidecar.url for page in stored] == ["https://baomau.vn/b"]


def test_archives_that_cannot_be_opened_are_rejects(tmp_path, monkeypatch):
    os.mkfifo(tmp_path / "a.warc")
    (tmp_path / "b.warc.gz").symlink_to(tmp_path / "gone.warc.gz")
    (tmp_path / "c.warc.gz").write_bytes(packed(record()))
    monkeypatch.setattr(Path, "open", lambda *_: (_ for _ in ()).throw(PermissionError(13, "Permission denied")))
    found = list(read_files([tmp_path], now=NOW, limits=CleanLimits()))
    assert codes(found) == ["not_a_file", "broken_link", "unreadable"]


MEMORY = """
import gzip, resource, sys
from datetime import UTC, datetime
from pathlib import Path
from schemas.settings import CleanLimits
from tasks.read.files import read_files

now, seen, peaks = datetime.now(UTC), 0, []
for page in read_files([sys.argv[1]], now=now, limits=CleanLimits()):
    seen += 1
    if seen in (500, 5_000):
        peaks.append(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024)
assert seen == 5_000, (seen, page)
assert peaks[1] - peaks[0] < 8_000_000, peaks
"""


def test_memory_stays_flat_over_five_thousand_pages(tmp_path):
    story = os.urandom(2_000).hex().encode()
    with (tmp_path / "big.warc.gz").open("wb") as file:
        for number in range(5_000):
            content = http(f"<p>{number}</p>".encode() + story)
            file.write(gzip.compress(record(content, url=f"https://baomau.vn/{number}"), 1))
    repository = Path(__file__).parents[4]
    run = subprocess.run(
        [sys.executable, "-c", MEMORY, str(tmp_path / "big.warc.gz")],
        capture_output=True,
        text=True,
        env=os.environ | {"PYTHONPATH": str(repository)},
    )
    assert run.returncode == 0, run.stderr


def resource(body=STORY, media="text/html; charset=utf-8", url="https://baomau.vn/r.html"):
    head = f"WARC/1.0\r\nWARC-Type: resource\r\nWARC-Target-URI: {url}\r\nWARC-Date: 2024-06-17T01:30:00Z\r\n"
    head += f"Content-Type: {media}\r\n" * bool(media)
    return f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body + b"\r\n\r\n"


def test_a_resource_is_a_page_without_an_answer():
    (page,) = read(packed(resource()))
    assert (page.body, page.media, page.charset, page.sidecar.url) == (
        STORY, "html", "utf-8", "https://baomau.vn/r.html",
    )  # fmt: skip
    assert pages(read(packed(resource(media="text/plain"))))[0].media == "text"
    passed = Counter()
    archive = packed(resource(b"\x89PNG", "image/png"), resource(b"<svg/>", ""), resource(url="dns:baomau.vn"))
    assert codes(read(archive, passed=passed)) == ["no_pages"]
    assert passed == {"not_a_page": 2, "not_a_response": 1}


@pytest.mark.parametrize("body", [STORY, b"\n<!-- x --><!DOCTYPE html><p>Tin</p>", b"\xef\xbb\xbf<head></head>"])
def test_a_response_without_a_type_is_taken_for_what_it_looks_like(body):
    (page,) = one(http(body, media=""))
    assert (page.media, page.charset) == ("html", None)
    assert codes(one(http(b"\x89PNG", media=""))) == ["no_pages"]


def test_a_packed_response_without_a_type_is_read():
    (page,) = one(http(gzip.compress(STORY), media="", Content_Encoding="gzip"))
    assert page.body == STORY


def test_of_two_types_the_last_counts():
    (page,) = one(http(media="text/html, text/html;charset=utf-8"))
    assert (page.media, page.charset) == ("html", "utf-8")
    assert codes(one(http(media="text/html, image/png"))) == ["no_pages"]
    two_headers = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Type: text/html; charset=x\r\n\r\n" + STORY
    assert pages(one(two_headers))[0].charset == "x"


def test_no_flipped_bit_ends_more_than_its_archive():
    """All bits of the first records' heads, packed and not; some make the parser raise what it does not promise."""
    for archive in (record() + record(url="https://baomau.vn/b"), packed(record(), record())):
        for place in range(min(len(archive), 330)):
            for bit in (0, 3, 5):
                flipped = archive[:place] + bytes([archive[place] ^ 1 << bit]) + archive[place + 1 :]
                assert read(flipped), (place, bit)


def test_a_record_that_fails_costs_itself_only(monkeypatch):
    monkeypatch.setattr(pages_module, "Sidecar", lambda url: 1 / 0 if "b.html" in url else Sidecar(url=url))
    found = read(packed(record(), record(url="https://baomau.vn/b.html"), record(url="https://baomau.vn/c.html")))
    assert (len(pages(found)), codes(found)) == (2, ["record_failed"])


WHOLE = packed(record(), record(http(gzip.compress(STORY), Content_Encoding="gzip")))


@settings(max_examples=200)
@given(
    st.binary(max_size=300)
    | st.binary(max_size=200).map(lambda content: packed(record(content)))
    | st.binary(max_size=100).map(lambda body: record(http(body, Content_Encoding="gzip", Transfer_Encoding="chunked")))
    | st.tuples(st.integers(0, len(WHOLE) - 1), st.integers(0, 255)).map(
        lambda change: WHOLE[: change[0]] + bytes([change[1]]) + WHOLE[change[0] + 1 :]
    )
    | st.integers(0, len(WHOLE)).map(lambda end: WHOLE[:end])
)
def test_any_bytes_give_pages_or_rejects(archive):
    found = read(archive)
    assert all(isinstance(item, Page | Reject) for item in found)
    assert found
