"""Hidden suite of 06_modules: parameters, a linear layer, logistic regression, and two layers that are one.

Parameters start at random, so starting values are judged by statistics, and everything else with parameters that
the suite sets. Of `LogReg` nothing is known but the number of its parameters: what it computes is found out from
what it gives for zeros and for unit vectors, and every other batch must follow from that.

Every probe seeds torch: what a wrong answer draws is then the same whenever it is asked, and can be recognised.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from grader.judge.answer import Answer
from grader.judge.compare import TOLERANCES, Tolerance, compare, describe
from grader.judge.draw import Draw

every_dtype = pytest.mark.parametrize("dtype", [torch.float32, torch.float64], ids=["float32", "float64"])
FLOAT32, FLOAT64 = torch.float32, torch.float64
LOGREG_AXES = ("image", "class")


def agrees(
    answer: Answer,
    yours: Any,
    expected: Any,
    what: str,
    *,
    tolerance: Tolerance = Tolerance(),
    axes: tuple[str, ...] = (),
    call: str = "",
) -> None:
    """Holds `yours` against a value that was worked out from the answer's own behaviour."""
    difference = compare(yours, expected, tolerance=tolerance, axes=axes)
    if difference is not None:
        words = f"{difference.worst} " if difference.worst else ""
        message = f"{what}: {difference.message[0].lower()}{difference.message[1:]}"
        answer.holds(False, message, yours=words + difference.yours, expected=words + difference.expected, call=call)


def list_of(answer: Answer, value: Any, length: int) -> list[Any]:
    """The parts of what a probe returned."""
    is_right = isinstance(value, list) and len(value) == length
    answer.holds(is_right, "The result could not be read.", yours=describe(value))
    return list(value)


# Random numbers. Every bound leaves a right answer a chance below 1e-6 to fail, over all the cases together.


def in_order(numbers: torch.Tensor) -> torch.Tensor:
    """All numbers of a tensor as float64, ascending. NumPy sorts faster than torch, and this is done for everybody."""
    return torch.from_numpy(np.sort(numbers.detach().double().numpy(), axis=None))


def distance_to(numbers: torch.Tensor, kind: str) -> float:
    """√n times the largest distance between the numbers' distribution and a standard one (Kolmogorov-Smirnov).

    Above 3 with probability 2·e^(−18) = 3e-8 when the numbers are of that kind.
    """
    ordered = in_order(numbers)
    n = len(ordered)
    share = 0.5 * (1 + torch.erf(ordered / 2**0.5)) if kind == "normal" else ordered.clamp(0, 1)
    steps = torch.arange(n + 1, dtype=FLOAT64) / n
    return float(torch.maximum((share - steps[:-1]).abs(), (share - steps[1:]).abs()).max()) * n**0.5


def is_ordinary(values: Any) -> bool:
    """Whether these are finite floating numbers of which hardly two are alike: two float32 draws are with 5e-8."""
    if not isinstance(values, torch.Tensor) or not values.dtype.is_floating_point or not values.numel():
        return False
    repeats = int((in_order(values).diff() == 0).sum())
    return bool(values.isfinite().all()) and repeats <= 2 + 0.05 * values.numel()


def kind_of(values: Any, divisor: int) -> list[Any]:
    """What two tensors of random numbers from one recipe have in common: plain words and whole numbers."""
    if not isinstance(values, torch.Tensor):
        return [describe(values)]
    facts: list[Any] = [describe(values)]
    if values.numel() < 2 or not values.dtype.is_floating_point:
        return facts
    if bool((values == values.flatten()[0]).all()):
        return [*facts, float(values.flatten()[0])]
    if not is_ordinary(values):
        return [*facts, "repeated"]
    if values.numel() < 2000:  # too few to tell more
        return [*facts, "ordinary"]
    numbers = values.double() * divisor
    mean, deviation = numbers.mean(), numbers.std()
    shape = "other"
    if distance_to((numbers - mean) / deviation, "normal") < 3:
        shape = "normal"
    elif distance_to((numbers - numbers.min()) / (numbers.max() - numbers.min()), "uniform") < 3:
        shape = "uniform"
    # halves of powers of 2, far from the next one for every recipe that is known
    return [*facts, shape, round(float(mean / deviation)), round(2 * float(deviation.log2()))]


def judge_scale(answer: Answer, values: Any, shape: tuple[int, ...], call: str) -> None:
    """Mean 0 and deviation 1/dims[0], to 7 standard errors each (2.6e-12), whatever the distribution."""
    right = isinstance(values, torch.Tensor) and tuple(values.shape) == shape
    answer.holds(right, "The result has the wrong shape.", yours=describe(values), expected=str(list(shape)), call=call)
    answer.holds(is_ordinary(values), "The numbers are not random: some are equal, or not finite.", call=call)
    numbers, n = values.double() * shape[0], values.numel()
    deviation, mean = float(numbers.std()), float(numbers.mean())
    answer.holds(
        abs(deviation - 1) < 7 / (2 * n) ** 0.5,
        "The numbers do not have the deviation 1 / dims[0].",
        yours=f"{deviation / shape[0]:.3g}",
        expected=f"{1 / shape[0]:.3g}",
        call=call,
    )
    answer.holds(abs(mean) < 7 / n**0.5, "The numbers do not have the mean 0.", yours=f"{mean:.3g}", call=call)


def judge_random(answer: Answer, values: Any, shape: tuple[int, ...], dtype: torch.dtype, call: str) -> None:
    """Few numbers that look drawn: right shape and dtype, none equal to another."""
    right = isinstance(values, torch.Tensor) and tuple(values.shape) == shape
    answer.holds(right, "The result has the wrong shape.", yours=describe(values), expected=str(list(shape)), call=call)
    answer.holds(values.dtype == dtype, "The result has the wrong dtype.", yours=describe(values), call=call)
    answer.holds(is_ordinary(values), "The numbers are not random: some are equal, or not finite.", call=call)


# get_weights


def drawn_weights(m: Any, seed: int, dims: list[int]) -> Any:
    torch.default_generator.manual_seed(seed)
    return m.get_weights(*dims)


def weights_drawn_again(m: Any, seeds: list[int]) -> Any:
    """Two calls in a row from each seed."""
    found = []
    for seed in seeds:
        torch.default_generator.manual_seed(seed)
        found.append([m.get_weights(20, 50), m.get_weights(20, 50)])
    return found


def weights_of_each(m: Any, seed: int, shapes: list[list[int]]) -> Any:
    """Weights of many shapes, drawn one after the other."""
    torch.default_generator.manual_seed(seed)
    return [m.get_weights(*dims) for dims in shapes]


def weights_moments(m: Any, seed: int, dims: list[int]) -> Any:
    """What many numbers come to, times dims[0]: mean, deviation, and the mean fourth power of the standardised ones."""
    torch.default_generator.manual_seed(seed)
    numbers = m.get_weights(*dims).detach().double() * dims[0]
    # normal numbers that are made from uniform ones by hand may be infinite, once in millions
    numbers = numbers[numbers.isfinite()]
    mean, deviation = numbers.mean(), numbers.std()
    return [float(mean), float(deviation), float(((numbers - mean) / deviation).square().square().mean())]


def weights_as_parameter(m: Any, seed: int, given: Any, x: Any, upstream: Any) -> Any:
    """As a module's attribute: the numbers that it starts with, gradients that arrive, x @ what was loaded, claims."""
    torch.default_generator.manual_seed(seed)
    net = nn.Module()
    net.weight = m.get_weights(*given.shape)
    net.to(x.device)
    start = net.weight.detach().clone()
    total = (x @ net.weight * upstream).sum()
    if total.requires_grad:
        total.backward()
    gradients = [torch.zeros_like(p) if p.grad is None else p.grad.clone() for p in net.parameters()]
    net.load_state_dict({"weight": given}, strict=False)
    return [start, gradients, x @ net.weight, [net.weight.is_leaf, net.weight.requires_grad]]


def weights_beside_float64(m: Any, seed: int, dims: list[int]) -> Any:
    before = torch.get_default_dtype()
    torch.set_default_dtype(torch.float64)
    try:
        torch.default_generator.manual_seed(seed)
        return m.get_weights(*dims)
    finally:
        torch.set_default_dtype(before)


def call_of(dims: tuple[int, ...]) -> str:
    return f"get_weights({', '.join(map(str, dims))})"


def ask_weights(answer: Answer, draw: Draw, dims: tuple[int, ...], probe: Callable[..., Any] = drawn_weights) -> Any:
    seed = int(draw.integers(high=2**31))
    return answer.value(probe, seed, list(dims), essence=lambda value: kind_of(value, dims[0]), call=call_of(dims))


@pytest.mark.exercise("get_weights", weight=3)
@pytest.mark.parametrize("dims", [(40, 250), (250, 40)], ids=["wide", "tall"])
def test_get_weights_for_a_table(answer: Answer, draw: Draw, dims: tuple[int, ...]) -> None:
    """A table of weights has mean 0 and deviation 1 / dims[0]: it was divided by the number of its rows."""
    judge_scale(answer, ask_weights(answer, draw, dims), dims, call_of(dims))


