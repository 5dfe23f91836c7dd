"""Grades a class as a simple script would. Standard library only."""

from __future__ import annotations

import importlib.util
import json
import os
import select
import sys
from pathlib import Path
from typing import Any

from attacks.naive_tests import hidden_cell

ROOT = Path("/arena")
COURSE, HOME = ROOT / "course", ROOT / "home"


class Runner:
    """Grades a class as a simple script would: the answers and the tests in memory, a fork for each notebook."""

    def __init__(self, request: dict[str, Any], shell: Any, facts: dict[str, Any]) -> None:
        self.request, self.shell = request, shell
        self.facts = {
            **facts,
            "COURSE": str(COURSE),
            "HOME_FOLDER": str(HOME),
            "SUPERVISORS": [os.getpid()],
        }
        assignment = request["assignment"]
        self.suite = (COURSE / "tests" / "hidden" / f"test_{assignment}.py").read_text(encoding="utf-8")
        self.memory = request["planted"]["memory of the judge"].encode()
        self.seed = json.loads((COURSE / ".grader" / "seeds.json").read_text())[assignment]
        self.gradebook = os.open(COURSE / "gradebook.db", os.O_RDWR)
        os.set_inheritable(self.gradebook, True)
        os.chdir(COURSE)
        _load("solution", COURSE / "solutions" / f"{assignment}.py")

    def run(self, results: int) -> None:
        """One after the other, but for those that were to be graded beside each other."""
        if self.request["one_process"]:
            for name in [name for together in self.request["order"] for name in together]:
                reading, writing = os.pipe()
                self._be_kernel(name, writing)
                write_all(results, _result(name, os.read(reading, 1 << 16)))
            return
        for together in self.request["order"]:
            kernels = [(name, *self._start(name, results)) for name in together]
            for name, pid, reading in kernels:
                os.waitpid(pid, 0)
                said = os.read(reading, 1 << 16) if select.select([reading], [], [], 0)[0] else b""
                write_all(results, _result(name, said))

    def _start(self, name: str, results: int) -> tuple[int, int]:
        reading, writing = os.pipe()
        pid = os.fork()
        if pid == 0:
            try:
                os.setsid()
                self._be_kernel(name, writing)
            finally:
                os._exit(0)
        os.close(writing)
        return pid, reading

    def _be_kernel(self, name: str, writing: int) -> None:
        folder = COURSE / "submitted" / name / self.request["assignment"]
        os.chdir(folder)
        output = os.open(ROOT / f"output-{name}", os.O_CREAT | os.O_WRONLY | os.O_APPEND, 0o600)
        os.dup2(output, 1)
        os.dup2(output, 2)
        sys.stdout = sys.stderr = open(1, "w", encoding="utf-8", errors="replace", buffering=1, closefd=False)  # noqa: SIM115
        notebook = json.loads((folder / f"{self.request['assignment']}.ipynb").read_bytes())
        points = sum(self._cell(cell) for cell in notebook["cells"] if cell["cell_type"] == "code")
        write_all(writing, json.dumps(points).encode())

    def _cell(self, cell: dict[str, Any]) -> float:
        """Runs one cell; the points of a test cell that raised nothing."""
        marks = cell["metadata"].get("nbgrader") or {}
        source = "".join(cell["source"])
        if marks.get("grade") and not marks.get("solution"):
            source = self._hidden(marks["grade_id"].removeprefix("test_"))
        if source.startswith("ME = "):
            source += "".join(f"\n{name} = {value!r}" for name, value in self.facts.items())
        if source.startswith("check("):
            return 0.0
        result = self.shell.run_cell(source, store_history=True)
        return float(marks.get("points") or 0) if result.success and marks.get("grade") else 0.0

    def _hidden(self, exercise: str) -> str:
        planted = self.request["planted"]
        return hidden_cell(
            exercise, seed=self.seed, suite=planted["hidden suite"], secret_input=planted["hidden input"]
        )


def _result(name: str, said: bytes) -> bytes:
    return json.dumps({"student": name, "said": said.decode()}).encode() + b"\n"


def _load(name: str, path: Path) -> None:
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec
    assert spec.loader
    sys.modules[name] = module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)


def write_all(descriptor: int, data: bytes) -> None:
    while data:
        data = data[os.write(descriptor, data) :]
