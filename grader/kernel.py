"""The IPython that this process runs in, if it does: its names, and which cell a file name stands for."""

from __future__ import annotations

import sys
from typing import Any


def shell() -> Any:
    """IPython's running shell, or None."""
    # IPython is there when we run in it; importing it just to ask would cost a script half a second
    module = sys.modules.get("IPython")
    return module.get_ipython() if module is not None else None


def user_names() -> dict[str, Any]:
    """What the author has defined, by name; empty outside IPython."""
    running = shell()
    return dict(running.user_ns) if running is not None else {}


def cell_label(file: str) -> str:
    """`In[5]` when a file name is the one that IPython gave to a cell's code, else empty."""
    running = shell()
    if running is None:
        return ""
    if not hasattr(running.compile, "format_code_name"):
        return _label_by_source(running, file)
    label = running.compile.format_code_name(file)
    return label[1] if label else ""


def _label_by_source(running: Any, file: str) -> str:
    """The same in IPython 7, which Colab has: it keeps no table of the names, but makes them from the cells' text."""
    raw, parsed = running.history_manager.input_hist_raw, running.history_manager.input_hist_parsed
    numbers = range(min(len(raw), len(parsed)) - 1, 0, -1)
    name = running.compile.get_code_name
    return next((f"In[{i}]" for i in numbers if name(raw[i], parsed[i], i) == file), "")
