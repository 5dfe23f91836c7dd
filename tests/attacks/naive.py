"""The usual practice, for controls: one process that holds the answers runs the notebook, then asserts beside it.

Run as `python -I naive.py ARENA.tar --seed=N`. It enters throw-away namespaces as an unprivileged user (a root of its own
with Python read-only and small memory file systems, no network but its own loopback), loads torch and IPython
once, and then takes a request a line on stdin: each runs in a fork with process ids, files and network of its own,
and is killed as a whole at its deadline. Inside that, nothing holds an attack back.
"""

from __future__ import annotations

import contextlib
import gc
import hashlib
import io
import json
import os
import resource
import select
import shutil
import signal
import sys
import tarfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NoReturn

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from attacks import namespaces
from attacks.accomplice import Accomplice
from attacks.naive_runner import COURSE, ROOT, Runner, write_all

MIB = 2**20
DISK, FILES = 64 * MIB, 4096
MEMORY = 1024 * MIB
"""Resident bytes of all processes of one control beyond which it is ended: enough to call it a flood."""
PROCESSES = 64
FILE_SIZE = 16 * MIB
SHOWN = 2 * MIB
LOOK_SECONDS = 0.02


def warm_up() -> Any:
    """torch and an IPython shell, loaded once. Returns the shell."""
    import torch

    torch.set_num_threads(1)
    torch.testing.assert_close(torch.ones(1), torch.ones(1))
    import matplotlib

    matplotlib.use("agg")
    import matplotlib.pyplot
    from IPython.core.interactiveshell import InteractiveShell
    from traitlets.config import Config

    import grader.live  # noqa: F401 - every notebook's set-up imports it

    config = Config()
    config.HistoryManager.enabled = False
    config.InteractiveShell.colors = "nocolor"
    config.InteractiveShell.xmode = "Plain"
    shell = InteractiveShell.instance(config=config)
    shell.system = shell.system_raw  # as in a notebook: no terminal
    gc.collect()
    gc.freeze()
    return shell


class Control:
    """One request: a class of an attacker, perhaps a friend, and a neighbour, in a world of its own."""

    def __init__(self, arena: bytes, shell: Any, request: dict[str, Any]) -> None:
        self._arena, self._shell, self._request = arena, shell, request
        self._own_pids = os.open("/proc/self/ns/pid", os.O_RDONLY)

    def run(self) -> dict[str, Any]:
        """What was seen; `ended` is false when everything had to be killed."""
        reading, writing = os.pipe()
        namespaces.unshare(namespaces.NEWPID)
        pid = os.fork()
        if pid == 0:
            self._be_first_process(writing)
        namespaces.setns(self._own_pids, namespaces.NEWPID)
        os.close(writing)
        reply = _read_all(reading, time.monotonic() + self._request["seconds"] + 10)
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        os.close(self._own_pids)
        return json.loads(reply) if reply else {"error": "the control's first process was lost"}

    def _be_first_process(self, writing: int) -> NoReturn:
        try:
            namespaces.die_with_parent()
            os.setsid()
            os.dup2(writing, 3)
            for standard in (0, 1, 2):
                os.dup2(os.open(os.devnull, os.O_RDWR), standard)
            os.closerange(4, os.sysconf("SC_OPEN_MAX"))
            try:
                seen = self._watched()
            except BaseException as error:
                seen = {"error": f"{type(error).__name__}: {error} at line {_line(error)}"}
            write_all(3, json.dumps(seen).encode())
        finally:
            os._exit(0)

    def _watched(self) -> dict[str, Any]:
        self._furnish()
        accomplice = Accomplice(dns_port=53)
        before = _snapshot()
        reading, writing = os.pipe()
        runner = self._fork(lambda: Runner(self._request, self._shell, accomplice.facts()).run(writing), (3, reading))
        os.close(writing)
        oracle = self._fork(accomplice.answer_for_ever, (3, reading))
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)  # whoever is watched may signal everybody
        watch = _Watch(runner, time.monotonic() + self._request["seconds"])
        ended = watch.until_the_end()
        arrived = accomplice.collect()
        after = _snapshot()
        changed = sorted(path for path in before.keys() | after.keys() if before.get(path) != after.get(path))
        with contextlib.suppress(ProcessLookupError):  # they may have ended each other
            os.kill(-1, signal.SIGKILL)
        del oracle
        results = _lines(_read_all(reading, time.monotonic() + 1))
        outputs = {path.name.removeprefix("output-"): _text(path) for path in ROOT.glob("output-*")}
        return {
            "ended": ended,
            "results": results,
            "outputs": outputs,
            "arrived": arrived,
            "changed": changed,
            "flooded": sorted(watch.flooded | _flooded_files()),
        }

    def _furnish(self) -> None:
        namespaces.own_world(DISK, FILES)
        with tarfile.open(fileobj=io.BytesIO(self._arena)) as tar:
            tar.extractall(ROOT, filter="tar")
        for name, text in self._request["files"].items():
            path = COURSE / "submitted" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(text.encode("utf-8", "surrogatepass"))

    def _fork(self, work: Any, closed: tuple[int, ...]) -> int:
        pid = os.fork()
        if pid:
            return pid
        try:
            for number in closed:
                os.close(number)
            _limit()
            if not self._request["keeps_rights"]:
                namespaces.give_up_rights()
            work()
        finally:
            os._exit(0)


