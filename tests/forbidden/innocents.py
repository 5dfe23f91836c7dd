# ruff: noqa: E501 - the code of one attempt stands on one line, so that the table stays a table
"""Right and honest code that comes close to what is not allowed: none of it may be accused."""

from __future__ import annotations

from attempts import CUT, Attempt

RIGHT = "def softmax(x):\n    e = torch.exp(x - x.amax(-1, keepdim=True))\n    return e / e.sum(-1, keepdim=True)"


def _bodies(**bodies: str) -> tuple[Attempt, ...]:
    return tuple(Attempt(name, f"def softmax(x):\n    return {body}") for name, body in bodies.items())


EXPRESSIONS = _bodies(
    method_exp="x.exp() / x.exp().sum(-1, keepdim=True)",
    functional_names="torch.div(torch.exp(torch.sub(x, x.max())), torch.exp(x).sum())",
    logarithm="(x - x.exp().sum(-1, keepdim=True).log()).exp()",
    two_classes="torch.sigmoid(x)",
    logit="torch.logit(torch.sigmoid(x))",
    special="torch.special.expit(x) + torch.special.entr(x.exp()) + torch.special.xlogy(x, x.exp())",
    softplus="F.softplus(x) + F.logsigmoid(x) + F.softsign(x)",
    relu_and_gelu="F.gelu(F.relu(x)) + F.silu(x)",
    einsum="x.exp() / torch.einsum('ij->i', x.exp())[:, None]",
    matmul="x.exp() / (x.exp() @ torch.ones(4, 1))",
    cumulated="x.exp() / x.exp().cumsum(-1)[..., -1:]",
    masked="torch.where(x > 0, x.exp(), x.exp()) / x.exp().sum(-1, keepdim=True)",
    powers="torch.pow(math.e, x) / torch.pow(math.e, x).sum(-1, keepdim=True)",
    normalised="F.normalize(x.exp(), p=1, dim=-1)",
    numpy="torch.from_numpy(np.exp(x.numpy()) / np.exp(x.numpy()).sum(-1, keepdims=True))",
    scipy_exp="torch.from_numpy(__import__('scipy.special').special.expit(x.numpy()))",
    reduced="__import__('functools').reduce(torch.add, x.exp())",
    numpy_reduced="np.add.reduce(x.numpy())",
    python_numbers="torch.tensor([[math.exp(v) for v in row] for row in x.tolist()])",
    vmap="torch.func.vmap(lambda row: row.exp() / row.exp().sum())(x)",
    gradient="torch.func.grad(lambda t: t.exp().sum())(x)",
    jacobian="torch.func.jacfwd(lambda t: t.exp())(x)",
    linear_layer="nn.Linear(4, 4)(x).exp()",
    dropout_and_norm="nn.LayerNorm(4)(nn.Dropout(0.5)(x))",
    parameter="nn.Parameter(x.clone()) * 1",
)

