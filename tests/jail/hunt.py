"""Looks for a word in a jail of this Python's, file by file, and prints what came of it as JSON.

    python hunt.py WORD FOLDER

Started in the course folder. `outside`: the files below FOLDER in which the word is, found without a jail; `found`:
those of them that student code could read. `tier`, `refusal`: what is said of such a course before it is graded.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

from grader.folder import CourseFolder
from grader.jail.jail import Jail
from grader.jail.limits import Limits
from grader.jail.proofs import refusal, try_walls
from grader.judge.private import private_places

READ = """
def readable(path):
    try: return {word!r} in open(path, "rb").read()
    except OSError: return False
print(*filter(readable, {paths!r}), sep=chr(10))
"""


def outside(folder: Path, word: bytes) -> list[str]:
    small = (path for path in folder.rglob("*") if path.is_file() and path.stat().st_size < 10_000)
    return sorted(str(path) for path in small if word in path.read_bytes())


def main() -> None:
    word = sys.argv[1].encode()
    paths = outside(Path(sys.argv[2]), word)
    with Jail(slow=()) as jail:
        jail.wait_until_ready()
        protection = try_walls(jail.gates[0], os.getpid(), private_places(CourseFolder(Path.cwd())))
        child = jail.gates[0].spawn(Limits())
        reply = child.ask({"name": "hunt", "source": READ.format(word=word, paths=paths)}, 60.0)
        child.end()
    assert reply["ok"], reply
    told = {
        "tier": protection.tier,
        "refusal": "" if protection.sufficient else refusal(protection),
        "found": "".join(each["text"] for each in reply["outputs"]).split(),
        "outside": paths,
    }
    print(json.dumps(told))  # noqa: T201


if __name__ == "__main__":
    main()
