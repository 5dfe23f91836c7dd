"""Large pages: what lies in memory stays as it is, and a fork has less to copy."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

_TRY = """
import os, sys
from pathlib import Path
from grader.jail.pages import use_large_pages

def large():
    rollup = Path("/proc/self/smaps_rollup").read_text().split()
    return int(rollup[rollup.index("AnonHugePages:") + 1]) * 1024

kept = [bytes([i % 251]) * 5000 for i in range(10_000)]
before = large()
made = use_large_pages()
assert kept == [bytes([i % 251]) * 5000 for i in range(10_000)]
pid = os.fork()
if pid == 0:
    kept[:] = [b"child"]
    os._exit(0 if use_large_pages() >= 0 else 1)
assert os.waitpid(pid, 0)[1] == 0
assert kept[9_999] == bytes([9_999 % 251]) * 5000
print(made, large() - before)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="large pages are asked of Linux alone")
def test_memory_keeps_what_it_holds():
    done = subprocess.run([sys.executable, "-c", _TRY], capture_output=True, text=True, check=True)
    made, more = map(int, done.stdout.split())
    if not _collapses():
        assert made == 0
        pytest.skip(f"Linux {os.uname().release} makes no large pages of what is there; 6.1 does")
    assert made >= 10
    assert more >= 2**21


def _collapses() -> bool:
    version = re.match(r"(\d+)\.(\d+)", os.uname().release)
    offered = Path("/sys/kernel/mm/transparent_hugepage/enabled").exists()
    return offered and version is not None and tuple(map(int, version.groups())) >= (6, 1)
