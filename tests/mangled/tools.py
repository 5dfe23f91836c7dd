"""What other tools leave in a notebook: their metadata, kernels, outputs and ways to write a cell."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from mangled.copies import Change
from mangled.drafts import Cell, Draft, code, source

# Editors and services


@dataclass(frozen=True)
class Tool:
    """What a tool writes: into the notebook's metadata, into every cell's, before every answer, into extra cells."""

    notebook: dict[str, Any] = field(default_factory=dict)
    cell: dict[str, Any] = field(default_factory=dict)
    first_line: str = ""
    cells: tuple[str, ...] = ()
    minor: int = 5

    def __call__(self, draft: Draft) -> None:
        draft.notebook["metadata"].update(self.notebook)
        draft.notebook["nbformat_minor"] = self.minor
        for number, cell in enumerate(draft.cells):
            own = {key: f"{value}{number}" if key in _NUMBERED else value for key, value in self.cell.items()}
            cell["metadata"] = {**cell["metadata"], **own}
        for cell in {id(cell): cell for cell in draft.answers.values()}.values():
            if not source(cell).startswith("%%"):  # a cell's magic stays its first line
                cell["source"] = self.first_line + source(cell)
        draft.cells[1:1] = [code(text, **self.cell) for text in self.cells]


_NUMBERED = ("id", "outputId", "_uuid", "cell_id", "nuid")

TOOLS = {
    "colab": Tool(
        notebook={
            "colab": {"provenance": [{"file_id": "1aB", "timestamp": 1699999999999}], "collapsed_sections": ["x"]},
            "accelerator": "GPU",
            "gpuClass": "standard",
        },
        cell={"id": "cXyZ", "outputId": "0f-", "colab": {"base_uri": "https://localhost:8080/", "height": 283}},
        cells=("!nvidia-smi", "from google.colab import files\nfiles.upload()"),
        minor=0,
    ),
    "colabs_form": Tool(
        cell={"cellView": "form", "id": "f_"},
        first_line='# @title My answer { display-mode: "form", run: "auto" }\nrate = 0.1  # @param {type:"slider"}\n',
        minor=0,
    ),
    "vs_code": Tool(
        notebook={"vscode": {"interpreter": {"hash": "31f2aee4e71d21fbe5cf8b01ff0e069b"}}, "orig_nbformat": 4},
        cell={"vscode": {"languageId": "python"}, "notebookRunGroups": {"groupValue": "1"}},
        minor=2,
    ),
    "vs_code_with_languages": Tool(
        cell={"vscode": {"languageId": "r"}, "dotnet_interactive": {"language": "csharp"}},
        first_line="# %% the answer\n",
    ),
    "kaggle": Tool(
        notebook={"kaggle": {"accelerator": "nvidiaTeslaT4", "dataSources": [{"sourceId": 1}], "isGpuEnabled": True}},
        cell={
            "_cell_guid": "b1076dfc",
            "_uuid": "8f2839f2",
            "trusted": True,
            "execution": {"iopub.execute_input": "t"},
        },
        cells=("import os\nfor d, _, f in os.walk('/kaggle/input'):\n    print(d, f)",),
        minor=4,
    ),
    "databricks": Tool(
        notebook={"application/vnd.databricks.v1+notebook": {"language": "python", "widgets": {}}},
        cell={"application/vnd.databricks.v1+cell": {"nuid": "3c", "showTitle": False, "inputWidgets": {}}},
        first_line="# Databricks notebook source\n# MAGIC %md\n",
        cells=("%sql\nselect 1", "%python\nprint(dbutils)"),
        minor=0,
    ),
    "nbdev": Tool(
        notebook={"nbdev": {"doc_path": "_docs"}},
        cell={"_proc": None},
        first_line="#| export\n",
        cells=("#| default_exp core", "#| hide\nfrom nbdev.showdoc import *"),
    ),
    "jupytext": Tool(
        notebook={"jupytext": {"formats": "ipynb,py:percent", "text_representation": {"extension": ".py"}}},
        cell={"lines_to_next_cell": 2, "pycharm": {"name": "#%%\n"}},
        first_line="# + tags=[]\n",
        minor=4,
    ),
    "papermill": Tool(
        notebook={"papermill": {"duration": 3.2, "exception": True, "parameters": {}}},
        cell={"papermill": {"status": "completed", "duration": 0.1}, "tags": ["injected-parameters", "parameters"]},
        cells=("# Parameters\nepochs = 3",),
        minor=4,
    ),
    "deepnote": Tool(
        notebook={"deepnote_notebook_id": "4b1f", "deepnote_execution_queue": []},
        cell={"cell_id": "0001", "deepnote_cell_type": "code", "deepnote_to_be_reexecuted": False, "source_hash": "5c"},
        minor=0,
    ),
    "azure": Tool(
        notebook={"kernel_info": {"name": "python310-sdkv2"}, "nteract": {"version": "nteract-front-end@1.0.0"}},
        cell={"gather": {"logged": 1700000000000}, "nteract": {"transient": {"deleting": False}}, "jupyter": None},
        minor=2,
    ),
    "slides": Tool(cell={"slideshow": {"slide_type": "skip"}, "hidden": True, "collapsed": "yes"}),
    "extensions": Tool(
        notebook={"toc": {"nav_menu": {}}, "varInspector": {"cols": {}}, "celltoolbar": 7, "widgets": {"state": {}}},
        cell={"ExecuteTime": {"end_time": "2024-05-01T10:00:00"}, "heading_collapsed": True, "scrolled": "auto"},
    ),
}

# Kernels

KERNELS: dict[str, Any] = {
    "r": {
        "kernelspec": {"name": "ir", "display_name": "R", "language": "R"},
        "language_info": {"name": "R", "version": "4.3.1", "codemirror_mode": "r", "file_extension": ".r"},
    },
    "julia": {
        "kernelspec": {"name": "julia-1.9", "display_name": "Julia 1.9.3", "language": "julia"},
        "language_info": {"name": "julia", "version": "1.9.3", "mimetype": "application/julia"},
    },
    "another_command": {
        "kernelspec": {"name": "python3", "display_name": "Python 3", "argv": ["sh", "-c", "touch /tmp/pwned"]},
    },
    "a_kernel_of_an_environment": {
        "kernelspec": {"name": "my env (3.12)", "display_name": "my env", "env": {"A": "b"}}
    },
    "python_2": {"kernelspec": {"name": "python2"}, "language_info": {"name": "python", "version": 2.7}},
    "no_kernel": {},
    "a_kernel_that_is_text": {"kernelspec": "python3", "language_info": ["python"]},
    "a_path_as_kernel": {"kernelspec": {"name": "../../bin/sh", "display_name": "\u202epy", "language": "python"}},
}


def kernel(metadata: dict[str, Any]) -> Change:
    def change(draft: Draft) -> None:
        draft.notebook["metadata"] = dict(metadata)

    return change


# Outputs


def _text(text: Any) -> dict[str, Any]:
    return {"output_type": "stream", "name": "stdout", "text": text}


def _data(**data: Any) -> dict[str, Any]:
    return {"output_type": "display_data", "metadata": {}, "data": {key.replace("_", "/"): data[key] for key in data}}


def _nested(depth: int) -> Any:
    value: Any = 0
    for _ in range(depth):
        value = [value]
    return value


OUTPUTS: dict[str, Any] = {
    "of_an_error": [{"output_type": "error", "ename": "E", "evalue": "no", "traceback": ["\x1b[31mE\x1b[0m: no"]}],
    "of_a_picture": [_data(image_png="iVBORw0KGgo=" * 20_000, text_plain="<Figure size 640x480>")],
    "of_three_megabytes": [_text("epoch 1: loss 0.6931\n" * 150_000)],
    "of_fifty_thousand_lines": [_text(["epoch 1: loss 0.6931\n"] * 50_000)],
    "that_claim_points": [{"output_type": "execute_result", "data": {"text/plain": "1000.0"}, "execution_count": 1}],
    "with_a_script": [_data(text_html="<script>alert(1)</script>", application_javascript="alert(1)")],
    "of_unknown_types": [{"output_type": "hologram"}, {"output_type": None}, {}],
    "that_are_no_outputs": [None, 7, "text", [[]]],
    "that_are_null": None,
    "that_are_text": "0.6931",
    "nested_ninety_deep": [_data(application_json=_nested(90))],
    "with_nan": [_data(application_json={"loss": float("nan"), "least": float("-inf")})],
    "of_the_old_format": [{"output_type": "pyout", "prompt_number": 3, "text": ["0.5"]}],
}


def outputs(value: Any) -> Change:
    """On one cell where the value is large, on all code cells otherwise."""

    def change(draft: Draft) -> None:
        cells = [cell for cell in draft.cells if cell["cell_type"] == "code"]
        for cell in cells[-1:] if len(str(value)) > 10_000 else cells:
            cell["outputs"] = value

    return change


def execution_counts(*values: Any) -> Change:
    def change(draft: Draft) -> None:
        for number, cell in enumerate(draft.cells):
            cell["execution_count"] = values[number % len(values)]

    return change


# Ways to write


def _in_every_source(draft: Draft, old: str, new: str) -> None:
    for cell in _distinct(draft.cells):
        cell["source"] = source(cell).replace(old, new)


def _distinct(cells: list[Cell]) -> list[Cell]:
    return list({id(cell): cell for cell in cells}.values())


def windows_line_endings(draft: Draft) -> None:
    _in_every_source(draft, "\n", "\r\n")


def old_macs_line_endings(draft: Draft) -> None:
    _in_every_source(draft, "\n", "\r")


def blanks_at_line_ends(draft: Draft) -> None:
    _in_every_source(draft, "\n", "   \n")
    _in_every_source(draft, "   \n   \n", "\n\n")


def blank_lines_around(draft: Draft) -> None:
    for cell in _distinct(draft.cells):
        cell["source"] = f"\n\n{source(cell)}\n\n\n"


def byte_order_marks_in_cells(draft: Draft) -> None:
    """Text pasted from a file that began with one."""
    for cell in draft.texts():
        cell["source"] = "\ufeff" + source(cell)


WRITING: dict[str, Change] = {
    each.__name__: each
    for each in (
        windows_line_endings,
        old_macs_line_endings,
        blanks_at_line_ends,
        blank_lines_around,
        byte_order_marks_in_cells,
    )
}
COUNTS: dict[str, tuple[Any, ...]] = {
    "out_of_order": (17, 3, 201, 5, 1),
    "that_are_text": ("1", "*", ""),
    "negative_and_giant": (-7, 10**4200, 2**63, 1.5),
    "that_are_true": (True, None, [1]),
}
USED: dict[str, Change] = {
    **{f"metadata_of_{name}": tool for name, tool in TOOLS.items()},
    **{f"kernel_of_{name}": kernel(metadata) for name, metadata in KERNELS.items()},
    **{f"outputs_{name}": outputs(value) for name, value in OUTPUTS.items()},
    **{f"execution_counts_{name}": execution_counts(*values) for name, values in COUNTS.items()},
    **WRITING,
}
