import inspect
import json
import os
import sys
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest

from schemas.articles import Page, Sidecar
from schemas.fetches import Fetch
from schemas.rejects import Reject
from schemas.settings import CleanLimits
from tasks.read import files
from tasks.read.files import read_files

NOW = datetime(2024, 6, 18, 9, tzinfo=UTC)


def read(*paths, limits=None):
    return list(read_files(paths, now=NOW, limits=limits or CleanLimits()))


def names(found):
    return [Path(item.input).name for item in found if isinstance(item, Page)]


def codes(found):
    return [item.code for item in found if isinstance(item, Reject)]


def write(folder, *file_names, content=b"words"):
    for name in file_names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)


def test_a_page_carries_its_path_bytes_and_time(tmp_path):
    write(tmp_path, "a.htm")
    assert read(tmp_path / "a.htm") == [
        Page(input=(tmp_path / "a.htm").as_posix(), media="html", body=b"words", sidecar=Sidecar(), fetched_at=NOW)
    ]


def test_folders_come_out_depth_first_in_order_of_name(tmp_path):
    write(tmp_path, "c.txt", "a/z.html", "a/b/x.HTM", "B.TXT", "d.txt")
    assert names(read(tmp_path)) == ["B.TXT", "x.HTM", "z.html", "c.txt", "d.txt"]


def test_paths_are_read_in_the_order_given(tmp_path):
    write(tmp_path, "a.txt", "b.txt")
    assert names(read(tmp_path / "b.txt", tmp_path / "a.txt")) == ["b.txt", "a.txt"]


def test_no_more_than_a_chunk_of_names_is_held_and_none_is_lost(tmp_path, monkeypatch):
    monkeypatch.setattr(files, "NAMES_AT_ONCE", 3)
    write(tmp_path, *(f"{number}.txt" for number in range(9)))
    held = []
    scan = files._names_after
    monkeypatch.setattr(files, "_names_after", lambda *args: held.append(scan(*args)) or held[-1])
    assert names(read(tmp_path)) == [f"{number}.txt" for number in range(9)]
    assert [len(chunk) for chunk in held] == [3, 3, 3, 0]


def test_reading_is_lazy(tmp_path):
    write(tmp_path, "a.txt", "b.txt")
    stream = read_files([tmp_path], now=NOW, limits=CleanLimits())
    next(stream)
    (tmp_path / "b.txt").write_bytes(b"changed")
    assert next(stream).body == b"changed"


def test_other_suffixes_are_passed_over_in_folders_and_rejected_when_named(tmp_path):
    write(tmp_path, "a.pdf", "a.json")
    (tmp_path / "b.png").symlink_to(tmp_path / "gone.png")
    passed = Counter()
    assert list(read_files([tmp_path], now=NOW, limits=CleanLimits(), passed=passed)) == []
    assert passed == {"unsupported_type": 1}, "a dead link and a sidecar are not counted"
    assert codes(read(tmp_path / "a.pdf")) == ["unsupported_type"]


def test_the_sidecar_tells_what_it_knows_and_unknown_keys_are_ignored(tmp_path):
    write(tmp_path, "a.txt")
    known = {
        "url": "https://example.vn/a",
        "outlet": None,
        "title": "Tin",
        "published_at": "2024-06-17",
        "language": "vi",
    }
    (tmp_path / "a.json").write_text(json.dumps(known | {"published_at": "2024-06-17T08:30+07:00"}))
    (page,) = read(tmp_path)
    assert page.sidecar == Sidecar(
        url="https://example.vn/a", title="Tin", published_at=datetime(2024, 6, 17, 1, 30, tzinfo=UTC), language="vi"
    )


@pytest.mark.parametrize(
    "content",
    [
        "{",
        "[]",
        '{"title": 5}',
        '{"published_at": "yesterday"}',
        '{"published_at": 1718600000}',
        '{"title": "\\ud800"}',
        "[" * 100_000,
        "",
    ],
)
def test_a_broken_sidecar_is_a_reject(tmp_path, content):
    write(tmp_path, "a.txt", "b.txt")
    (tmp_path / "a.json").write_text(content)
    found = read(tmp_path)
    assert codes(found) == ["broken_sidecar"]
    assert names(found) == ["b.txt"]


def test_a_sidecar_that_leads_nowhere_is_a_reject(tmp_path):
    write(tmp_path, "a.txt")
    (tmp_path / "a.json").symlink_to(tmp_path / "gone.json")
    assert codes(read(tmp_path)) == ["broken_sidecar"]


def test_an_annotation_is_not_a_sidecar(tmp_path):
    write(tmp_path, "a.gold.txt")
    (tmp_path / "a.gold.json").write_text("not JSON")
    assert names(read(tmp_path)) == ["a.gold.txt"]


