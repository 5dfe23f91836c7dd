"""What student code can read of the questions it is asked: code and inputs, nothing else of the suite."""

from __future__ import annotations

import ast
import marshal
from collections.abc import Iterator
from pathlib import Path
from types import CodeType, FunctionType

import pytest

from grader.jail.limits import Limits
from grader.jail.probing import probe_function
from grader.jail.session import Session
from grader.judge.jail_world import JailWorld
from grader.judge.probe import OpenProbeError, Probe
from grader.notebook.running import RunCell

ROOT = Path(__file__).resolve().parents[2]
SUITES = sorted((ROOT / "tests" / "hidden").glob("test_*.py"))


def codes(code: CodeType) -> Iterator[CodeType]:
    """A code object and all within it."""
    yield code
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from codes(constant)


def probes(suite: Path) -> Iterator[Probe]:
    """Every function of a suite that could be a probe: a first argument `m`, and closed."""
    for code in codes(compile(suite.read_text(encoding="utf-8"), str(suite), "exec")):
        if code.co_varnames[:1] == ("m",) and not code.co_freevars:
            try:
                yield Probe.of(FunctionType(code, {}))
            except OpenProbeError:
                continue


def sentences(suite: Path) -> list[str]:
    """Names of the suite's cases, and what the docstrings of all its functions say."""
    tree = ast.parse(suite.read_text(encoding="utf-8"))
    functions = [each for each in ast.walk(tree) if isinstance(each, ast.FunctionDef)]
    names = [each.name for each in functions if each.name.startswith("test_")]
    return [*names, *filter(None, map(ast.get_docstring, functions))]


@pytest.mark.parametrize("suite", SUITES, ids=lambda path: path.stem)
def test_no_name_sentence_or_path_of_a_hidden_suite_travels(suite):
    words = [word.encode() for word in (*sentences(suite), suite.name, str(ROOT))]
    found = list(probes(suite))
    assert len(found) >= 5
    for probe in found:
        travelling = probe.to_bytes()
        assert not [word for word in words if word in travelling]


@pytest.mark.parametrize("suite", SUITES, ids=lambda path: path.stem)
def test_line_numbers_do_not_tell_where_in_the_suite_a_probe_stands(suite):
    for probe in probes(suite):
        for code in codes(marshal.loads(probe.to_bytes())):
            assert code.co_firstlineno == 1
            assert {line for line, *_ in code.co_positions()} <= {1, None}
            assert {column for *_, column in code.co_positions()} <= {None}


def _secretive(m, x):
    """The sentence that only the suite's author reads."""
    try:
        parts = [each + 1 for each in x]
        return {"parts": parts, "sum": sum(each for each in parts), "one": (lambda: "one")()}
    except TypeError as error:
        return type(error).__name__


def _speaks_of_itself(m, x):
    """needed"""
    return "needed"


@pytest.mark.parametrize("inputs", [[1, 2, 3], ["a"], []])
def test_a_probe_without_all_that_does_what_it_did(inputs):
    probe = Probe.of(_secretive)
    assert probe_function(probe.to_bytes())(None, inputs) == _secretive(None, inputs)
    assert b"sentence" not in probe.to_bytes()
    assert b"secretive" not in probe.to_bytes()


def test_a_text_that_is_docstring_and_result_at_once_is_kept():
    assert probe_function(Probe.of(_speaks_of_itself).to_bytes())(None, None) == "needed"


def test_a_traceback_through_a_probe_still_has_a_line():
    with pytest.raises(ZeroDivisionError) as raised:
        probe_function(Probe.of(lambda m, x: x / 0).to_bytes())(None, 1)
    assert raised.traceback[-1].frame.code.raw.co_filename == "<probe>"
    assert raised.tb.tb_next.tb_lineno == 1


def test_the_code_that_stays_in_the_judge_tells_two_places_apart():
    first = Probe.of(lambda m: m.get_weights(2))
    second = Probe.of(lambda m: m.get_weights(2))
    assert first.to_bytes() == second.to_bytes()
    assert first.code != second.code


ASKED = """
import sys

def softmax(x):
    frame = sys._getframe()
    while not isinstance(frame.f_locals.get("request"), dict):
        frame = frame.f_back
    return frame.f_locals["request"]
"""


def test_a_whole_question_as_student_code_finds_it_holds_no_word_of_the_suite(jail, suite):
    session = Session(jail.gates[0], [RunCell("softmax", ASKED, 0)], Limits())
    session.run_cells()
    graded = suite.grade("softmax", JailWorld(session), None, 1)
    session.close()
    questions = [asked.reply.value for asked in graded.answer.asked]
    assert questions
    for question in questions:
        assert question.keys() == {"code", "inputs", "forbidden", "seconds", "number"}
        assert not [each for each in suite.cases if each.function.__name__.encode() in question["code"]]
        assert b".py" not in question["code"]
