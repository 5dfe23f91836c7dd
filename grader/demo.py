"""A whole course in two minutes: released, handed in by a small class with typical troubles, graded, fed back."""

from __future__ import annotations

import os
import time
from pathlib import Path

from rich.console import Console

from grader import course
from grader.autograde import autograde
from grader.demo_class import course_in, hand_in
from grader.feedback import feedback
from grader.jail.limits import Limits
from grader.progress import progress
from grader.release import release
from grader.report.write import write_report
from grader.tables import class_table

GRADED = ("01_tensors", "06_modules")
"""The assignments that the demonstration's class hands in; all are released."""

_LIMITS = Limits(cell_seconds=15.0, probe_seconds=2.5)
"""Shorter than usual: one student loops for ever, and nobody wants to watch that for long."""


def demo(target: Path | None = None) -> Path:
    """Runs the demonstration in `target`, an empty or new folder (a temporary one by default), and returns it."""
    console = Console(highlight=False)
    started = time.monotonic()
    folder = course_in(target)
    console.print(f"a course folder with everything in it: {folder.root}")
    names = course.assignments()
    for each in release(folder, names):
        console.print(f"released {each.assignment}: {each.points:g} points, {each.folder}")
    for name in GRADED:
        class_ = hand_in(folder, name)
        console.print(f"\n{len(class_)} students handed in {name}")
        with progress(name) as shown:
            result = autograde(folder, name, jobs=os.cpu_count() or 1, limits=_LIMITS, watcher=shown)
        class_table(name, result)
        feedback(folder, name)
        console.print(f"the class on one page: {write_report(folder, name)}", soft_wrap=True)
    console.print(f"\nfeedback for every student: {folder.root}/feedback/STUDENT/NAME/NAME.html")
    console.print(f"all of it took {time.monotonic() - started:.0f} s")
    return folder.root
