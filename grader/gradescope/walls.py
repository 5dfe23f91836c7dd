"""Which walls this machine gives, for the log of the build: `python -m grader.gradescope.walls /autograder`."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from grader.gradescope.layout import Layout
from grader.jail.jail import Jail
from grader.jail.notice import headline
from grader.jail.proofs import Protection, refusal, try_walls
from grader.jail.remedies import remedy
from grader.jail.system import JailError
from grader.judge.private import private_places


def main(root: str) -> int:
    """Says which walls held when tried; the exit code is 0 where students' code may run."""
    layout = Layout(Path(root).resolve())
    os.chdir(layout.course.root)
    try:
        with Jail(slow=()) as jail:
            jail.wait_until_ready()
            found = try_walls(jail.gates[0], os.getpid(), private_places(layout.course))
    except JailError as error:
        _say(f"no jail can be made here: {error}")
        return 1
    for line in told(found):
        _say(line)
    return 0 if found.sufficient else 1


def told(found: Protection) -> list[str]:
    """The tier, what is missing and what to do about it, and what follows, a line each."""
    lines = [f"isolation: {headline(found)}"]
    lines += [f"missing: {each.name} ({each.why}). {remedy(each)}".rstrip() for each in found.missing]
    return [*lines, "submissions will be graded" if found.sufficient else refusal(found)]


def _say(words: str) -> None:
    print(words, flush=True)  # noqa: T201 - the log of the build


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
