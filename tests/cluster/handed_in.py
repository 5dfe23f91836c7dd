"""Submissions made up for the tests of a cluster."""

from __future__ import annotations

import json

from grader.folder import CourseFolder
from grader.judge.submission import HandedIn
from grader.notebook.marks import grade_id

ASSIGNMENT = "04_softmax"
RIGHT = """
def softmax(x):
    powers = (x - x.amax(-1, keepdim=True)).exp()
    return powers / powers.sum(-1, keepdim=True)
"""


def handed_in(folder: CourseFolder, student: str, *, answer: str = "", cell: str = "") -> HandedIn:
    """A notebook with an answer to `softmax`, and a cell of the student's own before it."""
    notebook = folder.released_notebook(ASSIGNMENT)
    index = next(i for i, each in enumerate(notebook["cells"]) if grade_id(each) == "softmax")
    if answer:
        notebook["cells"][index]["source"] = answer
    if cell:
        own = {"cell_type": "code", "id": "own", "metadata": {}, "source": cell, "outputs": [], "execution_count": None}
        notebook["cells"].insert(index, own)
    return HandedIn(student, ASSIGNMENT, f"{ASSIGNMENT}.ipynb", json.dumps(notebook).encode())
