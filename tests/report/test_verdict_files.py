"""Reading a class' verdicts: one that is damaged or old is named with its reason, and stops nothing."""

from __future__ import annotations

import json
from typing import Any

import pytest
from classroom import ASSIGNMENT, MISTAKE, SENTENCES, P, W, exercise, verdict

from grader.folder import CourseFolder
from grader.records import keep_verdict
from grader.report import verdicts as reading
from grader.report.verdicts import class_verdicts
from grader.verdict import Outcome


@pytest.fixture
def place(tmp_path):
    folder = CourseFolder(tmp_path)
    keep_verdict(folder, verdict("ada"))
    return folder


def write(folder: CourseFolder, **changes: Any) -> None:
    data = verdict("bob").to_json() | changes
    folder.verdict(ASSIGNMENT, "bob").write_text(json.dumps(data))


DAMAGED = {
    "": "it is not the JSON that the kit writes",
    '{"schema": 1': "it is not the JSON that the kit writes",
    "[" * 100_000: "it is not the JSON that the kit writes",
    "[]": "it is no verdict",
    '{"schema": 0}': "verdict schema 0 is not 1; grade again with this version",
    '{"schema": 1}': "parts of it are missing, or of another kind than they should be",
}


@pytest.mark.parametrize("text", DAMAGED, ids=range(len(DAMAGED)))
def test_a_file_that_is_no_verdict_is_named_and_stops_nothing(place, text):
    place.verdict(ASSIGNMENT, "bob").write_text(text)
    found = class_verdicts(place, ASSIGNMENT)
    assert found.damaged == {"bob": DAMAGED[text]}
    assert list(found.judged) == ["ada"]


def test_a_file_that_is_no_text_is_named(place):
    place.verdict(ASSIGNMENT, "bob").write_bytes(b"\xff\xfe\x00")
    assert class_verdicts(place, ASSIGNMENT).damaged == {"bob": "it is not the JSON that the kit writes"}


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"student": "eve"}, "it is about another submission"),
        ({"assignment": "03_losses"}, "it is about another submission"),
        ({"exercises": []}, "its exercises are those of another version of the course"),
        ({"seconds": float("nan")}, "it holds points or seconds that are no numbers"),
        ({"seconds": "fast"}, "it holds points or seconds that are no numbers"),
        ({"exercises": 5}, "parts of it are missing, or of another kind than they should be"),
        ({"repairs": None}, "parts of it are missing, or of another kind than they should be"),
    ],
)
def test_a_verdict_with_wrong_parts_is_named(place, changes, reason):
    write(place, **changes)
    assert class_verdicts(place, ASSIGNMENT).damaged == {"bob": reason}


def test_a_folder_and_a_huge_file_in_the_place_of_a_verdict_are_named(place, monkeypatch):
    place.verdict(ASSIGNMENT, "bob").mkdir()
    monkeypatch.setattr(reading, "MAX_BYTES", 10)
    assert class_verdicts(place, ASSIGNMENT).damaged == {"bob": "it is no file", "ada": "it is larger than 0 MiB"}


def test_drafts_and_other_files_are_passed_over(place):
    for name in (".bob.json.123", ".drafts.json", "notes.txt"):
        (place.verdict(ASSIGNMENT, "x").parent / name).write_text("?")
    assert class_verdicts(place, ASSIGNMENT).damaged == {}


def test_an_assignment_that_nobody_was_graded_in_has_none(tmp_path):
    assert class_verdicts(CourseFolder(tmp_path), ASSIGNMENT).judged == {}


def test_cases_of_one_sentence_count_once_and_only_for_those_who_attempted_the_exercise(place):
    first = exercise("softmax", W, W, P)
    for student, softmax in (("bob", first), ("cleo", exercise("softmax", Outcome.NOT_ATTEMPTED))):
        keep_verdict(place, verdict(student, softmax))
    case = class_verdicts(place, ASSIGNMENT).cases["softmax", SENTENCES[0]]
    assert (case.asked, case.failed) == (2, 1)


def test_an_explanation_is_kept_once_however_many_made_the_mistake(place):
    for student in ("bob", "cleo"):
        keep_verdict(place, verdict(student, exercise("softmax", W, P, mistake=MISTAKE)))
    assert class_verdicts(place, ASSIGNMENT).explanations == {("softmax", MISTAKE.name): MISTAKE.explanation}


def test_what_is_kept_of_a_student_is_bounded(place):
    keep_verdict(place, verdict("bob", repairs=("x" * 10_000,) * 500))
    (kept,) = {len(each) for each in class_verdicts(place, ASSIGNMENT).judged["bob"].repairs}
    assert kept < 400
    assert len(class_verdicts(place, ASSIGNMENT).judged["bob"].repairs) == reading.MAX_SENTENCES
