"""The corpus itself: large, the same on every run, every accident in it, and one that would stop stock nbgrader."""

from __future__ import annotations

from collections import Counter
from random import Random

import pytest
from mangled.corpus import ALL, BASES, CLASSES, FAMILIES, LARGE, Mangled, corpus
from mangled.files import FILES
from mangled.stock import stopped_by

from grader.folder import CourseFolder


@pytest.fixture(scope="module")
def submissions(released_course) -> list[Mangled]:
    folder = CourseFolder(released_course)
    return [each for assignment in CLASSES for each in corpus(folder, assignment).values()]


def test_it_holds_at_least_three_hundred_distinct_submissions(submissions):
    assert len({each.content for each in submissions}) >= 300


def test_no_two_accidents_have_one_name():
    assert len(ALL) == sum(len(family) for family in (*FAMILIES, FILES))


def test_every_accident_happens_to_somebody(submissions):
    alone = Counter(each.name.split("-", 1)[1] for each in submissions)
    assert set(ALL) <= set(alone)


def test_every_accident_changes_the_file(submissions, released_course):
    folder = CourseFolder(released_course)
    unharmed = {make(folder, name, Random(seed)).written() for make in BASES for name in LARGE for seed in range(9)}
    assert [each.name for each in submissions if each.content in unharmed] == []


def test_most_of_them_must_keep_points(submissions):
    kinds = Counter(each.kind for each in submissions)
    assert kinds["full"] > 200
    assert kinds["partial"] > 20
    assert kinds["reason"] > 40
    assert all(each.keeps for each in submissions if each.kind == "full")


def test_it_is_the_same_on_every_run(released_course):
    folder, assignment = CourseFolder(released_course), CLASSES[1]
    assert corpus(folder, assignment) == corpus(folder, assignment)


def test_it_bites(submissions):
    """Control: stock nbgrader would stop at a good part of the corpus, most of it with answers that are in order."""
    stopped = [each for each in submissions if stopped_by(each.content)]
    assert len(stopped) > len(submissions) / 3
    assert len([each for each in stopped if each.kind == "full"]) > len(stopped) / 2
