"""Scratch folders on disk, made and removed by the trusted side, for children without a file system of their own."""

from __future__ import annotations

import contextlib
import fcntl
import os
import tempfile
from pathlib import Path

NOBODY = 65534
_PREFIX, LOCK = "grader-jail-", ".lock"
"""LOCK: the file in a temporary folder that is locked as long as somebody needs the folder."""


class Scratch:
    """A folder of this process', in which each child gets one of its own.

    It is locked as long as anybody of this run lives, so that the next run can remove what one that was killed left.
    """

    def __init__(self) -> None:
        remove_abandoned(_PREFIX)
        self.base = Path(tempfile.mkdtemp(prefix=_PREFIX))
        self._lock = os.open(self.base / LOCK, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
        fcntl.flock(self._lock, fcntl.LOCK_EX)
        self.base.chmod(0o711)  # passed through by an unprivileged child, never listed

    def make(self) -> str:
        """A fresh folder with `home` and `tmp`, which only the children's user can enter."""
        folder = Path(tempfile.mkdtemp(dir=self.base))
        for each in (folder / "home", folder / "tmp", folder):
            each.mkdir(0o700, exist_ok=True)
            if os.geteuid() == 0:
                os.chown(each, NOBODY, NOBODY)
        return str(folder)

    def close(self) -> None:
        remove(str(self.base))
        os.close(self._lock)


def remove_abandoned(prefix: str) -> None:
    """Removes this user's temporary folders whose names begin so, of processes that no longer live."""
    for folder in Path(tempfile.gettempdir()).glob(f"{prefix}*"):
        with contextlib.suppress(OSError):
            if folder.is_symlink() or folder.stat().st_uid != os.geteuid():
                continue
            lock = os.open(folder / LOCK, os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW)
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                remove(str(folder))
            finally:
                os.close(lock)


def remove(folder: str) -> None:
    """Removes a folder whatever is in it: modes of 0, any depth, any number. Nothing in it may run any more.

    Folders inside folders are first moved to the top, so that neither the length of a path nor recursion grows
    with their depth. What cannot be removed is left.
    """
    try:
        top = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    except OSError:
        return
    try:
        _empty(top)
    finally:
        os.close(top)
    with contextlib.suppress(OSError):
        Path(folder).rmdir()


def _empty(top: int) -> None:
    moved = 0
    while names := _remove_files(top):
        for name in names:
            inner = _open_folder(top, name)
            if inner is None:
                return
            try:
                for each in _remove_files(inner):
                    moved += 1
                    with contextlib.suppress(OSError):
                        os.chmod(each, 0o700, dir_fd=inner)
                        os.rename(each, f"moved-{moved}-{os.getpid()}", src_dir_fd=inner, dst_dir_fd=top)
                os.rmdir(name, dir_fd=top)
            except OSError:
                return
            finally:
                os.close(inner)


def _open_folder(top: int, name: str) -> int | None:
    try:
        os.chmod(name, 0o700, dir_fd=top)
        return os.open(name, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=top)
    except OSError:
        return None


def _remove_files(folder: int) -> list[str]:
    """Removes all but the folders in a folder; returns their names."""
    folders = []
    with os.scandir(folder) as entries:
        for entry in list(entries):
            if entry.is_dir(follow_symlinks=False):
                folders.append(entry.name)
            else:
                os.unlink(entry.name, dir_fd=folder)
    return folders
