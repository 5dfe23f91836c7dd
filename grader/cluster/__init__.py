"""Grading beyond one machine: the same judges, on the workers of a Dask cluster. Importing this loads no Dask."""

from grader.cluster.client import Cluster
from grader.cluster.connection import ClusterError

__all__ = ["Cluster", "ClusterError"]
