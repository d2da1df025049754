"""A page of an invented newspaper, put together from its parts."""

from datetime import UTC, datetime

from schemas.articles import Article, Page, Sidecar
from schemas.settings import CleanLimits
from schemas.sources import PageHints
from tasks.clean import clean_page

NOW = datetime(2025, 9, 1, 9, tzinfo=UTC)
TITLE = "Hai tỉnh ven sông ký thỏa thuận chia sẻ nguồn nước"
STORY = (
    "Sáng 12/5, lãnh đạo hai tỉnh ven sông ký thỏa thuận chia sẻ nguồn nước sau bốn vòng họp kín từ cuối năm ngoái.",
    "Mỗi tỉnh lập một trạm đo và gửi số liệu cho nhau hai lần mỗi ngày trong suốt mùa khô, kể cả những ngày nghỉ lễ.",
    "“Chúng tôi không muốn nông dân phải chờ thêm một vụ nữa”, ông Phạm Quốc Hưng, trưởng đoàn thượng nguồn, nói.",
    "Bà Lò Thị Mai, trưởng đoàn hạ nguồn, cho biết các kỹ sư sẽ bắt đầu khảo sát lòng sông vào đầu tháng tới.",
)
ENGLISH_TITLE = "Two river provinces sign a pact to share water"
ENGLISH = (
    "Leaders of two provinces on the river signed a pact on Monday to share its water after four rounds of talks.",
    "Each province will build a gauge and send its readings to the other twice a day in the dry season, the text says.",
    "“We do not want farmers to wait for another harvest,” said Owen Hartley, who led the upstream side.",
    "Engineers will begin to survey the bed of the river early next month, said Mara Lindgren of the other side.",
)


def paragraphs(story=STORY, mark=""):
    return "".join(f"<p{mark}>{text}</p>\n" for text in story)


def web_page(head="", *, above="", below="", story=None, title=TITLE, heading=None, lang="vi", after=""):
    """The markup of a page.

    Args:
        head: Put into the head.
        above: Between headline and story.
        below: Behind the story, inside the article.
        story: Markup of the story.
        title: What stands in ``title``.
        heading: Markup of the headline; an ``h1`` of the title by default.
        lang: Language that the page states.
        after: Behind the article.
    """
    shown = f"<h1>{title}</h1>" if heading is None else heading
    return (
        f'<!DOCTYPE html><html lang="{lang}"><head><meta charset="utf-8"><title>{title} | Báo Mẫu</title>{head}</head>'
        f"<body><nav><a href='/'>Trang chủ</a></nav><main><article>{shown}{above}{story or paragraphs()}{below}"
        f"</article></main>{after}<footer>Báo Mẫu © 2019</footer></body></html>"
    )


def clean(markup, url="https://baomau.example/xa-hoi/chia-se-nuoc-881.html", **options) -> Article:
    body = markup if isinstance(markup, bytes) else markup.encode()
    page = Page(
        input="a.html",
        media="html",
        body=body,
        sidecar=Sidecar(url=url, **options.pop("sidecar", {})),
        fetched_at=NOW,
        charset=options.pop("charset", None),
        hints=PageHints(**options) if options else None,
    )
    return clean_page(page, limits=CleanLimits(), languages=("vi", "en"))


def parts(article):
    return [(block.kind, article.text[block.start : block.end].strip()) for block in article.blocks]


def kind_of(article, words):
    """Kinds of the blocks that hold the words; empty where they are nowhere."""
    return [kind for kind, text in parts(article) if words in text]


def story_of(article):
    return "\n".join(text for kind, text in parts(article) if kind in ("lead", "body"))


def published(article):
    return article.published_at and article.published_at.isoformat(timespec="minutes"), article.published_from
