"""A class on the GPU against the same class on the CPU, and what a GPU gives and takes: `python -m benchmarks.gpu`.

Where no GPU answers, its columns are left out with the reason. Every figure is of this run on this machine.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.classes import TROUBLE, hand_in
from grader.demo_class import course_in
from grader.device import Device, DeviceError, Found, choose, look
from grader.folder import CourseFolder
from grader.jail.limits import Limits
from grader.judge.pool import Pool
from grader.judge.submission import Finished, handed_in

ROOT = Path(__file__).resolve().parents[1]
CORES_OF_A_PROCESSOR = {7: 64, 8: 128, 9: 128, 10: 128, 12: 128}
"""By compute capability (8.0 has 64): float32 sums and products that one processor of the card makes at once."""

PRODUCT = """
import json, time, torch
torch.backends.cuda.matmul.allow_tf32 = False
def took(device, n, times):
    a, b = torch.randn(n, n, device=device), torch.randn(n, n, device=device)
    wait = torch.cuda.synchronize if device == "cuda" else lambda: None
    a @ b
    wait()
    began = time.perf_counter()
    for _ in range(times):
        a @ b
    wait()
    return (time.perf_counter() - began) / times
def epoch(device):
    torch.manual_seed(0)
    x, y = torch.randn(60_000, 784, device=device), torch.randint(10, (60_000,), device=device)
    net = torch.nn.Sequential(torch.nn.Linear(784, 10), torch.nn.LogSoftmax(1)).to(device)
    step = torch.optim.SGD(net.parameters(), lr=0.1)
    wait = torch.cuda.synchronize if device == "cuda" else lambda: None
    for again in range(2):
        began = time.perf_counter()
        for rows in torch.randperm(len(x), device=device).split(64):
            step.zero_grad()
            torch.nn.functional.nll_loss(net(x[rows]), y[rows]).backward()
            step.step()
        wait()
    return time.perf_counter() - began
"""
ON_CPU = PRODUCT + "print(json.dumps([took('cpu', 2048, 3), epoch('cpu')]))"
ON_GPU = (
    PRODUCT
    + """
