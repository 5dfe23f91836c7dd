"""What stands in nbgrader's pipeline, so that plain `nbgrader autograde` and formgrader's button go our way.

Sanitising: a bounded reader in the exporter, then `Repair`, which also makes the student's text cells inert, before all
of nbgrader's own preprocessors.
Autograding: `Grade` in the place of `Execute`. Assignments that the kit's index does not hold are left to nbgrader.
"""

from __future__ import annotations

import atexit
from functools import cache
from html import escape
from pathlib import Path
from typing import Any, Protocol

import nbformat
from nbconvert.exporters import HTMLExporter, NotebookExporter
from nbconvert.preprocessors import ExecutePreprocessor
from nbgrader.converters import Autograde, GenerateAssignment
from nbgrader.preprocessors import ClearOutput, ClearSolutions, NbGraderPreprocessor
from nbgrader.utils import temp_attrs
from traitlets import Any as AnyTrait
from traitlets import List, Unicode

from grader import course
from grader.device import choose
from grader.folder import CourseFolder
from grader.jail.notice import is_weak
from grader.judge.pool import Pool
from grader.judge.submission import Finished, Submission, handed_in
from grader.nbgrader.feedback import configure_feedback
from grader.nbgrader.settings import imported, in_place_of, release_directory, steps, without
from grader.nbgrader.staging import read_times_safely, stage
from grader.notebook.inert import with_inert_texts
from grader.notebook.repair import repair
from grader.records import keep_verdict, with_results

OURS = "grader"
"""Key of our facts in a notebook's metadata: nbgrader's own refuses keys that it does not know."""


def configure(c: Any) -> None:
    """Puts the kit into an nbgrader configuration; call it last in `nbgrader_config.py`, with the config object.

    What the course has set before stays, and goes on serving the assignments that are not the kit's.
    """
    c.CourseDirectory.release_directory = release_directory(c)
    ours = {ClearSolutions: ClearOurSolutions, ClearOutput: ClearMarkedOutput}
    c.GenerateAssignment.preprocessors = [ours.get(each, each) for each in steps(c, GenerateAssignment)]
    c.Autograde.exporter_class = SubmissionExporter
    c.HTMLExporter.preprocessors = [*without(InertNames, steps(c, HTMLExporter)), InertNames]
    configure_feedback(c)
    read_times_safely()
    c.Autograde.sanitize_preprocessors = [Repair, *without(Repair, steps(c, Autograde, "sanitize_preprocessors"))]
    grading = steps(c, Autograde, "autograde_preprocessors")
    if Grade not in grading:
        c.Grade.theirs, c.Autograde.autograde_preprocessors = in_place_of(grading, ExecutePreprocessor, Grade)


def _is_ours(resources: Any) -> bool:
    return resources["nbgrader"]["assignment"] in course.assignments()


def _is_shown_ours(resources: Any) -> bool:
    """Of a page's resources: formgrader does not name the assignment where nbgrader's converters do."""
    about = resources.get("nbgrader", {})
    return resources.get("assignment_id", about.get("assignment")) in course.assignments()


def _facts(nb: Any) -> dict[str, Any]:
    """What the exporter found out about the submitted file; nothing for a notebook that came another way."""
    facts: dict[str, Any] = nb.metadata.get(OURS, {"problem": "", "digest": "", "repairs": []})
    return facts


def _released(resources: Any) -> dict[str, Any]:
    return CourseFolder.find().released_notebook(resources["nbgrader"]["assignment"])


class SubmissionExporter(NotebookExporter):
    """Reads a submission within bounds; a file that is no notebook becomes an empty one with the reason."""

    def __init__(self, *args: Any, **settings: Any) -> None:
        super().__init__(*args, **settings)
        # nbgrader makes its exporter when it knows what to convert, and before it copies or reads anything of it
        if isinstance(self.parent, Autograde) and self.parent.coursedir.assignment_id in course.assignments():
            _require_jail(self.parent)
            stage(self.parent)

    def from_filename(self, filename: str, resources: Any = None, **rest: Any) -> Any:
        if not _is_ours(resources) or not self._is_submission(filename, resources):
            return super().from_filename(filename, resources=resources, **rest)
        about = resources["nbgrader"]
        folder = CourseFolder.find()
        submission = handed_in(folder, about["student"], about["assignment"]).opened(_released(resources))
        notebook = nbformat.from_dict(submission.notebook)
        notebook.metadata[OURS] = {
            "repairs": list(submission.repairs),
            "problem": submission.problem,
            "digest": submission.digest,
        }
        return super().from_notebook_node(notebook, resources=resources, **rest)

    def _is_submission(self, filename: str, resources: Any) -> bool:
        about = resources["nbgrader"]
        handed_in = CourseFolder.find().submission(about["assignment"], about["student"])
        return Path(filename).parent == handed_in.parent


