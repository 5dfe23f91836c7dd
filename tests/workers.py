"""How the tests are shared out among the workers of `make test`; a plain `pytest` has one, and needs none of this.

Tests that look at one thing which takes long to make run in one worker, one after another: those of a file, unless
`_PARTS` says into which parts a file falls. What several workers need is made by the first that asks for it.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest


def made_once(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], None]) -> Path:
    """The folder `name`, made by whichever worker of this run asks first; all treat it as read-only."""
    from filelock import FileLock  # not where only the GPU is tested

    base = factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        base = base.parent
    folder, made = base / name, base / f"{name}.made"
    with FileLock(base / f"{name}.lock"):
        if not made.exists():
            shutil.rmtree(folder, ignore_errors=True)  # left by a maker that failed
            make(folder)
            made.touch()
    return folder


def group(test: str) -> str:
    """What all tests that stay together have in common, of a test's node id."""
    for start, part in _PARTS.items():
        if test.startswith(start):
            return part(test)
    return _file(test)


def turn(test: str) -> int:
    """What takes longest comes first, so that no worker ends long after the others."""
    return next((number for number, start in enumerate(_FIRST) if test.startswith(start)), len(_FIRST))


def _file(test: str) -> str:
    return test.partition("::")[0]


def _folder(test: str) -> str:
    return _file(test).rpartition("/")[0]


def _itself(test: str) -> str:
    return test


def _parameters(test: str) -> str:
    """All parameters of a test."""
    return test.partition("[")[0]


def _assignment(test: str) -> str:
    """By assignment, where that is a parameter of the test."""
    found = re.search(r"\[.*?(\d\d_[a-z]+)", test)
    return f"{_file(test)} {found[1]}" if found else test


def _known(test: str) -> str:
    """Mistakes of one exercise are compared with each other, and each is run only once in a worker."""
    found = re.search(r"::(?:mistake|variant)\[(\w+)-", test)
    return f"{_file(test)} {found[1]}" if found else test


def _attackers(test: str) -> str:
    """The attackers of an assignment are graded as one class."""
    name = test.partition("[")[2].removesuffix("]")
    return f"attackers of {_attacked().get(name, name)}"


@cache
def _attacked() -> dict[str, str]:
    from attacks.chapters import ATTACKS

    return {f"{each.chapter}: {each.name}": each.assignment for each in ATTACKS}


def _mangled(test: str) -> str:
    """A class of the corpus; plain nbgrader grades some of 04_softmax' too."""
    return f"mangled {test.partition('[')[2].removesuffix(']') or '04_softmax'}"


_PARTS: dict[str, Callable[[str], str]] = {
    "tests/attacks/pages/": _folder,
    "tests/attacks/test_attacks.py::test_without_the_jail_it_bites": _itself,
    "tests/attacks/test_attacks.py": _attackers,
    "tests/cluster/test_command.py": _itself,
    "tests/cluster/test_workers_end.py": _itself,
    "tests/cluster/test_refusals.py": _itself,
    "tests/commands/test_author.py": _itself,
    "tests/commands/test_bad_input.py": _itself,
    "tests/commands/test_ctrl_c.py": _itself,
    "tests/commands/test_run.py": _itself,
    "tests/commands/test_demo_class.py": _assignment,
    "tests/course/test_course.py": _itself,
    "tests/faults/": _itself,
    "tests/hidden/": _known,
    "tests/jail/test_systems.py": _itself,
    "tests/jail/test_where_the_course_lies.py": _itself,
    "tests/mangled/test_corpus.py": _file,
    "tests/terminal/test_check.py::test_what_beginners_write_first_is_recognised": _parameters,
    "tests/terminal/test_check.py": _itself,
    "tests/terminal/test_watch_ends.py": _itself,
    "tests/mangled/": _mangled,
}
"""By the beginning of a node id; the first that fits."""

_FIRST = (
    "tests/attacks/test_attacks.py::test_in_the_jail",
    "tests/docs/test_commands.py",
    "tests/hidden/test_02_data.py::mistake[plots-",
    "tests/mangled/",
    "tests/browser/",
    "tests/cluster/",
    "tests/docs/",
    "tests/release/test_adopt.py",
    "tests/attacks/pages/",
    "tests/gradescope/test_run_autograder.py",
    "tests/export/test_late.py",
    "tests/recording/",
    "tests/commands/test_grading.py",
    "tests/faults/test_killed.py",
    "tests/terminal/",
    "tests/commands/",
    "tests/jail/",
    "tests/fuzz/",
    "tests/faults/",
    "tests/course/",
)
