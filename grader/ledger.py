"""What a class' run has finished, kept so that nothing is lost and nothing is done twice.

Below `.grader/graded/ASSIGNMENT/` lies, for each student, the result as it came from the judge, under a key that says
from what it came: the file, the suite, the solutions, the seed, the device, the versions. The verdict has a line of its
own, to be read without the outputs. A run that was killed finds there what it had finished; a result of another key
counts as none. A second small file says which result was recorded in the gradebook; it is written last, so that a
recording that was cut short is done again as a whole.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import platform
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any, TextIO

from grader.fingerprint import code_fingerprint
from grader.folder import CourseFolder, write_atomically
from grader.jail.limits import Limits
from grader.judge.submission import GradedSubmission, HandedIn
from grader.verdict import Verdict, verdict_from_json

_PACKAGES = ("torch", "numpy", "scikit-learn", "matplotlib", "ipython", "nbgrader")


class NotKeptError(RuntimeError):
    """A result could not be written down; the message says why and what to do."""


class BusyError(RuntimeError):
    """Another run grades the same assignment; the message says what to do."""


@dataclass(frozen=True)
class Ledger:
    """The results of one assignment. basis: the part of every key that all students share."""

    folder: Path
    basis: str

    @classmethod
    def of(cls, course: CourseFolder, assignment: str, limits: Limits, policy: str, device: str = "cpu") -> Ledger:
        """The ledger of an assignment as the course, its suite and this installation are now.

        device: `cpu` or `cuda`; what ran on the one is no result of the other.
        """
        parts = (
            course.hidden_suite(assignment),
            course.solution(assignment),
            course.mistakes(assignment),
            course.released(assignment),
        )
        basis = [
            assignment,
            course.seed(assignment),
            [_file_digest(path) for path in parts],
            _installation(),
            repr(limits),
            policy,
            device,
        ]
        return cls(course.root / ".grader" / "graded" / assignment, _digest(basis))

    @contextmanager
    def held(self) -> Iterator[None]:
        """No other run grades this assignment meanwhile; BusyError when one does. A killed run holds nothing."""
        with self._lock_file() as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                raise BusyError(
                    f"`{self.folder.name}` is being graded by another run; wait for it, or stop it and run this again"
                ) from None
            self._sweep()
            yield

    def _lock_file(self) -> TextIO:
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            return (self.folder / ".lock").open("a", encoding="utf-8")
        except OSError as error:
            raise self._unwritable(error) from None

    def _unwritable(self, error: OSError) -> NotKeptError:
        return NotKeptError(
            f"{self.folder} cannot be written ({error.strerror}); mend that and run the command again: what was "
            "graded before is kept, and the gradebook is as it was"
        )

    def key(self, submission: HandedIn) -> str:
        """What a result depends on; equal keys mean equal points."""
        about = [submission.student, submission.assignment, submission.name, submission.problem, submission.beside]
        return _digest([self.basis, submission.digest, *about])

    def verdict(self, student: str, key: str) -> Verdict | None:
        """The kept verdict of that key; None when there is none, or one that cannot be read."""
        try:
            with self._result_path(student).open(encoding="utf-8") as file:
                return _verdict(file.readline(), key)
        except _UNREADABLE:
            return None

    def result(self, student: str, key: str) -> GradedSubmission | None:
        """The kept result of that key; None when there is none, or one that cannot be read."""
        try:
            with self._result_path(student).open(encoding="utf-8") as file:
                verdict = _verdict(file.readline(), key)
                outputs = {int(index): each for index, each in json.loads(file.readline()).items()}
        except _UNREADABLE:
            return None
        return GradedSubmission(verdict, outputs) if verdict is not None else None

    def keep(self, student: str, key: str, result: GradedSubmission) -> None:
        """Writes a result down as a whole or not at all; NotKeptError when it cannot be written."""
        head = json.dumps({"key": key, "verdict": result.verdict.to_json()}, ensure_ascii=True)
        outputs = json.dumps(result.outputs, ensure_ascii=True)
        try:
            write_atomically(self._result_path(student), f"{head}\n{outputs}\n", mode=0o600)
        except OSError as error:
            raise self._unwritable(error) from None

    def recorded(self, student: str) -> str:
        """The key that `record` was last called with; empty when never."""
        try:
            return self._record_path(student).read_text(encoding="utf-8")
        except (OSError, ValueError):
            return ""

    def record(self, student: str, key: str) -> None:
        """Remembers that gradebook and `autograded/` hold all of this student's result of that key."""
        write_atomically(self._record_path(student), key, mode=0o600)

    def _result_path(self, student: str) -> Path:
        return self.folder / f"{student}.json"

    def _record_path(self, student: str) -> Path:
        return self.folder / f"{student}.recorded"

    def _sweep(self) -> None:
        """Removes drafts that a killed run left."""
        for draft in self.folder.glob(".*.json.*"):
            draft.unlink(missing_ok=True)


_UNREADABLE = (OSError, ValueError, KeyError, TypeError, AttributeError)


def _verdict(head: str, key: str) -> Verdict | None:
    kept = json.loads(head)
    return verdict_from_json(kept["verdict"]) if kept["key"] == key else None


def _digest(value: Any) -> str:
    text = json.dumps(value, sort_keys=True, ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()


def _file_digest(path: Path) -> str:
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except FileNotFoundError:
        return ""


@cache
def _installation() -> list[str]:
    """This kit's own code and the versions that a result may depend on."""
    versions = [f"{name} {version(name)}" for name in _PACKAGES]
    return [code_fingerprint(), platform.python_version(), platform.machine(), *versions]
