"""The pytest plugin: collects suites, and proves them when no submission is given.

`pytest tests/hidden` runs every case against the reference solutions (all must pass), and adds an item for every
known mistake (it must fail and be recognised as itself and no other) and for every unusual right answer (it must
get full points). While grading, `Serving` takes the collected suite and runs it on submissions instead.

Imported by pytest in every project where the kit is installed, so torch is imported only when needed.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from grader.judge.answer import Answer
    from grader.judge.draw import Draw
    from grader.judge.references import References
    from grader.judge.suite import Graded, Suite
    from grader.judge.world import World

VISIBLE = "test_visible.py"
"""The file name of every visible suite."""

PROOF_SEED = 20240229
"""Seeds the inputs when suites are proved; a class has a seed of its own."""


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--grader-seed", type=int, default=PROOF_SEED, help="seed of the hidden inputs")
    parser.addoption("--cases-only", action="store_true", help="leave known mistakes and variants out")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "exercise(name, weight=1): a case of this exercise's suite")


def is_case(item: pytest.Item) -> bool:
    """Whether a collected item is a case of a suite."""
    return isinstance(item, pytest.Function) and item.get_closest_marker("exercise") is not None


def collected_suite(items: Iterable[pytest.Item]) -> Suite:
    """The suite that the collected items make; BrokenSuiteError names a case that cannot be one."""
    # not an import statement: this module must be cheap to import in everyone's pytest
    suite = importlib.import_module("grader.judge.suite")
    cases = []
    for item in items:
        if isinstance(item, pytest.Function) and is_case(item):
            callspec = getattr(item, "callspec", None)
            parameters: dict[str, Any] = dict(callspec.params) if callspec else {}
            cases.append(suite.make_case(item.name, item.obj, item.get_closest_marker("exercise"), parameters))
    return suite.Suite(tuple(cases))  # type: ignore[no-any-return]


def assignment_of(path: Path) -> tuple[Path, str]:
    """The course root and the assignment of a suite's file, hidden or visible."""
    if path.name == VISIBLE:
        return path.parents[2], path.parent.name
    return path.parents[2], path.stem.removeprefix("test_")


def references_for(path: Path) -> References:
    """The reference solutions that belong to a suite's file."""
    module = importlib.import_module("grader.judge.references")
    root, assignment = assignment_of(path)
    return module.References(module.CourseFolder(root), assignment)  # type: ignore[no-any-return]


@pytest.fixture
def answer(request: pytest.FixtureRequest) -> Answer:
    """The reference solution's answer: while grading, cases get the submission's instead."""
    from grader.course import exercise
    from grader.judge.answer import Answer

    marker = request.node.get_closest_marker("exercise")
    if marker is None:
        raise pytest.UsageError("the fixture `answer` belongs to cases marked @pytest.mark.exercise(...)")
    references = references_for(request.node.path)
    return Answer(exercise(marker.args[0]), references.world, references.expected)


@pytest.fixture
def draw(request: pytest.FixtureRequest) -> Draw:
    """Seeded inputs of this case's own."""
    from grader.judge.draw import Draw

    return Draw(request.config.getoption("--grader-seed"), request.node.name)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    for item in filter(is_case, items):
        mark = item.get_closest_marker("exercise")
        kind = "visible case" if item.path.name == VISIBLE else "hidden case"
        _describe(item, kind, mark.args[0] if mark and mark.args else "")
    if config.getoption("--cases-only"):
        return
    for path in dict.fromkeys(item.path for item in items if is_case(item)):
        if path.name != VISIBLE:
            own = [item for item in items if item.path == path]
            items.extend(_known_items(own[0].getparent(pytest.Module), own))


def _describe(item: pytest.Item, kind: str, exercise: str) -> None:
    """What a report of the run says about an item besides its name."""
    item.user_properties += [("kind", kind), ("exercise", exercise)]


def _known_items(module: pytest.Module | None, own: list[pytest.Item]) -> Iterator[pytest.Item]:
    if module is None:
        return
    suite = collected_suite(own)
    references = references_for(module.path)
    for known in references.mistakes:
        name = f"mistake[{known.exercise}-{known.name}]"
        yield MistakeItem.from_parent(module, name=name, known=known, suite=suite, references=references)
    for known in references.variants:
        name = f"variant[{known.exercise}-{known.name}]"
        yield VariantItem.from_parent(module, name=name, known=known, suite=suite, references=references)


class _KnownItem(pytest.Item):
    kind = ""

    def __init__(self, *, known: Any, suite: Suite, references: References, **rest: Any) -> None:
        super().__init__(**rest)
        self.known, self.suite, self.references = known, suite, references
        _describe(self, self.kind, known.exercise)

    def graded_in(self, world: World) -> Graded:
        """The known answer, graded by its exercise's cases as a submission would be."""
        seed = self.config.getoption("--grader-seed")
        return self.suite.grade(self.known.exercise, world, self.references.expected, seed)

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> str:
        return str(excinfo.value)

    def reportinfo(self) -> tuple[Path, int | None, str]:
        return self.path, None, self.name


class MistakeItem(_KnownItem):
    """A named mistake must lose points, and be recognised as itself and as no other."""

    kind = "mistake"

    def runtest(self) -> None:
        graded = self.graded_in(self.references.world_of_mistake(self.known))
        if not self.known.text:
            raise AssertionError(f"mistake `{self.known.name}` has no docstring to explain it")
        if not graded.verdict.points < graded.verdict.max_points:
            raise AssertionError(f"mistake `{self.known.name}` gets full points: no case catches it")
        fitting = self.references.recogniser.fitting(graded.answer)
        if fitting != (self.known.name,):
            raise AssertionError(f"mistake `{self.known.name}` is recognised as {fitting}")


class VariantItem(_KnownItem):
    """A right but unusual answer must get full points and be taken for no mistake."""

    kind = "variant"

    def runtest(self) -> None:
        graded = self.graded_in(self.references.world_of_variant(self.known))
        if graded.verdict.points != graded.verdict.max_points:
            findings = [f"{case.name}: {case.finding}" for case in graded.verdict.failed]
            called = [f"accused of {call.call} in line {call.line}" for call in graded.answer.forbidden]
            raise AssertionError(f"right answer `{self.known.name}` loses points: {'; '.join(findings + called)}")
