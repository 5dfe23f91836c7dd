"""A small class whose results are written down by hand: everything that a report tells occurs in it once."""

from __future__ import annotations

import dataclasses
import json
import random
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from disguises import disguised
from nbgrader.api import Gradebook
from sqlalchemy.exc import SAWarning

from grader import course
from grader.author.cells import reference_answers
from grader.folder import CourseFolder
from grader.judge.submission import handed_in
from grader.notebook.repair import grade_id
from grader.records import keep_verdict
from grader.verdict import CaseVerdict, ExerciseVerdict, ForbiddenCall, Mistake, Outcome, Verdict

ASSIGNMENT = "04_softmax"
COURSE = "from-network-to-regression"
HOSTILE = "<script>alert('x')</script>"
LONG = "Featherstonehaugh" * 6
SENTENCES = ("Each row sums to 1.", "A logit of 10 000 does not overflow.")
MISTAKE = Mistake("softmax_over_axis_0", "Your values match a softmax taken over axis 0: which axis is `x.sum(0)`?")
WALLS = ("tier A", "namespaces")

ODD = {
    "softmax": """
def softmax(x):
    rows = x.unbind(0) if x.dim() > 1 else [x]
    tops = [row.sort(descending=True)[0][0] for row in rows]
    lifted = [(row - top).double() for row, top in zip(rows, tops)]
    weights = [2.718281828459045 ** row for row in lifted]
    totals = [sum(weight.tolist()) for weight in weights]
    parts = [weight.div(total).to(x.dtype) for weight, total in zip(weights, totals)]
    return torch.vstack(parts).view_as(x)
""",
    "nll": """
def nll(log_p, labels):
    pairs = list(enumerate(labels.tolist()))
    chosen = [log_p[row][label].neg() for row, label in pairs if label >= 0]
    heap = torch.hstack([each.reshape(1) for each in chosen])
    return heap.cumsum(0)[len(pairs) - 1].true_divide(len(pairs))
""",
}
"""Answers that nobody else would write."""

P, W, N = Outcome.PASSED, Outcome.WRONG, Outcome.NOT_ATTEMPTED


def exercise(name: str, *outcomes: Outcome, **more: Any) -> ExerciseVerdict:
    """Cases of one weight each; the first and the third have the same sentence."""
    most = course.exercise(name).points
    cases = tuple(CaseVerdict(f"case_{i}", SENTENCES[i % 2], each) for i, each in enumerate(outcomes))
    points = most * sum(each is P for each in outcomes) / max(len(outcomes), 1)
    outcome = next((each for each in outcomes if each is not P), P)
    return ExerciseVerdict(name, points, most, **{"outcome": outcome, "cases": cases, **more})


def verdict(student: str, softmax: ExerciseVerdict | None = None, **more: Any) -> Verdict:
    exercises = (softmax or exercise("softmax", P, P), exercise("log_softmax", P, P), exercise("nll", P, P))
    return Verdict(ASSIGNMENT, student, exercises, **{"isolation": WALLS, "seconds": 0.3, **more})


def verdicts() -> Iterator[Verdict]:
    yield verdict("ada")
    for name, seconds in (("bob", 0.2), ("cleo", 1.5)):
        yield verdict(name, exercise("softmax", W, P, mistake=MISTAKE), seconds=seconds)
    yield verdict("dora", exercise("softmax", Outcome.CRASHED, W), seconds=9.0)
    yield verdict("emil", exercise("softmax", N, N))
    call = ForbiddenCall("torch.softmax", "softmax", 2, "return torch.softmax(x, -1)")
    yield verdict("finn", exercise("softmax", Outcome.FORBIDDEN, Outcome.FORBIDDEN, forbidden=call))
    yield verdict("gwen", repairs=("The locked cell `setup` was missing; it was restored.",), flags=(f"{HOSTILE} `x`",))
    yield verdict("hugo", isolation=("tier B", "not all walls stand", "landlock"))
    lost = tuple(exercise(each.name, outcome=Outcome.COULD_NOT_CHECK) for each in course.exercises(ASSIGNMENT))
    yield Verdict(ASSIGNMENT, "iris", lost, problem="`04_softmax.ipynb` is empty. Save it once more.", isolation=WALLS)


def hand_in(folder: CourseFolder, student: str, answers: dict[str, str]) -> None:
    notebook = folder.released_notebook(ASSIGNMENT)
    for cell in notebook["cells"]:
        cell["source"] = answers.get(grade_id(cell), cell["source"])
    path = folder.submission(ASSIGNMENT, student)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(notebook), encoding="utf-8")


@contextmanager
def gradebook(folder: CourseFolder) -> Iterator[Gradebook]:
    with warnings.catch_warnings(), Gradebook(f"sqlite:///{folder.root}/gradebook.db", COURSE) as book:
        warnings.simplefilter("ignore", SAWarning)  # nbgrader 0.9.6 makes it, when it adds a submission
        yield book
        book.db.commit()


def small_class(folder: CourseFolder) -> None:
    """Hands in, and keeps verdicts and points, for `ada` to `iris`; `jon` and `a*b` are not graded, `kim` is absent."""
    copied = {name: disguised(source, name, random.Random(1)) for name, source in ODD.items()}
    usual = reference_answers(folder, ASSIGNMENT)
    for each in verdicts():
        more = {"cleo": ODD, "dora": copied}.get(each.student, {})
        hand_in(folder, each.student, {**usual, **more})
        digest = "" if each.problem else handed_in(folder, each.student, ASSIGNMENT).digest
        keep_verdict(folder, dataclasses.replace(each, digest=digest))
    for student in ("jon", "a*b"):
        hand_in(folder, student, usual)
    hand_in(folder, "ada", {**usual, "nll": usual["nll"] + "\n# once more"})
    folder.verdict(ASSIGNMENT, "jon").write_text('{"schema": 1, "points"', encoding="utf-8")
    with gradebook(folder) as book:
        for each in verdicts():
            record(book, each)
        name_them(book)


def record(book: Gradebook, each: Verdict) -> None:
    book.add_student(each.student)
    book.add_submission(ASSIGNMENT, each.student)
    for exercise_ in each.exercises:
        cell = course.exercise(exercise_.name).test_cell
        grade = book.find_grade(cell, ASSIGNMENT, ASSIGNMENT, each.student)
        grade.auto_score, grade.needs_manual_grade = exercise_.points, False


def name_them(book: Gradebook) -> None:
    people = {
        "ada": ("Ada", "Lovelace"),
        "bob": (HOSTILE, "=cmd|' /C calc'!A0"),
        "cleo": (LONG, "Ng"),
        "kim": ("Kim", ""),
    }
    for student, (first, last) in people.items():
        book.update_or_create_student(student, first_name=first, last_name=last)
    book.find_grade("test_softmax", ASSIGNMENT, ASSIGNMENT, "emil").manual_score = 1.5
    book.find_grade("test_nll", ASSIGNMENT, ASSIGNMENT, "ada").extra_credit = 0.5
    book.find_grade("test_nll", ASSIGNMENT, ASSIGNMENT, "gwen").needs_manual_grade = True
    book.find_submission_notebook(ASSIGNMENT, ASSIGNMENT, "hugo").late_submission_penalty = 2.0
