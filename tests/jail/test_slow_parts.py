"""A zygote loads what an assignment's submissions use; a submission that uses more loads it by itself."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.folder import CourseFolder
from grader.jail.jail import Jail
from grader.jail.limits import Limits
from grader.jail.session import Session
from grader.jail.warmup import SLOW, needed
from grader.notebook.running import RunCell

COURSE = CourseFolder(Path(__file__).parents[2])
LOADED = """
import sys
from grader import data
loaded = {"digits": data._digits.cache_info().currsize, **sys.modules}
print([name for name in ('digits', 'sklearn', 'torch._dynamo') if loaded.get(name)])
"""
USES = (
    "import sklearn.linear_model, torch\nlayer = torch.nn.Linear(2, 1)\nlayer(torch.ones(3, 2)).sum().backward()\n"
    "torch.optim.SGD(layer.parameters(), lr=0.1).step()\nprint('done')"
)


@pytest.mark.parametrize(
    ("assignment", "parts"),
    [
        ("03_losses", ()),
        ("05_metrics", ("digits",)),
        ("06_modules", ("digits", "torch._dynamo")),
        ("07_training", tuple(SLOW)),
    ],
)
def test_the_released_notebook_and_the_suite_tell_what_is_needed(assignment, parts):
    assert needed(COURSE.material(assignment)) == parts


@pytest.mark.parametrize("slow", [(), tuple(SLOW)])
def test_whatever_was_loaded_everything_can_be_used(slow):
    with Jail(slow=slow) as jail:
        jail.wait_until_ready()
        session = Session(jail.gates[0], [RunCell("1", LOADED, 0), RunCell("2", USES, 1)], Limits())
        session.run_cells()
        session.close()
    assert [run.outputs[0].get("text") for run in session.runs] == [f"{list(slow)}\n", "done\n"]
