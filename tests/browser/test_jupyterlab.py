"""A student's way through an exercise in a real JupyterLab: wrong, hinted at, right, saved, graded."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from accessible import violations
from chromium import Browser
from notebook_page import OPTIONS, PANELS, NotebookPage
from served import Server, jupyter
from tests_support import run_grader

from grader import course

ASSIGNMENT = "04_softmax"
SETUP = "from grader import check, hint"
STUBS = {name: f"def {name}(" for name in ("softmax", "log_softmax", "nll")}
WRONG = """def softmax(x):
    powers = torch.exp(x - x.max(0, keepdim=True).values)
    return powers / powers.sum(0, keepdim=True)"""
RIGHT = {
    "softmax": """def softmax(x):
    powers = torch.exp(x - x.max(-1, keepdim=True).values)
    return powers / powers.sum(-1, keepdim=True)""",
    "log_softmax": """def log_softmax(x):
    shifted = x - x.max(-1, keepdim=True).values
    return shifted - torch.log(torch.exp(shifted).sum(-1, keepdim=True))""",
    "nll": """def nll(log_p, labels):
    return -log_p[torch.arange(len(labels)), labels].mean()""",
}
CHECK = 'check("{}", {})'.format


@dataclass(frozen=True)
class Seen:
    """What a cell showed."""

    panel: str
    value: str = ""


@pytest.fixture(scope="module")
def home(released_course: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the assignment's folder, in a course that can grade it."""
    root = tmp_path_factory.mktemp("lab") / "course"
    shutil.copytree(released_course, root)
    shutil.copytree(root / "assignments" / ASSIGNMENT, root / "mine" / ASSIGNMENT)
    return root / "mine"


