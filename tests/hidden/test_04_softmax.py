"""Hidden suite of 04_softmax: softmax and log-softmax along the last axis, and the mean negative log-likelihood."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
import torch

from grader.judge.answer import Answer
from grader.judge.compare import TOLERANCES, Tolerance
from grader.judge.draw import Draw

every_dtype = pytest.mark.parametrize("dtype", [torch.float32, torch.float64], ids=["float32", "float64"])


def gradient_of_softmax(m: Any, x: Any, weights: Any) -> Any:
    """Gradient in x of the sum of weights · softmax(x); zeros when no gradient gets through."""
    x = x.clone().requires_grad_()
    total = (m.softmax(x) * weights).sum()
    if total.requires_grad:
        total.backward()
    return torch.zeros_like(x) if x.grad is None else x.grad


def gradient_of_log_softmax(m: Any, x: Any, weights: Any) -> Any:
    """Gradient in x of the sum of weights · log_softmax(x); zeros when no gradient gets through."""
    x = x.clone().requires_grad_()
    total = (m.log_softmax(x) * weights).sum()
    if total.requires_grad:
        total.backward()
    return torch.zeros_like(x) if x.grad is None else x.grad


def gradient_of_nll(m: Any, log_p: Any, labels: Any, weight: float) -> Any:
    """Gradient in log_p of weight · nll(log_p, labels); zeros when no gradient gets through."""
    log_p = log_p.clone().requires_grad_()
    total = m.nll(log_p, labels) * weight
    if isinstance(total, torch.Tensor) and total.requires_grad:
        total.backward()
    return torch.zeros_like(log_p) if log_p.grad is None else log_p.grad


def of_each(m: Any, given: Any, name: str) -> Any:
    """What the answer called `name` makes of each x, and in float64 the gradient in x of a weighted sum of that."""
    found = []
    for x in given:
        # of the same numbers as x: what becomes of them is seen there
        asked = x.detach().requires_grad_() if x.dtype is torch.float64 else x
        value = getattr(m, name)(asked)
        if asked.requires_grad:
            weights = torch.arange(1.0, x.numel() + 1, dtype=x.dtype, device=x.device).sin().reshape(x.shape)
            total = (value * weights).sum()
            if total.requires_grad:
                total.backward()
        found.append([value, torch.zeros_like(x) if asked.grad is None else asked.grad])
    return found


def nll_of_each(m: Any, given: Any) -> Any:
    """nll(log_p, labels) of each, and in float64 its gradient in log_p."""
    found = []
    for log_p, labels in given:
        # of the same numbers as log_p: what becomes of them is seen there
        asked = log_p.detach().requires_grad_() if log_p.dtype is torch.float64 else log_p
        loss = m.nll(asked, labels)
        if isinstance(loss, torch.Tensor) and loss.requires_grad:
            (loss * 3).backward()
        found.append([loss, torch.zeros_like(log_p) if asked.grad is None else asked.grad])
    return found


def softmax_beside_float64(m: Any, x: Any) -> Any:
    """softmax(x) while torch's default dtype is float64."""
    before = torch.get_default_dtype()
    torch.set_default_dtype(torch.float64)
    try:
        return m.softmax(x)
    finally:
        torch.set_default_dtype(before)


def log_softmax_beside_float64(m: Any, x: Any) -> Any:
    """log_softmax(x) while torch's default dtype is float64."""
    before = torch.get_default_dtype()
    torch.set_default_dtype(torch.float64)
    try:
        return m.log_softmax(x)
    finally:
        torch.set_default_dtype(before)


def nll_beside_float64(m: Any, log_p: Any, labels: Any) -> Any:
    """nll(log_p, labels) while torch's default dtype is float64."""
    before = torch.get_default_dtype()
    torch.set_default_dtype(torch.float64)
    try:
        return m.nll(log_p, labels)
    finally:
        torch.set_default_dtype(before)


