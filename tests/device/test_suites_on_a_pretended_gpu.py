"""Every probe of the hidden suites, on inputs that lie on a pretended GPU: nothing of it meets a tensor on the CPU.

No GPU is needed for that: `grader.jail.pretend` keeps ordinary tensors that bear a place.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import torch

from benchmarks.hidden_tests import _cases
from grader.course import assignments, exercises
from grader.folder import CourseFolder
from grader.jail import wire
from grader.jail.answers import Answers
from grader.jail.pretend import operators
from grader.jail.pretend.beforehand import Beforehand
from grader.jail.pretend.functions import FunctionMode
from grader.jail.pretend.machine import machine_with_gpu
from grader.jail.pretend.places import Origin, Place, Places, tensors_in
from grader.jail.probing import probe_function
from grader.judge.jail_world import AskedWorld, Question
from grader.judge.references import References
from grader.judge.suite import Suite
from grader.judge.world import load_module

COURSE = CourseFolder(Path(__file__).resolve().parents[2])
AT_HOME = {"get_weights", "Linear", "fit"}
"""Whose probes also return what was made without inputs, or bring it to the CPU themselves."""


@cache
def questions(assignment: str, exercise: str) -> list[Question]:
    reference = References(COURSE, assignment).expected
    asked = AskedWorld(reference)
    suite(assignment).grade(exercise, asked, reference, 7)
    return asked.questions


@cache
def suite(assignment: str) -> Suite:
    module = load_module(COURSE.hidden_suite(assignment), f"pretended_{assignment}")
    functions = [each for name, each in vars(module).items() if name.startswith("test_")]
    return Suite(tuple(case for function in functions for case in _cases(function)))


def moved(value: Any, put: Callable[[torch.Tensor], torch.Tensor]) -> Any:
    if isinstance(value, torch.Tensor):
        return put(value)
    if isinstance(value, tuple | list):
        return type(value)(moved(each, put) for each in value)
    return {key: moved(each, put) for key, each in value.items()} if isinstance(value, dict) else value


def played(question: Question, names: dict[str, Any]) -> tuple[list[Place], list[str]]:
    """Where the tensors of the result lie, and doubts; whatever a GPU would refuse is raised."""

    def is_authors(file: str) -> bool:
        return "/solutions/" in file

    places = Places(is_authors, Beforehand(names, chosen=False))
    watch = operators.OperatorMode(places, Place.CPU)

    def put(tensor: torch.Tensor) -> torch.Tensor:
        places.put(tensor, Place.GPU, Origin("input"))
        return tensor

    inputs = moved(wire.decode(question.payload), put)
    functions = FunctionMode(places, watch, chosen=False)
    with warnings.catch_warnings(action="ignore"), machine_with_gpu(is_authors), watch, functions:
        result = probe_function(question.code)(Answers(names), *inputs)
    return [places.of(each).place for each in tensors_in([result])], list(places.doubts)


@pytest.mark.parametrize(
    ("assignment", "exercise"),
    [(name, each.name) for name in assignments() if name != "02_data" for each in exercises(name)],
)
def test_probes_and_references_stay_on_the_gpu(assignment, exercise, monkeypatch):
    monkeypatch.setattr(operators, "MOST_OPERATORS", 10**9)  # a training is followed to its end
    names = References(COURSE, assignment).names
    for question in questions(assignment, exercise):
        try:
            found, doubts = played(question, names)
        except ValueError:  # that which the probe asks for
            assert exercise == "matmul"
            continue
        assert not doubts
        assert exercise in AT_HOME or Place.CPU not in found