CODE = (
    Attempt("right", RIGHT),
    Attempt("comment", f"{RIGHT}  # the same as torch.softmax(x, -1)"),
    Attempt(
        "docstring",
        'def softmax(x):\n    """Like torch.softmax(x, -1) or x.softmax(-1)."""\n    return x.exp()',
    ),
    Attempt("string", "def softmax(x):\n    text = 'torch.softmax(x, -1)'\n    return x.exp()"),
    Attempt("unused_import", f"from torch.nn.functional import softmax, log_softmax as ls\n{CUT}{RIGHT}"),
    Attempt(
        "unused_import_inside",
        "def softmax(x):\n    import torch.distributions, sklearn.metrics\n    return x.exp()",
    ),
    Attempt("imported_over", f"from torch import softmax\n{RIGHT}"),
    Attempt("unused_alias", f"reference = torch.softmax\n{CUT}{RIGHT}"),
    Attempt("unused_module", f"reference = nn.Softmax(dim=-1)\n{CUT}{RIGHT}"),
    Attempt("helper_never_called", f"def reference(x):\n    return torch.softmax(x, -1)\n{CUT}{RIGHT}"),
    Attempt(
        "branch_never_taken",
        "def softmax(x, check=False):\n    if check:\n        return torch.softmax(x, -1)\n    return x.exp()",
    ),
    Attempt(
        "method_never_called",
        "class Squash:\n    def __call__(self, x):\n        return x.exp()\n    def reference(self, x):\n"
        f"        return torch.softmax(x, -1)\n{CUT}softmax = Squash()",
    ),
    Attempt(
        "check_line",
        f"{RIGHT}\nassert torch.allclose(softmax(torch.eye(3)), torch.softmax(torch.eye(3), -1))",
    ),
    Attempt(
        "check_line_with_names",
        f"{RIGHT}\nx = torch.eye(3)\nexpected = torch.softmax(x, 1)\nprint((softmax(x) - expected).abs().max())",
    ),
    Attempt("scratch_before", f"x = torch.eye(3)\ny = x.softmax(1)\ny\n{CUT}{RIGHT}"),
    Attempt("scratch_with_the_answers_local", f"e = torch.softmax(torch.eye(3), 1)\n{CUT}{RIGHT}"),
    Attempt("scratch_list", f"shown = []\nshown.append(torch.softmax(torch.eye(3), 1))\n{CUT}{RIGHT}"),
    Attempt(
        "scratch_plain_call",
        f"y = torch.add(torch.softmax(torch.eye(3), 1), 1)\ntorch.add(y, y.softmax(1))\n{CUT}{RIGHT}",
    ),
    Attempt(
        "check_by_a_helper",
        f"{RIGHT}\n{CUT}def compare(mine):\n    x = torch.eye(3)\n    print((mine(x) - torch.softmax(x, 1)).abs().max())\n"
        f"{CUT}compare(softmax)",
    ),
    Attempt(
        "check_by_a_loop",
        f"{RIGHT}\n{CUT}for x in torch.eye(3):\n    assert torch.allclose(softmax(x), torch.softmax(x, -1))",
    ),
    Attempt(
        "timed_against_torch",
        f"{RIGHT}\n{CUT}import timeit\nresults = {{}}\nfor f in (softmax, lambda x: torch.softmax(x, -1)):\n"
        "    results[str(f)] = timeit.timeit(lambda: f(torch.eye(3)), number=2)",
    ),
    Attempt(
        "overwritten_name",
        f"table = torch.softmax(torch.eye(3), 1)\n{CUT}table = torch.eye(3)\ndef softmax(x):\n    return x.exp() + 0 * table.sum()",
    ),
    Attempt(
        "own_name",
        f"def logsumexp(x):\n    return x.exp().sum(-1, keepdim=True).log()\n{CUT}def softmax(x):\n    return (x - logsumexp(x)).exp()",
    ),
    Attempt(
        "own_method",
        "class Net:\n    def softmax(self, x):\n        return x.exp()\n\n\nnet = Net()\ndef softmax(x):\n    return net.softmax(x)",
    ),
    Attempt(
        "own_method_beforehand",
        "class Net:\n    def softmax(self, x):\n        return x.exp()\n\n\nnet = Net()\ntable = net.softmax(torch.eye(3))\ndef softmax(x):\n    return x + 0 * table.sum()",
    ),
    Attempt(
        "recursion",
        "def up_to(n):\n    return 0 if n == 0 else 1 + up_to(n - 1)\ndef softmax(x):\n    return x.exp() / up_to(900)",
    ),
    Attempt(
        "constants",
        f"steps = [k / 10 for k in range(10)]\nscale = torch.ones(1)\n{CUT}def softmax(x):\n    return x.exp() * scale * steps[1]",
    ),
    Attempt(
        "custom_function",
        "class Exp(torch.autograd.Function):\n    @staticmethod\n    def forward(ctx, x):\n        ctx.save_for_backward(x.exp())\n"
        "        return x.exp()\n    @staticmethod\n    def backward(ctx, grad):\n        return grad * ctx.saved_tensors[0]\n"
        f"{CUT}def softmax(x):\n    x = x.clone().requires_grad_()\n    return torch.autograd.grad(Exp.apply(x).sum(), x)[0]",
    ),
    Attempt(
        "thread",
        "from threading import Thread\ndef softmax(x):\n    out = []\n    t = Thread(target=lambda: out.append(x.exp()))\n    t.start()\n    t.join()\n    return out[0]",
    ),
    Attempt(
        "optimiser",
        "def softmax(x):\n    p = nn.Parameter(x.clone())\n    s = torch.optim.SGD([p], lr=0.1)\n    p.exp().sum().backward()\n    s.step()\n    return p.detach()",
    ),
    Attempt("compiled_text", "import re\ndef softmax(x):\n    return x.exp() if re.compile('a').match('a') else x"),
    Attempt(
        "scaler",
        "def softmax(x):\n    from sklearn.preprocessing import StandardScaler\n    return StandardScaler().fit_transform(x.numpy())",
    ),
    Attempt("broken_cell_before", f"table = torch.softmax(\n{CUT}{RIGHT}"),
    Attempt("magics_before", f"%matplotlib inline\n!ls\ny = torch.softmax(torch.eye(3), 1)\ny?\n{CUT}{RIGHT}"),
    Attempt("other_cell_magic", f"%%bash\ntable = torch.softmax\n{CUT}{RIGHT}"),
    Attempt(
        "metrics_import_used_elsewhere",
        f"from sklearn.metrics import log_loss\nprint(log_loss([0, 1], [0.1, 0.9]))\n{CUT}{RIGHT}",
    ),
    Attempt("raises", "def softmax(x):\n    raise NotImplementedError"),
    Attempt(
        "the_probe_calls_it",
        RIGHT,
        probe="lambda m, x: F.cross_entropy(m.softmax(x), torch.zeros(3, dtype=torch.int64))",
    ),
    Attempt(
        "the_probe_builds_it",
        "def head():\n    return nn.Flatten()",
        probe="lambda m, x: nn.Sequential(m.head(), nn.Softmax(1))(x)",
    ),
    Attempt(
        "nets_of_the_probe",
        "def train(net, x):\n    return net(x) * 1",
        probe="lambda m, x: m.train(lambda z: F.log_softmax(z, 1), x)",
    ),
    Attempt(
        "backward_by_the_probe",
        RIGHT,
        probe="lambda m, x: torch.autograd.grad(m.softmax(x.requires_grad_()).sum(), x)[0]",
    ),
)

