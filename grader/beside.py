"""What lies beside a submitted notebook: what of it goes on to `autograded/` and `feedback/`, and what is left out.

nbgrader copies whatever it finds, through links, from pipes and devices, without a bound, and formgrader serves the
copies from the address at which staff are logged in. Here only small text, tables and pictures go on, which really lie
inside the folder. Folders are walked by descriptor: a name that turns into a link meanwhile leads nowhere. Nothing is
changed in `submitted/`.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from pathlib import Path

from grader.panel.plain import inert

MAX_FILE = 8 * 2**20
MAX_ALL = 32 * 2**20
MAX_FILES = 100
MAX_ENTRIES = 2_000
"""Names looked at, in all folders; what a folder of a hundred thousand holds behind them is left out unseen."""

MAX_DEPTH = 4
KINDS = frozenset(
    {".txt", ".md", ".rst", ".csv", ".tsv", ".json", ".yaml", ".yml", ".toml", ".log"}
    | {".png", ".jpg", ".jpeg", ".gif", ".webp"}
)
"""No page, no SVG and no script, which would act in the browser; no Python, which Jupyter would import when staff open
the notebook beside it; no pickle, which is code when it is loaded."""

TIMESTAMP = "timestamp.txt"
"""nbgrader's own note of when a notebook was handed in."""

MAX_REASONS, MAX_NAMES = 4, 2
"""What a sentence about it names."""

_SKIPPED = frozenset({".ipynb_checkpoints", "__pycache__", "feedback", ".DS_Store", "Thumbs.db"})
_TIME = re.compile(r"(\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d)(\.\d{1,9})?( ?[A-Z]{1,5}| ?[+-]\d\d:?\d\d)?\s*")
_FOLDER = os.O_RDONLY | getattr(os, "O_DIRECTORY", 0) | getattr(os, "O_NOFOLLOW", 0)
_FILE = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOCTTY", 0)


@dataclass
class _Walk:
    """One look through a folder; `target` gets the copies, None only looks."""

    ours: frozenset[str]
    target: Path | None
    entries: int = MAX_ENTRIES
    files: int = MAX_FILES
    size: int = MAX_ALL
    left: list[tuple[str, str]] = field(default_factory=list)

    def folder(self, descriptor: int, path: Path) -> None:
        for name in self._names(descriptor, path):
            relative = path / name
            top = relative.parts[0].casefold()
            if name in _SKIPPED or name.endswith(".pyc") or top in self.ours:
                continue
            reason = self._entry(descriptor, name, relative)
            if reason:
                self.left.append((str(relative), reason))

    def _names(self, descriptor: int, path: Path) -> list[str]:
        with os.scandir(descriptor) as entries:
            names = [entry.name for entry in islice(entries, self.entries + 1)]
        if len(names) > self.entries:
            self.left.append((str(path), f"more than {MAX_ENTRIES:,} names"))
        kept = sorted(names[: self.entries])
        self.entries -= len(kept)
        return list(_distinct(kept, self.left, path))

    def _entry(self, descriptor: int, name: str, relative: Path) -> str:
        """Takes one entry along, or tells why not."""
        if not name.isprintable() or name.startswith((".", "-", "~")) or "\\" in name or len(os.fsencode(name)) > 200:
            return "such a name is not copied"
        mode = os.stat(name, dir_fd=descriptor, follow_symlinks=False).st_mode
        if stat.S_ISDIR(mode):
            return self._below(descriptor, name, relative)
        if not stat.S_ISREG(mode):
            return _kind(mode)
        if name.casefold().endswith(".ipynb"):
            return "another notebook"
        if Path(name).suffix.casefold() not in KINDS:
            return "neither text, table nor picture"
        return self._file(descriptor, name, relative)

    def _below(self, descriptor: int, name: str, relative: Path) -> str:
        if len(relative.parts) > MAX_DEPTH:
            return f"more than {MAX_DEPTH} folders deep"
        inner = os.open(name, _FOLDER, dir_fd=descriptor)
        try:
            self.folder(inner, relative)
        finally:
            os.close(inner)
        return ""

    def _file(self, descriptor: int, name: str, relative: Path) -> str:
        opened = os.open(name, _FILE, dir_fd=descriptor)
        try:
            about = os.fstat(opened)
            if not stat.S_ISREG(about.st_mode):
                return _kind(about.st_mode)
            if about.st_nlink > 1:
                return "a hard link"
            if about.st_size > MAX_FILE:
                return f"larger than {MAX_FILE // 2**20} MiB"
            if self.files <= 0 or about.st_size > self.size:
                return f"beyond {MAX_FILES} files or {MAX_ALL // 2**20} MiB in all"
            content = _read(opened, MAX_FILE)
        finally:
            os.close(opened)
        if relative.name == TIMESTAMP and not _is_time(content):
            return "holds no time"
        self.files -= 1
        self.size -= len(content)
        if self.target is not None:
            copy = self.target / relative
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_bytes(content)
        return ""


