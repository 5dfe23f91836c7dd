"""Which exercises of the course this person has finished, kept from one session to the next.

Each is an empty file of the exercise's name: several notebooks and terminals can mark at once, and none can damage
what another wrote. A folder that cannot be read or written costs the count and nothing else.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import platformdirs

from grader import course
from grader.course import Exercise
from grader.verdict import Outcome

HOME_VARIABLE = "GRADER_HOME"
"""The environment variable that may name another folder to keep this in than the system's for user data."""


_SAYS_NOTHING = (Outcome.NOT_ATTEMPTED, Outcome.MISSING, Outcome.COULD_NOT_CHECK)
"""Outcomes that tell nothing of what a person can do: an untouched notebook takes nothing away."""


@dataclass(frozen=True)
class Place:
    """How far one is: `done` of the course's `total` exercises; `next` is what to do now, None when all is done."""

    done: int
    total: int
    next: Exercise | None = None


class Achieved:
    """The exercises that were right when an answer to them was checked last."""

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder or _home() / "achieved"

    @property
    def names(self) -> frozenset[str]:
        """Their names; of the course's own exercises only."""
        try:
            return frozenset(each.name for each in self._folder.iterdir()) & frozenset(_course())
        except OSError:
            return frozenset()

    def mark(self, name: str, done: bool) -> None:
        """Notes the result of the latest check of an exercise; UnknownNameError for one that the course has not."""
        file = self._folder / course.exercise(name).name
        try:
            if done:
                self._folder.mkdir(parents=True, exist_ok=True)
                file.touch()
            else:
                file.unlink(missing_ok=True)
        except OSError:
            return  # nothing is lost but the count

    def note(self, name: str, outcome: Outcome, work: Path) -> None:
        """Notes what a check of the work at a path came to, unless that is a student's or holds no answer."""
        from grader.folder import is_handed_in

        if outcome not in _SAYS_NOTHING and not is_handed_in(work):
            self.mark(name, outcome is Outcome.PASSED)

    def place(self, after: str = "") -> Place:
        """How far one is; what is next is looked for behind the exercise `after` first, then from the start."""
        every, done = _course(), self.names
        start = list(every).index(after) + 1 if after in every else 0
        order = [*list(every)[start:], *list(every)[:start]]
        ahead = next((every[name] for name in order if name not in done and name != after), None)
        return Place(len(done), len(every), ahead)


def _course() -> dict[str, Exercise]:
    """All exercises by name, in the order of the course."""
    return {each.name: each for assignment in course.assignments() for each in course.exercises(assignment)}


def _home() -> Path:
    configured = os.environ.get(HOME_VARIABLE)
    return Path(configured).expanduser() if configured else platformdirs.user_data_path("grader")
