"""Memory and time of one run over a large class: `python -m benchmarks.memory --students 1000 10000`.

Prints, and with `--plot FILE` draws, the proportional set size of the command, the judge and the jail (its zygote and
the children that run) against the submissions that are done. Both are meant to be lines: memory level, time straight.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.classes import hand_in
from benchmarks.commands import python
from grader.demo_class import course_in
from grader.folder import CourseFolder

ROLES = {"grader.jail.zygote": "jail", "grader.judge.server": "judge"}
"""What stands in the command line of the processes; all others belong to the command."""

MIB = 2**20
LOOK_SECONDS = 2.0


@dataclass(frozen=True)
class Sample:
    """One look: seconds since the start, submissions done, MiB by role, and MiB of each child of the jail."""

    seconds: float
    done: int
    memory: dict[str, float]
    children: tuple[float, ...]


@dataclass
class Run:
    """One class, from the first look to the last."""

    students: int
    samples: list[Sample] = field(default_factory=list)

    def peak(self, role: str, half: int) -> float:
        """The most that a role had in the first (0) or second (1) half of the class."""
        parts = [s for s in self.samples if s.done and (s.done > self.students / 2) == bool(half)]
        return max((s.memory.get(role, 0.0) for s in parts), default=0.0)


def measured(folder: CourseFolder, assignment: str, students: int) -> Run:
    """Grades a class and looks at its processes meanwhile."""
    graded = folder.root / ".grader" / "graded" / assignment
    run = Run(students)
    started = time.monotonic()
    command = [sys.executable, "-m", "grader", "autograde", assignment, "--json"]
    with subprocess.Popen(command, cwd=folder.root, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        while process.poll() is None:
            done = sum(1 for _ in graded.glob("*.json")) if graded.is_dir() else 0
            memory, children = _memory(process.pid)
            run.samples.append(Sample(time.monotonic() - started, done, memory, children))
            time.sleep(LOOK_SECONDS)
    if process.returncode != 0:
        sys.exit(f"grader autograde ended with {process.returncode}")
    run.samples.append(Sample(time.monotonic() - started, students, {}, ()))
    return run


def _memory(root: int) -> tuple[dict[str, float], tuple[float, ...]]:
    found: defaultdict[str, float] = defaultdict(float)
    jail = []
    for pid in _tree(root):
        try:
            words = Path(f"/proc/{pid}/cmdline").read_text(encoding="utf-8", errors="replace")
            lines = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="utf-8").splitlines()
        except OSError:  # it has ended meanwhile
            continue
        size = next(1024 * int(line.split()[1]) for line in lines if line.startswith("Pss:")) / MIB
        role = next((role for name, role in ROLES.items() if name in words), "command")
        found[role] += size
        if role == "jail":
            jail.append(size)
    # the zygote waits in a process of a few MiB outside of its namespace, and is itself the oldest inside
    return dict(found), tuple(jail[2:])


def _tree(root: int) -> Iterator[int]:
    parents = {}
    for name in filter(str.isdigit, os.listdir("/proc")):  # noqa: PTH208 - names are enough
        try:
            parents[int(name)] = int(Path(f"/proc/{name}/stat").read_text().rpartition(")")[2].split()[1])
        except OSError:
            continue
    waiting = [root]
    while waiting:
        pid = waiting.pop(0)
        yield pid
        waiting += sorted(child for child, parent in parents.items() if parent == pid)


def report(run: Run) -> None:
    total = run.samples[-1].seconds
    print(f"{run.students} submissions: {total:.0f} s, {total / run.students:.3f} s each")
    for role in ("command", "judge", "jail"):
        print(f"  {role}: {run.peak(role, 0):.0f} MiB at most in the first half, {run.peak(role, 1):.0f} in the second")
    children = [size for sample in run.samples for size in sample.children]
    if children:
        print(f"  a running child: {sum(children) / len(children):.0f} MiB on average (proportional set size)")


def plot(runs: list[Run], path: Path) -> None:
    """Memory and time against submissions done, one line for each class."""
    import matplotlib

    matplotlib.use("agg")
    import matplotlib.pyplot as plt

    figure, (memory, seconds) = plt.subplots(1, 2, figsize=(10, 3.6))
    for run in runs:
        looks = [each for each in run.samples if each.memory]
        done = [each.done for each in looks]
        memory.plot(done, [sum(each.memory.values()) for each in looks], label=f"{run.students:,} submissions")
        seconds.plot([each.done for each in run.samples], [each.seconds for each in run.samples])
    memory.set(xlabel="submissions done", ylabel="MiB of all processes", ylim=(0, None), xscale="log")
    seconds.set(xlabel="submissions done", ylabel="seconds")
    memory.legend()
    figure.tight_layout()
    figure.savefig(path)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.memory", description=__doc__.splitlines()[0])
    parser.add_argument("--assignment", default="03_losses")
    parser.add_argument("--students", type=int, nargs="+", default=[1000], help="sizes of classes")
    parser.add_argument("--plot", type=Path, help="a picture to write, such as docs/memory.svg")
    arguments = parser.parse_args()
    runs = []
    for n in arguments.students:
        with tempfile.TemporaryDirectory() as place:
            folder = course_in(Path(place) / "course")
            python("-m", "grader", "release", arguments.assignment, folder=folder.root)
            hand_in(folder, arguments.assignment, n)
            runs.append(measured(folder, arguments.assignment, n))
            report(runs[-1])
    if arguments.plot:
        plot(runs, arguments.plot)


if __name__ == "__main__":
    main()
