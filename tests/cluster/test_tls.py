"""A cluster that talks TLS as docs/cluster.md says it: who has no certificate is nobody there."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from handed_in import ASSIGNMENT

OPENSSL = (
    "req -x509 -newkey rsa:2048 -nodes -subj /CN=authority -keyout ca.key -out ca.pem",
    "req -newkey rsa:2048 -nodes -subj /CN=grading -keyout cluster.key -out cluster.csr",
    "x509 -req -in cluster.csr -CA ca.pem -CAkey ca.key -CAcreateserial -out cluster.pem",
)
READY = """
import sys; from pathlib import Path
from grader.cluster import Cluster; from grader.folder import CourseFolder
with Cluster(CourseFolder(Path({root!r})), {assignment!r}, {address!r}) as cluster:
    print(cluster.wait_until_ready().sufficient)
"""


@pytest.fixture
def settings(tmp_path: Path) -> dict[str, str]:
    if shutil.which("openssl") is None:
        pytest.skip("needs openssl to make certificates")
    for each in OPENSSL:
        subprocess.run(["openssl", *each.split()], cwd=tmp_path, check=True, capture_output=True)
    tls = "DASK_DISTRIBUTED__COMM__TLS__"
    parts = {("CERT", "cluster.pem"), ("KEY", "cluster.key")}
    pairs = {
        f"{tls}{who}__{part}": str(tmp_path / name) for who in ("SCHEDULER", "WORKER", "CLIENT") for part, name in parts
    }
    required = {"DASK_DISTRIBUTED__COMM__REQUIRE_ENCRYPTION": "true"}
    return {**required, f"{tls}CA_FILE": str(tmp_path / "ca.pem"), **pairs}


def command(folder, address: str, environment: dict[str, str]) -> subprocess.Popen[str]:
    source = READY.format(root=str(folder.root), assignment=ASSIGNMENT, address=address)
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    return subprocess.Popen([sys.executable, "-c", source], env={**os.environ, **environment}, text=True, **pipes)


def test_with_a_certificate_it_grades_and_without_one_nobody_answers(folder, settings, tmp_path):
    pytest.importorskip("distributed", reason="needs Dask: pip install 'grader[cluster]'")
    from dask_cluster import DaskCluster

    with DaskCluster(tmp_path / "cluster", "--protocol", "tls", environment=settings) as dask:
        dask.worker()
        assert dask.address.startswith("tls://")
        with command(folder, dask.address, settings) as served:
            told, words = served.communicate()
        assert told == "True\n", words
        # side by side: each waits as long as a connection may take
        addresses = (dask.address, dask.address.replace("tls://", "tcp://"))
        for stranger in [command(folder, address, {}) for address in addresses]:
            with stranger:
                assert "ClusterError: no Dask scheduler answers" in stranger.communicate()[1]