def test_missing_empty_and_large_files(tmp_path):
    write(tmp_path, "empty.txt", content=b"")
    write(tmp_path, "large.txt", content=b"x" * 11)
    found = read(tmp_path / "none.txt", tmp_path, limits=CleanLimits(max_file_bytes=10))
    assert codes(found) == ["missing_path", "empty", "too_large"]
    assert all(item.stage == "read" and Path(item.input).name in item.message for item in found)


def test_a_large_file_is_not_opened(tmp_path, monkeypatch):
    write(tmp_path, "large.txt", content=b"x" * 11)
    monkeypatch.setattr(Path, "open", lambda *_: pytest.fail("opened"))
    assert codes(read(tmp_path, limits=CleanLimits(max_file_bytes=10))) == ["too_large"]


def test_a_file_that_may_not_be_read_is_a_reject_and_the_rest_goes_on(tmp_path, monkeypatch):
    write(tmp_path, "a.txt", "b.txt")
    opened = Path.open

    def refuse(path, *args, **kwargs):
        if path.name == "a.txt":
            raise PermissionError(13, "Permission denied", str(path))
        return opened(path, *args, **kwargs)

    monkeypatch.setattr(Path, "open", refuse)
    found = read(tmp_path)
    assert codes(found) == ["unreadable"]
    assert names(found) == ["b.txt"]


def test_a_folder_that_may_not_be_listed_is_a_reject(tmp_path, monkeypatch):
    write(tmp_path, "closed/a.txt", "open/b.txt")
    scan = os.scandir

    def refuse(path):
        if Path(path).name == "closed":
            raise PermissionError(13, "Permission denied", str(path))
        return scan(path)

    monkeypatch.setattr(files.os, "scandir", refuse)
    found = read(tmp_path)
    assert codes(found) == ["unreadable"]
    assert names(found) == ["b.txt"]


def test_a_link_back_is_a_reject_and_every_folder_is_walked_once(tmp_path):
    write(tmp_path, "a/b/x.txt")
    (tmp_path / "a/b/back").symlink_to(tmp_path / "a")
    (tmp_path / "twin").symlink_to(tmp_path / "a/b")
    found = read(tmp_path, tmp_path / "a")
    assert codes(found) == ["link_loop"]
    assert names(found) == ["x.txt"]


def test_links_that_loop_or_lead_nowhere(tmp_path):
    (tmp_path / "a.txt").symlink_to(tmp_path / "a.txt")
    (tmp_path / "b.txt").symlink_to(tmp_path / "gone.txt")
    assert codes(read(tmp_path)) == ["link_loop", "broken_link"]


def test_a_pipe_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "a.txt")
    assert codes(read(tmp_path)) == ["not_a_file"]


def test_folders_may_nest_deeper_than_calls(tmp_path):
    deep = tmp_path
    for _ in range(300):
        deep = deep / "d"
        deep.mkdir()
    write(deep, "a.txt")
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(len(inspect.stack()) + 100)
    try:
        found = read(tmp_path)
    finally:
        sys.setrecursionlimit(limit)
    assert names(found) == ["a.txt"]


def test_a_name_that_is_not_utf8_is_read_and_printed_as_text(tmp_path):
    (Path(os.fsdecode(bytes(tmp_path) + b"/\xff.txt"))).write_bytes(b"words")
    (page,) = read(tmp_path)
    assert page.input.endswith("/\\xff.txt")


def test_a_sidecar_that_names_only_the_day_leaves_the_time_zone_open(tmp_path):
    write(tmp_path, "a.txt")
    (tmp_path / "a.json").write_text('{"published_at": "2024-06-17"}')
    (page,) = read(tmp_path)
    assert page.sidecar.published_at.isoformat() == "2024-06-17T00:00:00"


def test_what_is_still_being_written_into_an_inbox_is_left_alone(tmp_path):
    write(tmp_path, ".a.html.swp", ".b.txt", ".git/c.txt", "d.html.part", "e.txt.tmp", "f.TMP", "g.part/h.txt", "i.txt")
    assert names(read(tmp_path)) == ["i.txt"]


def test_a_file_that_has_got_its_name_is_read_the_next_time(tmp_path):
    write(tmp_path, "a.txt", "b.txt.part")
    assert names(read(tmp_path)) == ["a.txt"]
    (tmp_path / "b.txt.part").rename(tmp_path / "b.txt")
    assert names(read(tmp_path)) == ["a.txt", "b.txt"]


def test_a_name_with_a_dot_is_read_if_it_is_asked_for(tmp_path):
    write(tmp_path, ".a.txt", ".inbox/b.txt")
    assert names(read(tmp_path / ".a.txt", tmp_path / ".inbox")) == [".a.txt", "b.txt"]


# Links out of a folder, and names.


@pytest.fixture
def inbox(tmp_path):
    (tmp_path / "inbox").mkdir()
    write(tmp_path, "secret.txt", "secrets/a.txt", "a.json")
    return tmp_path / "inbox"


