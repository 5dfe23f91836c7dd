"""How long a class takes: `grader autograde` against stock `nbgrader autograde`, on the same notebooks, in one run.

Stock nbgrader starts a kernel for each submission and runs the visible tests in it; the kit runs the hidden suite
behind the jail, which is more work. Times are of whole processes; quote the ratio, not the seconds.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from grader.demo import course_in, hand_in
from grader.folder import CourseFolder

ASSIGNMENT = "04_softmax"
LEFT_OUT = {"loop", "zip"}
"""Stock nbgrader waits 30 s for a loop, and stops at a file that is no notebook."""

STOCK = """c = get_config()
c.CourseDirectory.release_directory = "assignments"
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--copies", type=int, default=3, help="how often each of the 16 submissions is handed in")
    parser.add_argument("--stock", type=int, default=6, help="how many of them stock nbgrader grades")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        folder = course_in(Path(place) / "course")
        run(folder, "-m", "grader", "release", ASSIGNMENT)
        n = multiply(folder, arguments.copies)
        stock = stock_course(folder, Path(place) / "stock", arguments.stock)
        ours = run(folder, "-m", "grader", "autograde", ASSIGNMENT) / n
        theirs = run(stock, "-m", "nbgrader", "autograde", ASSIGNMENT) / arguments.stock
    print(f"grader autograde    {n:4} submissions  {ours:6.3f} s each, everything included")
    print(f"nbgrader autograde  {arguments.stock:4} submissions  {theirs:6.3f} s each, everything included")
    print(f"ratio               {theirs / ours:.1f} on {os.cpu_count()} cores")


def multiply(folder: CourseFolder, copies: int) -> int:
    """Hands in the demonstration's class `copies` times over; returns how many submissions that makes."""
    hand_in(folder, ASSIGNMENT)
    submitted = folder.root / "submitted"
    for name in LEFT_OUT:
        shutil.rmtree(submitted / name)
    for student in list(submitted.iterdir()):
        for i in range(1, copies):
            shutil.copytree(student, submitted / f"{student.name}{i}")
    return len(list(submitted.iterdir()))


def stock_course(folder: CourseFolder, target: Path, n: int) -> Path:
    """The same course for nbgrader alone, with the first `n` submissions that it can grade."""
    shutil.copytree(folder.root, target)
    (target / "nbgrader_config.py").write_text(STOCK, encoding="utf-8")
    for student in sorted((target / "submitted").iterdir())[n:]:
        shutil.rmtree(student)
    return target


def run(folder: CourseFolder | Path, *arguments: str) -> float:
    """Seconds that a command takes in a folder; its words are shown when it fails."""
    root = folder.root if isinstance(folder, CourseFolder) else folder
    environment = {**os.environ, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
    started = time.monotonic()
    done = subprocess.run([sys.executable, *arguments], cwd=root, env=environment, capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"{' '.join(arguments)} failed:\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}")
    return time.monotonic() - started


if __name__ == "__main__":
    main()