class Repair(NbGraderPreprocessor):
    """Restores the released cells before nbgrader looks at them, however the notebook got here."""

    def preprocess(self, nb: Any, resources: Any) -> tuple[Any, Any]:
        if not _is_ours(resources):
            return nb, resources
        kept = _facts(nb)
        released = _released(resources)
        repaired = repair(nb, released)
        notebook = nbformat.from_dict(with_inert_texts(repaired.notebook, released))
        notebook.metadata[OURS] = {**kept, "repairs": [*kept["repairs"], *repaired.repairs]}
        return notebook, resources


class ClearOurSolutions(ClearSolutions):
    """Takes the kit's marks for the kit's notebooks, and leaves its stub there, whatever a course has configured."""

    def preprocess(self, nb: Any, resources: Any) -> tuple[Any, Any]:
        ours = {
            "code_stub": {"python": "raise NotImplementedError"},
            "begin_solution_delimeter": "BEGIN SOLUTION",
            "end_solution_delimeter": "END SOLUTION",
        }
        with temp_attrs(self, **(ours if _is_ours(resources) else {})):
            cleared: tuple[Any, Any] = super().preprocess(nb, resources)
        return cleared


class ClearMarkedOutput(ClearOutput):
    """Leaves the outputs of worked examples in what students get; marked cells, and other courses', are cleared.

    So is an example with the tag `guess`: the text above it asks what it will show.
    """

    def preprocess_cell(self, cell: Any, resources: Any, cell_index: int) -> tuple[Any, Any]:
        is_example = "nbgrader" not in cell.metadata and "guess" not in cell.metadata.get("tags", ())
        if _is_ours(resources) and is_example:
            return cell, resources
        cleared: tuple[Any, Any] = super().preprocess_cell(cell, resources, cell_index)
        return cleared


class InertNames(NbGraderPreprocessor):
    """Escapes the names that formgrader writes into a submission's page as they are, and makes headings no anchors.

    Names come from a roster, and in many schools everyone writes their own there. An anchor is a heading's own words:
    one called like a test cell would take formgrader's score box from it.
    """

    # nbconvert's page exporter sets it for every step, and warns of a step that does not take it
    display_data_priority = List(Unicode()).tag(config=True)

    def preprocess(self, nb: Any, resources: Any) -> tuple[Any, Any]:
        # an exporter of formgrader's serves all assignments, one after another
        self.parent.exclude_anchor_links = _is_shown_ours(resources) or bool(
            self.config.HTMLExporter.get("exclude_anchor_links", False)
        )
        names = {key: escape(resources[key]) for key in ("first_name", "last_name", "student") if resources.get(key)}
        resources.update(names)
        return nb, resources


class NotJailedError(RuntimeError):
    """A configuration by which students' code would run in nbgrader's own kernel; the message names the remedy."""


def _require_jail(converter: Autograde) -> None:
    """NotJailedError where a file that overrules the course's own puts nbgrader's steps back into their place."""
    grading = imported(converter.autograde_preprocessors)
    theirs, _ = in_place_of(grading, ExecutePreprocessor, Grade)
    if theirs or not any(each is Grade or isinstance(each, Grade) for each in grading):
        raise NotJailedError(
            "`Autograde.autograde_preprocessors` runs students' code without the jail: set it in nbgrader_config.py, "
            "above the kit's lines, and in no other file"
        )


class Judge(Protocol):
    """Whoever gives the verdict on a submission."""

    def grade(self, work: Submission) -> Finished: ...


class Grade(NbGraderPreprocessor):
    """Puts the judge's outputs, panels and points into the notebook, where `Execute` would have run it here.

    `judge` is a pool that is started when first needed, or whoever was given to this instance.
    """

    judge = AnyTrait(None, allow_none=True)
    theirs = List(help="what ran notebooks before the kit came, and runs those of other assignments").tag(config=True)
    policy = Unicode("require", help="`require`: refuse to run code behind missing walls; `warn`: go on").tag(
        config=True
    )
    device = Unicode("auto", help="`auto`: a GPU where one answers; `cpu`; `cuda`").tag(config=True)

    def preprocess(self, nb: Any, resources: Any) -> tuple[Any, Any]:
        if not _is_ours(resources):
            for each in self.theirs:
                nb, resources = each(parent=self.parent)(nb, resources)
            return nb, resources
        about = resources["nbgrader"]
        facts = _facts(nb)
        submission = Submission(
            about["student"], about["assignment"], nb, tuple(facts["repairs"]), facts["problem"], facts["digest"]
        )
        folder = CourseFolder.find()
        judge: Judge = self.judge or _pool(folder, about["assignment"], self.policy, self.device)
        graded = judge.grade(submission).result
        if is_weak(graded.verdict):
            self.log.warning("%s: isolation was %s", about["student"], ": ".join(graded.verdict.isolation[:2]))
        keep_verdict(folder, graded.verdict)
        return nbformat.from_dict(with_results(nb, graded)), resources


@cache
def _pool(folder: CourseFolder, assignment: str, policy: str, device: str) -> Pool:
    """One pool for each assignment that this process grades; it ends with the process."""
    folder.require(assignment)
    pool = Pool(folder, assignment, policy=policy, device=choose(device))
    atexit.register(pool.close)
    return pool
