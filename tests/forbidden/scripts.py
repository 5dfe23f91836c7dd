# ruff: noqa: E501 - the code of one attempt stands on one line, so that the table stays a table
"""What torch's modes do not show by themselves, TorchScript and threads: those who lean on what is not allowed, and the innocent."""

from __future__ import annotations

from attempts import CUT, Attempt

_SCRIPTED = "def f(x: Tensor) -> Tensor:\\n    return torch.softmax(x, -1)\\n"


def _script(
    name: str, use: str, text: str = _SCRIPTED, exercise: str = "softmax", before: str = "from threading import Thread"
) -> Attempt:
    """TorchScript given as text, which a cell compiles and the answer uses."""
    made = f"{before}\nunit = torch.jit.CompilationUnit('{text}')\n"
    return Attempt(
        f"script_{name}", f"{made}{CUT}def answer(*given):\n{use}", exercise, "lambda m, *given: m.answer(*given)"
    )


def _thread(work: str) -> str:
    return (
        f"    out = []\n    worker = Thread(target=lambda: out.append({work}))  #!\n    worker.start()\n"
        "    worker.join()\n    return out[0]"
    )


_CALLED = "    return unit.f(*given)  #!"
_ONE_HOT = "def f(x: Tensor, k: int) -> Tensor:\\n    return torch.nn.functional.one_hot(x, k)\\n"

SCRIPTS = (
    _script("called", _CALLED),
    _script("mapped", "    return next(map(unit.f, given))  #!"),
    _script("in_a_thread", _thread("unit.f(*given)")),
    _script(
        "in_a_bare_thread",
        "    out = []\n    def work():\n        out.append(unit.f(*given))  #!\n    start_new_thread(work, ())\n"
        "    while not out:\n        time.sleep(0.001)\n    return out[0]",
        before="import time\nfrom _thread import start_new_thread",
    ),
    _script(
        "as_a_threads_work",
        "    with ThreadPoolExecutor() as pool:\n        return pool.submit(unit.f, *given).result()  #!",
        before="from concurrent.futures import ThreadPoolExecutor",
    ),
    _script(
        "without_modes",
        "    with _disable_current_modes():\n        return unit.f(*given)  #!",
        before="from torch.utils._python_dispatch import _disable_current_modes",
    ),
    _script(
        "that_fails_afterwards",
        "    try:\n        unit.f(*given)  #!\n    except Exception:\n        return given[0]",
        "def f(x: Tensor) -> Tensor:\\n    y = torch.softmax(x, -1)\\n    return y.view(-7)\\n",
    ),
    _script("one_hot", _CALLED, _ONE_HOT, "one_hot"),
    _script("one_hot_in_a_thread", _thread("unit.f(*given)"), _ONE_HOT, "one_hot"),
    _script(
        "branch",
        _CALLED,
        "def f(x: Tensor, k: int) -> Tensor:\\n    if k > 1:\\n        return torch.nn.functional.one_hot(x, k)\\n    return x\\n",
        "one_hot",
    ),
    _script(
        "branch_under_the_authors_profiler",
        "    with torch.autograd.profiler.profile():\n        return unit.f(*given)  #!",
        "def f(x: Tensor, k: int) -> Tensor:\\n    if k > 1:\\n        return torch.nn.functional.one_hot(x, k)\\n    return x\\n",
        "one_hot",
    ),
    _script(
        "loop_that_fails",
        "    try:\n        unit.f(*given)  #!\n    except Exception:\n        return given[0]",
        "def f(x: Tensor, k: int) -> Tensor:\\n    for i in range(k):\\n        x = torch.nn.functional.one_hot(x, k).view(-7)\\n    return x\\n",
        "one_hot",
    ),
    _script(
        "fork",
        _CALLED,
        "def g(x: Tensor, k: int) -> Tensor:\\n    return torch.nn.functional.one_hot(x, k)\\n"
        "def f(x: Tensor, k: int) -> Tensor:\\n    return torch.jit.wait(torch.jit.fork(g, x, k))\\n",
        "one_hot",
    ),
    _script(
        "kl_div",
        _CALLED,
        "def f(y: Tensor, p: Tensor) -> Tensor:\\n    return torch.kl_div(torch.log(p), y, 2)\\n",
        "binary_cross_entropy",
    ),
    _script(
        "poisson",
        _CALLED,
        "def f(y: Tensor, p: Tensor) -> Tensor:\\n    return torch.poisson_nll_loss(p, y, True, False, 1e-8, 1)\\n",
        "binary_cross_entropy",
    ),
    _script(
        "loss_without_an_operator",
        _CALLED,
        "def f(y: Tensor, p: Tensor) -> Tensor:\\n    return torch.nn.functional.multilabel_soft_margin_loss(p, y)\\n",
        "binary_cross_entropy",
    ),
    _script(
        "loss_without_an_operator_in_a_branch",
        _CALLED,
        "def f(y: Tensor, p: Tensor) -> Tensor:\\n    if p.dim() > 1:\\n"
        "        return torch.nn.functional.multilabel_soft_margin_loss(p, y)\\n    return p\\n",
        "binary_cross_entropy",
    ),
    Attempt(
        "script_of_a_module",
        f"flat = torch.jit.script(nn.Flatten())\n{CUT}def flatten(images):\n    return flat(images)  #!",
        "flatten",
        "lambda m, x: m.flatten(x)",
    ),
    Attempt(
        "trace_of_a_module",
        f"flat = torch.jit.trace(nn.Flatten(), torch.ones(3, 4))\n{CUT}def flatten(images):\n    return flat(images)  #!",
        "flatten",
        "lambda m, x: m.flatten(x)",
    ),
)

