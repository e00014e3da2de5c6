"""Files in a real browser: chosen, dropped, the same one again, and without scripts."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from backoffice.people import roles
from tests.files import pain001
from tests.people import Stage, bank_branch, person

Opens = Callable[..., Page]


@pytest.fixture
def stage() -> Stage:
    return bank_branch()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "wages.xml"
    path.write_bytes(pain001(5))
    return path


def test_a_chosen_file_leads_to_its_batch(
    stage: Stage, file: Path, page_for: Opens, axe_clean: Callable[..., None]
) -> None:
    page = page_for(person(roles.OPERATOR, entity=stage.entity))
    page.goto("/batches/bring-in/")
    axe_clean(page)
    page.set_input_files("#files", file)
    page.get_by_role("button", name="Bring in").click()
    page.wait_for_url("**/batches/*/")
    expect(page.get_by_role("heading", level=1)).to_have_text("wages.xml")
    expect(page.get_by_text("Control sum: the same")).to_be_visible()
    expect(page.locator("#batch-contents tbody tr")).to_have_count(5)
    axe_clean(page)


def test_several_dropped_files_each_tell_how_it_went(stage: Stage, file: Path, page_for: Opens) -> None:
    page = page_for(person(roles.OPERATOR, entity=stage.entity), allow=["status of 4(09|22)"])
    page.goto("/batches/bring-in/")
    files = {"first.xml": pain001(2, message_id="A"), "again.xml": pain001(2, message_id="A"), "empty.xml": b""}
    drop(page, files)
    lines = page.locator(".uploads li")
    expect(lines).to_have_count(3)
    expect(lines.nth(0).get_by_role("link")).to_be_visible()
    expect(lines.nth(1)).to_contain_text("This file was taken in before")
    expect(lines.nth(2)).to_contain_text("The file is empty.")
    lines.nth(1).get_by_role("link", name="Open the first one").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("first.xml")


def drop(page: Page, files: dict[str, bytes]) -> None:
    """Drop files on the page as a file manager would."""
    given: Any = [[name, content.decode()] for name, content in files.items()]
    data = page.evaluate_handle(
        """(files) => { const data = new DataTransfer();
        for (const [name, text] of files) data.items.add(new File([text], name, {type: "text/xml"}));
        return data; }""",
        given,
    )
    for event in ("dragenter", "dragover", "drop"):
        page.dispatch_event("body", event, {"dataTransfer": data})


def test_everything_works_without_scripts(stage: Stage, file: Path, page_for: Opens) -> None:
    page = page_for(person(roles.OPERATOR, entity=stage.entity), language="fr", scripts=False, allow=["status of 409"])
    page.goto("/batches/bring-in/")
    page.set_input_files("#files", file)
    page.locator("form[data-upload] button[type=submit]").click()
    page.wait_for_url("**/batches/*/")
    expect(page.get_by_role("heading", level=1)).to_have_text("wages.xml")
    page.goto("/batches/bring-in/")
    page.set_input_files("#files", file)
    page.locator("form[data-upload] button[type=submit]").click()
    expect(page.locator(".summary")).to_be_visible()
    assert page.locator(".summary a").get_attribute("href")