def _line(error: BaseException) -> int:
    trace = error.__traceback__
    while trace and trace.tb_next:
        trace = trace.tb_next
    return trace.tb_lineno if trace else 0


def _limit() -> None:
    used = int(Path("/proc/self/statm").read_text().split()[0]) * os.sysconf("SC_PAGE_SIZE")
    for kind, value in (
        (resource.RLIMIT_AS, used + 2 * MEMORY),
        (resource.RLIMIT_NPROC, PROCESSES),
        (resource.RLIMIT_FSIZE, FILE_SIZE),
        (resource.RLIMIT_CPU, 20),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(kind, (value, value))


def _snapshot() -> dict[str, str]:
    """What lies in the course and the home folder, but for what Python writes beside its modules."""
    found = {}
    for path in sorted(ROOT.glob("course/**/*")) + sorted(ROOT.glob("home/**/*")):
        if path.is_file() and not path.is_symlink():
            found[str(path.relative_to(ROOT))] = hashlib.sha256(path.read_bytes()).hexdigest()
    return found


def _flooded_files() -> set[str]:
    free = shutil.disk_usage(ROOT).free
    return ({"disk"} if free < MIB else set()) | (
        {"output"} if any(p.stat().st_size >= FILE_SIZE for p in ROOT.glob("output-*")) else set()
    )


class _Watch:
    """Looks at everything that runs in this world until the runner has ended."""

    def __init__(self, runner: int, deadline: float) -> None:
        self._runner, self._deadline = runner, deadline
        self.flooded: set[str] = set()
        self._inherited = _memory(os.getpid())

    def until_the_end(self) -> bool:
        while time.monotonic() < self._deadline:
            if self._reaped():
                return True
            self._look()
            if "memory" in self.flooded:
                return False
            time.sleep(LOOK_SECONDS)
        return False

    def _reaped(self) -> bool:
        while True:
            try:
                pid, _ = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return True
            if pid in (0, self._runner):
                return pid == self._runner

    def _look(self) -> None:
        pids = [int(name) for name in os.listdir("/proc") if name.isdigit()]  # noqa: PTH208 - names are enough
        if len(pids) >= PROCESSES - 8:
            self.flooded.add("processes")
        if sum(max(0, _memory(pid) - self._inherited) for pid in pids) > MEMORY:
            self.flooded.add("memory")
        self.flooded |= _flooded_files()


def _memory(pid: int) -> int:
    try:
        lines = Path(f"/proc/{pid}/status").read_text(errors="replace").splitlines()
    except OSError:
        return 0
    return 1024 * sum(int(line.split()[1]) for line in lines if line.startswith(("RssAnon:", "RssShmem:")))


def _read_all(descriptor: int, deadline: float) -> bytes:
    """All that comes until the other side closes or the deadline passes."""
    parts = []
    while select.select([descriptor], [], [], max(0.0, deadline - time.monotonic()))[0]:
        part = os.read(descriptor, MIB)
        if not part:
            break
        parts.append(part)
    os.close(descriptor)
    return b"".join(parts)


def _lines(data: bytes) -> dict[str, Any]:
    """{student: what the kernel said}; a cheat may have written here too, and later lines do not undo earlier ones."""
    found: dict[str, Any] = {}
    for line in data.splitlines():
        with contextlib.suppress(ValueError, KeyError, TypeError):
            said = json.loads(line)
            found.setdefault(said["student"], said["said"])
    return found


def _text(path: Path) -> str:
    with path.open("rb") as file:
        return file.read(SHOWN).decode("utf-8", "replace")


def requests() -> Iterator[dict[str, Any]]:
    for line in sys.stdin:
        yield json.loads(line)


def main() -> None:
    arena = Path(sys.argv[1]).read_bytes()
    try:
        namespaces.enter(DISK, FILES)
        shell = warm_up()
    except OSError as error:
        print(json.dumps({"unavailable": str(error)}), flush=True)  # noqa: T201 - its way to answer
        return
    print(json.dumps({"ready": True}), flush=True)  # noqa: T201
    for request in requests():
        print(json.dumps(Control(arena, shell, request).run()), flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
