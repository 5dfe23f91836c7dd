from __future__ import annotations

from pathlib import Path

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--device-table", type=Path, help="writes what the pretended GPU caught and left in peace, as Markdown"
    )
