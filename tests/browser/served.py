"""A real Jupyter server with a home of its own: nothing of the user's settings, nothing left behind, no news."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.request import urlopen

from tests_support import LEAN

TOKEN = "of-these-tests"
SETTINGS = {"apputils-extension/notification": {"fetchNews": "false", "checkForUpdates": False}}
"""By the settings' own names, below `@jupyterlab`: JupyterLab would ask whether to fetch news."""


@dataclass(frozen=True)
class Server:
    """Where it answers, and what it has said so far."""

    address: str
    log: Path

    def at(self, path: str) -> str:
        """The address of a page for whoever has the token."""
        return f"{self.address}/{path}?token={TOKEN}"

    def words(self) -> str:
        return self.log.read_text(encoding="utf-8", errors="replace")


@contextmanager
def jupyter(module: str, folder: Path, home: Path, *options: str) -> Iterator[Server]:
    """`python -m MODULE` in a folder, from its first answer until it has ended with all of its kernels."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    common = ("--no-browser", "--allow-root", "--ip=127.0.0.1", f"--port={port}", "--ServerApp.port_retries=0")
    command = [sys.executable, "-m", module, *common, f"--IdentityProvider.token={TOKEN}", *options]
    home.mkdir()
    server = Server(f"http://127.0.0.1:{port}", home / "server.log")
    with server.log.open("wb") as log:
        process = subprocess.Popen(command, cwd=folder, env=_at_home(home), stdout=log, stderr=log)
        try:
            _answers(server, process)
            yield server
        finally:
            _end(process)


def _at_home(home: Path) -> dict[str, str]:
    config = home / "jupyter"
    for name, settings in SETTINGS.items():
        path = config / "lab" / "user-settings" / "@jupyterlab" / f"{name}.jupyterlab-settings"
        path.parent.mkdir(parents=True)
        path.write_text(json.dumps(settings), encoding="utf-8")
    folders = {"JUPYTER_CONFIG_DIR": config, "JUPYTER_DATA_DIR": home / "data", "JUPYTER_RUNTIME_DIR": home / "run"}
    folders |= {"HOME": home, "XDG_DATA_HOME": home / "share", "IPYTHONDIR": home / "ipython", "PYTHONPATH": LEAN}
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("GRADER_", "JUPYTER", "PYTEST_"))}
    return {**kept, **{name: str(path) for name, path in folders.items()}}


def _answers(server: Server, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + 90
    while time.monotonic() < until:
        assert process.poll() is None, f"the server ended: {server.words()}"
        try:
            urlopen(server.at("api"), timeout=5).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise AssertionError(f"the server did not answer: {server.words()}")


def _end(process: subprocess.Popen[bytes]) -> None:
    """Asked to, a server ends its kernels first; they are in sessions of their own, where no signal to it reaches."""
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(30)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
