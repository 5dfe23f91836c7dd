"""On a real GPU: references pass, known mistakes are caught and recognised, unusual right answers are right."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path

import pytest
import torch

from benchmarks.hidden_tests import _cases
from grader.course import assignments, exercises
from grader.course import exercise as course_exercise
from grader.device import Device
from grader.excerpts import answer_source, names_of
from grader.folder import CourseFolder
from grader.jail import gpu
from grader.judge.places import astray
from grader.judge.pool import Pool
from grader.judge.references import References
from grader.judge.suite import Suite
from grader.judge.world import Reply, load_module
from grader.verdict import Verdict

SEED = 20240229
TORCH = [name for name in assignments() if name != "02_data"]
BREAKS = {
    *("rank_by_numpy", "bgr_by_numpy_with_own_backward", "crop_by_index_select", "line_by_autograd"),
    *("line_by_powers_of_a_matrix", "line_in_a_module", "fit_by_recursion", "digits_by_adam"),
    *("digits_until_good_enough", "digits_with_dropout_and_norm", "digits_by_convolutions", "digits_in_whole_batches"),
    *("digits_by_least_squares", "digits_by_a_mean_of_nets"),
}
"""Variants that are right on the CPU and break on a GPU, as the pretended GPU of tests/pretend tells."""


@pytest.fixture(scope="module")
def on_gpu(gpu_course, device):
    gpu.calculate_exactly()

    @cache
    def load(assignment: str) -> tuple[Suite, References]:
        module = load_module(gpu_course.hidden_suite(assignment), f"on_gpu_{assignment}")
        functions = [each for name, each in vars(module).items() if name.startswith("test_")]
        suite = Suite(tuple(case for function in functions for case in _cases(function)))
        return suite, References(gpu_course, assignment, device.kind)

    return load


def told(verdict):
    return [(case.name, case.finding) for case in verdict.failed]


@pytest.mark.parametrize(("assignment", "exercise"), [(a, e.name) for a in TORCH for e in exercises(a)])
def test_references_get_full_marks(on_gpu, assignment, exercise):
    suite, references = on_gpu(assignment)
    graded = suite.grade(exercise, references.world, references.expected, SEED)
    assert graded.verdict.points == graded.verdict.max_points, told(graded.verdict)
    assert torch.cuda.memory_allocated() >= 0


def answers(folder: CourseFolder, path: Path) -> dict[str, dict[str, str]]:
    """Each known answer of a file, as the cell that it would be: `{name: {exercise: source}}`."""
    return {
        name: {course_exercise(about).solution_cell: answer_source(path, name, about)}
        for about, names in names_of(path).items()
        for name in names
    }


def graded(folder: CourseFolder, device: Device, solved, assignment: str, path: Path) -> dict[str, Verdict]:
    """All known answers of a file as notebooks, through the jail: what one does to CUDA costs itself alone."""
    works = [solved(assignment, name, **cells) for name, cells in answers(folder, path).items()]
    with Pool(folder, assignment, jobs=os.cpu_count() or 1, policy="warn", device=device) as pool:
        return {work.student: result.result.verdict for work, result in pool.grade_all(works)}


@pytest.mark.parametrize("assignment", TORCH)
def test_known_mistakes_are_caught_and_recognised(gpu_course, device, solved, assignment):
    """As on the CPU, but where one is a fault of the GPU, which has no name."""
    path, wrong = gpu_course.mistakes(assignment), {}
    verdicts, on_cpu = (graded(gpu_course, each, solved, assignment, path) for each in (device, Device()))
    for known in References(gpu_course, assignment).mistakes:
        about = verdicts[known.name].exercise(known.exercise)
        faulty = any(case.finding and "a CUDA error" in case.finding.message for case in about.failed)
        there, here = about.mistake, on_cpu[known.name].exercise(known.exercise).mistake
        if about.points == about.max_points or not (there == here or (faulty and there is None)):
            wrong[known.name] = about.points, there, told(about)
    assert not wrong


@pytest.mark.parametrize("assignment", TORCH)
def test_unusual_right_answers_are_right(gpu_course, device, solved, assignment):
    verdicts = graded(gpu_course, device, solved, assignment, gpu_course.variants(assignment))
    lost = {}
    for known in References(gpu_course, assignment).variants:
        about = verdicts[known.name].exercise(known.exercise)
        if about.points < about.max_points:
            lost[known.name] = told(about)
    assert lost.keys() <= BREAKS, {name: lost[name] for name in lost.keys() - BREAKS}


def test_results_on_the_cpu_are_told_from_those_on_the_gpu(on_gpu):
    """The bytes come to the judge, and with them where they lay."""
    from grader.jail import wire
    from grader.jail.answers import Answers, run_probe

    def reply(probe) -> Reply:
        x = (torch.arange(3.0),)
        return Reply.parse(
            wire.decode(wire.encode(run_probe(probe, Answers({}), x, is_authors=lambda f: False, device="cuda")))
        )

    there, home = reply(lambda m, x: [x, x.cpu()]), reply(lambda m, x: [x.cpu(), x.cpu()])
    assert there.on_gpu == {0}
    assert home.on_gpu == frozenset()
    assert torch.equal(there.value[0], torch.arange(3.0))
    assert astray(home, there).message.startswith("Tensor 1 of the 2 in the result lies on the CPU")


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_products_are_exact(device, dtype):
    """With TF32 a product of numbers near 1 would be off by 5e-4."""
    gpu.calculate_exactly()
    a, b = (torch.randn(257, 129, dtype=torch.float64), torch.randn(129, 65, dtype=torch.float64))
    product = (a.to(dtype).cuda() @ b.to(dtype).cuda()).cpu().double()
    sizes = a.abs() @ b.abs()
    assert ((product - a @ b).abs() <= {torch.float32: 1e-6, torch.float64: 1e-14}[dtype] * sizes).all()
