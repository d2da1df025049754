"""Stories of invented people, in words of our own; each gives one meeting and one quote."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from html import escape

FIRST = datetime(2024, 3, 12, 2, tzinfo=UTC)
"""When story 0 came out; each further one a quarter of an hour later."""
_SUBJECTS = (
    "hợp tác nghề cá",
    "đường bay thẳng",
    "giáo dục đại học",
    "thương mại nông sản",
    "ứng phó biến đổi khí hậu",
)
_CITIES = ("Hà Nội", "Đà Nẵng", "Huế", "Cần Thơ")


@dataclass(frozen=True, slots=True)
class Story:
    number: int
    published_at: datetime
    host: str
    """So that no two newspapers tell quite the same."""

    @property
    def path(self) -> str:
        return f"/tin/bai-{self.number}.html"

    @property
    def title(self) -> str:
        return f"Bộ trưởng Ngoại giao Lâm Vĩnh An bàn về {self.subject}, bản tin số {self.number}"

    @property
    def subject(self) -> str:
        return _SUBJECTS[self.number % len(_SUBJECTS)]

    def paragraphs(self) -> tuple[str, ...]:
        day, city = self.published_at, _CITIES[self.number % len(_CITIES)]
        met = f"Ngày {day.day}/{day.month}/{day.year}, Bộ trưởng Ngoại giao Lâm Vĩnh An đã hội đàm với Ngoại trưởng Mỹ"
        said = f'"Chúng tôi coi trọng quan hệ song phương và kết quả thứ {self.number}"'
        agreed = f"Hai bên nhất trí giao các cơ quan chuyên môn chuẩn bị văn kiện về {self.subject} trước cuối năm"
        return (
            f"{met} Daniel Whitmore tại {city} về {self.subject}.",
            f"{said}, ông Lâm Vĩnh An nói sau cuộc gặp.",
            f"{agreed}, theo bản tin của báo {self.host}.",
        )


def story(number: int, host: str) -> Story:
    return Story(number, FIRST + timedelta(minutes=15 * number), host)


def story_page(story: Story, url: str) -> str:
    """The story as a web page, with the furniture that pages have."""
    paragraphs = "\n".join(f"<p>{escape(paragraph, quote=False)}</p>" for paragraph in story.paragraphs())
    title = escape(story.title)
    return f"""<!DOCTYPE html>
<html lang="vi"><head><meta charset="utf-8"><title>{title} | {story.host}</title>
<link rel="canonical" href="{escape(url)}">
<meta property="og:type" content="article"><meta property="og:title" content="{title}">
<meta property="og:site_name" content="Báo {story.host}">
<meta property="article:published_time" content="{story.published_at.isoformat()}">
</head><body>
<nav><a href="/">Trang chủ</a> <a href="/tin">Thời sự</a></nav>
<article><h1>{title}</h1>
{paragraphs}
</article>
<footer>Báo mẫu để thử, không có thật</footer>
</body></html>
"""
