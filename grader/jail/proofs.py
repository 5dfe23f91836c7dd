"""Trying the walls: a throw-away child really attempts what must not work, before any stranger's code runs."""

from __future__ import annotations

import socket
import tempfile
from dataclasses import dataclass

from grader.jail.gate import Gate, LostError
from grader.jail.limits import Limits

OPEN = "OPEN"

# each prints OPEN when the wall is not there; the two that decide whether grading may start come first
_ATTEMPTS = {
    "file system closed": "open({canary!r}).read(); print('OPEN')",
    "network closed": "import socket; socket.create_connection(('127.0.0.1', {port}), 1); print('OPEN')",
    "libraries read-only": "import torch, pathlib; pathlib.Path(torch.__file__).open('ab'); print('OPEN')",
    "other processes out of sight": "import os; os.kill({pid}, 0); print('OPEN')",
    "no tracing": "import ctypes; print('OPEN' if ctypes.CDLL(None).ptrace(0, 0, 0, 0) == 0 else '')",
    "no new namespaces": "import ctypes; print('OPEN' if ctypes.CDLL(None).unshare(0x10000000) == 0 else '')",
}
DECISIVE = ("file system closed", "network closed")


@dataclass(frozen=True)
class Protection:
    """Which layers were taken on, which walls held when tried, and which stood open."""

    layers: tuple[str, ...]
    held: tuple[str, ...]
    open: tuple[str, ...]

    @property
    def sufficient(self) -> bool:
        """Whether strangers' code may run: files and network are out of its reach."""
        return not set(DECISIVE) & set(self.open)

    @property
    def tier(self) -> str:
        """A: everything; B: no namespaces, but files and network closed; D: nothing to rely on."""
        if not self.sufficient:
            return "D"
        return "A" if any("namespaces" in layer for layer in self.layers) and not self.open else "B"


def try_walls(gate: Gate, supervisor: int) -> Protection:
    """Attempts every forbidden thing in a child of its own. `supervisor`: a process id that it must not see."""
    with tempfile.NamedTemporaryFile() as canary, socket.create_server(("127.0.0.1", 0)) as server:
        canary.write(b"secret")
        canary.flush()
        facts = {"canary": canary.name, "port": server.getsockname()[1], "pid": supervisor}
        child = gate.spawn(Limits(cell_seconds=5.0))
        try:
            results = {
                name: child.ask({"name": name, "source": attempt.format(**facts)}, 5.0)
                for name, attempt in _ATTEMPTS.items()
            }
        except LostError as lost:
            return Protection(gate.layers, (), (f"the trial child was lost: {lost}", *DECISIVE))
        finally:
            child.end()
    open_ = tuple(name for name, reply in results.items() if _printed_open(reply))
    held = tuple(name for name in _ATTEMPTS if name not in open_)
    return Protection((*gate.layers, *child.layers), held, open_)


def _printed_open(reply: dict[str, list[dict[str, str]]]) -> bool:
    return any(output.get("text", "").strip() == OPEN for output in reply["outputs"])
