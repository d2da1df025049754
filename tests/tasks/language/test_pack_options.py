import pytest

from schemas.errors import StopFlow
from seeds import SEEDS
from tasks.language.pack import load_pack
from tasks.language.pack_options import read_pack_options

VI = (SEEDS / "languages" / "vi" / "pack.toml").read_text("utf-8")


def planted(folder, content):
    (folder / "languages" / "xx").mkdir(parents=True)
    (folder / "languages" / "xx" / "pack.toml").write_text(content, "utf-8")
    return read_pack_options(folder, "xx")


def test_options_are_read_as_written(tmp_path):
    options = planted(tmp_path, VI)
    assert (options.zone.key, options.home_country, options.day_first) == ("Asia/Ho_Chi_Minh", "VN", True)


@pytest.mark.parametrize(
    ("old", "new", "mistake"),
    [
        ("day_first = true", "", "day_first: is missing"),
        ("day_first = true", "day_first = 1", "day_first: "),
        ("Asia/Ho_Chi_Minh", "Asia/Nowhere", "timezone: 'Asia/Nowhere' is not a time zone"),
        ('home_country = "VN"', 'home_country = "Vietnam"', "home_country: 'Vietnam' does not look like"),
        ("abbreviations", 'name = "x"\nabbreviations', "name: is an unknown key"),
        ('syllable = "', 'syllable = "(', "syllable: "),
    ],
)
def test_a_wrong_option_is_named(tmp_path, old, new, mistake):
    assert old in VI
    with pytest.raises(StopFlow, match=rf"pack\.toml: .*{mistake}"):
        planted(tmp_path, VI.replace(old, new))


def test_a_language_calls_countries_by_its_own_column():
    names = {code: load_pack(SEEDS, code).places.country_names["CN"] for code in ("vi", "en")}
    assert names == {"vi": "Trung Quốc", "en": "China"}


@pytest.mark.parametrize("code", ["vi", "en"])
def test_every_language_knows_a_country_by_the_names_of_all_its_columns(code):
    countries = load_pack(SEEDS, code).places.countries
    assert countries["trung quốc"] == countries["china"] == "CN"
