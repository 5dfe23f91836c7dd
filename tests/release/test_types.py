"""Who builds on the installed kit gets its types."""

from __future__ import annotations

import subprocess
import sys
import venv
from pathlib import Path

import pytest

CLIENT = '''
from __future__ import annotations

from pathlib import Path

from grader import course
from grader.folder import CourseFolder
from grader.verdict import Verdict


def shares(folder: Path) -> dict[str, float]:
    """What each exercise is of its assignment."""
    names = course.assignments()
    return {each.name: each.points for name in names for each in course.exercises(name)}


def lost(verdict: Verdict) -> float:
    return verdict.max_points - verdict.points


reveal_type(course.exercise("softmax"))
reveal_type(CourseFolder(Path()).students("04_softmax"))
'''


@pytest.fixture(scope="module")
def checked(unpacked, tmp_path_factory):
    """Runs mypy, as strict as it can be, on a client of the unpacked wheel."""
    place = tmp_path_factory.mktemp("client")
    venv.create(place / "env", with_pip=False)
    packages = next((place / "env" / "lib").glob("python*/site-packages"))
    for part in unpacked.iterdir():
        (packages / part.name).symlink_to(part)

    def check(code: str) -> tuple[int, str]:
        (place / "client.py").write_text(code, encoding="utf-8")
        command = [sys.executable, "-m", "mypy", "--strict", "--config-file=", "--cache-dir=cache"]
        command += ["--python-executable", str(place / "env" / "bin" / "python"), "client.py"]
        done = subprocess.run(command, cwd=place, capture_output=True, text=True, check=False)
        return done.returncode, done.stdout + done.stderr

    return check


def test_a_strict_client_finds_the_types(checked):
    code, words = checked(CLIENT)
    assert code == 0, words
    assert 'Revealed type is "grader.course.Exercise"' in words
    assert 'Revealed type is "tuple[str, ...]"' in words


def test_a_mistake_of_a_clients_is_found(checked):
    code, words = checked(CLIENT.replace("verdict.max_points", "verdict.most_points"))
    assert code == 1
    assert '"Verdict" has no attribute "most_points"' in words


def test_the_mark_of_types_is_in_the_wheel(unpacked: Path):
    assert (unpacked / "grader" / "py.typed").is_file()
