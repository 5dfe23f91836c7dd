"""What these tests share: a reason to skip where there is no GPU, a course, and notebooks that are handed in.

They need torch built for CUDA, NumPy, IPython, matplotlib, scikit-learn and pytest, and neither nbgrader nor Jupyter.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests_support import copy_course

from grader.device import DeviceError, choose, look
from grader.folder import CourseFolder
from grader.judge.pool import Pool
from grader.judge.submission import Submission
from grader.notebook.marks import grade_id

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Marks all of this folder, and skips it with the reason where no GPU answers."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.gpu)
            if look().why:
                item.add_marker(pytest.mark.skip(reason=f"no GPU: {look().why}"))


@pytest.fixture(scope="session")
def gpu_course(tmp_path_factory) -> CourseFolder:
    """A copy of the checkout's course; what is released is committed, so nothing need be built."""
    return CourseFolder(copy_course(tmp_path_factory.mktemp("gpu") / "course"))


@pytest.fixture(scope="session")
def device():
    try:
        return choose("cuda")
    except DeviceError as error:
        pytest.skip(str(error))


@pytest.fixture(scope="session")
def solved(gpu_course) -> Callable[..., Submission]:
    """A submission in which all is solved, but for the cells that are given: `solved("04_softmax", softmax="…")`."""

    def make(assignment: str, student: str = "ada", **cells: str) -> Submission:
        notebook = copy.deepcopy(json.loads(gpu_course.source(assignment).read_text(encoding="utf-8")))
        for cell in notebook["cells"]:
            cell["source"] = cells.get(grade_id(cell), cell["source"])
        return Submission(student, assignment, notebook)

    return make


@pytest.fixture(scope="session")
def softmax_pool(gpu_course, device) -> Iterator[Pool]:
    """Judges of 04_softmax on the GPU, as many as a few tests at once can use."""
    with Pool(gpu_course, "04_softmax", jobs=4, policy="warn", device=device) as pool:
        pool.wait_until_ready()
        yield pool
