"""The formats as exporters of the real `nbgrader export`, with its own ways to choose."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from exported_class import NAME, OTHER, read
from tests_support import beside_python

from grader.export.formats import FORMATS
from grader.export.nbgrader_plugin import KitExporter
from grader.export.selection import Selection

PLACE = "grader.export.nbgrader_plugin"


def nbgrader_export(root: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "nbgrader", "export", *arguments]
    return subprocess.run(
        command, cwd=root, env=beside_python(), capture_output=True, text=True, timeout=120, check=False
    )


def test_its_own_choice_of_student_assignment_and_place(root):
    done = nbgrader_export(
        root,
        f"--exporter={PLACE}.OtterJsonExporter",
        f'--assignment=["{NAME}"]',
        '--student=["bob"]',
        "--to=to/bob.json",
    )
    assert done.returncode == 0, done.stderr
    made = (root / "to" / "bob.json").read_text()
    assert made == FORMATS["otter-json"].write(read(root, students=("bob",)), Selection(NAME, students=("bob",))).text


def test_everything_that_is_graded_by_default_with_settings_of_its_own(root):
    (root / "their.csv").write_text("Student,ID,SIS Login ID,Section\nAda,1,ada,A\n")
    with (root / "nbgrader_config.py").open("a") as config:
        config.write('c.ExportApp.plugin_class = "grader.export.nbgrader_plugin.KitExporter"\n')
        config.write('c.KitExporter.format = "canvas"\nc.KitExporter.roster = "their.csv"\n')
    done = nbgrader_export(root, "--KitExporter.to=made")
    assert done.returncode == 0, done.stderr
    assert sorted(each.name for each in (root / "made").iterdir()) == [f"{NAME}-canvas.csv", f"{OTHER}-canvas.csv"]
    assert (root / "made" / f"{OTHER}-canvas.csv").read_text().splitlines()[-1] == "Ada,1,ada,A,6.75"
    assert "matched 1 of 11 students by the column `SIS Login ID`" in done.stderr


def test_what_cannot_be_done_ends_the_command_with_one_sentence(root):
    done = nbgrader_export(root, f"--exporter={PLACE}.JunitExporter", '--assignment=["nope"]')
    assert done.returncode == 1
    assert "the gradebook holds no assignment `nope`; it holds 04_softmax, ps1" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (root / "exports").exists()


@pytest.mark.parametrize("form", FORMATS)
def test_every_format_has_an_exporter(form):
    module = sys.modules[KitExporter.__module__]
    exporter = getattr(module, "".join(part.title() for part in form.split("-")) + "Exporter")
    assert issubclass(exporter, KitExporter)
    assert exporter().format == form
    assert json.dumps(exporter.__doc__)
