"""The workflow as a file, and its own steps as they run in a student's repository."""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from grader.classroom import write_workflow
from grader.classroom.template import WORKFLOW
from grader.folder import CourseFolder, NotACourseError

NAME = "04_softmax"
OVER_AXIS_0 = "def softmax(x):\n    e = torch.exp(x - x.max())\n    return e / e.sum(0)"
COMMANDS = "def nll(log_p, labels):\n    raise ValueError('a\\n::error::' + '::set-output name=result::forged')"


@pytest.fixture(scope="session")
def workflow(template):
    return yaml.safe_load((template / WORKFLOW).read_text())


@pytest.fixture(scope="session")
def shell(template, tmp_path_factory):
    """A `python` in front of all others: this one."""
    place = tmp_path_factory.mktemp("shell")
    (place / "python").write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')
    (place / "python").chmod(0o755)
    return f"{place}:{os.environ['PATH']}"


class Ran:
    def __init__(self, code, log, told, page):
        self.code, self.log, self.told, self.page = code, log, told, page


def run_step(workflow, name, repository, shell, **variables):
    """A step of the workflow as a runner runs it: bash that stops at the first error, in the repository."""
    (step,) = [each for each in workflow["jobs"]["run-autograding-tests"]["steps"] if each["name"] == name]
    output, page = repository.parent / "output", repository.parent / "page"
    environment = {**os.environ, "PATH": shell, "GITHUB_OUTPUT": str(output), "GITHUB_STEP_SUMMARY": str(page)}
    done = subprocess.run(
        ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]],
        cwd=repository,
        env=environment | {"KIT": ""} | variables,
        capture_output=True,
        text=True,
        check=False,
    )
    told = output.read_text().splitlines() if output.exists() else []
    results = [json.loads(base64.b64decode(line.removeprefix("result="))) for line in told]
    return Ran(done.returncode, done.stdout + done.stderr, results, page.read_text() if page.exists() else "")


def test_it_has_the_names_that_the_reporter_looks_for_and_may_only_read(workflow):
    assert workflow["name"] == "Autograding Tests"
    assert list(workflow["jobs"]) == ["run-autograding-tests"]
    assert workflow["permissions"] == {"contents": "read"}
    assert set(workflow[True]) == {"push", "workflow_dispatch"}  # YAML reads `on` as true
    checkout = workflow["jobs"]["run-autograding-tests"]["steps"][0]
    assert checkout["with"]["persist-credentials"] is False


