import tomllib
from pathlib import Path

import pytest

from tasks.clean.blocks import Line, label_lines
from tasks.clean.boilerplate import load_boilerplate

DOCUMENTS = tomllib.loads(Path(__file__).with_name("documents.toml").read_text("utf-8"))["document"]
VI = load_boilerplate("vi")


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda document: document["name"])
def test_every_line_is_what_it_is(document):
    lines = [Line(text) for _, text in document["lines"]]
    kinds = label_lines(lines, load_boilerplate(document.get("language", "vi")))
    assert [[kind, line.text] for kind, line in zip(kinds, lines, strict=True)] == document["lines"]


def test_the_page_knows_better_than_the_form_of_a_line():
    lines = [
        Line("Chính trị"),
        Line("Hai bộ trưởng gặp nhau", "title"),
        Line("Bộ trưởng hai nước vừa gặp nhau ở Viên.", "lead"),
        Line("Tòa nhà nơi diễn ra hội đàm.", "caption"),
        Line("Hai bên sẽ gặp lại nhau vào tháng tới, theo thông cáo.", "subhead"),
        Line("Họ đã nói chuyện hơn một giờ về thương mại."),
        Line("Một bài khác, cũng kết thúc bằng dấu chấm.", "related"),
    ]
    assert label_lines(lines, VI)[1:] == ("title", "lead", "caption", "subhead", "body", "related")


def test_tone_marks_may_stand_in_either_place():
    lines = [Line("Hai bên hoà giải sau nhiều năm"), Line("Hai bên hòa giải sau nhiều năm"), Line("Họ đã gặp nhau.")]
    assert label_lines(lines, VI) == ("title", "repeat", "body")


def test_no_lines_no_kinds():
    assert label_lines([], VI) == ()
