"""Controls: the same attack before the naive grader, in a throw-away world where nothing holds it back."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tarfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from attacks.attack import Attack, Bite
from attacks.notebooks import filled, friends_notebook, notebook_of, short, solved_notebook
from attacks.planted import OTHER_STUDENT, Secrets
from grader import course
from grader.folder import CourseFolder

NAIVE = Path(__file__).with_name("naive.py")
FRIEND = "friend"
PATIENCE = 15.0
"""Seconds for a control that should end by itself; one that shows a stall is given up much earlier."""
STALL_SECONDS = 2.0
PARTS = (
    "solutions",
    "tests",
    "source",
    f"submitted/{OTHER_STUDENT}",
    "verdicts",
    "gradebook.db",
    ".grader",
    ".pytest_cache",
)

RIGHTS, ONE_PROCESS, TRACING = "the rights of its namespace's root", "one process for all", "tracing other processes"
NEEDS = (RIGHTS, ONE_PROCESS, TRACING)
"""What a control may need: a grader that runs as root in a container, one that grades all students in one process,
and a kernel that lets a process trace its parent."""


@dataclass(frozen=True)
class Freedom:
    """What an attack came to without the jail."""

    points: float
    text: str
    leaked: tuple[str, ...]
    arrived: dict[str, str]
    changed: tuple[str, ...]
    ended: bool
    neighbour: float
    flooded: tuple[str, ...] = field(default_factory=tuple)

    def bitten(self, attack: Attack) -> str:
        """How the attack bit, in words; empty when it did not."""
        full = sum(each.points for each in course.exercises(attack.assignment))
        return {
            Bite.POINTS: f"{self.points:g} points" if self.points > attack.honest else "",
            Bite.LEAK: f"leaked: {', '.join(self.leaked)}" if self.leaked else "",
            Bite.PACKET: f"got out by {', '.join(self.arrived)}" if self.arrived else "",
            Bite.FILE: f"changed {', '.join(self.changed)}" if self.changed else "",
            Bite.KILL: "the neighbour has no points" if self.ended and self.neighbour < full else "",
            Bite.STALL: "did not end" if not self.ended else "",
            Bite.FLOOD: f"took all {', '.join(self.flooded)}" if self.flooded else "",
            Bite.NONE: "nothing to get",
        }[attack.bites]


class Arena:
    """The naive grader's process, warm; skips the test where the system refuses namespaces."""

    def __init__(self, folder: CourseFolder, home: Path, planted: Secrets) -> None:
        self._folder, self._planted = folder, planted
        tar = home.parent / "arena.tar"
        with tarfile.open(tar, "w") as out:
            for part in PARTS:
                if (folder.root / part).exists():
                    out.add(folder.root / part, f"course/{part}", filter=_anybodys)
            out.add(home, "home", filter=_anybodys)
        self._words = (home.parent / "naive.err").open("w+")
        self._process = subprocess.Popen(
            # the seed stands on its command line, where everybody can read it
            [sys.executable, "-I", str(NAIVE), str(tar), f"--seed={planted.seed}"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._words,
            text=True,
            env={"PATH": os.defpath, "HOME": "/arena/home", "TMPDIR": "/arena", **planted.environment()},
            cwd="/",
        )
        self._why_not = self._receive().get("unavailable", "")

    def run(self, attack: Attack) -> Freedom:
        """Runs one attack before the naive grader."""
        if self._why_not:
            pytest.skip(f"controls run in namespaces of their own, and this machine refuses them: {self._why_not}")
        if attack.needs == TRACING and _tracing_is_restricted():
            pytest.skip("the control traces its parent, which kernel.yama.ptrace_scope forbids here")
        released = self._folder.released_notebook(attack.assignment)
        files = {attack.student: self._shortened(notebook_of(attack, released, {}))}
        order = [[attack.student]]
        if attack.friend:
            files[FRIEND] = self._shortened(friends_notebook(attack, released, {}, self._planted["friend's answer"]))
            order = [[FRIEND], *order] if attack.friend_first else [[FRIEND, attack.student]]
        if attack.bites is not Bite.POINTS:  # who has gained points has them before anybody comes after
            order = [*order, [OTHER_STUDENT]]
        seconds = STALL_SECONDS if attack.bites is Bite.STALL else PATIENCE
        seen = self.request(attack.assignment, files, order, seconds, attack.needs)
        return self._judged(attack, seen)

    def request(
        self, assignment: str, notebooks: dict[str, str], order: list[list[str]], seconds: float, needs: str = ""
    ) -> dict[str, Any]:
        """What the naive grader saw of a class of {student: text of a notebook}, to which the neighbour is added."""
        solved = solved_notebook(self._folder, assignment, self._planted["another submission"])
        notebooks = {**notebooks, OTHER_STUDENT: self._shortened(solved)}
        request = {
            "assignment": assignment,
            "files": {f"{name}/{assignment}/{assignment}.ipynb": text for name, text in notebooks.items()},
            "order": order,
            "seconds": seconds,
            "keeps_rights": needs == RIGHTS,
            "one_process": needs == ONE_PROCESS,
            "planted": self._planted.words,
        }
        assert self._process.stdin
        self._process.stdin.write(json.dumps(request) + "\n")
        self._process.stdin.flush()
        seen = self._receive()
        assert "error" not in seen, seen
        return seen

    def honest_class(self, assignment: str) -> dict[str, float]:
        """The naive grader's points for the released notebook and for a solved one."""
        released = self._folder.released_notebook(assignment)
        untouched = json.dumps(short(filled(released, {})))
        seen = self.request(assignment, {"untouched": untouched}, [["untouched"], [OTHER_STUDENT]], 60.0)
        return {name: _points(seen, name) for name in ("untouched", OTHER_STUDENT)}

    def _judged(self, attack: Attack, seen: dict[str, Any]) -> Freedom:
        text = seen["outputs"].get(attack.student, "")
        own = f"course/submitted/{attack.student}/"
        return Freedom(
            points=_points(seen, attack.student),
            text=text,
            leaked=self._planted.found_in(text, *seen["arrived"].values()),
            arrived=seen["arrived"],
            changed=tuple(path for path in seen["changed"] if not path.startswith(own)),
            ended=seen["ended"],
            neighbour=_points(seen, OTHER_STUDENT),
            flooded=tuple(seen["flooded"]),
        )

    @staticmethod
    def _shortened(text: str | bytes) -> str:
        """Without the lesson's own cells, which cost time and show nothing; as it is when it is no notebook."""
        whole = text.decode("utf-8", "surrogateescape") if isinstance(text, bytes) else text
        try:
            return json.dumps(short(json.loads(whole)))
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            return whole

    def _receive(self) -> dict[str, Any]:
        assert self._process.stdout
        line = self._process.stdout.readline()
        if not line:
            self._words.seek(0)
            words = self._words.read()
            self.close()
            raise AssertionError(f"the naive grader ended: {words[-2000:]}")
        reply: dict[str, Any] = json.loads(line)
        return reply

    def close(self) -> None:
        with self._process:  # closes its pipes, which ends it, and waits
            pass
        self._words.close()


def _anybodys(entry: tarfile.TarInfo) -> tarfile.TarInfo:
    """Owned by whoever unpacks it."""
    entry.uid = entry.gid = 0
    entry.uname = entry.gname = ""
    return entry


def _tracing_is_restricted() -> bool:
    scope = Path("/proc/sys/kernel/yama/ptrace_scope")
    return scope.exists() and scope.read_text(encoding="ascii").strip() != "0"


def _points(seen: dict[str, Any], student: str) -> float:
    try:
        return float(seen["results"][student])
    except (KeyError, ValueError, TypeError):
        return 0.0
