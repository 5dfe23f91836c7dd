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
from grader.names import refusal
from grader.notebook.normal import normalised
from grader.panel.plain import inert

CONFIG = "nbgrader_config.py"

POINTER = ".grader-course.json"
"""In a self-learner's own folder: where the course lies, and what was laid out there; see `grader.start`."""


class NotACourseError(LookupError):
    """A folder that is no course, or one that lacks a part; the message names the remedy."""


@dataclass(frozen=True)
class CourseFolder:
    """The folders of one course below `root`, which holds its `nbgrader_config.py`."""

    root: Path

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
        here = here.resolve()
        for folder in (here, *here.parents):
            if (folder / CONFIG).is_file():
                return cls(folder)
            if (folder / POINTER).is_file():
                return cls(_pointed_to(folder))
        return None

    def source(self, assignment: str) -> Path:
        return self.root / "source" / assignment / f"{assignment}.ipynb"

    def visible_suite(self, assignment: str) -> Path:
        return self.root / "source" / assignment / "test_visible.py"

    def released(self, assignment: str) -> Path:
        return self.root / "assignments" / assignment / f"{assignment}.ipynb"

    def released_notebook(self, assignment: str) -> dict[str, Any]:
        """The notebook that students got; NotACourseError when it was not released yet."""
        path = self.released(assignment)
        try:
            return normalised(json.loads(path.read_text(encoding="utf-8")), path.name)
        except FileNotFoundError:
            raise NotACourseError(f"{path} is missing; run `grader release {assignment}`") from None
        except ValueError:
            raise NotACourseError(f"{path} is no notebook; run `grader release {assignment}`") from None

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
        course.exercises(assignment)
        for path, remedy in (
            (self.released(assignment), f"run `grader release {assignment}`"),
            (self.hidden_suite(assignment), "copy the kit's tests/hidden into the course folder"),
            (self.solution(assignment), f"run `grader release {assignment}`"),
        ):
            if not path.is_file():
                raise NotACourseError(f"{path} is missing; {remedy}")

    def seed(self, assignment: str) -> int:
        """The seed of this class' hidden inputs: drawn once, kept where only staff can read it."""
        path = self.root / ".grader" / "seeds.json"
        seeds: dict[str, int] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
        if assignment not in seeds:
            seeds[assignment] = secrets.randbits(48)
            path.parent.mkdir(mode=0o700, exist_ok=True)
            write_atomically(path, json.dumps(seeds, indent=1) + "\n", mode=0o600)
        return seeds[assignment]


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
