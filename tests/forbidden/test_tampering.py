"""A notebook that changes what is not its own is told to a human, and its answers are read as they stand."""

from __future__ import annotations

import json

import pytest
from attempts import CUT
from innocents import INNOCENT
from scripts import IN_THE_OPEN
from tests_support import ROOT

from grader.course import assignments
from grader.judge.reading.lineage import hidden_tracks, tampering_signs, watching_avoided


def signs(code: str) -> tuple[str, ...]:
    return tampering_signs([(str(number), source) for number, source in enumerate(code.split(CUT), 1)])


@pytest.mark.parametrize(
    ("code", "what"),
    [
        ("import grader.jail.child as child\nchild.Tracer = None", "uses parts of the kit"),
        ("from grader.jail import wire", "uses parts of the kit"),
        ("from grader import course", "uses parts of the kit"),
        ("import grader\ngrader.judge.suite.score = print", "uses parts of the kit"),
        ("import importlib\nimportlib.import_module('grader.' + 'jail')", "uses parts of the kit"),
        ("def f():\n    from grader.jail import answers", "uses parts of the kit"),
        ("import torch\ntorch.allclose = print", "changes `torch`"),
        ("import torch\ntorch.Tensor.detach = lambda self: self", "changes `torch.Tensor`"),
        ("from torch import Tensor as T\nT.__eq__ = print", "changes `torch.Tensor`"),
        ("import torch\nalias = torch.nn.functional\nalias.softmax = print", "changes `torch.nn.functional`"),
        ("import signal\nold, signal.setitimer = signal.setitimer, print", "changes `signal`"),
        ("import torch\nsetattr(torch, 'exp', print)", "changes `torch`"),
        ("import torch\ndel torch.exp", "changes `torch`"),
        ("import torch\nvars(torch)['exp'] = print", "changes `torch`"),
        ("import torch\ntorch.__dict__['exp'] = print", "changes `torch`"),
        ("import builtins\ndef f():\n    builtins.zip = print", "changes `builtins`"),
        ("def f():\n    import torch as t\n    t.exp = print", "changes `torch`"),
        ("import gc\ngc.get_objects()", "uses `gc.get_objects`"),
        ("from gc import get_referrers as r", "uses `gc.get_referrers`"),
        ("import sys\nsys.modules['torch']", "uses `sys.modules`"),
        ("import sys\nsys._getframe()", "uses `sys._getframe`"),
        ("try:\n    1 / 0\nexcept ZeroDivisionError as e:\n    e.__traceback__.tb_frame", "uses `tb_frame`"),
        ("print.__self__\nf = (lambda: 0).__globals__", "uses `__globals__`"),
        ("object.__subclasses__()", "uses `__subclasses__`"),
        ("import socket\nsocket.socket(fileno=3)", "uses `socket`"),
        ("import os\nos.write(3, b'')", "uses `os.write`"),
        ("from unittest.mock import patch", "uses `unittest.mock`"),
        ("exec('x = 1')", "uses `exec`"),
        ("import runpy\nrunpy.run_path('h.py')", "uses `runpy`"),
        ("from helper import softmax", "imports `helper`"),
        ("%run helper.py", "uses `get_ipython`"),
        ("%alias_magic t time", "uses `get_ipython`"),
        ("%%t\nx = 1", "uses `get_ipython`"),
        ("get_ipython().run_cell('x = 1')", "uses `get_ipython`"),
        ("    import grader.jail\n    x = 1", "uses parts of the kit"),
        (">>> import grader.jail", "uses parts of the kit"),
        ("In [1]: import grader.jail", "uses parts of the kit"),
        ("/print 1\nimport grader.jail", "uses parts of the kit"),
        ("!echo \\\n  a\nimport grader.jail", "uses parts of the kit"),
        ("%matplotlib inline\nimport grader.jail", "uses parts of the kit"),
        ("%%time\nimport grader.jail", "uses parts of the kit"),
        (f"x = 1{CUT}import torch\nif x:\n    torch.exp = print", "Line 3 of cell `2`"),
    ],
)
def test_a_sign_says_what_and_where(code: str, what: str) -> None:
    assert any(what in sentence for sentence in signs(code)), signs(code)


@pytest.mark.parametrize(
    "code",
    [
        "from grader import check, hint, data, pictures\ngrader_says = check",
        "import grader\ngrader.check('softmax', print)\ngrader.data.mnist()",
        "import torch\ntorch.manual_seed(0)\ntorch.set_default_dtype(torch.float64)",
        "import torch\nquick = True\ntorch.backends.cudnn.benchmark = quick",
        "import torch\ntorch.backends.cudnn.deterministic = True",
        "import matplotlib.pyplot as plt\nplt.rcParams['figure.dpi'] = 2 * 50",
        "import os\nos.environ['OMP_NUM_THREADS'] = str(1)",
        "import torch.nn as nn\nnet = nn.Linear(2, 2)\nnet.weight = nn.Parameter(net.weight * 2)",
        "import torch.nn as nn\nclass Net(nn.Module):\n    def __init__(self):\n        self.w = nn.Parameter(x)",
        "import torch\nx = torch.ones(2)\nx.grad = torch.zeros(2)\nx.data = x * 2",
        "class A:\n    pass\nA.f = print\nsetattr(A, 'g', print)",
        "import gc\ngc.collect()",
        "import sys\nsys.path.append('..')",
        "import warnings\nwarnings.filterwarnings('ignore')",
        "import time, math, json, random\nrandom.seed(0)",
        "import pickle, gzip\npickle.loads(b'N.')",
        "import ssl\nssl._create_default_https_context = ssl._create_unverified_context",
        "import io, sys\nsys.stdout = io.StringIO()",
        "import torch\ntorch.Tensor.__repr__ = lambda self: 'tensor'",
        "%matplotlib inline\n%time x = 1\n!pip list\n%pip install torch",
        "%load_ext autoreload\n%autoreload 2",
        "%%html\n<b>bold</b>",
        "%%bash\necho 'import grader.jail'",
        "def broken(:\n    import grader.jail",
    ],
)
def test_ordinary_code_bears_no_sign(code: str) -> None:
    assert signs(code) == ()


def test_no_innocent_answer_bears_a_sign() -> None:
    assert [attempt.name for attempt in (*INNOCENT, *IN_THE_OPEN) if tampering_signs(attempt.cells)] == []


@pytest.mark.parametrize("name", assignments())
def test_no_notebook_of_the_course_bears_a_sign(name: str) -> None:
    notebook = json.loads((ROOT / "source" / name / f"{name}.ipynb").read_text(encoding="utf-8"))
    code = [each for each in notebook["cells"] if each["cell_type"] == "code"]
    assert tampering_signs([(str(number), "".join(each["source"])) for number, each in enumerate(code)]) == ()


def test_where_any_cell_tampers_the_answers_are_read_as_they_stand() -> None:
    right = ("softmax", "def softmax(x):\n    return x.exp()")
    assert not watching_avoided([right], "softmax")
    assert watching_avoided([("setup", "import torch\ntorch.exp = print"), right], "softmax")


def test_an_answer_that_nothing_binds_bears_the_signs_of_all_cells() -> None:
    cells = [("1", "import torch"), ("2", "exec('def softmax(x): return x')")]
    assert hidden_tracks(cells, "softmax", ()) == (
        "`softmax`: line 1 of cell `2` uses `exec`, which runs code from text.",
    )
