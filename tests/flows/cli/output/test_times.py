from datetime import UTC

import pytest

from flows.cli.output.times import read_zone
from schemas.errors import StopFlow


def test_a_zone_has_a_name_and_utc_has_none() -> None:
    assert read_zone(None) is UTC
    assert str(read_zone("Asia/Ho_Chi_Minh")) == "Asia/Ho_Chi_Minh"


@pytest.mark.parametrize("name", ["Asia/Ho_Chi_Min", "Hanoi", "", "..", "/etc/passwd", "Asia"])
def test_what_is_no_zone_is_refused_with_some_that_are(name: str) -> None:
    with pytest.raises(StopFlow, match="Asia/Ho_Chi_Minh"):
        read_zone(name)
