"""Where a watcher's state is shown: on a screen that is drawn again and again, or line after line."""

from __future__ import annotations

from contextlib import AbstractContextManager
from types import TracebackType
from typing import Protocol

from rich.console import Console, RenderableType
from rich.live import Live
from rich.text import Text

from grader.learner.shown import draws, hint_text, in_text, next_words, progress, progress_words, table
from grader.panel import Audience, exercise_text
from grader.panel.plain import inert
from grader.verdict import ExerciseVerdict
from grader.watch.screen import WAITING, Screen
from grader.watch.state import State, View, keys

REFRESHES = 4.0
"""A second: a terminal that changed its size is drawn anew soon."""


class Display(AbstractContextManager["Display"], Protocol):
    """Shows states."""

    def show(self, state: State) -> None: ...

    def overflow(self) -> int:
        """How many lines of what is shown now can be scrolled."""
        ...

    def page(self) -> int:
        """How many of them are seen at once."""
        ...

    def pause(self) -> None: ...

    def resume(self) -> None: ...


class Drawn:
    """The whole terminal, given back as it was; what remains at the end is the table."""

    def __init__(self, console: Console, state: State) -> None:
        self._console, self._state = console, state
        self._live = Live(
            get_renderable=self._screen,
            console=console,
            screen=True,
            refresh_per_second=REFRESHES,
            redirect_stdout=False,
            redirect_stderr=False,
        )

    def _screen(self) -> RenderableType:
        return Screen(self._state)

    def show(self, state: State) -> None:
        self._state = state
        self._live.refresh()

    def overflow(self) -> int:
        return Screen(self._state).overflow(self._console)

    def page(self) -> int:
        return Screen(self._state).page(self._console)

    def pause(self) -> None:
        self._live.stop()

    def resume(self) -> None:
        self._live.start()

    def __enter__(self) -> Drawn:
        self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._live.stop()
        if self._state.verdict is not None and kind is None:
            self._console.print(table(self._state.verdict, self._console.width))
            self._console.print(progress(self._state.verdict, self._state.place))


class Spoken:
    """For a pipe, or a terminal that cannot draw the same lines again: says in lines what is new."""

    def __init__(self, console: Console, state: State) -> None:
        self._console, self._before = console, state
        self._say(f"{state.file}: {state.running}")

    def show(self, state: State) -> None:
        before, self._before = self._before, state
        if state.walls != before.walls:
            self._say(state.walls)
        if state.trouble and state.trouble != before.trouble:
            self._say(state.trouble)
        if state.verdict is not None and before.verdict is None:
            self._say(in_text(state.verdict, state.place))
        elif state.verdict is not None and before.verdict is not None:
            self._say_differences(before, state)
        if (state.view, state.hint, state.current) != (before.view, before.hint, before.current):
            self._say_view(state)
        if before.running and not state.running and not state.trouble:
            self._say(f"{state.said} · {WAITING} · {', '.join(f'{key} {word}' for key, word in keys(state))}")

    def _say_differences(self, before: State, state: State) -> None:
        assert before.verdict is not None
        assert state.verdict is not None
        old = {each.name: each for each in before.verdict.exercises}
        for each in state.verdict.exercises:
            if each != old.get(each.name):
                self._say(_about(each))
        if state.place != before.place or state.verdict.points != before.verdict.points:
            self._say(progress_words(state.verdict, state.place))
            self._say(next_words(state.verdict, state.place))

    def _say_view(self, state: State) -> None:
        if state.view in (View.HINT, View.SOLUTION) and state.hint is not None:
            what = "hint" if state.view is View.HINT else "for comparison"
            self._say(hint_text(f"{state.current}: {what}", state.hint))
        elif state.view is View.LIST and state.verdict is not None:
            for each in state.verdict.exercises:
                self._say(f"{inert(each.name)}: {each.outcome}")
        elif state.exercise is not None:
            self._say(_about(state.exercise))

    def _say(self, words: str) -> None:
        if words:
            self._console.print(Text(words), soft_wrap=True)
            self._console.file.flush()

    def overflow(self) -> int:
        return 0

    def page(self) -> int:
        return 1

    def pause(self) -> None:
        return

    def resume(self) -> None:
        return

    def __enter__(self) -> Spoken:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        return


def _about(verdict: ExerciseVerdict) -> str:
    return exercise_text(verdict, audience=Audience.AUTHOR)


def display(state: State, console: Console) -> Display:
    """The display that fits a console."""
    return Drawn(console, state) if draws(console) else Spoken(console, state)
