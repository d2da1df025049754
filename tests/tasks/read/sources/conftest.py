import pytest


@pytest.fixture
def write(tmp_path):
    def write(text, name="bao-mau"):
        path = tmp_path / f"{name}.toml"
        path.write_text(text, "utf-8")
        return path

    return write
