"""`run_autograder`, really run in Gradescope's folders: every submission ends in results with the right points."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from tests_support import run_grader

from grader import course
from grader.gradescope.results import FAILED, UNFINISHED

NAME = "04_softmax"

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the jail needs Linux")


def test_a_right_submission_gets_full_points_for_every_exercise(ran):
    found = ran("right")
    assert (found.code, found.results["score"]) == (0, 8.0)
    assert [(each["name"], each["status"]) for each in found.results["tests"]] == [
        (each.name, "passed") for each in course.exercises(NAME)
    ]
    assert [each["max_score"] for each in found.results["tests"]] == [4.0, 2.0, 2.0]
    assert found.results["extra_data"]["grader"]["isolation"][0] in ("tier A", "tier B")


def test_a_known_mistake_is_explained_and_the_failed_cases_are_said_by_their_sentences(ran, folder, mistaken):
    found = ran("wrong")
    about = found.test("softmax")
    assert about["status"] == "failed"
    assert 0 <= about["score"] < 4.0
    assert found.results["score"] == pytest.approx(about["score"] + 4.0)
    explanations = json.loads((folder.released(NAME).parent / "explanations.json").read_text())
    assert explanations["softmax"][mistaken[0]][:40] in " ".join(about["output"].split())
    assert "fails" in about["output"]


def test_what_only_staff_may_know_is_in_the_standard_output_and_in_no_results(ran, folder):
    found = ran("wrong")
    seed = str(folder.seed(NAME))
    assert seed in found.words
    assert seed not in json.dumps(found.results)
    assert "called" in found.words  # the call that failed, with the shapes of its hidden inputs
    assert "called" not in found.test("softmax")["output"]
    assert found.results["stdout_visibility"] == "hidden"


def test_an_answer_that_never_returns_costs_only_itself(ran):
    found = ran("endless")
    assert found.test("softmax")["tags"] == ["timed out"]
    assert found.results["score"] == 4.0
    assert found.results["execution_time"] < 120


def test_a_file_that_is_no_notebook_gets_no_points_and_the_reason(ran):
    found = ran("mangled")
    assert (found.code, found.results["score"]) == (0, 0.0)
    assert "is not the JSON of a notebook" in found.results["output"]
    assert [each["score"] for each in found.results["tests"]] == [0.0, 0.0, 0.0]


def test_points_are_those_of_the_class_that_is_graded_in_the_course(ran, folder):
    kinds = ("right", "wrong", "mangled")
    for kind in kinds:
        target = folder.submission(NAME, kind)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes((ran(kind).root / "submission" / f"{NAME}.ipynb").read_bytes())
    done = run_grader(folder.root, "autograde", NAME, "--jobs", "1")
    assert done.returncode == 0, done.stderr
    for kind in kinds:
        verdict = json.loads(folder.verdict(NAME, kind).read_text())
        assert ran(kind).results["score"] == verdict["points"], kind
        assert [each["score"] for each in ran(kind).results["tests"]] == [e["points"] for e in verdict["exercises"]]


def test_whoever_reaches_for_the_answers_or_the_results_gets_what_the_answers_are_worth(ran):
    found = ran("cheating in a container")
    assert found.results["score"] == 8.0, found.words
    assert "Leaked" not in found.words
    assert "Forged" not in found.words
    time.sleep(0.3)  # for a process that was left behind
    assert json.loads((found.root / "results" / "results.json").read_text()) == found.results


def test_without_the_jail_the_cheating_bites(ran):
    """The control: the same cell, run by nobody but Python, reads the answers and writes results."""
    root = ran("cheating in a container").root
    notebook = json.loads((root / "submission" / f"{NAME}.ipynb").read_text())
    source = next(each["source"] for each in notebook["cells"] if "class Forged" in each["source"])
    kept = (root / "results" / "results.json").read_bytes()
    alone = source.partition("\ndef softmax")[0].replace("if tried(lambda: os.fork()) == 0:", "if False:")
    done = subprocess.run([sys.executable, "-c", alone], capture_output=True, text=True, check=False)
    assert "Leaked" in done.stderr
    done = subprocess.run(
        [sys.executable, "-c", alone.replace("raise Leaked", "pass")], capture_output=True, text=True, check=False
    )
    assert "Forged" in done.stderr
    (root / "results" / "results.json").write_bytes(kept)


def test_a_container_without_namespaces_grades_behind_other_walls_and_says_so(ran):
    found = ran("cheating in a container")
    assert found.results["extra_data"]["grader"]["isolation"][0] == "tier B"
    assert "tier B" in found.results["output"]
    assert "isolation: tier B" in found.words


def test_where_files_are_open_nothing_runs_and_instructors_are_told_what_is_missing(ran):
    found = ran("cheating without walls")
    assert (found.code, found.results["score"], found.results["tests"]) == (0, 0.0, [])
    assert found.results["output"] == FAILED
    assert "strangers' code is not run here" in found.words
    assert "file system closed" in found.words
    assert found.results["extra_data"]["grader"] == {"schema": 1, "graded": False}


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has somebody else to run student code as")
def test_where_staff_insist_answers_and_results_stay_closed_and_the_weakness_is_said(ran):
    found = ran("cheating, staff insist")
    assert found.results["score"] == 8.0, found.words
    assert "Leaked" not in found.words
    assert "Forged" not in found.words
    assert "tier D" in found.results["output"]
    assert "isolation: tier D" in found.words


def test_one_that_is_killed_on_the_way_leaves_results_that_say_so(lay_out, answered, read_results):
    root = lay_out()
    (root / "submission" / f"{NAME}.ipynb").write_text(answered(softmax="def softmax(x):\n    while True: pass"))
    command = [sys.executable, "-I", "-m", "grader.gradescope.run", str(root)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as running:
        deadline = time.monotonic() + 60
        while not (root / "results" / "results.json").exists() and time.monotonic() < deadline:
            time.sleep(0.02)
        time.sleep(0.5)
        running.send_signal(signal.SIGKILL)
    assert read_results(root)["output"] == UNFINISHED
    assert [path.name for path in (root / "results").iterdir()] == ["results.json"]


def test_where_python_itself_cannot_start_the_script_leaves_results(lay_out, run_autograder):
    root = lay_out()
    stale = root / "results" / "results.json"
    stale.write_text('{"score": 8}')  # perhaps of the image's build
    found = run_autograder(root, GRADER_PYTHON="/nowhere/python")
    assert found.results["score"] == 0
    assert "could not start" in found.results["output"]
    assert "look at the log of the build" in found.words


def test_a_suite_that_cannot_be_used_is_the_kits_fault_and_is_told_to_staff(lay_out, answered, run_autograder):
    root = lay_out()
    (root / "submission" / f"{NAME}.ipynb").write_text(answered())
    suite = root / "source" / "course" / "tests" / "hidden" / f"test_{NAME}.py"
    suite.write_text("def broken(:\n")
    found = run_autograder(root)
    assert (found.code, found.results["score"]) == (0, 0.0)
    assert found.results["output"] == FAILED
    assert "not graded: " in found.words
    assert Path(suite).name in found.words
