"""What the browsers look at. Without Chromium and its driver all of this folder is skipped, with the remedy."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from chromium import Browser, chromium, missing


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--screenshots", type=Path, help="folder for what the browser tests saw; temporary by default")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    reason = missing()
    here = Path(__file__).parent
    for item in items:
        if reason and here in item.path.parents:
            item.add_marker(pytest.mark.skip(reason=reason))


@pytest.fixture(scope="module")
def pictures(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where pictures go."""
    # the option is unknown where this file was not there yet when the command line was read
    folder = request.config.getoption("screenshots", default=None)
    if folder is None:
        return tmp_path_factory.mktemp("screenshots")
    folder.mkdir(parents=True, exist_ok=True)
    return Path(folder)


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory, pictures: Path) -> Iterator[Browser]:
    profile = tmp_path_factory.mktemp("chromium")
    with chromium(profile, pictures) as tab:
        yield tab
    shutil.rmtree(profile, ignore_errors=True)  # tens of megabytes
