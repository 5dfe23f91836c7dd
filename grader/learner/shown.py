"""A verdict on a terminal, for the author of the work: a table, panels and a bar; plain text in a pipe."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from rich.box import ROUNDED
from rich.console import Console, Group, RenderableType
from rich.panel import Panel
from rich.syntax import Syntax
from rich.table import Table
from rich.text import Text

from grader import course
from grader.achieved import Achieved, Place
from grader.hints import Hint
from grader.panel import Audience, exercise_text, rows, submission_text
from grader.panel.plain import inert
from grader.panel.row import Row
from grader.panel.rows import cases_of, submission_rows
from grader.verdict import ExerciseVerdict, Outcome, Verdict

STYLES = {
    Outcome.PASSED: "green",
    Outcome.NOT_ATTEMPTED: "dim",
    Outcome.MISSING: "dim",
    Outcome.COULD_NOT_CHECK: "magenta",
}
"""Every outcome is a word too: colour only helps. Red is for what was tried and is not right."""

_SIGNS = {Outcome.PASSED: "✓", Outcome.NOT_ATTEMPTED: "·", Outcome.MISSING: "·", Outcome.COULD_NOT_CHECK: "?"}
_ROOM_FOR_HINTS = 60
_BAR = 14
WIDEST = 100
"""Columns: longer lines are hard to read."""


def style(outcome: Outcome) -> str:
    return STYLES.get(outcome, "red")


def draws(console: Console) -> bool:
    """Whether a console is a terminal that can show boxes and bars: rich calls a pipe one where FORCE_COLOR is set."""
    return console.is_terminal and console.file.isatty() and not console.is_dumb_terminal


@dataclass(frozen=True)
class Shown:
    """Prints verdicts to a console."""

    console: Console

    def show(self, verdict: Verdict) -> None:
        """All there is to say about a verdict."""
        if draws(self.console):
            width = min(self.console.width, WIDEST)
            for each in in_panels(verdict, Achieved().place(), width):
                self.console.print(each, width=width)
        else:
            self.console.print(Text(in_text(verdict, Achieved().place())), soft_wrap=True)
        if words := hint_words(verdict):
            self.console.print(Text(words, "dim"), soft_wrap=True)


def in_text(verdict: Verdict, place: Place) -> str:
    """The verdict for a pipe or a terminal that only writes line after line."""
    failed = [exercise_text(each, audience=Audience.AUTHOR) for each in worth_a_panel(verdict)]
    end = "\n".join(filter(None, (progress_words(verdict, place), next_words(verdict, place))))
    return "\n\n".join([submission_text(verdict, audience=Audience.AUTHOR), *failed, end])


def in_panels(verdict: Verdict, place: Place, width: int) -> Iterator[RenderableType]:
    """The verdict for a terminal of so many columns."""
    yield table(verdict, width)
    yield from _about_all(verdict)
    for each in worth_a_panel(verdict):
        if each.outcome is not Outcome.NOT_ATTEMPTED:
            yield panel(each)
    yield progress(verdict, place)
    if words := next_words(verdict, place):
        yield Text(words)


def unfinished(verdict: Verdict) -> tuple[ExerciseVerdict, ...]:
    """The exercises that lack points."""
    return tuple(each for each in verdict.exercises if each.outcome is not Outcome.PASSED)


def worth_a_panel(verdict: Verdict) -> tuple[ExerciseVerdict, ...]:
    """The exercises that lack points, and those that have them and would break on a GPU.

    None of a file that could not be read as the assignment's notebook: why not is said once.
    """
    if verdict.problem:
        return ()
    return tuple(each for each in verdict.exercises if each.outcome is not Outcome.PASSED or each.on_gpu)


def progress_words(verdict: Verdict, place: Place) -> str:
    """`5 of 7 here · 12 of 28 in the course`."""
    done = len(verdict.exercises) - len(unfinished(verdict))
    return f"{done} of {len(verdict.exercises)} here · {place.done} of {place.total} in the course"


def next_words(verdict: Verdict, place: Place) -> str:
    """`next: log_softmax(x) · ★★★ · about 15 minutes`: here if anything is left here, else in the course."""
    if verdict.problem:
        return ""
    left = unfinished(verdict)
    about = course.exercise(left[0].name) if left else place.next
    if about is None:
        return "nothing is left to do: that was the whole course"
    where = "" if about.assignment == verdict.assignment else f" in {about.assignment}"
    return f"next: {about.call}{where} · {'★' * about.difficulty:☆<3} · about {about.minutes} minutes"


def hint_words(verdict: Verdict) -> str:
    """How to get a hint for what is next here; empty when nothing is left here."""
    left = unfinished(verdict)
    return f"stuck? `grader hint {left[0].name}`" if left and not verdict.problem else ""


def progress(verdict: Verdict, place: Place) -> RenderableType:
    """How far one is, as a bar and in words."""
    done = len(verdict.exercises) - len(unfinished(verdict))
    row = Table.grid(padding=(0, 1))
    bar = Text("█" * (_BAR * done // len(verdict.exercises)), "green")
    bar.append("░" * (_BAR - len(bar)), "dim")
    row.add_row(bar, Text(progress_words(verdict, place), overflow="fold"))
    return row


def table(verdict: Verdict, width: int, marked: str = "") -> RenderableType:
    """The exercises with points and outcome, and where there is room the title of a mistake that was recognised.

    marked: an exercise to point at.
    """
    head = f"{inert(verdict.assignment)}: {rows.points_of(verdict.points, verdict.max_points)}"
    found = Table(title=Text(head, "bold"), title_justify="left", box=ROUNDED)
    hints = width >= _ROOM_FOR_HINTS and any(each.mistake for each in verdict.exercises)
    for name in ("exercise", "points", "outcome", *(["hint"] if hints else [])):
        found.add_column(name, overflow="fold")
    for each in verdict.exercises:
        found.add_row(*_cells(each, each.name == marked), *([Text(title(each), "yellow")] if hints else []))
    return found


def _cells(verdict: ExerciseVerdict, marked: bool) -> tuple[Text, ...]:
    outcome = f"{_SIGNS.get(verdict.outcome, '✗')} {verdict.outcome}"
    return (
        Text(f"▸ {inert(verdict.name)}" if marked else inert(verdict.name), "bold" if marked else ""),
        Text(f"{verdict.points:g} of {verdict.max_points:g}"),
        Text(outcome, style(verdict.outcome)),
    )


def title(verdict: ExerciseVerdict) -> str:
    """A recognised mistake's name in words: `softmax over axis 0`; empty when there is none."""
    return inert(verdict.mistake.name.replace("_", " ")) if verdict.mistake else ""


