"""The watcher's screen: how far one is on top, one result in the middle, the keys at the bottom."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from rich.console import Console, ConsoleOptions, Group, RenderableType
from rich.segment import Segment
from rich.text import Text

from grader.learner.shown import WIDEST, about_code, hint_panel, next_words, panel, points_of, progress, table
from grader.panel.plain import inert
from grader.verdict import Verdict
from grader.watch.state import State, View, keys

Lines = list[list[Segment]]
Draw = Callable[[RenderableType], Lines]

_GAP = "   "
WAITING = "waiting for the next save"


@dataclass(frozen=True)
class Screen:
    """A state as lines that fill a terminal; a middle that is longer than it is cut, says so, and can be scrolled."""

    state: State

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> Iterator[Segment]:
        height = options.height or console.height
        for number, line in enumerate(self.lines(console, options.max_width, height), start=1):
            yield from line
            if number < height:
                yield Segment.line()

    def lines(self, console: Console, width: int, height: int) -> Lines:
        """As many lines as the terminal has, none longer than it is wide."""
        width = min(width, WIDEST)
        draw = _drawing(console, width)
        top, middle = draw(head(self.state)), self._middle(draw, width, height)
        bottom = draw(foot(self.state, width, scrolls=False))
        room = max(1, height - len(top) - len(bottom))
        if len(middle) > room:
            bottom = draw(foot(self.state, width, scrolls=True))
            room = max(2, height - len(top) - len(bottom))
            middle = _window(middle, self.state.scroll, room, draw)
        blank: Lines = [[] for _ in range(room - len(middle))]
        return [*top, *middle, *blank, *bottom][:height]

    def overflow(self, console: Console) -> int:
        """How many lines can be scrolled at most."""
        width = min(console.width, WIDEST)
        middle = self._middle(_drawing(console, width), width, console.height)
        return max(0, len(middle) - self.page(console))

    def page(self, console: Console) -> int:
        """How many lines of a longer middle are seen at once, beside the one that says how many more there are."""
        width = min(console.width, WIDEST)
        draw = _drawing(console, width)
        used = len(draw(head(self.state))) + len(draw(foot(self.state, width, scrolls=True)))
        return max(2, console.height - used) - 1

    def _middle(self, draw: Draw, width: int, height: int) -> Lines:
        """The result, and over it the list of exercises where there is room for both."""
        lines = draw(body(self.state, width))
        if self.state.view is not View.RESULT or self.state.verdict is None:
            return lines
        both = [*draw(table(self.state.verdict, width, self.state.current)), *lines]
        fits = len(both) + len(draw(head(self.state))) + len(draw(foot(self.state, width, scrolls=False))) <= height
        return both if fits else lines


def _drawing(console: Console, width: int) -> Draw:
    options = console.options.update(width=width, height=None)
    return lambda what: console.render_lines(what, options, pad=False)


def _window(lines: Lines, scroll: int, room: int, draw: Draw) -> Lines:
    """So many lines of a longer text, the last of which says how many more there are below."""
    first = min(scroll, len(lines) - room + 1)
    below = len(lines) - first - room + 1
    last = f"… {below} more {'line' if below == 1 else 'lines'} below" if below else "(end)"
    return [*lines[first : first + room - 1], *draw(_line(last, "dim"))]


def head(state: State) -> RenderableType:
    """The file, how far one is, and what goes on."""
    lines: list[RenderableType] = [_line(state.file, "bold")]
    if state.verdict is not None:
        lines.append(progress(state.verdict, state.place))
    lines.append(status(state))
    if state.walls:
        lines.append(Text(state.walls, "red"))
    return Group(*lines, Text())


def status(state: State) -> Text:
    """One sentence on what goes on."""
    if state.trouble:
        return Text(state.trouble, "red")
    if state.running:
        return _line(f"{state.running} …", "cyan")
    return _line(f"{state.said} · {WAITING}" if state.said else WAITING, "dim")


def body(state: State, width: int) -> RenderableType:
    """What the view asks for."""
    if state.verdict is None or state.exercise is None:
        return Text("The first result comes when the judge has started; from then on each save is checked at once.")
    if state.view is View.LIST:
        return table(state.verdict, width, state.current)
    if state.view is View.SOLUTION and state.hint:
        return hint_panel(f"{state.current}: for comparison", state.hint)
    result = Group(_result(state, state.verdict), *about_code(state.verdict))
    if state.view is View.HINT and state.hint:
        return Group(hint_panel(f"{state.current}: hint", state.hint), result)
    return result


def _result(state: State, verdict: Verdict) -> RenderableType:
    assert state.exercise is not None
    if not state.passed:
        return panel(state.exercise)
    done = f"✓ {inert(state.current)} · {state.exercise.outcome} · {points_of(state.exercise)}"
    return Group(Text(done, "bold green"), Text(next_words(verdict, state.place)))


def foot(state: State, width: int, *, scrolls: bool) -> RenderableType:
    """The keys that apply now, each with its word, on as many lines as that takes."""
    lines = [Text()]
    for key, word in keys(state, scrolls=scrolls):
        part = Text.assemble((f" {key} ", "reverse"), f" {word}")
        if lines[-1] and len(lines[-1]) + len(_GAP) + len(part) > width:
            lines.append(Text())
        lines[-1].append(_GAP if lines[-1] else "").append_text(part)
    return Text("\n", no_wrap=True, overflow="ellipsis").join(lines)


def _line(words: str, style: str = "") -> Text:
    return Text(words, style, no_wrap=True, overflow="ellipsis")
