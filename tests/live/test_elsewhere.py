"""Where only what `check` needs is installed, as in Colab, and the cell in docs/notebook.md has fetched the tests."""

from __future__ import annotations

import re
import subprocess
import sys
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from live_suite import RIGHT

import grader

ROOT = Path(__file__).parents[2]
CELL = re.search(r"```python\n(COURSE.*?)```", (ROOT / "docs" / "notebook.md").read_text(encoding="utf-8"), re.DOTALL)[
    1
]
ABSENT = ("nbgrader", "nbconvert", "nbformat", "jupyterlab", "sklearn", "typer", "rich", "watchfiles", "requests")
BLOCKED = f"import sys\nsys.modules.update(dict.fromkeys({ABSENT!r}))\nimport torch\n"


class Quiet(SimpleHTTPRequestHandler):
    """Serves a folder without a word."""

    def log_message(self, *words):
        pass


@pytest.fixture
def course_page(tmp_path):
    """The address of a course that published its `assignments/`."""
    (tmp_path / "web").mkdir()
    (tmp_path / "web" / "assignments").symlink_to(ROOT / "assignments")
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=tmp_path / "web")) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def run_in(folder, *cells):
    code = BLOCKED + "\n".join(cells)
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=folder, check=False)


def test_the_cell_of_the_docs_gets_all_that_check_needs(course_page, tmp_path):
    fetch = re.sub(r"(?m)^%pip .*$", "", CELL).replace("https://example.org/our-course", course_page)
    done = run_in(
        tmp_path, fetch, "from grader import check, hint", RIGHT, 'print(check("softmax", softmax))\nhint("nll")'
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "softmax: passed · 4 of 4 points" in done.stdout
    assert "\n4.0\nnll: hint\n" in done.stdout


def test_the_wheel_of_the_cell_is_the_one_that_is_built():
    assert f"/grader-{grader.__version__}-py3-none-any.whl" in CELL


@pytest.mark.parametrize("name", sorted(each.name for each in (ROOT / "assignments").iterdir()))
def test_every_assignment_has_the_files_that_the_cell_fetches(name):
    wanted = re.search(r"for file in \((.*)\):", CELL)[1].replace('"', "").split(", ")
    assert all((ROOT / "assignments" / name / file).is_file() for file in wanted)
