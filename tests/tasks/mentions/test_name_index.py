"""People are found by words of their names, and no list of names makes a search long."""

from tasks.mentions.name_index import NameIndex


def words(name):
    return frozenset(name.lower().split())


def index(*names):
    found = NameIndex()
    for position, name in enumerate(names):
        found.add(position, words(name), name)
    return found


def test_a_short_name_finds_those_who_have_all_its_words():
    known = index("Karl Gruber", "Lena Huber", "Karl Huber")
    assert known.find_longer(words("Karl"), "Karl") == [0, 2]
    assert known.find_longer(words("Otto"), "Otto") == []


def test_a_name_finds_those_whose_last_word_is_spelt_alike():
    known = index("Lena Hübner", "Karl Gruber")
    assert known.find_longer(words("Lina Hubner"), "Lina Hubner") == [0]


def test_exact_and_shared_words():
    known = index("Karl Gruber", "Lena Huber")
    assert known.find_exact(words("Gruber Karl")) == [0]
    assert known.find_exact(words("Karl")) == []
    assert known.find_sharing(words("Karl Huber")) == [0, 1]


def test_of_many_who_share_a_word_the_last_ones_are_looked_at():
    found = index(*(f"An N{number}" for number in range(1_000))).find_longer(words("An"), "An")
    assert len(found) == 200
    assert found[-1] == 999
