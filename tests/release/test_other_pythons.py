"""The wheel on the other versions of Python that it names, as far as it goes without PyTorch.

No network is needed: what is installed beside it is lent by this environment, as far as it is plain Python.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import pytest
from tests_support import ROOT

VERSIONS = [
    found
    for found in re.findall(r"Python :: (3\.\d+)", (ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    if found != f"3.{sys.version_info.minor}"
]
LENT = (
    "annotated_doc",
    "jinja2",
    "markdown_it",
    "markupsafe",
    "mdurl",
    "platformdirs",
    "pygments",
    "rich",
    "shellingham",
    "typer",
    "typing_extensions",
)
"""Light packages of which no compiled part is needed."""

HEAVY = {
    "IPython",
    "distributed",
    "nbconvert",
    "nbformat",
    "nbgrader",
    "numpy",
    "packaging",
    "pytest",
    "requests",
    "sklearn",
    "sqlalchemy",
    "torch",
    "traitlets",
    "watchfiles",
}
"""What a module may miss here."""

Run = Callable[..., "subprocess.CompletedProcess[str]"]


def python(version: str) -> str | None:
    """Where a version of Python lies: on the path, or as pyenv keeps them."""
    places = [Path(place, f"python{version}") for place in os.get_exec_path()]
    places += sorted((Path.home() / ".pyenv" / "versions").glob(f"{version}.*/bin/python"))
    for place in places:
        if place.is_file():
            asked = [str(place), "-c", "import sys; print('%d.%d' % sys.version_info[:2])"]
            done = subprocess.run(asked, capture_output=True, text=True, check=False)
            if done.stdout.strip() == version:
                return str(place)
    return None


@pytest.fixture(scope="module", params=VERSIONS)
def run(request, unpacked, tmp_path_factory) -> Run:
    """Runs another Python, with the unpacked wheel and what is lent; warnings are errors there."""
    found = python(request.param)
    if found is None:
        pytest.skip(f"there is no Python {request.param} on this machine")
    place = tmp_path_factory.mktemp("python")
    subprocess.run([found, "-m", "venv", "--without-pip", str(place / "env")], check=True)
    packages = next((place / "env" / "lib").glob("python*/site-packages"))
    for name in LENT:
        source = Path(find_spec(name).origin)
        source = source.parent if source.name == "__init__.py" else source
        (packages / source.name).symlink_to(source)
    for part in unpacked.iterdir():
        (packages / part.name).symlink_to(part)
    environment = {**os.environ, "PYTHONPYCACHEPREFIX": str(place / "cache"), "GRADER_HOME": str(place / "home")}
    environment.pop("PYTHONPATH", None)

    def run(*words: str) -> subprocess.CompletedProcess[str]:
        command = [str(place / "env" / "bin" / "python"), "-W", "error", *words]
        return subprocess.run(command, cwd=place, env=environment, capture_output=True, text=True, check=False)

    return run


PROBE = """
import importlib, pkgutil, sys
import grader
absent, imported = set(), []
for module in pkgutil.walk_packages(grader.__path__, "grader."):
    if module.name.endswith("__main__"):
        continue
    try:
        importlib.import_module(module.name)
        imported.append(module.name)
    except ModuleNotFoundError as error:
        absent.add(error.name.partition(".")[0])
print(len(imported), *sorted(absent))
"""


def test_every_module_compiles(run, unpacked):
    done = run("-m", "compileall", "-q", "-f", str(unpacked / "grader"))
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


def test_what_is_not_lent_is_all_that_a_module_misses(run):
    """Whatever else fails on import is a difference between the versions."""
    done = run("-c", PROBE)
    assert done.returncode == 0, done.stderr
    count, *absent = done.stdout.split()
    assert int(count) > 100
    assert set(absent) <= HEAVY


@pytest.mark.parametrize("module", ["course", "folder", "jail.jail", "judge.pool", "notebook.repair", "verdict"])
def test_the_core_needs_no_nbgrader_no_jupyter_and_no_pytorch_to_be_imported(run, module):
    done = run("-c", f"import grader.{module}")
    assert done.returncode == 0, done.stderr


def test_the_commands_say_how_they_are_used(run):
    done = run("-m", "grader", "--help")
    assert (done.returncode, done.stderr) == (0, "")
    assert "autograde" in done.stdout


def test_a_learner_starts(run, tmp_path):
    """Not by the command: to read its arguments it needs pydantic, of which no part can be lent."""
    goal = tmp_path / "learn"
    done = run(
        "-c",
        "from pathlib import Path; from grader.learner.start import start; "
        f"start(Path({str(goal)!r}), Path({str(ROOT)!r}))",
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert (goal / "04_softmax" / "04_softmax.ipynb").is_file()
