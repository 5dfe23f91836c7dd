"""Builds this project with setuptools, the same bytes from the same files: whoever builds, where, and when.

setuptools dates what is in a wheel by `SOURCE_DATE_EPOCH`, but writes into an sdist when its files were touched, who
owns them, and the time of day; and what a user's umask forbids shows in both. A build tool imports this module in a
process of its own, for each step of a build: what it sets is set for the build alone.
"""

from __future__ import annotations

import gzip
import os
import tarfile
from pathlib import Path

from setuptools import build_meta
from setuptools.build_meta import *  # noqa: F403 - the steps that are setuptools' own

os.umask(0o022)
os.environ.setdefault("SOURCE_DATE_EPOCH", "1577836800")  # 2020-01-01: no clock and no repository is asked


def build_sdist(sdist_directory: str, config_settings: dict[str, str] | None = None) -> str:
    """Builds the sdist, and returns the name of its file."""
    name = str(build_meta.build_sdist(sdist_directory, config_settings))
    _repack(Path(sdist_directory, name), int(os.environ["SOURCE_DATE_EPOCH"]))
    return name


def _repack(archive: Path, date: int) -> None:
    """Writes an archive anew, in the order of names, with nobody's name and no other date in it."""
    draft = archive.with_name(f".{archive.name}")
    with (
        tarfile.open(archive) as old,
        draft.open("wb") as file,
        gzip.GzipFile("", "wb", fileobj=file, mtime=date) as compressed,
        tarfile.open(fileobj=compressed, mode="w", format=tarfile.USTAR_FORMAT) as new,
    ):
        for member in sorted((each for each in old if each.isfile()), key=lambda each: each.name):
            entry = tarfile.TarInfo(member.name)
            entry.size, entry.mtime, entry.mode = member.size, date, 0o644
            new.addfile(entry, old.extractfile(member))
    draft.replace(archive)
