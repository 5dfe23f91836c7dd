"""A broken course is refused: each way of breaking it gives its own sentence."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from grader.author.agreement import disagreements
from grader.author.cells import marked
from grader.author.derivation import leaks, stale, strays
from grader.author.execution import disturbances
from grader.author.grading import misgraded
from grader.author.proof import prove
from grader.folder import CourseFolder

NAME = "04_softmax"


def change_notebook(path: Path, change) -> None:
    """Rewrites a notebook after `change` has worked on its marked cells and on all of them."""
    notebook = json.loads(path.read_text(encoding="utf-8"))
    change(marked(notebook), notebook["cells"])
    path.write_text(json.dumps(notebook), encoding="utf-8")


def replace_text(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text, f"nothing to replace in {path}"
    path.write_text(text.replace(old, new), encoding="utf-8")


def drop_test_cell(cells, every):
    every.remove(cells["test_nll"])


def swap(cells, every):
    one, other = every.index(cells["nll"]), every.index(cells["test_nll"])
    every[one], every[other] = every[other], every[one]


def other_points(cells, every):
    cells["test_softmax"]["metadata"]["nbgrader"]["points"] = 5


def other_statement(cells, every):
    for cell in every:
        cell["source"] = "".join(cell["source"]).replace("★★★", "★☆☆")


def odd_cell(cells, every):
    every[-1]["metadata"]["nbgrader"] = {**cells["setup"]["metadata"]["nbgrader"], "grade_id": "odd"}


def no_setup(cells, every):
    every.remove(cells["setup"])


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (drop_test_cell, "source: there is no cell with the grade_id `test_nll`"),
        (swap, "source: `test_nll` stands before `nll`"),
        (other_points, "source: cell `test_softmax` has points 5, expected 4.0"),
        (other_statement, "source: no cell names `log_softmax` and says *Difficulty ★★★"),
        (odd_cell, "source: cell `odd` is marked, but no exercise's"),
        (no_setup, "source: there is no cell with the grade_id `setup`"),
    ],
)
def test_a_notebook_that_disagrees_is_told(change, sentence, course):
    folder = CourseFolder(course)
    change_notebook(folder.source(NAME), change)
    assert any(found.startswith(sentence) for found in disagreements(folder, NAME)), list(disagreements(folder, NAME))


def test_a_released_notebook_without_a_stub_is_told(course):
    folder = CourseFolder(course)
    change_notebook(folder.released(NAME), lambda cells, every: cells["nll"].update(source="nll = None"))
    assert list(disagreements(folder, NAME)) == ["assignments: cell `nll` holds no stub"]


def test_missing_files_are_named(course):
    folder = CourseFolder(course)
    folder.variants(NAME).unlink()
    assert list(disagreements(folder, NAME)) == [f"{folder.variants(NAME)} is missing"]


def test_too_few_known_answers_and_unknown_names_are_told(course):
    folder = CourseFolder(course)
    folder.mistakes(NAME).write_text('"""No mistakes."""\n', encoding="utf-8")
    found = list(disagreements(folder, NAME))
    assert f"{folder.mistakes(NAME)}: `nll` has 0 mistakes, expected at least 6" in found
    assert f"{folder.visible_suite(NAME)}: there is no mistake `softmax_over_axis_0`" in found


def test_an_exercise_without_a_visible_test_is_told(course):
    folder = CourseFolder(course)
    replace_text(folder.visible_suite(NAME), 'exercise("nll")', 'exercise("softmax")')
    assert f"{folder.visible_suite(NAME)}: no test for `nll`" in list(disagreements(folder, NAME))


def test_generated_files_that_were_edited_are_told(course):
    folder = CourseFolder(course)
    replace_text(folder.solution(NAME), "amax", "max")
    change_notebook(folder.released(NAME), lambda cells, every: every.pop())
    assert list(stale(folder, NAME)) == [
        f"{path} is not what its source gives; run `grader release {NAME}`"
        for path in (folder.released(NAME), folder.solution(NAME))
    ]


def test_a_line_of_a_solution_in_what_students_get_is_told(course):
    folder = CourseFolder(course)
    (course / "assignments" / NAME / "notes.md").write_text("    return powers / powers.sum(-1, keepdim=True)\n")
    assert [sentence.partition(" holds ")[2] for sentence in leaks(folder, NAME)] == [
        "a line of a solution: return powers / powers.sum(-1, keepdim=True)"
    ]


def test_stray_files_are_told(course):
    (course / "source" / "99_more").mkdir()
    (course / "tests" / "hidden" / "test_99_more.py").touch()
    assert len(list(strays(CourseFolder(course)))) == 2


def test_points_for_nothing_and_a_solution_without_full_points_are_told(course):
    folder = CourseFolder(course)
    change_notebook(
        folder.released(NAME),
        lambda cells, every: cells["nll"].update(source="def nll(log_p, labels):\n    return -log_p.mean()"),
    )
    replace_text(folder.hidden_suite(NAME), "m.log_softmax(x)", "m.log_softmax(x, 0, 0)")
    found = list(misgraded(folder, NAME))
    assert any(sentence.startswith("`nll`: the released notebook gets") for sentence in found)
    assert any(sentence.startswith("`log_softmax`: its solution gets") for sentence in found)


def test_a_suite_that_misses_a_mistake_or_refuses_a_right_answer_is_told(course):
    folder = CourseFolder(course)
    with folder.mistakes(NAME).open("a", encoding="utf-8") as file:
        file.write('\n\n@stands_for("nll")\ndef nll_right(log_p, labels):\n    """None."""\n')
        file.write("    return -log_p[torch.arange(len(labels)), labels].mean()\n")
    with folder.variants(NAME).open("a", encoding="utf-8") as file:
        file.write('\n\n@stands_for("nll")\ndef nll_wrong(log_p, labels):\n    """None."""\n    return -log_p.mean()\n')
    proof = prove(folder, NAME)
    assert [problem.partition(":")[0] for problem in proof.problems] == [
        "mistake[nll-nll_right]",
        "variant[nll-nll_wrong]",
    ]
    assert proof.found["nll", "mistake"] == proof.held["nll", "mistake"] + 1


def test_a_notebook_that_raises_warns_or_fails_its_own_checks_is_told(course):
    folder = CourseFolder(course)
    released = folder.released(NAME).with_name("test_visible.py")
    replace_text(released, "expected=torch.tensor(0.7940422)", "expected=torch.tensor(0.8)")

    def warn(cells, every):
        cells["setup"]["source"] = "".join(cells["setup"]["source"]) + "\nimport warnings\nwarnings.warn('mind this')"

    change_notebook(folder.released(NAME), warn)
    found = list(disturbances(folder, NAME))
    assert any(sentence.startswith("cell `setup` writes to stderr") for sentence in found)
    assert any("the visible tests give the solution" in sentence for sentence in found)

    change_notebook(folder.released(NAME), lambda cells, every: cells["setup"].update(source="1 / 0"))
    assert list(disturbances(folder, NAME)) == [f"{NAME} does not run to its end: ZeroDivisionError: division by zero"]
