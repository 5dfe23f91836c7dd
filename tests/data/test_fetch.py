"""`grader data mnist`: from a server on this machine that breaks off, goes on, lies, or is not there."""

from __future__ import annotations

import http.server
import threading
from pathlib import Path

import pytest
from tests_support import MNIST, needs_mnist

from grader import data, fetch
from grader.data import DataError
from grader.fetch import fetch_mnist


class _Handler(http.server.BaseHTTPRequestHandler):
    """Serves `content`, with ranges if it likes; notes which ranges were asked for."""

    content = b""
    ranges = True
    stop_after: int | None = None
    asked: list[str]

    def do_GET(self) -> None:
        wanted = self.headers.get("Range", "")
        self.asked.append(wanted)
        start = int(wanted.removeprefix("bytes=").removesuffix("-")) if wanted and self.ranges else 0
        if start and start >= len(self.content):
            self.send_error(416)
            return
        self.send_response(206 if start else 200)
        body = self.content[start:]
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body if self.stop_after is None else body[: self.stop_after])

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def server():
    handler = type("Handler", (_Handler,), {"asked": []})
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as running:
        threading.Thread(target=running.serve_forever, daemon=True).start()
        handler.url = f"http://127.0.0.1:{running.server_port}/mnist.pkl.gz"
        yield handler
        running.shutdown()


@pytest.fixture
def small(monkeypatch, tmp_path):
    """The bytes of a file that counts as MNIST while labels are few."""
    import gzip
    import pickle

    import numpy as np

    counts = ((2,) * 10, (1,) * 10, (1,) * 10)
    monkeypatch.setattr(data, "_MNIST_LABELS", counts)
    pairs = tuple((np.zeros((sum(c), 784), np.float32), np.repeat(np.arange(10), c)) for c in counts)
    return gzip.compress(pickle.dumps(pairs, 4))


def test_a_file_is_fetched_and_verified(server, small, tmp_path):
    server.content = small
    path = fetch_mnist(tmp_path / "new" / "folder", server.url)
    assert path.read_bytes() == small
    assert [each.name for each in path.parent.iterdir()] == ["mnist.pkl.gz"]


def test_a_broken_download_goes_on_where_it_stopped(server, small, tmp_path, monkeypatch):
    monkeypatch.setattr(fetch, "_CHUNK", 16)
    server.content, server.stop_after = small, 100
    with pytest.raises(DataError, match="goes on where it stopped"):
        fetch_mnist(tmp_path, server.url)
    have = (tmp_path / "mnist.pkl.gz.part").stat().st_size
    server.stop_after = None
    assert fetch_mnist(tmp_path, server.url).read_bytes() == small
    assert have > 0
    assert server.asked == ["", f"bytes={have}-"]


def test_a_server_without_ranges_starts_again(server, small, tmp_path):
    server.content, server.ranges = small, False
    (tmp_path / "mnist.pkl.gz.part").write_bytes(small[:50])
    assert fetch_mnist(tmp_path, server.url).read_bytes() == small


def test_a_whole_part_only_needs_its_name(server, small, tmp_path):
    server.content = small
    (tmp_path / "mnist.pkl.gz.part").write_bytes(small)
    assert fetch_mnist(tmp_path, server.url).read_bytes() == small


def test_what_is_not_mnist_is_deleted(server, tmp_path):
    server.content = b"<html>not here</html>"
    with pytest.raises(DataError, match="is not MNIST and was deleted"):
        fetch_mnist(tmp_path, server.url)
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_is_there_is_kept(small, tmp_path):
    (tmp_path / "mnist.pkl.gz").write_bytes(small)
    assert fetch_mnist(tmp_path, "http://127.0.0.1:9/") == tmp_path / "mnist.pkl.gz"


def test_offline_is_said_with_the_place_to_put_the_file(tmp_path: Path):
    with pytest.raises(DataError, match=rf"cannot be reached .* put it at {tmp_path}/mnist\.pkl\.gz"):
        fetch_mnist(tmp_path, "http://127.0.0.1:9/mnist.pkl.gz")


@needs_mnist
def test_the_real_file_comes_through(server, tmp_path):
    server.content = MNIST.read_bytes()
    assert len(data.mnist(fetch_mnist(tmp_path, server.url))[0][1]) == 50_000
