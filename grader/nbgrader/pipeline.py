"""The notebook that nbgrader's `Autograde` would leave, made in one go: without its files and database in between.

nbgrader's converter runs two lists of preprocessors. Those that need no database run here as they are, as configured.
`OverwriteCells` runs too, and finds in memory what all students share; the few lines of the others that read or write
the database are the business of `grader.nbgrader.rows`. What a teacher configured beyond that is `deviation`'s to name.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import nbformat
from nbconvert.preprocessors import ClearMetadataPreprocessor
from nbconvert.writers import FilesWriter
from nbformat.v4.rwbase import split_lines, strip_transient
from nbgrader.api import MissingEntry
from nbgrader.converters import Autograde
from nbgrader.nbgraderformat import MetadataValidator
from nbgrader.plugins import LateSubmissionPlugin
from nbgrader.preprocessors import (
    AssignLatePenalties,
    CheckCellMetadata,
    ClearOutput,
    DeduplicateIds,
    IgnorePattern,
    LimitOutput,
    OverwriteCells,
    OverwriteKernelspec,
    SaveAutoGrades,
)
from nbgrader.utils import compute_checksum, determine_grade, is_grade, is_solution, is_task, temp_attrs

from grader.judge.submission import Finished
from grader.nbgrader.plugin import OURS, Grade, Repair, SubmissionExporter
from grader.nbgrader.released import Released
from grader.notebook.inert import with_inert_texts
from grader.records import with_results

SANITIZERS = (Repair, ClearOutput, DeduplicateIds, OverwriteKernelspec, OverwriteCells, CheckCellMetadata)
AUTOGRADERS = (
    Grade,
    IgnorePattern,
    ClearMetadataPreprocessor,
    LimitOutput,
    SaveAutoGrades,
    AssignLatePenalties,
    CheckCellMetadata,
)
"""What `configure` makes of the lists of nbgrader 0.9.6: what is done here is what these do."""

_DONE_HERE = (Repair, OverwriteKernelspec, Grade, SaveAutoGrades, AssignLatePenalties, CheckCellMetadata)
"""Those that never run themselves, so that one who is switched off would still be at work."""


@dataclass(frozen=True)
class Converted:
    """A notebook that is ready to be recorded.

    text: as nbgrader writes it. scores: automatic points by grade cell, None where only a human can give them.
    comments: nbgrader's automatic comment by solution or task cell.
    """

    text: str
    scores: dict[str, float | None]
    comments: dict[str, str | None]


def deviation(converter: Autograde) -> str:
    """What of a teacher's configuration only nbgrader's own converter can do, in a few words; empty when nothing."""
    with _exporter(converter) as exporter:
        writer = FilesWriter(parent=converter, config=converter.config)
        reasons = {
            "Autograde.sanitize_preprocessors": tuple(converter.sanitize_preprocessors) != SANITIZERS,
            "Autograde.autograde_preprocessors": tuple(converter.autograde_preprocessors) != AUTOGRADERS,
            "Autograde.pre_convert_hook": converter.pre_convert_hook is not None,
            "Autograde.post_convert_hook": converter.post_convert_hook is not None,
            "Autograde.exporter_class": converter.exporter_class is not SubmissionExporter,
            "CourseDirectory.notebook_id": converter.coursedir.notebook_id != "*",
            "NotebookExporter.nbformat_version": getattr(exporter, "nbformat_version", 0) != nbformat.current_nbformat,
            "Exporter.file_extension": exporter.file_extension != ".ipynb",
            "FilesWriter.files": bool(writer.files),
            "OverwriteCells.add_missing_cells": OverwriteCells(parent=exporter).add_missing_cells,
            **{f"{each.__name__}.enabled": not each(parent=exporter).enabled for each in _DONE_HERE},
        }
    return next((name for name, holds in reasons.items() if holds), "")


@contextmanager
def _exporter(converter: Autograde) -> Iterator[Any]:
    """An exporter, which gives preprocessors their configuration; with no assignment at hand it stages nothing."""
    with temp_attrs(converter.coursedir, assignment_id=""):
        yield converter.exporter_class(parent=converter, config=converter.config)


class Pipeline:
    """Both lists of preprocessors, for the students of one assignment."""

    def __init__(self, converter: Autograde, source: Released, released: dict[str, Any]) -> None:
        with _exporter(converter) as exporter:
            self._sanitizers = [ClearOutput(parent=exporter), DeduplicateIds(parent=exporter)]
            self._overwrite = OverwriteCells(parent=exporter)
            self._graders = [each(parent=exporter) for each in (IgnorePattern, ClearMetadataPreprocessor, LimitOutput)]
            self._late = AssignLatePenalties(parent=exporter)
        self._late.init_plugin()
        self._overwrite.notebook_id = self._overwrite.assignment_id = source.assignment
        self._overwrite.gradebook = _FromMemory(source)
        self._check = _CellMetadata()
        self._kernelspec = source.kernelspec
        self._released = released

    def convert(self, finished: Finished) -> Converted:
        """What nbgrader would write; ValidationError and ValueError as nbgrader's own code raises them."""
        submission = finished.submission
        about = {"student": submission.student, "assignment": submission.assignment, "notebook": submission.assignment}
        resources = {"nbgrader": about}
        nb = self._graded(self._sanitized(finished, resources), finished, resources)
        nbformat.validate(nb, relax_add_props=True)
        scores, comments = _scores(nb), _comments(nb)
        return Converted(_text(nb), scores, comments)

    def _sanitized(self, finished: Finished, resources: dict[str, Any]) -> Any:
        submission = finished.submission
        nb = nbformat.from_dict(with_inert_texts(submission.notebook, self._released))
        nb.metadata[OURS] = {
            "repairs": list(submission.repairs),
            "problem": submission.problem,
            "digest": submission.digest,
        }
        for each in self._sanitizers:
            nb, resources = each(nb, resources)
        if self._kernelspec:
            nb.metadata["kernelspec"] = copy.deepcopy(self._kernelspec)
        if self._overwrite.enabled:
            for index, cell in enumerate(nb.cells):
                nb.cells[index], _ = self._overwrite.preprocess_cell(cell, resources, index)
        self._check.validate_nb(nb)
        return nb

    def _graded(self, nb: Any, finished: Finished, resources: dict[str, Any]) -> Any:
        nb = nbformat.from_dict(with_results(nb, finished.result))
        for each in self._graders:
            nb, resources = each(nb, resources)
        self._check.validate_nb(nb)
        return nb

    @property
    def plugin_is_stock(self) -> bool:
        """Whether late penalties follow nbgrader's own plugin, which looks at nothing but its arguments."""
        return type(self._late.plugin_inst) is LateSubmissionPlugin

    def penalty(self, student: str, score: float, seconds_late: float) -> float | None:
        """What being late costs in points, between 0 and the score; None when nothing."""
        asked = self._late.plugin_inst.late_submission_penalty(student, score, seconds_late)
        bounded: float | None = asked and self._late._check_late_penalty(SimpleNamespace(score=score), asked)
        return bounded


