"""Where Gradescope puts things, and what the zip brought along."""

from __future__ import annotations

import contextlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from grader import course
from grader.folder import CourseFolder
from grader.gradescope.zip import COURSE

_FOLDER, _FILE = 0o700, 0o600


class LayoutError(LookupError):
    """The autograder lacks a part, or cannot tell which assignment is meant; for instructors, with the remedy."""


@dataclass(frozen=True)
class Layout:
    """The folders below `root`, which is `/autograder` on Gradescope."""

    root: Path

    @property
    def source(self) -> Path:
        return self.root / "source"

    @property
    def submission(self) -> Path:
        return self.root / "submission"

    @property
    def results(self) -> Path:
        return self.root / "results" / "results.json"

    @property
    def metadata(self) -> Path:
        """Who handed in, when, and what came of it before."""
        return self.root / "submission_metadata.json"

    @property
    def course(self) -> CourseFolder:
        return CourseFolder(self.source / COURSE)

    def close(self) -> None:
        """Takes from everybody but their owner what student code must not see, jail or no jail."""
        for path in (self.source, self.submission, self.results.parent, self.metadata):
            with contextlib.suppress(OSError):  # whether answers are closed is tried later on
                path.chmod(_FOLDER if path.is_dir() else _FILE)

    def assignment(self) -> str:
        """The assignment to grade: the only one in the zip, else the one that Gradescope's title names.

        What students hand in has no say in it: they would choose the easiest. LayoutError when it cannot be told.
        """
        present = tuple(name for name in course.assignments() if self.course.released(name).is_file())
        if not present:
            raise LayoutError(f"{self.course.root} holds no assignment; build the zip anew and upload it")
        title = self._title()
        named = present if len(present) == 1 else tuple(name for name in present if name in title)
        if len(named) == 1:
            return named[0]
        raise LayoutError(
            f"the zip grades {', '.join(present)}, and the title of the assignment on Gradescope names "
            f"{'several' if named else 'none'} of them; put one into the title, or upload a zip of one assignment"
        )

    def _title(self) -> str:
        """The title that the instructor gave the assignment; empty where Gradescope tells none."""
        try:
            told: Any = json.loads(self.metadata.read_text(encoding="utf-8"))
            return str(told["assignment"]["title"])
        except (OSError, ValueError, LookupError, TypeError):
            return ""
