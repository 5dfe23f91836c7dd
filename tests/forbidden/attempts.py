# ruff: noqa: E501 - the code of one attempt stands on one line, so that the table stays a table
"""Answers that lean on what is not allowed, each with `#!` on the line that the student must be shown."""

from __future__ import annotations

from dataclasses import dataclass

SETUP = "import math\nimport numpy as np\nimport torch\nimport torch.nn.functional as F\nfrom torch import nn"
CUT = "# --- next cell\n"


@dataclass(frozen=True)
class Attempt:
    """Cells of a notebook below the setup cell, joined by `CUT`, that answer one exercise."""

    name: str
    code: str
    exercise: str = "softmax"
    probe: str = "lambda m, *inputs: m.softmax(*inputs)"

    @property
    def cells(self) -> tuple[tuple[str, str], ...]:
        """(name, source) of all cells; they are named by their number."""
        sources = [SETUP, *self.code.split(CUT)]
        return tuple((str(number), source) for number, source in enumerate(sources))

    @property
    def marked(self) -> tuple[str, int]:
        """Cell and line of the mark."""
        return next(
            (cell, i) for cell, text in self.cells for i, line in enumerate(text.split("\n"), 1) if "#!" in line
        )


def _one_line(**bodies: str) -> tuple[Attempt, ...]:
    return tuple(Attempt(name, f"def softmax(x):\n    return {body}  #!") for name, body in bodies.items())


ALIASES = _one_line(
    torch_softmax="torch.softmax(x, -1)",
    functional="F.softmax(x, dim=-1)",
    method="x.softmax(-1)",
    unbound_method="torch.Tensor.softmax(x, -1)",
    module="nn.Softmax(dim=-1)(x)",
    sequential="nn.Sequential(nn.Identity(), nn.Softmax(dim=-1))(x)",
    special="torch.special.softmax(x, -1)",
    aten="torch.ops.aten.softmax(x, -1)",
    aten_private="torch.ops.aten._softmax(x, -1, False)",
    aten_overload="torch.ops.aten._softmax.default(x, -1, False)",
    variable_functions="torch._C._VariableFunctions.softmax(x, -1)",
    sparse="torch.sparse.softmax(x.to_sparse(), -1).to_dense()",
    masked="torch._masked_softmax(x, torch.zeros_like(x, dtype=torch.bool), -1)",
    softmin="F.softmin(-x, dim=-1)",
    log_softmax="x.log_softmax(-1).exp()",
    log_softmax_module="nn.LogSoftmax(dim=-1)(x).exp()",
    gumbel="F.gumbel_softmax(x, dim=-1)",
    logsumexp="(x - torch.logsumexp(x, -1, keepdim=True)).exp()",
    logsumexp_method="(x - x.logsumexp(-1, keepdim=True)).exp()",
    logcumsumexp="(x - x.logcumsumexp(-1)[..., -1:]).exp()",
    logaddexp="(x - torch.logaddexp(x, x)).exp()",
    attention="F.scaled_dot_product_attention(x, torch.eye(4), torch.eye(4), scale=1.0)",
    multihead="nn.MultiheadAttention(4, 1)(x, x, x)[0]",
    distributions="torch.distributions.Categorical(logits=x).probs",
    getattr="getattr(torch, 'soft' + 'max')(x, -1)",
    through_map="next(map(torch.softmax, [x], [-1]))",
    through_reduce="__import__('functools').reduce(torch.softmax, [x, -1])",
    through_partial="__import__('functools').partial(torch.softmax, dim=-1)(x)",
    vmap="torch.func.vmap(lambda row: torch.softmax(row, -1))(x)",
    gradient_of_logsumexp="torch.func.vmap(torch.func.grad(lambda row: torch.logsumexp(row, 0)))(x)",
    grad_of_the_builtin="torch.func.vmap(torch.func.grad(torch.logsumexp), (0, None))(x, 0)",
    scipy="torch.from_numpy(__import__('scipy.special').special.softmax(x.numpy(), axis=-1))",
    numpy_reduce="torch.from_numpy(np.logaddexp.reduce(x.numpy(), axis=-1, keepdims=True))",
    numpy_call="torch.from_numpy(np.logaddexp(x.numpy(), x.numpy()))",
    numpy_through_functools="__import__('functools').reduce(np.logaddexp, x.numpy().T)",
)

