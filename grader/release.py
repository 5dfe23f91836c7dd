"""Building what students get, and what is derived beside it, from the source notebooks."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from grader import course
from grader.explanations import explanations
from grader.folder import CourseFolder, NotACourseError, write_atomically
from grader.nbgrader.course import course_api, require_layout, require_success
from grader.notebook.solutions import solution_module


@dataclass(frozen=True)
class Released:
    """An assignment that was built: the folder that students get, and the points in it."""

    assignment: str
    folder: Path
    points: float


def release(folder: CourseFolder, names: tuple[str, ...]) -> tuple[Released, ...]:
    """Builds `assignments/NAME` with nbgrader, `solutions/NAME.py` and the explanations, for each name."""
    for name in names:
        course.exercises(name)
        if not folder.source(name).is_file():
            raise NotACourseError(
                f"{folder.source(name)} is missing; the source notebook must bear the assignment's name"
            )
    with course_api(folder) as api:
        require_layout(api, folder.releases.name)
        for name in names:
            require_success(api.generate_assignment(name), f"release `{name}`")
    return tuple(_finish(folder, name) for name in names)


def _finish(folder: CourseFolder, name: str) -> Released:
    source = json.loads(folder.source(name).read_text(encoding="utf-8"))
    write_atomically(folder.solution(name), solution_module(source, name))
    target = folder.released(name).parent
    texts = json.dumps(explanations(folder.mistakes(name)), indent=1, ensure_ascii=False, sort_keys=True)
    write_atomically(target / "explanations.json", texts + "\n")
    return Released(name, target, sum(each.points for each in course.exercises(name)))