def of_every_size(draw: Draw, apart: float) -> list[torch.Tensor]:
    """Logits with one to five axes, short and equal and many, in either dtype; at last equal ones.

    Beside those lie some as far apart as said, in float64, where a row loses no digits by its size.
    """
    # every second one, the first among them, in float64 and so with its gradient
    shapes = [(2,), (3,), (1, 3), (3, 1), (2, 2), (1, 1), (1, 2, 3), (2, 1, 3), (2, 2, 1), (3, 3), (1,), (2, 3, 2)]
    shapes += [(2, 1, 3, 2, 4), (2, 600), (1, 1, 2, 2), (2, 1, 1, 3, 2)]
    given = [
        draw.normal(*shape, scale=2, dtype=torch.float32 if number % 2 else torch.float64)
        for number, shape in enumerate(shapes)
    ]
    rows = [[apart, apart - 1, -apart], [-apart, 2 - apart, 1 - apart], [0, apart, 1], [2, 2, 2], [0.5, 3, 3]]
    last = torch.tensor(rows, dtype=torch.float64)
    return [*given, last, last[:, :2].contiguous(), last[0].clone()]


def huge_logits(draw: Draw, dtype: torch.dtype) -> torch.Tensor:
    """(6, 4): ordinary rows, rows near ±990 and rows that reach ±10 000, in a random order.

    Near ±10 000 float32 steps by 0.001: there a runner-up is 11 to 12 behind, so that exp(x − log of the sum),
    which is a right way too, is not judged by its rounding.
    """
    ordinary = draw.normal(2, 4, dtype=torch.float64)
    near_990 = draw.normal(2, 4, dtype=torch.float64) * 2 + torch.tensor([[990.0], [-990.0]])
    up, down = draw.uniform(2, low=11, high=12, dtype=torch.float64).tolist()
    reaching = [[-1e4, 1e4 - up, 3.0, 1e4], [-1e4, -1e4 + down, -1e4, -1e4]]
    rows = torch.cat([ordinary, near_990, torch.tensor(reaching, dtype=torch.float64)])
    return rows[draw.permutation(6)].to(dtype).contiguous()


def large_logits(draw: Draw, dtype: torch.dtype) -> torch.Tensor:
    """(6, 4): ordinary rows and rows that reach ±1 000, in a random order."""
    ordinary = draw.normal(2, 4, dtype=torch.float64)
    spread = draw.uniform(2, 4, low=-1000, high=1000, dtype=torch.float64)
    reaching = torch.tensor([[-1e3, 1e3, 0.0, 999.0], [-1e3, -998.0, -997.0, -1e3]], dtype=torch.float64)
    rows = torch.cat([ordinary, spread, reaching])
    return rows[draw.permutation(6)].to(dtype).contiguous()


def ties(draw: Draw) -> torch.Tensor:
    """(4, 4): all logits of a row equal, the two largest, three others, none."""
    x = draw.normal(4, 4)
    order = x.argsort(1)
    x[0] = x[0, 0].item()
    x[1, order[1, 3]] = x[1, order[1, 2]].item()
    x[2, order[2, :3]] = x[2, order[2, 0]].item()
    return x


def ruled_out(draw: Draw, dtype: torch.dtype) -> torch.Tensor:
    """(5, 4): −inf in one to three places of each row."""
    x = draw.normal(5, 4, dtype=dtype)
    for row in range(5):
        x[row, draw.permutation(4)[: row % 3 + 1]] = -torch.inf
    return x


def rounding_of_large_rows(x: torch.Tensor) -> Tolerance:
    """The contract's: in float32 a row with a logit beyond ±10 may be off by 1e-4."""
    if x.dtype is not torch.float32:
        return Tolerance()
    is_large = x.abs().amax(-1, keepdim=True) > 10
    return Tolerance(absolute=torch.where(is_large, 1e-4, TOLERANCES[x.dtype][1]))


def cancelling(weights: torch.Tensor) -> Tolerance:
    """Gradients are sums of products with the weights of a row: the absolute part grows with those."""
    return Tolerance(absolute=TOLERANCES[weights.dtype][1] * weights.double().abs().sum(-1, keepdim=True))


def log_probabilities(draw: Draw, n: int, k: int, dtype: torch.dtype) -> torch.Tensor:
    """(n, k) rows whose exponentials sum to 1."""
    return draw.probabilities(n, k, torch.float64).log().to(dtype)


