"""The class report in a browser: what is hostile stays words, nothing is asked of anybody, everyone can read it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from accessible import dim_texts, violations
from browser_class import ASSIGNMENT, HOSTILE, SCRIPT, hand_in
from chromium import Browser
from tests_support import run_grader

from grader.folder import CourseFolder

_OPENED = "document.querySelectorAll('details').forEach(each => { each.open = true })"
# the element that has the focus, and whether it shows
_FOCUS = """
const it = document.activeElement, style = getComputedStyle(it), box = it.getBoundingClientRect();
return [it.tagName, box.top < innerHeight && box.bottom > 0 && style.outlineStyle !== "none"]
"""


@pytest.fixture(scope="module")
def report(released_course: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page that `grader report` wrote of the class of three."""
    root = tmp_path_factory.mktemp("report") / "course"
    shutil.copytree(released_course, root)
    hand_in(CourseFolder(root))
    for command in ("autograde", "report"):
        done = run_grader(root, command, ASSIGNMENT)
        assert "Traceback" not in done.stderr
    return root / "reports" / f"{ASSIGNMENT}.html"


@pytest.fixture
def page(browser: Browser, report: Path) -> Browser:
    """The report, wide and light, and nothing asked before it."""
    browser.size(1280, 900)
    browser.prefers("light")
    browser.requests()
    browser.open(report.as_uri())
    return browser


def test_it_says_what_the_class_got_wrong(page):
    words = page.the("main").text
    assert "softmax_over_axis_0" in words
    assert "Each row of a batch becomes its own probabilities" in words
    assert "Lovelace" in words


def test_hostile_names_and_answers_are_read_and_not_run(page):
    words = page.run("return document.body.textContent")
    assert SCRIPT in words
    assert HOSTILE in words
    for details in page.all("summary"):
        details.click()
    assert page.ran() == []


def test_nothing_is_asked_of_anybody(page, report):
    assert page.requests() == [report.as_uri()]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_is_accessible(page, scheme):
    page.prefers(scheme)
    page.picture(f"report-1280-{scheme}", whole=True)
    page.run(_OPENED)
    assert violations(page) == []
    assert dim_texts(page) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_fits_a_telephone(page, scheme):
    page.size(400, 900)
    page.prefers(scheme)
    page.picture(f"report-400-{scheme}", whole=True)
    page.run(_OPENED)
    assert page.run("return document.documentElement.scrollWidth") <= 400
    assert violations(page, doubts=False) == []  # wide tables are scrolled


def test_control_a_drawings_grey_text_is_too_dim(page):
    page.run("document.querySelector('svg text').style.fill = '#999'")
    assert len(dim_texts(page)) == 1


def test_the_keyboard_reaches_everything_and_shows_where_it_is(page):
    from selenium.webdriver.common.keys import Keys

    seen = []
    while not seen or seen[-1][0] != "BODY":
        page.presses(Keys.TAB)
        seen.append(page.run(_FOCUS))
    *stops, _ = seen
    assert {name for name, _ in stops} >= {"A", "SUMMARY", "DIV"}
    assert all(shows for _, shows in stops), stops


def test_it_prints(page, pictures):
    paper = page.paper()
    (pictures / "report.pdf").write_bytes(paper)
    assert paper.startswith(b"%PDF")
    assert len(paper) > 20_000