@pytest.mark.exercise("get_weights")
@pytest.mark.parametrize("dims", [(9000,), (20, 14, 60), (3, 44, 5, 18), (1, 5200)], ids=["1", "3", "4", "one-row"])
def test_get_weights_for_any_number_of_dims(answer: Answer, draw: Draw, dims: tuple[int, ...]) -> None:
    """One, three or more dimensions are divided by dims[0], too."""
    judge_scale(answer, ask_weights(answer, draw, dims), dims, call_of(dims))


@pytest.mark.exercise("get_weights", weight=2)
def test_get_weights_are_normal(answer: Answer, draw: Draw) -> None:
    """The numbers are spread like a normal distribution."""
    values = ask_weights(answer, draw, (110, 90))
    answer.holds(is_ordinary(values), "The numbers are not random: some are equal, or not finite.")
    # estimated mean and deviation make the distance smaller, never larger
    standard = (values.double() - values.double().mean()) / values.double().std()
    answer.holds(distance_to(standard, "normal") < 3, "The numbers are not spread like a normal distribution.")
    # 29 of 30 000 are expected beyond 3.3 deviations; none at all has probability e^-29
    answer.holds(float(standard.abs().max()) > 3.3, "Large numbers are missing, which are rare but must occur.")
    # a correlation of some 9 900 pairs beyond 0.07 is 7 standard errors off
    for one, other in [(standard[:, 1:], standard[:, :-1]), (standard[1:], standard[:-1])]:
        pairs = torch.stack([one.flatten(), other.flatten()])
        answer.holds(abs(float(pairs.corrcoef()[0, 1])) < 0.07, "Numbers beside each other hang together.")


@pytest.mark.exercise("get_weights")
def test_get_weights_of_a_large_table(answer: Answer, draw: Draw) -> None:
    """Of tens of thousands of numbers even small shifts, scales and wrong tails would be seen."""
    # no more: an answer that draws number by number in Python takes a second for 60 000
    dims = (240, 250)
    seed, call = int(draw.integers(high=2**31)), call_of(dims)
    value = answer.value(weights_moments, seed, list(dims), essence=rough_moments, call=call)
    mean, deviation, fourth = list_of(answer, value, 3)
    n = dims[0] * dims[1]
    # 5.5 standard errors (4e-8) for mean and deviation, 7 for the fourth power, whose estimate is not quite normal
    answer.holds(
        abs(deviation - 1) < 5.5 / (2 * n) ** 0.5,
        "The numbers do not have the deviation 1 / dims[0].",
        yours=f"{deviation / dims[0]:.4g}",
        expected=f"{1 / dims[0]:.4g}",
        call=call,
    )
    answer.holds(abs(mean) < 5.5 / n**0.5, "The numbers do not have the mean 0.", yours=f"{mean:.3g}", call=call)
    answer.holds(
        abs(fourth - 3) < 7 * (24 / n) ** 0.5, "The numbers are not spread like a normal distribution.", call=call
    )


def rough_moments(value: Any) -> list[Any]:
    mean, deviation, _ = value
    return [round(mean / deviation), round(2 * math.log2(deviation))] if deviation > 0 else [mean]


@pytest.mark.exercise("get_weights")
def test_get_weights_of_every_size(answer: Answer, draw: Draw) -> None:
    """Weights of every small size, single numbers too, are drawn anew, and of the same kind as large ones."""
    pairs = list(itertools.product((1, 2, 3), repeat=2))
    shapes = [dims for a, b in pairs for dims in [(a, b), (b,), (b, a, b), (1,), (1, 1)]]
    seed, call = int(draw.integers(high=2**31)), "get_weights(*dims)"
    given = [list(dims) for dims in shapes]
    drawn = list_of(answer, answer.value(weights_of_each, seed, given, essence=kind_of_all, call=call), len(shapes))
    for values, dims in zip(drawn, shapes, strict=True):
        right = isinstance(values, torch.Tensor) and tuple(values.shape) == dims and values.dtype == FLOAT32
        answer.holds(right, "The result has the wrong shape or dtype.", yours=describe(values), call=call_of(dims))
    numbers = torch.cat([values.flatten().double() * dims[0] for values, dims in zip(drawn, shapes, strict=True)])
    answer.holds(bool(numbers.isfinite().all()), "The numbers are not finite.", call=call)
    ordered = in_order(numbers)
    # of two draws one might be the other, divided and rounded, with probability 5e-8; of 156 more than three such pairs
    # have probability 1e-14
    repeats = int((ordered.diff() <= 1.5e-7 * ordered[1:].abs()).sum())
    answer.holds(repeats <= 3, "Some numbers are equal, or those of an earlier call.", call=call)
    # 7 standard errors, and a chance of 1e-9 as few numbers have no quite normal deviation
    answer.holds(abs(float(numbers.mean())) < 0.56, "The numbers do not have the mean 0.", call=call)
    is_like = 0.6 < float(numbers.std()) < 1.4
    answer.holds(is_like, "The numbers do not have the deviation 1 / dims[0].", call=call)


def kind_of_all(value: Any) -> list[Any]:
    numbers = torch.cat([each.flatten() for each in value])
    return [describe(value[0]), describe(value[-1]), kind_of(numbers, 1)]


@pytest.mark.exercise("get_weights")
def test_get_weights_are_new_at_each_call(answer: Answer, draw: Draw) -> None:
    """Each call gives new numbers."""
    (first, second), *_ = pairs_of_draws(answer, draw)
    answer.holds(not torch.equal(first, second), "Two calls gave the same numbers.")
    answer.holds(is_ordinary(torch.stack([first, second])), "Two calls gave the same numbers in another order.")
    # a mean of 1 000 numbers is some hundredths off; both within 3e-6 has probability 1e-8
    means = [abs(float(each.double().mean())) * 20 for each in (first, second)]
    answer.holds(max(means) > 3e-6, "The numbers were shifted so that their mean is exactly 0.")
    both = torch.stack([first.double().flatten(), second.double().flatten()])
    # 1 000 pairs: a correlation beyond 0.25 is 8 standard errors off
    answer.holds(abs(float(both.corrcoef()[0, 1])) < 0.25, "The numbers of two calls hang together.")


@pytest.mark.exercise("get_weights")
def test_get_weights_follow_torchs_seed(answer: Answer, draw: Draw) -> None:
    """torch.manual_seed decides the numbers: the same seed gives the same ones, another seed others."""
    (first, second), (other, _), *repeated = pairs_of_draws(answer, draw)
    # the second time the same seed was set just before, and only the state of the generator tells of it
    answer.holds(
        all(torch.equal(first, again) and torch.equal(second, after) for again, after in repeated),
        "After the same torch.manual_seed the numbers were not the same.",
    )
    answer.holds(not torch.equal(first, other), "Another torch.manual_seed gave the same numbers.")


def pairs_of_draws(answer: Answer, draw: Draw) -> list[list[torch.Tensor]]:
    """[first call, second call] for a seed, another seed, and the first seed again, twice."""
    seed = int(draw.integers(high=2**30))
    seeds = [seed, seed + 1, seed, seed]
    found = answer.value(weights_drawn_again, seeds, essence=equalities, call="get_weights(20, 50)")
    pairs = [list_of(answer, pair, 2) for pair in list_of(answer, found, 4)]
    for values in (each for pair in pairs for each in pair):
        judge_random(answer, values, (20, 50), FLOAT32, "get_weights(20, 50)")
    return pairs


def equalities(value: Any) -> list[Any]:
    """Which of several draws are equal."""
    flat = [each for pair in value for each in pair]
    return [kind_of(flat[0], 20), [[torch.equal(a, b) for a in flat] for b in flat]]


@pytest.mark.exercise("get_weights", weight=3)
def test_get_weights_are_a_modules_parameter(answer: Answer, draw: Draw) -> None:
    """As an attribute of a module the result is one of its parameters, and takes the values that are loaded."""
    given, x, upstream = draw.normal(5, 3), draw.normal(4, 5), draw.normal(4, 3)
    _, output = as_parameter(answer, draw, given, x, upstream)
    tolerance = Tolerance(absolute=1e-6 * (x.abs() @ given.abs()).double())
    expected = (x.double() @ given.double()).float()
    agrees(answer, output, expected, "After load_state_dict", tolerance=tolerance, call="x @ net.weight")


@pytest.mark.exercise("get_weights", weight=3)
def test_get_weights_are_trainable(answer: Answer, draw: Draw) -> None:
    """Gradients arrive at the parameter, a table or a vector."""
    for shape in [(5, 3), (5,)]:
        given, x, upstream = draw.normal(*shape), draw.normal(4, 5), draw.normal(4, *shape[1:])
        gradients, _ = as_parameter(answer, draw, given, x, upstream)
        tolerance = Tolerance(absolute=1e-6 * (x.abs().T @ upstream.abs()).double())
        expected = (x.double().T @ upstream.double()).float()
        agrees(answer, gradients[0], expected, "The gradient", tolerance=tolerance, call="net.weight.grad")


