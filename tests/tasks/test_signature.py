"""Signatures: the same story gives the same numbers, however it is printed; other stories give others."""

from collections.abc import Sequence

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from tasks.signature import SIZE, resemblances, sign_story

STORY = [
    "Chiều 12/3, tại Hà Nội, Bộ trưởng Ngoại giao Lâm Vĩnh An đã tiếp Đại sứ của mười hai nước đến chào từ biệt.",
    "Hai bên trao đổi về thương mại, nghề cá, giáo dục và việc mở thêm đường bay thẳng giữa các thành phố lớn.",
    "Ông An đề nghị các nước tiếp tục tạo thuận lợi cho sinh viên, người lao động và doanh nghiệp vừa và nhỏ.",
]
OTHER = [
    "Đội tuyển bóng đá nữ thắng trận thứ ba liên tiếp trên sân nhà trước hơn hai vạn khán giả vào tối thứ bảy.",
    "Huấn luyện viên cho biết các cầu thủ trẻ sẽ được trao cơ hội ở lượt trận cuối cùng của vòng bảng.",
]


def test_a_signature_is_ascending_and_without_repeats() -> None:
    signature = sign_story(STORY * 40)
    assert list(signature) == sorted(set(signature))
    assert 20 <= len(sign_story(STORY)) <= SIZE
    assert all(0 <= number < 2**31 for number in signature)


def test_marks_case_and_paragraphs_do_not_matter() -> None:
    printed = " ".join(STORY).replace(",", " –").replace("Hai bên", "HAI BÊN")
    assert sign_story([printed]) == sign_story(STORY)


def test_a_story_too_short_to_tell_has_none() -> None:
    assert sign_story([]) == ()
    assert sign_story(["Hai ngoại trưởng gặp nhau."]) == ()
    assert sign_story(["một hai ba bốn " * 50]) == (), "the same few runs again and again"


def padded(*signatures: Sequence[int]) -> NDArray[np.int32]:
    return np.array([[*one, *[-1] * (SIZE - len(one))] for one in signatures], np.int32).reshape(-1, SIZE)


def test_a_cut_copy_resembles_and_another_story_does_not() -> None:
    copy, other, none = resemblances(sign_story(STORY), padded(sign_story(STORY[:2]), sign_story(OTHER), ()))
    assert (copy > 0.5, other, none) == (True, 0.0, 0.0)


@given(st.lists(st.text(), max_size=5))
def test_every_text_can_be_signed(paragraphs: list[str]) -> None:
    signature = sign_story(paragraphs)
    assert list(resemblances(signature, padded(signature))) == [bool(signature)]


SIGNATURES = st.sets(st.integers(0, 200), max_size=SIZE).map(sorted)


@given(SIGNATURES, st.lists(SIGNATURES, max_size=4))
def test_the_share_is_that_among_the_least_numbers_of_both(one: list[int], others: list[list[int]]) -> None:
    def share(other: list[int]) -> float:
        least = sorted({*one, *other})[:SIZE]
        return sum(number in one and number in other for number in least) / len(least) if one else 0.0

    assert list(resemblances(one, padded(*others))) == [share(other) for other in others]
