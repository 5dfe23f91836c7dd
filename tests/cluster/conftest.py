"""A released course, submissions, and a cluster for them."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from dask_cluster import SECONDS, DaskCluster
from handed_in import ASSIGNMENT

from grader.folder import CourseFolder

collect_ignore = ["diary.py"]


@pytest.fixture(autouse=True)
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever is there at all takes as long to answer as the machine is busy."""
    monkeypatch.setattr("grader.cluster.connection._CONNECT_SECONDS", SECONDS)
    monkeypatch.setattr("grader.cluster.client.JOIN_SECONDS", SECONDS)


@pytest.fixture(scope="session")
def folder(released_course: Path) -> CourseFolder:
    """A released course that is only read; the seed of its hidden inputs is drawn."""
    folder = CourseFolder(released_course)
    folder.seed(ASSIGNMENT)
    return folder


@pytest.fixture(scope="module")
def cluster_of_two(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DaskCluster]:
    """A cluster with two workers, for tests that leave it as it is."""
    _require()
    with DaskCluster(tmp_path_factory.mktemp("dask") / "cluster") as cluster:
        for _ in range(2):
            cluster.worker()
        yield cluster


@pytest.fixture
def dask(tmp_path: Path) -> Iterator[DaskCluster]:
    """A cluster of the test's own, without workers yet."""
    _require()
    with DaskCluster(tmp_path / "cluster") as cluster:
        yield cluster


def _require() -> None:
    pytest.importorskip("distributed", reason="needs Dask: pip install 'grader[cluster]'")
    if sys.platform != "linux":
        pytest.skip("the jail needs Linux")
