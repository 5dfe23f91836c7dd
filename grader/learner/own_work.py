"""Somebody's own work on an assignment: where it lies, which assignment it answers, and how it is read."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

import grader
from grader import course
from grader.folder import CourseFolder, NotACourseError
from grader.judge.submission import GradedSubmission, HandedIn, Submission
from grader.learner import plain_file
from grader.learner.imports import explained
from grader.learner.stopped import stopped
from grader.notebook.marks import grade_id, top_level_names
from grader.notebook.normal import UnreadableNotebookError
from grader.notebook.read import read_notebook, shown_name
from grader.panel.plain import inert
from grader.verdict import ExerciseVerdict, Verdict

NOTEBOOK = ".ipynb"
SUFFIXES = (NOTEBOOK, plain_file.SUFFIX)

_UNPARSED = re.compile(r"it raised (?:Syntax|Indentation|Tab)Error")
_MOST_LISTED = 8


class OwnWorkError(LookupError):
    """There is nothing to check, or too much to choose from; the message says what there is and how to choose."""


@dataclass(frozen=True)
class OwnWork:
    """A notebook or a plain Python file, the assignment that it answers, and the course that grades it."""

    path: Path
    assignment: str
    folder: CourseFolder

    @property
    def name(self) -> str:
        """The file's name, as messages show it."""
        return shown_name(self.path)

    def read(self) -> Submission:
        """What the file holds now. A notebook that is none comes with a `problem`; PlainFileError for a file."""
        released = self.folder.released_notebook(self.assignment)
        file = self.path.resolve()  # one's own link may lead wherever one likes
        if self.path.suffix == plain_file.SUFFIX:
            return plain_file.submission(plain_file.read_source(file), self.name, self.assignment, released)
        return HandedIn.at(file, "you", self.assignment).opened(released)

    def placed(self, graded: GradedSubmission, submission: Submission) -> Verdict:
        """The verdict on what was read, in words for its author, with what of their code stopped on its way."""
        cells, verdict = submission.notebook["cells"], graded.verdict
        released = self.folder.released_notebook(self.assignment)
        is_plain = self.path.suffix == plain_file.SUFFIX
        told = stopped(submission, graded.outputs, released, self.name if is_plain else "")
        if is_plain:
            verdict = plain_file.placed(verdict, self.name)
        else:
            sources = {grade_id(cell): cell["source"] for cell in cells}
            verdict = replace(verdict, exercises=tuple(_with_line(each, sources) for each in verdict.exercises))
        verdict = replace(verdict, flags=(*verdict.flags, *told))
        return explained(verdict, (cell["source"] for cell in cells if cell["cell_type"] == "code"), self.path)


def find_work(path: Path | None = None, assignment: str | None = None) -> OwnWork:
    """The work at a path: a notebook, a plain Python file, or a folder (this one by default) that holds one.

    assignment: which one it answers, where its name and its definitions do not tell. FileNotFoundError, OwnWorkError,
    UnknownNameError, NotACourseError and PlainFileError say what is missing.
    """
    if assignment is not None:
        course.exercises(assignment)
    file = _file(path or Path.cwd(), assignment)
    name = assignment or _assignment(file)
    folder = _course_of(file)
    folder.require(name)
    return OwnWork(file, name, folder)


def course_around(*places: Path) -> CourseFolder | None:
    """The course of the first of these folders that is in one, else the one that this program came with."""
    own = Path(grader.__file__).resolve().parents[1]
    return next(filter(None, map(CourseFolder.around, (*places, own))), None)


def _course_of(file: Path) -> CourseFolder:
    """The course of the folder that this is called in, or that the file is in, or that this program came with.

    In that order: a stranger's file may come with a course of its own making, whose suite is not to be run.
    """
    found = course_around(Path.cwd(), file.parent)
    if found is None:
        name = shown_name(file)
        raise NotACourseError(f"`{name}` is in no folder of a course; make one by `grader start --course PATH`")
    return found


def _file(path: Path, assignment: str | None) -> Path:
    if path.is_dir():
        return _file_in(path.resolve(), assignment)
    if not path.exists():
        raise FileNotFoundError(f"there is no file {inert(str(path))}; give the path of a notebook or a .py file")
    if path.suffix not in SUFFIXES:
        raise OwnWorkError(f"`{shown_name(path)}` is neither a notebook nor a .py file; give the path of one")
    return path.absolute()  # not `resolve`: the name of what a link leads to says nothing


def _file_in(folder: Path, assignment: str | None) -> Path:
    """The one work in a folder; what bears the folder's own name comes first."""
    names = (assignment,) if assignment else course.assignments()
    found = [path for name in names for suffix in SUFFIXES if (path := folder / f"{name}{suffix}").is_file()]
    own = [path for path in found if path.stem == folder.name]
    for choice in (own, found):
        if len(choice) == 1:
            return choice[0]
    # a copy, a download that was numbered: what it answers tells
    renamed = [] if found else sorted(folder.glob(f"[!.]*{NOTEBOOK}"))
    if len(renamed) == 1:
        return renamed[0]
    if found or renamed:
        listed = _listed(shown_name(each) for each in found or renamed[:_MOST_LISTED])
        raise OwnWorkError(f"{inert(str(folder))} holds {listed}; say which")
    below = [f"{name}/{name}{NOTEBOOK}" for name in names if (folder / name / f"{name}{NOTEBOOK}").is_file()]
    if below:
        raise OwnWorkError(f"say which: {inert(str(folder))} holds {_listed(below)}")
    raise OwnWorkError(
        f"{inert(str(folder))} holds no notebook of the course; change to your folder, or make one by `grader start`"
    )


def _with_line(verdict: ExerciseVerdict, sources: dict[str, str]) -> ExerciseVerdict:
    """The verdict with the line in which an answer's cell is not valid Python, where that is why it stopped."""
    found = _UNPARSED.search(verdict.note)
    reason = plain_file.fault_in(sources.get(verdict.name, "")) if found else ""
    return replace(verdict, note=verdict.note.replace(found[0], reason)) if found and reason else verdict


def _listed(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _assignment(file: Path) -> str:
    """By the file's name, else by what it defines."""
    if file.stem in course.assignments():
        return file.stem
    found = _answered(file)
    if len(found) == 1:
        return found[0]
    name = shown_name(file)
    if found:
        raise OwnWorkError(f"`{name}` answers exercises of {_listed(found)}; say which with `--assignment NAME`")
    raise OwnWorkError(
        f"`{name}` defines no exercise of the course; say what it answers with `--assignment NAME`, "
        f"one of {', '.join(course.assignments())}"
    )


def _answered(file: Path) -> tuple[str, ...]:
    defined = _defined(file)
    return tuple(name for name in course.assignments() if defined & {each.name for each in course.exercises(name)})


def _defined(file: Path) -> frozenset[str]:
    """What a file defines; of a notebook the answers that its marks tell of, since helpers bear names of others."""
    if file.suffix == plain_file.SUFFIX:
        return top_level_names(plain_file.read_source(file))
    try:
        cells = read_notebook(file)["cells"]
    except UnreadableNotebookError as error:
        raise OwnWorkError(str(error)) from None
    marked = frozenset(filter(None, map(grade_id, cells)))
    code = (cell["source"] for cell in cells if cell["cell_type"] == "code")
    known = {each.name for name in course.assignments() for each in course.exercises(name)}
    return marked if marked & known else frozenset(name for source in code for name in top_level_names(source))
