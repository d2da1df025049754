"""``parley reextract``: run the rules of this version over stored articles. No Prefect here."""

import os
from typing import Annotated

from cyclopts import Parameter

from flows.cli.output.progress import print_summary, show_progress
from flows.run.reextraction import Reextraction, reextract_lake
from schemas.settings import IngestSettings

__all__ = ["reextract"]

ALL = Reextraction()


def reextract(
    *,
    wanted: Annotated[Reextraction, Parameter(name="*")] = ALL,
    lake: str = "lake",
    workers: int | None = None,
    batch_size: int = 50,
    catalogue: str = "",
    json: bool = False,
) -> None:
    """Extract anew the rows of stored articles that another version of the rules made, and print the counts.

    Args:
        wanted: Which articles are extracted anew, and how.
        lake: Folder of the lake, or s3://BUCKET/PREFIX.
        workers: Processes that extract; by default one per processor.
        batch_size: Articles in one batch; 50 to 200 are sensible.
        catalogue: Folder of watched sources, whose hints cleaning heeds; by default the one that comes with Parley.
        json: Print the summary as JSON.
    """
    settings = IngestSettings(workers=workers or os.cpu_count() or 1, batch_size=batch_size, catalogue=catalogue)
    with show_progress(quiet=json):
        summary = reextract_lake(lake, settings, wanted)
    print_summary(summary, as_json=json)
