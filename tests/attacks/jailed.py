"""The class of attackers, graded as every class is: the real pool, the real jail, honest neighbours among them."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from attacks.accomplice import Accomplice
from attacks.attack import Attack
from attacks.notebooks import friends_notebook, notebook_of, solved_notebook, write
from attacks.planted import OTHER_STUDENT, Secrets
from grader import course
from grader.folder import CourseFolder
from grader.jail import processes
from grader.jail.headstart import WORTH_IT
from grader.jail.limits import Limits
from grader.judge.pool import JudgeError, Pool
from grader.judge.submission import GradedSubmission, HandedIn
from grader.records import with_results
from grader.verdict import Verdict

LIMITS = Limits(seconds=120.0, cell_seconds=20.0, probe_seconds=10.0, memory=600 * 2**20, output=200_000)
"""Wide in time, for a slow and busy machine: whoever does not use limits up never waits for them."""
HASTY = replace(LIMITS, seconds=40.0, cell_seconds=1.5, probe_seconds=1.5)
"""For those who use limits up."""
EVERY = 12
"""After so many attackers comes an honest neighbour."""


@dataclass(frozen=True)
class Seen:
    """What one submission came to in the jail. text: all that staff keep; shown: what students get to read."""

    points: float
    verdict: Verdict | None
    text: str
    shown: str
    seconds: float
    failure: str = ""


class JailedClass:
    """One assignment's attackers. Graded when first asked for; everything that left the jail is kept."""

    def __init__(self, folder: CourseFolder, home: Path, planted: Secrets, attacks: Iterable[Attack]) -> None:
        self._folder, self._home, self._planted = folder, home, planted
        self.attacks = tuple(attacks)
        self.assignment = self.attacks[0].assignment
        self._released = folder.released_notebook(self.assignment)
        self._seen: dict[str, Seen] = {}
        self.neighbours: list[Seen] = []
        self.changed: list[str] = []
        self.left_behind: list[str] = []
        self.arrived: dict[str, str] = {}

    def of(self, attack: Attack) -> Seen:
        return self._seen[attack.student]

    def breaches(self, attack: Attack) -> tuple[str, ...]:
        """What the attack got that it must not get, a sentence each."""
        seen = self.of(attack)
        found = [f"leaked the secret of: {place}" for place in self.leaked(attack)]
        if seen.failure:
            found.append(f"made the kit fail: {seen.failure}")
        if seen.points != attack.honest:
            found.append(f"{seen.points:g} points where its answers deserve {attack.honest:g}: {_outcomes(seen)}")
        if seen.seconds > self.most_seconds(attack):
            found.append(f"took {seen.seconds:.0f} s, where {self.most_seconds(attack):.0f} are its most")
        if attack.caught and attack.caught not in seen.text:
            found.append(f"the verdict does not say {attack.caught!r}: {_outcomes(seen)}")
        found += [f"reached the accomplice by {way}" for way, what in self.arrived.items() if attack.student in what]
        return tuple(found)

    def leaked(self, attack: Attack) -> tuple[str, ...]:
        """The places whose secrets came out. Hidden inputs and the seed may stand in what only staff can read."""
        seen = self.of(attack)
        everywhere = set(self._planted.found_in(seen.text)) - {"hidden input", "seed"}
        return tuple(sorted(everywhere | set(self._planted.found_in(seen.shown))))

    def most_seconds(self, attack: Attack) -> float:
        """What the limits allow: each that the attack uses up, with its grace, and once a cell's of the others.

        Beside them what an honest neighbour took at most: that is how slow and busy this machine is.
        """
        used_up = attack.limits_hit * (limits_of(attack).cell_seconds + Limits.GRACE)
        return used_up + LIMITS.cell_seconds + max(each.seconds for each in self.neighbours)

    def grade(self) -> None:
        """Grades everybody, and looks at the machine before and after."""
        accomplice = Accomplice()
        threading.Thread(target=accomplice.answer_for_ever, daemon=True).start()
        for limits in (LIMITS, HASTY):
            if attacks := [each for each in self.attacks if limits_of(each) is limits]:
                self._grade_some(attacks, limits, accomplice)
        self.arrived = accomplice.collect()
        accomplice.close()
        self.changed += [str(path) for path in self._left_for_all()]

    def _grade_some(self, attacks: Sequence[Attack], limits: Limits, accomplice: Accomplice) -> None:
        with Pool(self._folder, self.assignment, jobs=2, limits=limits) as pool:
            try:
                protection = pool.wait_until_ready()
            except JudgeError as error:
                pytest.skip(f"this machine cannot run strangers' code: {error}")
            if protection.tier != "A":
                pytest.skip(
                    f"this machine gives isolation of tier {protection.tier} only: {', '.join(protection.open)}"
                )
            usual = self._begin(pool)
            self._hand_in(attacks, {**accomplice.facts(), **self._places(), "SUPERVISORS": sorted(usual)})
            before = self._snapshot()
            self._grade_all(attacks, pool, usual)
            self.left_behind += _left(pool._process.pid, usual)
        after = self._snapshot()
        self.changed += [path for path in before.keys() | after.keys() if before.get(path) != after.get(path)]

    def _begin(self, pool: Pool) -> set[int]:
        """The grader's own processes: those that it has once it has graded some, who are honest."""
        solved = solved_notebook(self._folder, self.assignment, self._planted["another submission"])
        write(self._path(OTHER_STUDENT), solved)
        with ThreadPoolExecutor(2) as executor:
            for _ in executor.map(lambda _: self._grade(pool, OTHER_STUDENT), range(2 * WORTH_IT)):
                pass
        seen: set[int] = set()
        while seen != (seen := set(processes.tree(pool._process.pid))):
            time.sleep(1)
        return seen

    def _places(self) -> dict[str, str]:
        return {"COURSE": str(self._folder.root), "HOME_FOLDER": str(self._home)}

    def _hand_in(self, attacks: Sequence[Attack], known: Mapping[str, Any]) -> None:
        for attack in attacks:
            path = write(self._path(attack.student), notebook_of(attack, self._released, known))
            if attack.beside:
                attack.beside(path.parent)
            if attack.friend:
                answer = self._planted["friend's answer"]
                write(self._path(_friend_of(attack)), friends_notebook(attack, self._released, known, answer))

    def _grade_all(self, attacks: Sequence[Attack], pool: Pool, usual: set[int]) -> None:
        with ThreadPoolExecutor(2) as executor:
            for attack in attacks:
                if attack.friend:
                    self._grade_pair(pool, attack, executor)
            together = [attack.student for attack in attacks if not (attack.alone or attack.friend)]
            for position in range(0, len(together) + EVERY, EVERY + 1):
                together.insert(position, OTHER_STUDENT)
            for _ in executor.map(lambda student: self._grade(pool, student), together):
                pass
        for attack in attacks:
            if attack.alone and not attack.friend:
                self._grade(pool, attack.student)
                self.left_behind += [f"{attack.name}: {each}" for each in _left(pool._process.pid, usual)]
        self._grade(pool, OTHER_STUDENT)

    def _grade_pair(self, pool: Pool, attack: Attack, executor: ThreadPoolExecutor) -> None:
        friend = executor.submit(self._grade, pool, _friend_of(attack))
        if attack.friend_first:
            friend.result()
        self._grade(pool, attack.student)
        friend.result()

    def _path(self, student: str) -> Path:
        return self._folder.submission(self.assignment, student)

    def _grade(self, pool: Pool, student: str) -> None:
        started = time.monotonic()
        try:
            done = pool.grade(HandedIn.at(self._path(student), student, self.assignment))
        except JudgeError as error:
            seen = Seen(0.0, None, "", "", time.monotonic() - started, str(error))
        else:
            graded = done.result
            shown = json.dumps(with_results(done.submission.notebook, graded), ensure_ascii=False)
            seconds = time.monotonic() - started
            seen = Seen(graded.verdict.points, graded.verdict, _kept(graded) + shown, shown, seconds)
        if student == OTHER_STUDENT:
            self.neighbours.append(seen)
        else:
            self._seen[student] = seen

    def _snapshot(self) -> dict[str, int]:
        """When each file of the course and the home folder was changed; Python's own byte code does not count."""
        files = [path for root in (self._folder.root, self._home) for path in root.rglob("*")]
        return {str(path): path.lstat().st_mtime_ns for path in files if "__pycache__" not in path.parts}

    def _left_for_all(self) -> Iterator[Path]:
        """Files under an attacker's name in the folders where everybody may write."""
        for folder in ("/tmp", "/var/tmp", "/dev/shm"):
            for attack in self.attacks:
                yield from Path(folder).glob(f"*{attack.student}*")

    @property
    def full(self) -> float:
        return sum(each.points for each in course.exercises(self.assignment))


def limits_of(attack: Attack) -> Limits:
    return HASTY if attack.limits_hit else LIMITS


def _friend_of(attack: Attack) -> str:
    return f"friend-of-{attack.student}"


def _kept(graded: GradedSubmission) -> str:
    """All that leaves the judge, but for the seed that staff keep."""
    verdict = {**graded.verdict.to_json(), "seed": 0}
    return json.dumps(verdict, ensure_ascii=False) + json.dumps(graded.outputs, ensure_ascii=False)


def _outcomes(seen: Seen) -> str:
    if seen.verdict is None:
        return "no verdict"
    about = [f"{each.name} {each.points:g} ({each.outcome})" for each in seen.verdict.exercises]
    return ", ".join([*about, *seen.verdict.flags, seen.verdict.problem]).strip(", ")


def _left(root: int, usual: set[int]) -> list[str]:
    """Processes of the grader that were not there before any submission, and are no more after a moment's wait."""
    for _ in range(50):
        extra = set(processes.tree(root)) - usual
        if not extra:
            return []
        time.sleep(0.1)
    return [f"process {pid}" for pid in sorted(extra)]