def panel(verdict: ExerciseVerdict) -> RenderableType:
    """What is wrong with one exercise."""
    facts = Text(" · ".join(filter(None, (points_of(verdict), cases_of(verdict)))), "bold")
    head = Text(f"{inert(verdict.name)} · {verdict.outcome}", style(verdict.outcome))
    told = sorted(
        rows.rows(verdict, Audience.AUTHOR), key=lambda row: row.label == "also"
    )  # a hint is never below the fold
    body = Group(facts, labelled(told))
    return Panel(body, title=head, title_align="left", box=ROUNDED)


def hint_panel(title: str, hint: Hint) -> RenderableType:
    """Words of the course's own, and source under them."""
    parts: list[RenderableType] = [Text(inert(hint.words, len(hint.words)))]
    if hint.code:
        parts += [Text(), Syntax(hint.code, "python", background_color="default", theme="ansi_dark", word_wrap=True)]
    return Panel(Group(*parts), title=Text(title, "yellow"), title_align="left", box=ROUNDED)


def hint_text(title: str, hint: Hint) -> str:
    """The same for a pipe or a terminal that only writes line after line."""
    return "\n".join(filter(None, (title, hint.words, hint.code)))


def labelled(found: Iterable[Row]) -> RenderableType:
    """Rows of a panel, each label in a column of its own."""
    grid = Table.grid(padding=(0, 1))
    grid.add_column(no_wrap=True, style="dim")
    grid.add_column(overflow="fold")
    for row in found:
        text = Text(inert(row.text, row.most), "cyan" if row.code else "yellow" if row.label == "hint" else "")
        grid.add_row(Text(row.label), text)
    return grid


def points_of(verdict: ExerciseVerdict) -> str:
    """`2.5 of 4 points`."""
    return rows.points_of(verdict.points, verdict.max_points)


def about_code(verdict: Verdict) -> Iterator[RenderableType]:
    """What of the code is worth a look, be it in no answer."""
    return _rows_on_all(verdict, lambda row: row.label == "look at")


def _about_all(verdict: Verdict) -> Iterator[RenderableType]:
    """What concerns the whole work. Walls are spoken of where some are missing: that was said before it ran."""
    return _rows_on_all(verdict, lambda row: row.label != "isolation")


def _rows_on_all(verdict: Verdict, wanted: Callable[[Row], bool]) -> Iterator[RenderableType]:
    found = tuple(filter(wanted, submission_rows(verdict, Audience.AUTHOR)))
    if found:
        yield labelled(found)