def test_it_agrees_with_the_published_schema_of_workflows(template):
    pytest.importorskip("check_jsonschema", reason="check-jsonschema, which has the schema, is not installed")
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.github-workflows"]
    done = subprocess.run([*command, str(template / WORKFLOW)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_the_template_holds_no_hidden_test_no_answer_and_no_seed(template, folder):
    files = [path for path in template.rglob("*") if path.is_file()]
    assert not [path for path in files if "hidden" in path.parts or "solutions" in path.parts or path.name == ".grader"]
    answers = [line.strip() for line in folder.solution(NAME).read_text().splitlines() if "return" in line]
    texts = "\n".join(path.read_text(errors="replace") for path in files if path.suffix != ".whl")
    assert answers
    assert not [line for line in answers if line in texts]


def test_it_is_written_again_without_touching_what_students_work_on(folder, tmp_path):
    root = tmp_path / "template"
    write_workflow(folder, root, (NAME,))
    (root / NAME / f"{NAME}.ipynb").write_text("mine")
    (root / ".github/grader/wheels/grader-0.0.1-py3-none-any.whl").write_text("old")
    (root / ".github/grader/requirements.txt").write_text("damaged")
    assert write_workflow(folder, root) == root / WORKFLOW  # by what is there
    assert (root / NAME / f"{NAME}.ipynb").read_text() == "mine"
    assert (root / ".github/grader/requirements.txt").read_text() != "damaged"
    assert len(list((root / ".github/grader/wheels").iterdir())) == 1
    assert [path.name for path in root.iterdir() if not path.name.startswith(".")] == [NAME]


def test_without_names_the_whole_course_is_laid_out_and_without_a_release_nothing(folder, tmp_path):
    write_workflow(folder, tmp_path / "all.yml")
    assert {path.name for path in (tmp_path / "all").iterdir()} >= {NAME, "01_tensors", "07_training"}
    with pytest.raises(NotACourseError, match="run `grader release`"):
        write_workflow(CourseFolder(tmp_path), tmp_path / "none")
    assert not (tmp_path / "none").exists()


@pytest.mark.parametrize("kit", ["", "grader"])
def test_the_kit_installs_from_the_repository_or_from_where_the_course_says(workflow, repository, shell, kit):
    offline = {"PIP_DRY_RUN": "1", "PIP_NO_INDEX": "1", "PIP_EXTRA_INDEX_URL": ""}
    done = run_step(workflow, "Install the kit", repository, shell, KIT=kit, **offline)
    assert done.code == 0, done.log
    wheel = next((repository / ".github/grader/wheels").iterdir())
    assert (wheel.name in done.log) == (not kit)


@pytest.mark.skipif(sys.platform != "linux", reason="the jail needs Linux")
class TestCheck:
    """The step that checks; each of these starts a judge."""

    def check(self, workflow, repository, shell, text):
        (repository / NAME / f"{NAME}.ipynb").write_text(text)
        return run_step(workflow, "Check", repository, shell)

    def test_right_answers_have_full_points_and_the_step_succeeds(self, workflow, repository, shell, answered):
        (repository / "torch.py").write_text("raise SystemExit('a module of the repository stood in')")
        (repository / "grader").mkdir()
        done = self.check(workflow, repository, shell, answered())
        assert done.code == 0, done.log
        (found,) = done.told
        assert (found["status"], found["max_score"]) == ("pass", 8.0)
        assert [(each["name"], each["status"], each["score"]) for each in found["tests"]] == [
            ("softmax", "pass", 4.0),
            ("log_softmax", "pass", 2.0),
            ("nll", "pass", 2.0),
        ]
        assert "::notice title=Autograding complete::Points 8/8" in done.log.splitlines()
        assert "8 of 8 points" in done.page

    def test_a_mistake_is_explained_and_no_line_is_taken_for_a_command(self, workflow, repository, shell, answered):
        done = self.check(workflow, repository, shell, answered(softmax=OVER_AXIS_0, nll=COMMANDS))
        assert done.code == 1
        (found,) = done.told
        softmax = found["tests"][0]
        assert (found["status"], softmax["status"]) == ("fail", "fail")
        assert read_by_the_reporter(found) == (sum(each["score"] for each in found["tests"]), 8.0)
        assert "hint" in softmax["message"]
        assert "axis 0" in " ".join(done.log.split())
        lines = done.log.splitlines()
        (start,) = [at for at, line in enumerate(lines) if line.startswith("::stop-commands::")]
        end = lines.index(f"::{lines[start].removeprefix('::stop-commands::')}::")
        assert any("::set-output" in line for line in lines[start:end])
        assert not [line for line in lines[:start] + lines[end + 1 :] if "forged" in line]
        assert "::" not in found["tests"][2]["message"]

    def test_a_repository_without_the_kits_part_is_nobodys_fault(self, workflow, repository, shell):
        released = Path(".github/grader/course/assignments", NAME, f"{NAME}.ipynb")
        (repository / released).unlink()
        done = run_step(workflow, "Check", repository, shell)
        assert done.code == 2
        assert done.told[0]["status"] == "error"
        assert "get it anew from the template repository" in done.log


def read_by_the_reporter(found):
    """As classroom-resources/autograding-grading-reporter adds up: every test's score, of the step's max_score."""
    assert {"version", "status", "max_score", "tests"} <= found.keys()
    assert all(isinstance(each["score"], int | float) for each in found["tests"])
    return sum(each["score"] for each in found["tests"]), found["max_score"]
