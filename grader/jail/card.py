"""How much of a GPU's memory each process takes, as NVIDIA's own library (NVML) tells it: seen from outside the jail.

torch's own limit is set in the student's process, which can lift it. Asking NVML touches no CUDA. Where the library is
missing, or knows processes by other numbers than we do (in a container), nothing is seen.
"""

from __future__ import annotations

import ctypes
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Any

_LIBRARY = "libnvidia-ml.so.1"
_MOST = 1024
_UNKNOWN = 2**64 - 1
"""What NVML says of a process whose memory it does not know."""
LOOK_SECONDS = 0.5


class _Process(ctypes.Structure):
    """nvmlProcessInfo_v2_t of NVML's own header; its functions of version 3 fill these in."""

    _fields_ = (
        ("pid", ctypes.c_uint),
        ("memory", ctypes.c_ulonglong),
        ("gpu_instance", ctypes.c_uint),
        ("compute_instance", ctypes.c_uint),
    )


class Card:
    """All cards of this machine together; what is known of them is half a second old at most."""

    def __init__(self, library: Any, clock: Callable[[], float] = time.monotonic) -> None:
        self._library, self._clock = library, clock
        self._looked = -LOOK_SECONDS
        self._used: dict[int, int] = {}

    def taken_by(self, pids: Iterable[int]) -> int:
        """Bytes of the cards that these processes take together, as far as NVML tells."""
        now = self._clock()
        if now >= self._looked + LOOK_SECONDS:
            self._looked, self._used = now, self._ask()
        return sum(self._used.get(pid, 0) for pid in pids)

    def _ask(self) -> dict[int, int]:
        used: dict[int, int] = {}
        count = ctypes.c_uint()
        if self._library.nvmlDeviceGetCount_v2(ctypes.byref(count)) != 0:
            return used
        for index in range(count.value):
            handle = ctypes.c_void_p()
            if self._library.nvmlDeviceGetHandleByIndex_v2(ctypes.c_uint(index), ctypes.byref(handle)) == 0:
                for each in self._processes(handle):
                    if each.memory != _UNKNOWN:
                        used[each.pid] = used.get(each.pid, 0) + each.memory
        return used

    def _processes(self, handle: ctypes.c_void_p) -> list[_Process]:
        found, room = (_Process * _MOST)(), ctypes.c_uint(_MOST)
        failed = self._library.nvmlDeviceGetComputeRunningProcesses_v3(handle, ctypes.byref(room), found)
        return [] if failed else list(found[: room.value])


def find(load: Callable[[str], Any] = ctypes.CDLL) -> Card | None:
    """The cards as NVML tells of them; None where it does not. Each process asks for itself, after its fork."""
    with suppress(OSError, AttributeError):
        library = load(_LIBRARY)
        if library.nvmlInit_v2() == 0 and library.nvmlDeviceGetComputeRunningProcesses_v3:
            return Card(library)
    return None
