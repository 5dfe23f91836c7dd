"""How fast a class is graded: against stock nbgrader, and against running its code with nothing around it.

All of it in one run on one machine, several times over; quote the ratios, not the seconds. Times are of whole commands,
starts included, but for the floor, which is warm, and for stock nbgrader, whose start is taken out.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks import stock
from benchmarks.classes import TROUBLE, hand_in
from benchmarks.commands import python
from grader.demo_class import course_in
from grader.folder import CourseFolder

ASSIGNMENTS = ("03_losses", "06_modules")


@dataclass
class Timed:
    """Seconds of one thing for each submission, once for each repetition."""

    name: str
    jobs: int
    seconds: list[float] = field(default_factory=list)

    def ratios(self, other: Timed) -> list[float]:
        """How many times as long as this the other took, repetition by repetition."""
        return [theirs / ours for ours, theirs in zip(self.seconds, other.seconds, strict=True)]


@dataclass
class Class:
    """One assignment's class, and what is measured on it."""

    folder: CourseFolder
    assignment: str
    stock: Path
    sample: int
    cores: int = os.cpu_count() or 1

    def __post_init__(self) -> None:
        everyone = self.folder.students(self.assignment)
        self.plain = tuple(each for each in everyone if not each.startswith(TROUBLE))
        self.everyone = len(everyone)
        self.kit = Timed("grader autograde, without those that hang or are mangled", self.cores)
        self.kit_alone = Timed("the same with one worker", 1)
        self.whole = Timed("grader autograde, the whole class", self.cores)
        self.floor = Timed("the floor: cells and calls in warm processes, nothing around them", self.cores)
        self.floor_alone = Timed("the floor in one process", 1)
        self.theirs = Timed("stock nbgrader autograde, hidden tests as cells", 1)
        self.plugin = Timed("plain nbgrader autograde with the kit's preprocessor, one student", 1)
        self.check = Timed("grader check of a right notebook, from cold", 1)
        self.torch = Timed("python -c 'import torch', for comparison", 1)

    @property
    def all(self) -> tuple[Timed, ...]:
        graded = (self.kit, self.kit_alone, self.whole, self.floor, self.floor_alone, self.theirs, self.plugin)
        return *graded, self.check, self.torch

    def measure(self) -> None:
        """One repetition of everything."""
        chosen = [option for student in self.plain for option in ("--student", student)]
        for timed in (self.kit, self.kit_alone):
            timed.seconds.append(self._grade("--jobs", str(timed.jobs), *chosen) / len(self.plain))
        self.whole.seconds.append(self._grade("--jobs", str(self.cores)) / self.everyone)
        for timed in (self.floor, self.floor_alone):
            timed.seconds.append(self._floor(timed.jobs))
        self.theirs.seconds.append(self._stock())
        self.plugin.seconds.append(self._plugin())
        right = str(self.folder.submission(self.assignment, self.plain[0]))
        self.check.seconds.append(python("-m", "grader", "check", right, folder=self.folder.root))
        self.torch.seconds.append(python("-c", "import torch", folder=self.folder.root))

    def _grade(self, *options: str) -> float:
        return python("-m", "grader", "autograde", self.assignment, "--force", *options, folder=self.folder.root)

    def _floor(self, jobs: int) -> float:
        command = [sys.executable, "-m", "benchmarks.floor", str(self.folder.root), self.assignment, str(jobs)]
        told = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
        return float(told["seconds"] / told["submissions"])

    def _stock(self) -> float:
        """From two runs, so that nbgrader's own start does not count."""
        step = len(self.plain) // self.sample
        many, few = self.plain[::step][: self.sample], self.plain[:1]
        longer = stock.seconds(self.stock, self.folder, self.assignment, many)
        shorter = stock.seconds(self.stock, self.folder, self.assignment, few)
        return (longer - shorter) / (len(many) - len(few))

    def _plugin(self) -> float:
        """Plain nbgrader grades the sample one by one, since it takes one name or all."""
        return python(
            "-m",
            "nbgrader",
            "autograde",
            self.assignment,
            "--force",
            "--student",
            self.plain[0],
            folder=self.folder.root,
        )

    def differing(self) -> list[str]:
        """Of the sample, those who have other points by stock nbgrader than by the kit."""
        ours, theirs = (stock.points(root, self.assignment) for root in (self.folder.root, self.stock))
        return [f"{name}: {ours[name]:g} and {mine:g}" for name, mine in theirs.items() if ours[name] != mine]


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__.splitlines()[0])
    parser.add_argument("assignments", nargs="*", default=list(ASSIGNMENTS), metavar="NAME")
    parser.add_argument("--students", type=int, default=100, help="how many hand in")
    parser.add_argument("--sample", type=int, default=6, help="how many of them stock nbgrader grades")
    parser.add_argument("--repeat", type=int, default=3, help="how often all of it is measured")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        folder = course_in(Path(place) / "course")
        for name in arguments.assignments:
            python("-m", "grader", "release", name, folder=folder.root)
            hand_in(folder, name, arguments.students)
            made = Class(
                folder, name, stock.stock_course(folder, Path(place) / f"stock-{name}", name), arguments.sample
            )
            for i in range(arguments.repeat):
                print(f"{name}: measuring, {i + 1} of {arguments.repeat}", file=sys.stderr, flush=True)
                made.measure()
            report(made)


def report(made: Class) -> None:
    """A line for each thing, then the ratios that count."""
    print(f"\n{made.assignment}: {made.everyone} submissions, {made.cores} cores, seconds for each submission")
    for timed in made.all:
        print(f"  {statistics.median(timed.seconds):7.3f}  {_spread(timed.seconds, 3)}  {timed.name}")
    for words, ratios in (
        ("times as fast as stock nbgrader", made.kit.ratios(made.theirs)),
        ("times as fast as stock nbgrader, with one worker", made.kit_alone.ratios(made.theirs)),
        ("times the floor", made.floor.ratios(made.kit)),
        ("times the floor, with one worker", made.floor_alone.ratios(made.kit_alone)),
        ("grader check from cold, times the import of torch", made.torch.ratios(made.check)),
    ):
        print(f"  {statistics.median(ratios):7.1f}  {_spread(ratios, 1)}  {words}")
    differing = made.differing()
    print(f"  points by stock nbgrader differ for {len(differing)} of the sample {differing or ''}")


def _spread(values: list[float], digits: int) -> str:
    return f"({min(values):.{digits}f} to {max(values):.{digits}f})"


if __name__ == "__main__":
    main()