def as_parameter(answer: Answer, draw: Draw, *inputs: torch.Tensor) -> tuple[list[Any], Any]:
    """Gradients of all parameters of a module that holds the result, and x @ what was loaded into it."""
    given, x, _ = inputs
    call = f"net.weight = {call_of(tuple(given.shape))}"

    def essence(value: Any) -> list[Any]:
        start, gradients, output, claims = value  # what it says of itself only tells mistakes apart
        arrived = [bool(each.abs().sum() > 0) for each in gradients]
        follows = bool(torch.allclose(output, x @ given, atol=1e-4))
        return [kind_of(start, 5), arrived, follows, claims]

    value = answer.value(weights_as_parameter, int(draw.integers(high=2**31)), *inputs, essence=essence, call=call)
    start, gradients, output, _ = list_of(answer, value, 4)
    judge_random(answer, start, tuple(given.shape), FLOAT32, call)
    is_found = isinstance(gradients, list) and len(gradients) == 1
    answer.holds(is_found, "A module does not find the result among its parameters.", call=call)
    return gradients, output


@pytest.mark.exercise("get_weights", weight=0.5)
def test_get_weights_follow_the_default_dtype(answer: Answer, draw: Draw) -> None:
    """Where torch's default dtype is float64, so are the weights."""
    dims = (6, 7)
    values = ask_weights(answer, draw, dims, weights_beside_float64)
    judge_random(answer, values, dims, FLOAT64, call_of(dims))


# Linear


def linear_output(m: Any, weight: Any, bias: Any, x: Any) -> Any:
    torch.default_generator.manual_seed(6)
    net = m.Linear(weight.shape[0], weight.shape[1]).to(x.device, weight.dtype)
    net.load_state_dict({"weight": weight, "bias": bias})
    return net(x)


def linear_output_without_gradients(m: Any, weight: Any, bias: Any, x: Any) -> Any:
    """The layer's output where nothing is kept for gradients, as in validation."""
    torch.default_generator.manual_seed(6)
    net = m.Linear(weight.shape[0], weight.shape[1]).to(x.device, weight.dtype)
    net.load_state_dict({"weight": weight, "bias": bias})
    with torch.no_grad():
        return net(x)


def linear_of_each(m: Any, given: Any) -> Any:
    """For each (weight, bias, x, upstream): the output, and gradients of the sum of upstream · output in the first 3.

    Every second layer is in eval mode, and has got its numbers as new data of its Parameters.
    """
    found = []
    for number, (weight, bias, x, upstream) in enumerate(given):
        torch.default_generator.manual_seed(6)
        net = m.Linear(weight.shape[0], weight.shape[1]).to(x.device, weight.dtype)
        trained = dict(net.named_parameters())
        if number % 2:
            net.eval()
            trained["weight"].data, trained["bias"].data = weight.clone(), bias.clone()
        else:
            net.load_state_dict({"weight": weight, "bias": bias})
        output = net(x)
        leaf = x.detach().clone().requires_grad_()
        yours = net(leaf)
        if output.shape == upstream.shape and yours.requires_grad:
            (yours * upstream).sum().backward()
        leaves = (trained["weight"], trained["bias"], leaf)
        found.append([output, [torch.zeros_like(t) if t.grad is None else t.grad for t in leaves]])
    return found


def linear_parameters(m: Any, n_in: int, n_out: int) -> Any:
    """Names and sizes of what is trained, by name, and what a file of its state would hold."""
    net = m.Linear(n_in, n_out)
    trained = {name: list(p.shape) for name, p in net.named_parameters() if p.requires_grad}
    return [trained, {name: list(each.shape) for name, each in net.state_dict().items()}]


def linear_start(m: Any, seed: int, n_in: int, n_out: int) -> Any:
    """Weight and bias of a new layer, and the bias of another."""
    torch.default_generator.manual_seed(seed)
    one, two = dict(m.Linear(n_in, n_out).named_parameters()), dict(m.Linear(n_in, n_out).named_parameters())
    return [one["weight"], one["bias"], two["bias"]]


def linear_starts(m: Any, seeds: list[int], n_in: int, n_out: int) -> Any:
    """The weights of two new layers from each seed."""
    found = []
    for seed in seeds:
        torch.default_generator.manual_seed(seed)
        found.append([dict(m.Linear(n_in, n_out).named_parameters())["weight"] for _ in range(2)])
    return found


def linear_gradients(m: Any, weight: Any, bias: Any, x: Any, upstream: Any) -> Any:
    """Gradients of the sum of upstream · output in weight, bias and x; zeros where none gets through."""
    torch.default_generator.manual_seed(6)
    net = m.Linear(weight.shape[0], weight.shape[1]).to(x.device, weight.dtype)
    net.load_state_dict({"weight": weight, "bias": bias})
    x = x.clone().requires_grad_()
    total = (net(x) * upstream).sum()
    if total.requires_grad:
        total.backward()
    found = dict(net.named_parameters())
    return [torch.zeros_like(t) if t.grad is None else t.grad for t in (found["weight"], found["bias"], x)]


def linear_trained(m: Any, weight: Any, bias: Any, x: Any, upstream: Any) -> Any:
    """The output before and after one step of gradient descent."""
    torch.default_generator.manual_seed(6)
    net = m.Linear(weight.shape[0], weight.shape[1]).to(x.device)
    net.load_state_dict({"weight": weight, "bias": bias})
    before = net(x)
    (before * upstream).sum().backward()
    with torch.no_grad():
        for p in net.parameters():
            p -= 0.125 * p.grad
    return [before, net(x)]


def linear_two_layers(m: Any, weight: Any, bias: Any, other: Any, others: Any, x: Any) -> Any:
    """Outputs of two layers of one size, and of the first again after the second was loaded and used."""
    torch.default_generator.manual_seed(6)
    one, two = m.Linear(*weight.shape).to(x.device), m.Linear(*weight.shape).to(x.device)
    one.load_state_dict({"weight": weight, "bias": bias})
    before = one(x)
    two.load_state_dict({"weight": other, "bias": others})
    return [before, two(x), one(x)]


def linear_moved(m: Any, weight: Any, bias: Any, x: Any) -> Any:
    """Loaded in float32, moved to float64 and back, with an output at each stop."""
    torch.default_generator.manual_seed(6)
    net = m.Linear(in_features=weight.shape[0], out_features=weight.shape[1]).to(x.device)
    net.load_state_dict({"weight": weight, "bias": bias})
    return [net(x), net.to(torch.float64)(x.double()), net.to(torch.float32)(x)]


def linear_copied_state(m: Any, weight: Any, bias: Any, x: Any) -> Any:
    """A second layer that loads the first one's own state, after it was in use with its own."""
    torch.default_generator.manual_seed(6)
    one, two = m.Linear(*weight.shape).to(x.device), m.Linear(*weight.shape).to(x.device).eval()
    one.load_state_dict({"weight": weight, "bias": bias})
    two(x)
    two.load_state_dict(one.state_dict())
    return two(x)


def linear_beside_float64(m: Any, weight: Any, bias: Any, x: Any) -> Any:
    before = torch.get_default_dtype()
    torch.set_default_dtype(torch.float64)
    try:
        torch.default_generator.manual_seed(6)
        net = m.Linear(*weight.shape).to(x.device)
        net.load_state_dict({"weight": weight, "bias": bias})
        return net(x)
    finally:
        torch.set_default_dtype(before)


def linear_inputs(
    draw: Draw, n_in: int, n_out: int, *leading: int, dtype: torch.dtype = FLOAT32
) -> tuple[torch.Tensor, ...]:
    """weight, bias and x."""
    shapes = [(n_in, n_out), (n_out,), (*leading, n_in)]
    return tuple(draw.normal(*shape, dtype=dtype) for shape in shapes)


def sums(*layers: tuple[torch.Tensor, ...]) -> Tolerance:
    """The contract's for sums of products, with the sizes of the terms of the largest sum in (weight, bias, x)."""
    terms = [x.double().abs() @ weight.double().abs() + bias.double().abs() for weight, bias, x in layers]
    return Tolerance(absolute=TOLERANCES[layers[0][0].dtype][1] * max(float(each.max()) for each in terms))


@pytest.mark.exercise("Linear", weight=2)
def test_linear_has_two_parameters(answer: Answer) -> None:
    """It trains exactly two Parameters: `weight` of shape (in, out) and `bias` of shape (out,)."""
    for n_in, n_out in [(5, 3), (1, 4), (4, 1)]:
        call = f"Linear({n_in}, {n_out})"
        trained, state = list_of(answer, answer.value(linear_parameters, n_in, n_out, call=call), 2)
        expected = {"weight": [n_in, n_out], "bias": [n_out]}
        for found, where in [(trained, "named_parameters()"), (state, "state_dict()")]:
            message = f"What {where} holds is not `weight` and `bias` in their shapes."
            answer.holds(found == expected, message, yours=by_name(found), expected=by_name(expected), call=call)


def by_name(shapes: Any) -> str:
    """Names and shapes in words: `weight [5, 3], bias [3]`."""
    found = shapes if isinstance(shapes, dict) else {}
    return ", ".join(f"{name} {shape}" for name, shape in found.items())[:100] or "nothing"


@pytest.mark.exercise("Linear", weight=2)
@every_dtype
def test_linear_of_a_batch(answer: Answer, draw: Draw, dtype: torch.dtype) -> None:
    """Each row of a batch becomes x @ weight + bias, with the weight and bias that were loaded."""
    inputs = linear_inputs(draw, 5, 3, 4, dtype=dtype)
    answer.agrees(linear_output, *inputs, tolerance=sums(inputs), unchanged=True, call="net(x)")


