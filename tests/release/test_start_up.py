"""What is not loaded until it is needed: a command that says how it is used answers at once."""

from __future__ import annotations

import subprocess
import sys

import grader
from grader.cli import app, author

HEAVY = {
    "IPython",
    "asyncio",
    "distributed",
    "jinja2",
    "jupyter_core",
    "matplotlib",
    "nbconvert",
    "nbformat",
    "nbgrader",
    "numpy",
    "pytest",
    "requests",
    "sklearn",
    "sqlalchemy",
    "torch",
    "traitlets",
    "watchfiles",
}
COMMANDS = [
    [],
    *([each.name or each.callback.__name__] for each in app.registered_commands),
    ["author"],
    *(["author", each.name] for each in author.registered_commands),
]
HELP = f"""
import grader.cli
for words in {COMMANDS!r}:
    sys.argv = ["grader", *words, "--help"]
    try:
        grader.cli.main()
    except SystemExit as end:
        assert end.code == 0, words
"""


def loaded(code: str) -> set[str]:
    """The packages that a fresh Python has loaded after running some code."""
    told = "print('loaded:', *sorted({name.partition('.')[0] for name in sys.modules}))"
    done = subprocess.run(
        [sys.executable, "-c", f"import sys\n{code}\n{told}"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return set(done.stdout.rpartition("loaded:")[2].split())


def test_every_commands_help_loads_nothing_heavy():
    assert len(COMMANDS) > 10
    found = loaded(HELP)
    assert "typer" in found
    assert found & HEAVY == set()


def test_the_version_is_told_without_anything_heavy():
    code = "import grader.cli; sys.argv = ['grader', '--version']\ntry: grader.cli.main()\nexcept SystemExit: pass"
    found = loaded(code)
    assert "typer" in found
    assert found & HEAVY == set()
    done = subprocess.run([sys.executable, "-m", "grader", "--version"], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, f"grader {grader.__version__}\n", "")


def test_the_package_itself_loads_not_even_the_command_line():
    found = loaded("import grader; grader.__version__")
    assert "grader" in found
    assert found & (HEAVY | {"typer", "rich"}) == set()


def test_what_a_notebook_imports_loads_no_nbgrader_and_no_jupyter():
    found = loaded("from grader import check, hint")
    assert (
        found & {"nbgrader", "nbconvert", "nbformat", "jupyterlab", "typer", "rich", "sklearn", "distributed"} == set()
    )
