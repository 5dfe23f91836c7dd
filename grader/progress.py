"""A class' run as its teacher sees it while it goes: a line for each problem, and on a terminal where it stands."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from grader.jail.proofs import Protection
from grader.remarks import Kind, not_graded, shown_name, troubles
from grader.standing import Standing, Watcher
from grader.tables import show_notice

NAMED = 5
"""So many students are named for one kind of problem while the run goes; the summary tells of the others."""

REFRESHES = 4.0
"""A second: seconds that pass are seen, and the display costs no measurable share of a core."""

_ROOM_FOR_A_BAR = 70
_ENOUGH_TO_ESTIMATE = 3
_STOPPING = "stopping: what is graded by now is recorded; Ctrl-C again ends at once"
_STYLES = {Kind.NOT_GRADED: "red", Kind.FLAGGED: "red", Kind.WEAKER_WALLS: "red"}


@dataclass
class Tally:
    """The numbers of a run. clock: seconds from any beginning.

    The display's own thread reads this while the run writes: every number is replaced as a whole, and a dictionary is
    copied before anybody walks along it.
    """

    clock: Callable[[], float] = time.monotonic
    students: int = 0
    judged: int = 0
    with_points: int = 0
    unchanged: int = 0
    recorded: int = 0
    full_marks: int = 0
    points: float = 0.0
    max_points: float = 0.0
    settled: set[str] = field(default_factory=set)
    failed: set[str] = field(default_factory=set)
    running: dict[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.began = self.clock()
        self.first_started: float | None = None

    def start(self, student: str) -> None:
        self.running[student] = self.clock()
        if self.first_started is None:
            self.first_started = self.clock()

    def judge(self, standing: Standing) -> None:
        self.running.pop(standing.student, None)
        self.settled.add(standing.student)
        self.judged += 1
        self.unchanged += standing.unchanged
        if standing.could_not_be_graded:  # no total, in no mean
            return
        self.with_points += 1
        self.points += standing.points
        self.max_points += standing.max_points
        self.full_marks += standing.points == standing.max_points

    def fail(self, student: str) -> None:
        self.running.pop(student, None)
        self.settled.add(student)
        self.failed.add(student)

    @property
    def done(self) -> int:
        """Students whom no judge has to look at any more; one who was judged and not recorded counts once."""
        return len(self.settled)

    @property
    def seconds(self) -> float:
        return self.clock() - self.began

    @property
    def seconds_left(self) -> float | None:
        """At the pace of what was graded by this run; None while too little was to tell."""
        fresh = self.judged - self.unchanged
        if self.first_started is None or fresh < _ENOUGH_TO_ESTIMATE:
            return None
        return (self.clock() - self.first_started) / fresh * (self.students - self.done)


class Shown(Watcher):
    """Counts, and says each problem in a line as it appears; of many alike only the first few."""

    def __init__(self, console: Console, stop: threading.Event | None = None) -> None:
        self.tally = Tally()
        self._console = console
        self._stop = stop
        self._tier = "A"
        self._said: Counter[Kind] = Counter()

    @property
    def stopping(self) -> bool:
        return self._stop is not None and self._stop.is_set()

    def begins(self, students: int) -> None:
        self.tally.students = students

    def walls(self, protection: Protection) -> None:
        self._tier = protection.tier
        show_notice(protection, self._console)

    def started(self, student: str) -> None:
        self.tally.start(student)

    def judged(self, standing: Standing) -> None:
        self.tally.judge(standing)
        for kind, line in () if standing.unchanged else troubles(standing, self._tier):
            self._say(kind, line)

    def failed(self, student: str, reason: str) -> None:
        self.tally.fail(student)
        self._say(Kind.NOT_GRADED, not_graded(student, reason))

    def recorded(self, students: Sequence[str]) -> None:
        self.tally.recorded += len(students)

    def _say(self, kind: Kind, line: str) -> None:
        self._said[kind] += 1
        if self._said[kind] == NAMED + 1:
            line = f"{kind}: more of these; what is said at the end counts them"
        if self._said[kind] <= NAMED + 1:
            self._print(Text(line, _STYLES.get(kind, "yellow")))

    def _print(self, line: Text) -> None:
        self._console.print(line, soft_wrap=True)


class Spoken(Shown):
    """For a terminal that cannot draw the same lines again: also says each tenth of the way, in a line of its own."""

    _tenths = 0
    _told_to_stop = False

    def judged(self, standing: Standing) -> None:
        super().judged(standing)
        self._say_how_far()

    def failed(self, student: str, reason: str) -> None:
        super().failed(student, reason)
        self._say_how_far()

    def _say_how_far(self) -> None:
        tenths = 10 * self.tally.done // max(self.tally.students, 1)
        if tenths > self._tenths:
            self._tenths = tenths
            self._print(Text(f"{_of(self.tally)} done, {_points(self.tally)}"))
        if self.stopping and not self._told_to_stop:
            self._told_to_stop = True
            self._print(Text(_STOPPING))


@contextmanager
def progress(
    assignment: str, *, stop: threading.Event | None = None, console: Console | None = None
) -> Iterator[Shown]:
    """Watches a run: on a terminal one live display, else a line per problem on stderr.

    stop: when set, the display says what is being waited for. console: where to; stderr by default.
    """
    console = console or Console(stderr=True)
    if not console.file.isatty():  # rich calls a pipe a terminal too, where FORCE_COLOR is set
        yield Shown(console, stop)
    elif not console.is_terminal or console.is_dumb_terminal:
        yield Spoken(console, stop)
    else:
        watcher = Shown(console, stop)
        with Live(
            get_renderable=lambda: view(assignment, watcher.tally, console.width, stopping=watcher.stopping),
            console=console,
            refresh_per_second=REFRESHES,
            transient=True,
        ):
            yield watcher


def view(assignment: str, tally: Tally, width: int, *, stopping: bool = False) -> RenderableType:
    """Where a run stands, in a few lines none of which is longer than the terminal is wide."""
    lines = [_points(tally), _running(tally), _counts(tally), *([_STOPPING] if stopping else [])]
    return Group(_head(assignment, tally, width), *(_line(line) for line in lines))


def _head(assignment: str, tally: Tally, width: int) -> RenderableType:
    if width < _ROOM_FOR_A_BAR:
        return _line(f"{_of(tally)}, {_times(tally)}")
    row = Table.grid(expand=True, padding=(0, 1))
    row.add_column(no_wrap=True, max_width=width // 3)
    row.add_column(ratio=1)
    row.add_column(no_wrap=True, justify="right")
    bar = ProgressBar(total=tally.students or None, completed=tally.done, pulse=not tally.students)
    row.add_row(_line(shown_name(assignment)), bar, _line(f"{_of(tally)}  {_times(tally)}"))
    return row


def _line(words: str) -> Text:
    return Text(words, no_wrap=True, overflow="ellipsis")


def _of(tally: Tally) -> str:
    return f"{tally.done} of {max(tally.students, tally.done)}"


def _times(tally: Tally) -> str:
    left = tally.seconds_left
    return _clock(tally.seconds) if left is None else f"{_clock(tally.seconds)}, about {_clock(left)} left"


def _points(tally: Tally) -> str:
    if not tally.with_points or not tally.max_points:
        return "points: none yet"
    mean, most = tally.points / tally.with_points, tally.max_points / tally.with_points
    return (
        f"points: {mean:.2f} of {most:g} on average ({tally.points / tally.max_points:.0%}), "
        f"full marks {tally.full_marks / tally.with_points:.0%}"
    )


def _running(tally: Tally) -> str:
    running = tally.running.copy()
    if not running:
        return "running: nobody" if tally.done else "starting the judges"
    longest = min(running, key=running.__getitem__)
    more = f", with {len(running) - 1} more" if len(running) > 1 else ""
    return f"running longest: {shown_name(longest)}, {tally.clock() - running[longest]:.0f} s{more}"


def _counts(tally: Tally) -> str:
    unchanged = f" ({tally.unchanged} unchanged)" if tally.unchanged else ""
    failed = f", not graded {len(tally.failed)}" if tally.failed else ""
    return f"judged {tally.judged}{unchanged}, recorded {tally.recorded}{failed}"


def _clock(seconds: float) -> str:
    """`2:05`, and `1:02:05` from an hour on."""
    minutes, seconds = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"
