"""Small answers from a text file, run as a notebook's cells would be, and tried on the pretended GPU."""

from __future__ import annotations

import linecache
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from grader.course import exercise
from grader.folder import CourseFolder
from grader.jail.answers import is_cell
from grader.jail.pretend.trial import Finding, Notebook, try_out
from grader.judge.references import References

HERE = Path(__file__).resolve().parent
FOLDER = CourseFolder(HERE.parents[1])


@dataclass(frozen=True)
class SmallAnswer:
    """One answer. expected: the mistake's name, or what makes it special where it is right. code: its cell."""

    exercise: str
    expected: str
    code: str
    number: int

    @property
    def id(self) -> str:
        return f"{self.exercise}-{self.expected}-{self.number}"

    @property
    def marked(self) -> int:
        """The line that must be named; 0 for none."""
        lines = self.code.splitlines()
        return next((n for n, line in enumerate(lines, 1) if line.endswith("# here")), 0)

    def tried(self) -> Finding:
        file = f"cell {self.exercise}"
        linecache.cache[file] = (len(self.code), None, self.code.splitlines(keepends=True), file)
        names = {**self._beside(), **_lesson()}
        exec(compile(self.code, file, "exec"), names)
        notebook = Notebook(names, is_cell, chosen="is_available" in self.code, names_cuda="cuda" in self.code)
        return try_out(self.exercise, notebook)

    def _beside(self) -> dict[str, Any]:
        return References(FOLDER, exercise(self.exercise).assignment).names


def _lesson() -> dict[str, Any]:
    return {"torch": torch, "nn": torch.nn, "F": torch.nn.functional}


def read(file: str) -> tuple[SmallAnswer, ...]:
    """All answers of a file: `== exercise what`, then the code, up to the next heading."""
    text = (HERE / file).read_text(encoding="utf-8")
    parts = re.split(r"^== (\w+) (.+)\n", text, flags=re.MULTILINE)[1:]
    found = zip(parts[::3], parts[1::3], parts[2::3], strict=True)
    return tuple(SmallAnswer(name, what, code.strip() + "\n", n) for n, (name, what, code) in enumerate(found, 1))
