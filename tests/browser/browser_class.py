"""A class of three for what staff look at: one is right, one is wrong, and everything of the third is hostile."""

from __future__ import annotations

import copy
import json
from typing import Any

from grader.author.cells import reference_answers, solved
from grader.excerpts import answer_source
from grader.folder import CourseFolder
from grader.notebook.repair import grade_id

ASSIGNMENT = "04_softmax"
RIGHT = "ada"
WRONG = "o'neil"
HOSTILE = "mallory"
POINTS = {RIGHT: 8.0, WRONG: 4.0, HOSTILE: 4.0}
REFUSED = "<img src=x onerror=window.pwned=1>"
"""A folder whose name no student may have: it is named, and never graded."""

SCRIPT = "<script>window.pwned=1;alert(1)</script>"
IMAGE = "<img src='http://evil.example/x.png' onerror='window.pwned=1;alert(1)'>"
TEXT = f'# What I found\n\n{SCRIPT} {IMAGE} <iframe srcdoc="{SCRIPT}"></iframe>\n\n[a link](javascript:window.pwned=1)'
SHOWS = f"""from IPython.display import HTML, Javascript, Markdown, display
for each in (HTML({SCRIPT!r}), HTML({IMAGE!r}), Javascript("window.pwned=1"), Markdown({TEXT!r})):
    display(each)
print({SCRIPT!r}, {IMAGE!r})"""
RAISES = f"""def softmax(x):
    raise ValueError({(SCRIPT + IMAGE)!r})"""


def hand_in(folder: CourseFolder) -> None:
    """Writes the three submissions and the refused one; the third student has names to match."""
    answers = reference_answers(folder, ASSIGNMENT)
    axis_0 = answer_source(folder.mistakes(ASSIGNMENT), "softmax_over_axis_0", "softmax")
    _write(folder, RIGHT, solved(folder, ASSIGNMENT))
    _write(folder, WRONG, _filled(folder, {**answers, "softmax": axis_0}))
    _write(folder, REFUSED, solved(folder, ASSIGNMENT))
    hostile = _filled(folder, {**answers, "softmax": RAISES})
    hostile["cells"] += [_cell("markdown", TEXT), _cell("code", SHOWS, outputs=[_html(SCRIPT + IMAGE)])]
    _write(folder, HOSTILE, hostile)
    _name(folder)


def _filled(folder: CourseFolder, answers: dict[str, str]) -> dict[str, Any]:
    notebook = copy.deepcopy(folder.released_notebook(ASSIGNMENT))
    for cell in notebook["cells"]:
        cell["source"] = answers.get(grade_id(cell), cell["source"])
    return notebook


def _cell(kind: str, source: str, outputs: list[dict[str, Any]] | None = None) -> dict[str, Any]:
    cell: dict[str, Any] = {"cell_type": kind, "metadata": {}, "source": source, "id": f"own-{kind}"}
    return cell | ({"outputs": outputs or [], "execution_count": 1} if kind == "code" else {})


def _html(text: str) -> dict[str, Any]:
    return {"output_type": "display_data", "data": {"text/html": text}, "metadata": {}}


def _write(folder: CourseFolder, student: str, notebook: dict[str, Any]) -> None:
    path = folder.submission(ASSIGNMENT, student)
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps(notebook), encoding="utf-8")


def _name(folder: CourseFolder) -> None:
    from nbgrader.api import Gradebook

    with Gradebook(f"sqlite:///{folder.root}/gradebook.db") as book:
        book.update_or_create_student(RIGHT, first_name="Ada", last_name="Lovelace")
        book.update_or_create_student(HOSTILE, first_name=IMAGE, last_name=SCRIPT)
