"""What a careful person would ask of the tables of places."""

import csv
import re
import tomllib
import unicodedata
from collections import Counter

import pytest

from seeds import SEEDS

PLACES = SEEDS / "places"
KEYS = {"countries": "vi", "cities": "name", "regions": "vi", "venues": "name"}
CITY_STATES = {"Djibouti", "Luxembourg", "Monaco", "San Marino", "Singapore"}
UNITED_NATIONS = 193
OTHERS = {"HK", "MO", "PS", "TW", "VA", "XK"}
BODIES = {"EU"}
NEW_STYLE_TONE = re.compile(r"(?:o[àáảãạèéẻẽẹ]|(?<![qQ])u[ỳýỷỹỵ])(?!\w)")

Row = dict[str, str]


def read(table: str) -> list[Row]:
    with (PLACES / f"{table}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, strict=True))


def split(cell: str) -> list[str]:
    return cell.split("|") if cell else []


def spellings(table: str, row: Row) -> list[str]:
    return [row[KEYS[table]], *split(row["aliases"])]


TABLES = {table: read(table) for table in KEYS}
CODES = {row["code"] for row in TABLES["countries"]}
CITIES = {(row["name"], row["country"]): row for row in TABLES["cities"]}


def country_of(spelling: str) -> str | None:
    return next((row["code"] for row in TABLES["countries"] if spelling in spellings("countries", row)), None)


def city_of(spelling: str) -> tuple[str, str] | None:
    found = (row for row in TABLES["cities"] if spelling in spellings("cities", row))
    return next(((row["name"], row["country"]) for row in found), None)


@pytest.mark.parametrize("table", KEYS)
def test_every_cell_is_filled_or_empty_on_purpose(table: str) -> None:
    for row in TABLES[table]:
        assert None not in row, row
        assert None not in row.values(), row
        assert row[KEYS[table]], row
        assert all(cell == cell.strip() and "  " not in cell for cell in row.values()), row


@pytest.mark.parametrize("table", KEYS)
def test_text_is_composed(table: str) -> None:
    text = (PLACES / f"{table}.csv").read_text(encoding="utf-8")
    assert unicodedata.is_normalized("NFC", text)
    assert not re.search(r"[\u00a0\u200b-\u200d\ufeff\r]", text)


@pytest.mark.parametrize("table", KEYS)
def test_tone_marks_stand_in_the_old_place(table: str) -> None:
    wrong = [s for row in TABLES[table] for s in spellings(table, row) if NEW_STYLE_TONE.search(s)]
    assert not wrong


def test_the_tone_pattern_knows_new_from_old() -> None:
    assert NEW_STYLE_TONE.search("Cộng hoà")
    assert NEW_STYLE_TONE.search("Thuỵ Sĩ")
    assert not NEW_STYLE_TONE.search("Cộng hòa Thụy Sĩ, Hoàng Sa, Quý Châu, Hoàn")


@pytest.mark.parametrize("table", KEYS)
def test_no_spelling_belongs_to_two_rows(table: str) -> None:
    count = Counter(s for row in TABLES[table] for s in spellings(table, row))
    assert [s for s, n in count.items() if n > 1] == []


def test_only_city_states_share_a_spelling_between_tables() -> None:
    count = Counter(s for table in KEYS for row in TABLES[table] for s in spellings(table, row))
    assert {s for s, n in count.items() if n > 1} == CITY_STATES


@pytest.mark.parametrize("table", KEYS)
def test_no_spelling_is_empty_or_a_single_letter_save_italy(table: str) -> None:
    short = {s for row in TABLES[table] for s in spellings(table, row) if len(s) < 2}
    assert short <= {"Ý"}


@pytest.mark.parametrize("table", ["cities", "regions", "venues"])
def test_flags_are_true_or_false(table: str) -> None:
    flags = {"ambiguous", "capital", "metonym"} - ({"capital", "metonym"} if table != "cities" else set())
    assert {row[flag] for row in TABLES[table] for flag in flags} <= {"true", "false"}


def test_codes_are_unique_pairs_of_capitals() -> None:
    codes = [row["code"] for row in TABLES["countries"]]
    assert len(codes) == len(set(codes))
    assert all(re.fullmatch(r"[A-Z]{2}", code) for code in codes)


def test_every_member_of_the_united_nations_has_a_row() -> None:
    assert OTHERS <= CODES
    assert len(CODES) == UNITED_NATIONS + len(OTHERS)


def test_english_names_and_demonyms_belong_to_one_country() -> None:
    for column in ("name", "demonym_en"):
        count = Counter(value for row in TABLES["countries"] for value in split(row[column]))
        assert [value for value, n in count.items() if n > 1] == []


def test_ambiguous_spellings_are_spellings() -> None:
    for row in TABLES["countries"]:
        assert set(split(row["ambiguous"])) <= set(spellings("countries", row)), row["code"]


def test_spellings_of_one_short_syllable_are_ambiguous() -> None:
    short = {s for row in TABLES["countries"] for s in spellings("countries", row) if len(s) < 4}
    ambiguous = {s for row in TABLES["countries"] for s in split(row["ambiguous"])}
    assert short - ambiguous == {"UAE", "USA"}


def test_capitals_are_listed_as_capitals() -> None:
    listed = {row["country"]: row["name"] for row in TABLES["cities"] if row["capital"] == "true"}
    assert listed == {row["code"]: row["capital"] for row in TABLES["countries"] if row["capital"]}
    assert sum(row["capital"] == "true" for row in TABLES["cities"]) == len(listed)
    assert CODES - listed.keys() == {"HK", "MO"}


def test_a_metonym_says_for_whom_it_speaks() -> None:
    for row in TABLES["cities"]:
        assert (row["metonym"] == "true") == bool(row["speaks_for"]), row["name"]
        assert row["speaks_for"] in CODES | BODIES | {""}, row["name"]


def test_city_names_are_unique_in_their_country() -> None:
    assert len(CITIES) == len(TABLES["cities"])
    assert all(row["name"].isascii() for row in TABLES["cities"])


@pytest.mark.parametrize("table", ["cities", "venues"])
def test_every_city_and_venue_is_in_a_known_country(table: str) -> None:
    assert {row["country"] for row in TABLES[table]} <= CODES


def test_regions_have_a_known_country_or_none() -> None:
    assert {row["country"] for row in TABLES["regions"]} <= CODES | {""}
    kinds = {"continent", "region", "sea", "strait", "peninsula", "islands", "territory", "province", "state"}
    assert {row["kind"] for row in TABLES["regions"]} == kinds


def test_seas_and_continents_belong_to_nobody() -> None:
    assert {row["country"] for row in TABLES["regions"] if row["kind"] in {"sea", "continent"}} == {""}


def test_venues_stand_in_listed_cities_and_speak_for_known_countries() -> None:
    for row in TABLES["venues"]:
        assert not row["city"] or (row["city"], row["country"]) in CITIES, row["name"]
        assert bool(row["metonym_of"]) == bool(row["metonym_country"]), row["name"]
        assert row["metonym_country"] in CODES | {""}, row["name"]


@pytest.mark.parametrize(
    ("spelling", "code"),
    [
        ("Hoa Kỳ", "US"), ("Liên bang Nga", "RU"), ("CHDCND Triều Tiên", "KP"), ("Bắc Triều Tiên", "KP"),
        ("Nam Triều Tiên", "KR"), ("Cộng hòa Nhân dân Trung Hoa", "CN"), ("Ucraina", "UA"), ("Ukraina", "UA"),
        ("Ả Rập Saudi", "SA"), ("A-rập Xê-út", "SA"), ("Arab Saudi", "SA"), ("Saudi Arabia", "SA"),
        ("Cộng hòa Hồi giáo Iran", "IR"), ("Thụy Sỹ", "CH"), ("Cộng hòa Congo", "CG"), ("CHDC Congo", "CD"),
        ("Niger", "NE"), ("Nigeria", "NG"), ("Áo", "AT"), ("Úc", "AU"), ("Slovakia", "SK"), ("Slovenia", "SI"),
        ("Cộng hòa xã hội chủ nghĩa Việt Nam", "VN"), ("Congo", None), ("Trung Đông", None),
    ],
)  # fmt: skip
def test_countries_as_the_press_spells_them(spelling: str, code: str | None) -> None:
    assert country_of(spelling) == code


@pytest.mark.parametrize(
    ("spelling", "city"),
    [
        ("Mát-xcơ-va", ("Moscow", "RU")), ("Moskva", ("Moscow", "RU")), ("Matxcơva", ("Moscow", "RU")),
        ("Giơ-ne-vơ", ("Geneva", "CH")), ("Geneve", ("Geneva", "CH")), ("Bình Nhưỡng", ("Pyongyang", "KP")),
        ("Bắc Kinh", ("Beijing", "CN")), ("Kiev", ("Kyiv", "UA")), ("Viên", ("Vienna", "AT")),
        ("Luân Đôn", ("London", "GB")), ("Niu Oóc", ("New York", "US")), ("Xơ-un", ("Seoul", "KR")),
        ("Viêng Chăn", ("Vientiane", "LA")), ("La Habana", ("Havana", "CU")), ("TP.HCM", ("Ho Chi Minh City", "VN")),
        ("Đà Nẵng", ("Da Nang", "VN")), ("Nam Ninh", ("Nanning", "CN")), ("Lầu Năm Góc", None),
    ],
)  # fmt: skip
def test_cities_as_the_press_spells_them(spelling: str, city: tuple[str, str] | None) -> None:
    assert city_of(spelling) == city


@pytest.mark.parametrize(
    "word", ["Anh", "Nga", "Đức", "Ý", "Pháp", "Úc", "Nhật", "Hàn", "Ấn", "Trung", "Mỹ", "Việt", "Thái"]
)
def test_words_that_need_company_are_marked(word: str) -> None:
    code = country_of(word)
    assert word in next(split(row["ambiguous"]) for row in TABLES["countries"] if row["code"] == code)


def test_no_everyday_compound_hides_a_place() -> None:
    with (SEEDS / "languages" / "vi" / "compounds.toml").open("rb") as file:
        compounds = {form for entry in tomllib.load(file)["entry"] for form in entry["forms"]}
    assert compounds
    assert not compounds & {s.lower() for table in KEYS for row in TABLES[table] for s in spellings(table, row)}
