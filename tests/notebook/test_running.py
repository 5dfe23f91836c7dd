"""Which cells are run, and which pictures are drawn."""

from __future__ import annotations

import json
from pathlib import Path

from notebooks import code, notebook, released

from grader.notebook.running import cells_to_run, lesson_sources

ROOT = Path(__file__).parents[2]


def test_a_lessons_own_cell_is_drawn_only_where_it_is_changed():
    lesson = {"plt.plot(x)"}
    cells = cells_to_run(notebook(code("plt.plot(x)"), code("plt.plot(y)")), lesson)
    assert [(each.source, each.drawn) for each in cells] == [("plt.plot(x)", False), ("plt.plot(y)", True)]


def test_without_a_lesson_everything_is_drawn():
    assert all(each.drawn for each in cells_to_run(released()))


def test_what_mentions_an_answer_is_not_the_same_for_everybody():
    original = released()
    original["cells"] += [code("plt.plot(softmax(x))"), code("plt.plot(my_softmax(x))")]
    found = lesson_sources(original)
    assert "plt.plot(my_softmax(x))" in found
    assert "plt.plot(softmax(x))" not in found


def test_no_answer_and_no_test_cell_is_a_lessons_own():
    for path in sorted((ROOT / "assignments").glob("*/*.ipynb")):
        original = json.loads(path.read_text(encoding="utf-8"))
        found = lesson_sources(original)
        assert found
        for cell in original["cells"]:
            if cell["metadata"].get("nbgrader", {}).get("solution"):
                assert "".join(cell["source"]) not in found
