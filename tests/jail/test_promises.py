"""What is said in public can be followed: every test, page and file that the pages name is there."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
from attacks.chapters import ATTACKS
from tests_support import ROOT

SECURITY = ROOT / "SECURITY.md"
PAGES = [ROOT / "README.md", SECURITY, *sorted((ROOT / "docs").glob("*.md"))]
every_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)


def promises() -> list[list[str]]:
    """The rows of the table of promises, each as its cells."""
    table = SECURITY.read_text().partition("## What is promised")[2].partition("\n## ")[0]
    rows = [line.strip("|").split(" | ") for line in table.splitlines() if line.startswith("| ")]
    return rows[2:]


def links(page: Path) -> list[str]:
    return re.findall(r"\]\(([^)#]+)[^)]*\)", page.read_text())


def test_every_promise_is_one_sentence_and_names_tests_that_test_something():
    assert len(promises()) >= 10
    for promise, shown in promises():
        assert promise.strip().endswith(".")
        assert promise.count(". ") == 0
        paths = re.findall(r"`(tests/[^`]+)`", shown)
        assert paths
        for path in paths:
            tree = ast.parse((ROOT / path).read_text())
            assert any(isinstance(node, ast.FunctionDef) and node.name.startswith("test_") for node in ast.walk(tree))


@every_page
def test_every_path_of_the_repository_that_a_page_names_is_there(page):
    named = re.findall(r"`((?:tests|grader|docs|benchmarks)/[^`\s*{}]+)`", page.read_text())
    assert [path for path in named if "NAME" not in path and not (ROOT / path).exists()] == []


@every_page
def test_every_link_of_a_page_leads_somewhere(page):
    inside = [link for link in links(page) if "://" not in link]
    assert [link for link in inside if not (page.parent / link).exists()] == []


@pytest.mark.parametrize("page", [ROOT / "README.md", ROOT / "docs" / "index.md"], ids=lambda page: page.name)
@pytest.mark.parametrize("target", [SECURITY, ROOT / "docs" / "isolation.md"], ids=lambda target: target.name)
def test_the_promises_and_the_walls_are_found_from_the_first_pages(page, target):
    assert target in [(page.parent / link).resolve() for link in links(page)]


def test_there_are_as_many_attacks_as_is_said():
    said = re.search(r"at least (\d+), one submission each", SECURITY.read_text())
    assert said
    assert len(ATTACKS) >= int(said[1])


def test_nobody_is_asked_to_write_to_an_address_that_may_not_exist():
    assert "@" not in SECURITY.read_text()
