"""A class' run from the command line: watched, stopped by Ctrl-C, and shown as tables or as JSON."""

from __future__ import annotations

import contextlib
import json
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.text import Text

from grader.device import AUTO, CPU, CUDA, Device, choose
from grader.folder import CourseFolder
from grader.interrupts import first_asks
from grader.jail.limits import Limits
from grader.judge.pool import Pool
from grader.judge.submission import handed_in
from grader.ledger import Ledger
from grader.panel.plain import inert
from grader.progress import progress
from grader.summary import document, error_document
from grader.tables import class_table

if TYPE_CHECKING:
    from grader.autograde import ClassResult, Judges

Grade = Callable[[], "ClassResult"]


def grade_class(
    assignment: str,
    students: tuple[str, ...] = (),
    *,
    jobs: int = 0,
    policy: str = "require",
    force: bool = False,
    cluster: str | None = None,
    device: str = CPU,
) -> ClassResult:
    """Grades in the course folder this is called in, and shows on stderr how it goes.

    jobs: 0 means one a core. cluster: the address of a Dask scheduler whose workers judge instead. device: `auto`,
    `cpu` or `cuda`; one for the whole run. DeviceError when it is not to be had.
    The first Ctrl-C ends it after what was judged is recorded, with a result that says so; the second raises.
    """
    folder = CourseFolder.find()
    folder.require(assignment)
    chosen = _on_cluster(device) if cluster else choose(device)
    jobs = jobs or os.cpu_count() or 1
    jobs = jobs if cluster else chosen.at_once(jobs, Limits())
    with ExitStack() as started, first_asks() as stop, progress(assignment, stop=stop) as watcher:
        judges = _workers_of(cluster, folder, assignment, policy, chosen) if cluster else None
        if judges is None and _anybody_waits(folder, assignment, policy, chosen, anew=force or bool(students)):
            judges = started.enter_context(_early(folder, assignment, jobs, policy, chosen))
        from grader.autograde import autograde  # loads nbgrader, which takes as long as a judge's start

        return autograde(
            folder,
            assignment,
            students,
            jobs=jobs,
            policy=policy,
            force=force,
            judges=judges,
            watcher=watcher,
            stop=stop,
            device=chosen,
        )


def _on_cluster(device: str) -> Device:
    """Of a cluster only what is asked for by name: `auto` must not make points depend on who is there."""
    return Device(CUDA) if device == CUDA else choose(CPU if device == AUTO else device)


def _anybody_waits(folder: CourseFolder, assignment: str, policy: str, device: Device, *, anew: bool) -> bool:
    """Whether there is somebody without a result from an earlier run."""
    ledger = Ledger.of(folder, assignment, Limits(), policy, device.kind)
    students = folder.students(assignment)
    return (anew and bool(students)) or any(
        ledger.verdict(student, ledger.key(handed_in(folder, student, assignment))) is None for student in students
    )


@contextmanager
def _early(
    folder: CourseFolder, assignment: str, jobs: int, policy: str, device: Device
) -> Iterator[Callable[[], AbstractContextManager[Judges]]]:
    """Judges of which the first begin to start now."""

    def make() -> Pool:
        return Pool(folder, assignment, jobs=min(jobs, len(folder.students(assignment))), policy=policy, device=device)

    waiting = [make()]
    try:
        yield lambda: waiting.pop() if waiting else make()
    finally:
        for pool in waiting:
            pool.close()


def _workers_of(
    address: str, folder: CourseFolder, assignment: str, policy: str, device: Device
) -> Callable[[], AbstractContextManager[Judges]]:
    from grader.cluster import Cluster

    @contextmanager
    def workers() -> Iterator[Judges]:
        with Cluster(folder, assignment, address, policy=policy, device=device.kind) as cluster:
            try:
                yield cluster
            finally:
                for reason in cluster.refused:
                    Console(stderr=True).print(Text(inert(reason), "yellow"), soft_wrap=True)

    return workers


def in_tables(assignment: str, grade: Grade) -> ClassResult:
    """Grades, and prints what it came to for people; nothing where it was stopped before its end."""
    result = grade()
    if not result.interrupted:
        class_table(assignment, result)
    return result


def in_json(assignment: str, grade: Grade) -> ClassResult:
    """Grades, and prints one JSON document and nothing else on stdout, also when it raises.

    docs/run.md describes it.
    """
    try:
        with contextlib.redirect_stdout(sys.stderr):  # a course's configuration is Python, and may print
            result = grade()
    except BaseException as error:
        _print(error_document(assignment, str(error) or type(error).__name__))
        raise
    _print(document(result))
    return result


def stopped(result: ClassResult) -> str:
    """One sentence for a run that Ctrl-C ended."""
    done = len(result.standings)
    students = "1 student is" if done == 1 else f"{done} students are"
    again = "run the command again, without --force, and it goes on with the others"
    return f"interrupted: {students} done and recorded; {again}"


def _print(told: dict[str, Any]) -> None:
    print(json.dumps(told, indent=1), flush=True)  # noqa: T201 - this is the output asked for
