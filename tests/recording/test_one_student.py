"""What goes wrong with one student costs only him, and leaves him as he was."""

from __future__ import annotations

import os
from dataclasses import replace

import pytest
from books import files, rows, scores, url_of
from classes import NAME, handed_in_by, judged, record, set_by_hand
from nbgrader.api import Grade, Gradebook

from grader.judge.submission import Finished


def with_too_many_points(finished: Finished) -> Finished:
    verdict = finished.result.verdict
    first, *rest = verdict.exercises
    wrong = replace(verdict, exercises=(replace(first, points=first.max_points + 1), *rest))
    return replace(finished, result=replace(finished.result, verdict=wrong))


def test_more_points_than_there_are(new_course):
    course = new_course()
    results = judged(course)
    failed = record(course, [with_too_many_points(results["ada"]), results["alan"]])
    assert set(failed) == {"ada"}
    assert "the points of `ada` could not be recorded" in failed["ada"]
    assert scores(url_of(course), "ada") == {}
    assert not [path for path in files(course) if "ada" in path and path.endswith((".ipynb", ".json"))]
    assert scores(url_of(course), "alan")


def test_a_submission_that_lacks_a_cell_in_the_gradebook(new_course):
    """One of many in a batch: the others are written all the same, and the one stays as it was, files and all."""
    course = new_course()
    assert record(course, judged(course).values()) == {}
    with Gradebook(url_of(course), "from-network-to-regression") as book:
        lost = book.find_grade("test_softmax", NAME, NAME, "vera")
        book.db.query(Grade).filter(Grade.id == lost.id).delete()
        book.db.commit()
    before, kept = scores(url_of(course), "vera"), files(course)
    results = [handed_in_by("vera", course, "ada"), handed_in_by("torsten", course, "ada")]
    failed = record(course, results)
    assert set(failed) == {"vera"}
    assert "delete this submission" in failed["vera"]
    assert scores(url_of(course), "vera") == before
    assert {path: found for path, found in files(course).items() if "vera" in path} == {
        path: found for path, found in kept.items() if "vera" in path
    }
    assert {each["auto_score"] for each in scores(url_of(course), "torsten").values()} != {0}


@pytest.mark.parametrize("what", ["a link", "a file"])
def test_something_in_the_way_of_the_folder(new_course, what):
    course = new_course()
    place = course / "autograded" / "ada" / NAME
    place.parent.mkdir(parents=True)
    (course / "elsewhere").mkdir()
    place.symlink_to(course / "elsewhere") if what == "a link" else place.write_text("mine")
    results = judged(course)
    failed = record(course, [results["ada"], results["alan"]])
    assert set(failed) == {"ada"}
    assert "move it away" in failed["ada"]
    assert not os.listdir(course / "elsewhere")  # noqa: PTH208 - the names, and no paths
    assert scores(url_of(course), "alan")


def test_of_the_others_in_the_gradebook_nothing_changes(new_course):
    course = new_course()
    assert record(course, judged(course).values()) == {}
    set_by_hand(url_of(course), "vera")
    before = rows(url_of(course))
    assert record(course, [handed_in_by("ada", course, "ursula")]) == {}
    after = rows(url_of(course))
    for table in before:
        others = [row for row in before[table] if ":ada:" not in str(row)]
        assert [row for row in after[table] if ":ada:" not in str(row)] == others
    assert before["grade"] != after["grade"]


def test_an_empty_batch_is_nothing(new_course):
    course = new_course()
    before = rows(url_of(course))
    assert record(course, []) == {}
    assert rows(url_of(course)) == before