# softmax


@pytest.mark.exercise("softmax")
@every_dtype
def test_softmax_of_a_batch(answer: Answer, draw: Draw, dtype: torch.dtype) -> None:
    """Each row of a batch becomes its own probabilities, and the input stays as it was."""
    answer.agrees(lambda m, x: m.softmax(x), draw.normal(5, 3, scale=2, dtype=dtype), unchanged=True)


@pytest.mark.exercise("softmax", weight=2)
def test_softmax_with_any_number_of_leading_axes(answer: Answer, draw: Draw) -> None:
    """The classes are the last axis, whatever number of axes comes before it: none, two or three."""
    for shape in [(2, 5, 3), (3, 2, 5, 4), (5,)]:
        answer.agrees(lambda m, x: m.softmax(x), draw.normal(*shape))


@pytest.mark.exercise("softmax")
def test_softmax_of_a_single_row_or_class(answer: Answer, draw: Draw) -> None:
    """A batch of one picture works like any other, and a single class gets the probability 1."""
    answer.agrees(lambda m, x: m.softmax(x), draw.normal(1, 4))
    answer.agrees(lambda m, x: m.softmax(x), draw.normal(6, 1))


@pytest.mark.exercise("softmax")
def test_softmax_of_as_many_rows_as_classes(answer: Answer, draw: Draw) -> None:
    """With as many rows as classes, each row still shares out 1 over its own classes."""
    answer.agrees(lambda m, x: m.softmax(x), draw.normal(3, 3))
    answer.agrees(lambda m, x: m.softmax(x), draw.normal(2, 4, 4))


@pytest.mark.exercise("softmax")
def test_softmax_beside_minus_infinity_at_the_lower_end(answer: Answer) -> None:
    """A logit of −infinity gets the probability 0 also where all others are near −10 000."""
    # float64: by way of logarithms, which is a right way too, float32 rounds at this size
    x = torch.tensor([[float("-inf"), -10_000.0, -9_999.0], [-10_000.0, float("-inf"), -10_000.0]], dtype=torch.float64)
    answer.agrees(lambda m, x: m.softmax(x), x)


@pytest.mark.exercise("softmax", weight=3)
@every_dtype
def test_softmax_of_huge_logits(answer: Answer, draw: Draw, dtype: torch.dtype) -> None:
    """Rows with logits up to ±10 000 stay finite and right, and so do ordinary rows beside them."""
    x = huge_logits(draw, dtype)
    answer.agrees(lambda m, x: m.softmax(x), x, unchanged=True)
    answer.agrees(lambda m, x: m.softmax(x), torch.stack([x, x.flip(0)]), unchanged=True)


@pytest.mark.exercise("softmax")
def test_softmax_of_equal_logits(answer: Answer, draw: Draw) -> None:
    """Classes with equal logits get equal probabilities, whether they are the largest of their row or not."""
    answer.agrees(lambda m, x: m.softmax(x), ties(draw))


@pytest.mark.exercise("softmax")
@every_dtype
def test_softmax_with_classes_ruled_out(answer: Answer, draw: Draw, dtype: torch.dtype) -> None:
    """A logit of −infinity gets the probability 0, and the others of its row share out 1."""
    x = ruled_out(draw, dtype)
    answer.agrees(lambda m, x: m.softmax(x), x, unchanged=True)
    answer.agrees(lambda m, x: m.softmax(x), torch.stack([x, x.flip(0)]), unchanged=True)


@pytest.mark.exercise("softmax")
@every_dtype
def test_softmax_lets_gradients_through(answer: Answer, draw: Draw, dtype: torch.dtype) -> None:
    """Gradients flow through the probabilities back to the logits, with the right values."""
    weights = draw.normal(4, 3, dtype=dtype)
    x = draw.normal(4, 3, dtype=dtype)
    answer.agrees(gradient_of_softmax, x, weights, tolerance=cancelling(weights))


