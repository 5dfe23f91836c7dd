"""Where a course folder keeps what the judge needs, and the answers that are known from it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from grader.course import exercises
from grader.judge.known import KnownAnswer, Recogniser, known_answers, world_of
from grader.judge.world import LocalWorld, load_module


@dataclass(frozen=True)
class CourseFiles:
    """The folders of one course: `source/`, `solutions/`, `tests/hidden/` below `root`."""

    root: Path

    def source(self, assignment: str) -> Path:
        return self.root / "source" / assignment / f"{assignment}.ipynb"

    def visible_suite(self, assignment: str) -> Path:
        return self.root / "source" / assignment / "test_visible.py"

    def hidden_suite(self, assignment: str) -> Path:
        return self.root / "tests" / "hidden" / f"test_{assignment}.py"

    def solution(self, assignment: str) -> Path:
        return self.root / "solutions" / f"{assignment}.py"

    def mistakes(self, assignment: str) -> Path:
        return self.root / "solutions" / "mistakes" / f"{assignment}.py"

    def variants(self, assignment: str) -> Path:
        return self.root / "solutions" / "variants" / f"{assignment}.py"


class References:
    """The reference solutions of one assignment and the answers that are known beside them."""

    def __init__(self, files: CourseFiles, assignment: str) -> None:
        self._files = files
        self.assignment = assignment

    @cached_property
    def names(self) -> dict[str, Any]:
        """The exercises' names and what the reference solutions define under them."""
        module = load_module(self._files.solution(self.assignment), f"grader_solutions_{self.assignment}")
        return {each.name: getattr(module, each.name) for each in exercises(self.assignment)}

    @cached_property
    def world(self) -> LocalWorld:
        path = str(self._files.solution(self.assignment))
        return LocalWorld(self.names, lambda file: file == path)

    @cached_property
    def mistakes(self) -> tuple[KnownAnswer, ...]:
        return known_answers(self._files.mistakes(self.assignment), f"grader_mistakes_{self.assignment}")

    @cached_property
    def variants(self) -> tuple[KnownAnswer, ...]:
        return known_answers(self._files.variants(self.assignment), f"grader_variants_{self.assignment}")

    def world_of_mistake(self, known: KnownAnswer) -> LocalWorld:
        return world_of(known, self.names, self._files.mistakes(self.assignment))

    def world_of_variant(self, known: KnownAnswer) -> LocalWorld:
        return world_of(known, self.names, self._files.variants(self.assignment))

    @cached_property
    def recogniser(self) -> Recogniser:
        return Recogniser({k.name: (k, self.world_of_mistake(k)) for k in self.mistakes})
