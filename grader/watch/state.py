"""What a watcher knows and shows: values, and what a save, a verdict or a key makes of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import Enum, auto
from pathlib import Path

from grader import course
from grader.achieved import Place
from grader.hints import Hint, ladder, step
from grader.panel.plain import inert
from grader.verdict import ExerciseVerdict, Outcome, Verdict
from grader.watch.judges import Judged
from grader.watch.keys import DOWN, PAGE_DOWN, PAGE_UP, UP
from grader.watch.pruned import Changed

WARMING = "warming up, so that the next check is quick"

_NAMED = 3
"""So many exercises that are being checked are named."""


class View(Enum):
    """What the middle of the screen shows."""

    RESULT = auto()
    LIST = auto()
    HINT = auto()
    SOLUTION = auto()


@dataclass(frozen=True)
class State:
    """All that is shown.

    current: the exercise that is looked at. shown: how many hints of an exercise were seen. hint: what the views HINT
    and SOLUTION show. changed_at: the version in which an exercise changed last. running: what is being checked, in
    words. trouble: why the file cannot be checked now. walls: what isolation lacks. scroll: lines of the middle that
    are above the screen.
    """

    file: str
    assignment: str
    place: Place
    solution: Path | None = None
    verdict: Verdict | None = None
    current: str = ""
    view: View = View.RESULT
    shown: Mapping[str, int] = field(default_factory=dict)
    hint: Hint | None = None
    changed_at: Mapping[str, int] = field(default_factory=dict)
    running: str = "starting the judge, which takes some seconds"
    said: str = ""
    trouble: str = ""
    walls: str = ""
    scroll: int = 0

    @property
    def exercise(self) -> ExerciseVerdict | None:
        """The verdict on the current exercise; None before there is any."""
        return self.verdict.exercise(self.current) if self.verdict and self.current else None

    @property
    def passed(self) -> bool:
        """Whether the current exercise has full points."""
        return self.exercise is not None and self.exercise.outcome is Outcome.PASSED


def saved(state: State, version: int, changed: Changed) -> State:
    """A version that is being checked now. Whoever changed one exercise wants to see that one."""
    first = changed.first
    current = state.current if state.current in first or not first else first[0]
    what = ", ".join(first) if len(first) <= _NAMED else f"{len(first)} exercises"
    return replace(
        state,
        current=current,
        view=state.view if state.view is View.LIST or current == state.current else View.RESULT,
        changed_at={**state.changed_at, **dict.fromkeys(changed.every, version)},
        running=f"checking {what}" if first else "checking the whole file",
        said="",
        trouble="",
        scroll=0,
    )


def is_newest(state: State, found: Judged) -> bool:
    """Whether nothing was saved since the version that was judged; what is found of an older one may come later."""
    return found.version >= max(state.changed_at.values(), default=0)


def judged(state: State, found: Judged, place: Place) -> State:
    """What was found is shown, unless the exercise has changed since, or it is too doubtful to show.

    A new result of the current exercise comes before the list of all.
    """
    fresh = {
        each.name: each
        for each in found.verdict.exercises
        if found.version >= state.changed_at.get(each.name, 0) and (found.whole or not _doubtful(each))
    }
    before = state.verdict or found.verdict
    verdict = replace(
        found.verdict if found.whole else before,
        exercises=tuple(fresh.get(each.name, each) for each in before.exercises),
    )
    shown = state.exercise
    state = replace(state, verdict=verdict, place=place, current=state.current or _first(verdict))
    is_over_list = state.view is View.LIST and state.exercise != shown
    if is_over_list or (state.passed and state.view is View.HINT):
        state = replace(state, view=View.RESULT, scroll=0)
    if not is_newest(state, found):
        return state
    if not found.whole:
        return replace(state, running="checking the whole file", said=_said(found))
    return replace(state, running="" if found.version else WARMING, said=state.said if state.said else _said(found))


def warm(state: State) -> State:
    """The judge has loaded all that it needs."""
    return replace(state, running="") if state.running == WARMING else state


def troubled(state: State, reason: str) -> State:
    """Why the file, which may hold anything, cannot be checked now."""
    return replace(state, trouble=inert(reason), running="")


def unchanged(state: State) -> State:
    """A save that changed no code."""
    return replace(state, trouble="", said="saved; the code is as it was")


def keys(state: State, *, scrolls: bool = False) -> tuple[tuple[str, str], ...]:
    """The keys that do something now, each with a word."""
    return tuple(_keys(state, scrolls))


def _keys(state: State, scrolls: bool) -> list[tuple[str, str]]:
    found = []
    if state.exercise is not None:
        if not state.passed:
            found.append(("h", "hint"))
        elif state.solution is not None:
            found.append(("s", "result" if state.view is View.SOLUTION else "solution"))
        if _next(state):
            found.append(("n", "next"))
        found.append(("l", "result" if state.view is View.LIST else "list"))
    if scrolls:
        found.append(("↑↓", "scroll"))
    return [*found, ("q", "quit")]


def pressed(state: State, key: str, page: int = 1) -> State:
    """What a key does; nothing where it does not apply. `q` is for whoever holds the state.

    page: how many lines of the middle are seen at once.
    """
    steps = {UP: -1, DOWN: 1, PAGE_UP: -page, PAGE_DOWN: page}
    if key in steps:
        return replace(state, scroll=max(0, state.scroll + steps[key]))
    if key not in dict(_keys(state, scrolls=False)):
        return state
    state = replace(state, scroll=0)
    if key == "h":
        return _with_hint(state)
    if key == "s":
        return _with_solution(state)
    if key == "n":
        return replace(state, current=_next(state), view=View.RESULT if state.view is not View.LIST else View.LIST)
    return replace(state, view=View.RESULT if state.view is View.LIST else View.LIST)


def _with_hint(state: State) -> State:
    """The next hint; after the last one again the first."""
    seen = state.shown.get(state.current, 0)
    found = step(course.exercise(state.current), seen, passed=False, solution=state.solution)
    return replace(
        state, view=View.HINT, hint=found, shown={**state.shown, state.current: 0 if found.last else seen + 1}
    )


def _with_solution(state: State) -> State:
    if state.view is View.SOLUTION:
        return replace(state, view=View.RESULT)
    to_compare = ladder(course.exercise(state.current), passed=True, solution=state.solution)[-1]
    return replace(state, view=View.SOLUTION, hint=to_compare)


def _next(state: State) -> str:
    """The next exercise that lacks points, behind the current one and then from the start; empty when there is none."""
    if state.verdict is None:
        return ""
    names = [each.name for each in state.verdict.exercises]
    here = names.index(state.current) + 1
    left = {each.name for each in state.verdict.exercises if each.outcome is not Outcome.PASSED}
    return next((name for name in [*names[here:], *names[: here - 1]] if name in left), "")


def _first(verdict: Verdict) -> str:
    """What to look at first: what was tried and is not right, then what lacks points at all."""
    tried = [each for each in verdict.exercises if each.outcome not in (Outcome.PASSED, Outcome.NOT_ATTEMPTED)]
    left = [each for each in verdict.exercises if each.outcome is not Outcome.PASSED]
    return next(iter([*tried, *left, *verdict.exercises])).name


def _doubtful(verdict: ExerciseVerdict) -> bool:
    """Whether a quick check may have left a cell out that the exercise needs after all."""
    messages = [case.finding.message for case in verdict.failed if case.finding]
    return verdict.outcome is Outcome.MISSING or any("raised NameError" in each for each in messages)


def _said(found: Judged) -> str:
    return f"checked in {found.seconds:.2f} s"