@pytest.mark.exercise("Linear", weight=1.5)
@pytest.mark.parametrize("leading", [(), (2, 4), (2, 3, 4)], ids=["1-d", "3-d", "4-d"])
def test_linear_with_any_number_of_leading_axes(answer: Answer, draw: Draw, leading: tuple[int, ...]) -> None:
    """The features are the last axis of x, whatever comes before it: nothing, two axes or three."""
    inputs = linear_inputs(draw, 5, 3, *leading)
    answer.agrees(linear_output, *inputs, tolerance=sums(inputs), unchanged=True, call="net(x)")


@pytest.mark.exercise("Linear")
def test_linear_of_special_sizes(answer: Answer, draw: Draw) -> None:
    """As many rows as inputs and outputs, and a batch of single rows, work like all others."""
    for n_in, n_out, *leading in [(4, 4, 4), (3, 2, 2, 1)]:
        inputs = linear_inputs(draw, n_in, n_out, *leading)
        answer.agrees(linear_output, *inputs, tolerance=sums(inputs), call="net(x)")


@pytest.mark.exercise("Linear")
def test_linear_of_every_size(answer: Answer, draw: Draw) -> None:
    """Axes of length 1, five axes, zeros and all small sizes work, with gradients, and in eval mode, too."""
    sizes = [(2, 3), (1, 4), (4, 1), (3, 3), (3, 2), (1, 1), (4, 4)]
    leading = [
        (),
        (),
        (1,),
        (3,),
        (1,),
        (2,),
        (1, 3),
        (1, 1),
        (2, 2),
        (3, 1),
        (1, 2, 1),
        (1, 1, 1),
        (2, 1, 1, 2),
        (1, 2, 1, 2),
    ]
    given, largest = [], 0.0
    for number, (pair, lead) in enumerate(zip(sizes * 2, leading, strict=True)):
        dtype = FLOAT64 if number % 3 else FLOAT32
        weight, bias, x = linear_inputs(draw, *pair, *lead, dtype=dtype)
        if number in (2, 3, 8):
            x = torch.zeros_like(x)
        elif number in (4, 9):
            x[..., 0] = 0
        upstream = draw.normal(*lead, pair[1], dtype=dtype)
        given.append([weight, bias, x, upstream])
        # no sum has more terms than this
        size = max(float(each.abs().max()) for each in given[-1])
        largest = max(largest, size**2 * (max(pair) + upstream.numel()))
    answer.agrees(linear_of_each, given, tolerance=Tolerance(absolute=1e-6 * largest), unchanged=True, call="net(x)")


@pytest.mark.exercise("Linear", weight=0.5)
def test_linear_without_gradients(answer: Answer, draw: Draw) -> None:
    """Under `torch.no_grad()` it gives the same, and x stays as it was."""
    inputs = linear_inputs(draw, 4, 4, 3)
    answer.agrees(linear_output_without_gradients, *inputs, tolerance=sums(inputs), unchanged=True, call="net(x)")


@pytest.mark.exercise("Linear", weight=2)
@every_dtype
def test_linear_gives_gradients(answer: Answer, draw: Draw, dtype: torch.dtype) -> None:
    """Gradients reach weight, bias and x, with the right values."""
    weight, bias, x = linear_inputs(draw, 5, 3, 2, 4, dtype=dtype)
    upstream = draw.normal(2, 4, 3, dtype=dtype)
    rows, flow = x.abs().reshape(-1, 5).double(), upstream.abs().reshape(-1, 3).double()
    terms = max(float((rows.T @ flow).max()), float(flow.sum(0).max()), float((flow @ weight.abs().double().T).max()))
    tolerance = Tolerance(absolute=TOLERANCES[dtype][1] * terms)
    answer.agrees(linear_gradients, weight, bias, x, upstream, tolerance=tolerance, call="net(x)")


@pytest.mark.exercise("Linear")
def test_linear_follows_its_parameters(answer: Answer, draw: Draw) -> None:
    """After a step of gradient descent the output follows the new weight and bias."""
    weight, bias, x = inputs = linear_inputs(draw, 4, 3, 5)
    upstream = draw.normal(5, 3)
    # after the step the terms are larger: weight moves by at most 0.125·|x|ᵀ|upstream|
    moved = weight.abs() + 0.125 * (x.abs().T @ upstream.abs()), bias.abs() + 0.125 * upstream.abs().sum(0)
    tolerance = sums(inputs, (*moved, x))
    answer.agrees(linear_trained, *inputs, upstream, tolerance=tolerance, call="net(x)")


@pytest.mark.exercise("Linear")
def test_linear_layers_are_independent(answer: Answer, draw: Draw) -> None:
    """Two layers share nothing: loading one leaves the other as it was."""
    weight, bias, x = linear_inputs(draw, 4, 3, 5)
    other, others, _ = linear_inputs(draw, 4, 3)
    tolerance = sums((weight, bias, x), (other, others, x))
    answer.agrees(linear_two_layers, weight, bias, other, others, x, tolerance=tolerance, call="net(x)")


@pytest.mark.exercise("Linear")
def test_linear_moves(answer: Answer, draw: Draw) -> None:
    """After `.to(torch.float64)` it takes float64 and gives float64; its sizes may be passed by name."""
    inputs = linear_inputs(draw, 3, 2, 4)
    # multiples of 1/64: products and sums are exact in float32, so that both dtypes give the same
    exact = [(each * 64).round() / 64 for each in inputs]
    answer.agrees(linear_moved, *exact, tolerance=Tolerance(1e-6, 1e-9), call="net(x)")


@pytest.mark.exercise("Linear", weight=0.5)
def test_linear_loads_its_own_state(answer: Answer, draw: Draw) -> None:
    """A second layer that loads the state_dict of the first one gives the same."""
    inputs = linear_inputs(draw, 3, 5, 4)
    answer.agrees(linear_copied_state, *inputs, tolerance=sums(inputs), call="net(x)")


@pytest.mark.exercise("Linear", weight=0.5)
def test_linear_follows_the_default_dtype(answer: Answer, draw: Draw) -> None:
    """Where torch's default dtype is float64, a new layer is, too."""
    inputs = linear_inputs(draw, 3, 5, 4, dtype=FLOAT64)
    answer.agrees(linear_beside_float64, *inputs, tolerance=sums(inputs), call="net(x)")


@pytest.mark.exercise("Linear", weight=1.5)
def test_linear_starts_with_small_weights(answer: Answer, draw: Draw) -> None:
    """The weight starts by `get_weights`' rule: normal numbers divided by the number of inputs."""
    weight, _, _ = linear_starting_values(answer, draw)
    judge_start(answer, weight, (5, 2000), "weight")


@pytest.mark.exercise("Linear", weight=1.5)
def test_linear_starts_with_small_biases(answer: Answer, draw: Draw) -> None:
    """The bias starts by `get_weights`' rule: normal numbers divided by the number of outputs, new ones each time."""
    weight, bias, other = linear_starting_values(answer, draw)
    judge_start(answer, bias, (2000,), "bias")
    judge_start(answer, weight, (5, 2000), "weight")
    # 2 000 pairs: a correlation beyond 0.25 is 11 standard errors off
    alike = torch.stack([bias, *weight]).double().corrcoef()[0, 1:]
    answer.holds(float(alike.abs().max()) < 0.25, "The bias repeats numbers of the weight.")
    answer.holds(
        isinstance(other, torch.Tensor) and not torch.equal(bias, other), "Two layers started with the same bias."
    )


def linear_starting_values(answer: Answer, draw: Draw) -> list[Any]:
    """Weight and bias of a wide layer, and the bias of another."""
    seed = int(draw.integers(high=2**31))
    value = answer.value(linear_start, seed, 5, 2000, essence=kinds_of_start, call="Linear(5, 2000)")
    return list_of(answer, value, 3)


def kinds_of_start(value: Any) -> list[Any]:
    weight, bias, other = value
    return [kind_of(weight, 20), kind_of(bias, 2000), torch.equal(bias, other)]


def judge_start(answer: Answer, values: Any, shape: tuple[int, ...], name: str) -> None:
    judge_scale(answer, values, shape, f"Linear(5, 2000).{name}")
    standard = values.double() * shape[0]
    answer.holds(distance_to(standard, "normal") < 3, f"The {name} is not spread like a normal distribution.")


@pytest.mark.exercise("Linear", weight=0.5)
def test_linear_starts_with_small_weights_for_many_inputs(answer: Answer, draw: Draw) -> None:
    """Weights for as many inputs as an image has pixels start by the same rule."""
    seed, call = int(draw.integers(high=2**31)), "Linear(800, 11)"
    weight, bias, _ = list_of(answer, answer.value(linear_start, seed, 800, 11, essence=kinds_of_start, call=call), 3)
    judge_scale(answer, weight, (800, 11), f"{call}.weight")
    judge_random(answer, bias, (11,), FLOAT32, f"{call}.bias")


@pytest.mark.exercise("Linear")
def test_linear_starts_anew(answer: Answer, draw: Draw) -> None:
    """Each layer starts with new numbers from torch's global generator, which torch.manual_seed decides."""
    seed = int(draw.integers(high=2**30))
    value = answer.value(linear_starts, [seed, seed + 1, seed, seed], 6, 5, essence=equalities, call="Linear(6, 5)")
    pairs = [list_of(answer, pair, 2) for pair in list_of(answer, value, 4)]
    for weight in (each for pair in pairs for each in pair):
        judge_random(answer, weight, (6, 5), FLOAT32, "Linear(6, 5).weight")
    (one, two), (other, _), *repeated = pairs
    answer.holds(not torch.equal(one, two), "Two layers started with the same weight.")
    same = all(torch.equal(one, again) and torch.equal(two, after) for again, after in repeated)
    answer.holds(same, "After the same seed the start was not the same.")
    answer.holds(not torch.equal(one, other), "Another torch.manual_seed gave the same start.")