_LOSS_PROBE = "lambda m, *given: m.loss(*given)"
OTHERS = (
    Attempt(
        "softmax_in_a_loss",
        "def loss(y, p):\n    return -(y * torch.log_softmax(p, 1)).sum(1).mean()",
        "categorical_cross_entropy",
        _LOSS_PROBE,
    ),
    Attempt(
        "xlogy",
        "def loss(y, p):\n    return -(torch.xlogy(y, p) + torch.special.xlog1py(1 - y, -p)).mean()",
        "binary_cross_entropy",
        _LOSS_PROBE,
    ),
    Attempt(
        "mse",
        "def loss(y, p):\n    return F.mse_loss(p, y) + nn.L1Loss()(p, y)",
        "binary_cross_entropy",
        _LOSS_PROBE,
    ),
    Attempt(
        "accuracy_score",
        "def loss(y, p):\n    from sklearn.metrics import accuracy_score\n    return accuracy_score([1], [1])",
        "binary_cross_entropy",
        _LOSS_PROBE,
    ),
    Attempt(
        "logaddexp_in_a_loss",
        "def loss(y, p):\n    return np.logaddexp(y.numpy(), p.numpy()).mean()",
        "binary_cross_entropy",
        _LOSS_PROBE,
    ),
    Attempt(
        "scatter",
        "def encode(labels, n):\n    return torch.zeros(len(labels), n).scatter_(1, labels[:, None], 1.0)",
        "one_hot",
        "lambda m, *given: m.encode(*given)",
    ),
    Attempt(
        "eye",
        "def encode(labels, n):\n    return torch.eye(n)[labels]",
        "one_hot",
        "lambda m, *given: m.encode(*given)",
    ),
    Attempt("used_where_it_is_allowed", f"def loss(y, p):\n    return F.nll_loss(p.log(), y)\n{CUT}{RIGHT}"),
)


def _products(**bodies: str) -> tuple[Attempt, ...]:
    probe = "lambda m, *given: m.matmul(*given)"
    return tuple(
        Attempt(f"no_product_{n}", f"def matmul(a, b):\n    return {b}", "matmul", probe) for n, b in bodies.items()
    )