about = torch.cuda.get_device_properties(0)
told = [about.multi_processor_count, about.major, about.minor]
print(json.dumps([took('cuda', 8192, 20), epoch('cuda'), told]))
"""
)


@dataclass
class Run:
    """A graded class. points: by student. seconds: from the first submission to the last result. start: before."""

    seconds: float
    jobs: int
    points: dict[str, float]
    failures: dict[str, str]
    start: float


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--students", type=int, default=100)
    parser.add_argument("--assignments", nargs="+", default=["04_softmax", "07_training"])
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument(
        "--clock", type=float, default=0.0, help="the card's highest clock in MHz, if nvidia-smi is mute"
    )
    asked = parser.parse_args()
    found = look()
    print(f"{os.cpu_count()} cores; GPU: {found.card or 'none: ' + found.why}")
    for assignment in asked.assignments:
        _class(assignment, asked.students, asked.jobs, found)
    _numbers(found, asked.clock)


def _class(assignment: str, students: int, jobs: int, found: Found) -> None:
    with tempfile.TemporaryDirectory(prefix="grader-bench-") as place:
        folder = _course(Path(place))
        hand_in(folder, assignment, students)
        cpu = _graded(folder, assignment, jobs, Device())
        print(f"{assignment}: {students} students on the CPU: {cpu.seconds:.1f} s, {cpu.jobs} at once")
        try:
            device = choose("cuda", lambda: found)
            jobs = device.at_once(jobs, Limits())
        except DeviceError as error:
            print(f"{assignment}: on the GPU: not run ({error})")
            return
        with _memory() as used:
            gpu = _graded(folder, assignment, jobs, device)
        print(f"{assignment}: {students} students on the GPU: {gpu.seconds:.1f} s, {gpu.jobs} at once")
        print(f"{assignment}: GPU / CPU: {gpu.seconds / cpu.seconds:.2f} times as long")
        if used:
            each = (max(used) - used[0]) / (2 * gpu.jobs)
            print(f"{assignment}: memory of the GPU: {max(used)} MiB at most, {each:.0f} MiB for each process on it")
        other = {s: (cpu.points[s], p) for s, p in gpu.points.items() if p != cpu.points.get(s)}
        print(f"{assignment}: other points than on the CPU: {other or 'nobody'}")
        for student, reason in {**cpu.failures, **gpu.failures}.items():
            print(f"{assignment}: not graded: {student}: {reason}")


def _course(place: Path) -> CourseFolder:
    """With what students get, as it is committed: where there is a GPU, there need be no nbgrader to release it."""
    folder = course_in(place)
    shutil.copytree(ROOT / "assignments", folder.root / "assignments")
    return folder


def _graded(folder: CourseFolder, assignment: str, jobs: int, device: Device) -> Run:
    """Everybody but those that hang: they take their time limits on every device."""
    students = [each for each in folder.students(assignment) if not each.startswith(TROUBLE)]
    began = time.monotonic()
    points: dict[str, float] = {}
    failures: dict[str, str] = {}
    with Pool(folder, assignment, jobs=jobs, policy="warn", device=device) as pool:
        pool.wait_until_ready()
        ready = time.monotonic()
        for work, result in pool.grade_all(handed_in(folder, each, assignment) for each in students):
            if isinstance(result, Finished):
                points[work.student] = result.result.verdict.points
            else:
                failures[work.student] = str(result)
    return Run(time.monotonic() - ready, jobs, points, failures, ready - began)


@contextmanager
def _memory() -> Iterator[list[int]]:
    """MiB of the GPU in use, looked at twice a second; empty where nvidia-smi tells nothing."""
    used: list[int] = []
    over = threading.Event()

    def look_again() -> None:
        while not over.wait(0.5):
            if (now := _asked("memory.used")) is not None:
                used.append(int(now))

    if (before := _asked("memory.used")) is not None:
        used.append(int(before))
    watching = threading.Thread(target=look_again)
    watching.start()
    try:
        yield used
    finally:
        over.set()
        watching.join()


def _asked(what: str) -> float | None:
    if shutil.which("nvidia-smi") is None:
        return None
    command = ["nvidia-smi", f"--query-gpu={what}", "--format=csv,noheader,nounits"]
    told = subprocess.run(command, capture_output=True, text=True, check=False).stdout.splitlines()
    try:
        return float(told[0])
    except (IndexError, ValueError):
        return None


def _numbers(found: Found, clock: float) -> None:
    """A product and an epoch, in processes of their own: this one starts others."""
    product, epoch = _measured(ON_CPU)
    print(f"product of 2048 x 2048 float32 on the CPU: {2 * 2048**3 / product / 1e12:.2f} TFLOP/s")
    print(f"one epoch, 60,000 rows of 784, batches of 64, on the CPU: {epoch:.2f} s")
    if found.why:
        print("product and epoch on the GPU: not run")
        return
    product, epoch, (processors, major, minor) = _measured(ON_GPU)
    reached = 2 * 8192**3 / product / 1e12
    print(f"product of 8192 x 8192 float32 without TF32 on the GPU: {reached:.1f} TFLOP/s")
    clock = clock or _asked("clocks.max.sm") or 0.0
    cores = 64 if (major, minor) == (8, 0) else CORES_OF_A_PROCESSOR.get(major, 0)
    ceiling = 2 * processors * cores * clock * 1e6 / 1e12
    if ceiling:
        print(f"the card's ceiling: {processors} processors x {cores} x 2 x {clock:.0f} MHz = {ceiling:.1f} TFLOP/s")
        print(f"share of it: {reached / ceiling:.0%}")
    print(f"the same epoch on the GPU: {epoch:.2f} s")


def _measured(program: str) -> list:
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    return json.loads(done.stdout.splitlines()[-1])


if __name__ == "__main__":
    main()
