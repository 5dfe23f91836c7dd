"""Accidents with nbgrader's metadata: lost, renamed, swapped, falsified."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from mangled.copies import Change
from mangled.drafts import Cell, Draft, grade_id, marks

Cells = Callable[[Draft], list[Cell]]


def answers(draft: Draft) -> list[Cell]:
    return [cell for cell in draft.cells if draft.is_answer(cell)]


def everything(draft: Draft) -> list[Cell]:
    return list(draft.cells)


def _mark(draft: Draft, cell: Cell, value: Any) -> None:
    draft.unmark(cell)
    cell["metadata"] = {**cell["metadata"], "nbgrader": value}


# Lost


def marks_lost(wanted: Cells) -> Change:
    def change(draft: Draft) -> None:
        for cell in wanted(draft):
            draft.unmark(cell)
            cell["metadata"] = {key: value for key, value in cell["metadata"].items() if key != "nbgrader"}

    return change


def metadata_replaced_by(value: Any) -> Change:
    def change(draft: Draft) -> None:
        for cell in draft.cells:
            draft.unmark(cell)
        for cell in draft.cells:
            cell["metadata"] = {} if value == {} else {"nbgrader": value}

    return change


# Renamed


def renamed(wanted: Cells, rename: Callable[[str], Any]) -> Change:
    def change(draft: Draft) -> None:
        for cell in wanted(draft):
            if isinstance(marks(cell), dict) and marks(cell):
                _mark(draft, cell, {**marks(cell), "grade_id": rename(grade_id(cell))})

    return change


def every_mark_that_of_the_first_answer(draft: Draft) -> None:
    first = draft.exercises[0]
    for cell in draft.marked():
        _mark(draft, cell, {**marks(cell), "grade_id": first})


# Swapped


def swapped(pair: Callable[[Draft], tuple[str, str]]) -> Change:
    """The marks of two cells, whole, as when metadata is pasted into the wrong cell."""

    def change(draft: Draft) -> None:
        first, second = (draft.marked(name)[0] for name in pair(draft))
        one, other = marks(first), marks(second)
        _mark(draft, first, other)
        _mark(draft, second, one)

    return change


def marks_moved_on_by_one(draft: Draft) -> None:
    marked = draft.marked()
    found = [marks(cell) for cell in marked]
    for cell, other in zip(marked, [found[-1], *found[:-1]], strict=True):
        _mark(draft, cell, other)


# Falsified: the grade_id stays


def falsified(wanted: Cells, **changes: Any) -> Change:
    def change(draft: Draft) -> None:
        for cell in wanted(draft):
            if grade_id(cell):
                cell["metadata"]["nbgrader"] = {**marks(cell), **changes}

    return change


def flags_flipped(draft: Draft) -> None:
    for cell in draft.marked():
        for flag in ("grade", "locked", "solution", "task"):
            cell["metadata"]["nbgrader"][flag] = not marks(cell).get(flag)


def only_the_grade_id_left(draft: Draft) -> None:
    for cell in draft.marked():
        cell["metadata"] = {"nbgrader": {"grade_id": grade_id(cell)}}


def editors_locks_removed(draft: Draft) -> None:
    for cell in draft.cells:
        cell["metadata"].update(deletable=True, editable="yes", tags=["hide", "hide", 7])


def the_old_schema(draft: Draft) -> None:
    """As nbgrader 0.4 wrote it: schema 1, without types and tasks."""
    for cell in draft.marked():
        old = {key: value for key, value in marks(cell).items() if key not in ("task", "cell_type")}
        cell["metadata"]["nbgrader"] = {**old, "schema_version": 1}


def ordinary_cells_marked(draft: Draft) -> None:
    flags = {"grade": True, "solution": False, "locked": True, "points": 1000, "schema_version": 3, "task": False}
    for number, cell in enumerate(draft.ordinary()):
        cell["metadata"]["nbgrader"] = {**flags, "grade_id": f"bonus_{number}"}


POINTS: dict[str, Any] = {
    "a_thousand": 1000,
    "nan": float("nan"),
    "infinite": float("-inf"),
    "a_text": "4",
    "null": None,
    "negative": -4.0,
    "a_list": [4],
    "true": True,
    "a_giant_integer": 10**4000,
}

IDS: dict[str, Callable[[str], Any]] = {
    "in_capitals": str.upper,
    "in_title_case": str.title,
    "with_a_blank": lambda name: f"{name} ",
    "with_a_copys_number": lambda name: f"{name}-1",
    "with_an_invisible_sign": lambda name: f"{name}\u200b",
    "with_a_surrogate": lambda name: f"{name}\ud800",
    "as_jupyter_made_them": lambda name: f"cell-{sum(name.encode()) * 2**40:x}",
    "that_are_numbers": len,
    "that_are_null": lambda name: None,
    "that_are_empty": lambda name: "",
    "that_are_lists": lambda name: [name],
    "that_are_paths": lambda name: f"../../{name}",
    "of_forty_thousand_letters": lambda name: name * (40_000 // len(name)),
}

MARKS: dict[str, Change] = {
    each.__name__: each
    for each in (
        every_mark_that_of_the_first_answer,
        marks_moved_on_by_one,
        flags_flipped,
        only_the_grade_id_left,
        editors_locks_removed,
        the_old_schema,
        ordinary_cells_marked,
    )
}
MARKS |= {
    "marks_lost_everywhere": marks_lost(everything),
    "marks_lost_by_the_answers": marks_lost(answers),
    "marks_lost_by_the_tests": marks_lost(Draft.tests),
    "marks_lost_by_the_setup": marks_lost(Draft.setup),
    "marks_of_two_answers_swapped": swapped(lambda draft: (draft.exercises[0], draft.exercises[-1])),
    "marks_of_answer_and_its_test_swapped": swapped(lambda draft: (draft.exercises[0], f"test_{draft.exercises[0]}")),
    "marks_of_setup_and_answer_swapped": swapped(lambda draft: ("setup", draft.exercises[-1])),
    "marks_of_setup_and_test_swapped": swapped(lambda draft: ("setup", f"test_{draft.exercises[0]}")),
    "marks_of_two_tests_swapped": swapped(lambda draft: (f"test_{draft.exercises[0]}", f"test_{draft.exercises[1]}")),
    "checksums_changed": falsified(everything, checksum="0" * 32),
    "checksums_null": falsified(everything, checksum=None),
    "a_schema_of_the_future": falsified(everything, schema_version=99),
    "a_schema_that_is_text": falsified(everything, schema_version="3"),
    "strange_keys": falsified(everything, author="me", remarks={"a": [1, {"b": None}]}, cell_type="graph"),
    "tests_unlocked": falsified(Draft.tests, locked=False, grade=False),
    "tests_called_answers": falsified(Draft.tests, solution=True, grade=True),
    "answers_locked": falsified(answers, locked=True, solution=False),
    "answers_called_tasks": falsified(answers, task=True, points=100),
    "answers_graded_by_hand": falsified(answers, grade=True, points=100),
    "flags_that_are_text": falsified(everything, grade="no", locked="yes", solution="false"),
}
MARKS |= {f"points_{name}": falsified(everything, points=value) for name, value in POINTS.items()}
MARKS |= {f"grade_ids_{name}": renamed(everything, rename) for name, rename in IDS.items()}
MARKS |= {
    f"nbgraders_marks_{name}": metadata_replaced_by(value)
    for name, value in {
        "null": None,
        "a_list": [],
        "a_text": "softmax",
        "a_number": 7,
        "gone_with_the_rest": {},
    }.items()
}
