from zoneinfo import ZoneInfo

import pytest

from schemas.errors import StopFlow
from seeds import SEEDS
from tasks.language.pack import pack_codes
from tasks.language.time_zones import read_time_zones


def test_every_language_has_the_zone_of_its_pack() -> None:
    zones = read_time_zones()
    assert set(zones) == set(pack_codes(SEEDS))
    assert zones["vi"] == "Asia/Ho_Chi_Minh"
    assert all(ZoneInfo(zone) for zone in zones.values())


def test_a_pack_without_a_time_zone_is_named(tmp_path, monkeypatch) -> None:
    (tmp_path / "languages" / "xx").mkdir(parents=True)
    (tmp_path / "languages" / "xx" / "pack.toml").write_text('name = "X"\n', encoding="utf-8")
    monkeypatch.setattr("tasks.language.time_zones.SEEDS", tmp_path)
    read_time_zones.cache_clear()
    with pytest.raises(StopFlow, match="entry `timezone`"):
        read_time_zones()
    read_time_zones.cache_clear()
