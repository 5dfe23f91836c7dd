"""A cluster that cannot be used says so in one sentence, with the remedy."""

from __future__ import annotations

import contextlib
import gc
import os
import socket

import pytest
from dask_cluster import DIARY, client_of
from handed_in import ASSIGNMENT, RIGHT, handed_in

from grader import device
from grader.cluster import Cluster, ClusterError, client, connection
from grader.cluster.connection import CLOSED
from grader.judge.submission import Finished

OLD = "import platform\nplatform.python_version = lambda: '3.10.1'\n"
PRETENDED_GPU = """
from grader.cluster import judges
from grader.device import Device
judges.choose = lambda wanted: Device()
"""
BROKEN = "import sys\nsys.modules['grader'] = None\n"
WITHOUT = "import distributed.versions as versions\nversions.version = lambda package: 1 / 0\n"


def refusal(folder, address: str, **settings: str) -> str:
    with Cluster(folder, ASSIGNMENT, address, **settings) as cluster, pytest.raises(ClusterError) as raised:
        cluster.wait_until_ready()
    assert "\n" not in str(raised.value)
    return str(raised.value)


@pytest.fixture
def haste(monkeypatch):
    """For those who wait for nobody."""
    monkeypatch.setattr(connection, "_CONNECT_SECONDS", 1)


def test_nobody_answers(folder, haste):
    pytest.importorskip("distributed", reason="needs Dask: pip install 'grader[cluster]'")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    assert f"no Dask scheduler answers at tcp://127.0.0.1:{port}" in refusal(folder, f"tcp://127.0.0.1:{port}")


@pytest.mark.parametrize(("vain", "comes"), [(0, True), (2, True), (3, False)])
def test_a_busy_machine_tries_again_to_begin(vain, comes):
    begun = []

    def begin():
        begun.append("client")
        assert len(begun) > vain
        return begun[-1]

    with contextlib.nullcontext() if comes else pytest.raises(AssertionError):
        assert connection.patiently(begin) == "client"
    assert len(begun) == min(vain + 1, 3)


def test_while_it_begins_no_garbage_is_collected():
    """The end of a client that failed before, a cycle of objects, would wait for the lock that is held meanwhile."""
    seen = []

    def begin():
        seen.append(gc.isenabled())
        if len(seen) == 1:
            raise AssertionError("too busy")
        return "client"

    assert (connection.patiently(begin), seen, gc.isenabled()) == ("client", [False, False], True)


@pytest.mark.parametrize("address", ["", "nonsense", "tcp://127.0.0.1", "ftp://127.0.0.1:8786", "tcp://127.0.0.1:x"])
def test_an_address_that_is_none(folder, haste, address):
    pytest.importorskip("distributed", reason="needs Dask: pip install 'grader[cluster]'")
    assert "at " + address in refusal(folder, address)


def test_a_network_that_is_open_to_strangers(folder, monkeypatch):
    monkeypatch.delenv(CLOSED, raising=False)
    words = refusal(folder, "tcp://192.0.2.1:8786")
    assert "is not encrypted" in words
    assert f"set {CLOSED}=1" in words


def test_a_scheduler_that_listens_to_strangers_though_it_is_asked_here(folder, tmp_path, monkeypatch):
    pytest.importorskip("distributed", reason="needs Dask: pip install 'grader[cluster]'")
    from dask_cluster import DaskCluster

    monkeypatch.delenv(CLOSED, raising=False)
    with DaskCluster(tmp_path / "open", "--host", "0.0.0.0") as dask:
        port = dask.address.rpartition(":")[2]
        if "127.0.0.1" in dask.address:
            pytest.skip("this machine has no address but its own")
        assert "is not encrypted" in refusal(folder, f"tcp://127.0.0.1:{port}")


def test_no_worker(folder, dask, monkeypatch):
    monkeypatch.setattr(client, "JOIN_SECONDS", 1.0)
    assert f"start one: `dask worker {dask.address}`" in refusal(folder, dask.address)


def test_a_worker_of_other_versions(folder, dask, tmp_path):
    (tmp_path / "old.py").write_text(OLD)
    dask.worker(preload=tmp_path / "old.py")
    assert "it has Python 3.10.1 where this command has 3." in refusal(folder, dask.address)


@pytest.mark.parametrize(
    ("state", "words"),
    [(WITHOUT, "it has grader none where this command has"), (BROKEN, "ended while it was examined; its log says why")],
    ids=["that has none", "that cannot load it"],
)
def test_a_worker_without_the_kit(folder, dask, tmp_path, monkeypatch, state, words):
    monkeypatch.setattr(client, "JOIN_SECONDS", 5.0)
    (tmp_path / "bare.py").write_text(state)
    dask.worker(preload=tmp_path / "bare.py")
    with client_of(dask.address) as there:
        there.wait_for_workers(1)
    assert words in refusal(folder, dask.address)


def test_a_late_worker_of_other_versions_gets_nothing(folder, dask, tmp_path):
    (tmp_path / "old.py").write_text(OLD)
    dask.worker()
    works = [handed_in(folder, f"s{number}", answer=RIGHT) for number in range(3)]
    with Cluster(folder, ASSIGNMENT, dask.address) as cluster:
        cluster.wait_until_ready()
        dask.worker(preload=tmp_path / "old.py")

        def slowly():
            yield from works
            number = 0
            while not cluster.refused:
                number += 1
                yield handed_in(folder, f"more{number}", answer=RIGHT)

        results = list(cluster.grade_all(slowly()))
        (words,) = cluster.refused
    assert "it has Python 3.10.1" in words
    assert all(isinstance(result, Finished) for _, result in results)


def test_gpus_are_asked_for_and_shared_by_nobody(folder, dask, tmp_path, monkeypatch):
    monkeypatch.setattr(client, "JOIN_SECONDS", 1.0)
    (tmp_path / "pretended.py").write_text(DIARY.read_text() + PRETENDED_GPU)
    dask.worker()
    with client_of(dask.address) as there:
        there.wait_for_workers(1)
        assert "offers a GPU; start one" in refusal(folder, dask.address, device="cuda")
        dask.worker("--resources", "GPU=1", places=4, preload=tmp_path / "pretended.py")
        there.wait_for_workers(2)
        (with_gpu,) = [each for each, about in there.scheduler_info()["workers"].items() if about["resources"]]
        (pid,) = there.run(os.getpid, workers=[with_gpu]).values()
    works = [handed_in(folder, f"s{number}", answer=RIGHT) for number in range(4)]
    with Cluster(folder, ASSIGNMENT, dask.address, device="cuda") as cluster:
        results = list(cluster.grade_all(works))
    assert all(isinstance(result, Finished) for _, result in results)
    assert set(dask.written()) == {pid}


@pytest.mark.skipif(not device.look().why, reason="this machine has a GPU")
def test_a_gpu_that_is_declared_and_not_there(folder, dask):
    dask.worker("--resources", "GPU=1")
    words = refusal(folder, dask.address, device="cuda")
    assert "is not used: no GPU can be used: " in words
