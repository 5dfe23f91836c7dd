"""Fixtures of the attack suite: the planted course, the graded classes, the arena, and the table of results."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests_support import copy_course

from attacks.arena import Arena
from attacks.attack import Attack
from attacks.chapters import ASSIGNMENTS
from attacks.jailed import JailedClass
from attacks.planted import Secrets, plant
from attacks.table import Row, markdown
from grader.folder import CourseFolder

ROWS = pytest.StashKey[dict[str, Row]]()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--attack-table", type=Path, help="write what every attack got to this file, as Markdown")


def pytest_configure(config: pytest.Config) -> None:
    config.stash[ROWS] = {}
    if config.getoption("--attack-table") and hasattr(config, "workerinput"):
        raise pytest.UsageError("--attack-table is written by one process: leave -n out")


def pytest_sessionfinish(session: pytest.Session) -> None:
    path, rows = session.config.getoption("--attack-table"), session.config.stash[ROWS]
    if path and rows:
        path.write_text(markdown(list(rows.values())), encoding="utf-8")


@pytest.fixture
def row(pytestconfig: pytest.Config, attack: Attack) -> Row:
    """The attack's row in the table of results."""
    return pytestconfig.stash[ROWS].setdefault(attack.name, Row(attack))


@pytest.fixture(scope="session")
def planted() -> Secrets:
    return Secrets()


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The teacher's home folder."""
    return tmp_path_factory.mktemp("teacher") / "home"


@pytest.fixture(scope="session")
def planted_course(tmp_path_factory: pytest.TempPathFactory, home: Path, planted: Secrets) -> CourseFolder:
    """A copied course with a secret in every corner."""
    root = copy_course(tmp_path_factory.mktemp("course"))
    plant(root, home, planted, ASSIGNMENTS)
    return CourseFolder(root)


@pytest.fixture(scope="session")
def arena(planted_course: CourseFolder, home: Path, planted: Secrets) -> Iterator[Arena]:
    """Where controls run."""
    made = Arena(planted_course, home, planted)
    yield made
    made.close()


@pytest.fixture(scope="session")
def graded(
    request: pytest.FixtureRequest, planted_course: CourseFolder, home: Path, planted: Secrets
) -> Callable[[str], JailedClass]:
    """The class of an assignment's attackers, those that this run of pytest selected, graded once."""
    selected: dict[str, dict[str, Attack]] = {}
    for item in request.session.items:
        attack = item.callspec.params.get("attack") if hasattr(item, "callspec") else None
        if isinstance(attack, Attack):
            selected.setdefault(attack.assignment, {})[attack.name] = attack
    classes: dict[str, JailedClass] = {}

    def of(assignment: str) -> JailedClass:
        if assignment not in selected:
            pytest.skip(f"no attack on {assignment} was selected")
        if assignment not in classes:
            made = JailedClass(planted_course, home, planted, selected[assignment].values())
            with pytest.MonkeyPatch.context() as patch:
                patch.setenv("HOME", str(home))
                for name, value in planted.environment().items():
                    patch.setenv(name, value)
                made.grade()
            classes[assignment] = made
        return classes[assignment]

    return of