THREADS = tuple(
    Attempt(
        f"thread_{name}",
        f"from threading import Thread\nfound = torch._C._jit_get_operation('aten::softmax')[0]\n{CUT}"
        f"def softmax(x):\n{_thread(work)}",
    )
    for name, work in {
        "operator": "found(x, -1)",
        "operator_mapped": "next(map(found, [x], [-1]))",
        "operator_without_a_name": "torch.ops.aten._softmax.default._op(x, -1, False)",
        "mapped": "next(map(torch.softmax, [x], [-1]))",
    }.items()
)

OPERATOR_OBJECTS = (
    Attempt(
        "operator_where_functions_are_disabled",
        f"found = torch._C._jit_get_operation('aten::one_hot')[0]\n{CUT}def encode(labels, n):\n"
        "    with torch._C.DisableTorchFunction():\n        return found(labels, n)  #!",
        "one_hot",
        "lambda m, *given: m.encode(*given)",
    ),
)

OUT_OF_SIGHT = (*SCRIPTS, *THREADS, *OPERATOR_OBJECTS)
"""What the tracer alone must see, besides `attempts.TRACED`."""

_ROWS = "    e = torch.exp(x - x.amax(-1, keepdim=True))\n    return e / e.sum(-1, keepdim=True)\n"
_OWN_SCRIPT = f"@torch.jit.script\ndef rows(x):\n{_ROWS}"

IN_THE_OPEN = (
    Attempt("script_of_its_own", f"@torch.jit.script\ndef softmax(x):\n{_ROWS}"),
    Attempt(
        "script_in_a_thread",
        f"from concurrent.futures import ThreadPoolExecutor\n{_OWN_SCRIPT}{CUT}def softmax(x):\n"
        "    with ThreadPoolExecutor() as pool:\n        return pool.submit(rows, x).result()",
    ),
    Attempt(
        "script_that_is_forked",
        f"{_OWN_SCRIPT}@torch.jit.script\ndef softmax(x):\n    return torch.jit.wait(torch.jit.fork(rows, x))",
    ),
    Attempt(
        "script_of_a_module",
        f"class Rows(nn.Module):\n  def forward(self, x):\n{_ROWS}{CUT}rows = torch.jit.script(Rows())\n"
        "traced = torch.jit.trace(Rows(), torch.ones(3, 4))\ndef softmax(x):\n    return rows(x) * traced(x)",
    ),
    Attempt(
        "script_without_its_branch",
        "unit = torch.jit.CompilationUnit('def f(x: Tensor, check: bool) -> Tensor:\\n    if check:\\n"
        "        return torch.softmax(x, -1)\\n    return torch.exp(x)\\n')\ndef softmax(x):\n    return unit.f(x, False)",
    ),
    Attempt(
        "script_with_a_text",
        'unit = torch.jit.CompilationUnit(\'def f(x: Tensor) -> Tensor:\\n    print("no = aten::softmax(x)")\\n'
        "    return torch.exp(x)\\n')\ndef softmax(x):\n    return unit.f(x)",
    ),
    Attempt(
        "script_under_a_profiler",
        f"{_OWN_SCRIPT}{CUT}def softmax(x):\n    with torch.autograd.profiler.profile():\n        return rows(x)",
    ),
    Attempt(
        "script_that_raises",
        "@torch.jit.script\ndef rows(x):\n    return x.view(-7)\n"
        f"{CUT}def softmax(x):\n    try:\n        return rows(x)\n    except RuntimeError:\n        return x.exp()",
    ),
    Attempt("script_under_vmap", f"{_OWN_SCRIPT}{CUT}def softmax(x):\n    return torch.func.vmap(rows)(x)"),
    Attempt(
        "script_that_is_compiled",
        f"{_OWN_SCRIPT}{CUT}@torch.compile(backend='eager')\ndef softmax(x):\n    return rows(x) * 1",
    ),
    Attempt(
        "gradient_in_a_thread",
        "from concurrent.futures import ThreadPoolExecutor\ndef softmax(x):\n    x = x.clone().requires_grad_()\n"
        "    with ThreadPoolExecutor() as pool:\n        y = pool.submit(torch.exp, x).result()\n"
        "        pool.submit(y.sum().backward).result()\n    return x.grad",
    ),
    Attempt(
        "thread_that_outlives_the_call",
        "import threading\nasked, told = threading.Event(), []\ndef work(x):\n    asked.wait(1)\n    told.append(x.exp())\n"
        f"{CUT}def softmax(x):\n    threading.Thread(target=work, args=(x,), daemon=True).start()\n    return x.exp()",
    ),
)
"""Right and honest code that does the same with what is allowed."""