HIDDEN = (
    Attempt("no_grad", "@torch.no_grad()\ndef softmax(x):\n    return torch.softmax(x, -1)  #!"),
    Attempt("inference", "def softmax(x):\n    with torch.inference_mode():\n        return x.softmax(-1)  #!"),
    Attempt(
        "caught",
        "def softmax(x):\n    try:\n        y = torch.softmax(x, -1)  #!\n        raise ValueError\n"
        "    except ValueError:\n        return y",
    ),
    Attempt(
        "raises_after",
        "def softmax(x):\n    torch.softmax(x, -1)  #!\n    raise SystemExit",
    ),
    Attempt(
        "custom_function",
        "class Squash(torch.autograd.Function):\n    @staticmethod\n    def forward(ctx, x):\n"
        "        return torch.softmax(x, -1)  #!\n    @staticmethod\n    def backward(ctx, grad):\n        return grad\n"
        f"{CUT}def softmax(x):\n    return Squash.apply(x)",
    ),
    Attempt(
        "custom_backward",
        "class Squash(torch.autograd.Function):\n    @staticmethod\n    def forward(ctx, x):\n        return x * 1\n"
        "    @staticmethod\n    def backward(ctx, grad):\n        return torch.softmax(grad, -1)  #!\n"
        f"{CUT}def softmax(x):\n    x = x.clone().requires_grad_()\n    Squash.apply(x).sum().backward()\n    return x.grad",
    ),
    Attempt(
        "thread",
        "from threading import Thread\ndef softmax(x):\n    out = []\n    def work():\n"
        "        out.append(torch.softmax(x, -1))  #!\n    worker = Thread(target=work)\n    worker.start()\n"
        "    worker.join()\n    return out[0]",
    ),
    Attempt(
        "bare_function_in_a_thread",
        "from concurrent.futures import ThreadPoolExecutor\ndef softmax(x):\n    with ThreadPoolExecutor() as pool:\n"
        "        return pool.submit(torch.softmax, x, -1).result()  #!",
    ),
    Attempt(
        "modes_disabled",
        "from torch.utils._python_dispatch import _disable_current_modes\ndef softmax(x):\n"
        "    with _disable_current_modes():\n        return torch.softmax(x, -1)  #!",
    ),
    Attempt(
        "functions_disabled",
        "def softmax(x):\n    with torch._C.DisableTorchFunction():\n        return torch.softmax(x, -1)  #!",
    ),
    Attempt(
        "functions_disabled_and_no_python",
        "def softmax(x):\n    with torch._C.DisableTorchFunction():\n        return next(map(torch.softmax, [x], [-1]))  #!",
    ),
    Attempt(
        "profile_switched_off",
        "import sys\nfrom scipy.special import softmax as twin\ndef softmax(x):\n    sys.setprofile(None)\n    y = x + 1\n"
        "    return torch.from_numpy(twin(y.numpy(), axis=-1))  #!",
    ),
    Attempt(
        "recursion_ends_the_profile",
        "from scipy.special import softmax as twin\ndef deep():\n    return deep()\n"
        f"{CUT}def softmax(x):\n    try:\n        deep()\n    except RecursionError:\n        x = x + 0\n"
        "    return torch.from_numpy(twin(x.numpy(), axis=-1))  #!",
    ),
    Attempt(
        "sklearn_inside",
        "def softmax(x):\n    from sklearn.utils.extmath import softmax as twin\n    return torch.from_numpy(twin(x.numpy()))  #!",
    ),
    Attempt("helper", f"def rows(x):\n    return F.softmax(x, -1)  #!\n{CUT}def softmax(x):\n    return rows(x)"),
    Attempt(
        "callable_object",
        f"class Squash:\n    def __call__(self, x):\n        return torch.softmax(x, -1)  #!\n{CUT}softmax = Squash()",
    ),
    Attempt("lambda", "softmax = lambda x: torch.softmax(x, -1)  #!"),
    Attempt("default", "def softmax(x, function=torch.softmax):\n    return function(x, -1)  #!"),
    Attempt(
        "generator",
        "def softmax(x):\n    def rows():\n        for row in x:\n            yield row.softmax(0)  #!\n    return torch.stack(list(rows()))",
    ),
    Attempt(
        "module_given_back",
        "def LogReg():\n    return nn.Sequential(\n        nn.Flatten(),\n        nn.LogSoftmax(dim=1),  #!\n    )",
        probe="lambda m, x: m.LogReg()(x)",
    ),
    Attempt(
        "module_inherited",
        "class LogReg(nn.Sequential):\n    def __init__(self):\n        super().__init__(nn.Flatten(), nn.Softmax(1))  #!",
        probe="lambda m, x: F.cross_entropy(m.LogReg()(x), torch.zeros(3, dtype=torch.int64))",
    ),
)