@pytest.mark.exercise("softmax")
def test_softmax_keeps_the_dtype_of_its_input(answer: Answer, draw: Draw) -> None:
    """float32 logits give float32 probabilities, also where torch's default dtype is float64."""
    answer.agrees(softmax_beside_float64, draw.normal(3, 5))


@pytest.mark.exercise("softmax", weight=2)
def test_softmax_of_every_size(answer: Answer, draw: Draw) -> None:
    """Whatever lengths the axes have, probabilities and gradients are right, and the logits stay as they were."""
    answer.agrees(of_each, of_every_size(draw, 20), "softmax", unchanged=True, call="softmax(x) of each")


@pytest.mark.exercise("softmax")
def test_softmax_called_again(answer: Answer, draw: Draw) -> None:
    """Each call starts anew, and the input may be passed by its name `x`."""
    first, second = draw.normal(2, 3), draw.normal(4, 5)
    answer.agrees(
        # at last other numbers of the same sizes, and then in the same tensor
        lambda m, x, z: [m.softmax(x), m.softmax(x=z), m.softmax(x), m.softmax(x * 2), m.softmax(x.neg_())],
        first,
        second,
    )


# log_softmax


@pytest.mark.exercise("log_softmax")
@every_dtype
def test_log_softmax_of_a_batch(answer: Answer, draw: Draw, dtype: torch.dtype) -> None:
    """Each row of a batch becomes its own log-probabilities, and the input stays as it was."""
    answer.agrees(lambda m, x: m.log_softmax(x), draw.normal(5, 3, dtype=dtype), unchanged=True)


@pytest.mark.exercise("log_softmax", weight=2)
def test_log_softmax_with_any_number_of_leading_axes(answer: Answer, draw: Draw) -> None:
    """The classes are the last axis, whatever number of axes comes before it: none, two or three."""
    for shape in [(2, 5, 3), (3, 2, 5, 4), (5,)]:
        answer.agrees(lambda m, x: m.log_softmax(x), draw.normal(*shape))


@pytest.mark.exercise("log_softmax")
def test_log_softmax_of_a_single_row_or_class(answer: Answer, draw: Draw) -> None:
    """A batch of one picture works like any other, and a single class gets the log-probability 0."""
    answer.agrees(lambda m, x: m.log_softmax(x), draw.normal(1, 4))
    answer.agrees(lambda m, x: m.log_softmax(x), draw.normal(6, 1))


@pytest.mark.exercise("log_softmax")
def test_log_softmax_of_as_many_rows_as_classes(answer: Answer, draw: Draw) -> None:
    """With as many rows as classes, each row is still taken over its own classes."""
    answer.agrees(lambda m, x: m.log_softmax(x), draw.normal(3, 3))
    answer.agrees(lambda m, x: m.log_softmax(x), draw.normal(2, 4, 4))


@pytest.mark.exercise("log_softmax", weight=2)
@every_dtype
def test_log_softmax_where_softmax_underflows(answer: Answer, draw: Draw, dtype: torch.dtype) -> None:
    """A class whose probability is too small for a float keeps its finite log-probability."""
    underflowing = torch.tensor([[0.0, 1000.0], [800.0, 0.0]], dtype=dtype)
    x = torch.cat([underflowing, draw.normal(3, 2, dtype=dtype)])
    answer.agrees(lambda m, x: m.log_softmax(x), x, tolerance=rounding_of_large_rows(x), unchanged=True)


@pytest.mark.exercise("log_softmax", weight=2)
@every_dtype
def test_log_softmax_of_large_logits(answer: Answer, draw: Draw, dtype: torch.dtype) -> None:
    """Rows with logits up to ±1 000 stay finite and right, and so do ordinary rows beside them."""
    x = large_logits(draw, dtype)
    for batch in (x, torch.stack([x, x.flip(0)])):
        tolerance = rounding_of_large_rows(batch)
        answer.agrees(lambda m, x: m.log_softmax(x), batch, tolerance=tolerance, unchanged=True)


