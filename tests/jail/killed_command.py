"""A command that is killed while it grades: starts a pool, says when a submission runs, and waits for it for ever.

    python killed_command.py [alone | in-a-thread]

The submission ignores whatever asks it to end, and leaves a process that does so too; alone: it leaves none.
in-a-thread: the pool is made by a thread that then ends, as servers do it; the submission is a right one, and its
points are printed.
"""

from __future__ import annotations

import copy
import sys
import threading
from typing import Any

from grader.folder import CourseFolder
from grader.jail.limits import Limits
from grader.judge.pool import Pool
from grader.judge.submission import Submission
from grader.notebook.repair import grade_id

ASSIGNMENT = "04_softmax"
LIMITS = Limits(cell_seconds=900.0, seconds=900.0)
BUSY = """
import os, signal, time
signal.setitimer(signal.ITIMER_REAL, 0)
for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT): signal.signal(number, signal.SIG_IGN)
if {forks} and os.fork() == 0:
    os.setsid()
while True: time.sleep(1)
"""
RIGHT = """
def softmax(x):
    powers = (x - x.amax(-1, keepdim=True)).exp()
    return powers / powers.sum(-1, keepdim=True)
"""


def submission(folder: CourseFolder, answer: str) -> Submission:
    notebook: dict[str, Any] = copy.deepcopy(folder.released_notebook(ASSIGNMENT))
    for cell in notebook["cells"]:
        if grade_id(cell) == "softmax":
            cell["source"] = answer
    return Submission("you", ASSIGNMENT, notebook)


def main() -> None:
    folder, made = CourseFolder.find(), []

    def make() -> None:
        made.append(Pool(folder, ASSIGNMENT, policy="warn", limits=LIMITS))
        made[0].wait_until_ready()

    if sys.argv[1:] == ["in-a-thread"]:
        thread = threading.Thread(target=make)
        thread.start()
        thread.join()
        with made[0] as pool:
            print(pool.grade(submission(folder, RIGHT)).result.verdict.exercise("softmax").points)  # noqa: T201
        return
    with Pool(folder, ASSIGNMENT, policy="warn", limits=LIMITS) as pool:
        pool.wait_until_ready()
        print("ready", flush=True)  # noqa: T201
        pool.grade(submission(folder, BUSY.format(forks=sys.argv[1:] != ["alone"])))


if __name__ == "__main__":
    main()
