"""Documents hold to what they are about: links lead somewhere, reference pages are the code's, words are ours."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import unquote

import pytest

from tests.bench.page import PAGE, figures, written
from tests.documentation.reference import FOLDER, pages
from tests.places import CHECKOUT

DOCUMENTS = [CHECKOUT / "README.md", *sorted((CHECKOUT / "docs").rglob("*.md"))]
README_LINES = 120
_LINK = re.compile(r"\]\(([^)\s]+)\)")


def names(path: Path) -> str:
    """The path from the checkout."""
    return str(path.relative_to(CHECKOUT))


def anchors(document: Path) -> set[str]:
    """What a link to a heading of a document ends with, as GitHub makes it."""
    headings = re.findall(r"^#+ (.+)$", document.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("document", DOCUMENTS, ids=names)
def test_every_link_leads_somewhere(document: Path) -> None:
    for target in _LINK.findall(document.read_text(encoding="utf-8")):
        if target.startswith(("http:", "https:", "urn:")):
            continue
        path, _, anchor = unquote(target).partition("#")
        found = (document.parent / path) if path else document
        assert found.exists(), f"{names(document)} links to {target}"
        assert not anchor or anchor in anchors(found), f"{names(document)} links to {target}"


def test_the_readme_is_a_page() -> None:
    assert len((CHECKOUT / "README.md").read_text(encoding="utf-8").splitlines()) <= README_LINES


def test_every_page_is_found_from_the_list_of_documents() -> None:
    listed = (CHECKOUT / "docs" / "README.md").read_text(encoding="utf-8")
    missing = [names(page) for page in DOCUMENTS[1:]
               if page.parent.name != "decisions" and page.name != "README.md"
               and f"({page.relative_to(CHECKOUT / 'docs')})" not in listed]  # fmt: skip
    assert not missing, f"docs/README.md does not link to {missing}"


@pytest.fixture(scope="module")
def generated() -> dict[str, str]:
    """The reference pages as the code makes them now."""
    return dict(pages())


@pytest.mark.parametrize("name", ["commands", "settings", "http", "graphql", "errors", "limits", "metrics"])
def test_a_reference_page_is_what_the_code_says(name: str, generated: dict[str, str]) -> None:
    page = (FOLDER / f"{name}.md").read_text(encoding="utf-8")
    assert page == generated[f"{name}.md"], f"{name}.md is stale: python -m tests.documentation.reference"


def test_the_tables_of_the_page_on_speed_are_the_figures() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert page == written(page, figures()), "speed.md is stale: python -m tests.bench.page"
    assert page.count("<!-- figures:") >= 4


def test_decisions_have_one_form_and_one_number_each() -> None:
    found = sorted((CHECKOUT / "docs" / "decisions").glob("*.md"))
    numbers = [path.name[:4] for path in found]
    assert numbers == [f"{number:04d}" for number in range(1, len(found) + 1)]
    for path in found:
        text = path.read_text(encoding="utf-8")
        assert re.match(r"# .+\n\nDate: 20\d\d-\d\d-\d\d\n", text), f"{names(path)} has no title or no date"
        parts = re.findall(r"^## (.+)$", text, re.MULTILINE)
        assert [part for part in parts if part in FORM] == FORM, f"{names(path)} has the parts {parts}"


FORM = ["Context", "Decision", "Consequences"]


def test_file_names_keep_to_the_glossary() -> None:
    glossary = (FOLDER / "glossary.md").read_text(encoding="utf-8")
    banned = set(re.findall(r"\w+", glossary.rpartition("several meanings:")[2]))
    assert {"told", "crew", "utils"} <= banned
    for path in (CHECKOUT / "registry").rglob("*"):
        if "__pycache__" not in path.parts:
            words = set(re.split(r"[_.\-]", path.name.lower()))
            assert not words & banned, f"{names(path)} is named by {words & banned}: see docs/reference/glossary.md"
