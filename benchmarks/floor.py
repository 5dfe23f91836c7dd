"""The floor: the same cells and the same calls, in one warm process for each core, with nothing around them.

Run as `python -m benchmarks.floor COURSE ASSIGNMENT JOBS`: grades nothing and holds no attack off; it only runs what
any grader must run. Prints, as JSON, the seconds from the first cell to the last call, and how much ran.
"""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path
from typing import Any

from benchmarks.classes import TROUBLE
from grader.course import exercises
from grader.folder import CourseFolder
from grader.jail import wire
from grader.jail.answers import Answers
from grader.jail.probing import probe_function
from grader.jail.shell import CellShell, run_cell
from grader.jail.warmup import warm_up
from grader.judge.jail_world import AskedWorld, Question
from grader.judge.references import References
from grader.judge.submission import handed_in
from grader.notebook.running import RunCell, cells_to_run, lesson_sources


def calls_of(folder: CourseFolder, assignment: str) -> list[Question]:
    """All calls that the hidden suite makes of a right answer."""
    from benchmarks.hidden_tests import load_suite

    references = References(folder, assignment)
    world = AskedWorld(references.world)
    suite = load_suite(folder.hidden_suite(assignment))
    for each in exercises(assignment):
        suite.grade(each.name, world, references.expected, folder.seed(assignment))
    return world.questions


def run_all(shell: CellShell, cells: tuple[RunCell, ...], calls: list[Question]) -> None:
    """One submission's cells, then the suite's calls; whatever they raise is part of it."""
    for cell in cells:
        run_cell(shell, cell.name, cell.source, 2**20, drawn=cell.drawn)
    answers = Answers(shell.user_ns)
    for call in calls:
        try:
            probe_function(call.code)(answers, *wire.decode(call.payload))
        except Exception:  # wrong answers raise, too
            continue
    shell.reset(new_session=True, aggressive=False)


def main() -> None:
    folder, assignment, jobs = CourseFolder(Path(sys.argv[1])), sys.argv[2], int(sys.argv[3])
    released = folder.released_notebook(assignment)
    students = [s for s in folder.students(assignment) if not s.startswith(TROUBLE)]
    lesson = lesson_sources(released)
    work = [cells_to_run(handed_in(folder, s, assignment).opened(released).notebook, lesson) for s in students]
    calls = calls_of(folder, assignment)
    shell = warm_up()
    run_all(shell, work[0], calls)
    started = time.monotonic()
    pids = [_in_a_fork(shell, work[i::jobs], calls) for i in range(jobs)]
    failed = [os.waitpid(pid, 0)[1] for pid in pids]
    seconds = time.monotonic() - started
    if any(failed):
        sys.exit("a process of the floor failed")
    print(json.dumps({"seconds": seconds, "submissions": len(work), "calls": len(calls)}))


def _in_a_fork(shell: CellShell, work: list[tuple[RunCell, ...]], calls: list[Question]) -> int:
    pid = os.fork()
    if pid == 0:
        code: Any = 1
        try:
            for cells in work:
                run_all(shell, cells, calls)
            code = 0
        finally:
            os._exit(code)
    return pid


if __name__ == "__main__":
    main()
