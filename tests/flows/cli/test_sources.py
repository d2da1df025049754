import json

from flows.cli.app import _exit_code

SOURCE = """
name = "Báo Mẫu"
language = "vi"
country = "VN"
kind = "national"
homepage = "https://www.baomau.example"
hosts = ["baomau.example", "baomau.net"]
feeds = ["https://baomau.example/a.rss", "https://baomau.example/b.rss"]
checked = 2026-01-31
"""


def run(capsys, *arguments):
    code = _exit_code(["sources", "list", *map(str, arguments)])
    return code, *capsys.readouterr()


def test_the_shipped_sources_are_listed(capsys):
    code, out, err = run(capsys)
    assert code == 0
    assert out.splitlines()[0].split()[:4] == ["id", "name", "kind", "language"]
    assert any(line.startswith("vnexpress ") and line.endswith("vnexpress.net") for line in out.splitlines())
    assert err.startswith(f"{len(out.splitlines()) - 2} sources")


def test_sources_of_ones_own_are_listed_for_programs(capsys, tmp_path):
    (tmp_path / "bao-mau.toml").write_text(SOURCE, "utf-8")
    code, out, _ = run(capsys, "--catalogue", tmp_path, "--format", "json")
    assert code == 0
    assert json.loads(out) == [
        {
            "id": "bao-mau",
            "name": "Báo Mẫu",
            "kind": "national",
            "language": "vi",
            "country": "VN",
            "feeds": 2,
            "sitemaps": 0,
            "checked": "2026-01-31",
            "hosts": "baomau.example, baomau.net",
        }
    ]


def test_a_mistake_in_a_source_is_told_with_file_and_key(capsys, tmp_path):
    (tmp_path / "bao-mau.toml").write_text(SOURCE.replace("national", "tabloid"), "utf-8")
    code, out, err = run(capsys, "--catalogue", tmp_path)
    assert (code, out) == (2, "")
    assert err.startswith(f"parley: {tmp_path / 'bao-mau.toml'}: kind: 'tabloid' is not one of 'national'")


def test_a_folder_without_sources_is_a_mistake(capsys, tmp_path):
    assert run(capsys, "--catalogue", tmp_path)[0] == 2


def test_sources_are_checked_without_asking_for_an_article(capsys, tmp_path, outlet):
    site = outlet.site("o01.outlet.test", stories=3)
    text = SOURCE.replace("baomau.example", site.host).replace("https://www.", "http://")
    for name, feed in {"good": "/feed.xml", "bad": "/feed-entity-bomb.xml"}.items():
        own = text.replace("Báo Mẫu", name).replace(f"https://{site.host}/a.rss", site.url(feed))
        (tmp_path / f"{name}.toml").write_text(own.replace(f', "https://{site.host}/b.rss"', ""), "utf-8")
    options = ["--contact", "a@outlet.test", "--allow-host", *outlet.allowed_hosts]
    code = _exit_code(["sources", "check", "--catalogue", str(tmp_path), "--format", "json", *options])
    out, err = capsys.readouterr()
    found = {row["id"]: row for row in json.loads(out)}
    assert code == 1
    assert (found["good"]["answers"], found["good"]["links"], found["good"]["robots"]) == ("1 of 1", 3, "allowed")
    assert found["bad"]["answers"] == "0 of 1"
    assert "entities" in found["bad"]["problem"]
    assert "1 of 2 do not answer: bad" in err
    assert site.paths("/tin/") == []
