"""What a judge needs of a course, as one value that travels: no file system has to be shared."""

from __future__ import annotations

import io
import json
import zipfile
from dataclasses import dataclass, field
from pathlib import Path

from grader.folder import CourseFolder

_NAMES_ONLY = (1980, 1, 1, 0, 0, 0)
"""The date of everything inside: equal courses make equal bundles."""


@dataclass(frozen=True)
class Bundle:
    """Hidden suite, solution, mistakes, released notebook and seed of one assignment. Its `repr` tells nothing of them.

    Dask writes the arguments of a call into its logs when the call fails.
    """

    archive: bytes = field(repr=False)

    @classmethod
    def of(cls, folder: CourseFolder, assignment: str) -> Bundle:
        """The parts as they are now; NotACourseError when one is missing that grading needs."""
        folder.require(assignment)
        written = io.BytesIO()
        with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
            for path in (
                folder.hidden_suite(assignment),
                folder.solution(assignment),
                folder.mistakes(assignment),
                folder.released(assignment),
            ):
                if path.is_file():
                    _add(archive, str(path.relative_to(folder.root)), path.read_bytes())
            _add(archive, ".grader/seeds.json", json.dumps({assignment: folder.seed(assignment)}).encode())
        return cls(written.getvalue())

    def unpack(self, root: Path) -> CourseFolder:
        """Makes `root`, which should be private, a course folder that can grade the assignment."""
        with zipfile.ZipFile(io.BytesIO(self.archive)) as archive:
            archive.extractall(root)
        return CourseFolder(root)


def _add(archive: zipfile.ZipFile, name: str, content: bytes) -> None:
    archive.writestr(zipfile.ZipInfo(name, _NAMES_ONLY), content, zipfile.ZIP_DEFLATED)