@pytest.mark.exercise("log_softmax")
def test_log_softmax_of_a_class_that_is_all_but_certain(answer: Answer) -> None:
    """A log-probability just below 0 is given as it is."""
    x = torch.tensor([[18.0, 0.0], [0.0, -16.5], [2.0, 19.0], [-21.0, 0.0], [0.5, -20.0]], dtype=torch.float64)
    answer.agrees(lambda m, x: m.log_softmax(x), x)


@pytest.mark.exercise("log_softmax")
def test_log_softmax_of_equal_logits(answer: Answer, draw: Draw) -> None:
    """Classes with equal logits get equal log-probabilities, whether they are the largest of their row or not."""
    answer.agrees(lambda m, x: m.log_softmax(x), ties(draw))


@pytest.mark.exercise("log_softmax")
@every_dtype
def test_log_softmax_lets_gradients_through(answer: Answer, draw: Draw, dtype: torch.dtype) -> None:
    """Gradients flow through the log-probabilities back to the logits, with the right values."""
    weights = draw.normal(4, 3, dtype=dtype)
    x = draw.normal(4, 3, dtype=dtype)
    answer.agrees(gradient_of_log_softmax, x, weights, tolerance=cancelling(weights))
    # logits whose exponentials a float cannot hold; in float64, where such rows lose no digits by their size
    apart, weights = x.double() + torch.tensor([[900.0, 0, 0]]), weights.double()
    answer.agrees(gradient_of_log_softmax, apart, weights, tolerance=cancelling(weights))


@pytest.mark.exercise("log_softmax")
def test_log_softmax_keeps_the_dtype_of_its_input(answer: Answer, draw: Draw) -> None:
    """float32 logits give float32 log-probabilities, also where torch's default dtype is float64."""
    answer.agrees(log_softmax_beside_float64, draw.normal(3, 5))


@pytest.mark.exercise("log_softmax", weight=2)
def test_log_softmax_of_every_size(answer: Answer, draw: Draw) -> None:
    """Whatever lengths the axes have, log-probabilities and gradients are right, and the logits stay as they were."""
    answer.agrees(of_each, of_every_size(draw, 1000), "log_softmax", unchanged=True, call="log_softmax(x) of each")


@pytest.mark.exercise("log_softmax")
def test_log_softmax_called_again(answer: Answer, draw: Draw) -> None:
    """Each call starts anew, and the input may be passed by its name `x`."""
    first, second = draw.normal(2, 3), draw.normal(4, 5)
    answer.agrees(
        # at last other numbers of the same sizes, and then in the same tensor
        lambda m, x, z: [
            m.log_softmax(x),
            m.log_softmax(x=z),
            m.log_softmax(x),
            m.log_softmax(x * 2),
            m.log_softmax(x.neg_()),
        ],
        first,
        second,
    )


# nll


@pytest.mark.exercise("nll", weight=2)
@every_dtype
def test_nll_of_a_batch(answer: Answer, draw: Draw, dtype: torch.dtype) -> None:
    """The loss is the mean over the rows of −log p of the right class, and the inputs stay as they were."""
    log_p, labels = log_probabilities(draw, 7, 4, dtype), draw.labels(7, 4)
    answer.agrees(lambda m, log_p, labels: m.nll(log_p, labels), log_p, labels, unchanged=True)


@pytest.mark.exercise("nll", weight=2)
def test_nll_of_few_rows(answer: Answer, draw: Draw) -> None:
    """Batches with fewer rows than classes, with as many, and of a single row have their loss too."""
    for n, k in [(3, 5), (4, 4), (1, 3), (3, 1)]:
        log_p, labels = log_probabilities(draw, n, k, torch.float32), draw.integers(n, high=k)
        answer.agrees(lambda m, log_p, labels: m.nll(log_p, labels), log_p, labels)


@pytest.mark.exercise("nll")
def test_nll_of_rows_that_are_alike(answer: Answer, draw: Draw) -> None:
    """Every row counts, also where several have the same log-probabilities and label."""
    log_p, labels = log_probabilities(draw, 4, 3, torch.float32), draw.labels(4, 3)
    rows = torch.tensor([0, 1, 2, 3, 0, 0, 2])[draw.permutation(7)]
    answer.agrees(lambda m, log_p, labels: m.nll(log_p, labels), log_p[rows], labels[rows])


