"""A submission on its way through the judge: as it was handed in, as it is graded, and what it came to."""

from __future__ import annotations

import copy
import hashlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from grader import course
from grader.beside import left_out, ours
from grader.folder import CourseFolder
from grader.notebook.read import UnreadableNotebookError, read_bytes, shown_name, to_notebook
from grader.notebook.repair import MISSING_CELL, grade_id, repair
from grader.verdict import Verdict


@dataclass(frozen=True)
class HandedIn:
    """What a student handed in, not looked into yet.

    name: the notebook's file name, for messages. problem: why the file could not be read, if so. beside: what of the
    rest of the folder does not go on, as sentences.
    """

    student: str
    assignment: str
    name: str
    content: bytes = b""
    problem: str = ""
    beside: tuple[str, ...] = ()

    @classmethod
    def at(cls, path: Path, student: str, assignment: str, beside: tuple[str, ...] = ()) -> HandedIn:
        """The file at a path, whatever it is."""
        name = shown_name(path)
        try:
            return cls(student, assignment, name, read_bytes(path), beside=beside)
        except UnreadableNotebookError as error:
            return cls(student, assignment, name, problem=str(error), beside=beside)

    @property
    def digest(self) -> str:
        """SHA-256 of the file in hexadecimal; empty when it could not be read."""
        return "" if self.problem else hashlib.sha256(self.content).hexdigest()

    def opened(self, released: dict[str, Any]) -> Submission:
        """Read and repaired. One that cannot be read becomes the released notebook with its cells empty.

        One that is another assignment's has a problem too, and keeps its cells, so that people can see what it is.
        """
        try:
            if self.problem:
                raise UnreadableNotebookError(self.problem)
            submitted = to_notebook(self.content, self.name)
            repaired = repair(submitted, released)
        except UnreadableNotebookError as error:
            return Submission(self.student, self.assignment, _emptied(released), self.beside, problem=str(error))
        about, digest = (self.student, self.assignment, repaired.notebook), self.digest
        if other := _other_assignment(submitted, repaired.notebook, self.assignment):
            problem = (
                f"`{self.name}` holds the exercises of `{other}` and none of this assignment's. "
                f"Hand in the notebook of `{self.assignment}`."
            )
            return Submission(*about, self.beside, problem, digest)
        return Submission(*about, (*repaired.repairs, *self.beside), digest=digest)


@dataclass(frozen=True)
class Submission:
    """A student's notebook, read and repaired; `problem` says why it could not be read, if so.

    only: the exercises that are asked for; all of the assignment when empty.
    """

    student: str
    assignment: str
    notebook: dict[str, Any]
    repairs: tuple[str, ...] = ()
    problem: str = ""
    digest: str = ""
    only: tuple[str, ...] = ()


Work = HandedIn | Submission
"""What is given to a judge."""


@dataclass(frozen=True)
class GradedSubmission:
    """The verdict, and the outputs of the notebook's cells by their index."""

    verdict: Verdict
    outputs: dict[int, list[dict[str, Any]]] = field(default_factory=dict)


@dataclass(frozen=True)
class Finished:
    """A submission with its result: all that recording it needs."""

    submission: Submission
    result: GradedSubmission


def handed_in(folder: CourseFolder, student: str, assignment: str) -> HandedIn:
    """What a student has in the course folder, with what lies beside it and does not go on told."""
    path = folder.submission(assignment, student)
    told = left_out(path.parent, ours(folder.source(assignment).parent, assignment))
    return HandedIn.at(path, student, assignment, told)


def _other_assignment(submitted: dict[str, Any], repaired: dict[str, Any], assignment: str) -> str:
    """The assignment most of whose exercises are there, where there is nothing of this one's; empty otherwise."""
    ours = {each.name for each in course.exercises(assignment)}
    if any(cell["source"] != MISSING_CELL for cell in repaired["cells"] if grade_id(cell) in ours):
        return ""
    names = {grade_id(cell) for cell in submitted["cells"]}
    there = {each: sum(one.name in names for one in course.exercises(each)) for each in course.assignments()}
    most = max(there, key=lambda each: there[each])
    return most if there[most] else ""


def _emptied(released: dict[str, Any]) -> dict[str, Any]:
    notebook = copy.deepcopy(released)
    for cell in notebook["cells"]:
        if cell["metadata"].get("nbgrader", {}).get("solution"):
            cell["source"] = "# The submitted file could not be read as a notebook."
    return notebook