def left_out(submission: Path, ours: Collection[str]) -> tuple[str, ...]:
    """What of a submission's folder does not go on, as sentences: none or one.

    ours: names in the folder that are the kit's to write, or that it brings itself; they are passed over in silence.
    """
    return _walked(submission, None, ours)


def copy_beside(submission: Path, target: Path, ours: Collection[str]) -> tuple[str, ...]:
    """Copies what goes on from a submission's folder into `target`; the sentences of `left_out`."""
    return _walked(submission, target, ours)


def ours(source: Path, assignment: str) -> frozenset[str]:
    """Names beside a notebook that are the course's: what stands in its source folder, and what results are named."""
    theirs = {each.name for each in source.iterdir()} if source.is_dir() else set()
    names = theirs | {f"{assignment}{end}" for end in (".ipynb", ".html", "_files")} | {"explanations.json"}
    return frozenset(name.casefold() for name in names)


def submitted_time(submission: Path) -> str:
    """What nbgrader's note says about when it was handed in; empty when there is none, or none that is a time."""
    try:
        opened = os.open(submission / TIMESTAMP, _FILE)
    except (OSError, ValueError):
        return ""
    try:
        content = _read(opened, 100) if stat.S_ISREG(os.fstat(opened).st_mode) else b""
    finally:
        os.close(opened)
    return content.decode("ascii").strip() if _is_time(content) else ""


def _walked(submission: Path, target: Path | None, names: Collection[str]) -> tuple[str, ...]:
    walk = _Walk(frozenset(names), target)
    try:
        descriptor = os.open(submission, _FOLDER)
    except OSError as error:
        return (f"What lies beside the notebook was left out: {error.strerror}.",)
    try:
        walk.folder(descriptor, Path())
    except OSError as error:
        walk.left.append(("the rest", error.strerror or "unreadable"))
    finally:
        os.close(descriptor)
    return _sentence(walk.left)


def _sentence(left: list[tuple[str, str]]) -> tuple[str, ...]:
    """One sentence however much there was: a few reasons, each with a few names."""
    by_reason: dict[str, list[str]] = {}
    for name, reason in left:
        by_reason.setdefault(reason, []).append(name)
    parts = [f"{_named(names)} ({reason})" for reason, names in by_reason.items()]
    rest = f" and {len(parts) - MAX_REASONS} more kinds" if len(parts) > MAX_REASONS else ""
    listed = ", ".join(parts[:MAX_REASONS])
    return (f"Left out of what lies beside the notebook: {listed}{rest}.",) if left else ()


def _named(names: list[str]) -> str:
    shown = ", ".join(f"`{inert(name, 40).replace('`', '')}`" for name in names[:MAX_NAMES])
    return shown + (f" and {len(names) - MAX_NAMES:,} more" if len(names) > MAX_NAMES else "")


def _distinct(names: list[str], left: list[tuple[str, str]], path: Path) -> Iterator[str]:
    """The names that stay apart on a file system that takes no notice of case."""
    seen: set[str] = set()
    for name in names:
        if name.casefold() in seen:
            left.append((str(path / name), "its name differs from another only by case"))
        else:
            seen.add(name.casefold())
            yield name


def _read(descriptor: int, most: int) -> bytes:
    with os.fdopen(descriptor, "rb", closefd=False) as file:
        return file.read(most)


def _is_time(content: bytes) -> bool:
    found = _TIME.fullmatch(content.decode("ascii", "replace"))
    if not found:
        return False
    try:
        datetime.fromisoformat(found[1])
    except ValueError:
        return False
    return True


def _kind(mode: int) -> str:
    kinds = ((stat.S_ISLNK, "a symbolic link"), (stat.S_ISFIFO, "a named pipe"), (stat.S_ISSOCK, "a socket"))
    return next((words for fits, words in kinds if fits(mode)), "a device")