# LogReg. In every probe `theta` is written into the trainable numbers, in the order of parameters(); an answer that
# has more or fewer of them than it should gets them from theta's beginning again.


def logreg_outputs(m: Any, n_in: int, n_out: int, theta: Any, rows: Any, batches: list[Any]) -> Any:
    """What the net gives for zeros and unit vectors in float64, and for each batch in its dtype; the batches after."""
    torch.default_generator.manual_seed(6)
    net = m.LogReg(n_in, n_out).to(rows.device, torch.float64).eval()
    start = 0
    with torch.no_grad():
        for p in (p for p in net.parameters() if p.requires_grad):
            p.copy_(theta[torch.arange(start, start + p.numel()) % len(theta)].reshape(p.shape))
            start += p.numel()
    table = net(rows)
    net = net.to(batches[0].dtype)
    return [table, [net(x) for x in batches], batches]


def logreg_of_each(m: Any, given: list[Any]) -> Any:
    """For each (n_in, n_out, theta, rows, xs, upstreams): what the net gives for rows in float64, and for each x.

    Of each x: the output in its dtype, x afterwards, and the gradient in x of the sum of upstream · output; zeros where
    none gets through.
    """
    found = []
    for n_in, n_out, theta, rows, xs, upstreams in given:
        torch.default_generator.manual_seed(6)
        net = m.LogReg(n_in, n_out).to(rows.device, torch.float64).eval()
        start = 0
        with torch.no_grad():
            for p in (p for p in net.parameters() if p.requires_grad):
                p.copy_(theta[torch.arange(start, start + p.numel()) % len(theta)].reshape(p.shape))
                start += p.numel()
        table = net(rows)
        net = net.to(xs[0].dtype)
        outputs = []
        for x, upstream in zip(xs, upstreams, strict=True):
            leaf = x.clone().requires_grad_()
            output, yours = net(x), net(leaf)
            if output.shape == upstream.shape and yours.requires_grad:
                (yours * upstream).sum().backward()
            outputs.append([output, x, torch.zeros_like(leaf) if leaf.grad is None else leaf.grad])
        found.append([table, outputs])
    return found


def logreg_sizes(m: Any, sizes: list[Any]) -> Any:
    """How many trainable numbers the nets have, by sizes."""
    return [sum(p.numel() for p in m.LogReg(*pair).parameters() if p.requires_grad) for pair in sizes]


def logreg_changes(m: Any, n_in: int, n_out: int, theta: Any, x: Any, step: float) -> Any:
    """Central differences of the outputs for x in every number of theta: (numbers, n, n_out)."""
    torch.default_generator.manual_seed(6)
    net = m.LogReg(n_in, n_out).to(x.device, theta.dtype).eval()
    trained = [p for p in net.parameters() if p.requires_grad]
    changes = []
    with torch.no_grad():
        start = 0
        for p in trained:
            p.copy_(theta[torch.arange(start, start + p.numel()) % len(theta)].reshape(p.shape))
            start += p.numel()
        for p in trained:
            for i in range(p.numel()):
                original = p.clone()
                moved = []
                for sign in (1, -1):
                    change = torch.zeros(p.numel(), dtype=p.dtype, device=p.device)
                    change[i] = sign * step
                    p.copy_(original + change.reshape(p.shape))
                    moved.append(net(x).clone())
                p.copy_(original)
                changes.append((moved[0] - moved[1]) / (2 * step))
    return torch.stack(changes) if changes else None


def logreg_gradients(m: Any, n_in: int, n_out: int, theta: Any, x: Any, upstream: Any) -> Any:
    """Gradients of the sum of upstream · output: one number for each of theta's, and for x; zeros where none."""
    torch.default_generator.manual_seed(6)
    net = m.LogReg(n_in, n_out).to(x.device, theta.dtype).eval()
    trained = [p for p in net.parameters() if p.requires_grad]
    start = 0
    with torch.no_grad():
        for p in trained:
            p.copy_(theta[torch.arange(start, start + p.numel()) % len(theta)].reshape(p.shape))
            start += p.numel()
    x = x.clone().requires_grad_()
    total = (net(x) * upstream).sum()
    if total.requires_grad:
        total.backward()
    found = [torch.zeros_like(t) if t.grad is None else t.grad for t in (*trained, x)]
    return [torch.cat([x.new_zeros(0), *(each.flatten() for each in found[:-1])]), found[-1]]


def logreg_trained(m: Any, n_in: int, n_out: int, x: Any, labels: Any, lr: float, steps: int) -> Any:
    """Loss before each of some steps of gradient descent from zeros, and after the last."""
    torch.default_generator.manual_seed(6)
    net = m.LogReg(n_in, n_out).to(x.device, x.dtype).eval()
    trained = [p for p in net.parameters() if p.requires_grad]
    with torch.no_grad():
        for p in trained:
            p.zero_()
    losses = []
    for _ in range(steps):
        log_p = net(x)
        loss = -log_p[torch.arange(len(labels)), labels].mean()
        losses.append(loss.detach().clone())
        for p in trained:
            p.grad = None
        loss.backward()
        with torch.no_grad():
            for p in trained:
                p -= lr * p.grad
    return torch.stack(losses)


def logreg_twice(m: Any, n_in: int, n_out: int, thetas: list[Any], x: Any) -> Any:
    """Two nets with parameters of their own: the first, the second, and the first again."""
    torch.default_generator.manual_seed(6)
    nets = []
    outputs = []
    for theta in thetas:
        net = m.LogReg(n_out=n_out, n_in=n_in).to(x.device, theta.dtype).eval()
        start = 0
        with torch.no_grad():
            for p in (p for p in net.parameters() if p.requires_grad):
                p.copy_(theta[torch.arange(start, start + p.numel()) % len(theta)].reshape(p.shape))
                start += p.numel()
        nets.append(net)
        outputs.append(net(x))
    return [*outputs, nets[0](x)]


def logreg_default(m: Any, theta: Any, batches: list[Any]) -> Any:
    """The net of default sizes: its number of parameters, and what it gives."""
    torch.default_generator.manual_seed(6)
    net = m.LogReg().to(theta.device, theta.dtype).eval()
    start = 0
    with torch.no_grad():
        for p in (p for p in net.parameters() if p.requires_grad):
            p.copy_(theta[torch.arange(start, start + p.numel()) % len(theta)].reshape(p.shape))
            start += p.numel()
    return [start, [net(x) for x in batches]]


def logreg_beside_float64(m: Any, n_in: int, n_out: int, theta: Any, batches: list[Any]) -> Any:
    """A net that is made and used where torch's default dtype is float64."""
    before = torch.get_default_dtype()
    torch.set_default_dtype(torch.float64)
    try:
        torch.default_generator.manual_seed(6)
        net = m.LogReg(n_in, n_out).to(theta.device).eval()
        start = 0
        with torch.no_grad():
            for p in (p for p in net.parameters() if p.requires_grad):
                p.copy_(theta[torch.arange(start, start + p.numel()) % len(theta)].reshape(p.shape))
                start += p.numel()
        return [net(x) for x in batches]
    finally:
        torch.set_default_dtype(before)


def units(n_in: int) -> torch.Tensor:
    """(n_in + 1, n_in): zeros, then each unit vector. With these an affine function is known."""
    return torch.cat([torch.zeros(1, n_in, dtype=FLOAT64), torch.eye(n_in, dtype=FLOAT64)])


def predicted(table: torch.Tensor, x: torch.Tensor) -> torch.Tensor:
    """Log-probabilities for rows x, from those of zeros and unit vectors: float64 (n, n_out).

    Differences between the classes of a row are those of the logits, and these are affine in x.
    """
    differences = table - table[:, :1]
    slopes = differences[1:] - differences[0]
    return torch.log_softmax(x.double().flatten(1) @ slopes + differences[0], 1)


def ask(
    answer: Answer, theta: torch.Tensor, sizes: tuple[int, int], *batches: torch.Tensor
) -> tuple[torch.Tensor, list[Any]]:
    """The answer's table and its outputs for the batches, which must come back as they were."""

    def essence(value: Any) -> list[Any]:
        table, outputs, after = value
        pairs = list(zip(batches, outputs, strict=True))
        signs = [[follows(table, x, yours), follows(table, by_columns(x), yours)] for x, yours in pairs]
        return [facts(table), facts(outputs), signs, [torch.equal(x, y) for x, y in zip(batches, after, strict=True)]]

    call = f"LogReg({sizes[0]}, {sizes[1]})(x)"
    rows = units(sizes[0])
    value = answer.value(logreg_outputs, *sizes, theta.double(), rows, list(batches), essence=essence, call=call)
    table, outputs, after = list_of(answer, value, 3)
    judge_shape(answer, table, (sizes[0] + 1, sizes[1]), FLOAT64)
    if bool(theta.any()):
        moved = predicted(table, rows)[1:] - predicted(table, rows)[0]
        answer.holds(float(moved.abs().max()) > 1e-6, "The output does not depend on the images.", call=call)
    agrees(answer, after, list(batches), "The input afterwards", tolerance=Tolerance(0.0, 0.0), call=call)
    return table, list_of(answer, outputs, len(batches))


