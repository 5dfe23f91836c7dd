"""Trying the walls: a throw-away child really attempts what must not work, before any stranger's code runs."""

from __future__ import annotations

import contextlib
import dataclasses
import importlib.util
import os
import platform
import select
import socket
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from grader.jail import view
from grader.jail.attempts import ATTEMPTS, DECISIVE, Facts
from grader.jail.children import Child, LostError
from grader.jail.gate import Gate
from grader.jail.layers import OUT_OF_REACH, Missing
from grader.jail.limits import Limits

CONTAINED = "GRADER_CONTAINED"
"""Set to 1, this variable says that the whole machine is a container or virtual machine made for grading only."""

_COURSE = "home and course folders closed"
_SECONDS = 20.0
_LONGEST_PLACE = 60
_SAMPLES = 3
_LEAVE = "import pathlib\npath = pathlib.Path('left-behind')\npath.write_text('secret')\nprint(path.absolute())"
_TRY = "from grader.jail.attempts import Facts, open_walls\nprint(*open_walls(Facts(**{facts!r})), sep='\\n')"


@dataclass(frozen=True)
class Protection:
    """Which layers were taken on and which were not, which walls held when tried, and which stood open.

    contained: the machine itself was declared a wall, and has no way out to a network.
    """

    layers: tuple[str, ...]
    held: tuple[str, ...]
    open: tuple[str, ...]
    missing: tuple[Missing, ...] = ()
    contained: bool = False

    @property
    def decisive(self) -> tuple[str, ...]:
        """The open walls for which strangers' code may not run."""
        return tuple(name for name in self.open if name not in ATTEMPTS or name in DECISIVE)

    @property
    def sufficient(self) -> bool:
        """Whether strangers' code may run: files and network are out of its reach."""
        return not self.decisive

    @property
    def tier(self) -> str:
        """A: everything. B: no namespaces, but files and network closed. C: only the machine around it. D: nothing."""
        if not self.sufficient:
            return "C" if self.contained else "D"
        return "A" if any("namespaces" in layer for layer in self.layers) and not self.open else "B"

    def without(self, names: tuple[str, ...]) -> Protection:
        """What is left of it for a child that lacks some of the layers: nothing that was tried counts for it."""
        if not names:
            return self
        left = tuple(each for each in self.layers if each not in names)
        return dataclasses.replace(self, layers=left, held=(), open=(*self.held, *self.open))


def try_walls(gate: Gate, supervisor: int, private: Iterable[Path] = ()) -> Protection:
    """Attempts every forbidden thing in a child of its own, next to another.

    supervisor: a process it must not see. private: files and folders of the course that it must not read.
    JailError when no child can be made.
    """
    limits, private = Limits(cell_seconds=_SECONDS), tuple(private)
    exposed = _exposed(private)
    with ExitStack() as stack:
        neighbour, child = (stack.enter_context(_ended(gate.spawn(limits))) for _ in range(2))
        layers = (*gate.layers, *child.layers)
        missing = (*exposed, *gate.missing, *child.missing)
        try:
            worked = _tried(neighbour, child, supervisor, private) | ({_COURSE} if exposed else set())
        except LostError as lost:
            why = f"the trial child was lost ({lost})"
            return Protection(layers, (), (why, *ATTEMPTS), missing, _contained())
    held = tuple(each for each in ATTEMPTS if each not in worked)
    return Protection(layers, held, tuple(each for each in ATTEMPTS if each in worked), missing, _contained())


def _exposed(private: tuple[Path, ...]) -> tuple[Missing, ...]:
    """The course where a child reads it by its very view: at most one entry, about the first path that lies so."""
    for path in private:
        tree = view.exposing(path)
        if tree:
            return (Missing(OUT_OF_REACH, f"{path} lies in {tree}, which student code reads"),)
    return ()


@contextmanager
def _ended(child: Child) -> Iterator[Child]:
    try:
        yield child
    finally:
        child.end()


def _tried(neighbour: Child, child: Child, supervisor: int, private: tuple[Path, ...]) -> set[str]:
    """The walls that did not hold."""
    left_behind = _printed(neighbour.ask({"name": "neighbour", "source": _LEAVE}, _SECONDS)).strip()
    with _something_to_reach(left_behind, supervisor, private) as (facts, arrived):
        source = _TRY.format(facts=dataclasses.asdict(facts))
        reply = child.ask({"name": "trial", "source": source}, _SECONDS)
        if reply.get("ok") is not True:
            raise LostError("crashed", "the trial could not be run: " + str(reply.get("outputs"))[-300:])
        # what arrived here counts, whatever is said about it in there
        return {*_printed(reply).split("\n"), *arrived()} & ATTEMPTS.keys()


