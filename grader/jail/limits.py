"""How much a submission may take before it is stopped."""

from __future__ import annotations

from dataclasses import dataclass

MIB = 2**20


@dataclass(frozen=True)
class Limits:
    """Limits of one submission's process tree. Seconds are wall time, sizes are bytes.

    seconds is what all of it may take together: cells, answers, and cells that run again after a process was lost.
    Cells may use half of that, so that a right answer is asked whatever the cells do. memory counts what the submission
    adds to the warm process it was forked from. cpu_seconds is a backstop for when nobody watches: a submission that
    keeps to its wall limits comes nowhere near. scratch and scratch_files bound the scratch folder. output bounds what
    one cell may print, reply one answer to a probe. gpu_memory: of a GPU, where one is used; there the address space
    has no limit, since CUDA reserves far more than it uses.
    """

    seconds: float = 300.0
    cell_seconds: float = 30.0
    probe_seconds: float = 5.0
    cpu_seconds: int = 7200
    memory: int = 2048 * MIB
    gpu_memory: int = 2048 * MIB
    address_space: int = 16384 * MIB  # torch reserves much more than it uses
    processes: int = 64
    open_files: int = 256
    file_size: int = 64 * MIB
    scratch: int = 128 * MIB
    scratch_files: int = 4096
    output: int = MIB
    reply: int = 64 * MIB

    GRACE = 2.0
    """Seconds between the soft stop inside the jail and the kill from outside."""
