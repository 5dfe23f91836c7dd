"""What is in a release, and what is not."""

from __future__ import annotations

import ast
import re
import sys
import tarfile
import zipfile
from collections.abc import Iterator
from email.message import Message
from email.parser import Parser
from pathlib import Path

import pytest
from tests_support import ROOT

import grader
from grader import course
from grader.author.cells import solution_lines, source_notebook
from grader.folder import CourseFolder

SECRET = ("solutions/*.py", "solutions/mistakes/*.py", "solutions/variants/*.py", "tests/hidden/test_*.py")
_TELLING = 25
"""Statements of fewer characters are anybody's."""
_COMMON = {
    "return super().find_class(module, name)",  # what everybody writes who derives from the library's class
    "x @ self.weight + self.bias",  # the formula that the index explains; the mistake is to return nothing
}
_STATEMENTS = (ast.Assign, ast.AnnAssign, ast.Assert, ast.AugAssign, ast.Delete, ast.Expr, ast.Raise, ast.Return)


def in_wheel(path: Path) -> dict[str, str]:
    with zipfile.ZipFile(path) as wheel:
        return {name: wheel.read(name).decode() for name in wheel.namelist()}


def in_sdist(path: Path) -> dict[str, str]:
    with tarfile.open(path) as sdist:
        members = [each for each in sdist if each.isfile()]
        return {each.name.partition("/")[2]: sdist.extractfile(each).read().decode() for each in members}


@pytest.fixture(scope="module", params=["wheel", "sdist"])
def files(request, dist) -> dict[str, str]:
    return in_wheel(dist.wheel) if request.param == "wheel" else in_sdist(dist.sdist)


@pytest.fixture(scope="module")
def metadata(dist) -> Message:
    texts = in_wheel(dist.wheel)
    return Parser().parsestr(next(text for name, text in texts.items() if name.endswith("/METADATA")))


def package() -> set[str]:
    """Every file of the package in the checkout."""
    found = (path for path in (ROOT / "grader").rglob("*") if path.is_file())
    return {path.relative_to(ROOT).as_posix() for path in found if "__pycache__" not in path.parts}


def test_the_whole_package_is_in_it_and_nothing_else(files):
    assert {name for name in files if name.startswith("grader/")} == package()


def test_a_wheel_holds_beside_the_package_only_what_it_says_of_itself(dist):
    rest = set(in_wheel(dist.wheel)) - package()
    assert all(name.startswith(f"grader-{grader.__version__}.dist-info/") for name in rest), rest


def test_an_sdist_holds_beside_the_package_only_what_builds_it(dist):
    rest = {name for name in in_sdist(dist.sdist) if not name.startswith(("grader/", "grader.egg-info/"))}
    written = {"PKG-INFO", "setup.cfg"}
    assert rest - written - {"CHANGELOG.md", "LICENSE"} == {
        "MANIFEST.in",
        "README.md",
        "backend/reproducible.py",
        "pyproject.toml",
    }


def statements(source: str) -> Iterator[str]:
    """The statements of all functions and classes, however they were laid out and quoted."""
    for scope in ast.walk(ast.parse(source)):
        if isinstance(scope, ast.FunctionDef | ast.ClassDef):
            yield from (
                ast.unparse(each)
                for each in ast.walk(scope)
                if isinstance(each, _STATEMENTS) and not isinstance(getattr(each, "value", None), ast.Constant)
            )


def secrets() -> dict[str, str]:
    """{statement: the file whose secret it is}."""
    paths = [path for pattern in SECRET for path in ROOT.glob(pattern)]
    assert len(paths) >= len(SECRET) * len(course.assignments())
    found = {text: str(path.relative_to(ROOT)) for path in paths for text in statements(path.read_text("utf-8"))}
    return {text: path for text, path in found.items() if len(text) > _TELLING and text not in _COMMON}


def test_no_statement_of_a_solution_a_mistake_or_a_hidden_suite_is_in_it(files):
    known = secrets()
    assert len(known) > 2000
    shown = {text for name, source in files.items() if name.endswith(".py") for text in statements(source)}
    assert {text: known[text] for text in shown & set(known)} == {}
    everything = "\n".join(files.values())
    assert {text: path for text, path in known.items() if text in everything} == {}


@pytest.mark.parametrize("assignment", course.assignments())
def test_no_line_between_the_markers_of_a_source_notebook_is_in_it(files, assignment):
    everything = "\n".join(files.values())
    lines = solution_lines(source_notebook(CourseFolder(ROOT), assignment))
    assert lines
    assert [line for line in lines if line in everything] == []


def test_no_notebook_and_no_test_is_in_it(files):
    assert [name for name in files if Path(name).suffix == ".ipynb"] == []
    assert [name for name in files if Path(name).name.startswith(("test_", "conftest"))] == []


def test_the_version_is_said_in_one_place(metadata):
    assert metadata["Version"] == grader.__version__
    assert metadata["Name"] == "grader"
    assert grader.__version__ not in (ROOT / "pyproject.toml").read_text(encoding="utf-8")


def test_it_says_its_licence_its_pythons_and_that_it_has_types(metadata):
    assert metadata["License-Expression"] == "MIT"
    assert metadata["Requires-Python"] == ">=3.11"
    assert "Typing :: Typed" in metadata.get_all("Classifier")
    assert metadata.get_payload().startswith("# ")


def test_it_names_no_address_that_is_nobodys(metadata):
    assert metadata.get_all("Project-URL") is None
    assert metadata["Home-page"] is None


COMES_WITH = {
    "markupsafe": "jinja2",
    "matplotlib_inline": "ipython",
    "nbclient": "nbgrader",
    "nbconvert": "nbgrader",
    "nbformat": "nbgrader",
    "sqlalchemy": "nbgrader",
    "traitlets": "nbgrader",
}
"""Packages that show in another's own interface."""
NAMED = {"IPython": "ipython", "sklearn": "scikit-learn"}
"""Packages whose distribution is called otherwise."""


def test_what_the_package_imports_is_what_it_says_it_needs(metadata):
    declared = {re.match(r"[\w-]+", each)[0].lower() for each in metadata.get_all("Requires-Dist")}
    trees = [ast.parse((ROOT / name).read_text(encoding="utf-8")) for name in package() if name.endswith(".py")]
    nodes = [node for tree in trees for node in ast.walk(tree)]
    names = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    names |= {node.module for node in nodes if isinstance(node, ast.ImportFrom) and not node.level}
    tops = {name.partition(".")[0] for name in names} - sys.stdlib_module_names - {"grader"}
    assert {"torch", "nbgrader", "typer"} <= tops
    assert {COMES_WITH.get(each, NAMED.get(each, each)) for each in tops} - declared == set()
