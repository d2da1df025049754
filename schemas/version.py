"""Which Parley this is."""

from importlib.metadata import version

__all__ = ["parley_version"]

_DISTRIBUTION = "parley-news"
"""What is installed; the package ``parley`` of the public index belongs to somebody else."""


def parley_version() -> str:
    """Return the version of the installed package, such as ``0.1.0``."""
    return version(_DISTRIBUTION)
