"""Other usual ways to grade, for cheats against them: each runs a cheat's code and tells what it got.

Those that compare run the code right here; all others in a process of its own, with the empty folder as its home. Neither is
a jail: only what is harmless outside that folder may be given to them.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch

Grader = Callable[[Path, str], str]
"""Takes an empty folder and the answers' code; returns what the cheat got, and nothing when it got nothing."""

INPUT = torch.tensor([[1.0, 2.0, 4.0], [0.5, -1.0, 0.0]])
TEST = "assert abs(sum(softmax([1.0, 2.0, 4.0])) - 1) < 1e-6 and softmax([0.0])[0] == 1"
UNITTEST = f"""
import unittest
from answers import softmax

class Softmax(unittest.TestCase):
    def test_softmax(self):
        {TEST}
"""
PYTEST = f"""
def test_softmax():
    from answers import softmax
    {TEST}
"""
REPORTING = f"""
import json
from answers import softmax

points = 0
try:
    {TEST}
    points = 4
except Exception as error:
    print(error)
with open("results.json", "w") as file:
    json.dump({{"points": points}}, file)
print("softmax:", points, "of 4 points")
"""
CLASS = f"""
class Neighbour:
    softmax = staticmethod(lambda x: [each / sum(x) if sum(x) else 1 for each in x])

for student in ("answers", "neighbour"):
    try:
        softmax = __import__("answers").softmax if student == "answers" else Neighbour.softmax
        {TEST}
        print(student, "4 of 4 points")
    except Exception as error:
        print(student, "0 of 4 points", error)
"""
UNPICKLING = """
import pickle, sys
result = pickle.load(sys.stdin.buffer)
print(4 if result == [1.0] else 0, "of 4 points")
"""


def control(grader: Grader, source: str) -> Callable[[Path], str]:
    """The control of a cheat that this way of grading falls for."""
    return lambda folder: grader(folder, source)


def by_exit_code(folder: Path, source: str) -> str:
    """Runs a script of asserts; it passed when the exit code is 0."""
    return _passed(_answers(folder, source), "-c", f"from answers import softmax\n{TEST}")


def by_unittest(folder: Path, source: str) -> str:
    """unittest's exit code; a skipped test is no failure."""
    (folder / "test_answers.py").write_text(UNITTEST, encoding="utf-8")
    return _passed(_answers(folder, source), "-m", "unittest", "-q", "test_answers")


def by_pytest(folder: Path, source: str) -> str:
    """pytest's exit code, in the folder that was handed in."""
    (folder / "test_answers.py").write_text(PYTEST, encoding="utf-8")
    return _passed(_answers(folder, source), "-m", "pytest", "-q", "-p", "no:cacheprovider")


def by_results_file(folder: Path, source: str) -> str:
    """The points stand in a file when the tests have ended."""
    (folder / "grade.py").write_text(REPORTING, encoding="utf-8")
    _run(_answers(folder, source), "grade.py")
    points = json.loads((folder / "results.json").read_text(encoding="utf-8"))["points"]
    return f"{points} points in the file of results" if points else ""


def by_printed_verdict(folder: Path, source: str) -> str:
    """The points are what was printed last."""
    (folder / "grade.py").write_text(REPORTING, encoding="utf-8")
    return _printed(_run(_answers(folder, source), "grade.py"))


def by_a_loop_over_the_class(folder: Path, source: str) -> str:
    """One student after the other, and whatever exception a test raises is caught."""
    printed = _run(_answers(folder, source), "-c", CLASS).stdout
    return "" if b"neighbour 4 of 4" in printed else "the neighbour has no points"


def by_unpickling(folder: Path, source: str) -> str:
    """The answer's process sends its result as a pickle, which the grader loads."""
    sending = f"{source}\nimport pickle, sys\nsys.stdout.buffer.write(pickle.dumps(softmax([0.0])))"
    pickled = _run(folder, "-c", sending).stdout
    return _printed(_run(folder, "-c", UNPICKLING, stdin=pickled))


def by_a_script_in_its_folder(folder: Path, _: str) -> str:
    """A script that lies beside what was handed in, and imports torch as all do."""
    (folder / "grade.py").write_text("import torch\nassert torch.allclose(torch.zeros(3), torch.ones(3))")
    return _passed(folder, "grade.py")


def by_a_script_at_the_path(folder: Path, _: str) -> str:
    """A script somewhere else, with the folder that was handed in on Python's path."""
    return _passed(folder, "-c", "assert 0", environment={"PYTHONPATH": str(folder)})


def by_a_script_of_the_same_user(folder: Path, source: str) -> str:
    """A script that runs after the answers did, with the same home folder."""
    _run(folder, "-c", source)
    return _passed(folder, "-c", "assert 0")


def by_distance(_: Path, source: str) -> str:
    """Every distance from the expected value is small."""
    result, expected = _result(source), torch.softmax(INPUT, -1)
    return "near to what was expected" if ((result - expected).abs() < 1e-6).all() else ""


def by_type_and_distance(_: Path, source: str) -> str:
    """`isinstance`, shape and dtype come first."""
    result, expected = _result(source), torch.softmax(INPUT, -1)
    assert isinstance(result, torch.Tensor)
    assert result.shape == expected.shape
    assert result.dtype == expected.dtype
    return "a tensor that is near to what was expected" if ((result - expected).abs() < 1e-6).all() else ""


def by_no_large_difference(_: Path, source: str) -> str:
    """No difference above the tolerance."""
    distance = (_result(source) - torch.softmax(INPUT, -1)).abs()
    return "" if (distance > 1e-6).any() else "no difference above the tolerance"


def by_sum_of_differences(_: Path, source: str) -> str:
    """The sum of all differences is not above the tolerance."""
    total = (_result(source) - torch.softmax(INPUT, -1)).sum().abs()
    return "" if total > 1e-6 else "a sum of differences that is not above the tolerance"


def by_reference_afterwards(_: Path, source: str) -> str:
    """The reference gets the same tensors, after the answer did."""
    inputs = INPUT.clone()
    result = _names(source)["softmax"](inputs)
    return "agrees with the reference" if torch.allclose(result, torch.softmax(inputs, -1)) else ""


def _names(source: str) -> dict[str, Any]:
    names: dict[str, Any] = {}
    exec(source, names)
    return names


def _result(source: str) -> Any:
    return _names(source)["softmax"](INPUT.clone())


def _answers(folder: Path, source: str) -> Path:
    (folder / "answers.py").write_text(source, encoding="utf-8")
    return folder


def _run(
    folder: Path, *arguments: str, stdin: bytes = b"", environment: dict[str, str] | None = None
) -> subprocess.CompletedProcess[bytes]:
    """Python with a folder as working and home folder; a user's own packages count, as outside of environments."""
    python = sys.executable if "pytest" in arguments else getattr(sys, "_base_executable", sys.executable)
    return subprocess.run(
        [python, *arguments],
        cwd=folder,
        input=stdin,
        capture_output=True,
        env={"PATH": os.defpath, "HOME": str(folder), "PYTHONDONTWRITEBYTECODE": "1", **(environment or {})},
        timeout=60,
        check=False,
    )


def _passed(folder: Path, *arguments: str, environment: dict[str, str] | None = None) -> str:
    return "exit code 0" if _run(folder, *arguments, environment=environment).returncode == 0 else ""


def _printed(done: subprocess.CompletedProcess[bytes]) -> str:
    points = re.findall(r"(\d+) of 4 points", done.stdout.decode())
    return f"{points[-1]} points by the last line" if points and points[-1] != "0" else ""
