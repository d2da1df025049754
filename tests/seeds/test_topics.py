from collections import Counter

import pytest

from seeds import SEEDS
from tasks.topics.term_index import TermIndex, match_terms
from tasks.topics.vocabulary import TopicEntry, TopicTerm, load_vocabulary

ENTRIES = load_vocabulary(SEEDS)
INDEX = TermIndex(ENTRIES)
BY_ID = {entry.topic_id: entry for entry in ENTRIES}

each_entry = pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.topic_id)

# Words that diplomacy shares with sport, courts and daily life: gặp, tiếp, đàm phán, thương lượng, Nga, án, trừng phạt.
NO_DIPLOMACY = {
    "football": """Việt Nam gặp Thái Lan ở chung kết lượt về, tiếp đối thủ trên sân nhà sau trận hòa 1-1 tại Bangkok.
Huấn luyện viên trưởng người Hàn Quốc cho biết các học trò đã sẵn sàng tấn công ngay từ đầu và sẽ không phòng thủ.
Trọng tài trừng phạt hậu vệ đội khách bằng thẻ đỏ; ban tổ chức áp lệnh cấm thi đấu hai trận với cầu thủ này.
Câu lạc bộ đang đàm phán gia hạn hợp đồng, người đại diện bay sang Nhật Bản để thương lượng phí.""",
    "court": """Sáng 12/3, tòa án tỉnh mở lại phiên xử vụ nhận hối lộ tại một sở, hai bị cáo khai báo thành khẩn.
Viện kiểm sát đề nghị tuyên phạt cựu giám đốc chín năm tù vì cấp phép nhập khẩu xăng dầu trái quy định.
Theo cáo trạng, bà Nga chi hơn một tỷ đồng để được gặp lãnh đạo; luật sư xin giảm nhẹ vì bị cáo đã nộp lại tiền.
Hội đồng xét xử bác kháng cáo, giữ nguyên án sơ thẩm và tịch thu chiếc điện thoại dùng để liên lạc.""",
    "business": """Hãng điện thoại Mỹ ra mẫu máy mới, cửa hàng ở Hà Nội nhận đặt cọc từ hôm nay.
Giám đốc chuỗi siêu thị nói doanh nghiệp gặp khó khăn vì giá thuê mặt bằng tăng, nhưng vẫn tuyển thêm nhân viên.""",
    "crime": """Công an thành phố bắt giữ nhóm thanh niên trộm xe máy bán sang tỉnh khác, thu giữ súng tự chế.
Nghi phạm bị tạm giam bốn tháng; nạn nhân đã được người nhà đón về sau khi điều trị tại bệnh viện.""",
}


def alone(term: TopicTerm) -> str:
    return "; ".join([term.text, *(group[0] for group in term.needs)])


def test_vocabulary_is_large_enough_and_has_two_levels() -> None:
    general = [entry for entry in ENTRIES if entry.parent is None]
    assert len(ENTRIES) >= 80
    assert 25 <= len(general) <= 40
    assert {entry.parent for entry in ENTRIES} - {None} <= {entry.topic_id for entry in general}


@each_entry
def test_example_shows_the_topic(entry: TopicEntry) -> None:
    assert entry.topic_id in match_terms(entry.example, INDEX)


@each_entry
def test_counter_example_does_not(entry: TopicEntry) -> None:
    assert entry.topic_id not in match_terms(entry.counter_example, INDEX)


@each_entry
def test_every_term_can_fire(entry: TopicEntry) -> None:
    silent = [
        term.text
        for term in entry.terms
        if not any(start == 0 for start, _, _ in match_terms(alone(term), INDEX).get(entry.topic_id, []))
    ]
    assert silent == []


@each_entry
def test_terms_are_in_both_languages_and_labels_differ(entry: TopicEntry) -> None:
    assert {term.lang for term in entry.terms} == {"vi", "en"}
    assert entry.example != entry.counter_example


@each_entry
def test_plover_context_is_known_for_every_topic(entry: TopicEntry) -> None:
    assert entry.plover is not None


def test_labels_and_sentences_are_not_repeated() -> None:
    for field in ("label", "label_vi", "example", "counter_example"):
        repeated = [words for words, times in Counter(getattr(entry, field) for entry in ENTRIES).items() if times > 1]
        assert repeated == [], field


@pytest.mark.parametrize("kind", NO_DIPLOMACY)
def test_other_news_shows_no_topic(kind: str) -> None:
    assert match_terms(NO_DIPLOMACY[kind], INDEX) == {}


@pytest.mark.parametrize(
    ("text", "topic_id"),
    [
        ("Hai bên thảo luận việc bình thường hoá bang giao.", "normalisation"),
        ("QUAN HỆ NGA–MỸ SAU CUỘC GẶP Ở RIYADH", "us-russia-relations"),
        ("Thái Lan và Campuchia họp Ủy ban Biên giới chung.", "cambodia-thailand-border"),
        ("The two envoys discussed the New START treaty.", "new-start"),
        ("Moscow rejected any talk of NATO enlargement.", "nato-enlargement"),
    ],
)
def test_spelling_and_language_do_not_matter(text: str, topic_id: str) -> None:
    assert topic_id in match_terms(text, INDEX)


def test_specific_topic_takes_the_codes_of_its_general_one() -> None:
    assert (BY_ID["new-start"].iptc, BY_ID["new-start"].plover) == (BY_ID["arms-control"].iptc, "cbrn")
    assert BY_ID["tariffs"].iptc == "medtop:20000384"
