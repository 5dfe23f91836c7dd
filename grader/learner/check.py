"""Grading one's own work here and now, in a course folder that holds the suites."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext

from rich.console import Console

from grader.achieved import Achieved
from grader.device import CPU, choose
from grader.jail.proofs import Protection
from grader.judge.pool import Pool
from grader.learner.own_work import OwnWork
from grader.learner.shown import Shown
from grader.tables import show_notice
from grader.verdict import SCHEMA, Verdict


def check_work(
    work: OwnWork, *, policy: str = "warn", device: str = CPU, told: Callable[[Protection], None] = show_notice
) -> Verdict:
    """The verdict on somebody's own work by the hidden suite of its course.

    `told` hears which walls stand before anything of the work runs: by default a word on stderr below tier A.
    PlainFileError, DeviceError and JudgeError say why there is none. device: `auto`, `cpu` or `cuda`.
    """
    submission = work.read()
    with Pool(work.folder, work.assignment, policy=policy, device=choose(device)) as pool:
        told(pool.wait_until_ready())
        verdict = work.placed(pool.grade(submission).result, submission)
    note(verdict, work)
    return verdict


def note(verdict: Verdict, work: OwnWork) -> None:
    """Notes what this person has finished, and what they have no more."""
    achieved = Achieved()
    for each in verdict.exercises if not verdict.problem else ():
        achieved.note(each.name, each.outcome, work.path)


def check_in_words(work: OwnWork, *, policy: str = "warn", device: str = CPU) -> Verdict:
    """Checks, and shows a table of the exercises, a panel for each that lost points, and how far one is."""
    console = Console()
    with _waiting(console):
        verdict = check_work(work, policy=policy, device=device)
    Shown(console).show(verdict)
    return verdict


def check_in_json(find: Callable[[], OwnWork], *, policy: str = "warn", device: str = CPU) -> Verdict:
    """Checks, and prints one JSON document and nothing else on stdout, also when it raises: then with an `error`."""
    try:
        verdict = check_work(find(), policy=policy, device=device)
    except BaseException as error:
        _print({"schema": SCHEMA, "error": str(error) or type(error).__name__})
        raise
    _print(verdict.to_json())
    return verdict


def _waiting(console: Console) -> AbstractContextManager[object]:
    """On a terminal, a word that something goes on: the judge takes its seconds to start."""
    if not console.is_terminal or console.is_dumb_terminal or not console.file.isatty():
        return nullcontext()
    return console.status("starting the judge, then checking", spinner="line")


def _print(document: dict[str, object]) -> None:
    print(json.dumps(document, indent=1), flush=True)  # noqa: T201 - this is the output asked for
