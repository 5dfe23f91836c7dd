"""What students get back, written by nbgrader."""

from __future__ import annotations

from grader import course
from grader.autograde import NothingToGradeError
from grader.folder import CourseFolder
from grader.nbgrader_course import course_api, require_success


def feedback(folder: CourseFolder, assignment: str) -> int:
    """Writes `feedback/STUDENT/ASSIGNMENT` for everyone who was graded; returns how many that are."""
    course.exercises(assignment)
    graded = [each for each in (folder.root / "autograded").glob(f"*/{assignment}") if each.is_dir()]
    if not graded:
        raise NothingToGradeError(f"nothing of `{assignment}` is graded yet; run `grader autograde {assignment}`")
    with course_api(folder) as api:
        require_success(api.generate_feedback(assignment), f"write the feedback for `{assignment}`")
    return len(graded)
