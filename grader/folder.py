"""A course folder: where an nbgrader course keeps what the kit needs. Importing this costs no torch."""

from __future__ import annotations

import json
import os
import secrets
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from grader import course
from grader.course import UnknownNameError
from grader.names import refusal
from grader.notebook.normal import normalised
from grader.panel.plain import inert

CONFIG = "nbgrader_config.py"

_STUDENTS_FILES = ("submitted", "autograded", "feedback", "downloaded")

POINTER = ".grader-course.json"
"""In a self-learner's own folder: where the course lies, and what was laid out there; see `grader.start`."""


class NotACourseError(LookupError):
    """A folder that is no course, or one that lacks a part; the message names the remedy."""


@dataclass(frozen=True)
class CourseFolder:
    """The folders of one course below `root`, which holds its `nbgrader_config.py`."""

    root: Path
    """A course's hidden suite runs with its user's rights: what students hand in is never taken for a course."""

    @classmethod
    def find(cls, start: Path | None = None) -> CourseFolder:
        """The course that `start` (this folder by default) lies in or was laid out from; NotACourseError for none."""
        here = (start or Path.cwd()).resolve()
        found = cls.around(here)
        if found is not None:
            return found
        raise NotACourseError(f"{here} is in no course folder: none above it holds {CONFIG}; change to your course")

    @classmethod
    def around(cls, here: Path) -> CourseFolder | None:
        """The course that a folder lies in or was laid out from, if any; NotACourseError when that one is gone."""
        above = (here.resolve(), *here.resolve().parents)
        marked = [each for each in above if (each / CONFIG).is_file() or (each / POINTER).is_file()]
        if not marked:
            return None
        found, *outer = marked
        for each in outer:
            if (each / CONFIG).is_file() and _is_handed_in(found, each):
                found = each
        return cls(found if (found / CONFIG).is_file() else _pointed_to(found))

    def source(self, assignment: str) -> Path:
        return self.root / "source" / assignment / f"{assignment}.ipynb"

    def visible_suite(self, assignment: str) -> Path:
        return self.root / "source" / assignment / "test_visible.py"

    @property
    def is_shared(self) -> bool:
        """Whether this may be another's nbgrader course that took the kit in: it has nbgrader's folder `release/`."""
        return (self.root / "release").is_dir()

    @property
    def releases(self) -> Path:
        """What students get lies here: where other assignments had their place before, it is theirs too."""
        return self.root / ("release" if self.is_shared else "assignments")

    def released(self, assignment: str) -> Path:
        return self.releases / assignment / f"{assignment}.ipynb"

    def released_notebook(self, assignment: str) -> dict[str, Any]:
        """The notebook that students got; NotACourseError when it was not released yet."""
        path = self.released(assignment)
        try:
            return normalised(json.loads(path.read_text(encoding="utf-8")), path.name)
        except FileNotFoundError:
            raise NotACourseError(f"{path} is missing; run `grader release {assignment}`") from None
        except ValueError:
            raise NotACourseError(f"{path} is no notebook; run `grader release {assignment}`") from None

    def material(self, assignment: str, suite: Path | None = None) -> list[str]:
        """The texts of what submissions are made of and asked: the released notebook, the suite (hidden by default)."""
        paths = (self.released(assignment), suite or self.hidden_suite(assignment))
        return [path.read_text(encoding="utf-8", errors="replace") for path in paths if path.is_file()]

    def hidden_suite(self, assignment: str) -> Path:
        return self.root / "tests" / "hidden" / f"test_{assignment}.py"

    def solution(self, assignment: str) -> Path:
        return self.root / "solutions" / f"{assignment}.py"

    def mistakes(self, assignment: str) -> Path:
        return self.root / "solutions" / "mistakes" / f"{assignment}.py"

    def variants(self, assignment: str) -> Path:
        return self.root / "solutions" / "variants" / f"{assignment}.py"

    def submission(self, assignment: str, student: str) -> Path:
        return self.root / "submitted" / student / assignment / f"{assignment}.ipynb"

    def verdict(self, assignment: str, student: str) -> Path:
        return self.root / "verdicts" / assignment / f"{student}.json"

    def students(self, assignment: str) -> tuple[str, ...]:
        """Who handed something in for an assignment and can be graded, sorted; hidden folders are nobody's."""
        return tuple(name for name, reason in self._handed_in(assignment) if not reason)

    def refused(self, assignment: str) -> dict[str, str]:
        """{folder as text that is safe to show: why it is nobody's submission, and the remedy}; stops nobody else."""
        found: dict[str, str] = {}
        for name, reason in self._handed_in(assignment):
            if reason:
                shown = inert(name, 60)
                found[f"{shown} ({len(found) + 1})" if shown in found else shown] = reason
        return found

    def _handed_in(self, assignment: str) -> Iterator[tuple[str, str]]:
        """Each folder that holds this assignment, with the reason why it cannot be graded; empty when it can."""
        root = self.root / "submitted"
        for name in sorted(each.name for each in root.iterdir()) if root.is_dir() else ():
            if not name.startswith(".") and os.path.lexists(root / name / assignment):
                yield name, refusal(name) or _unreal(root / name) or _unreal(root / name / assignment)

    def require(self, assignment: str) -> None:
        """NotACourseError when this course cannot grade the assignment, UnknownNameError for a name unheard of."""
        self.require_ours(assignment, "`nbgrader autograde {}` grades it")
        for path, remedy in (
            (self.released(assignment), f"run `grader release {assignment}`"),
            (self.hidden_suite(assignment), "copy the kit's tests/hidden into the course folder"),
            (self.solution(assignment), f"run `grader release {assignment}`"),
        ):
            if not path.is_file():
                raise NotACourseError(f"{path} is missing; {remedy}")

    def require_ours(self, assignment: str, instead: str) -> None:
        """UnknownNameError for an assignment that is not the kit's.

        instead: what does the same for one that the course has besides, with {} for its name.
        """
        if assignment not in course.assignments() and self._has(assignment):
            raise UnknownNameError(
                f"`{assignment}` is not one of the kit's assignments ({', '.join(course.assignments())}); "
                f"{instead.format(assignment)}"
            )
        course.exercises(assignment)

    def _has(self, assignment: str) -> bool:
        """Whether a folder of this name lies where nbgrader's assignments lie."""
        if assignment in ("", ".", "..") or "/" in assignment or "\0" in assignment:
            return False
        places = (self.root / "source", self.releases, *(self.root / "submitted").glob("[!.]*"))
        return any((place / assignment).is_dir() for place in places)

    def seed(self, assignment: str) -> int:
        """The seed of this class' hidden inputs: drawn once, kept where only staff can read it."""
        path = self.root / ".grader" / "seeds.json"
        seeds: dict[str, int] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
        if assignment not in seeds:
            seeds[assignment] = secrets.randbits(48)
            path.parent.mkdir(mode=0o700, exist_ok=True)
            write_atomically(path, json.dumps(seeds, indent=1) + "\n", mode=0o600)
        return seeds[assignment]


