"""A class in which every reader of results is attacked: graded once, and read by the tests of this folder."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from tests_support import run_grader

from grader.folder import CourseFolder

ASSIGNMENT = "04_softmax"
TOKEN = "token-of-the-gradebook-7f3a9"
"""Planted in what a link leads to; it may turn up nowhere."""


@dataclass(frozen=True)
class HostileClass:
    """The graded course, and what the commands said."""

    root: Path
    words: dict[str, str] = field(default_factory=dict)
    codes: dict[str, int] = field(default_factory=dict)

    def autograded(self, student: str) -> Path:
        return self.root / "autograded" / student / ASSIGNMENT

    def page(self, student: str) -> Path:
        return self.root / "feedback" / student / ASSIGNMENT / f"{ASSIGNMENT}.html"

    def submitted(self, student: str) -> Path:
        return self.root / "submitted" / student / ASSIGNMENT


@pytest.fixture(scope="session")
def tools(request: pytest.FixtureRequest) -> Any:
    """The builders beside this file; the folder is no package."""
    from importlib.util import module_from_spec, spec_from_file_location

    spec = spec_from_file_location("hostile_class", Path(__file__).with_name("hostile_class.py"))
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def listener() -> Iterator[Any]:
    """A web server on loopback that stands for the attacker's: it keeps the path of each request."""
    from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
    from threading import Thread

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            self.server.seen.append(self.path)
            self.send_response(204)
            self.end_headers()

        do_POST = do_GET  # noqa: N815 - the name that http.server calls

        def log_message(self, *_):
            """Nothing on the terminal."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.seen = []
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture(scope="session")
def handed_in(released_course, tmp_path_factory, tools, listener) -> HostileClass:
    """The hostile submissions, not graded yet; treat as read-only."""
    root = tmp_path_factory.mktemp("hostile") / "course"
    shutil.copytree(released_course, root)
    tools.hand_in(CourseFolder(root), ASSIGNMENT, TOKEN, f"http://127.0.0.1:{listener.server_port}")
    return HostileClass(root)


@pytest.fixture(scope="session")
def hostile(handed_in) -> HostileClass:
    """The class after `grader autograde` and `grader feedback`."""
    for command in ("autograde", "feedback"):
        done = run_grader(handed_in.root, command, ASSIGNMENT)
        handed_in.words[command] = done.stdout + done.stderr
        handed_in.codes[command] = done.returncode
    return handed_in
