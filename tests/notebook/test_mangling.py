"""Whatever was done to a notebook, its repair is valid and complete, and nothing of the student's is lost or moved."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import nbformat
from hypothesis import given, settings
from hypothesis import strategies as st
from notebooks import ANSWER, Cell, Notebook, code, markdown, marks, names, released, sources, stub

from grader.notebook.normal import normalised
from grader.notebook.read import read_notebook
from grader.notebook.repair import MISSING_CELL, repair
from grader.notebook.running import cells_to_run

RELEASED = released()
KNOWN = [name for name in names(RELEASED["cells"]) if name]
LOCKED = ("setup", "test_softmax", "test_nll")
FIXED = {name: cell for name, cell in zip(names(RELEASED["cells"]), RELEASED["cells"], strict=True) if name in LOCKED}

GRADE_IDS = st.sampled_from([*KNOWN, "renamed", "", "../x"])
JUNK = st.recursive(st.none() | st.booleans() | st.floats() | st.text(max_size=5), st.lists, max_leaves=4)
MARKS: st.SearchStrategy[Any] = JUNK | st.builds(
    marks, GRADE_IDS, grade=st.booleans(), solution=st.booleans(), locked=JUNK, points=st.floats() | st.just("x")
)
SOURCES = st.text(max_size=20) | st.sampled_from(
    [ANSWER, stub("softmax"), stub("nll"), "def nll(a, b): return 0", "import math", "%%bash\nls", "if", ""]
)
NEW_CELLS = st.builds(
    lambda make, source, mark: make(source, nbgrader=mark), st.sampled_from([code, markdown]), SOURCES, MARKS
)


@st.composite
def mangled(draw: st.DrawFn) -> Notebook:
    """The released notebook after up to twelve accidents."""
    result = copy.deepcopy(RELEASED)
    for _ in range(draw(st.integers(0, 12))):
        draw(st.sampled_from([delete, duplicate, move, retype, rewrite, remark, insert]))(draw, result["cells"])
    return result


def place(draw: st.DrawFn, cells: list[Cell]) -> int:
    return draw(st.integers(0, max(len(cells) - 1, 0)))


def insert(draw: st.DrawFn, cells: list[Cell]) -> None:
    cells.insert(place(draw, cells), draw(NEW_CELLS))


def delete(draw: st.DrawFn, cells: list[Cell]) -> None:
    if cells:
        cells.pop(place(draw, cells))


def duplicate(draw: st.DrawFn, cells: list[Cell]) -> None:
    if cells:
        cells.insert(place(draw, cells), copy.deepcopy(cells[place(draw, cells)]))


def move(draw: st.DrawFn, cells: list[Cell]) -> None:
    if cells:
        cells.insert(place(draw, cells), cells.pop(place(draw, cells)))


def retype(draw: st.DrawFn, cells: list[Cell]) -> None:
    if cells:
        cells[place(draw, cells)]["cell_type"] = draw(st.sampled_from(["code", "markdown", "raw", "graph", 7]))


def rewrite(draw: st.DrawFn, cells: list[Cell]) -> None:
    if cells:
        cells[place(draw, cells)]["source"] = draw(SOURCES)


def remark(draw: st.DrawFn, cells: list[Cell]) -> None:
    if cells:
        cells[place(draw, cells)]["metadata"] = draw(JUNK | st.builds(lambda mark: {"nbgrader": mark}, MARKS))


def lines_of(book: Notebook) -> set[str]:
    return {line.strip() for source in sources(book["cells"]) for line in source.splitlines()}


@settings(deadline=None)  # a busy machine is no failure
@given(submitted=mangled())
def test_the_result_is_valid_and_has_each_known_cell_once(submitted: Notebook) -> None:
    result = repair(submitted, RELEASED).notebook
    nbformat.validate(result)
    assert sorted(name for name in names(result["cells"]) if name) == sorted(KNOWN)


@settings(deadline=None)  # a busy machine is no failure
@given(submitted=mangled())
def test_locked_cells_are_exactly_as_released(submitted: Notebook) -> None:
    cells = repair(submitted, RELEASED).notebook["cells"]
    found = {name: cell for name, cell in zip(names(cells), cells, strict=True) if name in FIXED}
    assert {name: {**cell, "id": ""} for name, cell in found.items()} == {
        name: {**cell, "id": ""} for name, cell in FIXED.items()
    }


@settings(deadline=None)  # a busy machine is no failure
@given(submitted=mangled())
def test_no_line_of_the_students_is_lost(submitted: Notebook) -> None:
    lost = lines_of(normalised(submitted)) - lines_of(repair(submitted, RELEASED).notebook)
    assert lost <= lines_of(RELEASED)


@settings(deadline=None)  # a busy machine is no failure
@given(submitted=mangled())
def test_the_students_code_runs_in_the_order_in_which_it_was_handed_in(submitted: Notebook) -> None:
    before = iter(sources(normalised(submitted)["cells"]))
    run = [cell for cell in cells_to_run(repair(submitted, RELEASED).notebook) if cell.name not in LOCKED]
    assert all(cell.source in before for cell in run if cell.source != MISSING_CELL)  # each behind the one before it


@settings(deadline=None)  # a busy machine is no failure
@given(submitted=mangled())
def test_what_the_course_gives_runs_before_what_was_released_behind_it(submitted: Notebook) -> None:
    run = [cell.name for cell in cells_to_run(repair(submitted, RELEASED).notebook)]
    assert run.index("setup") < min(run.index("softmax"), run.index("nll"))


@settings(deadline=None)  # a busy machine is no failure
@given(submitted=mangled())
def test_repairing_twice_changes_nothing_more(submitted: Notebook) -> None:
    once = repair(submitted, RELEASED).notebook
    again = repair(once, RELEASED)
    assert (again.notebook, again.repairs) == (once, ())


@settings(deadline=None)  # a busy machine is no failure
@given(submitted=mangled())
def test_every_cell_that_runs_has_a_name_of_its_own(submitted: Notebook) -> None:
    run = [cell.name for cell in cells_to_run(repair(submitted, RELEASED).notebook)]
    assert len(set(run)) == len(run)
    assert sorted(name for name in run if not name.isdigit()) == ["nll", "setup", "softmax"]


@settings(deadline=None)  # a busy machine is no failure
@given(submitted=mangled())
def test_a_mangled_file_is_read_as_what_it_holds(submitted: Notebook, tmp_path_factory: Any) -> None:
    path: Path = tmp_path_factory.getbasetemp() / "mangled.ipynb"
    path.write_text(json.dumps(submitted), encoding="utf-8")
    result = read_notebook(path)
    nbformat.validate(result)
    assert result == normalised(submitted)