def _printed(reply: dict[str, Any]) -> str:
    return "".join(str(output.get("text", "")) for output in reply.get("outputs", ()))


@contextmanager
def _something_to_reach(left_behind: str, supervisor: int, private: tuple[Path, ...]) -> Iterator[tuple[Facts, Any]]:
    with tempfile.TemporaryDirectory(prefix="grader-trial-", dir=_short_place()) as folder, ExitStack() as stack:
        Path(folder).chmod(0o755)  # open to all by its mode: only walls may hold
        canary = Path(folder, "canary")
        canary.write_text("secret", encoding="utf-8")
        stream = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
        datagrams = stack.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
        datagrams.bind(("127.0.0.1", 0))
        named, abstract = f"{folder}/socket", f"\0{folder}"
        listening = {"network closed": stream, "datagrams closed": datagrams}
        for wall, address in (("sockets of other programs closed", named), ("abstract sockets closed", abstract)):
            listening[wall] = stack.enter_context(socket.socket(socket.AF_UNIX, socket.SOCK_STREAM))
            if address is named or platform.system() == "Linux":  # only Linux has abstract ones
                listening[wall].bind(address)
                listening[wall].listen()
        Path(named).chmod(0o777)
        facts = Facts(
            canary=str(canary),
            files=tuple(sample for each in (Path.home(), Path.cwd(), *private) for sample in _samples(each)),
            libraries=(os.__file__, *_origin("torch")),
            left_behind=left_behind,
            port=stream.getsockname()[1],
            datagrams=datagrams.getsockname()[1],
            socket=named,
            abstract=abstract,
            pid=supervisor,
            born=_born(supervisor),
        )
        yield facts, lambda: {wall for wall, each in listening.items() if select.select([each], [], [], 0)[0]}


def _short_place() -> str:
    """Where temporary files go, unless a socket's name, of a hundred bytes at most, would be too long there."""
    usual = tempfile.gettempdir()
    return usual if len(os.fsencode(usual)) <= _LONGEST_PLACE else "/tmp"


def _origin(package: str) -> list[str]:
    found = importlib.util.find_spec(package)
    return [found.origin] if found and found.origin else []


def _samples(place: Path) -> list[str]:
    """A file, or a few of those in a folder, to be tried by name; not what makes the folder a virtual environment."""
    try:
        files = [place] if place.is_file() else (each for each in place.iterdir() if _is_own_file(each))
        return [str(path) for path in islice(files, _SAMPLES)]
    except OSError:
        return []


def _is_own_file(path: Path) -> bool:
    return path.is_file() and path.name != "pyvenv.cfg"


def _born(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[19]
    except OSError:
        return ""


def _contained() -> bool:
    """Whether the machine was declared a wall, and nothing leads out of it."""
    return os.environ.get(CONTAINED) == "1" and not _leads_out()


def _leads_out() -> bool:
    """Whether there is a route to the world; nothing is sent (192.0.2.1 and 2001:db8::1 belong to nobody)."""
    for family, address in ((socket.AF_INET, "192.0.2.1"), (socket.AF_INET6, "2001:db8::1")):
        with contextlib.suppress(OSError), socket.socket(family, socket.SOCK_DGRAM) as trial:
            trial.connect((address, 53))
            return True
    return False


def refusal(protection: Protection) -> str:
    """Why strangers' code is not run here, in one sentence with the remedy."""
    from grader.jail.remedies import remedy

    walls = ", ".join(protection.decisive)
    lost = next(iter(protection.missing), None)
    why = f" (the first layer missing: {lost.name}: {lost.why})" if lost else ""
    return (
        f"strangers' code is not run here: when tried, these walls did not hold: {walls}{why}. "
        f"{remedy(lost) if lost else ''} `grader doctor` tells all; --policy warn goes on all the same, and is for "
        "your own code, or for a container or virtual machine without network that holds nothing else"
    )


__all__ = ["DECISIVE", "Protection", "refusal", "try_walls"]
