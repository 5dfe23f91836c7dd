"""A student's folder in `autograded/`, written beside its place and moved there as a whole.

What it holds is what nbgrader's converter would leave: what lies beside the submission (as far as `grader.beside` lets
it through), the files of `source/`, the notebook, all with nbgrader's permissions.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from nbgrader.converters import Autograde
from nbgrader.utils import find_all_files

from grader.beside import copy_beside, ours
from grader.folder import CourseFolder
from grader.jail.linux import libc
from grader.nbgrader.staging import safe_timestamp

_GROUP = 0o2770
"""What nbgrader adds to folders that instructors share."""

_AT_FDCWD, _RENAME_EXCHANGE = -100, 2


class InTheWayError(OSError):
    """Something that is no folder stands where a student's results belong; the message says what to do."""


class AutogradedFolders:
    """The folders of one assignment's students. A draft has the name of its goal behind a dot."""

    def __init__(self, converter: Autograde, folder: CourseFolder, assignment: str) -> None:
        self._course: Any = converter.coursedir
        self._folder = folder
        self._assignment = assignment
        self._mode = int(str(converter.permissions), 8)
        source = folder.source(assignment).parent
        self._ours = ours(source, assignment)
        self._ignored = [*self._course.ignore, "*.ipynb"]
        self._temporary = tempfile.TemporaryDirectory(prefix="grader-beside-")
        self._stage = Path(self._temporary.name, "submission")
        self._shared = _shared_files(self._course, assignment, self._ignored, converter.exclude_overwriting)

    def sweep(self) -> None:
        """Removes what a killed run left; an old folder that it had moved away, and no new one in, is moved back."""
        for student in self._folder.students(self._assignment):
            goal = self.place(student)
            old = _old(goal)
            if old.exists() and not goal.exists():
                old.rename(goal)
            for left in (old, _draft(goal)):
                shutil.rmtree(left, ignore_errors=True)

    def place(self, student: str) -> Path:
        return Path(self._course.format_path(self._course.autograded_directory, student, self._assignment))

    def write(self, student: str, text: str, beside: Path) -> None:
        """Writes the draft of a student's folder. beside: a folder with copies of what lies beside the submission."""
        goal = self.place(student)
        if goal.is_symlink() or (goal.exists() and not goal.is_dir()):
            raise InTheWayError(f"{goal} is no folder of its own; move it away and run the command again")
        draft = _draft(goal)
        if draft.exists():
            shutil.rmtree(draft)
        copied = [(Path(each), Path(each).relative_to(beside)) for each in find_all_files(str(beside), self._ignored)]
        for source, relative in (*copied, *self._shared):
            copy = draft / relative
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, copy)
        if not draft.exists():  # nbconvert makes it then, and lets nobody else write into it
            draft.parent.mkdir(parents=True, exist_ok=True)
            draft.mkdir(mode=0o755)
        (draft / f"{self._assignment}.ipynb").write_text(text, encoding="utf-8")
        self._set_permissions(draft)

    def put_in_place(self, student: str) -> None:
        """Moves the draft to where it belongs: at any moment the old or the new folder is there, whole."""
        goal = self.place(student)
        draft = _draft(goal)
        if not goal.exists():
            draft.rename(goal)
        elif _exchange(draft, goal):
            shutil.rmtree(draft, ignore_errors=True)  # what stays is in the way of the next draft, which will say so
        else:
            old = _old(goal)
            goal.rename(old)
            draft.rename(goal)
            shutil.rmtree(old, ignore_errors=True)

    def discard(self, student: str) -> None:
        shutil.rmtree(_draft(self.place(student)), ignore_errors=True)

    @contextmanager
    def beside(self, student: str) -> Iterator[tuple[Path, datetime | None]]:
        """A folder with copies of what lies beside the notebook, and when that was handed in, in UTC."""
        submission = self._folder.submission(self._assignment, student).parent
        if not self._stage.exists():
            self._stage.mkdir()
        try:
            copy_beside(submission, self._stage, self._ours)
            yield self._stage, safe_timestamp(self._course, str(self._stage))
        finally:
            if any(self._stage.iterdir()):
                shutil.rmtree(self._stage)

    def close(self) -> None:
        self._temporary.cleanup()

    def _set_permissions(self, draft: Path) -> None:
        for folder, _, names in os.walk(draft):
            for name in names:
                Path(folder, name).chmod(self._mode)
            if self._course.groupshared:
                _share(Path(folder))
        if self._course.groupshared:
            _share(Path(self._course.format_path(self._course.autograded_directory, ".", ".")))


def _draft(goal: Path) -> Path:
    return goal.with_name(f".{goal.name}.draft")


def _old(goal: Path) -> Path:
    return goal.with_name(f".{goal.name}.old")


def _shared_files(
    course: Any, assignment: str, ignored: list[str], kept: dict[str, list[str]]
) -> tuple[tuple[Path, Path], ...]:
    """What lies beside the source notebook and goes to every student, with its path in the folder.

    kept: by assignment, what students hand in themselves (`Autograde.exclude_overwriting`).
    """
    source = course.format_path(course.source_directory, ".", assignment)
    own = {str(Path(source, each)) for each in kept.get(assignment, [])}
    found = [Path(each) for each in find_all_files(source, ignored)]
    return tuple((path, path.relative_to(source)) for path in sorted(found) if str(path) not in own)


def _share(folder: Path) -> None:
    """As nbgrader does it: what may not be changed stays as it is."""
    mode = folder.stat().st_mode
    if mode & _GROUP != _GROUP:
        with contextlib.suppress(PermissionError):
            folder.chmod((mode | _GROUP) & 0o2777)


def _exchange(one: Path, other: Path) -> bool:
    """Swaps two folders in one step; False where the system or the disk can't, and nothing has changed."""
    swap = getattr(libc, "renameat2", None)
    if swap is None:
        return False
    first, second = (ctypes.c_char_p(os.fsencode(each)) for each in (one, other))
    return bool(swap(_AT_FDCWD, first, _AT_FDCWD, second, _RENAME_EXCHANGE) == 0)
