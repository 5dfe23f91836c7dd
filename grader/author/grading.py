"""Grading an assignment as it was released, and as its references solve it, through the jail."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from pathlib import Path

from grader.author.cells import solved
from grader.folder import CourseFolder
from grader.judge.pool import Pool
from grader.judge.submission import HandedIn
from grader.verdict import Outcome, Verdict


def misgraded(folder: CourseFolder, assignment: str, *, policy: str = "warn") -> Iterator[str]:
    """A sentence for each exercise that gives points for nothing, or not all of them to the reference."""
    released = folder.released_notebook(assignment)
    with Pool(folder, assignment, policy=policy) as pool, tempfile.TemporaryDirectory() as scratch:

        def graded(student: str, notebook: dict[str, object]) -> Verdict:
            path = Path(scratch) / f"{student}.ipynb"
            path.write_text(json.dumps(notebook), encoding="utf-8")
            return pool.grade(HandedIn.at(path, student, assignment)).result.verdict

        for each in graded("untouched", released).exercises:
            if each.points or each.outcome is not Outcome.NOT_ATTEMPTED:
                yield f"`{each.name}`: the released notebook gets {each.points:g} points and is called {each.outcome}"
        verdict = graded("solved", solved(folder, assignment))
        for each in verdict.exercises:
            if each.points != each.max_points:
                why = (
                    "; ".join(f"{case.name}: {case.finding}" for case in each.failed)
                    or each.note
                    or str(each.forbidden)
                )
                yield f"`{each.name}`: its solution gets {each.points:g} of {each.max_points:g} points: {why}"
        yield from (f"the solved notebook is flagged: {flag}" for flag in verdict.flags)
        yield from (f"the solved notebook is repaired: {repair}" for repair in verdict.repairs)
