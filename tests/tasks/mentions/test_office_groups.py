"""Groups of offices: whom "leader" can mean, and which offices several people hold."""

import shutil

import pytest

from schemas.errors import StopFlow
from seeds import SEEDS
from tasks.mentions.office_groups import load_office_groups
from tasks.mentions.offices import load_offices


def test_a_leader_can_hold_several_offices_and_a_minister_one():
    groups = load_office_groups(SEEDS)
    assert {"head-of-state", "head-of-government"} <= groups.meant_by("leader")
    assert groups.meant_by("foreign-minister") == {"foreign-minister"}
    assert groups.meant_by(None) == {None}


def test_offices_that_the_table_gives_to_one_person_are_not_shared():
    held = {office for office, _ in load_offices(SEEDS).by_office}
    assert not held & load_office_groups(SEEDS).shared


def test_an_unknown_key_is_told_with_its_file(tmp_path):
    shutil.copy(SEEDS / "office_groups.toml", tmp_path)
    with (tmp_path / "office_groups.toml").open("a") as file:
        file.write('\n[rare]\noffices = ["king"]\n')
    with pytest.raises(StopFlow, match=r"office_groups\.toml: rare: is an unknown key"):
        load_office_groups(tmp_path)
