"""Answers that are known by name: wrong ones (mistakes) with their explanation, and right but unusual ones.

Both are ordinary functions or classes in `solutions/mistakes/NAME.py` and `solutions/variants/NAME.py`, marked
`@stands_for("softmax")`; a mistake's docstring is the explanation that its author's reader gets.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import CodeType
from typing import Any, TypeVar

from grader.jail.tracer import Tracer
from grader.judge.answer import Answer, Asked
from grader.judge.compare import compare
from grader.judge.world import LocalWorld, RememberingWorld, Reply, World, load_module
from grader.verdict import Mistake

T = TypeVar("T")


def stands_for(exercise: str) -> Callable[[T], T]:
    """Marks a function or class as an answer to an exercise, under a name of its own."""

    def mark(thing: T) -> T:
        thing.stands_for = exercise  # type: ignore[attr-defined]
        return thing

    return mark


@dataclass(frozen=True)
class KnownAnswer:
    """An answer under its own name; `text` is its docstring, in one line."""

    name: str
    exercise: str
    thing: Any
    text: str


def known_answers(path: Path, name: str) -> tuple[KnownAnswer, ...]:
    """All marked things in a file, in its order; none when there is no such file."""
    if not path.exists():
        return ()
    module = load_module(path, name)
    return tuple(
        KnownAnswer(key, vars(thing)["stands_for"], thing, " ".join((thing.__doc__ or "").split()))
        for key, thing in vars(module).items()
        if "stands_for" in getattr(thing, "__dict__", {})
    )


def world_of(answer: KnownAnswer, solutions: Mapping[str, Any], path: Path, *, watched: bool = False) -> LocalWorld:
    """A world in which this answer stands in its exercise's place and all others are the reference's.

    watched: calls of what the exercise may not lean on are reported, as they are of a submission.
    """

    def is_authors(file: str) -> bool:
        return file == str(path)

    def is_own(code: CodeType, _names: Mapping[str, Any]) -> bool:
        return is_authors(code.co_filename)

    tracer = (lambda families: Tracer(families, is_own, is_authors)) if watched else None
    return LocalWorld({**solutions, answer.exercise: answer.thing}, is_authors, tracer)


class Recogniser:
    """Tells which known mistake an answer equals, on everything it was asked.

    Inputs are the same for a whole class, so what a mistake gives is computed once for each probe.
    """

    def __init__(self, mistakes: Mapping[str, tuple[KnownAnswer, World]]) -> None:
        self._mistakes = {name: (known, RememberingWorld(world)) for name, (known, world) in mistakes.items()}

    def recognise(self, answer: Answer) -> Mistake | None:
        """The one mistake that the answer equals on all it was asked; None when none or several do."""
        fitting = self.fitting(answer)
        if len(fitting) != 1:
            return None
        known = self._mistakes[fitting[0]][0]
        return Mistake(known.name, known.text)

    def fitting(self, answer: Answer) -> tuple[str, ...]:
        """The names of all mistakes that the answer cannot be told apart from."""
        if not answer.asked:
            return ()
        return tuple(name for name in self._of(answer) if self._equal(name, answer))

    def _of(self, answer: Answer) -> tuple[str, ...]:
        return tuple(n for n, (known, _) in self._mistakes.items() if known.exercise == answer.exercise.name)

    def _equal(self, name: str, answer: Answer) -> bool:
        world = self._mistakes[name][1]
        return all(same_reply(each.reply, world.call(each.probe, each.payload, ()), each) for each in answer.asked)


def same_reply(left: Reply, right: Reply, asked: Asked) -> bool:
    """Both returned the same value (within the case's tolerance) or raised the same type of exception."""
    if left.status != right.status:
        return False
    if left.status == "raised":
        return left.raised is not None and right.raised is not None and left.raised.kinds[0] == right.raised.kinds[0]
    if left.status != "returned":
        return False
    if asked.essence is not None:
        return _same_essence(left, right, asked.essence)
    values = compare(left.value, right.value, tolerance=asked.tolerance, scalar=asked.scalar)
    inputs = compare(left.inputs, right.inputs)
    return values is None and inputs is None


def _same_essence(left: Reply, right: Reply, essence: Callable[[Any], Any]) -> bool:
    try:
        return compare(left.essence(essence), right.essence(essence)) is None
    except Exception:  # what comes out of a jail may have any form, also one that a suite did not expect
        return False
