"""`grader author` and `grader data`: what they print and how they end."""

from __future__ import annotations

import json
import shutil

from tests_support import ROOT, run_grader


def test_a_course_in_order_is_shown_as_a_table():
    """The checkout's own: tests/course leaves the checks of this assignment that take seconds to this test."""
    done = run_grader(ROOT, "author", "check", "04_softmax")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "04_softmax: in order" in done.stdout
    assert "the course is in order" in done.stdout
    row = next(line for line in done.stdout.splitlines() if " softmax " in line)
    assert "of" in row


def test_a_course_that_is_not_in_order_is_refused(course):
    (course / "solutions" / "variants" / "04_softmax.py").unlink()
    done = run_grader(course, "author", "check", "04_softmax")
    assert done.returncode == 1
    assert "04_softmax: 1 problem\n" in done.stdout
    assert "variants/04_softmax.py is missing" in "".join(done.stdout.split("\n"))


def test_loose_answers_are_judged_by_the_hidden_suite(released_course, tmp_path):
    folder = tmp_path / "course"
    shutil.copytree(released_course, folder)
    answers = {
        "right": "def nll(log_p, labels):\n    return -log_p.gather(1, labels[:, None]).mean()",
        "wrong": "def nll(log_p, labels):\n    return log_p[torch.arange(len(labels)), labels].mean()",
        "called": "def nll(log_p, labels):\n    return torch.nn.functional.nll_loss(log_p, labels)",
    }
    for name, source in answers.items():
        (tmp_path / f"{name}.py").write_text(source, encoding="utf-8")
    done = run_grader(folder, "author", "judge", "nll", *(str(tmp_path / f"{name}.py") for name in answers))
    assert [line.split("  ")[:3] for line in done.stdout.splitlines()] == [
        ["2 of 2", "right.py", "passed"],
        ["0 of 2", "wrong.py", "wrong"],
        ["0 of 2", "called.py", "forbidden"],
    ]
    assert "nll_without_minus" in done.stdout
    assert "F.nll_loss in line 2" in done.stdout


def test_what_its_user_set_for_pytest_changes_no_judgement(released_course, tmp_path, monkeypatch):
    (tmp_path / "right.py").write_text("def nll(log_p, labels):\n    return -log_p.gather(1, labels[:, None]).mean()")
    monkeypatch.setenv("PYTEST_ADDOPTS", "-v -k nothing --durations=3")
    monkeypatch.setenv("PYTEST_PLUGINS", "no_such_plugin")
    done = run_grader(released_course, "author", "judge", "nll", str(tmp_path / "right.py"))
    assert done.stdout.startswith("2 of 2"), done.stderr
    work = released_course / "assignments" / "04_softmax" / "04_softmax.ipynb"
    checked = run_grader(released_course, "check", str(work), "--json")
    assert checked.returncode == 1, checked.stderr
    assert {each["outcome"] for each in json.loads(checked.stdout)["exercises"]} == {"not attempted"}


def test_data_that_cannot_be_had_ends_in_a_sentence(tmp_path):
    url = "http://127.0.0.1:9/mnist.pkl.gz"
    done = run_grader(tmp_path, "data", "mnist", "--to", str(tmp_path), "--url", url)
    assert done.returncode == 2
    assert done.stderr.startswith(f"grader: {url} cannot be reached")
    assert "Traceback" not in done.stderr


def test_data_of_another_name_is_told_what_there_is(tmp_path):
    done = run_grader(tmp_path, "data", "cifar")
    assert done.returncode == 2
    assert "mnist" in done.stderr
