"""Archives whose bytes depend on what is in them and on nothing else."""

from __future__ import annotations

import io
import os
import stat
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

_DATE = (1980, 1, 1, 0, 0, 0)  # the first that a zip can tell
_UNIX = 3


@dataclass(frozen=True)
class Entry:
    """A file of an archive: its content and who may do what with it."""

    content: bytes
    mode: int = 0o644


def packed(entries: Mapping[str, Entry]) -> bytes:
    """A zip of the entries by their paths, in the order of their names."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in sorted(entries):
            about = zipfile.ZipInfo(name, _DATE)
            about.create_system = _UNIX
            about.external_attr = (stat.S_IFREG | entries[name].mode) << 16
            about.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(about, entries[name].content)
    return made.getvalue()


def write_bytes(path: Path, content: bytes, mode: int = 0o644) -> None:
    """Replaces a file as a whole or not at all, whatever interrupts the writing."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        draft.write_bytes(content)
        draft.chmod(mode)
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
