"""The loop of a watcher: saves, keys, signals and verdicts come in one by one, and each changes what is shown."""

from __future__ import annotations

import os
import queue
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from rich.console import Console

from grader.achieved import Achieved
from grader.device import CPU, Device, choose
from grader.interrupts import raise_interrupted
from grader.jail.notice import notice
from grader.judge.pool import JudgeError
from grader.judge.submission import Submission
from grader.learner.check import note
from grader.learner.own_work import OwnWork
from grader.learner.plain_file import PlainFileError
from grader.tables import show_notice
from grader.watch.display import Display, display
from grader.watch.judges import Judged, Judges, NotJudged, NotStarted, Started, Told, Warm
from grader.watch.keys import END, Keyboard, keyboard
from grader.watch.pruned import Changed, changed, same_code
from grader.watch.saves import saves
from grader.watch.state import State, is_newest, judged, pressed, saved, troubled, unchanged, warm

GRACE = 0.3
"""Seconds in which a file may be gone or in the middle of being written, before that is worth a word."""

_EXIT_CODES = {signal.SIGINT: 0, signal.SIGTERM: 128 + signal.SIGTERM, signal.SIGHUP: 128 + signal.SIGHUP}


@dataclass(frozen=True)
class Saved:
    """The file may have changed. late: looked at once more, after a moment."""

    late: bool = False


@dataclass(frozen=True)
class Pressed:
    key: str


@dataclass(frozen=True)
class Signalled:
    number: int


Event = Told | Saved | Pressed | Signalled


def watch(work: OwnWork, *, policy: str = "warn", device: str = CPU, console: Console | None = None) -> int:
    """Checks at every save until its user quits; returns the exit code, 0 unless a signal other than Ctrl-C ended it.

    JudgeError when grading cannot start at all, DeviceError when it cannot on this `device`.
    """
    return Watcher(work, policy, console or Console(), device=choose(device)).run()


class Watcher:
    """Holds the state and the last version that was read."""

    def __init__(
        self,
        work: OwnWork,
        policy: str,
        console: Console,
        display: Callable[[State, Console], Display] = display,
        *,
        device: Device = Device(),
    ) -> None:
        self._device = device
        self._work, self._policy, self._console, self._made = work, policy, console, display
        self._events: queue.SimpleQueue[Event] = queue.SimpleQueue()
        self._state = State(work.name, work.assignment, Achieved().place(), _solution(work))
        self._read: Submission | None = None
        self._failed = False
        self._started: Started | None = None

    def put(self, event: Event) -> None:
        """Something that happened; from any thread."""
        self._events.put(event)

    def run(self) -> int:
        with ExitStack() as opened:
            opened.enter_context(heard_signals(self._events.put))
            self._judges = Judges(self._work, self._policy, self._events.put, self._device)
            opened.callback(self._judges.close)
            opened.enter_context(saves(self._work.path, lambda: self._events.put(Saved())))
            self._display = opened.enter_context(self._made(self._state, self._console))
            keys = opened.enter_context(keyboard(lambda key: self._events.put(Pressed(key))))
            code = self._loop(keys)
        if self._started is not None:
            show_notice(self._started.protection)
        return code

    def _loop(self, keys: Keyboard | None) -> int:
        while True:
            event = self._events.get()
            if isinstance(event, Signalled) and event.number in _EXIT_CODES:
                return _EXIT_CODES[signal.Signals(event.number)]
            if isinstance(event, Pressed) and event.key in ("q", END):
                return 0
            if isinstance(event, Signalled):
                self._signalled(event.number, keys)
            else:
                self._state = self._after(event)
            self._display.show(self._state)

    def _after(self, event: Event) -> State:
        if isinstance(event, Pressed):
            return self._pressed(event.key)
        if isinstance(event, Saved):
            return self._looked(late=event.late)
        if isinstance(event, Started):
            self._started = event
            return self._looked(replace(self._state, walls=notice(event.protection)))
        if isinstance(event, Judged):
            return self._judged(event)
        if isinstance(event, Warm):
            return warm(self._state)
        if isinstance(event, NotStarted):
            raise JudgeError(event.reason)
        assert isinstance(event, NotJudged)
        self._failed = True
        return troubled(self._state, f"the judge could not check this: {event.reason}; save again to try once more")

    def _pressed(self, key: str) -> State:
        state = pressed(self._state, key, self._display.page())
        return replace(state, scroll=min(state.scroll, self._display.overflow()))

    def _judged(self, found: Judged) -> State:
        if found.whole and is_newest(self._state, found):  # an older one would take back what is achieved by now
            note(found.verdict, self._work)
        return judged(self._state, found, Achieved().place())

    def _looked(self, state: State | None = None, *, late: bool = True) -> State:
        """The state after the file was looked at. What cannot be read is looked at again before it is spoken of."""
        state = state or self._state
        if self._started is None:
            return state
        submission, reason = self._reading()
        if submission is None:
            if late:
                return troubled(state, reason)
            threading.Timer(GRACE, self._events.put, [Saved(late=True)]).start()
            return state
        if same_code(self._read, submission) and not self._failed:
            return state if late and not state.trouble else unchanged(state)
        before, self._read, self._failed = self._read, submission, False
        if before is None:
            self._judges.look_at_first(submission)
            return saved(state, 0, Changed())
        what = changed(before, submission)
        return saved(state, self._judges.look_at(submission, what), what)

    def _reading(self) -> tuple[Submission | None, str]:
        """What the file holds, or why it cannot be checked now."""
        if not self._work.path.exists():
            return None, f"`{self._work.name}` is gone; it is checked again as soon as it is back"
        try:
            submission = self._work.read()
        except PlainFileError as error:
            return None, str(error)
        return (None, submission.problem) if submission.problem else (submission, "")

    def _signalled(self, number: int, keys: Keyboard | None) -> None:
        """Ctrl-Z: the terminal is the shell's until this goes on. (A new size needs no more than drawing.)"""
        if number != signal.SIGTSTP:
            return
        self._display.pause()
        if keys is not None:
            keys.give_back()
        os.kill(os.getpid(), signal.SIGSTOP)
        if keys is not None:
            keys.take()
        self._display.resume()


def _solution(work: OwnWork) -> Path | None:
    path = work.folder.solution(work.assignment)
    return path if path.is_file() else None


@contextmanager
def heard_signals(hear: Callable[[Signalled], None]) -> Iterator[None]:
    """In here signals are heard as events; a second Ctrl-C ends at once whatever goes on.

    A thread passes them on: of a signal that arrives in the moment before a wait begins, Python tells nobody until
    that wait is over. What Python writes into the pipe at once is each signal's number.
    """
    numbers = {*_EXIT_CODES, signal.SIGTSTP, signal.SIGWINCH}

    def heard(number: int, _frame: object) -> None:
        if number == signal.SIGINT:
            signal.signal(signal.SIGINT, raise_interrupted)

    def listen() -> None:
        while told := os.read(listening, 64):
            for number in told:
                hear(Signalled(number))

    listening, telling = os.pipe()
    os.set_blocking(telling, False)
    thread = threading.Thread(target=listen, daemon=True)
    thread.start()
    told_before = signal.set_wakeup_fd(telling)  # before the handlers, and as long as they: none is missed between
    before = {number: signal.signal(number, heard) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        signal.set_wakeup_fd(told_before)
        os.close(telling)  # which ends the thread
        thread.join()
        os.close(listening)
