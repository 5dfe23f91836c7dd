"""What goes wrong on a GPU, by name: pure functions on the names and words of PyTorch's exceptions."""

from __future__ import annotations

from collections.abc import Sequence

FAULTS = {
    "memory": "the GPU ran out of memory: a submission gets a share of it, and this one asked for more",
    "index": "a CUDA error: an index was out of range; on the CPU the same call raises an IndexError that names it",
    "assert": "a CUDA error: a value was out of range, such as a label beyond the number of classes; on the CPU the "
    "same call says which",
    "address": "a CUDA error: memory was read or written that no tensor owns",
    "launch": "a CUDA error: the GPU could not run what it was given, or did not end it",
    "other": "a CUDA error: the GPU could do nothing more for this process",
}
"""Each fault's words for those who read a verdict. A child only names one: no text of its own goes on."""

_OUT_OF_MEMORY = ("OutOfMemoryError",)
_MEMORY_WORDS = (
    "CUDA out of memory",
    "CUDA error: out of memory",
    "CUBLAS_STATUS_ALLOC_FAILED",
    "CUDNN_STATUS_ALLOC_FAILED",
    "cudaErrorMemoryAllocation",
    "CUDA driver error: out of memory",
)
_ERROR_WORDS = ("CUDA error", "CUDA driver error", "cuda runtime error", "cuDNN error", "CUBLAS_STATUS", "CUDA kernel")
_BY_WORDS = (
    ("device-side assert triggered", "assert"),  # the hint below every such error speaks of device-side assertions
    ("illegal memory access", "address"),
    ("misaligned address", "address"),
    ("invalid address space", "address"),
    ("invalid program counter", "address"),
    ("launch", "launch"),
    ("an illegal instruction", "launch"),
    ("too many resources", "launch"),
)
_MISTAKES = ("invalid device ordinal", "invalid device function")
"""Of an answer that names a GPU which is not there: it is told in torch's own words, and the process goes on."""
_INDEX_WORDS = ("index out of bounds", "index out of range", "IndexKernel", "indexSelect", "srcIndex", "ScatterGather")


def fault_of(kinds: Sequence[str], message: str) -> str:
    """The name in FAULTS of what an exception of these types (most special first) and this text says; empty for none.

    A GPU that is not there, or a tensor on the wrong device, is no fault of a GPU but a mistake of the answer's.
    """
    if any(kind in _OUT_OF_MEMORY for kind in kinds) or any(words in message for words in _MEMORY_WORDS):
        return "memory"
    if not any(words in message for words in _ERROR_WORDS) or any(words in message for words in _MISTAKES):
        return ""
    if any(words in message for words in _INDEX_WORDS):
        return "index"
    return next((name for words, name in _BY_WORDS if words in message), "other")


def lost_words(claimed: object) -> str:
    """The words for a fault that a child names; empty where it names none."""
    return FAULTS.get(claimed, "") if isinstance(claimed, str) else ""