@pytest.fixture(scope="module")
def server(home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with jupyter("jupyterlab", home, tmp_path_factory.mktemp("home") / "lab", *OPTIONS) as lab:
        yield lab


@pytest.fixture(scope="module")
def page(browser: Browser, server: Server) -> NotebookPage:
    """The released notebook, as it is opened for the first time."""
    return NotebookPage(browser, server, f"{ASSIGNMENT}/{ASSIGNMENT}.ipynb")


@pytest.fixture(scope="module")
def wrong(page: NotebookPage) -> Seen:
    """After a softmax over the wrong axis, and `Run All Cells`."""
    page.write(page.cell(STUBS["softmax"]), WRONG)
    page.run_all()
    cell = page.cell(CHECK("softmax", "softmax"))
    page.browser.picture("lab-wrong-light")
    return Seen(page.panel(cell), page.value(cell))


@pytest.fixture(scope="module")
def untouched(page: NotebookPage, wrong: Seen) -> Seen:
    """An exercise that nobody has begun, after the same run."""
    return Seen(page.panel(page.cell(CHECK("nll", "nll"))))


@pytest.fixture(scope="module")
def themes(page: NotebookPage, wrong: Seen) -> Iterator[dict[str, list[str]]]:
    """{theme: what axe found in the panels of the wrong answer and of those not begun}"""
    found = {}
    for theme in ("Dark", "Light"):
        page.wear(theme)
        page.cell(CHECK("softmax", "softmax"))
        page.browser.picture(f"lab-wrong-{theme.lower()}")
        found[theme] = violations(page.browser, PANELS)
    return found


@pytest.fixture(scope="module")
def focused(page: NotebookPage, themes: object) -> Seen:
    """The words of what the Tab key reached from the cell, and how its focus is drawn."""
    reached = page.tab_to_panel(page.cell(CHECK("softmax", "softmax")))
    page.browser.picture("lab-focus")
    return Seen(reached.text, reached.value_of_css_property("outline-style"))


@pytest.fixture(scope="module")
def hints(page: NotebookPage, focused: object) -> list[str]:
    """What three calls of `hint` show, in a cell of the student's own."""
    cell = page.add_below(page.cell(CHECK("softmax", "softmax")), 'hint("softmax")')
    shown = []
    for step in range(3):
        page.run(cell)
        shown.append(page.panel(cell))
        page.browser.picture(f"lab-hint-{step}")
    return shown


@pytest.fixture(scope="module")
def right(page: NotebookPage, hints: list[str]) -> Seen:
    """After the wrong axis was corrected, and the check run again."""
    answer, cell = page.cell(STUBS["softmax"]), CHECK("softmax", "softmax")
    page.write(answer, RIGHT["softmax"])
    page.run(answer)
    page.run(page.cell(cell))
    page.browser.picture("lab-right-light")
    return Seen(page.panel(page.cell(cell)), page.value(page.cell(cell)))


@pytest.fixture(scope="module")
def half(page: NotebookPage, right: Seen, home: Path) -> Path:
    """The notebook as JupyterLab saved it with one exercise of three solved."""
    page.save()
    path = home / "half" / f"{ASSIGNMENT}.ipynb"
    path.parent.mkdir()
    shutil.copy(home / ASSIGNMENT / path.name, path)
    return path


@pytest.fixture(scope="module")
def whole(page: NotebookPage, half: Path, home: Path) -> Path:
    """The notebook as JupyterLab saved it with everything solved."""
    for name in ("log_softmax", "nll"):
        page.write(page.cell(STUBS[name]), RIGHT[name])
    page.run_all()
    page.cell('hint("softmax")')
    page.browser.picture("lab-reference")
    page.save()
    return home / ASSIGNMENT / f"{ASSIGNMENT}.ipynb"


def outputs(path: Path) -> list[dict[str, object]]:
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    return [output for cell in cells for output in cell.get("outputs", [])]


def test_the_panel_says_that_the_answer_is_wrong_and_what_it_earns(wrong):
    assert "wrong" in wrong.panel
    assert "0 of 4 points" in wrong.panel
    assert wrong.value == "0.0"


def test_the_panel_shows_the_call_and_the_worst_element_by_its_axes(wrong):
    assert re.search(r"softmax\(x\)\s+with x float32\[\d+, \d+\]", wrong.panel)
    assert re.search(r"\[image=\d+, class=\d+\] yours [\d.]+, expected [\d.]+", wrong.panel)


def test_the_mistake_is_named(wrong):
    assert "softmax taken over axis 0" in wrong.panel


def test_what_nobody_has_begun_is_not_called_wrong(untouched):
    assert "not attempted" in untouched.panel
    assert "wrong" not in untouched.panel


def test_the_hints_climb_from_a_nudge_to_an_explanation(hints):
    about = course.exercise("softmax")
    first, second, third = (" ".join(each.split()) for each in hints)
    assert plain(about.nudge) in first
    assert plain(about.explanation) in second
    assert third not in {first, second}


def plain(text: str) -> str:
    """A hint as it is read: without the marks around code."""
    return " ".join(text.replace("`", "").split())


def test_the_corrected_answer_has_its_points(right):
    assert "passed" in right.panel
    assert "4 of 4 points" in right.panel
    assert right.value == "4.0"


def test_after_full_points_the_panel_says_what_is_next_and_how_far_one_is(right):
    total = sum(len(course.exercises(each)) for each in course.assignments())
    assert f"1 of {total} done" in right.panel
    assert "log_softmax" in right.panel


def test_after_full_points_the_last_hint_is_the_courses_own_answer(page, whole):
    assert "amax(-1, keepdim=True)" in page.panel(page.cell('hint("softmax")'))


def test_nothing_goes_to_stderr(page, whole):
    assert page.said_on_stderr() == []
    assert outputs(whole)
    assert not [each for each in outputs(whole) if each.get("name") == "stderr" or each["output_type"] == "error"]


def test_the_notebook_saved_with_one_of_three_is_graded_as_that(half):
    done = run_grader(half.parent, "check", str(half), "--json")
    assert done.returncode == 1, done.stderr
    assert json.loads(done.stdout)["points"] == 4.0


def test_the_notebook_saved_with_everything_passes(whole):
    done = run_grader(whole.parent, "check", str(whole), "--json")
    assert done.returncode == 0, done.stdout + done.stderr
    assert json.loads(done.stdout)["points"] == 8.0


@pytest.mark.parametrize("theme", ["Light", "Dark"])
def test_the_panels_are_accessible(themes, theme):
    assert themes[theme] == []


def test_what_is_shown_at_the_end_is_accessible(page, whole):
    page.cell('hint("softmax")')
    assert violations(page.browser, PANELS) == []


def test_the_keyboard_reaches_the_panel_and_shows_where_it_is(focused, wrong):
    assert focused.panel == wrong.panel
    assert focused.value == "solid"


def test_control_axe_sees_grey_on_grey(page, themes):
    grey = "document.querySelector(arguments[0]).insertAdjacentHTML('beforeend', '<p id=grey>grey</p>');"
    page.browser.run(f"{grey} grey.style = 'color: #999; background: #aaa'", PANELS)
    found = violations(page.browser, PANELS)
    page.browser.run("document.querySelector('#grey').remove()")
    assert [each for each in found if each.startswith("color-contrast at #grey")] == found != []


def test_nothing_is_asked_of_another_machine(page, server, whole):
    elsewhere = [each for each in page.browser.requests() if server.address.partition("//")[2] not in each]
    assert elsewhere == []
