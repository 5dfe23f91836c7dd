"""Somebody's nbgrader course, in the middle of its term, that knows nothing of the kit."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import nbformat
from nbgrader.api import Gradebook
from tests_support import beside_python

CONFIG = '''
c = get_config()
c.CourseDirectory.course_id = "course101"
c.IncludeHeaderFooter.header = "source/header.ipynb"
c.Exchange.root = "exchange"

from nbgrader.preprocessors import Execute, NbGraderPreprocessor

class Stamp(NbGraderPreprocessor):
    """The course's own: it says in each notebook of lab1 where it comes from."""
    def preprocess(self, nb, resources):
        nb.metadata["stamp"] = "course101"
        return nb, resources

class Patient(Execute):
    """The course's own way to run notebooks."""
    def preprocess(self, nb, resources):
        nb.metadata["ran"] = "patiently"
        return super().preprocess(nb, resources)

c.GenerateAssignment.preprocessors.append(Stamp)
c.Autograde.autograde_preprocessors = [
    Patient,
    "nbgrader.preprocessors.LimitOutput",
    "nbgrader.preprocessors.SaveAutoGrades",
    "nbgrader.preprocessors.AssignLatePenalties",
    "nbgrader.preprocessors.CheckCellMetadata",
]
c.ClearSolutions.code_stub = {"python": "...  # your turn"}
c.ClearSolutions.begin_solution_delimeter = "ANSWER:"
c.ClearSolutions.end_solution_delimeter = ":ANSWER"

c = get_config()
'''
LAB = (
    ("markdown", "# Adding\n\nA heading with an anchor.", {}),
    ("code", "def add(a, b):\n    ### ANSWER:\n    return a + b\n    ### :ANSWER", {"solution": True}),
    ("code", "assert add(1, 2) == 3", {"grade": True, "points": 2, "locked": True}),
    ("markdown", "Why?", {"grade": True, "solution": True, "points": 3}),
)


def lab() -> nbformat.NotebookNode:
    """The source notebook of an assignment that is not the kit's."""
    cells = []
    for number, (kind, source, marks) in enumerate(LAB):
        cell = getattr(nbformat.v4, f"new_{kind}_cell")(source, id=f"c{number}")
        if marks:
            given = {"grade": False, "solution": False, "locked": False, "task": False, **marks}
            cell.metadata["nbgrader"] = {"schema_version": 3, "grade_id": f"cell{number}", **given}
        cells.append(cell)
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    return nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernel})


def nbgrader(folder: Path, *arguments: str) -> None:
    """`nbgrader ARGUMENTS` as somebody types it in a course folder."""
    command = [sys.executable, "-m", "nbgrader", *arguments]
    done = subprocess.run(
        command, cwd=folder, env=beside_python(), capture_output=True, text=True, check=False, timeout=300
    )
    assert done.returncode == 0, done.stderr[-3000:]


def hand_in(folder: Path, assignment: str, student: str, notebook: object) -> None:
    path = folder / "submitted" / student / assignment / f"{assignment}.ipynb"
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps(notebook), encoding="utf-8")
    (path.parent / "timestamp.txt").write_text("2026-11-01 10:00:00 UTC", encoding="utf-8")


def make_existing_course(folder: Path) -> None:
    """A course in the middle of its term: `lab1` was released, handed in, graded by machine and hand, and fed back."""
    (folder / "exchange").mkdir(parents=True)
    (folder / "nbgrader_config.py").write_text(CONFIG, encoding="utf-8")
    (folder / "exchange").chmod(0o777)
    source = folder / "source" / "lab1"
    source.mkdir(parents=True)
    nbformat.write(lab(), source / "lab1.ipynb")
    header = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell('NAME = ""', id="name")])
    nbformat.write(header, folder / "source" / "header.ipynb")
    nbgrader(folder, "generate_assignment", "lab1")
    released = json.loads((folder / "release" / "lab1" / "lab1.ipynb").read_text(encoding="utf-8"))
    hand_in(folder, "lab1", "ada", released)
    for cell in released["cells"]:
        cell["source"] = "".join(cell["source"]).replace("...  # your turn", "return b + a")
    hand_in(folder, "lab1", "bob", released)
    nbgrader(folder, "autograde", "lab1")
    with Gradebook(f"sqlite:///{folder / 'gradebook.db'}") as book:
        for student in ("ada", "bob"):
            grade = book.find_grade("cell3", "lab1", "lab1", student)
            grade.manual_score, grade.needs_manual_grade = 1.5, True  # as nbgrader leaves it when it grades anew
            book.find_comment("cell3", "lab1", "lab1", student).manual_comment = f"Well, {student}."
        book.db.commit()
    nbgrader(folder, "generate_feedback", "lab1")
