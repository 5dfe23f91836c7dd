from __future__ import annotations

import os
from collections.abc import Callable, Iterator

import pytest

from grader.jail.jail import Jail
from grader.jail.limits import Limits
from grader.jail.proofs import Protection, try_walls
from grader.jail.session import Session
from grader.notebook.running import RunCell

QUICK = Limits(cell_seconds=2.0, probe_seconds=1.0, memory=400 * 2**20)


@pytest.fixture(scope="session")
def protection(jail: Jail) -> Protection:
    found = try_walls(jail.gates[0], os.getpid())
    if found.tier != "A":
        pytest.skip(
            f"this machine gives isolation of tier {found.tier} only: {', '.join(found.open) or 'no namespaces'}"
        )
    return found


@pytest.fixture
def run(jail: Jail) -> Iterator[Callable[..., Session]]:
    """Runs cells, given as source texts, and returns their session."""
    sessions: list[Session] = []

    def run_cells(*sources: str, limits: Limits = QUICK) -> Session:
        cells = [RunCell(str(i), source, i) for i, source in enumerate(sources)]
        sessions.append(Session(jail.gates[0], cells, limits))
        sessions[-1].run_cells()
        return sessions[-1]

    yield run_cells
    for session in sessions:
        session.close()


@pytest.fixture
def in_a_fork() -> Callable[[Callable[[], tuple[str, ...]]], list[str]]:
    """Runs a function in a fork of this process; returns the words that it returned."""
    return _in_a_fork


def _in_a_fork(work: Callable[[], tuple[str, ...]]) -> list[str]:
    read, write = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            os.write(write, "\n".join(work()).encode())
        finally:
            os._exit(0)
    os.close(write)
    with os.fdopen(read) as words:
        text = words.read()
    os.waitpid(pid, 0)
    return text.split("\n")
