"""Proving hidden suites: on the reference, on every known mistake and on every unusual right answer."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from xml.etree import ElementTree

from grader import course
from grader.folder import CourseFolder

KINDS = ("hidden case", "visible case", "mistake", "variant")


@dataclass
class Proof:
    """How many of each kind there are for each exercise, how many hold, and a sentence for each that does not."""

    found: Counter[tuple[str, str]] = field(default_factory=Counter)
    held: Counter[tuple[str, str]] = field(default_factory=Counter)
    problems: list[str] = field(default_factory=list)


def prove(folder: CourseFolder, assignment: str) -> Proof:
    """Runs the hidden suite and the visible one in a pytest of their own."""
    with tempfile.TemporaryDirectory() as scratch:
        report = Path(scratch) / "report.xml"
        suites = [str(folder.hidden_suite(assignment)), str(folder.visible_suite(assignment))]
        command = [
            sys.executable,
            "-m",
            "pytest",
            "-q",
            f"--junitxml={report}",
            "-p",
            "no:cacheprovider",
            *suites,
        ]
        done = subprocess.run(command, cwd=folder.root, capture_output=True, text=True, check=False)
        if not report.is_file():
            return Proof(problems=[f"pytest could not run the suites of {assignment}: {done.stdout[-500:]}"])
        return _read(report, assignment)


def _read(report: Path, assignment: str) -> Proof:
    proof = Proof()
    for case in ElementTree.parse(report).iter("testcase"):
        told = {each.get("name"): each.get("value") for each in case.iter("property")}
        key = (str(told.get("exercise")), str(told.get("kind")))
        broken = next((each for each in case if each.tag in ("failure", "error", "skipped")), None)
        proof.found[key] += 1
        if broken is None:
            proof.held[key] += 1
        else:
            proof.problems.append(f"{case.get('name')}: {' '.join(str(broken.get('message') or broken.text).split())}")
    for each in course.exercises(assignment):
        for kind in KINDS:
            if not proof.found[each.name, kind]:
                proof.problems.append(f"`{each.name}` has no {kind}")
    return proof
