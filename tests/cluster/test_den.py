"""Private folders on a worker's machine do not outlive it for long."""

from __future__ import annotations

import subprocess
import sys

import pytest

from grader.cluster.den import Den

KILLED = """
import os, signal
from grader.cluster.den import Den
(Den().path / "hidden").write_text("secret")
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.fixture
def places(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    return tmp_path


def test_one_that_a_killed_process_left_is_removed_by_the_next(places):
    subprocess.run([sys.executable, "-c", KILLED], env={"TMPDIR": str(places), "PATH": ""}, check=False)
    assert len(list(places.iterdir())) == 1
    den = Den()
    assert list(places.iterdir()) == [den.path]
    den.close()


def test_one_that_is_in_use_is_left_alone(places):
    first, second = Den(), Den()
    assert first.path.is_dir()
    second.close()
    first.close()
    first.close()  # a pool may be closed by more than one


def test_what_a_link_leads_to_is_left_alone(places, tmp_path_factory):
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    (elsewhere / ".lock").touch()
    (places / "grader-cluster-link").symlink_to(elsewhere)
    Den().close()
    assert (elsewhere / ".lock").exists()