def judge_each(answer: Answer, draw: Draw, cases: Iterable[tuple[int, int, torch.Tensor, list[torch.Tensor]]]) -> None:
    """The outputs for each (n_in, n_out, theta, xs) follow from its table, and so do the gradients in each x."""
    given = []
    for n_in, n_out, theta, xs in cases:
        upstreams = [draw.normal(len(x), n_out, dtype=x.dtype) for x in xs]
        given.append([n_in, n_out, theta.double(), units(n_in), xs, upstreams])

    def essence(value: Any) -> list[Any]:
        shown = []
        for question, (table, outputs) in zip(given, value, strict=True):
            shown.append([facts(table)])
            for x, (yours, after, flow) in zip(question[4], outputs, strict=True):
                signs = [follows(table, x, yours), follows(table, by_columns(x), yours), torch.equal(x, after)]
                shown.append([facts(yours), signs, describe(flow), bool((flow.abs() < 1e-9).all())])
        return shown

    value = answer.value(logreg_of_each, given, essence=essence, call="LogReg(n_in, n_out)(x)")
    for (n_in, n_out, theta, _, xs, upstreams), found in zip(given, list_of(answer, value, len(given)), strict=True):
        table, outputs = list_of(answer, found, 2)
        judge_shape(answer, table, (n_in + 1, n_out), FLOAT64)
        for x, upstream, output in zip(xs, upstreams, list_of(answer, outputs, len(xs)), strict=True):
            judge_one(answer, table, theta, x, upstream, list_of(answer, output, 3))


def judge_one(
    answer: Answer, table: torch.Tensor, theta: torch.Tensor, x: torch.Tensor, upstream: torch.Tensor, found: list[Any]
) -> None:
    yours, after, flow = found
    judge_rows(answer, table, theta, x, yours)
    agrees(answer, after, x, "The input afterwards", tolerance=Tolerance(0.0, 0.0), call="net(x)")
    slopes = (table - table[:, :1])[1:] - (table - table[:, :1])[0]
    is_used = table.shape[1] == 1 or float(slopes.abs().max()) > 1e-6
    answer.holds(is_used, "The output does not depend on the images.", call="net(x)")
    sent = upstream.double()
    expected = (sent - predicted(table, x).exp() * sent.sum(1, keepdim=True)) @ slopes.T
    # probabilities are off by no more than the logits are, and each is multiplied by a weight and what was sent
    size = float(theta.abs().max())
    logits = min((float(x.double().flatten(1).abs().sum(1).max()) + 1) * size, 1000.0)
    absolute = TOLERANCES[x.dtype][1] * 2 * size * float(sent.abs().sum(1).max()) * (1 + logits)
    expected = expected.reshape(x.shape).to(x.dtype)
    agrees(answer, flow, expected, "The gradient", tolerance=Tolerance(absolute=absolute), call="net(x)")


def by_columns(x: torch.Tensor) -> torch.Tensor:
    """Images flattened column after column, which is a mistake."""
    return x.permute(0, *range(x.ndim - 1, 0, -1)).reshape(len(x), -1)


def follows(table: torch.Tensor, x: torch.Tensor, yours: torch.Tensor) -> bool:
    """Whether an output is about what the table says; only to tell mistakes apart."""
    if table.ndim != 2:
        return False
    expected = predicted(table, x)
    return yours.shape == expected.shape and torch.allclose(yours.double(), expected, rtol=1e-3, atol=1e-3)


def judge_shape(answer: Answer, value: Any, shape: tuple[int, ...], dtype: torch.dtype) -> None:
    expected = torch.zeros(shape, dtype=dtype)
    difference = compare(value, expected, tolerance=Tolerance(0.0, 1e300), axes=LOGREG_AXES)
    message = difference.message if difference else ""
    answer.holds(difference is None, message, yours=describe(value), expected=describe(expected), call="net(x)")


def judge_rows(
    answer: Answer, table: torch.Tensor, theta: torch.Tensor, x: torch.Tensor, yours: Any, *, what: str = "The output"
) -> None:
    """A batch's output follows from those for zeros and unit vectors; ordinary rows to the terms' sizes."""
    rows = x.double().flatten(1)
    size = float(theta.abs().max())
    # the size of every sum is below this, however the answer arranges its parameters
    terms = (rows.abs().sum(1, keepdim=True) + 1) * size
    absolute = TOLERANCES[x.dtype][1] * terms
    if x.dtype == FLOAT32:
        # those beyond are given by large_batch, whose products and sums are exact
        absolute = torch.where(terms > 100, torch.as_tensor(1e-4, dtype=FLOAT64), absolute)
    expected = predicted(table, x).to(x.dtype)
    agrees(answer, yours, expected, what, tolerance=Tolerance(absolute=absolute), axes=LOGREG_AXES, call="net(x)")


def facts(value: Any) -> list[Any]:
    """What the outputs of like nets have in common, wherever these keep their parameters: words and numbers."""
    if isinstance(value, list | tuple):
        return [facts(each) for each in value]
    if not isinstance(value, torch.Tensor):
        return [describe(value)]
    found: list[Any] = [describe(value)]
    if value.ndim != 2 or not value.dtype.is_floating_point:
        return found
    numbers = value.double()
    finite = [float(numbers.isnan().any()), float(numbers.isposinf().any()), float(numbers.isneginf().any())]
    powers = numbers.exp()
    by_row = [powers.sum(1), numbers.sum(1), (-numbers).exp().sum(1), numbers.exp2().sum(1)]
    totals = [*by_row, powers.sum(0), powers.sum()]
    ones = [bool(((each - 1).abs() < 1e-4).all()) for each in totals]
    signs = [bool((numbers <= 0).all()), bool((numbers >= 0).all()), bool((numbers.amin(1) == 0).all())]
    tops = [bool((numbers.amax(1) == 0).all()), len(numbers.unique()) == 1]
    return [*found, finite, ones, signs, tops]


def a_theta(draw: Draw, n_in: int, n_out: int, dtype: torch.dtype = FLOAT64) -> torch.Tensor:
    """Numbers for all parameters, the same in both dtypes."""
    return draw.normal(n_in * n_out + n_out, dtype=FLOAT32).to(dtype)


@pytest.mark.exercise("LogReg", weight=3)
@every_dtype
def test_logreg_of_a_batch(answer: Answer, draw: Draw, dtype: torch.dtype) -> None:
    """Each row becomes the log-softmax of one linear layer, whatever the parameters are, beside any other rows."""
    theta, x = a_theta(draw, 6, 3), draw.normal(5, 6, dtype=dtype)
    table, (whole, part) = ask(answer, theta, (6, 3), x, x[1:3].clone())
    judge_rows(answer, table, theta, x, whole)
    judge_rows(answer, table, theta, x[1:3], part, what="The output for rows 1 and 2 alone")


@pytest.mark.exercise("LogReg", weight=0.5)
def test_logreg_of_logits_far_apart(answer: Answer, draw: Draw) -> None:
    """Where one class is far ahead, the little that the others take from it still counts in float64."""
    theta, x = a_theta(draw, 6, 3), draw.normal(12, 6, scale=4, dtype=FLOAT64)
    table, (yours,) = ask(answer, theta, (6, 3), x)
    judge_rows(answer, table, theta, x, yours)


@pytest.mark.exercise("LogReg", weight=2)
def test_logreg_flattens_images(answer: Answer, draw: Draw) -> None:
    """Images of any shape are flattened, row after row: (n, 4, 7), (n, 1, 4, 7) and (n, 2, 2, 7) are (n, 28)."""
    theta = a_theta(draw, 28, 3)
    shapes = [
        (5, 4, 7),
        (5, 1, 4, 7),
        (3, 2, 2, 7),
        (28, 28),
        (4, 28, 1),
        (1, 7, 4),
        (3, 2, 1, 2, 7),
        (2, 1, 2, 1, 7, 2),
    ]
    judge_each(answer, draw, [(28, 3, theta, [draw.normal(*shape) for shape in shapes])])


@pytest.mark.exercise("LogReg")
def test_logreg_of_special_sizes(answer: Answer, draw: Draw) -> None:
    """One image or hundreds, one input, one class, two or twenty, as many images as classes: all work alike."""
    sizes = {(6, 3): [(1, 2, 3), (1, 6)], (1, 4): [(3, 1), (1, 1)], (5, 2): [(4, 5)], (4, 4): [(4, 2, 2), (1, 4)]}
    sizes |= {(3, 1): [(2, 3)], (4, 20): [(5, 4)], (2, 2): [(300, 2), (2, 2)]}
    cases = []
    for i, ((n_in, n_out), shapes) in enumerate(sizes.items()):
        xs = [draw.normal(*shape, dtype=FLOAT64 if i % 2 else FLOAT32) for shape in shapes]
        cases.append((n_in, n_out, a_theta(draw, n_in, n_out), xs))
    judge_each(answer, draw, cases)


