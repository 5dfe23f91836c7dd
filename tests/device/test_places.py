"""Where results must lie on a GPU: told by the reference's, tensor by tensor; on the CPU nothing is asked."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch

from grader.course import exercise
from grader.folder import CourseFolder
from grader.jail import answers, wire
from grader.jail.answers import Answers, placed, run_probe
from grader.jail.system import JailError
from grader.judge.answer import Answer, CaseFailedError
from grader.judge.places import astray
from grader.judge.references import References
from grader.judge.world import LocalWorld, Reply

X = torch.arange(6.0).reshape(2, 3)


class OnGpu(LocalWorld):
    """Answers as if on a GPU: `astray` names those arrays of a value that an answer left on the CPU."""

    def __init__(self, thing: Callable[..., Any], *, left: tuple[int, ...] = ()) -> None:
        super().__init__({"softmax": thing, "accuracy": thing}, lambda file: False)
        self.device, self._left, self.asked = "cuda", left, 0

    def call(self, probe, payload, forbidden, *, seconds=None):
        self.asked += 1
        inputs = wire.decode(payload)
        reply = run_probe(probe.function(), self._answers, inputs, is_authors=lambda file: False)
        arrays = len(reply["value"].blobs) if isinstance(reply["value"], wire.Written) else 0
        reply["on_gpu"] = [number for number in range(arrays) if number not in self._left]
        return Reply.parse(wire.decode(wire.encode(reply)))


def softmax(x: torch.Tensor) -> torch.Tensor:
    return torch.softmax(x, -1)


def answer(left: tuple[int, ...] = (), thing=softmax, name: str = "softmax") -> Answer:
    return Answer(exercise(name), OnGpu(thing, left=left), OnGpu(thing))


def test_a_result_on_the_gpu_is_right():
    answer().agrees(lambda m, x: m.softmax(x), X)


def test_a_result_on_the_cpu_is_a_failed_case_with_its_words():
    with pytest.raises(CaseFailedError) as raised:
        answer(left=(0,)).agrees(lambda m, x: m.softmax(x), X)
    finding = raised.value.finding
    assert finding.message == "The result lies on the CPU, while the inputs lie on the GPU."
    assert (finding.yours, finding.expected) == ("float32[2, 3] on the CPU", "float32[2, 3] on the GPU")
    assert finding.call == "softmax(x)  with x float32[2, 3]"


def test_the_tensor_among_several_is_told():
    with pytest.raises(CaseFailedError, match=r"Tensor 2 of the 3 in the result lies on the CPU"):
        answer(left=(1,)).value(lambda m, x: [m.softmax(x), {"a": m.softmax(x), "b": (m.softmax(x), 1)}], X)


def test_a_scalar_may_be_a_plain_number_so_it_may_lie_anywhere():
    half = answer(left=(0,), thing=lambda x: torch.tensor(0.5), name="accuracy")
    half.agrees(lambda m, x: m.accuracy(x), X, scalar=True)


def test_arrays_of_numpy_lie_nowhere():
    answer(left=(0,), thing=lambda x: np.ones(3)).value(lambda m, x: m.softmax(x), X)


def test_a_value_of_another_form_is_left_to_the_other_clauses():
    both = Reply("returned", [X, X], on_gpu=frozenset({0, 1})), Reply("returned", X, on_gpu=frozenset())
    assert astray(both[1], both[0]) is None
    assert astray(both[0], both[1]) is None


def test_on_the_cpu_the_reference_is_not_asked_for_it():
    reference = OnGpu(softmax)
    reference.device = "cpu"
    Answer(exercise("softmax"), OnGpu(softmax, left=(0,)), reference).value(lambda m, x: m.softmax(x), X)
    assert reference.asked == 0


@pytest.mark.parametrize("made_up", [["a"], 3, [[1]], [-1], [True], {"a": 1}])
def test_places_that_are_none_make_a_reply_unreadable(made_up):
    reply = {"status": "returned", "value": 1, "inputs": [], "forbidden": [], "on_gpu": made_up}
    assert Reply.parse(reply).status == "unreadable"


def test_only_tensors_are_moved_and_nothing_is_on_the_cpu(monkeypatch):
    inputs = (X, [X, (X, 1)], {"a": X, "b": np.ones(2)}, "text", None)
    assert placed(inputs, "cpu") is inputs
    moved = placed(inputs, "meta")  # a device that every machine has
    assert moved[0].is_meta
    assert moved[1][0].is_meta
    assert moved[1][1][0].is_meta
    assert moved[2]["a"].is_meta
    assert isinstance(moved[1][1], tuple)
    assert moved[2]["b"] is inputs[2]["b"]
    assert moved[3:] == inputs[3:]


def test_a_probe_gets_its_inputs_on_the_device(monkeypatch):
    asked = []
    monkeypatch.setattr(answers, "placed", lambda inputs, device: asked.append(device) or inputs)
    reply = run_probe(lambda m, x: x + 1, Answers({}), (X,), is_authors=lambda file: False, device="cuda")
    assert asked == ["cuda"]
    assert reply["on_gpu"] == []  # these lie on the CPU
    assert "on_gpu" not in run_probe(lambda m, x: x, Answers({}), (X,), is_authors=lambda file: False)


def test_results_are_brought_to_the_cpu_whatever_the_default_device_is():
    torch.set_default_device("meta")
    try:
        message = wire.encode([X.to(torch.bfloat16), X.T])
    finally:
        torch.set_default_device(None)
    assert torch.equal(wire.decode(message)[1], X.T)


def test_a_reference_that_the_gpu_failed_is_the_judges_fault_and_no_answers():
    def fails(x):
        raise RuntimeError("CUDA error: an illegal memory access was encountered")

    with pytest.raises(JailError, match=r"the GPU failed the judge itself .*that no tensor owns"):
        Answer(exercise("softmax"), OnGpu(softmax), OnGpu(fails)).agrees(lambda m, x: m.softmax(x), X)


def test_known_mistakes_never_run_on_a_gpu(released_course):
    references = References(CourseFolder(released_course), "04_softmax", "cuda")
    assert (references.world.device, references.expected.device) == ("cuda", "cuda")
    assert references.world_of_mistake(references.mistakes[0]).device == "cpu"
    assert references.world_of_variant(references.variants[0]).device == "cpu"
