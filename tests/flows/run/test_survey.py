from pathlib import Path

from flows.run.survey import survey_paths


def test_it_counts_what_will_be_read_and_what_will_not(tmp_path: Path) -> None:
    for name in ("a.txt", "a.json", "b.HTML", "report.pdf", "other.pdf", "README", ".hidden.txt"):
        (tmp_path / name).touch()
    found = survey_paths([str(tmp_path)])
    assert (found.files, found.passed_over) == (2, {".pdf": 2, "no suffix": 1})
    assert survey_paths([str(tmp_path / "a.txt"), str(tmp_path / "report.pdf")]).files == 2


def test_of_archives_and_of_nothing(tmp_path: Path) -> None:
    assert survey_paths([str(tmp_path)]).files == 0
    (tmp_path / "crawl.warc.gz").touch()
    assert survey_paths([str(tmp_path)]).files is None