class _FromMemory:
    """Stands where `OverwriteCells` expects a gradebook."""

    def __init__(self, source: Released) -> None:
        self._source = source

    def find_source_cell(self, name: str, notebook: str, assignment: str) -> Any:
        return self._found(self._source.source_cells, name)

    def find_graded_cell(self, name: str, notebook: str, assignment: str) -> Any:
        return self._found(self._source.graded_cells, name)

    def _found(self, cells: dict[str, Any], name: str) -> Any:
        if name not in cells:
            raise MissingEntry(f"No such cell: {self._source.assignment}/{name}")
        return cells[name]


class _CellMetadata(MetadataValidator):  # type: ignore[misc] # its base class is untyped
    """nbgrader's check, which judges equal metadata once: those of the known cells are the same for all students."""

    def __init__(self) -> None:
        super().__init__()
        self._sound: set[tuple[str, str]] = set()

    def validate_cell(self, cell: Any) -> None:
        if "nbgrader" not in cell.metadata:
            return
        key = (cell.cell_type, json.dumps(cell.metadata["nbgrader"], sort_keys=True))
        if key not in self._sound:
            super().validate_cell(cell)
            self._sound.add(key)


def _text(nb: Any) -> str:
    """As `nbformat.writes` makes it, but for the copy that it takes first: this notebook is changed."""
    lines = strip_transient(split_lines(nb))
    return json.dumps(lines, ensure_ascii=False, indent=1, separators=(",", ": "), sort_keys=True) + "\n"


def _scores(nb: Any) -> dict[str, float | None]:
    return {cell.metadata["nbgrader"]["grade_id"]: determine_grade(cell)[0] for cell in nb.cells if is_grade(cell)}


def _comments(nb: Any) -> dict[str, str | None]:
    cells = [cell for cell in nb.cells if is_solution(cell) or is_task(cell)]
    return {cell.metadata["nbgrader"]["grade_id"]: "No response." if _untouched(cell) else None for cell in cells}


def _untouched(cell: Any) -> bool:
    checksum = cell.metadata["nbgrader"].get("checksum", None)
    return bool(checksum == compute_checksum(cell) and not is_task(cell))
