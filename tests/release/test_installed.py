"""The wheel, installed with all that it needs into an empty environment: minutes, and packages from a registry.

It runs only where `GRADER_TEST_INSTALL=1` asks for it; docs/release.md says when that is worth it.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import venv
from collections.abc import Callable
from pathlib import Path

import pytest
from tests_support import ROOT

from grader.author.cells import solved
from grader.folder import CourseFolder

pytestmark = pytest.mark.skipif(
    os.environ.get("GRADER_TEST_INSTALL") != "1", reason="it installs for minutes; ask for it by GRADER_TEST_INSTALL=1"
)

Run = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture(scope="module")
def run(dist, tmp_path_factory) -> Run:
    """Runs a program of the new environment, in a folder that knows of no checkout by default."""
    place = tmp_path_factory.mktemp("installed")
    venv.create(place / "env", with_pip=True)
    programs = place / "env" / "bin"
    command = [str(programs / "pip"), "install", "--quiet", "-c", str(ROOT / "constraints.txt"), str(dist.wheel)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    environment |= {"GRADER_HOME": str(place / "home")}

    def run(program: str, *words: str, folder: Path = place) -> subprocess.CompletedProcess[str]:
        command = [str(programs / program), *words]
        return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)

    return run


@pytest.fixture(scope="module")
def learner(run, tmp_path_factory) -> Path:
    """A folder that `grader start` laid out, far from the course."""
    folder = tmp_path_factory.mktemp("far away") / "learn"
    done = run("grader", "start", str(folder), "--course", str(ROOT))
    assert done.returncode == 0, done.stderr
    return folder


def test_the_command_answers(run):
    assert run("grader", "--help").returncode == 0


def test_importing_it_loads_no_pytorch_and_no_nbgrader(run):
    done = run("python", "-c", "import grader, sys; print({'torch', 'nbgrader'} & {*sys.modules}, grader.__file__)")
    assert done.stdout.startswith("set()")
    assert str(ROOT) not in done.stdout


def test_the_doctor_says_what_the_machine_offers(run):
    found = json.loads(run("grader", "doctor", "--json").stdout)
    assert {"torch", "nbgrader"} <= set(found["versions"])


def test_a_notebook_as_released_is_checked_far_from_the_course(run, learner):
    done = run("grader", "check", "--json", folder=learner / "04_softmax")
    assert done.returncode == 1, done.stderr
    assert json.loads(done.stdout)["points"] == 0


def test_a_notebook_with_the_right_answers_has_all_points(run, learner):
    answers = solved(CourseFolder(ROOT), "04_softmax")
    (learner / "04_softmax" / "04_softmax.ipynb").write_text(json.dumps(answers), encoding="utf-8")
    done = run("grader", "check", "--json", folder=learner / "04_softmax")
    assert done.returncode == 0, done.stderr


def test_without_a_course_it_says_how_to_get_to_one(run, tmp_path):
    shutil.copy(ROOT / "assignments" / "04_softmax" / "04_softmax.ipynb", tmp_path)
    done = run("grader", "check", "04_softmax.ipynb", folder=tmp_path)
    assert done.returncode == 2
    assert "grader start --course PATH" in done.stderr