@pytest.mark.exercise("nll")
def test_nll_of_many_rows(answer: Answer, draw: Draw) -> None:
    """Hundreds of rows have their mean, in which each counts alike."""
    log_p, labels = log_probabilities(draw, 397, 4, torch.float32), draw.labels(397, 4)
    # dear at the end: a mean of means of parts weighs them otherwise
    log_p[-3:] = torch.tensor([-4.0, -6, -5, 0]).log_softmax(0)
    labels[-3:] = 1
    answer.agrees(lambda m, log_p, labels: m.nll(log_p, labels), log_p, labels)


@pytest.mark.exercise("nll")
def test_nll_of_many_classes(answer: Answer, draw: Draw) -> None:
    """There may be hundreds of classes."""
    log_p, labels = log_probabilities(draw, 3, 300, torch.float32), 299 - draw.permutation(44)[:3]
    answer.agrees(lambda m, log_p, labels: m.nll(log_p, labels), log_p, labels)


@pytest.mark.exercise("nll")
@every_dtype
def test_nll_of_a_sure_and_wrong_net(answer: Answer, draw: Draw, dtype: torch.dtype) -> None:
    """Log-probabilities down to −1 000 count in full."""
    log_p = torch.log_softmax(large_logits(draw, torch.float64), -1).to(dtype)
    # three of the six rows hold probabilities that underflow: of four rows at least one does
    labels = torch.where(torch.arange(6) < 4, log_p.argmin(1), draw.labels(6, 4))
    answer.agrees(lambda m, log_p, labels: m.nll(log_p, labels), log_p, labels)


@pytest.mark.exercise("nll")
@every_dtype
def test_nll_lets_gradients_through(answer: Answer, draw: Draw, dtype: torch.dtype) -> None:
    """Gradients flow from the loss back to the log-probabilities, with the right values."""
    log_p, labels = log_probabilities(draw, 5, 3, dtype), draw.labels(5, 3)
    answer.agrees(gradient_of_nll, log_p, labels, 3.0)
    # where the net is sure and right, log p is 0
    log_p[0] = torch.where(torch.arange(3) == labels[0], 0, -40)
    answer.agrees(gradient_of_nll, log_p, labels, 2.0)


@pytest.mark.exercise("nll")
def test_nll_keeps_the_dtype_of_its_input(answer: Answer, draw: Draw) -> None:
    """float32 log-probabilities give a float32 loss, also where torch's default dtype is float64."""
    answer.agrees(nll_beside_float64, log_probabilities(draw, 6, 3, torch.float32), draw.labels(6, 3))


@pytest.mark.exercise("nll", weight=2)
def test_nll_of_every_size(answer: Answer, draw: Draw) -> None:
    """However many rows and classes there are, loss and gradient are right, and the inputs stay as they were."""
    given = []
    for number, (n, k) in enumerate([*itertools.product((1, 2, 3), (1, 2, 3)), (5, 5), (101, 3)]):
        labels = draw.integers(n, high=k)
        labels[-1] = labels[0]  # no permutation, after which a square table would sum up the same turned over
        given.append((log_probabilities(draw, n, k, torch.float32 if number % 2 else torch.float64), labels))
    answer.agrees(nll_of_each, given, unchanged=True, call="nll(log_p, labels) of each")


@pytest.mark.exercise("nll")
def test_nll_called_again(answer: Answer, draw: Draw) -> None:
    """Each call starts anew, and the inputs may be passed by their names `log_p` and `labels`."""
    log_p, labels = log_probabilities(draw, 5, 3, torch.float32), draw.labels(5, 3)
    other, others = log_probabilities(draw, 3, 2, torch.float32), draw.labels(3, 2)
    answer.agrees(
        lambda m, log_p, labels, other, others: [
            m.nll(log_p, labels),
            m.nll(log_p=other, labels=others),
            m.nll(log_p, labels),
            m.nll(log_p.copy_(log_p.flip(1)), labels),  # the same tensor with other numbers in it
        ],
        log_p,
        labels,
        other,
        others,
    )
