"""`grader export`: what to write, and the lines that it says."""

from __future__ import annotations

from collections.abc import Iterator
from enum import Enum
from pathlib import Path

from grader.export.selection import ExportError, Selection
from grader.folder import CourseFolder
from grader.panel.plain import inert


class Target(Enum):
    """What is written."""

    POINTS = "points"
    AUTOGRADER = "an autograder for Gradescope"
    CLASSROOM = "a workflow for GitHub Classroom"


def target(*, autograder: bool, classroom: bool) -> Target:
    """ExportError when both are asked for."""
    if autograder and classroom:
        raise ExportError("--gradescope-autograder and --github-classroom write different files: give one of them")
    if autograder:
        return Target.AUTOGRADER
    return Target.CLASSROOM if classroom else Target.POINTS


def export(chosen: Selection, *, form: str, to: Path | None, target: Target = Target.POINTS) -> Iterator[str]:
    """Writes it, and tells where it is and what a person should know of it, a line each."""
    folder = CourseFolder.find()
    if target is Target.AUTOGRADER:
        yield _autograder(folder, chosen.assignment, to)
    elif target is Target.CLASSROOM:
        yield _classroom(folder, chosen.assignment, to)
    else:
        yield from _points(folder, chosen, form, to)


def _points(folder: CourseFolder, chosen: Selection, form: str, to: Path | None) -> Iterator[str]:
    from grader.export.formats import named
    from grader.export.gathered import gathered
    from grader.export.write import usual_place, write
    from grader.nbgrader.booked import session
    from grader.remarks import few

    kind = named(form)
    with session(folder) as opened:
        grades = gathered(folder, opened, chosen)
    done = write(grades, chosen, kind, to or usual_place(folder.root, chosen.assignment, kind))
    yield f"{done.about}; {inert(str(done.path))}"
    yield from done.said
    if refused := folder.refused(chosen.assignment):
        yield f"left out, since no student's folder may be called so ({len(refused)}): {few(refused, 5)}"


def _autograder(folder: CourseFolder, name: str, to: Path | None) -> str:
    from grader.export.write import require_room, told
    from grader.gradescope.zip import build_zip

    place = to or folder.root / "exports" / f"{name}-autograder.zip"
    require_room(place, b"PK")
    with told(place):
        return f"autograder for Gradescope, for staff only: {inert(str(build_zip(folder, (name,), place)))}"


def _classroom(folder: CourseFolder, name: str, to: Path | None) -> str:
    from grader.classroom import write_workflow
    from grader.export.write import told

    place = to or folder.root / "exports" / f"{name}-classroom"
    if place.exists() and not place.is_dir():
        raise ExportError(f"{inert(str(place))} is no folder; name one for the template repository with --to")
    with told(place):
        return f"template for GitHub Classroom; its workflow: {inert(str(write_workflow(folder, place, (name,))))}"
