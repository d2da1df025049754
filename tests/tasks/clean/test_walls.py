"""What a host sends with status 200 in place of an article is refused by its name."""

import pytest
from web_pages import ENGLISH, STORY, TITLE, clean, paragraphs, web_page

from schemas.errors import RejectArticle
from seeds import SEEDS
from tasks.clean.boilerplate import load_boilerplate
from tasks.language.folding import fold
from tasks.language.pack import pack_codes

PACKS = [load_boilerplate(code) for code in pack_codes(SEEDS)]
PATTERNS = [pattern for pack in PACKS for pattern in pack.wall]


def page(title, *texts, lang="en"):
    body = "".join(f"<p>{text}</p>" for text in texts)
    return f"<html lang='{lang}'><head><title>{title}</title></head><body><h1>{title}</h1>{body}</body></html>"


WALLS = {
    "consent_wall": [
        page(
            "Báo Mẫu",
            "We and our 87 partners store and read information on your device, such as cookies, and process data.",
            "You may agree or refuse; your choice counts for this site only and can be changed at any time you like.",
        ),
        page("Before you continue to The Sample Post", "We use data to measure how readers go through the site."),
        page("Trước khi bạn tiếp tục", "Chúng tôi sử dụng dữ liệu để đo lường và hiển thị quảng cáo.", lang="vi"),
        page("Your privacy", "Accept all cookies", "We use cookies to show news that fits you.", "Reject all", "More"),
        page(
            "Quyền riêng tư",
            "Chúng tôi và các đối tác lưu trữ thông tin trên thiết bị của bạn, chẳng hạn như cookie, để đo lường.",
            lang="vi",
        ),
    ],
    "robot_check": [
        page("Just a moment...", "baomau.example needs to review the security of your connection before proceeding."),
        page("Access Denied", "You do not have permission to access this page on this server. Reference 18.2."),
        page("Báo Mẫu", "Please verify that you are human by completing the action below to go on to the site."),
        page("Báo Mẫu", "Vui lòng xác minh bạn là con người để tiếp tục đọc báo trên trang này.", lang="vi"),
        page("Attention Required! | Cloudflare", "Please complete the security check to access baomau.example now."),
    ],
    "not_found": [
        page("Page not found | The Sample Post", "Sorry, we could not find what you came for. Try the front page."),
        page("Oops! That page can’t be found.", "It looks like nothing was found at this place. Try the front page."),
        page("404", "Trang bạn tìm kiếm không tồn tại. Mời bạn về trang chủ để đọc các tin mới nhất.", lang="vi"),
        page("Báo Mẫu", "Xin lỗi, bài viết mà bạn đang tìm không còn tồn tại hoặc đã chuyển đi.", lang="vi"),
        page("The Sample Post", "We are sorry, but the page you are looking for does not exist or was moved."),
    ],
}


@pytest.mark.parametrize(("code", "markup"), [(code, markup) for code, pages in WALLS.items() for markup in pages])
def test_a_wall_is_refused_by_its_name(code, markup):
    with pytest.raises(RejectArticle) as caught:
        clean(markup)
    assert caught.value.code == code


BANNER = (
    "<div class='cookie'><p>We and our 87 partners store and access information on your device.</p>"
    "<button>Accept all cookies</button><button>Reject all</button></div>"
)


def test_a_banner_beside_an_article_is_no_wall():
    head = '<meta property="article:published_time" content="2025-05-12T09:40:00+07:00">'
    assert STORY[0] in clean(web_page(head, after=BANNER)).text


@pytest.mark.parametrize(
    ("title", "story"),
    [
        ("Quy định mới về cookie làm khó các trang báo", STORY),
        ("Không tìm thấy nạn nhân nào trong vụ sạt lở", STORY),
        ("Ngôi làng không tồn tại trên bản đồ", STORY),
    ],
)
def test_an_article_about_such_things_is_stored(title, story):
    assert clean(web_page(title=title, story=paragraphs(story))).title == title


@pytest.mark.parametrize(
    "title", ["Access denied: how a treaty kept the inspectors out", "Nobody found: search goes on"]
)
def test_an_english_article_about_such_things_is_stored(title):
    assert clean(web_page(title=title, story=paragraphs(ENGLISH), lang="en")).title == title


@pytest.mark.parametrize("pattern", PATTERNS, ids=lambda pattern: f"{pattern.code}-{pattern.examples[0]}")
def test_a_pattern_fires_in_its_examples_only(pattern):
    assert all(pattern.pattern.search(fold(example)) for example in pattern.examples)
    assert not any(pattern.pattern.search(fold(example)) for example in pattern.counterexamples)
    assert pattern.counterexamples
    assert not pattern.pattern.search(fold(TITLE))
