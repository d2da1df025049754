"""The language in which `parley show` speaks to people: headings, statuses and messages, from ``seeds/interface``."""

from collections.abc import Mapping
from typing import Literal, TypeAlias

from seeds import SEEDS
from tasks.seed_files import SeedTable, read_seed_file

__all__ = ["Interface", "InterfaceLanguage", "load_interface", "translate"]

InterfaceLanguage: TypeAlias = Literal["en", "vi"]


class Interface(SeedTable):
    """What is printed beside the rows, in one language; every value is a text, some with names in braces."""

    label: Literal["label", "label_vi"]
    """Column with the names of topics in this language."""
    headings: dict[str, str]
    """Headings of columns, by the name of the column."""
    status: dict[str, str]
    """Statuses of meetings, by their value in the table."""
    format: dict[str, str]
    """Formats of meetings."""
    kind: dict[str, str]
    """Kinds of quotes."""
    entry: dict[str, str]
    """Phrases of an entry."""
    messages: dict[str, str]
    """Messages to the person."""
    rows: dict[str, str]
    """What the rows of each table are called."""
    options: dict[str, str]
    """What is asked for with an option, such as --person."""

    def count_rows(self, number: int) -> str:
        """Return "1 row" or "2 rows"; thousands are set apart."""
        template = self.messages["rows_one" if number == 1 else "rows_many"]
        return template.format(count=f"{number:,}")


def load_interface(language: InterfaceLanguage) -> Interface:
    """Read what is printed in a language.

    Raises:
        StopFlow: The file of the language cannot be read, or lacks a table.
    """
    return read_seed_file(SEEDS / "interface" / f"{language}.toml", Interface)


def translate(value: str | None, words: Mapping[str, str]) -> str:
    """Return the words for a value of a column; the value itself where there are none, nothing for NULL."""
    return words.get(value, value) if value else ""
