"""The results as pure functions: what they show to whom, and that no text acts."""

from __future__ import annotations

import dataclasses
import json

import pytest

from grader.gradescope import results, run
from grader.gradescope.run import ANSWERS_CLOSED, AnswersOpenError, _require_answers_closed
from grader.gradescope.walls import told
from grader.jail.attempts import ATTEMPTS, DECISIVE
from grader.jail.layers import Missing
from grader.jail.proofs import Protection
from grader.judge.pool import JudgeLostError
from grader.verdict import CaseVerdict, ExerciseVerdict, Finding, Outcome, Verdict

HIDDEN = Finding(
    Outcome.WRONG, "12 of 12 values differ.", "softmax(x)  with x float32[7, 3]", yours="0.20531", expected="0.75117"
)
HOSTILE = "\x1b]0;owned\x07<script>alert(1)</script>\u202egnp\ud800"


def verdict(note: str = "") -> Verdict:
    case = CaseVerdict("test_a", "Each row sums to 1.", Outcome.WRONG, finding=HIDDEN)
    lost = ExerciseVerdict("softmax", 1.25, 4.0, Outcome.WRONG, (case,), note=note)
    passed = ExerciseVerdict("nll", 2.0, 2.0, Outcome.PASSED)
    flags = ("look at cell 3",)
    return Verdict("04_softmax", "submission", (lost, passed), (note,) if note else (), flags=flags, seed=987654321)


def graded(found: Verdict) -> dict:
    return results.graded(found, beside="", seconds=1.23456)


def test_points_and_words_of_each_exercise(valid):
    found = graded(verdict())
    assert valid(found)
    assert (found["score"], found["execution_time"]) == (3.25, 1.235)
    first, second = found["tests"]
    assert (first["number"], first["score"], first["max_score"], first["status"]) == ("1", 1.25, 4.0, "failed")
    assert "Each row sums to 1." in first["output"]
    assert (second["number"], second["status"], second["tags"]) == ("2", "passed", ["passed"])


def test_students_read_no_hidden_value_no_flag_and_no_seed():
    text = json.dumps(graded(verdict()))
    assert not [secret for secret in ("0.20531", "0.75117", "[7, 3]", "987654321", "look at") if secret in text]


def test_staff_read_all_of_it():
    text = results.staff_text(verdict())
    assert all(word in text for word in ("0.75117", "[7, 3]", "987654321", "look at cell 3"))


def test_hostile_text_is_text(valid):
    found = graded(verdict(HOSTILE))
    assert valid(found)
    for words in (found["output"], *(each["output"] for each in found["tests"])):
        assert not set("\x1b\x07\u202e\ud800") & set(words)
    formats = {found["output_format"], *(each["output_format"] for each in found["tests"])}
    formats |= {each["name_format"] for each in found["tests"]}
    assert formats == {"text"}


def test_what_could_not_be_checked_is_said_so(valid):
    unsure = ExerciseVerdict("softmax", 0.0, 4.0, Outcome.COULD_NOT_CHECK)
    found = graded(dataclasses.replace(verdict(), exercises=(unsure,)))
    assert valid(found)
    assert "The kit could not check this" in " ".join(found["tests"][0]["output"].split())


@pytest.mark.parametrize("words", [results.FAILED, results.UNFINISHED])
def test_without_a_verdict_there_are_results_that_gradescope_takes(valid, words):
    found = results.ungraded(words)
    assert valid(found)
    assert (found["score"], found["output"]) == (0.0, words)


@pytest.mark.parametrize("damage", [{"score": "8"}, {"visibility": "never"}, {"tests": [{"points": 1}]}, {"grade": 1}])
def test_the_schema_refuses_what_the_specification_does_not_name(valid, damage):
    assert not valid({**graded(verdict()), **damage})


def test_the_schema_wants_a_score_somewhere(valid):
    assert not valid({"output": "graded", "tests": []})
    assert valid({"tests": [{"score": 1}]})


def test_a_judge_that_is_lost_is_started_anew_a_few_times(folders_of_a_right_answer, read_results, monkeypatch, capsys):
    root, lost = folders_of_a_right_answer, []

    class Losing:
        def __init__(self, *about, **more):
            lost.append(about)

        def __enter__(self):
            raise JudgeLostError("the judge's worker ended while it graded")

        def __exit__(self, *about): ...

    monkeypatch.setattr(run, "Pool", Losing)
    monkeypatch.chdir(root)
    assert run.main([str(root)]) == 0
    assert len(lost) == run.MAX_JUDGES
    assert read_results(root)["output"] == results.FAILED
    assert capsys.readouterr().out.count("the judge's worker ended while it graded") == run.MAX_JUDGES


@pytest.fixture
def folders_of_a_right_answer(lay_out, answered):
    root = lay_out()
    (root / "submission" / "04_softmax.ipynb").write_text(answered())
    return root


def test_open_answers_stop_grading_whatever_the_policy():
    assert ANSWERS_CLOSED in ATTEMPTS
    assert ANSWERS_CLOSED in DECISIVE
    with pytest.raises(AnswersOpenError, match="student code can read the answers here"):
        _require_answers_closed(Protection((), (), (ANSWERS_CLOSED,)))
    _require_answers_closed(Protection((), (ANSWERS_CLOSED,), ("network closed",)))


def test_the_log_of_the_build_says_what_is_missing_and_what_follows():
    missing = (Missing("landlock", "Function not implemented"),)
    lines = told(Protection((), (), ("file system closed",), missing))
    assert lines[0].startswith("isolation: tier D")
    assert lines[1].startswith("missing: landlock (Function not implemented). Use Linux 5.13")
    assert "strangers' code is not run here" in lines[-1]
    assert told(Protection(("namespaces",), ("file system closed",), ()))[-1] == "submissions will be graded"
