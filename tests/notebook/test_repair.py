"""Repairing a submission: one fact for each rule, and the sentence that says what was restored."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Sequence
from typing import Any

import nbformat
import pytest
from notebooks import (
    ANSWER,
    SETUP,
    Cell,
    at,
    changed,
    code,
    exercise,
    markdown,
    marks,
    names,
    notebook,
    released,
    sources,
    stub,
    test_source,
)

from grader.notebook.repair import MISSING_CELL, Repaired, repair
from grader.notebook.running import RunCell, cells_to_run

KNOWN = ["setup", "softmax", "test_softmax", "nll", "test_nll"]
SOFTMAX_LAST = ["setup", "test_softmax", "nll", "test_nll", "softmax"]


def after(change: Callable[[list[Cell]], Any], names_in_order: Sequence[str] = KNOWN) -> Repaired:
    """The repair of the released notebook after `change`; it is valid and complete whatever was changed."""
    result = repair(changed(change), released())
    nbformat.validate(result.notebook)
    assert [name for name in names(result.notebook["cells"]) if name] == names_in_order
    return result


def cell(result: Repaired, grade_id: str) -> Cell:
    cells: list[Cell] = result.notebook["cells"]
    return cells[at(cells, grade_id)]


def behind(result: Repaired, grade_id: str) -> Cell:
    cells: list[Cell] = result.notebook["cells"]
    return cells[at(cells, grade_id) + 1]


def set_source(grade_id: str, source: str) -> Callable[[list[Cell]], None]:
    return lambda cells: cells[at(cells, grade_id)].update(source=source)


def set_type(grade_id: str, kind: str) -> Callable[[list[Cell]], None]:
    return lambda cells: cells[at(cells, grade_id)].update(cell_type=kind)


def set_marks(grade_id: str, value: object) -> Callable[[list[Cell]], None]:
    return lambda cells: cells[at(cells, grade_id)]["metadata"].update(nbgrader=value)


def remove(grade_id: str) -> Callable[[list[Cell]], Any]:
    return lambda cells: cells.pop(at(cells, grade_id))


def add_copy(grade_id: str, **change: Any) -> Callable[[list[Cell]], None]:
    return lambda cells: cells.append({**copy.deepcopy(cells[at(cells, grade_id)]), **change})


def both(*changes: Callable[[list[Cell]], Any]) -> Callable[[list[Cell]], None]:
    return lambda cells: [change(cells) for change in changes] and None


def nothing(cells: list[Cell]) -> None:
    pass


# Unchanged, or changed as is meant


@pytest.mark.parametrize("change", [nothing, set_source("softmax", ANSWER), lambda cells: cells.append(code("1 + 1"))])
def test_a_submission_in_order_comes_out_as_it_is(change: Callable[[list[Cell]], None]) -> None:
    result = after(change)
    assert result.repairs == ()
    assert sources(result.notebook["cells"]) == sources(changed(change)["cells"])


def test_the_arguments_are_not_changed() -> None:
    submitted, original = changed(lambda cells: cells.reverse()), released()
    before = json.dumps([submitted, original])
    repair(submitted, original)
    assert json.dumps([submitted, original]) == before


# Locked and test cells


@pytest.mark.parametrize(
    ("grade_id", "named", "source"), [("setup", "locked", SETUP), ("test_nll", "test", test_source("nll"))]
)
def test_an_emptied_locked_cell_is_restored(grade_id: str, named: str, source: str) -> None:
    result = after(set_source(grade_id, ""))
    assert cell(result, grade_id)["source"] == source
    assert result.repairs == (f"The {named} cell `{grade_id}` had been edited; it was restored.",)


def test_lines_that_a_student_added_to_a_locked_cell_follow_it_as_an_ordinary_cell() -> None:
    result = after(set_source("setup", f"{SETUP}\nimport math"))
    kept = "The locked cell `setup` had been edited; it was restored, and the edited text follows as an ordinary cell."
    assert result.repairs == (kept,)
    assert cell(result, "setup")["source"] == SETUP
    assert (behind(result, "setup")["source"], names([behind(result, "setup")])) == (f"{SETUP}\nimport math", [""])


@pytest.mark.parametrize("source", [stub("softmax"), test_source("nll")])
def test_a_released_text_in_a_locked_cell_is_nothing_to_keep(source: str) -> None:
    result = after(both(set_source("softmax", ANSWER), set_source("test_softmax", source)))
    assert behind(result, "test_softmax")["source"] == "## The loss"
    assert result.repairs == ("The test cell `test_softmax` had been edited; it was restored.",)


@pytest.mark.parametrize("source", [SETUP.replace("\n", "\r\n"), SETUP.replace("\n", "  \n"), f"{SETUP}\n\n"])
def test_what_editors_do_to_white_space_is_restored_silently(source: str) -> None:
    result = after(set_source("setup", source))
    assert (cell(result, "setup")["source"], result.repairs) == (SETUP, ())


def test_a_locked_cell_turned_into_text_is_code_again() -> None:
    result = after(set_type("setup", "markdown"))
    assert cell(result, "setup")["cell_type"] == "code"
    assert result.repairs == ("The locked cell `setup` had been turned into a markdown cell; it was restored.",)


def test_one_sentence_names_all_that_became_of_a_cell() -> None:
    result = after(both(set_source("setup", ""), set_type("setup", "raw"), set_marks("setup", marks("setup"))))
    sentence = "had been edited and turned into a raw cell and given other nbgrader metadata; it was restored."
    assert result.repairs == (f"The locked cell `setup` {sentence}",)


@pytest.mark.parametrize(("grade_id", "named", "before"), [("setup", "locked", None), ("test_nll", "test", "nll")])
def test_a_missing_locked_cell_is_restored_at_its_place(grade_id: str, named: str, before: str | None) -> None:
    """Behind the known cell before it; the first of all before everything, since all may need its imports."""
    result = after(remove(grade_id))
    place = at(result.notebook["cells"], grade_id)
    assert (place == 0) if before is None else (before in names(result.notebook["cells"][:place]))
    assert cell(result, grade_id)["source"] == released()["cells"][at(released()["cells"], grade_id)]["source"]
    assert result.repairs == (f"The {named} cell `{grade_id}` was missing; it was restored.",)


def test_an_unchanged_copy_of_a_locked_cell_is_left_out() -> None:
    result = after(add_copy("setup"))
    assert sources(result.notebook["cells"]) == sources(released()["cells"])
    assert result.repairs == (
        "The locked cell `setup` was there twice; the first one counts, unchanged copies were left out.",
    )


def test_an_edited_copy_of_a_locked_cell_is_kept_as_an_ordinary_one() -> None:
    result = after(both(add_copy("setup", source="import math"), add_copy("setup")))
    assert sources(result.notebook["cells"]) == [*sources(released()["cells"]), "import math"]
    sentence = "was there 3 times; the first one counts, other cells of that name were kept as ordinary ones."
    assert result.repairs == (f"The locked cell `setup` {sentence}",)


def test_of_two_locked_cells_the_one_as_released_counts() -> None:
    result = after(lambda cells: cells.insert(0, code("mine = 1", nbgrader=marks("setup", locked=True))))
    assert sources(result.notebook["cells"]) == ["mine = 1", *sources(released()["cells"])]
    assert "the later one counts" in result.repairs[0]


@pytest.mark.parametrize("mark", [None, 7, "setup", [], {}, {"grade_id": 7}, {"grade_id": ["setup"]}, marks("other")])
def test_a_locked_cell_without_its_mark_is_known_by_its_text(mark: object) -> None:
    result = after(set_marks("setup", mark))
    assert sources(result.notebook["cells"]) == sources(released()["cells"])
    assert result.repairs == ("The locked cell `setup` had lost its nbgrader metadata; it was marked again.",)


# Solution cells


@pytest.mark.parametrize("kind", ["markdown", "raw"])
def test_an_answer_turned_into_text_is_code_again(kind: str) -> None:
    result = after(both(set_source("softmax", ANSWER), set_type("softmax", kind)))
    assert (cell(result, "softmax")["cell_type"], cell(result, "softmax")["source"]) == ("code", ANSWER)
    sentence = f"had been turned into a {kind} cell; it was restored with the answer in it."
    assert result.repairs == (f"The solution cell `softmax` {sentence}",)


@pytest.mark.parametrize(
    "mark",
    [
        marks("softmax", solution=True, points=float("nan")),
        marks("softmax", solution=True, grade=True, points=1000),
        marks("softmax", solution=True, points="x"),
        marks("softmax", locked=True, grade=True),
        {**marks("softmax", solution=True), "schema_version": 1},
        {**marks("softmax", solution=True), "stray": {"deep": [1]}},
        {"grade_id": "softmax"},
    ],
)
def test_falsified_marks_are_restored(mark: dict[str, Any]) -> None:
    result = after(both(set_source("softmax", ANSWER), set_marks("softmax", mark)))
    assert cell(result, "softmax")["metadata"]["nbgrader"] == marks("softmax", solution=True)
    assert cell(result, "softmax")["source"] == ANSWER
    sentence = "had been given other nbgrader metadata; it was restored with the answer in it."
    assert result.repairs == (f"The solution cell `softmax` {sentence}",)


def test_of_two_answers_the_first_stays_and_the_other_keeps_its_place() -> None:
    result = after(both(set_source("softmax", ANSWER), add_copy("softmax", source="softmax = torch.sin")))
    assert cell(result, "softmax")["source"] == ANSWER
    assert sources(result.notebook["cells"])[-1] == "softmax = torch.sin"
    others = "the others run as ordinary cells, and of several definitions the last one counts"
    sentence = f"was there twice; the first one stands in its place, {others}."
    assert result.repairs == (f"The solution cell `softmax` {sentence}",)


@pytest.mark.parametrize("idle", [stub("softmax"), ""])
def test_an_answer_counts_before_an_untouched_copy(idle: str) -> None:
    result = after(
        both(set_source("softmax", idle), lambda cells: cells.insert(4, {**copy.deepcopy(cells[3]), "source": ANSWER}))
    )
    assert cell(result, "softmax")["source"] == ANSWER
    assert stub("softmax") not in sources(result.notebook["cells"])
    assert "The solution cell `softmax` was there twice; the later one counts" in result.repairs[0]


def test_an_untouched_copy_never_runs_after_the_answer() -> None:
    result = after(both(add_copy("softmax"), set_source("softmax", ANSWER)))
    assert stub("softmax") not in sources(result.notebook["cells"])


def test_an_unmarked_stub_never_runs_after_the_answer() -> None:
    result = after(both(set_source("softmax", ANSWER), lambda cells: cells.append(code(stub("softmax")))))
    assert stub("softmax") not in sources(result.notebook["cells"])
    assert result.repairs == ("An unmarked copy of the untouched solution cell `softmax` was left out.",)


@pytest.mark.parametrize(
    "answer",
    [
        ANSWER,
        "async def softmax(x): ...",
        "class softmax: ...",
        "softmax = lambda x: x",
        "a, (softmax, *b) = 1, (2, 3)",
        "softmax: object = abs",
        f"{ANSWER}\n!pip install torch\nif",
        "pattern = '\\d'\nsoftmax = pattern",
    ],
)
def test_a_cell_that_defines_the_name_takes_a_missing_answers_place(answer: str) -> None:
    cells = [code("def softmax(x): old"), code(answer)]
    result = after(both(remove("softmax"), lambda given: given.extend(cells)), names_in_order=SOFTMAX_LAST)
    assert cell(result, "softmax")["source"] == answer
    assert "def softmax(x): old" in sources(result.notebook["cells"])
    sentence = "The solution cell `softmax` was missing; the cell that defines `softmax` took its place."
    assert result.repairs[0] == sentence


@pytest.mark.parametrize(
    "source",
    [
        "def other(x): return softmax(x)",
        "if True:\n    def softmax(x): ...",
        "table[softmax] = 1",
        "softmax: int",
        "softmax(2)\nif",
        "def softmax_twice(x): pass\nif",
        "-" * 100_000 + "softmax",
    ],
)
def test_a_cell_that_only_mentions_the_name_is_no_answer(source: str) -> None:
    result = after(both(remove("softmax"), lambda cells: cells.append(code(source))))
    assert cell(result, "softmax")["source"] == MISSING_CELL
    assert result.repairs == ("The solution cell `softmax` was missing; an empty cell stands in its place.",)


def test_a_text_that_defines_the_name_is_no_answer() -> None:
    assert cell(after(both(remove("softmax"), lambda cells: cells.append(markdown(ANSWER)))), "softmax")["source"] == (
        MISSING_CELL
    )


@pytest.mark.parametrize("place", [3, 9])
@pytest.mark.parametrize("left", [stub("softmax"), f"\n{stub('softmax')}  \n", ""])
def test_a_marked_cell_that_was_left_as_it_was_gives_way_to_the_answer(place: int, left: str) -> None:
    result = after(
        both(set_source("softmax", left), lambda cells: cells.insert(min(place, len(cells)), code(ANSWER))),
        names_in_order=KNOWN if place == 3 else SOFTMAX_LAST,
    )
    assert cell(result, "softmax")["source"] == ANSWER
    assert stub("softmax") not in sources(result.notebook["cells"])
    sentence = "was untouched; the cell that defines `softmax` took its place."
    assert result.repairs == (f"The solution cell `softmax` {sentence}",)


def test_a_stub_gives_way_to_an_answer_that_stands_in_the_cell_of_another_exercise() -> None:
    two = f"{ANSWER}\n\ndef nll(x):\n    return -x.mean()"
    result = after(set_source("softmax", two))
    assert (cell(result, "softmax")["source"], cell(result, "nll")["source"]) == (two, MISSING_CELL)
    sentence = "was untouched; it gave way to another cell that defines `nll`."
    assert result.repairs == (f"The solution cell `nll` {sentence}",)


def test_an_answer_without_its_mark_counts_before_an_unmarked_stub() -> None:
    cells = [code(ANSWER), code(stub("softmax"))]
    result = after(both(remove("softmax"), lambda given: given.extend(cells)), names_in_order=SOFTMAX_LAST)
    assert cell(result, "softmax")["source"] == ANSWER
    assert stub("softmax") not in sources(result.notebook["cells"])


def test_a_renamed_untouched_answer_is_still_untouched() -> None:
    result = after(set_marks("softmax", marks("renamed", solution=True)))
    assert cell(result, "softmax")["source"] == stub("softmax")


def test_a_written_answer_keeps_its_pictures() -> None:
    original = notebook(markdown("Why?", nbgrader=marks("why", solution=True, grade=True, points=1)))
    submitted = copy.deepcopy(original)
    picture = {"plot.png": {"image/png": "iVBORw0KGgo="}}
    submitted["cells"][0].update(source="So.", attachments=picture)
    (found,) = repair(submitted, original).notebook["cells"]
    assert (found["source"], found["attachments"]) == ("So.", picture)


# Strangers, order, metadata


def test_cells_of_other_courses_become_ordinary_ones() -> None:
    result = after(lambda cells: cells.append(code("mine", nbgrader=marks("old`id\x1b", grade=True, points=1000))))
    assert result.notebook["cells"][-1]["metadata"] == {}
    sentence = "This assignment has no cell of the name `old\ufffdid\ufffd`; what bore it was kept as an ordinary cell."
    assert result.repairs == (sentence,)


def test_many_strangers_are_one_sentence() -> None:
    result = after(lambda cells: cells.extend(code("", nbgrader=marks(f"c{number}" * 30)) for number in range(9)))
    assert result.repairs[0].count("`") == 10
    assert " and 4 more; " in result.repairs[0]


@pytest.mark.parametrize("mark", [7, None, "text", {}, {"grade_id": 7, "grade": True}])
def test_marks_that_name_no_cell_are_removed_silently(mark: object) -> None:
    result = after(lambda cells: cells.append(code("mine", nbgrader=mark)))
    assert (result.notebook["cells"][-1]["metadata"], result.repairs) == ({}, ())


def test_answers_and_own_cells_run_in_the_order_in_which_they_were_handed_in() -> None:
    def change(cells: list[Cell]) -> None:
        cells.insert(0, code("first"))
        cells[:] = [*cells[:3], *cells[7:], code("behind"), *cells[3:7]]

    result = after(change, names_in_order=["setup", "nll", "test_nll", "softmax", "test_softmax"])
    assert sources(result.notebook["cells"]) == sources(changed(change)["cells"])
    assert result.repairs == ()


def test_an_answer_moved_below_its_first_try_still_replaces_it() -> None:
    def change(cells: list[Cell]) -> None:
        answer = cells.pop(at(cells, "softmax"))
        cells.extend([code("softmax = None"), {**answer, "source": ANSWER}])

    result = after(change, names_in_order=SOFTMAX_LAST)
    assert sources(result.notebook["cells"])[-2:] == ["softmax = None", ANSWER]


@pytest.mark.parametrize("place", [4, 8])
def test_a_setup_cell_that_was_moved_down_runs_first_again(place: int) -> None:
    def change(cells: list[Cell]) -> None:
        cells.insert(place, cells.pop(at(cells, "setup")))
        cells.insert(0, code("ONE = torch.ones(1)"))

    result = after(change)
    assert sources(result.notebook["cells"])[:2] == [SETUP, "ONE = torch.ones(1)"]
    assert result.repairs == (
        "The locked cell `setup` stood behind cells that may need it; it was moved in front of them.",
    )


def test_what_was_added_to_a_moved_setup_cell_stays_where_it_stood() -> None:
    def change(cells: list[Cell]) -> None:
        cells.append(cells.pop(at(cells, "setup")))
        cells[-1] = {**cells[-1], "source": f"{SETUP}\nimport math"}

    cells = sources(after(change).notebook["cells"])
    assert (cells[0], cells[-1]) == (SETUP, f"{SETUP}\nimport math")


def test_missing_cells_come_back_behind_the_one_that_they_were_released_behind() -> None:
    def change(cells: list[Cell]) -> None:
        cells.reverse()
        cells[:] = [cell for cell in cells if names([cell]) not in (["test_softmax"], ["softmax"])]

    after(change, names_in_order=["setup", "softmax", "test_softmax", "test_nll", "nll"])


def test_the_kernel_of_the_submission_does_not_count() -> None:
    submitted = released()
    kernel = {"name": "rm", "display_name": "rm -rf", "argv": ["sh"]}
    submitted["metadata"] = {"kernelspec": kernel, "celltoolbar": "Create", "widgets": {}, "colab": {}}
    assert repair(submitted, released()).notebook["metadata"] == released()["metadata"]


def test_the_result_does_not_depend_on_the_form_of_the_arguments() -> None:
    old = {**released(), "nbformat_minor": 2}
    old["cells"] = [{**each, "source": each["source"].splitlines(keepends=True)} for each in old["cells"]]
    assert repair(old, old) == repair(released(), released())
    assert repair(nbformat.from_dict(released()), released()).repairs == ()


# What runs


def test_all_code_cells_run_but_those_of_the_points() -> None:
    result = repair(changed(lambda cells: cells.insert(3, code("scratch"))), released())
    assert cells_to_run(result.notebook) == (
        RunCell("setup", SETUP, 1),
        RunCell("4", "scratch", 3),
        RunCell("softmax", stub("softmax"), 4),
        RunCell("nll", stub("nll"), 7),
    )


def test_a_code_cell_graded_by_hand_runs() -> None:
    both_flags = notebook(code("plot()", nbgrader=marks("plot", grade=True, solution=True, points=2)))
    assert [each.name for each in cells_to_run(both_flags)] == ["plot"]


def test_an_exercise_is_two_cells() -> None:
    assert names(exercise("nll")) == ["nll", "test_nll"]


def test_an_answer_in_another_ones_cell_that_was_turned_into_text_counts_once_it_is_code_again():
    submitted = released()
    nll = next(cell for cell in submitted["cells"] if cell["metadata"].get("nbgrader", {}).get("grade_id") == "nll")
    nll |= {"cell_type": "markdown", "source": ANSWER}
    once = repair(submitted, released())
    assert repair(once.notebook, released()) == Repaired(once.notebook, ())
    assert any("it gave way to another cell that defines `softmax`" in each for each in once.repairs)
