"""The reference solutions of a course folder, and the answers that are known beside them."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from grader.course import exercises
from grader.folder import CourseFolder
from grader.judge.known import KnownAnswer, Recogniser, known_answers, world_of
from grader.judge.world import LocalWorld, RememberingWorld, load_module


class References:
    """The reference solutions of one assignment and the answers that are known beside them.

    device: where the references run, `cpu` or `cuda`. What is known beside them always runs on the CPU: on a GPU a
    wrong index would leave this process without CUDA, and so without references.
    """

    def __init__(self, folder: CourseFolder, assignment: str, device: str = "cpu") -> None:
        self._folder = folder
        self._device = device
        self.assignment = assignment

    @property
    def available(self) -> bool:
        """Whether this course folder holds reference solutions at all."""
        return self._folder.solution(self.assignment).exists()

    @cached_property
    def names(self) -> dict[str, Any]:
        """The exercises' names and what the reference solutions define under them."""
        module = load_module(self._folder.solution(self.assignment), f"grader_solutions_{self.assignment}")
        return {each.name: getattr(module, each.name) for each in exercises(self.assignment)}

    @cached_property
    def world(self) -> LocalWorld:
        path = str(self._folder.solution(self.assignment))
        return LocalWorld(self.names, lambda file: file == path, device=self._device)

    @cached_property
    def expected(self) -> RememberingWorld:
        """The same world in the part of the reference, which a whole class asks the same."""
        return RememberingWorld(self.world)

    @cached_property
    def mistakes(self) -> tuple[KnownAnswer, ...]:
        return known_answers(self._folder.mistakes(self.assignment), f"grader_mistakes_{self.assignment}")

    @cached_property
    def variants(self) -> tuple[KnownAnswer, ...]:
        return known_answers(self._folder.variants(self.assignment), f"grader_variants_{self.assignment}")

    def world_of_mistake(self, known: KnownAnswer) -> LocalWorld:
        return world_of(known, self.names, self._folder.mistakes(self.assignment))

    def world_of_variant(self, known: KnownAnswer) -> LocalWorld:
        return world_of(known, self.names, self._folder.variants(self.assignment), watched=True)

    @cached_property
    def recogniser(self) -> Recogniser:
        return Recogniser({k.name: (k, self.world_of_mistake(k)) for k in self.mistakes})