def test_a_link_out_of_the_folder_is_not_followed(tmp_path, inbox):
    write(inbox, "a.txt", "b.txt")
    (inbox / "file.txt").symlink_to(tmp_path / "secret.txt")
    (inbox / "folder").symlink_to(tmp_path / "secrets")
    (inbox / "picture.png").symlink_to(tmp_path / "secret.txt")
    (inbox / "within.txt").symlink_to(inbox / "a.txt")
    found = read(inbox)
    assert codes(found) == ["outside_folder", "outside_folder"]
    assert names(found) == ["a.txt", "b.txt", "within.txt"]


def test_a_link_that_is_named_outright_is_followed(tmp_path, inbox):
    (inbox / "file.txt").symlink_to(tmp_path / "secret.txt")
    (tmp_path / "twin").symlink_to(tmp_path / "secrets")
    assert names(read(inbox / "file.txt", tmp_path / "twin")) == ["file.txt", "a.txt"]


def test_a_sidecar_out_of_the_folder_is_not_read(tmp_path, inbox):
    write(inbox, "a.txt")
    (inbox / "a.json").symlink_to(tmp_path / "a.json")
    assert codes(read(inbox)) == ["broken_sidecar"]


def test_control_characters_of_names_are_escaped(tmp_path):
    write(tmp_path, "a\x1b[2J\u202e.txt", content=b"")
    (reject,) = read(tmp_path)
    assert reject.input.endswith("/a\\x1b[2J\\u202e.txt")
    assert reject.message.isprintable()


# Folders that are read again and again.


class History:
    """What a run remembers: the rows it got."""

    def __init__(self, version="v1", rows=()):
        self.version = version
        self.rows = {row.input: row for row in rows if row.etag.endswith(f" {version}")}

    def has_mark(self, name, mark):
        return name in self.rows and self.rows[name].etag == mark

    def has_content(self, name, sha256):
        return name in self.rows and self.rows[name].body_sha256 == sha256


def read_again(folder, history, passed=None):
    found = read_files([folder], now=NOW, limits=CleanLimits(), files_read=history, passed=passed, source="inbox")
    found = list(found)
    return found, [item for item in found if isinstance(item, Fetch)]


def test_files_that_have_not_changed_are_passed_over_and_counted(tmp_path):
    write(tmp_path, "a.txt", "b.txt", "empty.txt", content=b"words")
    write(tmp_path, "empty.txt", content=b"")
    first, rows = read_again(tmp_path, History())
    assert names(first) == ["a.txt", "b.txt"]
    assert [(row.kind, row.state, row.code, row.source) for row in rows] == [
        ("file", "fetched", None, "inbox"),
        ("file", "fetched", None, "inbox"),
        ("file", "rejected", "empty", "inbox"),
    ]
    passed = Counter()
    assert read_again(tmp_path, History(rows=rows), passed) == ([], [])
    assert passed == {"known": 3}


def test_a_changed_file_or_sidecar_is_read_again(tmp_path):
    write(tmp_path, "a.txt", "b.txt", "c.txt")
    _, rows = read_again(tmp_path, History())
    write(tmp_path, "a.txt", content=b"other words")
    (tmp_path / "b.json").write_text('{"title": "Tin"}')
    found, _ = read_again(tmp_path, History(rows=rows))
    assert names(found) == ["a.txt", "b.txt"]


def test_a_file_that_was_only_touched_is_unchanged(tmp_path):
    write(tmp_path, "a.txt")
    _, rows = read_again(tmp_path, History())
    os.utime(tmp_path / "a.txt", (1, 1))
    found, again = read_again(tmp_path, History(rows=rows))
    assert (found, [row.state for row in again]) == (again, ["unchanged"])
    passed = Counter()
    assert read_again(tmp_path, History(rows=again), passed) == ([], [])
    assert passed == {"known": 1}


def test_another_version_reads_everything_again(tmp_path):
    write(tmp_path, "a.txt")
    _, rows = read_again(tmp_path, History())
    assert names(read_again(tmp_path, History("v2", rows))[0]) == ["a.txt"]


def test_a_file_that_could_not_be_opened_is_not_remembered(tmp_path, monkeypatch):
    write(tmp_path, "a.txt")
    monkeypatch.setattr(Path, "open", lambda *_: (_ for _ in ()).throw(PermissionError(13, "Permission denied")))
    found, rows = read_again(tmp_path, History())
    assert (codes(found), rows) == (["unreadable"], [])


def test_a_file_named_outright_is_always_read(tmp_path):
    write(tmp_path, "a.txt")
    _, rows = read_again(tmp_path, History())
    assert names(read_again(tmp_path / "a.txt", History(rows=rows))[0]) == ["a.txt"]
