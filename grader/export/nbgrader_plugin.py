"""The same formats for `nbgrader export`: `nbgrader export --exporter grader.export.nbgrader_plugin.CanvasExporter`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from nbgrader.api import Gradebook
from nbgrader.plugins import ExportPlugin
from traitlets import Enum, Unicode

from grader.export.booked import assignments
from grader.export.formats import FORMATS, named
from grader.export.gathered import gathered
from grader.export.selection import ExportError, Selection
from grader.export.write import Exported, usual_place, write
from grader.folder import CourseFolder
from grader.roster_file import RosterError


class KitExporter(ExportPlugin):  # type: ignore[misc] # its base class is untyped
    """Writes a file for each assignment; `format` says in which form.

    `to` is the file for one assignment, and a folder for several; `exports/` by default. `student` and `assignment`
    choose, everybody and everything that is graded by default.
    """

    format = Enum(tuple(FORMATS), "csv", help="one of the formats that docs/export.md describes").tag(config=True)
    roster = Unicode("", help="the file that Canvas or Moodle exported, whose rows are filled in").tag(config=True)
    groups = Unicode("", help="a CSV file with the columns student and group").tag(config=True)
    column = Unicode("", help="header in the roster that takes the points, if it is not found").tag(config=True)

    def export(self, gradebook: Gradebook) -> None:
        """Ends the command with one sentence and exit code 1 where it cannot be done; then nothing half is written."""
        try:
            for each in self._written(gradebook):
                self.log.info("%s; %s", each.about, each.path)
                for line in each.said:
                    self.log.warning(line)
        except (ExportError, RosterError) as error:
            self.parent.fail(str(error))

    def _written(self, gradebook: Gradebook) -> list[Exported]:
        folder, form = CourseFolder(Path(self.parent.coursedir.root).resolve()), named(self.format)
        names = [str(each) for each in self.assignment]
        ready = []
        for name in names or assignments(gradebook.db):
            try:
                ready.append((name, gathered(folder, gradebook.db, self._chosen(name))))
            except ExportError:
                if names:
                    raise
        if not ready:
            raise ExportError("nobody's work is graded yet; run `nbgrader autograde NAME`")
        return [
            write(grades, self._chosen(name), form, self._place(folder, name, len(ready))) for name, grades in ready
        ]

    def _chosen(self, name: str) -> Selection:
        roster, groups = (Path(each) if each else None for each in (self.roster, self.groups))
        return Selection(name, tuple(str(each) for each in self.student), roster, groups, self.column)

    def _place(self, folder: CourseFolder, name: str, how_many: int) -> Path:
        usual = usual_place(folder.root, name, named(self.format))
        if not self.to:
            return usual
        return Path(self.to) if how_many == 1 else Path(self.to, usual.name)


def _exporter(form: str) -> Any:
    name = "".join(part.title() for part in form.split("-")) + "Exporter"
    about = f"{FORMATS[form].about[0].upper()}{FORMATS[form].about[1:]}."
    fixed = Enum(tuple(FORMATS), form, help="one of the formats that docs/export.md describes").tag(config=True)
    return type(name, (KitExporter,), {"format": fixed, "__doc__": about, "__module__": __name__})


CsvExporter = _exporter("csv")
CanvasExporter = _exporter("canvas")
MoodleExporter = _exporter("moodle")
GradescopeExporter = _exporter("gradescope")
JunitExporter = _exporter("junit")
OtterJsonExporter = _exporter("otter-json")