def is_handed_in(path: Path) -> bool:
    """Whether a path, or what it leads to, lies where a course keeps its students' files."""
    return any(
        (above / CONFIG).is_file() and _is_handed_in(place, above)
        for place in (path.absolute(), path.resolve())
        for above in place.parents
    )


def _is_handed_in(folder: Path, course: Path) -> bool:
    """Whether a folder lies where students' files lie in a course."""
    return folder.relative_to(course).parts[0] in _STUDENTS_FILES


def _pointed_to(folder: Path) -> Path:
    """The course that a self-learner's folder was laid out from; NotACourseError when it is there no more."""
    try:
        root = Path(json.loads((folder / POINTER).read_text(encoding="utf-8"))["course"])
    except (ValueError, LookupError, TypeError):
        raise NotACourseError(
            f"{folder / POINTER} does not say where the course lies; run `grader start {folder} --course PATH`"
        ) from None
    if not (root / CONFIG).is_file():
        raise NotACourseError(
            f"{inert(str(root))} holds no course any more; run `grader start {folder} --course PATH` with its new place"
        )
    return root


def _unreal(path: Path) -> str:
    """Why a path is no folder of its own: what a link leads to may be another's work, or staff's."""
    mode = path.lstat().st_mode
    if stat.S_ISDIR(mode):
        return ""
    what = "a symbolic link" if stat.S_ISLNK(mode) else "no folder"
    return f"`{inert(path.name, 60)}` is {what}. Put a folder with the handed-in notebook in its place."


def write_atomically(path: Path, text: str, mode: int = 0o644) -> None:
    """Replaces a file as a whole or not at all, whatever interrupts the writing."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        draft.write_text(text, encoding="utf-8")
        draft.chmod(mode)
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
