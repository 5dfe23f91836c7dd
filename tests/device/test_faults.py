"""What goes wrong on a GPU is known by PyTorch's own words, as they stand in people's reports of them."""

from __future__ import annotations

import pytest

from grader.jail.faults import FAULTS, fault_of, lost_words
from grader.jail.gpu import fault_in

HINT = (
    "CUDA kernel errors might be asynchronously reported at some other API call, so the stacktrace below might be "
    "incorrect.\nFor debugging consider passing CUDA_LAUNCH_BLOCKING=1\nCompile with `TORCH_USE_CUDA_DSA` to enable "
    "device-side assertions.\n"
)
ASSERT = f"CUDA error: device-side assert triggered\n{HINT}"
OF_AN_INDEX = (
    "/pytorch/aten/src/ATen/native/cuda/IndexKernel.cu:92: operator(): block: [0,0,0], thread: [3,0,0] Assertion "
    '`-sizes[i] <= index && index < sizes[i] && "index out of bounds"` failed.\n'
)
OF_A_LOSS = (
    "/pytorch/aten/src/ATen/native/cuda/Loss.cu:245: nll_loss_forward_reduce_cuda_kernel_2d: block: [0,0,0], thread: "
    "[5,0,0] Assertion `t >= 0 && t < n_classes` failed.\n"
)
REPORTS = [
    ("OutOfMemoryError", "CUDA out of memory. Tried to allocate 20.00 GiB. GPU 0 has a total capacity of 23.65 GiB of "
     "which 1.66 GiB is free. Including non-PyTorch memory, this process has 20.81 GiB memory in use.", "memory"),
    ("RuntimeError", "CUDA out of memory. Tried to allocate 1024.00 KiB (GPU 0; 11.17 GiB total capacity; 10.90 GiB "
     "already allocated; 576.00 KiB free; 30.96 MiB cached)", "memory"),
    ("AcceleratorError", f"CUDA error: out of memory\n{HINT}", "memory"),
    ("RuntimeError", "CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling `cublasCreate(handle)`", "memory"),
    ("RuntimeError", ASSERT, "assert"),
    ("AcceleratorError", ASSERT, "assert"),
    ("AcceleratorError", ASSERT + OF_AN_INDEX, "index"),
    ("AcceleratorError", ASSERT + OF_A_LOSS, "assert"),
    ("RuntimeError", "cuda runtime error (59) : device-side assert triggered at /pytorch/aten/src/THC/THC.cuh:69",
     "assert"),
    ("AcceleratorError", f"CUDA error: an illegal memory access was encountered\n{HINT}", "address"),
    ("RuntimeError", f"CUDA error: misaligned address\n{HINT}", "address"),
    ("RuntimeError", f"CUDA error: unspecified launch failure\n{HINT}", "launch"),
    ("RuntimeError", f"CUDA error: the launch timed out and was terminated\n{HINT}", "launch"),
    ("RuntimeError", f"CUDA error: no kernel image is available for execution on the device\n{HINT}", "other"),
    ("RuntimeError", f"CUDA error: unknown error\n{HINT}", "other"),
    ("RuntimeError", "cuDNN error: CUDNN_STATUS_EXECUTION_FAILED", "other"),
    ("RuntimeError", "CUDA error: CUBLAS_STATUS_EXECUTION_FAILED when calling `cublasSgemm(...)`", "other"),
]  # fmt: skip
NO_FAULTS = [
    ("RuntimeError", "Expected all tensors to be on the same device, but found at least two devices, cuda:0 and cpu!"),
    ("AssertionError", "Torch not compiled with CUDA enabled"),
    ("AcceleratorError", f"CUDA error: invalid device ordinal\n{HINT}"),
    (
        "TypeError",
        "can't convert cuda:0 device type tensor to numpy. Use Tensor.cpu() to copy the tensor to host memory",
    ),
    ("IndexError", "index 7 is out of bounds for dimension 0 with size 3"),
    ("ValueError", ""),
]


@pytest.mark.parametrize(("kind", "message", "name"), REPORTS)
def test_faults_are_known_by_their_words(kind, message, name):
    assert fault_of([kind, "RuntimeError", "Exception"], message) == name


@pytest.mark.parametrize(("kind", "message"), NO_FAULTS)
def test_an_answers_own_mistakes_are_no_faults(kind, message):
    assert fault_of([kind, "Exception"], message) == ""


def test_every_fault_has_a_report():
    assert {name for _, _, name in REPORTS} == set(FAULTS)


def test_words_are_the_kits_and_no_childs():
    assert lost_words("memory") == FAULTS["memory"]
    assert [lost_words(claimed) for claimed in ("full marks", "", None, 7, ["memory"], {"a": 1})] == [""] * 6


def test_a_lack_of_memory_is_found_in_whatever_came_back():
    kind, message, _ = REPORTS[0]
    raised = {"kinds": [kind, "RuntimeError"], "message": message}
    assert fault_in({"raised": raised, "value": None}) == "memory"
    assert fault_in({"replies": [{"raised": None}, {"raised": raised}], "forbidden": []}) == "memory"
    assert fault_in({"ok": False, "outputs": [{"output_type": "error", "ename": kind, "evalue": message}]}) == "memory"
    assert fault_in({"ok": True, "outputs": [{"output_type": "stream", "text": message}]}) == ""
    assert fault_in({"raised": None, "value": 1}) == ""
