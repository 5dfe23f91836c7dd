"""How much of the disk a process tree uses in its scratch folder, files that have no name any more included."""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Iterable, Iterator
from pathlib import Path

from grader.jail import processes
from grader.jail.limits import MIB, Limits

_BLOCK = 512
"""The unit of st_blocks, on every file system."""


class DiskWatch:
    """Looks at one scratch folder and at the open files of the tree that may write there."""

    def __init__(self, folder: str, limits: Limits) -> None:
        self._folder, self._limits = folder, limits
        self._free = shutil.disk_usage(folder).free

    def complaint(self, root: int | None = None) -> str:
        """What is wrong with what was written there, in words; empty when nothing is.

        Files that were unlinked and are still held open or mapped by descendants of `root` (where /proc shows them)
        are looked for only once the disk has become fuller by as much as the limit, since that look is not cheap.
        """
        limits = self._limits
        try:
            size, files = _named(self._folder, limits.scratch_files)
            if root is not None and self._free - shutil.disk_usage(self._folder).free > limits.scratch:
                size += _unnamed(self._folder, [pid for pid in processes.tree(root) if pid != root])
        except OSError as error:
            return f"its folder could not be looked into ({error.strerror})"
        if files > limits.scratch_files:
            return f"it made more than {limits.scratch_files} files"
        if size > limits.scratch:
            return f"it wrote more than {limits.scratch // MIB} MiB to disk"
        return ""


def _named(folder: str, most: int) -> tuple[int, int]:
    """Bytes on disk and number of the entries below a folder, counted until there are more than `most`."""
    size = count = 0
    waiting = [folder]
    while waiting and count <= most:
        for details in _entries(waiting.pop(), waiting):
            size, count = size + details.st_blocks * _BLOCK, count + 1
    return size, count


def _entries(folder: str, folders: list[str]) -> Iterator[os.stat_result]:
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                try:
                    details = entry.stat(follow_symlinks=False)
                except FileNotFoundError:
                    continue
                if stat.S_ISDIR(details.st_mode):
                    folders.append(entry.path)
                yield details
    except (FileNotFoundError, NotADirectoryError):
        return  # removed meanwhile


def _unnamed(folder: str, pids: Iterable[int]) -> int:
    """Bytes of the files without a name that processes hold open or mapped; each file once."""
    sizes: dict[int, int] = {}
    for pid in pids:
        try:
            for inode, size in (*_open_files(pid), *_mapped_files(pid, folder)):
                sizes[inode] = max(size, sizes.get(inode, 0))
        except (FileNotFoundError, ProcessLookupError):
            continue  # it ended meanwhile
    return sum(sizes.values())


def _open_files(pid: int) -> Iterator[tuple[int, int]]:
    for link in Path(f"/proc/{pid}/fd").iterdir():
        try:
            details = link.stat()
        except FileNotFoundError:
            continue  # closed meanwhile
        if stat.S_ISREG(details.st_mode) and details.st_nlink == 0:
            yield details.st_ino, details.st_blocks * _BLOCK


def _mapped_files(pid: int, folder: str) -> Iterator[tuple[int, int]]:
    maps = Path(f"/proc/{pid}/maps").read_text(encoding="utf-8", errors="replace")
    for line in maps.splitlines():
        if not line.endswith(" (deleted)"):
            continue
        span, _, _, _, inode, path = line.split(maxsplit=5)
        start, end = (int(each, 16) for each in span.split("-"))
        if path.startswith(folder):
            yield int(inode), end - start