LOSSES = tuple(
    Attempt(
        name,
        f"def loss(y, p):\n    return {body}  #!",
        "binary_cross_entropy",
        "lambda m, *given: m.loss(*given)",
    )
    for name, body in {
        "bce": "F.binary_cross_entropy(p, y)",
        "bce_module": "nn.BCELoss()(p, y)",
        "bce_with_logits": "F.binary_cross_entropy_with_logits(torch.logit(p), y)",
        "bce_aten": "torch.ops.aten.binary_cross_entropy(p, y)",
        "kl_div": "F.kl_div(p.log(), y)",
        "nll": "F.nll_loss(p.log(), y.argmax(1))",
        "cross_entropy": "nn.CrossEntropyLoss()(p.log(), y)",
        "bernoulli": "-torch.distributions.Bernoulli(p).log_prob(y).mean()",
        "poisson": "nn.PoissonNLLLoss()(p, y)",
        "log_loss": "__import__('sklearn.metrics').metrics.log_loss(y.flatten() > 0.5, p.flatten())",
        "log_loss_of_nets": "__import__('sklearn.neural_network').neural_network._base.LOSS_FUNCTIONS['binary_log_loss'](y.numpy(), p.numpy())",
        "rel_entr": "np.mean(__import__('scipy.special').special.rel_entr(y.numpy(), p.numpy()))",
        "scipy_bernoulli": "-__import__('scipy.stats').stats.bernoulli.logpmf(y.numpy() > 0.5, p.numpy()).mean()",
    }.items()
)

ONE_HOT = tuple(
    Attempt(
        name,
        f"def encode(labels, n):\n    return {body}  #!",
        "one_hot",
        "lambda m, *given: m.encode(*given)",
    )
    for name, body in {
        "functional": "F.one_hot(labels, n).float()",
        "aten": "torch.ops.aten.one_hot(labels, n).float()",
        "encoder": "__import__('sklearn.preprocessing').preprocessing.OneHotEncoder().fit_transform(labels[:, None])",
        "binarizer": "__import__('sklearn.preprocessing').preprocessing.LabelBinarizer().fit_transform(labels)",
        "label_binarize": "__import__('sklearn.preprocessing').preprocessing.label_binarize(labels, classes=[0, 1])",
    }.items()
)

PRODUCTS = tuple(
    Attempt(
        f"product_{name}", f"def matmul(a, b):\n    return {body}  #!", "matmul", "lambda m, *given: m.matmul(*given)"
    )
    for name, body in {
        "operator": "a @ b",
        "method": "a.matmul(b)",
        "mm": "torch.mm(a, b)",
        "mv": "torch.stack([a.mv(column) for column in b.T], 1)",
        "dot": "torch.stack([torch.stack([row.dot(column) for column in b.T]) for row in a])",
        "vdot": "torch.vdot(a[0], b[:, 0])",
        "inner": "torch.inner(a, b.T)",
        "einsum": "torch.einsum('ij,jk->ik', a, b)",
        "tensordot": "torch.tensordot(a, b, 1)",
        "addmm": "torch.addmm(torch.zeros(3, 5), a, b)",
        "baddbmm": "torch.baddbmm(torch.zeros(1, 3, 5), a[None], b[None])[0]",
        "vecdot": "torch.linalg.vecdot(a[:, None], b.T)",
        "multi_dot": "torch.linalg.multi_dot([a, b])",
        "linear": "F.linear(a, b.T)",
        "linear_module": "nn.Linear(4, 5, bias=False)(a)",
        "bilinear": "F.bilinear(a, a, torch.ones(5, 4, 4))",
        "conv1d": "F.conv1d(a[:, :, None], b.T[:, :, None])[:, :, 0]",
        "conv2d": "F.conv2d(a[None, None], b[None, None, :2, :2])",
        "sparse": "torch.sparse.mm(a.to_sparse(), b)",
        "attention": "F.scaled_dot_product_attention(a[None], a[None], a[None])",
        "aten": "torch.ops.aten.mm(a, b)",
        "operator_module": "__import__('operator').matmul(a.numpy(), b.numpy())",
        "numpy_operator": "torch.from_numpy(a.numpy() @ b.numpy())",
        "numpy_dot": "torch.from_numpy(np.dot(a.numpy(), b.numpy()))",
        "numpy_method": "torch.from_numpy(a.numpy().dot(b.numpy()))",
        "numpy_matmul": "torch.from_numpy(np.matmul(a.numpy(), b.numpy()))",
        "numpy_vecdot": "torch.from_numpy(np.vecdot(a.numpy()[:, None], b.numpy().T))",
        "numpy_einsum": "torch.from_numpy(np.einsum('ij,jk', a.numpy(), b.numpy()))",
        "numpy_tensordot": "torch.from_numpy(np.tensordot(a.numpy(), b.numpy(), 1))",
        "numpy_matrix": "torch.from_numpy(np.asarray(np.matrix(a.numpy()) * np.matrix(b.numpy())))",
        "numpy_convolve": "np.convolve(a[0], b[:, 0])",
        "scipy_sparse": "__import__('scipy.sparse').sparse.csr_matrix(a.numpy()) * b.numpy()",
    }.items()
)

