"""The usual graders of the chapter on attacking the checker are fair: who is right passes, who is wrong does not."""

from __future__ import annotations

import pytest

from attacks import checker_controls as graders

PLAIN = "from math import exp\n\ndef softmax(x):\n    return [exp(each) / sum(map(exp, x)) for each in x]\n"
PLAIN_ZEROS = "def softmax(x):\n    return [0.0 for each in x]\n"
TENSOR = "import torch\n\ndef softmax(x):\n    return x.exp() / x.exp().sum(-1, keepdim=True)\n"
TENSOR_ZEROS = "import torch\n\ndef softmax(x):\n    return torch.zeros_like(x)\n"

IN_THEIR_OWN_PROCESS = (
    graders.by_exit_code,
    graders.by_unittest,
    graders.by_pytest,
    graders.by_results_file,
    graders.by_printed_verdict,
    graders.by_unpickling,
)
HERE = (
    graders.by_distance,
    graders.by_type_and_distance,
    graders.by_no_large_difference,
    graders.by_sum_of_differences,
    graders.by_reference_afterwards,
)
HOPELESS = (
    graders.by_a_script_in_its_folder,
    graders.by_a_script_at_the_path,
    graders.by_a_script_of_the_same_user,
    graders.by_a_loop_over_the_class,
)


@pytest.mark.parametrize("grader", IN_THEIR_OWN_PROCESS)
def test_a_right_answer_without_torch_passes_and_a_wrong_one_does_not(grader, tmp_path):
    assert grader(tmp_path, PLAIN)
    assert not grader(tmp_path, PLAIN_ZEROS)


@pytest.mark.parametrize("grader", HERE)
def test_a_right_tensor_passes_and_a_wrong_one_does_not(grader, tmp_path):
    assert grader(tmp_path, TENSOR)
    assert not grader(tmp_path, TENSOR_ZEROS)


@pytest.mark.parametrize("grader", HOPELESS)
def test_nobody_gains_by_a_wrong_answer_where_no_answer_counts(grader, tmp_path):
    assert not grader(tmp_path, PLAIN)
    assert not grader(tmp_path, PLAIN_ZEROS)
