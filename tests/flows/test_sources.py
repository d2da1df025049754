import json

from flows.cli import _exit_code

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
    assert err.startswith(f"{len(out.splitlines()) - 2} sources in ")


def test_sources_of_ones_own_are_listed_for_programs(capsys, tmp_path):
    (tmp_path / "bao-mau.toml").write_text(SOURCE, "utf-8")
    code, out, _ = run(capsys, "--folder", tmp_path, "--format", "json")
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
    code, out, err = run(capsys, "--folder", tmp_path)
    assert (code, out) == (2, "")
    assert err.startswith(f"parley: {tmp_path / 'bao-mau.toml'}: kind: 'tabloid' is none of national")


def test_a_folder_without_sources_is_a_mistake(capsys, tmp_path):
    assert run(capsys, "--folder", tmp_path)[0] == 2
