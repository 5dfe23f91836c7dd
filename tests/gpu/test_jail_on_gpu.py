"""On a real GPU: grading whole notebooks behind the walls, what costs one child alone, and who must not touch CUDA."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.course import assignments
from grader.jail.faults import FAULTS
from grader.judge.pool import Pool
from grader.judge.submission import Finished
from grader.verdict import Outcome

RIGHT = "import torch\ndef softmax(x):\n    e = (x - x.amax(-1, True)).exp()\n    return e / e.sum(-1, keepdim=True)"
ON_CPU = RIGHT + "\nright = softmax\ndef softmax(x):\n    return right(x).cpu()"
AT_SECOND = (
    RIGHT + "\nright, calls = softmax, []\ndef softmax(x):\n    calls.append(1)\n    if len(calls) == 2:\n"
    "        {what}\n    return right(x)"
)
OUT_OF_MEMORY = AT_SECOND.format(what="torch.empty(2**40, dtype=torch.uint8, device=x.device)")
OVER_ITS_SHARE = AT_SECOND.format(what="kept = [torch.ones(2**28, device=x.device) for _ in range(64)]")
ASSERTS = AT_SECOND.format(what="x[torch.tensor([10**6], device=x.device)].sum().item()")
LATE = AT_SECOND.format(what="torch.zeros(3, device=x.device)[torch.tensor([9], device=x.device)]")


def exercise(finished: Finished, name: str = "softmax"):
    return finished.result.verdict.exercise(name)


def words(finished: Finished) -> str:
    return " ".join(case.finding.message for case in exercise(finished).failed if case.finding)


@pytest.mark.parametrize("assignment", assignments())
def test_a_solved_notebook_gets_full_marks(gpu_course, device, solved, assignment):
    with Pool(gpu_course, assignment, policy="warn", device=device) as pool:
        verdict = pool.grade(solved(assignment)).result.verdict
    lost = [(each.name, [case.finding for case in each.failed]) for each in verdict.exercises if each.failed]
    assert verdict.points == verdict.max_points, lost
    assert (verdict.device, verdict.versions["gpu"]) == ("cuda", device.card)
    assert "share of the GPU" in verdict.isolation


def test_a_result_on_the_cpu_costs_its_cases(softmax_pool, solved):
    found = softmax_pool.grade(solved("04_softmax", softmax=ON_CPU))
    assert exercise(found).outcome is Outcome.WRONG
    assert "lies on the CPU, while the inputs lie on the GPU" in words(found)


@pytest.mark.parametrize(
    ("source", "fault"),
    [(OUT_OF_MEMORY, "memory"), (OVER_ITS_SHARE, "memory"), (ASSERTS, "index"), (LATE, "index")],
    ids=["more than there is", "more than its share", "assert", "assert that is heard of later"],
)
def test_a_fault_costs_its_call_alone(softmax_pool, solved, source, fault):
    found = softmax_pool.grade(solved("04_softmax", softmax=source))
    assert FAULTS[fault] in words(found)
    assert exercise(found, "log_softmax").outcome is Outcome.PASSED
    assert exercise(found, "nll").outcome is Outcome.PASSED


def test_neighbours_keep_their_points(softmax_pool, solved):
    sources = {"ada": RIGHT, "bob": ASSERTS, "cleo": RIGHT, "dan": OVER_ITS_SHARE, "eve": RIGHT, "fay": OUT_OF_MEMORY}
    works = [solved("04_softmax", name, softmax=source) for name, source in sources.items()]
    points = {work.student: exercise(result).points for work, result in softmax_pool.grade_all(works)}
    assert [points[name] for name in ("ada", "cleo", "eve")] == [4.0, 4.0, 4.0]


def test_twenty_children_share_the_card(gpu_course, device, solved):
    works = [solved("04_softmax", f"s{number:02}") for number in range(40)]
    with Pool(gpu_course, "04_softmax", jobs=20, policy="warn", device=device) as pool:
        results = list(pool.grade_all(works))
    assert [result.result.verdict.points for _, result in results] == [8.0] * 40


def test_who_forks_has_not_touched_cuda(softmax_pool, solved):
    """libcuda is loaded by whoever first asks it something."""
    softmax_pool.grade(solved("04_softmax"))
    judge = softmax_pool._process.pid
    below = [int(pid) for pid in Path(f"/proc/{judge}/task/{judge}/children").read_text().split()]
    zygotes = [pid for pid in below if "grader.jail.zygote" in Path(f"/proc/{pid}/cmdline").read_text()]
    workers = [pid for pid in below if pid not in zygotes]
    for pid in list(zygotes):  # behind it waits the one that forks
        zygotes += [int(each) for each in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    assert zygotes
    assert not any("libcuda.so" in Path(f"/proc/{pid}/maps").read_text() for pid in (judge, *zygotes[:2]))
    assert any("libcuda.so" in Path(f"/proc/{pid}/maps").read_text() for pid in workers)


def test_a_child_has_its_walls_and_one_card(softmax_pool, solved):
    if not softmax_pool.wait_until_ready().sufficient:
        pytest.skip(f"this machine gives no walls: {softmax_pool.protection.decisive}")
    source = RIGHT + (
        "\nimport os\nprint(torch.cuda.is_available(), torch.cuda.device_count(), torch.cuda._is_in_bad_fork())\n"
        "try:\n    open('/etc/passwd')\nexcept OSError as error:\n    print('closed')\n"
    )
    found = softmax_pool.grade(solved("04_softmax", softmax=source))
    shown = [each.get("text", "") for outputs in found.result.outputs.values() for each in outputs]
    assert "True 1 False\nclosed\n" in shown
    assert exercise(found).outcome is Outcome.PASSED


def test_inputs_are_the_same_as_on_the_cpu(gpu_course, device, solved):
    """They are drawn on the CPU and moved: an answer that lists what it got lists the same."""
    source = RIGHT + "\nright = softmax\ndef softmax(x):\n    print(x.sum().item())\n    return right(x)"
    verdicts = []
    for kind in ({}, {"device": device}):
        with Pool(gpu_course, "04_softmax", policy="warn", **kind) as pool:
            verdicts.append(pool.grade(solved("04_softmax", softmax=source)).result.verdict)
    assert verdicts[0].seed == verdicts[1].seed
    assert verdicts[0].points == verdicts[1].points
