"""A TA's way through a class in real formgrader: grading, reading, marking by hand, feedback. Nothing hostile acts."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from accessible import violations
from book_of_marks import Marked, identifier, marks, recorded
from browser_class import ASSIGNMENT, HOSTILE, POINTS, REFUSED, RIGHT, SCRIPT, TEXT, WRONG, hand_in
from chromium import Browser
from formgrader_page import MODULE, OPTIONS, PANELS, FormgraderPage
from served import Server, jupyter

from grader.folder import CourseFolder

COMMENT = f"Look at axis 1 again: {SCRIPT} *well begun*"
LOCKED = re.compile(r"locked|OperationalError|Traceback", re.IGNORECASE)


@pytest.fixture(scope="module")
def root(released_course: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("formgrader") / "course"
    shutil.copytree(released_course, folder)
    hand_in(CourseFolder(folder))
    return folder


@pytest.fixture(scope="module")
def server(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with jupyter(MODULE, root, tmp_path_factory.mktemp("home") / "formgrader", *OPTIONS) as served:
        yield served


@pytest.fixture(scope="module")
def page(browser: Browser, server: Server) -> FormgraderPage:
    return FormgraderPage(browser, server)


@pytest.fixture(scope="module")
def dialogs(page: FormgraderPage) -> dict[str, str]:
    """{student: what formgrader said after its autograde button was pressed}"""
    page.open_submissions()
    page.browser.picture("formgrader-handed-in")
    said = {student: page.press("autograde", student) for student in (*POINTS, REFUSED)}
    page.browser.picture("formgrader-graded")
    return said


@pytest.fixture(scope="module")
def scores(page: FormgraderPage, dialogs: object) -> dict[str, str]:
    """{student: points as the list of submissions shows them}"""
    page.open_submissions()
    return page.scores()


@pytest.fixture(scope="module")
def shown(page: FormgraderPage, root: Path, scores: object) -> dict[str, list[str]]:
    """{student: the words of the panels in that submission}"""
    found = {}
    for student in POINTS:
        page.open_submission(identifier(root, student))
        found[student] = page.panels()
        page.browser.picture(f"formgrader-of-{student}")
    return found


@pytest.fixture(scope="module")
def marked(page: FormgraderPage, root: Path, shown: object) -> Marked:
    """After a TA gave points and a comment to the one who was wrong."""
    page.open_submission(identifier(root, WRONG))
    for box, text in (("test_softmax", "1.5"), ("test_softmax_extra_credit", "0.5"), ("softmax-comment", COMMENT)):
        page.fill(box, text)
    page.browser.picture("formgrader-marked")
    return marks(root, WRONG)


@pytest.fixture(scope="module")
def regraded(page: FormgraderPage, root: Path, marked: Marked) -> Marked:
    """After the autograde button was pressed once more."""
    page.open_submissions()
    assert "Success" in page.press("autograde", WRONG)
    return marks(root, WRONG)


@pytest.fixture(scope="module")
def feedback(page: FormgraderPage, root: Path, regraded: Marked) -> dict[str, Path]:
    """{student: the page that the feedback button wrote}"""
    page.open_submissions()
    for student in POINTS:
        assert "Success" in page.press("generate-feedback", student)
    return {student: root / "feedback" / student / ASSIGNMENT / f"{ASSIGNMENT}.html" for student in POINTS}


@pytest.mark.parametrize("student", POINTS)
def test_the_autograde_button_grades(dialogs, student):
    assert dialogs[student].startswith("Success")
    assert "Traceback" not in dialogs[student]


def test_the_list_shows_the_points_that_the_gradebook_has(root, scores):
    assert scores == {student: f"{points:g} / 8" for student, points in POINTS.items()}
    assert scores == recorded(root)


def test_a_folder_that_is_no_students_is_refused_with_the_reason(dialogs, scores):
    assert dialogs[REFUSED].startswith("Error")
    assert "Rename the folder" in dialogs[REFUSED]
    assert REFUSED not in scores


def test_the_wrong_answers_panel_is_in_the_submission(shown):
    text = " ".join(shown[WRONG])
    assert "0 of 4 points" in text
    assert "softmax taken over axis 0" in text


def test_the_right_answers_panels_say_so(shown):
    assert [each for each in shown[RIGHT] if "passed" in each]
    assert not [each for each in shown[RIGHT] if "wrong" in each]


def test_a_strangers_words_are_read_and_not_run(page, root, shown):
    page.open_submission(identifier(root, HOSTILE))
    assert "<script>window.pwned=1;alert(1)</script>" in " ".join(shown[HOSTILE])
    assert page.browser.ran() == []


def test_control_the_same_words_act_in_a_page_that_takes_them_as_they_are(page, tmp_path):
    (tmp_path / "page.html").write_text(f"<!DOCTYPE html>{TEXT}")
    page.browser.open((tmp_path / "page.html").as_uri())
    assert page.browser.wait(lambda: len(page.browser.ran()) == 3 and page.browser.ran(), "all of them")
    assert [each for each in page.browser.requests() if "evil" in each]


def test_the_lists_with_hostile_names_run_nothing(page, scores):
    page.open_submissions()
    assert REFUSED in page.browser.the("#main-table").text
    for path in ("manage_students", f"gradebook/{ASSIGNMENT}/{ASSIGNMENT}"):
        page.browser.open(f"{page.server.address}/formgrader/{path}")
        page.browser.wait(lambda: page.browser.run("return models !== undefined && models.loaded"), "the list")
        assert page.browser.ran() == []


def test_points_and_comment_by_hand_are_saved(marked):
    assert marked == Marked(0.0, 1.5, 0.5, COMMENT)


def test_a_regrade_keeps_them(marked, regraded):
    assert regraded == marked


def test_they_are_in_their_boxes_when_the_submission_is_opened_again(page, root, regraded):
    page.open_submission(identifier(root, WRONG))
    boxes = ("test_softmax", "test_softmax_extra_credit", "softmax-comment")
    assert [page.filled(each) for each in boxes] == ["1.5", "0.5", COMMENT]


def test_the_feedback_has_the_points_by_hand_and_the_comment(page, feedback):
    page.browser.open(feedback[WRONG].as_uri())
    words = page.browser.the("body").text
    assert "6 of 8 points" in words
    assert f"Look at axis 1 again: {SCRIPT}" in words.replace("< ", "<")
    assert "softmax taken over axis 0" in words


@pytest.mark.parametrize("student", POINTS)
def test_a_feedback_page_runs_nothing_and_asks_nobody(page, feedback, student):
    page.browser.requests()
    page.browser.open(feedback[student].as_uri())
    page.browser.picture(f"feedback-of-{student}", whole=True)
    assert page.browser.ran() == []
    assert page.browser.requests() == [page.browser.driver.current_url]
    assert len(page.browser.all(PANELS)) >= 3


@pytest.mark.parametrize("student", [WRONG, HOSTILE])
def test_a_feedback_page_prints(page, feedback, student, pictures):
    page.browser.open(feedback[student].as_uri())
    paper = page.browser.paper()
    (pictures / f"feedback-of-{student}.pdf").write_bytes(paper)
    assert paper.startswith(b"%PDF")
    assert 1 <= len(re.findall(rb"/Type\s*/Page\b", paper)) <= 10
    assert len(paper) > 20_000


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("student", [WRONG, HOSTILE])
def test_a_feedback_page_is_accessible(page, feedback, student, scheme):
    page.browser.prefers(scheme)
    page.browser.open(feedback[student].as_uri())
    page.browser.run("document.querySelectorAll('details').forEach(each => { each.open = true })")
    found = violations(page.browser)
    page.browser.prefers("light")
    assert found == []


def test_our_panels_in_formgrader_are_accessible(page, root, scores):
    """The page around them is nbgrader's."""
    page.open_submission(identifier(root, WRONG))
    assert violations(page.browser, PANELS) == []


def test_formgrader_stays_usable_while_the_class_is_graded(page, root, regraded):
    command = [sys.executable, "-m", "grader", "autograde", ASSIGNMENT, "--force"]
    with subprocess.Popen(command, cwd=root, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as run:
        rounds, said = 0, len(page.server.words())
        while run.poll() is None:
            page.open_submissions()
            page.open_submission(identifier(root, RIGHT))
            page.fill("softmax-comment", f"round {rounds}")
            rounds += 1
        words = run.communicate()[0]
    assert rounds >= 2
    assert marks(root, RIGHT).comment == f"round {rounds - 1}"
    assert not LOCKED.search(words), words
    assert not LOCKED.search(page.server.words()[said:])
