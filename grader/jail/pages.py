"""Large pages for the memory that every fork shares: a fork then copies one entry where it copied 512."""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from pathlib import Path

from grader.jail.linux import libc

_SIZE = 2 * 2**20
_MADV_COLLAPSE = 25


def use_large_pages() -> int:
    """Puts this process' own memory into large pages, as far as that can be done; returns how many there are.

    Kernels before 6.1 refuse, and so does memory of files: then all stays as it is.
    """
    advise = libc.madvise
    advise.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int]
    return sum(advise(address, _SIZE, _MADV_COLLAPSE) == 0 for address in _whole_pages())


def _whole_pages() -> Iterator[int]:
    """The addresses of all that lie within private, writable memory without a file."""
    for line in Path("/proc/self/maps").read_text(encoding="utf-8", errors="replace").splitlines():
        addresses, mode, _, _, _, *name = line.split(maxsplit=5)
        if mode.startswith("rw") and mode.endswith("p") and (not name or name[0] == "[heap]"):
            first, end = (int(each, 16) for each in addresses.split("-"))
            yield from range(-(-first // _SIZE) * _SIZE, end - _SIZE + 1, _SIZE)
