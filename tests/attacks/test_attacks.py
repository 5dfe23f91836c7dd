"""No attack gets anything in the jail, and every one bites without it."""

from __future__ import annotations

from collections import Counter

import pytest

from attacks.attack import Attack
from attacks.chapters import ASSIGNMENTS, ATTACKS
from grader import course

every_attack = pytest.mark.parametrize("attack", ATTACKS, ids=[f"{each.chapter}: {each.name}" for each in ATTACKS])
every_class = pytest.mark.parametrize("assignment", ASSIGNMENTS)


@every_attack
def test_in_the_jail_it_gets_nothing(attack, graded, row):
    class_ = graded(attack.assignment)
    row.got = class_.of(attack).points
    row.leaked = ", ".join(class_.leaked(attack)) or "nothing"
    assert class_.breaches(attack) == ()


@every_attack
def test_without_the_jail_it_bites(attack, arena, row, tmp_path):
    if attack.control:
        row.control = attack.control(tmp_path)
        assert row.control
        return
    seen = arena.run(attack)
    row.control = seen.bitten(attack)
    assert row.control, seen


@every_class
def test_honest_neighbours_of_the_attackers_keep_full_marks(assignment, graded):
    class_ = graded(assignment)
    assert [each.points for each in class_.neighbours] == [class_.full] * len(class_.neighbours)
    assert not [each.verdict.flags for each in class_.neighbours if each.verdict.flags]


@every_class
def test_no_attacker_changed_a_file_of_the_course_or_of_the_home_folder(assignment, graded):
    assert graded(assignment).changed == []


@every_class
def test_no_attackers_process_is_left(assignment, graded):
    assert graded(assignment).left_behind == []


@every_class
def test_nothing_arrived_at_the_accomplice_outside(assignment, graded):
    assert graded(assignment).arrived == {}


@every_class
def test_the_naive_grader_of_the_controls_is_fair_to_honest_notebooks(assignment, arena):
    full = sum(each.points for each in course.exercises(assignment))
    assert arena.honest_class(assignment) == {"untouched": 0.0, "ada": full}


def test_names_and_students_are_unique_and_every_exercise_exists():
    assert not [name for name, times in Counter(each.student for each in ATTACKS).items() if times > 1]
    for attack in ATTACKS:
        assert attack.assignment in course.assignments()
        assert isinstance(attack, Attack)
