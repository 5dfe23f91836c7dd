"""`grader check` as its user calls it: what is on the screen, on stdout and in the exit code."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator

import pytest
from pty_screen import PtyScreen
from saved_answers import CRASHING, OVER_AXIS_0, RIGHT, answer
from tests_support import run_grader

from grader.achieved import Achieved
from grader.course import exercise
from grader.folder import CourseFolder
from grader.hints import COMPARE, POINTS_FIRST
from grader.judge.pool import Pool
from grader.learner.own_work import find_work

PLAIN = f'''"""Mine."""
import torch

open("left_behind", "w").close()


{RIGHT}

def log_softmax(x):
    return torch.log_softmax(x, -1)


def nll(log_p, labels):
    return log_p.nothing
'''


@pytest.fixture
def plain(learner):
    (learner / "mine.py").write_text(PLAIN)
    return learner


def test_everything_right_is_exit_code_0(softmax_folder, released_course):
    shutil.copy(released_course / "solutions" / "04_softmax.py", softmax_folder / "answers.py")
    done = run_grader(softmax_folder, "check", "answers.py")
    assert (done.returncode, done.stderr) == (0, "")
    assert "3 of 3 here · 3 of 31 in the course\nnext: rank(x) in 01_tensors" in done.stdout
    assert Achieved().names == {"softmax", "log_softmax", "nll"}


def test_hints_come_one_after_another_and_the_courses_own_answer_last(softmax_folder):
    about = exercise("nll")
    done = run_grader(softmax_folder, "hint", "nll")
    assert done.stdout == f"nll: hint\n{about.nudge}\n`grader hint nll --more` explains it.\n"
    done = run_grader(softmax_folder, "hint", "nll", "--more")
    assert done.stdout == f"nll: hint\n{about.nudge}\nnll: hint\n{about.explanation}\n{POINTS_FIRST}\n"
    Achieved().mark("nll", done=True)
    done = run_grader(softmax_folder, "hint", "nll")
    assert done.stdout.startswith(f"nll: for comparison\n{COMPARE}\n")
    assert "def nll(log_p, labels):" in done.stdout
    assert run_grader(softmax_folder, "hint", "nil").returncode == 2


def test_hints_are_drawn_where_something_can_be_drawn(softmax_folder):
    with PtyScreen(softmax_folder, "hint", "nll") as screen:
        assert screen.ended() == 0
    assert "╭─ nll: hint ─" in screen.text


def test_who_lacks_points_hears_how_to_get_a_hint(softmax_folder):
    assert run_grader(softmax_folder, "check").stdout.endswith("\nstuck? `grader hint softmax`\n")


def test_a_file_is_graded_in_the_jail_and_its_lines_are_its_own(plain):
    done = run_grader(plain, "check", "mine.py", "--json")
    assert (done.returncode, done.stderr) == (1, "")
    softmax, log_softmax, nll = json.loads(done.stdout)["exercises"]
    assert softmax["points"] == 4
    assert (log_softmax["forbidden"]["cell"], log_softmax["forbidden"]["line"]) == ("mine.py", 13)
    assert nll["cases"][0]["finding"]["line"] == "mine.py line 17: return log_p.nothing"
    assert not (plain / "left_behind").exists()


def test_a_file_and_a_notebook_with_the_same_answers_get_the_same(learner):
    answer(learner / "04_softmax" / "04_softmax.ipynb", "softmax", OVER_AXIS_0)
    (learner / "mine.py").write_text(f"import torch\n{OVER_AXIS_0}")
    found = [json.loads(run_grader(learner, "check", path, "--json").stdout) for path in ("04_softmax", "mine.py")]
    points, mistakes = zip(*((each["points"], each["exercises"][0]["mistake"]) for each in found), strict=True)
    assert points[0] == points[1]
    assert mistakes[0] == mistakes[1]
    assert mistakes[0]["name"] == "softmax_over_axis_0"


FIRST_ATTEMPT = """def softmax(x):
    e = torch.exp(x)
    return e / e.sum({axis})


def log_softmax(x):
    return torch.log(softmax(x))