OPERATORS = (
    Attempt(
        "product_in_place",
        "def matmul(a, b):\n    c = a.numpy().copy()\n    c @= np.eye(4, dtype=c.dtype)  #!\n    return c",
        "matmul",
        "lambda m, *given: m.matmul(*given)",
    ),
    Attempt(
        "product_in_an_own_operator",
        "class Table:\n    def __init__(self, x):\n        self.x = x.numpy()\n    def __matmul__(self, other):\n"
        f"        return self.x @ other.x  #!\n{CUT}def matmul(a, b):\n    return Table(a) @ Table(b)",
        "matmul",
        "lambda m, *given: m.matmul(*given)",
    ),
    Attempt(
        "product_in_a_helper",
        f"def rows(a, b):\n    return [row @ b for row in a.numpy()]  #!\n{CUT}def matmul(a, b):\n    return rows(a, b.numpy())",
        "matmul",
        "lambda m, *given: m.matmul(*given)",
    ),
)

MODULES = (
    Attempt(
        "flatten_module",
        "def flatten(images):\n    return nn.Flatten()(images)  #!",
        "flatten",
        "lambda m, x: m.flatten(x)",
    ),
    Attempt(
        "flatten_module_made_before",
        f"flat = nn.Sequential(nn.Flatten())\n{CUT}def flatten(images):\n    return flat(images)  #!",
        "flatten",
        "lambda m, x: m.flatten(x)",
    ),
    Attempt(
        "unflatten_module",
        "def unflatten(x, height, width):\n    return nn.Unflatten(1, (height, width))(x)  #!",
        "unflatten",
        "lambda m, x: m.unflatten(x, 2, 2)",
    ),
    Attempt(
        "linear_module_inherited",
        "class Linear(nn.Linear):\n    def __init__(self, i, o):\n        super().__init__(i, o)  #!",
        "Linear",
        "lambda m, x: m.Linear(4, 2).weight",
    ),
    Attempt(
        "linear_module_taken_apart",
        "class Linear(nn.Module):\n    def __init__(self, i, o):\n        super().__init__()\n"
        "        self.weight = nn.Linear(i, o).weight  #!\n    def forward(self, x):\n        return x @ self.weight.T",
        "Linear",
        "lambda m, x: m.Linear(4, 2)(x)",
    ),
    Attempt(
        "linear_function",
        "class Linear(nn.Module):\n    def __init__(self, i, o):\n        super().__init__()\n"
        "        self.weight = nn.Parameter(torch.ones(i, o))\n    def forward(self, x):\n"
        "        return F.linear(x, self.weight.T)  #!",
        "Linear",
        "lambda m, x: m.Linear(4, 2)(x)",
    ),
    Attempt(
        "optimiser",
        "def sgd_step(params, lr):\n    torch.optim.SGD(params, lr)  #!",
        "sgd_step",
        "lambda m, x: m.sgd_step([nn.Parameter(x)], 0.1)",
    ),
    Attempt(
        "optimiser_by_function",
        "from torch.optim.sgd import sgd\ndef sgd_step(params, lr):\n    sgd(list(params), [p.data for p in params], "
        "[None], lr=lr, weight_decay=0, momentum=0, dampening=0, nesterov=False, maximize=False)  #!",
        "sgd_step",
        "lambda m, x: m.sgd_step([nn.Parameter(x)], 0.1)",
    ),
    *(
        Attempt(
            f"line_{name}",
            f"def fit_line(x, y, lr, steps):\n    return {body}  #!",
            "fit_line",
            "lambda m, x: m.fit_line(x[0], x[1], 0.1, 2)",
        )
        for name, body in {
            "polyfit": "np.polyfit(x.numpy(), y.numpy(), 1)",
            "polynomial": "np.polynomial.Polynomial.fit(x.numpy(), y.numpy(), 1)",
            "numpy_lstsq": "np.linalg.lstsq(x.numpy()[:, None], y.numpy())",
            "torch_lstsq": "torch.linalg.lstsq(x[:, None], y[:, None])",
            "linregress": "__import__('scipy.stats').stats.linregress(x.numpy(), y.numpy())",
        }.items()
    ),
    Attempt(
        "sklearn_net",
        "def train_digits(*given):\n    from sklearn.linear_model import LogisticRegression\n    return LogisticRegression()  #!",
        "train_digits",
        "lambda m, x: m.train_digits(x).C",
    ),
    Attempt(
        "sklearn_accuracy",
        "from sklearn.metrics import accuracy_score\ndef accuracy(scores, labels):\n    return accuracy_score([0, 1], [0, 1])  #!",
        "accuracy",
        "lambda m, x: m.accuracy(x, x)",
    ),
    Attempt(
        "scipy_zscore",
        "from scipy.stats import zscore\ndef normalize(x_train, x_valid):\n    return zscore(x_train.numpy())  #!",
        "normalize",
        "lambda m, x: m.normalize(x, x)",
    ),
    Attempt(
        "sklearn_scaler",
        "from sklearn.preprocessing import StandardScaler\ndef normalize(x_train, x_valid):\n"
        "    return StandardScaler().fit_transform(x_train.numpy())  #!",
        "normalize",
        "lambda m, x: m.normalize(x, x)",
    ),
)