@pytest.mark.exercise("LogReg", weight=2)
def test_logreg_counts_its_parameters(answer: Answer) -> None:
    """It trains n_in·n_out + n_out numbers in all; n_out is 10 where only n_in is given."""
    sizes = [[6, 3], [3, 6], [1, 4], [7, 1], [20, 2], [5]]
    expected = [a * b + b for a, b in (*[pair for pair in sizes if len(pair) == 2], (5, 10))]
    value = answer.value(logreg_sizes, sizes, essence=list, call="LogReg(6, 3).parameters()")
    found = list_of(answer, value, 6)
    answer.holds(
        found == expected,
        "The number of trainable numbers in `parameters()` is not n_in·n_out + n_out.",
        yours=str(found[0]),
        expected=str(expected[0]),
        call="LogReg(6, 3).parameters()",
    )


@pytest.mark.exercise("LogReg", weight=2)
def test_logreg_uses_all_parameters(answer: Answer, draw: Draw) -> None:
    """Every trainable number counts: changing any of them changes the output, and no two do the same."""
    n_in, n_out, theta, x, _ = gradient_question(draw)
    changes = differences_by_theta(answer, theta, x)
    used = changes.abs().amax((1, 2)) > 1e-6
    count = f"{int((~used).sum())} of {len(used)}"
    answer.holds(bool(used.all()), "Some trainable numbers have no effect on the output.", yours=count)
    # a common number added to all logits of a class' row changes nothing: one direction for each input and the bias
    rank = int(torch.linalg.matrix_rank(changes.flatten(1), atol=1e-6, rtol=0.0))
    expected = (n_in + 1) * (n_out - 1)
    answer.holds(rank == expected, "The trainable numbers do not make a free weight for each input and class.")


def gradient_question(draw: Draw) -> tuple[int, int, torch.Tensor, torch.Tensor, torch.Tensor]:
    """n_in, n_out, theta, x, upstream: zeros and unit vectors as x reach every parameter."""
    theta = draw.uniform(15, low=0.4, high=1.6) * torch.where(draw.normal(15) > 0, 1.0, -1.0)
    return 4, 3, theta.double(), units(4), draw.normal(5, 3, dtype=FLOAT64)


def differences_by_theta(answer: Answer, theta: torch.Tensor, x: torch.Tensor) -> torch.Tensor:
    """(numbers, 5, 3): how the outputs for zeros and unit vectors change with each trainable number."""
    value = answer.value(logreg_changes, 4, 3, theta, x, 1e-4, essence=which_change, call="LogReg(4, 3)(x)")
    if value is None:
        answer.holds(False, "There is no trainable parameter.", call="LogReg(4, 3).parameters()")
    right = isinstance(value, torch.Tensor) and value.ndim == 3 and tuple(value.shape[1:]) == (5, 3)
    answer.holds(right, "The output has the wrong shape.", yours=describe(value))
    answer.holds(bool(value.isfinite().all()), "The output holds nan or infinity.")
    return value.double()


def which_change(value: Any) -> list[Any]:
    if value is None:
        return ["no parameter"]
    return [list(value.shape), int((value.abs().amax((1, 2)) > 1e-6).sum())]


@pytest.mark.exercise("LogReg")
def test_logreg_gives_gradients_to_its_parameters(answer: Answer, draw: Draw) -> None:
    """Gradients reach all trainable numbers, with the right values."""
    *_, theta, x, upstream = question = gradient_question(draw)
    expected = (differences_by_theta(answer, theta, x) * upstream).sum((1, 2))
    answer.holds(bool((expected != 0).any()), "The output does not depend on the trainable numbers.", call="net(x)")
    yours, _ = gradients(answer, question)
    # central differences are off by step²·third derivative/6 < 1e-8, and by rounding/step < 1e-10
    agrees(answer, yours, expected, "The gradient", tolerance=Tolerance(1e-5, 1e-6), call="net(x)")


@pytest.mark.exercise("LogReg")
def test_logreg_gives_gradients_to_the_images(answer: Answer, draw: Draw) -> None:
    """Gradients reach the images, with the right values."""
    *_, theta, x, upstream = question = gradient_question(draw)
    table, _ = ask(answer, theta, (4, 3), x)
    x = x.clone().requires_grad_()
    (expected,) = torch.autograd.grad((predicted(table, x) * upstream).sum(), x)
    _, yours = gradients(answer, question)
    agrees(answer, yours, expected, "The gradient", tolerance=Tolerance(1e-7, 1e-8), call="net(x)")


def gradients(answer: Answer, question: tuple[Any, ...]) -> list[Any]:
    """Gradients in the trainable numbers, one behind the other, and in x."""
    value = answer.value(logreg_gradients, *question, essence=which_are_zero, call="LogReg(4, 3)(x)")
    return list_of(answer, value, 2)


def which_are_zero(value: Any) -> list[Any]:
    return [[describe(each), bool((each == 0).all())] for each in value]


@pytest.mark.exercise("LogReg")
@every_dtype
@pytest.mark.parametrize("sign", ["mixed", "negative", "positive"])
def test_logreg_of_large_logits(answer: Answer, draw: Draw, dtype: torch.dtype, sign: str) -> None:
    """Rows with logits up to ±1 000 stay finite and right, and so do ordinary rows beside them, and gradients."""
    n_in, n_out = 5, 4
    # multiples of 1/64 up to 1, and whole numbers up to 960: products and sums are exact in float32, and no
    # logit is beyond 1 000, however the parameters are arranged
    theta = draw.permutation(n_in * n_out + n_out).double() / 64 + 41 / 64
    if sign == "mixed":
        theta = theta * torch.where(draw.normal(len(theta)) > 0, 1.0, -1.0)
    x = torch.zeros(n_in + 3, n_in, dtype=FLOAT64)
    size = {"mixed": 960.0, "negative": -960.0, "positive": 960.0}[sign]
    x[torch.arange(n_in), draw.permutation(n_in)] = size
    x[n_in + 1 :] = draw.integers(2, n_in, low=-3, high=4).double()
    x = x[draw.permutation(len(x))].contiguous()
    judge_each(answer, draw, [(n_in, n_out, theta, [x.to(dtype)])])


@pytest.mark.exercise("LogReg")
def test_logreg_learns(answer: Answer, draw: Draw) -> None:
    """Steps of gradient descent on its parameters make the loss smaller."""
    labels = draw.labels(12, 3)
    x = (torch.eye(3, 6)[labels] * 2 + draw.normal(12, 6, scale=0.5)).to(FLOAT32).contiguous()
    value = answer.value(logreg_trained, 6, 3, x, labels, 0.05, 20, essence=course_of, call="LogReg(6, 3)(x)")
    right = isinstance(value, torch.Tensor) and tuple(value.shape) == (20,) and bool(value.isfinite().all())
    answer.holds(right, "The loss is not a finite number.", yours=describe(value))
    before, after = float(value[0]), float(value[-1])
    answer.holds(after < before - 1e-5, "The loss did not become smaller.", yours=f"{before:.4g}, then {after:.4g}")


def course_of(value: Any) -> list[Any]:
    return [describe(value), bool(value[-1] < value[0]), bool(value[0] > 0), bool(value.isfinite().all())]


@pytest.mark.exercise("LogReg", weight=0.5)
def test_logreg_with_parameters_zero(answer: Answer, draw: Draw) -> None:
    """With all parameters 0 every class gets the same probability; with others it does not."""
    x, theta = draw.normal(4, 6), a_theta(draw, 6, 3)
    ask(answer, theta, (6, 3), x)
    _, (yours,) = ask(answer, torch.zeros_like(theta), (6, 3), x)
    agrees(answer, yours, torch.full((4, 3), 1 / 3).log(), "The output", axes=LOGREG_AXES, call="net(x)")


@pytest.mark.exercise("LogReg")
def test_logreg_has_default_sizes(answer: Answer, draw: Draw) -> None:
    """Without arguments it takes images of 784 pixels, such as (n, 28, 28), and knows 10 classes."""
    theta = draw.normal(7850, scale=0.05, dtype=FLOAT64)
    a, b = draw.normal(2, 784, dtype=FLOAT64), draw.normal(2, 784, dtype=FLOAT64)
    batches = [torch.cat([torch.zeros(1, 784, dtype=FLOAT64), a, b, a + b]), a.reshape(2, 28, 28), a[:, :, None]]
    value = answer.value(logreg_default, theta, batches, essence=facts, call="LogReg()(x)")
    count, outputs = list_of(answer, value, 2)
    answer.holds(count == 7850, "LogReg() does not train 7 850 numbers.", yours=str(count), expected="7850")
    rows, images, columns = list_of(answer, outputs, 3)
    judge_shape(answer, rows, (7, 10), FLOAT64)
    logits = rows - rows[:, :1]
    expected = torch.log_softmax(logits[1:3] + logits[3:5] - logits[0], 1)
    tolerance = Tolerance(absolute=1e-10 * 784)
    agrees(answer, rows[5:], expected, "The output", tolerance=tolerance, axes=LOGREG_AXES, call="net(x)")
    for each in (images, columns):
        agrees(answer, each, rows[1:3], "The output for images", tolerance=tolerance, axes=LOGREG_AXES, call="net(x)")
    answer.holds(bool((logits[1:] - logits[0]).abs().max() > 1e-6), "The output does not depend on the images.")


