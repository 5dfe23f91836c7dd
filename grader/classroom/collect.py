"""Staff's side: from a folder of clones into `submitted/`, for `grader autograde` with the hidden tests.

    python -m grader.classroom.collect 04_softmax CLONES [--prefix softmax-]

A repository may hold links, to other students' clones for one; none is followed, neither as a file nor as a folder.
"""

from __future__ import annotations

import argparse
import os
import stat
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from grader.folder import CourseFolder
from grader.gradescope.archive import write_bytes
from grader.names import refusal
from grader.notebook.read import MAX_BYTES
from grader.panel.plain import inert

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC


class CollectError(ValueError):
    """Nothing can be collected; the message says why and what to do."""


@dataclass(frozen=True)
class Collected:
    """What became of a clone. problem: why nothing of it was taken, else empty. new: it was not there, or another."""

    student: str
    problem: str = ""
    new: bool = False


def collect(folder: CourseFolder, assignment: str, clones: Path, prefix: str = "") -> Iterator[Collected]:
    """Takes each clone's notebook into `submitted/STUDENT/ASSIGNMENT`; who handed in something else replaces it.

    A clone is a folder named PREFIX followed by the student's name. One that cannot be taken stops nobody else.
    CollectError when there is no clone; UnknownNameError, NotACourseError for the assignment.
    """
    folder.require(assignment)
    if not clones.is_dir():
        raise CollectError(f"{inert(str(clones))} is no folder; give the one that holds the clones")
    names = sorted(each.name for each in clones.iterdir() if each.name.startswith(prefix) and each.is_dir())
    if not names:
        raise CollectError(f"{inert(str(clones))} holds no folder whose name begins with `{inert(prefix)}`")
    for name in names:
        yield _one(folder, assignment, clones / name, name.removeprefix(prefix))


def _one(folder: CourseFolder, assignment: str, clone: Path, student: str) -> Collected:
    shown = inert(student, 60)
    if reason := refusal(student):
        return Collected(shown, reason)
    try:
        content = _notebook(clone, assignment)
    except OSError as error:
        return Collected(shown, f"its notebook cannot be read: {error.strerror}")
    except CollectError as error:
        return Collected(shown, str(error))
    target = folder.submission(assignment, student)
    if target.is_file() and target.read_bytes() == content:
        return Collected(student)
    write_bytes(target, content)
    return Collected(student, new=True)


def _notebook(clone: Path, assignment: str) -> bytes:
    """The notebook in a clone, in its own folder or at the root; CollectError where it is none of one's own."""
    name = f"{assignment}.ipynb"
    for place in ((assignment,), ()):
        found = _read(clone, (*place, name))
        if found is not None:
            return found
    raise CollectError(f"it holds neither {assignment}/{name} nor {name}")


def _read(clone: Path, parts: tuple[str, ...]) -> bytes | None:
    """A file below a clone, walked by descriptors; None when it is not there."""
    opened = [os.open(clone, _FOLDER)]
    try:
        for part in parts[:-1]:
            opened.append(os.open(part, _FOLDER, dir_fd=opened[-1]))
        opened.append(os.open(parts[-1], _FILE, dir_fd=opened[-1]))
        if not stat.S_ISREG(os.fstat(opened[-1]).st_mode):
            raise CollectError(f"{'/'.join(parts)} is no file")
        with os.fdopen(opened[-1], "rb", closefd=False) as file:
            return file.read(MAX_BYTES + 1)  # of what is larger enough to be refused as such
    except FileNotFoundError:
        return None
    finally:
        for each in opened:
            os.close(each)


def main(arguments: Sequence[str] | None = None) -> int:
    """Collects, and tells; the exit code is 1 when something of somebody could not be taken, 2 when nothing could."""
    parser = argparse.ArgumentParser(prog="python -m grader.classroom.collect")
    parser.add_argument("assignment")
    parser.add_argument("clones", type=Path, help="the folder that holds a clone of each student's repository")
    parser.add_argument("--prefix", default="", help="what the clones' names begin with, before the student's")
    asked = parser.parse_args(arguments)
    problems = 0
    try:
        for each in collect(CourseFolder.find(), asked.assignment, asked.clones, asked.prefix):
            problems += bool(each.problem)
            _say(f"{each.student}: {each.problem or ('collected' if each.new else 'as before')}")
    except LookupError as error:  # no such assignment, no course
        return _refused(error)
    except CollectError as error:
        return _refused(error)
    return 1 if problems else 0


def _refused(error: Exception) -> int:
    sys.stderr.write(f"{inert(str(error), 1_000)}\n")
    return 2


def _say(words: str) -> None:
    print(words)  # noqa: T201 - the command's own words


if __name__ == "__main__":
    sys.exit(main())
