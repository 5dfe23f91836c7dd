"""What a class has come to on disk, in a form that two runs can be compared by."""

from __future__ import annotations

import json
import os
import sqlite3
import time
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

ASSIGNMENT = "04_softmax"
STUDENTS = ("ada", "alan", "torsten", "zip")
"""A right answer, a known mistake, a ready-made function, and a file that is no notebook."""


@dataclass(frozen=True)
class State:
    """points: {student: {test cell: (automatic, manual)}}; verdicts and notebooks by student."""

    points: dict[str, dict[str, tuple[float | None, float | None]]]
    submissions: int
    verdicts: dict[str, dict[str, object]]
    notebooks: dict[str, str]


def state(course: Path) -> State:
    """The state of a course folder, less what may differ from run to run: the seconds that grading took."""
    from nbgrader.api import Gradebook

    with closing(sqlite3.connect(course / "gradebook.db")) as book:
        assert book.execute("pragma integrity_check").fetchone() == ("ok",)
    with Gradebook(f"sqlite:///{course}/gradebook.db") as gradebook:
        submissions = gradebook.assignment_submissions(ASSIGNMENT)
        points = {
            each.student_id: {g.name: (g.auto_score, g.manual_score) for n in each.notebooks for g in n.grades}
            for each in submissions
        }
    verdicts = {path.stem: json.loads(path.read_text()) for path in (course / "verdicts" / ASSIGNMENT).glob("*.json")}
    for each in verdicts.values():
        del each["seconds"]
    autograded = (course / "autograded").glob(f"*/{ASSIGNMENT}/{ASSIGNMENT}.ipynb")
    notebooks = {path.parents[1].name: path.read_text() for path in autograded}
    return State(points, len(submissions), verdicts, notebooks)


def kept(course: Path) -> dict[str, int]:
    """When each student's result was kept, in nanoseconds: a result that was made again has another time."""
    folder = course / ".grader" / "graded" / ASSIGNMENT
    return {path.stem: path.stat().st_mtime_ns for path in folder.glob("[!.]*.json")}


def left_of(pids: list[int], seconds: float = 20.0) -> list[int]:
    """Which of these processes are still there, after as long as they may take to end."""
    end = time.monotonic() + seconds
    while any(map(_runs, pids)) and time.monotonic() < end:
        time.sleep(0.1)
    return [pid for pid in pids if _runs(pid)]


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
