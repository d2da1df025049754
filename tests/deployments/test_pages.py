"""What a person sees: Prefect's pages, in a real browser."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from prefect_api import Api

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.long
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
SEEDS = Path(__file__).parents[2] / "seeds" / "articles"


@pytest.fixture(scope="module")
def run(served: Path, api: Api) -> Any:
    ended = api.ended(api.start("ingest/watch", inputs=[str(SEEDS)], lake="seeds-lake", source="mẫu"))
    assert ended["state_type"] == "COMPLETED", ended["state"]["message"]
    return ended


@pytest.fixture(scope="module")
def page() -> Iterator["Page"]:
    if CHROMIUM is None:
        if os.environ.get("CI"):
            pytest.fail("CI has no Chromium; .ci/run installs it")
        pytest.skip("no Chromium on this machine")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser.new_page(viewport={"width": 1200, "height": 900})
        browser.close()


@pytest.fixture
def errors(page: "Page", api: Api, pictures: Path) -> Iterator[list[str]]:
    """What the browser complains about; not icons that Prefect lacks, nor pictures that it fetches from elsewhere."""
    said: list[str] = []

    def listen(message: Any) -> None:
        url = message.location.get("url", "")
        if message.type == "error" and url.startswith(api.pages) and not url.endswith((".ico", ".svg")):
            said.append(f"{url}: {message.text}")

    page.on("console", listen)
    page.on("pageerror", lambda error: said.append(str(error)))
    yield said
    page.screenshot(path=pictures / "last.png")
    page.remove_listener("console", listen)


@pytest.fixture
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where screenshots go; PARLEY_SCREENSHOTS names a folder to keep them in."""
    kept = os.environ.get("PARLEY_SCREENSHOTS")
    folder = Path(kept) if kept else tmp_path_factory.mktemp("screenshots")
    folder.mkdir(exist_ok=True)
    return folder


def test_the_page_of_a_run_leads_to_its_report(
    run: Any, page: "Page", api: Api, errors: list[str], pictures: Path
) -> None:
    page.goto(f"{api.pages}/runs/flow-run/{run['id']}")
    page.get_by_text(run["name"]).first.wait_for(timeout=60_000)
    page.get_by_text("Artifacts", exact=True).last.click()
    page.get_by_text("ingest-mau").first.wait_for(timeout=60_000)
    page.screenshot(path=pictures / "run.png")
    (report,) = api.post("artifacts/filter", {"artifacts": {"key": {"any_": ["ingest-mau"]}}})
    page.goto(f"{api.pages}/artifacts/artifact/{report['id']}")
    page.get_by_text("16 read, 16 cleaned, 0 rejected").first.wait_for(timeout=60_000)
    page.screenshot(path=pictures / "report.png")
    assert not errors


def test_the_form_of_a_deployment_explains_its_fields(
    served: Path, page: "Page", api: Api, errors: list[str], pictures: Path
) -> None:
    deployment = api.deployment("ingest/watch")
    page.goto(f"{api.pages}/deployments/deployment/{deployment['id']}/run")
    page.get_by_text("Ids of watched sources").first.wait_for(timeout=60_000)
    page.screenshot(path=pictures / "form.png")
    assert not errors
