"""A real PostgreSQL server for tests: in a temporary folder, on a Unix socket, as a user without rights."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from grader.jail.linux import PR_SET_PDEATHSIG, libc

psycopg2 = pytest.importorskip("psycopg2", reason="the driver is not installed: pip install grader[postgresql]")

PASSWORD = "p@ss:w/rd"
"""With all that an address must encode."""


def programs() -> Path | None:
    """Where the server's programs are; None where none is installed."""
    on_path = shutil.which("initdb")
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    found = [Path(on_path)] if on_path else debian
    return found[-1].parent if found else None


class Server:
    """One that runs, or is stopped for a while. Its only user who may log in is `grader`."""

    def __init__(self, programs: Path, folder: Path) -> None:
        self._programs, self._folder = programs, folder
        self._process: subprocess.Popen[bytes] | None = None
        secret = folder / "password"
        secret.write_text(PASSWORD)
        if os.getuid() == 0:  # the server refuses to be root
            for path in (folder, secret):
                os.chown(path, _nobody().pw_uid, _nobody().pw_gid)
        self._run("initdb", "-D", "data", "-U", "grader", "-A", "scram-sha-256", "--pwfile", str(secret), "--no-sync")

    def start(self) -> None:
        """Returns when it answers."""
        options = ("-c", "listen_addresses=", "-c", "fsync=off", "-k", str(self._folder), "-D", "data")
        log = (self._folder / "log").open("ab")
        command = [str(self._programs / "postgres"), *options]
        self._process = subprocess.Popen(
            command, stdout=log, stderr=log, preexec_fn=_end_with_the_tests, **self._as_nobody()
        )
        log.close()
        end = time.monotonic() + 60
        while True:
            try:
                return self.sql("SELECT 1")
            except psycopg2.OperationalError:
                if time.monotonic() > end or self._process.poll() is not None:
                    raise RuntimeError(f"it does not start: {(self._folder / 'log').read_text()}") from None
                time.sleep(0.05)

    def stop(self) -> None:
        """Ends it and all its connections at once."""
        if self._process is not None:
            self._process.send_signal(signal.SIGINT)
            self._process.wait(60)
            self._process = None

    def url(self, database: str, user: str = "grader", password: str = PASSWORD) -> str:
        return f"postgresql://{user}:{quote(password, safe='')}@/{database}?host={quote(str(self._folder), safe='')}"

    def sql(self, statement: str, database: str = "postgres") -> None:
        """One statement of the administrator's."""
        connection = psycopg2.connect(self.url(database))
        try:
            connection.autocommit = True
            with connection.cursor() as cursor:
                cursor.execute(statement)
        finally:
            connection.close()

    def _run(self, program: str, *arguments: str) -> None:
        command = [str(self._programs / program), *arguments]
        done = subprocess.run(command, capture_output=True, text=True, check=False, **self._as_nobody())
        assert done.returncode == 0, done.stdout + done.stderr

    def _as_nobody(self) -> dict[str, Any]:
        who = {"user": _nobody().pw_uid, "group": _nobody().pw_gid, "extra_groups": []} if os.getuid() == 0 else {}
        return {"cwd": self._folder, "env": {"PATH": os.environ["PATH"], "LC_ALL": "C"}, **who}


@contextmanager
def server() -> Iterator[Server]:
    """A server that runs; its folder goes with it. Its path is short: a socket's name holds at most 107 bytes."""
    found = programs()
    assert found is not None
    with tempfile.TemporaryDirectory(prefix="pg-", dir="/tmp") as folder:
        running = Server(found, Path(folder))
        running.start()
        try:
            yield running
        finally:
            running.stop()


def _end_with_the_tests() -> None:
    """The server ends with whoever started it, even when that is killed."""
    if hasattr(libc, "prctl"):
        libc.prctl(PR_SET_PDEATHSIG, signal.SIGINT, 0, 0, 0)


def _nobody() -> pwd.struct_passwd:
    return pwd.getpwnam("nobody")
