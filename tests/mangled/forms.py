"""Accidents with the JSON of a notebook: other versions of the format, other forms of its parts, missing parts."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

from mangled.copies import Change
from mangled.drafts import Cell, Draft

# Versions of the format


def minor_version(minor: Any) -> Change:
    def change(draft: Draft) -> None:
        draft.notebook["nbformat_minor"] = minor
        for cell in draft.cells:
            cell.pop("id", None)

    return change


def format_named(version: Any) -> Change:
    def change(draft: Draft) -> None:
        draft.notebook["nbformat"] = version

    return change


def format_not_named(draft: Draft) -> None:
    del draft.notebook["nbformat"], draft.notebook["nbformat_minor"]


def format_of(version: Any) -> Change:
    def change(draft: Draft) -> None:
        draft.notebook["nbformat"] = version
        draft.reason = "is no notebook of nbformat 3 or 4"

    return change


def format_3(draft: Draft) -> None:
    """Two worksheets, code in `input`, `prompt_number` and `pyout`."""
    cells = [_of_format_3(cell) for cell in draft.cells]
    half = len(cells) // 2
    sheets = [{"metadata": {}, "cells": cells[:half]}, {"metadata": {}, "cells": cells[half:]}]
    draft.notebook = {"nbformat": 3, "nbformat_minor": 0, "metadata": {"name": ""}, "worksheets": sheets}


def format_3_that_calls_itself_4(draft: Draft) -> None:
    format_3(draft)
    draft.notebook["nbformat"] = 4


def format_4_that_calls_itself_3(draft: Draft) -> None:
    draft.notebook["nbformat"] = 3


def _of_format_3(cell: Cell) -> Cell:
    rest = {key: cell[key] for key in ("cell_type", "metadata") if key in cell}
    if cell.get("cell_type") == "code":
        return {**rest, "input": cell["source"], "language": "python", "prompt_number": 1, "outputs": []}
    if str(cell["source"]).startswith("## "):
        return {**rest, "cell_type": "heading", "level": 2, "source": str(cell["source"])[3:]}
    return {**rest, "source": cell["source"]}


# Sources

SPLITTERS: dict[str, Callable[[str], Any]] = {
    "lists_of_lines": lambda text: text.splitlines(keepends=True),
    "lists_of_one": lambda text: [text],
    "lists_of_letters": list,
    "lists_with_strange_parts": lambda text: [None, *text.splitlines(keepends=True), 7, {}, []],
}

NO_SOURCES: dict[str, Any] = {"null": None, "a_number": 7, "a_nested_list": [["x = 1"]], "a_dict": {"text": "x = 1"}}


def sources_as(split: Callable[[str], Any]) -> Change:
    def change(draft: Draft) -> None:
        for cell in {id(cell): cell for cell in draft.cells}.values():
            cell["source"] = split(cell["source"])

    return change


def an_answer_whose_source_is(value: Any) -> Change:
    def change(draft: Draft) -> None:
        name = draft.pick()
        shared = [other for other, cell in draft.answers.items() if cell is draft.answers[name]]
        draft.answers[name]["source"] = copy.deepcopy(value)
        draft.lose(name)
        draft.harm(*shared)

    return change


def an_answer_without_source(draft: Draft) -> None:
    an_answer_whose_source_is("")(draft)
    next(cell for cell in draft.cells if cell["source"] == "" and draft.is_answer(cell)).pop("source")


def texts_whose_source_is(value: Any) -> Change:
    def change(draft: Draft) -> None:
        for cell in draft.texts():
            cell["source"] = copy.deepcopy(value)

    return change


# Parts that are missing, or no such parts

STRANGERS: dict[str, Any] = {
    "null": None,
    "numbers": 7,
    "texts": "a = 1",
    "lists": [[]],
    "nothing": {},
    "cells_without_type": {"source": "x = 1"},
    "cells_of_unknown_type": {"cell_type": "graph", "metadata": 3, "source": "x"},
    "nested_ninety_deep": {"cell_type": "code", "source": "", "outputs": [{"data": [[[{"a": [0]}]]]}]},
}


def strangers_among_the_cells(value: Any) -> Change:
    def change(draft: Draft) -> None:
        draft.cells[:] = [each for cell in draft.cells for each in (copy.deepcopy(value), cell)]

    return change


def without(*keys: str) -> Change:
    def change(draft: Draft) -> None:
        for cell in draft.cells:
            if "metadata" in keys:
                draft.unmark(cell)
        for cell in draft.cells:
            for key in keys:
                cell.pop(key, None)

    return change


def cell_metadata_replaced_by(value: Any) -> Change:
    def change(draft: Draft) -> None:
        for cell in draft.cells:
            draft.unmark(cell)
        for cell in draft.cells:
            cell["metadata"] = value

    return change


def notebook_with(**parts: Any) -> Change:
    def change(draft: Draft) -> None:
        draft.notebook |= copy.deepcopy(parts)

    return change


def notebook_without_metadata(draft: Draft) -> None:
    draft.notebook.pop("metadata")


def cells_replaced_by(value: Any) -> Change:
    def change(draft: Draft) -> None:
        draft.notebook["cells"] = value
        draft.reason = "has no list of cells"

    return change


def cells_in_a_dict(draft: Draft) -> None:
    draft.notebook["cells"] = {str(number): cell for number, cell in enumerate(draft.cells)}
    draft.reason = "has no list of cells"


def too_many_cells(draft: Draft) -> None:
    draft.cells.extend({"cell_type": "code", "source": "", "metadata": {}, "outputs": []} for _ in range(2_000))
    draft.reason = "at most 2,000 are read. Delete cells"


def too_much_code(draft: Draft) -> None:
    data = "table = '''" + "0.125 " * 200_000 + "'''"
    draft.cells.append({"cell_type": "code", "source": data, "metadata": {}, "outputs": []})
    draft.reason = "Keep data out of the code"


def a_text_of_a_million_letters(draft: Draft) -> None:
    draft.cells.append({"cell_type": "markdown", "source": "a long story " * 100_000, "metadata": {}})


def pasted_pictures(draft: Draft) -> None:
    for cell in draft.texts():
        cell["attachments"] = {"image.png": {"image/png": "iVBORw0KGgo="}, "x": {"text/html": "<script>"}, "y": 7}


def ids_replaced_by(name_of: Callable[[int], Any]) -> Change:
    def change(draft: Draft) -> None:
        for number, cell in enumerate(draft.cells):
            cell["id"] = name_of(number)

    return change


def nested_too_deep(draft: Draft) -> None:
    value: Any = 0
    for _ in range(400):
        value = [value]
    draft.cells[-1]["metadata"] = {"deep": value}
    draft.reason = "nests its data more than 100 levels deep"


def wrapped(wrap: Callable[[Any], Any], reason: str) -> Change:
    def change(draft: Draft) -> None:
        draft.notebook = wrap(draft.notebook)
        draft.reason = reason

    return change


FORMS: dict[str, Change] = {
    each.__name__: each
    for each in (
        format_not_named,
        format_3,
        format_3_that_calls_itself_4,
        format_4_that_calls_itself_3,
        an_answer_without_source,
        notebook_without_metadata,
        cells_in_a_dict,
        too_many_cells,
        too_much_code,
        a_text_of_a_million_letters,
        pasted_pictures,
        nested_too_deep,
    )
}
FORMS |= {f"minor_version_{minor}": minor_version(minor) for minor in (0, 1, 2, 3, 4, 5, 6, 99, -1, "5", None)}
FORMS |= {f"format_named_{version!r}": format_named(version) for version in (4.0, "4", "v4", None, True, [4])}
FORMS |= {f"format_{version}": format_of(version) for version in (1, 2, 5, 40)}
FORMS |= {f"sources_as_{name}": sources_as(split) for name, split in SPLITTERS.items()}
FORMS |= {f"an_answer_whose_source_is_{name}": an_answer_whose_source_is(each) for name, each in NO_SOURCES.items()}
FORMS |= {f"texts_whose_source_is_{name}": texts_whose_source_is(each) for name, each in NO_SOURCES.items()}
FORMS |= {f"{name}_among_the_cells": strangers_among_the_cells(value) for name, value in STRANGERS.items()}
FORMS |= {
    "cells_without_metadata": without("metadata"),
    "cells_without_ids": without("id"),
    "cells_without_outputs": without("outputs", "execution_count"),
    "cells_with_metadata_null": cell_metadata_replaced_by(None),
    "cells_with_metadata_a_list": cell_metadata_replaced_by([]),
    "ids_all_the_same": ids_replaced_by(lambda number: "same"),
    "ids_too_long": ids_replaced_by(lambda number: f"{number}" * 70),
    "ids_of_any_kind": ids_replaced_by(lambda number: (None, 7, "ä ö", "", ["x"], "a\n")[number % 6]),
    "metadata_of_the_notebook_null": notebook_with(metadata=None),
    "metadata_of_the_notebook_a_list": notebook_with(metadata=[1, 2]),
    "strange_parts_of_the_notebook": notebook_with(author="me", worksheets=[{"cells": []}], _="x" * 10_000, v={"a": 1}),
    "cells_null": cells_replaced_by(None),
    "cells_a_text": cells_replaced_by("[]"),
    "a_list_of_notebooks": wrapped(lambda notebook: [notebook], "is JSON but no notebook"),
    "only_the_list_of_cells": wrapped(lambda notebook: notebook["cells"], "is JSON but no notebook"),
    "a_servers_answer": wrapped(
        lambda notebook: {"type": "notebook", "content": notebook}, "is no notebook of nbformat"
    ),
    "a_number": wrapped(lambda notebook: 7, "is JSON but no notebook"),
    "a_text_in_json": wrapped(str, "is JSON but no notebook"),
    "nothing_in_json": wrapped(lambda notebook: None, "is JSON but no notebook"),
    "an_empty_object": wrapped(lambda notebook: {}, "is no notebook of nbformat"),
}
