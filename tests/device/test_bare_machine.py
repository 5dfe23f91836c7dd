"""The core grades where there is no nbgrader and no Jupyter, as on a machine that has a GPU and little else."""

from __future__ import annotations

import os
import subprocess
import sys

ABSENT = ("nbgrader", "nbconvert", "nbformat", "nbclient", "jupyter_client", "jupyter_core", "jupyterlab", "notebook")
"""What the machine lacks. IPython, matplotlib and scikit-learn are there: cells run in IPython, and draw."""

SITE = f"import sys\nfor name in {ABSENT}:\n    sys.modules[name] = None\n"

GRADES = """
from pathlib import Path
from grader.folder import CourseFolder
from grader.judge.pool import Pool
from grader.judge.submission import Submission
import json, sys
folder = CourseFolder(Path(sys.argv[1]))
notebook = json.loads(Path(folder.source("04_softmax")).read_text())
notebook["cells"].append({"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": None, "source":
    "import sys; print('loaded:', *(set(sys.modules) & set(%r)))" % (sys.argv[2].split(","),)})
with Pool(folder, "04_softmax", policy="warn") as pool:
    graded = pool.grade(Submission("ada", "04_softmax", notebook)).result
print(graded.verdict.points, graded.verdict.max_points, graded.verdict.device)
print(graded.outputs[max(graded.outputs)])
"""


def test_a_submission_is_graded_without_nbgrader_and_jupyter(released_course, tmp_path):
    (tmp_path / "sitecustomize.py").write_text(SITE, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-c", GRADES, str(released_course), ",".join(ABSENT)],
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    points, shown = done.stdout.splitlines()
    assert points == "8.0 8.0 cpu"
    assert "'loaded:\\n'" in shown or "'loaded: \\n'" in shown
