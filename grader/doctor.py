"""What this machine offers, found by trying."""

from __future__ import annotations

import dataclasses
import importlib.metadata
import json
import os
import platform
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from grader.device import AUTO, Found, choose, look
from grader.folder import CourseFolder, NotACourseError
from grader.jail.jail import Jail
from grader.jail.limits import MIB, Limits
from grader.jail.notice import headline
from grader.jail.proofs import Protection, try_walls
from grader.jail.remedies import remedy
from grader.jail.system import JailError
from grader.judge.private import private_places

_PACKAGES = ("torch", "numpy", "ipython", "nbgrader", "pytest")


@dataclass(frozen=True)
class Examination:
    """All that is told about a machine. protection is None where `problem` says why the jail did not start.

    device: what `--device auto` takes, in words. gpu: what was found out for that.
    """

    system: str
    user: int
    protection: Protection | None
    problem: str
    device: str
    data: str
    versions: dict[str, str]
    limits: Limits = Limits()
    gpu: Found = Found()

    @property
    def sufficient(self) -> bool:
        return self.protection is not None and self.protection.sufficient


def doctor(*, as_json: bool = False) -> bool:
    """Prints layers, walls tried, limits, device, data and versions; returns whether strangers' code may run here."""
    found = examine()
    if as_json:
        sys.stdout.write(json.dumps(to_json(found), indent=1) + "\n")
    else:
        _show(found, Console(highlight=False))
    return found.sufficient


def examine() -> Examination:
    """Takes on the walls, tries them, and looks around."""
    gpu = look()
    system = f"{platform.system()} {platform.release()}, {platform.machine()}, Python {platform.python_version()}"
    protection, problem = None, ""
    try:
        with Jail(slow=(), visible=choose(AUTO, lambda: gpu).visible) as jail:
            jail.wait_until_ready()
            protection = try_walls(jail.gates[0], os.getpid(), _private())
    except JailError as error:
        problem = str(error)
    versions = {name: _version(name) for name in ("grader", *_PACKAGES)}
    user = getattr(os, "geteuid", int)()
    return Examination(system, user, protection, problem, _device(gpu), _data(), versions, gpu=gpu)


def _version(package: str) -> str:
    """Of what grading needs, nbgrader may be absent: the core does without."""
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return "not installed"


def _private() -> tuple[Path, ...]:
    """What student code must not read of the course in which the doctor was called, if it was in one."""
    try:
        return private_places(CourseFolder.find())
    except NotACourseError:
        return ()


def _device(found: Found) -> str:
    """What `--device auto` would take, and the card and its memory, or why there is none."""
    built = f"torch is built for CUDA {found.built}" if found.built else "torch is built without CUDA"
    if found.why:
        return f"cpu ({built}; {found.why})" if found.built else f"cpu ({built})"
    return f"cuda: {found.card}, {found.free // MIB} of {found.memory // MIB} MiB free ({built})"


def _data() -> str:
    from grader import data

    path = data.mnist_path()
    return f"MNIST: {path}" if path else f"scikit-learn's digits (no MNIST in {data.own_folder()}; `grader data mnist`)"


def to_json(found: Examination) -> dict[str, Any]:
    """Plain data for `json.dumps`."""
    protection = found.protection
    walls: dict[str, Any] = {}
    if protection is not None:
        missing = [{"name": each.name, "why": each.why, "remedy": remedy(each)} for each in protection.missing]
        walls = {
            "tier": protection.tier,
            "layers": list(protection.layers),
            "missing": missing,
            "held": list(protection.held),
            "open": list(protection.open),
            "decisive": list(protection.decisive),
        }
    rest = {key: value for key, value in dataclasses.asdict(found).items() if key != "protection"}
    return {**rest, **walls, "sufficient": found.sufficient}


def _show(found: Examination, console: Console) -> None:
    _say(console, f"{found.system}, user {found.user}")
    if found.protection is None:
        _say(console, found.problem, "red")
    else:
        _show_protection(found.protection, console)
    console.print(_limits(found.limits))
    _say(console, f"device: {found.device}")
    _say(console, f"data: {found.data}")
    _say(console, ", ".join(f"{name} {version}" for name, version in found.versions.items()))


def _show_protection(protection: Protection, console: Console) -> None:
    console.print(_layers(protection))
    console.print(_walls(protection))
    _say(console, f"isolation: {headline(protection)}", _colour(good=protection.sufficient))
    for each in protection.missing:
        if remedy(each):
            _say(console, f"{each.name}: {remedy(each)}")
    if not protection.sufficient:
        _say(console, "grading is refused here, unless --policy warn insists", "red")


def _layers(protection: Protection) -> Table:
    rows = [(name, "active", "", True) for name in protection.layers]
    rows += [(each.name, "missing", each.why, False) for each in protection.missing]
    return _table(("layer", "state", "why"), rows)


def _walls(protection: Protection) -> Table:
    rows = [(name, "held", True) for name in protection.held]
    rows += [(name, "OPEN, decisive" if name in protection.decisive else "OPEN", False) for name in protection.open]
    return _table(("wall", "when tried"), rows)


def _limits(limits: Limits) -> Table:
    sizes = {"memory", "gpu_memory", "address_space", "file_size", "scratch", "output", "reply"}
    shown = {
        name: f"{value // MIB} MiB" if name in sizes else f"{value:g}"
        for name, value in dataclasses.asdict(limits).items()
    }
    return _table(("limit of a submission", ""), [(name, value, True) for name, value in shown.items()])


def _table(columns: tuple[str, ...], rows: list[Any]) -> Table:
    """A table that wraps and never cuts; the last of a row's parts says whether it is good news."""
    table = Table()
    for name in columns:
        table.add_column(name, overflow="fold")
    for *cells, good in rows:
        table.add_row(*(Text(cell) for cell in cells), style=None if good else _colour(good=False))
    return table


def _colour(*, good: bool) -> str:
    return "green" if good else "red"


def _say(console: Console, words: str, style: str | None = None) -> None:
    """A line that stays one line, however narrow the terminal: commands in it can be copied."""
    console.print(Text(words, style or ""), soft_wrap=True)