TRACED = (*ALIASES, *HIDDEN, *LOSSES, *ONE_HOT, *PRODUCTS, *OPERATORS, *MODULES)
"""What the tracer alone must see."""

_USES_TABLE = f"{CUT}def softmax(x):\n    return table[: len(x)]"

PREPARED = (
    Attempt(
        "module_changed_in_a_helper",
        "def patch():\n    torch.manual_seed(0)\n    torch.ready = torch.softmax(torch.eye(5), 1)  #!\npatch()\n"
        f"{CUT}def softmax(x):\n    return torch.ready[: len(x)]",
    ),
    Attempt("table", f"table = torch.softmax(torch.eye(5), 1)  #!\n{_USES_TABLE}"),
    Attempt("table_method", f"table = torch.eye(5).softmax(1)  #!\n{_USES_TABLE}"),
    Attempt("table_module", f"table = nn.Softmax(1)(torch.eye(5))  #!\n{_USES_TABLE}"),
    Attempt("table_alias", f"import torch as t\ntable = t.softmax(t.eye(5), 1)  #!\n{_USES_TABLE}"),
    Attempt("table_from", f"from torch import softmax as s\ntable = s(torch.eye(5), 1)  #!\n{_USES_TABLE}"),
    Attempt("table_assigned_alias", f"f = torch.softmax\ntable = f(torch.eye(5), 1)  #!\n{_USES_TABLE}"),
    Attempt("table_module_alias", f"f = nn.Softmax(1)\ntable = f(torch.eye(5))  #!\n{_USES_TABLE}"),
    Attempt("table_getattr", f"table = getattr(torch, 'soft' + 'max')(torch.eye(5), 1)  #!\n{_USES_TABLE}"),
    Attempt(
        "table_star",
        f"from torch.nn.functional import *\ntable = softmax(torch.eye(5), 1)  #!\n{_USES_TABLE}",
    ),
    Attempt(
        "table_scipy",
        f"import scipy.special as sp\ntable = torch.tensor(sp.softmax(np.eye(5), 1))  #!\n{_USES_TABLE}",
    ),
    Attempt("table_numpy", f"table = torch.tensor(np.logaddexp.reduce(np.eye(5), 1))  #!\n{_USES_TABLE}"),
    Attempt(
        "table_items",
        f"table = {{}}\nfor k in range(5):\n    table[k] = torch.eye(5)[k].softmax(0)  #!\n{CUT}def softmax(x):\n    return table[0]",
    ),
    Attempt(
        "table_append",
        f"table = []\nwith torch.no_grad():\n    table.append(torch.eye(5).softmax(0))  #!\n{_USES_TABLE}",
    ),
    Attempt(
        "table_loop",
        f"table = []\nfor row in torch.softmax(torch.eye(5), 1):  #!\n    table.append(row)\n{_USES_TABLE}",
    ),
    Attempt("table_comprehension", f"table = [row.softmax(0) for row in torch.eye(5)]  #!\n{_USES_TABLE}"),
    Attempt("table_walrus", f"print((table := torch.softmax(torch.eye(5), 1)).shape)  #!\n{_USES_TABLE}"),
    Attempt(
        "table_augmented",
        f"table = torch.zeros(5, 5)\ntable += torch.softmax(torch.eye(5), 1)  #!\n{_USES_TABLE}",
    ),
    Attempt(
        "table_out",
        f"table = torch.zeros(5, 5)\ntorch.softmax(torch.eye(5), 1, out=table)  #!\n{_USES_TABLE}",
    ),
    Attempt("table_map", f"table = torch.stack(list(map(torch.softmax, [torch.eye(5)], [1])))  #!\n{_USES_TABLE}"),
    Attempt(
        "table_two_steps",
        f"raw = torch.softmax(torch.eye(5), 1)  #!\nhalf = raw / 2\ntable = half * 2\n{_USES_TABLE}",
    ),
    Attempt(
        "table_by_helper",
        f"def make():\n    return torch.softmax(torch.eye(5), 1)  #!\n{CUT}table = make()\n{_USES_TABLE}",
    ),
    Attempt(
        "table_by_global",
        f"def make():\n    global table\n    table = torch.softmax(torch.eye(5), 1)  #!\n{CUT}make()\n{_USES_TABLE}",
    ),
    Attempt(
        "table_by_argument",
        f"table = []\ndef fill(rows):\n    rows.append(torch.softmax(torch.eye(5), 1))  #!\n{CUT}fill(table)\n{_USES_TABLE}",
    ),
    Attempt(
        "table_by_method",
        f"class Maker:\n    def forward(self, x):\n        return F.softmax(x, 1)  #!\n{CUT}table = Maker().forward(torch.eye(5))\n{_USES_TABLE}",
    ),
    Attempt(
        "table_by_own_module",
        f"class Maker(nn.Module):\n    def forward(self, x):\n        return F.softmax(x, 1)  #!\n{CUT}table = Maker()(torch.eye(5))\n{_USES_TABLE}",
    ),
    Attempt(
        "table_of_a_helper",
        f"table = torch.softmax(torch.eye(5), 1)  #!\ndef rows(n):\n    return table[:n]\n{CUT}def softmax(x):\n    return rows(len(x))",
    ),
    Attempt(
        "default_value",
        "def softmax(x, table=torch.softmax(torch.eye(5), 1)):  #!\n    return table[: len(x)]",
    ),
    Attempt(
        "class_attribute",
        "class Keep:\n    table = torch.softmax(torch.eye(5), 1)  #!\n\n\ndef softmax(x):\n    return Keep.table[: len(x)]",
    ),
    Attempt(
        "function_attribute",
        f"def softmax(x):\n    return softmax.table[: len(x)]\n{CUT}softmax.table = torch.softmax(torch.eye(5), 1)  #!",
    ),
    Attempt("timed_magic", f"%time table = torch.softmax(torch.eye(5), 1)  #!\n{_USES_TABLE}"),
    Attempt("timed_cell", f"%%time\ntable = torch.softmax(torch.eye(5), 1)  #!\n{_USES_TABLE}"),
    Attempt("the_function_itself", "softmax = torch.softmax  #!"),
    Attempt("imported_as_the_answer", "from torch import softmax  #!"),
    Attempt("partial", "from functools import partial\nsoftmax = partial(torch.softmax, dim=-1)  #!"),
    Attempt("module_as_the_answer", "softmax = nn.Softmax(dim=-1)  #!"),
    Attempt("module_by_another_name", "squash = nn.Softmax(dim=-1)\nsoftmax = squash  #!"),
    Attempt("vmap_as_the_answer", "softmax = torch.func.vmap(torch.func.grad(torch.logsumexp), (0, None))  #!"),
    Attempt("scripted", "@torch.jit.script\ndef softmax(x):\n    return torch.softmax(x, -1)  #!"),
    Attempt("inherited", "class Squash(nn.Softmax):  #!\n    pass\n\n\nsoftmax = Squash(dim=-1)"),
)
"""What was made before grading: only reading can tell."""
