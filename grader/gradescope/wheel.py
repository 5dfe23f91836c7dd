"""The kit itself as a wheel, made from what is running: no build tool, no network, the same bytes every time."""

from __future__ import annotations

import base64
import csv
import hashlib
import io
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

import grader
from grader.gradescope.archive import Entry, packed

_TAG = "py3-none-any"
_WHEEL = f"Wheel-Version: 1.0\nGenerator: grader\nRoot-Is-Purelib: true\nTag: {_TAG}\n"
_SKIPPED = frozenset({"__pycache__", ".ipynb_checkpoints"})


class NotInstalledError(RuntimeError):
    """This kit runs without being installed, so that nothing tells what it needs; the message names the remedy."""


def installed() -> Distribution:
    """What is known of the installed kit; NotInstalledError when it runs from a bare folder."""
    try:
        return distribution("grader")
    except PackageNotFoundError:
        raise NotInstalledError("the kit is not installed here; run `pip install -e .` in its checkout") from None


def wheel() -> tuple[str, bytes]:
    """The file name of the wheel, and its content."""
    about = installed()
    name = f"grader-{about.version}"
    entries = {f"grader/{path}": Entry(content) for path, content in _package().items()}
    entries |= {f"{name}.dist-info/{key}": Entry(text.encode()) for key, text in _about(about).items()}
    record = f"{name}.dist-info/RECORD"
    entries[record] = Entry(_record(entries, record))
    return f"{name}-{_TAG}.whl", packed(entries)


def _package() -> dict[str, bytes]:
    """The files of the package by their paths below it; nothing hidden, nothing compiled, nothing behind a link."""
    root = Path(grader.__file__).resolve().parent
    found = {path.relative_to(root): path for path in root.rglob("*") if path.is_file() and not path.is_symlink()}
    return {
        place.as_posix(): path.read_bytes()
        for place, path in found.items()
        if not _SKIPPED & set(place.parts) and not any(part.startswith(".") for part in place.parts)
    }


def _about(known: Distribution) -> dict[str, str]:
    texts = {
        "METADATA": known.read_text("METADATA") or known.read_text("PKG-INFO"),
        "WHEEL": _WHEEL,
        "entry_points.txt": known.read_text("entry_points.txt"),
    }
    return {name: text for name, text in texts.items() if text}


def _record(entries: dict[str, Entry], own: str) -> bytes:
    table = io.StringIO()
    writer = csv.writer(table, lineterminator="\n")
    for name in sorted(entries):
        digest = base64.urlsafe_b64encode(hashlib.sha256(entries[name].content).digest()).rstrip(b"=").decode()
        writer.writerow((name, f"sha256={digest}", len(entries[name].content)))
    writer.writerow((own, "", ""))
    return table.getvalue().encode()
