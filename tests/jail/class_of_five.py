"""Grades five submissions in the course folder it is started in, and prints what became of them as JSON.

Run by `test_systems.py` inside systems that refuse one thing or another.
"""

from __future__ import annotations

import copy
import json
import os
import sys
import tempfile
from pathlib import Path

from grader.folder import CourseFolder
from grader.jail.limits import MIB, Limits
from grader.judge.pool import JudgeError, Pool
from grader.judge.submission import Submission
from grader.notebook.repair import grade_id

ASSIGNMENT = "04_softmax"
LIMITS = Limits(cell_seconds=4.0, probe_seconds=1.0, memory=400 * MIB, scratch=16 * MIB, scratch_files=500)

RIGHT = """
def softmax(x):
    powers = (x - x.amax(-1, keepdim=True)).exp()
    return powers / powers.sum(-1, keepdim=True)
"""
HANGS = """
def softmax(x):
    while True:
        try:
            while True: pass
        except BaseException: pass
"""
LEAVES_DAEMONS = """
import os, signal
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT): signal.signal(number, signal.SIG_IGN)
        os.execv("/usr/bin/sleep", ["sleep", "{token}"])
    os._exit(0)
print("left" if os.wait() else "")
"""
FILLS_THE_DISK = """
import os, time
held = []
for i in range(40):
    file = open(f"file{i}", "wb")
    os.unlink(f"file{i}")
    held.append(file)
    for _ in range(8): file.write(bytes(2**20))
    file.flush()
    time.sleep(0.02)
time.sleep(1)
print("filled")
"""
SNOOPS = """
import glob, os, socket, subprocess
def tell(path):
    try: print(path, open(path, "rb").read()[:100000])
    except Exception as error: pass
for path in ("/etc/passwd", {secret!r}, *glob.glob({root!r} + "/**/*", recursive=True)): tell(path)
for number in range(1, {last}):
    for name in ("cmdline", "environ"): tell(f"/proc/{{number}}/{{name}}")
print(dict(os.environ), os.getcwd(), os.listdir("/proc/self/fd"))
print(subprocess.run("cat /proc/*/cmdline; ls -la / /tmp; env", shell=True, capture_output=True))
"""


def submissions(folder: CourseFolder, token: str, secret: str) -> list[Submission]:
    """The five, each with a right `softmax` but for the one that hangs, and its harm in a cell of its own."""
    facts = {"secret": secret, "root": str(folder.root), "last": os.getpid() + 200}
    harms = {
        "right": "",
        "hangs": "",
        "leaves daemons": LEAVES_DAEMONS.format(token=token),
        "fills the disk": FILLS_THE_DISK,
        "snoops": SNOOPS.format(**facts),
    }
    released = folder.released_notebook(ASSIGNMENT)
    made = []
    for student, harm in harms.items():
        notebook = copy.deepcopy(released)
        for cell in notebook["cells"]:
            if grade_id(cell) == "softmax":
                cell["source"] = HANGS if student == "hangs" else RIGHT
            elif grade_id(cell) == "log_softmax":
                cell["source"] = harm or "pass"
        made.append(Submission(student, ASSIGNMENT, notebook))
    return made


def graded(folder: CourseFolder, policy: str, token: str, secret: str) -> dict[str, object]:
    """Tier, and of every submission its points for `softmax`, the walls around it, and all text that came out."""
    students: dict[str, object] = {}
    with Pool(folder, ASSIGNMENT, policy=policy, limits=LIMITS) as pool:
        protection = pool.wait_until_ready()
        for submission, result in pool.grade_all(submissions(folder, token, secret)):
            if isinstance(result, JudgeError):
                students[submission.student] = {"failed": str(result)}
                continue
            result = result.result
            about = result.verdict.exercise("softmax")
            students[submission.student] = {
                "points": about.points,
                "outcome": about.outcome,
                "isolation": result.verdict.isolation,
                "outputs": json.dumps(list(result.outputs.values())),
            }
    tier = {"tier": protection.tier, "open": protection.open, "layers": protection.layers}
    return {**tier, "missing": [[each.name, each.why] for each in protection.missing], "students": students}


def daemons(token: str) -> list[int]:
    """Processes that bear the token among their arguments."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if token in path.read_text(errors="replace").split("\0")[1:2]:
                found.append(int(path.parent.name))
        except OSError:
            continue
    return found


def main() -> None:
    policy, secret, token = sys.argv[1:]
    try:
        told = graded(CourseFolder.find(), policy, token, secret)
    except JudgeError as error:
        told = {"refused": str(error)}
    left = [str(path) for path in Path(tempfile.gettempdir()).glob("grader-*")]
    print(json.dumps({**told, "daemons": daemons(token), "left": left}))  # noqa: T201


if __name__ == "__main__":
    main()
