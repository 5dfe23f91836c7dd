"""A submission on its way through the judge, and what it comes out as."""

from __future__ import annotations

import copy
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from grader.beside import left_out, ours
from grader.folder import CourseFolder
from grader.notebook.read import UnreadableNotebookError, digest, read_notebook
from grader.notebook.repair import repair
from grader.verdict import Verdict


@dataclass(frozen=True)
class Submission:
    """A student's notebook, read and repaired; `problem` says why it could not be read, if so."""

    student: str
    assignment: str
    notebook: dict[str, Any]
    repairs: tuple[str, ...] = ()
    problem: str = ""
    digest: str = ""


@dataclass(frozen=True)
class GradedSubmission:
    """The verdict, and the outputs of the notebook's cells by their index."""

    verdict: Verdict
    outputs: dict[int, list[dict[str, Any]]] = field(default_factory=dict)


def read_submission(path: Path, student: str, assignment: str, released: dict[str, Any]) -> Submission:
    """The submission in a file. One that cannot be read becomes the released notebook with its cells empty."""
    try:
        repaired = repair(read_notebook(path), released)
        return Submission(student, assignment, repaired.notebook, repaired.repairs, digest=digest(path))
    except UnreadableNotebookError as error:
        return Submission(student, assignment, _emptied(released), problem=str(error))


def read_handed_in(folder: CourseFolder, student: str, assignment: str, released: dict[str, Any]) -> Submission:
    """The submission of a student in the course folder, with what lies beside it and does not go on told."""
    path = folder.submission(assignment, student)
    submission = read_submission(path, student, assignment, released)
    told = left_out(path.parent, ours(folder.source(assignment).parent, assignment))
    return replace(submission, repairs=(*submission.repairs, *told))


def _emptied(released: dict[str, Any]) -> dict[str, Any]:
    notebook = copy.deepcopy(released)
    for cell in notebook["cells"]:
        if cell["metadata"].get("nbgrader", {}).get("solution"):
            cell["source"] = "# The submitted file could not be read as a notebook."
    return notebook