def nll(log_p, labels):
    return -log_p[labels].mean()
"""


@pytest.fixture(scope="module")
def judge(released_course) -> Iterator[Pool]:
    """For several files one judge, where a command would start one for each."""
    with Pool(CourseFolder(released_course), "04_softmax", policy="warn") as pool:
        yield pool


@pytest.mark.parametrize(
    ("axis", "softmax", "log_softmax"),
    [
        ("0", "softmax_over_axis_0_without_shift", "log_of_softmax_over_axis_0_without_shift"),
        ("-1", "softmax_with_lost_axis_without_shift", "log_softmax_with_lost_axis_without_shift"),
        ("-1, keepdim=True", "softmax_without_shift", "log_of_softmax_without_shift"),
    ],
)
def test_what_beginners_write_first_is_recognised(learner, judge, axis, softmax, log_softmax):
    (learner / "mine.py").write_text(FIRST_ATTEMPT.format(axis=axis))
    verdict = judge.grade(find_work(learner / "mine.py").read()).result.verdict
    names = [each.mistake.name for each in verdict.exercises]
    assert names == [softmax, log_softmax, "nll_of_the_rows_that_labels_name"]


def test_on_a_terminal_there_are_boxes_and_colours(softmax_folder):
    answer(softmax_folder / "04_softmax.ipynb", "softmax", CRASHING)
    with PtyScreen(softmax_folder, "check") as screen:
        screen.wait("starting the judge, then checking")
        assert screen.ended() == 1
        assert "╭─ softmax · crashed" in screen.text
        assert b"\x1b[31m" in screen.written
        assert screen.text.endswith("next: softmax(x) · ★★☆ · about 20 minutes\nstuck? `grader hint softmax`")


@pytest.mark.parametrize(("setting", "value"), [("NO_COLOR", "1"), ("TERM", "dumb")])
def test_who_wants_no_colour_gets_none(softmax_folder, setting, value):
    with PtyScreen(softmax_folder, "check", **{setting: value}) as screen:
        assert screen.ended(60) == 1
        assert b"\x1b[3" not in screen.written.replace(b"\x1b[3m", b"")
        assert "0 of 3 here" in screen.text


@pytest.mark.parametrize("arguments", [["check", "nowhere.ipynb"], ["check", "--assignment", "99_nothing"]])
def test_what_cannot_be_checked_is_one_sentence_and_exit_code_2(learner, arguments):
    done = run_grader(learner, *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert len(done.stderr.splitlines()) == 1


def test_as_json_that_is_one_document_too(learner):
    (learner / "mine.py").write_text("def softmax(x:\n")
    done = run_grader(learner, "check", "mine.py", "--json")
    assert done.returncode == 2
    assert json.loads(done.stdout)["error"].startswith("`mine.py` is not valid Python (line 1")


def test_an_unreadable_notebook_is_exit_code_2(softmax_folder):
    (softmax_folder / "04_softmax.ipynb").write_text("")
    done = run_grader(softmax_folder, "check")
    assert done.returncode == 2
    assert "`04_softmax.ipynb` is empty" in done.stdout


def test_one_document_and_watching_for_ever_exclude_each_other(learner):
    done = run_grader(learner, "check", "--json", "--watch")
    assert done.returncode == 2
    assert "give one of them" in done.stderr


def test_start_lays_out_and_says_what_is_next(released_course, tmp_path):
    done = run_grader(released_course, "start", str(tmp_path / "mine"))
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines()[0] == f"{tmp_path / 'mine'}: 21 files new"
    assert ": nothing is new, and all is as you left it\n" in run_grader(tmp_path / "mine", "start").stdout


def test_start_in_a_folder_of_other_things_is_one_sentence(released_course, tmp_path):
    (tmp_path / "thesis.txt").write_text("")
    done = run_grader(released_course, "start", str(tmp_path))
    assert (done.returncode, done.stdout) == (2, "")
    assert len(done.stderr.splitlines()) == 1


def test_finding_and_laying_out_load_no_torch():
    code = "import sys, grader.cli, grader.learner.start; print('torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"
