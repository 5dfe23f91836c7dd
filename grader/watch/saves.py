"""Noticing that a file was saved, however an editor does it: written anew, or replaced by another of its name."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from watchfiles import watch

_STEP_MS = 10
"""A change is told when nothing more has come for so long."""

_MOST_MS = 50
_LOOK_MS = 500
"""So often it is looked at in any case: network folders and virtual machines tell of no changes."""

State = tuple[int, int, int] | None
"""Inode, time of the last change and size; None where there is no file."""


@contextmanager
def saves(path: Path, hear: Callable[[], None]) -> Iterator[None]:
    """While open, `hear` is called, in another thread, after every change of the file; also when it goes or comes."""
    stop = threading.Event()
    # read here: what is saved from now on is a change
    thread = threading.Thread(target=_look, args=(path, state_of(path), hear, stop), daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(2.0)


def state_of(path: Path) -> State:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_ino, found.st_mtime_ns, found.st_size


def _look(path: Path, known: State, hear: Callable[[], None], stop: threading.Event) -> None:
    for _ in _moments(path, stop):
        now = state_of(path)
        if now != known:
            known = now
            hear()


def _moments(path: Path, stop: threading.Event) -> Iterator[object]:
    """The moments at which it is worth to look."""
    try:
        yield from watch(
            path.parent,
            watch_filter=lambda _change, changed: Path(changed).name == path.name,
            step=_STEP_MS,
            debounce=_MOST_MS,
            rust_timeout=_LOOK_MS,
            yield_on_timeout=True,
            stop_event=stop,
            recursive=False,
            raise_interrupt=False,
        )
    except (OSError, RuntimeError):  # the system watches no more files, or the folder went
        while not stop.wait(_LOOK_MS / 5000):
            yield None
