"""Coverage-guided fuzzing of what reads bytes from strangers; run by hand, never collected by pytest.

    python -m venv /tmp/atheris && /tmp/atheris/bin/pip install atheris
    PYTHONPATH=.:tests:$(.venv/bin/python -c "import sysconfig; print(sysconfig.get_path('purelib'))") \
        /tmp/atheris/bin/python tests/fuzz/fuzz_wire.py decode CORPUS_FOLDER -max_total_time=300

Targets: decode, reply, channel, notebook. Options after the folder are libFuzzer's; its last line has the executions,
its `cov` and `ft` the coverage and `corp` the corpus. A fault ends the run and leaves `crash-…` in the working folder:
mend it, and keep that input as a line of tests/fuzz/corpus/. An empty corpus folder is filled with seeds first.
"""

from __future__ import annotations

import json
import random
import struct
import sys
import tempfile
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import atheris

with atheris.instrument_imports(include=["grader"]):
    from fuzz import targets

    from grader.jail import wire

import numpy as np
import torch

ROOT = Path(__file__).resolve().parents[2]
TOKENS = [
    *("[[", "]]", '["none"]', '["list",[', '["tuple",[', '["dict",[[', '["str","', '["tensor",0]', '["ndarray",0]'),
    *('["bytes",0]', '["bool",true]', '["int","', '["npint","', '["float","', '["npfloat32","', '["opaque","', "nan"),
    *("0x1.8000000000000p+0", "0x1.fffffep+127", "inf", "-0x0.0p+0", "\\ud800", "9223372036854775808", "true", "null"),
    *("uint8", "float16", "bfloat16", "float64", "bool", "status", "returned", "raised", "missing", "unreadable"),
    *("inputs", "forbidden", "kinds", "message", "cell", "line", "text", "call", "value", "cells", "cell_type"),
    *("metadata", "nbgrader", "grade_id", "source", "nbformat", "worksheets", "attachments", "kernelspec", "\\u0000"),
]

JUNK: list[Any] = [
    *(None, True, 0, 1, -1, 2**31, 2**63, 1.5, "", "x", "1_0", "\ud800", "\x00", [], {}, ["none"], ["none", 1]),
    *(["tensor", 0], ["tensor", 1], ["ndarray", 0], ["bytes", 0], ["int", "9" * 40], ["int", str(2**61 - 1)]),
    *(["float", "inf"], ["npfloat32", "0x1p+200"], ["list", []], ["dict", [[["int", "1"], ["none"]]]], ["opaque", "a"]),
    *(["uint8", [0]], ["bfloat16", [1]], ["bool", [2]], ["float32", [0, 2**31 - 1, 2**31 - 1]], {"image/png": "a"}),
]


def _wire_seeds() -> list[bytes]:
    call = {"call": "torch.softmax", "cell": "cell softmax", "line": 2, "text": "x"}
    raised = {"kinds": ["ValueError"], "message": "no", "cell": "cell softmax", "line": 2, "text": "x"}
    parts = {"value": None, "inputs": (), "raised": None, "forbidden": []}
    values: list[object] = [
        (1, -2.5, None, True, "text", b"bytes", {"a": [np.int64(1)], 2: np.float32(0.5)}),
        [torch.ones(2, 3), torch.ones(1, dtype=torch.bfloat16), np.arange(3), torch.zeros(0, 2), torch.tensor([True])],
        {**parts, "status": "returned", "value": torch.ones(2), "inputs": (torch.ones(2),), "forbidden": [call]},
        {**parts, "status": "raised", "raised": raised},
        {**parts, "status": "missing", "value": "softmax"},
        {**parts, "status": "unreadable", "value": wire.TOO_LARGE},
        wire.Opaque("numpy.ndarray of object"),
    ]
    messages = [wire.encode(value) for value in values]
    return [b"\0" + messages[0], *map(_as_input, messages)]


def _as_input(message: bytes) -> bytes:
    (length,) = struct.unpack_from("<I", message)
    return message[4 : 4 + length] + b"\0" + message[4 + length :]


