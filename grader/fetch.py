"""Fetching MNIST: with a progress bar, going on where a broken download stopped, verified before it is used."""

from __future__ import annotations

from pathlib import Path

import requests
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn, TransferSpeedColumn

from grader.data import MNIST_FILE, DataError, mnist, own_folder

MNIST_URL = "https://github.com/mnielsen/neural-networks-and-deep-learning/raw/master/data/mnist.pkl.gz"
"""A copy of the lesson's file; any other address may be given instead, since the content is verified."""

_CHUNK = 2**16
_MOST_BYTES = 2**26  # the file has 1.6e7
_SECONDS = 30.0


def fetch_mnist(folder: Path | None = None, url: str = MNIST_URL) -> Path:
    """Puts MNIST's file into `folder` (the user's data folder by default) and returns its path.

    A file that is there already is verified and kept. What was downloaded before a break is kept as `*.part` and
    completed by the next call. DataError when it cannot be had or is not MNIST; nothing is then left that `load`
    would take.
    """
    path = (folder or own_folder()) / MNIST_FILE
    if path.exists():
        mnist(path)
        return path
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(path.name + ".part")
    try:
        _download(url, part)
    except requests.RequestException as error:
        raise DataError(
            f"{url} cannot be reached ({type(error).__name__}). Check the network and run the command again, it goes "
            f"on where it stopped; or get {MNIST_FILE} another way and put it at {path}"
        ) from None
    try:
        mnist(part)
    except DataError as error:
        part.unlink()
        raise DataError(f"what {url} gave is not MNIST and was deleted: {error}") from None
    part.replace(path)
    return path


def _download(url: str, part: Path) -> None:
    have = part.stat().st_size if part.exists() else 0
    headers = {"Range": f"bytes={have}-"} if have else {}
    with requests.get(url, headers=headers, stream=True, timeout=_SECONDS) as response:
        if response.status_code == requests.codes.requested_range_not_satisfiable:
            return  # all of it is there already
        response.raise_for_status()
        resumed = response.status_code == requests.codes.partial_content
        start = have if resumed else 0
        total = start + int(response.headers.get("Content-Length", 0)) or None
        with part.open("ab" if resumed else "wb") as file, _progress() as progress:
            task = progress.add_task(MNIST_FILE, total=total, completed=start)
            for chunk in response.iter_content(_CHUNK):
                file.write(chunk)
                progress.advance(task, len(chunk))
                if file.tell() > _MOST_BYTES:
                    raise DataError(f"{url} sends more than {_MOST_BYTES} bytes; that is not MNIST, give another --url")


def _progress() -> Progress:
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
        TimeRemainingColumn(),
    )
    return Progress(*columns, console=Console(stderr=True))