PRODUCTS = (
    *_products(
        broadcast="(a[:, :, None] * b[None]).sum(1)",
        outer="sum(torch.outer(column, row) for column, row in zip(a.T, b))",
        numpy_outer="torch.from_numpy(sum(np.outer(c, r) for c, r in zip(a.numpy().T, b.numpy())))",
        numpy_sum="torch.from_numpy((a.numpy()[:, :, None] * b.numpy()).sum(1))",
        numbers="torch.tensor([[sum(p * q for p, q in zip(row, column)) for column in b.T.tolist()] for row in a.tolist()])",
        addcmul="torch.addcmul(torch.zeros(3, 5), a[:, :1], b[:1])",
        vmap="torch.func.vmap(lambda row: (row[:, None] * b).sum(0))(a)",
        norms="torch.linalg.norm(a) * torch.linalg.vector_norm(b)",
        branch="a[:, :1] * b[:1] if len(a) else a.numpy() @ b.numpy()",
        backward="torch.autograd.grad((a.requires_grad_()[:, :, None] * b).sum(), a)[0]",
        operator_mul="__import__('operator').mul(a[:, :1], b[:1])",
    ),
    Attempt(
        "own_operator",
        "class Table:\n    def __init__(self, x):\n        self.x = x\n    def __matmul__(self, other):\n"
        f"        return (self.x[:, :, None] * other.x).sum(1)\n{CUT}def matmul(a, b):\n    return Table(a) @ Table(b)",
        "matmul",
        "lambda m, *given: m.matmul(*given)",
    ),
    Attempt(
        "operator_never_run",
        "def matmul(a, b):\n    def check():\n        return a.numpy() @ b.numpy()\n    return (a[:, :, None] * b).sum(1)",
        "matmul",
        "lambda m, *given: m.matmul(*given)",
    ),
)

MODULES = (
    Attempt(
        "flatten_function",
        "def flatten(images):\n    return torch.flatten(images, 1)",
        "flatten",
        "lambda m, x: m.flatten(x)",
    ),
    Attempt(
        "flatten_method",
        "def flatten(images):\n    return images.flatten(start_dim=1)",
        "flatten",
        "lambda m, x: m.flatten(x)",
    ),
    Attempt(
        "unflatten_function",
        "def unflatten(x, height, width):\n    return torch.unflatten(x, 1, (height, width))",
        "unflatten",
        "lambda m, x: m.unflatten(x, 2, 2)",
    ),
    Attempt(
        "own_linear",
        "class Linear(nn.Module):\n    def __init__(self, i, o):\n        super().__init__()\n"
        "        self.weight = nn.Parameter(torch.randn(i, o) / i)\n    def forward(self, x):\n        return x @ self.weight",
        "Linear",
        "lambda m, x: m.Linear(4, 2)(x)",
    ),
    Attempt(
        "own_linear_by_einsum",
        "class Linear(nn.Module):\n    def __init__(self, i, o):\n        super().__init__()\n        self.w = nn.Parameter(torch.ones(i, o))\n"
        "    def forward(self, x):\n        return torch.einsum('...i,io->...o', x, self.w) + torch.addmm(torch.zeros(2), x, self.w)",
        "Linear",
        "lambda m, x: m.Linear(4, 2)(x)",
    ),
    Attempt(
        "flatten_in_a_net",
        "class LogReg(nn.Module):\n    def __init__(self):\n        super().__init__()\n        self.flat = nn.Flatten()\n"
        "    def forward(self, x):\n        return self.flat(x)",
        "LogReg",
        "lambda m, x: m.LogReg()(x)",
    ),
    Attempt(
        "own_optimiser",
        "class SGD:\n    def __init__(self, params):\n        self.params = list(params)\n    def step(self):\n"
        "        for p in self.params:\n            p.data -= 0.1\n"
        f"{CUT}def sgd_step(params, lr):\n    SGD(params).step()",
        "sgd_step",
        "lambda m, x: m.sgd_step([nn.Parameter(x)], 0.1)",
    ),
    Attempt(
        "net_of_ready_made_layers",
        "def fit(net, x):\n    net = nn.Sequential(nn.Linear(4, 2), nn.LogSoftmax(1))\n    loss = F.nll_loss(net(x), torch.zeros(3, dtype=torch.int64))\n"
        "    loss.backward()\n    return loss.item()",
        "fit",
        "lambda m, x: m.fit(None, x)",
    ),
)

INNOCENT = (*EXPRESSIONS, *CODE, *OTHERS, *PRODUCTS, *MODULES)