def _channel_seeds() -> list[bytes]:
    return [bytes([1, 3, 0, 14]) + struct.pack("<Q", len(each)) + each for each in (b"", b"x", b"0123456789" * 9)]


def _notebook_seeds() -> list[bytes]:
    marks = {
        "nbgrader": {"grade_id": "softmax", "solution": True, "grade": False, "locked": False, "schema_version": 3}
    }
    code = {"id": "a", "cell_type": "code", "metadata": marks, "source": ["x = 1\n", "x"], "outputs": []}
    picture = {"a.png": {"image/png": "iVBORw0KGgo="}}
    text = {"id": "b", "cell_type": "markdown", "metadata": {}, "source": "# Title", "attachments": picture}
    new = {"nbformat": 4, "nbformat_minor": 5, "metadata": {"kernelspec": {"name": "python3"}}, "cells": [code, text]}
    heading = {"cell_type": "heading", "level": 2, "source": ["Title"]}
    sheet = {"cells": [heading, {"cell_type": "code", "input": "x = 1", "outputs": []}]}
    old = {"nbformat": 3, "nbformat_minor": 0, "metadata": {}, "worksheets": [sheet]}
    texts = [json.dumps(new), json.dumps(old), json.dumps({**new, "cells": []})]
    released = [path.read_bytes()[:20_000] for path in sorted((ROOT / "assignments").glob("*/*.ipynb"))]
    return [
        *(each.encode() for each in texts),
        texts[0].encode("utf-16"),
        b"\xef\xbb\xbf" + texts[1].encode(),
        *released,
    ]


def mutate(data: bytes, max_size: int, seed: int) -> bytes:
    """Changes the JSON of an input at one place, so that the rest stays well formed; or any of its bytes."""
    draw = random.Random(seed)
    tree, null, rest = data.partition(b"\0")
    if draw.random() < 0.4:
        return atheris.Mutate(data, max_size)
    try:
        document = json.loads(tree)
    except (ValueError, RecursionError):
        return atheris.Mutate(data, max_size)
    places = list(_places(document))
    if not places:
        return atheris.Mutate(data, max_size)
    place, key = draw.choice(places)
    other, its = draw.choice(places)
    how = draw.randrange(5)
    if how == 0:
        place[key] = draw.choice(JUNK)
    elif how == 1:
        place[key] = other[its]
    elif how == 2 and isinstance(place, list):
        place.insert(key, other[its])
    elif how == 3:
        del place[key]
    elif isinstance(place[key], str):
        place[key] = atheris.Mutate(place[key].encode("utf-8", "replace"), 100).decode("utf-8", "replace")
    else:
        place[key] = [place[key]]
    try:
        changed = json.dumps(document).encode() + null + rest
    except (ValueError, RecursionError):  # it may hold itself by now
        return atheris.Mutate(data, max_size)
    return changed[:max_size]


def _places(document: Any) -> Iterator[tuple[Any, Any]]:
    """Every place in plain JSON: a list or dict, and an index or key of it."""
    waiting = [document]
    while waiting:
        each = waiting.pop()
        keys = list(each) if isinstance(each, dict) else range(len(each)) if isinstance(each, list) else ()
        for key in keys:
            yield each, key
            waiting.append(each[key])


SEEDS: dict[str, Callable[[], list[bytes]]] = {
    "decode": _wire_seeds,
    "reply": _wire_seeds,
    "channel": _channel_seeds,
    "notebook": _notebook_seeds,
}


def main() -> None:
    name, corpus, *options = sys.argv[1:]
    folder = Path(corpus)
    folder.mkdir(parents=True, exist_ok=True)
    if not any(folder.iterdir()):
        for number, seed in enumerate([*SEEDS[name](), *targets.kept(name)]):
            (folder / f"seed-{number}").write_bytes(seed)
    words = Path(tempfile.mkdtemp()) / "tokens"
    words.write_text("".join(f"{json.dumps(each)}\n" for each in TOKENS), encoding="utf-8")
    warnings.simplefilter("error")
    aware = {"custom_mutator": mutate} if name != "channel" else {}
    atheris.Setup([sys.argv[0], str(folder), f"-dict={words}", *options], targets.TARGETS[name], **aware)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