@pytest.mark.exercise("LogReg", weight=0.5)
def test_logreg_nets_are_independent(answer: Answer, draw: Draw) -> None:
    """Two nets share nothing; their sizes may be passed by the names `n_in` and `n_out`."""
    first, second, x = a_theta(draw, 6, 3), a_theta(draw, 6, 3), draw.normal(4, 6, dtype=FLOAT64)
    value = answer.value(logreg_twice, 6, 3, [first, second], x, essence=three_outputs, call="LogReg(n_in=6, n_out=3)")
    outputs = list_of(answer, value, 3)
    for theta, yours in zip((first, second, first), outputs, strict=True):
        table, _ = ask(answer, theta, (6, 3), x)
        judge_rows(answer, table, theta, x, yours)


def three_outputs(value: Any) -> list[Any]:
    return [facts(value), torch.equal(value[0], value[1]), torch.equal(value[0], value[2])]


@pytest.mark.exercise("LogReg", weight=0.5)
def test_logreg_follows_the_default_dtype(answer: Answer, draw: Draw) -> None:
    """Where torch's default dtype is float64, a new net is, too."""
    theta, x = a_theta(draw, 6, 3), draw.normal(4, 6, dtype=FLOAT64)
    value = answer.value(logreg_beside_float64, 6, 3, theta, [x], essence=facts, call="LogReg(6, 3)(x)")
    (yours,) = list_of(answer, value, 1)
    table, _ = ask(answer, theta, (6, 3), x)
    judge_rows(answer, table, theta, x, yours)


# collapse


def collapse_pair(m: Any, w1: Any, b1: Any, w2: Any, b2: Any) -> Any:
    return m.collapse(w1, b1, w2, b2)


def collapse_gradients(m: Any, w1: Any, b1: Any, w2: Any, b2: Any, up_w: Any, up_b: Any) -> Any:
    """Gradients in the four inputs of the sum of up_w · w + up_b · b; zeros where none gets through."""
    inputs = [each.clone().requires_grad_() for each in (w1, b1, w2, b2)]
    w, b = m.collapse(*inputs)
    total = (w * up_w).sum() + (b * up_b).sum()
    if total.requires_grad:
        total.backward()
    return [torch.zeros_like(each) if each.grad is None else each.grad for each in inputs]


def collapse_of_each(m: Any, given: Any) -> Any:
    """For each (w1, b1, w2, b2, up_w, up_b): w, b, and gradients in the layers of the sum of up_w · w + up_b · b."""
    found = []
    for *layers, up_w, up_b in given:
        w, b = m.collapse(*layers)
        leaves = [each.clone().requires_grad_() for each in layers]
        for yours, upstream in zip(m.collapse(*leaves), (up_w, up_b), strict=True):
            if yours.shape == upstream.shape and yours.requires_grad:
                (yours * upstream).sum().backward(retain_graph=True)
        found.append([w, b, [torch.zeros_like(each) if each.grad is None else each.grad for each in leaves]])
    return found


def collapse_beside_float64(m: Any, w1: Any, b1: Any, w2: Any, b2: Any) -> Any:
    before = torch.get_default_dtype()
    torch.set_default_dtype(torch.float64)
    try:
        return m.collapse(w1, b1, w2, b2)
    finally:
        torch.set_default_dtype(before)


def two_layers(draw: Draw, a: int, b: int, c: int, dtype: torch.dtype = FLOAT32) -> list[torch.Tensor]:
    """w1, b1, w2, b2 of layers from a to b to c numbers."""
    return [draw.normal(*shape, dtype=dtype) for shape in [(a, b), (b,), (b, c), (c,)]]


def collapsed_sums(*pairs: list[torch.Tensor]) -> Tolerance:
    """The terms' sizes of weight and bias together: a weight may have been found as a difference of outputs."""
    sizes = [[each.double().abs() for each in layers] for layers in pairs]
    terms = [float((w1 @ w2).max() + (b1 @ w2 + b2).max()) for w1, b1, w2, b2 in sizes]
    return Tolerance(absolute=TOLERANCES[pairs[0][0].dtype][1] * max(terms))


@pytest.mark.exercise("collapse", weight=2)
@every_dtype
def test_collapse_of_two_layers(answer: Answer, draw: Draw, dtype: torch.dtype) -> None:
    """One weight and one bias do what the two layers do, and the inputs stay as they were."""
    layers = two_layers(draw, 5, 4, 3, dtype)
    answer.agrees(collapse_pair, *layers, tolerance=collapsed_sums(layers), unchanged=True)


@pytest.mark.exercise("collapse")
@pytest.mark.parametrize("sizes", [(2, 6, 3), (4, 2, 5), (3, 3, 3), (4, 3, 3), (3, 3, 5), (4, 6, 4)], ids=str)
def test_collapse_of_other_sizes(answer: Answer, draw: Draw, sizes: tuple[int, int, int]) -> None:
    """The layer between may be wide or narrow, and sizes may be equal."""
    layers = two_layers(draw, *sizes)
    answer.agrees(collapse_pair, *layers, tolerance=collapsed_sums(layers), unchanged=True)


@pytest.mark.exercise("collapse", weight=2)
def test_collapse_of_every_size(answer: Answer, draw: Draw) -> None:
    """One number or many, and weights that change nothing or are all 0, work like all others, with gradients."""
    sizes = [
        (1, 3, 2),
        (3, 1, 2),
        (3, 2, 1),
        (1, 1, 1),
        (2, 1, 1),
        (24, 5, 3),
        (3, 20, 2),
        (3, 3, 3),
        (3, 3, 3),
        (2, 4, 3),
    ]
    given = layers_and_flows(draw, sizes)
    given[7][0], given[8][2] = torch.eye(3, dtype=given[7][0].dtype), torch.eye(3, dtype=given[8][2].dtype)
    given[9][0] = torch.zeros_like(given[9][0])
    answer.agrees(collapse_of_each, given, tolerance=collapsed_gradients(given), unchanged=True)


def layers_and_flows(draw: Draw, sizes: list[tuple[int, int, int]]) -> list[list[torch.Tensor]]:
    """w1, b1, w2, b2 of each size, and gradients that come back to weight and bias; float32 and float64 in turn."""
    found = []
    for number, (a, b, c) in enumerate(sizes):
        dtype = FLOAT64 if number % 2 else FLOAT32
        found.append([*two_layers(draw, a, b, c, dtype), draw.normal(a, c, dtype=dtype), draw.normal(c, dtype=dtype)])
    return found


def collapsed_gradients(given: list[list[torch.Tensor]]) -> Tolerance:
    """For values and gradients of any of these: no sum has more terms than this, or larger ones.

    Twice: a weight may have been found as a difference of outputs.
    """
    terms = 0.0
    for w1, b1, w2, b2, flow, bias in given:
        largest = max(float(each.abs().max()) for each in (w1, b1, w2, b2, flow, bias))
        terms = max(terms, 2 * max(largest, largest**2) * (len(w1) + 1) * max(w2.shape))
    return Tolerance(absolute=TOLERANCES[FLOAT32][1] * terms)


@pytest.mark.exercise("collapse")
@every_dtype
def test_collapse_lets_gradients_through(answer: Answer, draw: Draw, dtype: torch.dtype) -> None:
    """Gradients flow back to both weights and both biases, with the right values."""
    layers = two_layers(draw, 5, 4, 3, dtype)
    up_w, up_b = draw.normal(5, 3, dtype=dtype), draw.normal(3, dtype=dtype)
    w1, b1, w2, _, flow, bias = (each.double().abs() for each in (*layers, up_w, up_b))
    terms = max(float(each.max()) for each in (flow @ w2.T, w2 @ bias, w1.T @ flow + torch.outer(b1, bias), bias))
    # twice that and the flow's sum: a weight may have been found as a difference of outputs
    tolerance = Tolerance(absolute=TOLERANCES[dtype][1] * (2 * terms + float(flow.sum())))
    answer.agrees(collapse_gradients, *layers, up_w, up_b, tolerance=tolerance)
    # biases often start at 0, and are to learn all the same
    layers[1], layers[3] = torch.zeros_like(layers[1]), torch.zeros_like(layers[3])
    answer.agrees(collapse_gradients, *layers, up_w, up_b, tolerance=tolerance)


@pytest.mark.exercise("collapse", weight=0.5)
def test_collapse_keeps_the_dtype_of_its_inputs(answer: Answer, draw: Draw) -> None:
    """float32 layers give float32 results, also where torch's default dtype is float64."""
    layers = two_layers(draw, 3, 5, 2)
    answer.agrees(collapse_beside_float64, *layers, tolerance=collapsed_sums(layers))


@pytest.mark.exercise("collapse", weight=0.5)
def test_collapse_called_again(answer: Answer, draw: Draw) -> None:
    """Each call starts anew, and the inputs may be passed by their names."""
    first, second = two_layers(draw, 5, 4, 3), two_layers(draw, 2, 3, 4)
    answer.agrees(
        lambda m, one, two: [
            m.collapse(*one),
            m.collapse(b2=two[3], w2=two[2], b1=two[1], w1=two[0]),
            m.collapse(*one),
            # other numbers of the same sizes, and then in the same tensors, also in one that was just passed
            m.collapse(*(each + 1 for each in one)),
            m.collapse(*(each.mul_(0.5) for each in one)),
            m.collapse(one[0].mul_(0.5), *one[1:]),
        ],
        first,
        second,
        tolerance=collapsed_sums(first, second),
    )
