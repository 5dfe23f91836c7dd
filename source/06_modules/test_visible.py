"""The visible tests of 06_modules: `check` runs them in your notebook. The hidden ones use other numbers."""

import math

import pytest
import torch

WEIGHT = torch.tensor([[1.0, -2.0], [0.5, 3.0], [-1.0, 0.25]])
BIAS = torch.tensor([0.5, -1.0])
X = torch.tensor([[1.0, 2.0, 0.0], [0.0, -1.0, 4.0], [2.0, 0.0, 1.0], [-1.0, 1.0, -2.0]])
OUTPUT = torch.tensor([[2.5, 3.0], [-4.0, -3.0], [1.5, -4.75], [2.0, 3.5]])

IMAGES = torch.tensor(
    [[0.0, 1.0, 2.0, -1.0, 0.5, 1.0], [1.0, 0.0, -1.0, 2.0, 1.0, 0.0], [2.0, 2.0, 0.0, 1.0, -1.0, 0.5]]
)
THETA = torch.tensor([0.5, -1.0, 0.25, 2.0, 1.0, -0.5, 1.5, -2.0, 0.75, -0.25, 1.25] + [-1.5, 3.0, 0.125, -0.75] * 4)[
    :21
]


def first_that_holds(mistaken):
    """The name of the first mistake whose sign is there, or nothing."""
    return next((name for name, sign in mistaken.items() if sign), "")


def is_tensor(value, *shape):
    return isinstance(value, torch.Tensor) and tuple(value.shape) == shape and value.dtype.is_floating_point


# get_weights


def drawn(m, seed, dims):
    torch.manual_seed(seed)
    return m.get_weights(*dims)


def drawn_twice(m, dims):
    torch.manual_seed(3)
    first, second = m.get_weights(*dims), m.get_weights(*dims)
    torch.manual_seed(3)
    return [first, second, m.get_weights(*dims)]


def in_a_module(m, x):
    """The gradients of what a module finds, after x @ weight was summed up."""
    net = torch.nn.Module()
    net.weight = m.get_weights(3, 2)
    total = (x @ net.weight).sum()
    if total.requires_grad:
        total.backward()
    return [torch.zeros_like(p) if p.grad is None else p.grad for p in net.parameters()]


@pytest.mark.exercise("get_weights")
def test_get_weights_of_a_table(answer):
    """The numbers of a (40, 250) weight have the mean 0 and the deviation 1/40."""
    weight = answer.value(drawn, 1, [40, 250], call="get_weights(40, 250)")
    answer.holds(is_tensor(weight, 40, 250), "The result is not a tensor of shape (40, 250).")
    mean, deviation = float(weight.double().mean()), float(weight.double().std())

    def like(size):
        return abs(deviation / size - 1) < 0.05

    mistaken = {
        "weights_uniform": mean > deviation,
        "weights_undivided": like(1),
        "weights_divided_by_the_last_size": like(1 / 250),
        "weights_divided_by_the_root": like(1 / math.sqrt(40)),
        "weights_divided_by_their_number": like(1 / 10_000),
        "weights_multiplied": like(40),
        "weights_uniform_around_0": like(1 / math.sqrt(3) / 40),
        "weights_uniform_minus_a_half": like(1 / math.sqrt(12) / 40),
        "weights_all_zero": deviation == 0,
    }
    answer.holds(
        like(1 / 40) and abs(mean) < 0.07 / 40,
        "The numbers do not have the mean 0 and the deviation 1 / dims[0].",
        yours=f"mean {mean:.2g}, deviation {deviation:.2g}",
        expected=f"mean 0, deviation {1 / 40:.2g}",
        call="get_weights(40, 250)",
        mistake=first_that_holds(mistaken),
    )
    # of normal numbers 68 % lie within one deviation, of evenly spread ones 58 %
    share = float((weight.double().abs() < deviation).double().mean())
    answer.holds(abs(share - 0.683) < 0.03, "The numbers are not spread like normal ones.", yours=f"{share:.0%} near 0")


@pytest.mark.exercise("get_weights")
def test_get_weights_of_other_shapes(answer):
    """One size or three are divided by the first one, too."""
    for dims in [(5000,), (20, 10, 30)]:
        call = f"get_weights({', '.join(map(str, dims))})"
        weight = answer.value(drawn, 2, list(dims), call=call)
        answer.holds(is_tensor(weight, *dims), f"The result is not a tensor of shape {dims}.", call=call)
        deviation = float(weight.double().std()) * dims[0]
        message = "The numbers do not have the deviation 1 / dims[0]."
        answer.holds(abs(deviation - 1) < 0.1, message, yours=f"{deviation / dims[0]:.2g}", call=call)


@pytest.mark.exercise("get_weights")
def test_get_weights_are_new_each_time(answer):
    """Each call gives new numbers, and torch.manual_seed decides them."""
    first, second, again = answer.value(drawn_twice, [4, 3], call="get_weights(4, 3)")
    answer.holds(all(is_tensor(each, 4, 3) for each in (first, second, again)), "The result has the wrong shape.")
    mistaken = {"weights_always_the_same": float(first.double().std()) > 0}
    answer.holds(not torch.equal(first, second), "Two calls gave the same numbers.", mistake=first_that_holds(mistaken))
    mistaken = {"weights_from_another_generator": first.dtype == torch.float32}
    answer.holds(
        torch.equal(first, again), "torch.manual_seed did not decide the numbers.", mistake=first_that_holds(mistaken)
    )
    answer.holds(first.dtype == torch.float32, "The numbers are not in torch's default dtype, float32.")


@pytest.mark.exercise("get_weights")
def test_get_weights_can_be_trained(answer):
    """A module finds the result among its parameters, and gradients arrive at it."""
    gradients = answer.value(in_a_module, X, call="net.weight = get_weights(3, 2)")
    message = "A module does not find the result among its parameters: is it an nn.Parameter?"
    answer.holds(len(gradients) == 1, message)
    expected = X.sum(0)[:, None].expand(3, 2)
    mistaken = {"weights_frozen": not gradients[0].any()}
    answer.holds(
        torch.allclose(gradients[0].double(), expected.double(), atol=1e-4),
        "The gradient did not arrive.",
        mistake=first_that_holds(mistaken),
    )


# Linear


def names_and_shapes(m, n_in, n_out):
    """What is trained, and the names of all Parameters and of all that is saved."""
    net = m.Linear(n_in, n_out)
    trained = {name: list(p.shape) for name, p in net.named_parameters() if p.requires_grad}
    return [trained, [name for name, _ in net.named_parameters()], list(net.state_dict())]


def loaded(m, weight, bias, x):
    net = m.Linear(weight.shape[0], weight.shape[1]).to(weight.dtype)
    net.load_state_dict({"weight": weight, "bias": bias})
    return net(x)


def gradients_of_linear(m, weight, bias, x, upstream):
    net = m.Linear(weight.shape[0], weight.shape[1])
    net.load_state_dict({"weight": weight, "bias": bias})
    x = x.clone().requires_grad_()
    total = (net(x) * upstream).sum()
    if total.requires_grad:
        total.backward()
    found = dict(net.named_parameters())
    return [torch.zeros_like(t) if t.grad is None else t.grad for t in (found["weight"], found["bias"], x)]


def starts_of_linear(m):
    torch.manual_seed(4)
    one, two = m.Linear(20, 2000), m.Linear(20, 2000)
    return [one.weight, one.bias, two.weight]


@pytest.mark.exercise("Linear")
def test_linear_has_weight_and_bias(answer):
    """`weight` of shape (3, 2) and `bias` of shape (2,) are its Parameters, and the only ones."""
    shapes, parameters, saved = answer.value(names_and_shapes, 3, 2, call="Linear(3, 2)")
    expected = {"weight": [3, 2], "bias": [2]}
    shape_of_weight, shape_of_bias = (shapes.get(name) if isinstance(shapes, dict) else None for name in expected)
    right_weight, without_bias = shape_of_weight == [3, 2], shape_of_bias is None
    mistaken = {
        "LinearTurnedRound": shape_of_weight == [2, 3] and shape_of_bias == [2],
        "LinearWithFrozenBias": right_weight and without_bias and "bias" in parameters,
        "LinearWithBiasAsBuffer": right_weight and without_bias and "bias" in saved,
        "LinearWithoutBias": right_weight and without_bias,
        "LinearWithPlainTensors": shape_of_weight is None and without_bias and not parameters,
        "LinearWithBiasAsRow": right_weight and shape_of_bias == [1, 2],
        "LinearWithBiasPerInput": right_weight and shape_of_bias == [3],
        "LinearWithSingleBias": right_weight and shape_of_bias == [1],
    }
    yours = ", ".join(f"{name} {shape}" for name, shape in shapes.items())[:100] if isinstance(shapes, dict) else ""
    answer.holds(
        shapes == expected,
        "The trainable Parameters are not `weight` and `bias` in their shapes.",
        yours=yours or "none",
        expected="weight [3, 2], bias [2]",
        call="Linear(3, 2).named_parameters()",
        mistake=first_that_holds(mistaken),
    )


@pytest.mark.exercise("Linear")
def test_linear_of_a_batch(answer):
    """Each row becomes x @ weight + bias, with a weight and a bias that were loaded."""
    mistaken = {
        "LinearWithForgottenBias": OUTPUT - BIAS,
        "LinearMinusBias": OUTPUT - 2 * BIAS,
        "LinearWithReLU": OUTPUT.clamp_min(0),
    }
    answer.gives(loaded, WEIGHT, BIAS, X, expected=OUTPUT, mistaken=mistaken, unchanged=True, call="net(x)")


@pytest.mark.exercise("Linear")
def test_linear_with_other_numbers_of_axes(answer):
    """One axis or three work as well: the last one holds the features."""
    mistaken = {"LinearThatFlattens": OUTPUT}
    x, expected = X.reshape(2, 2, 3), OUTPUT.reshape(2, 2, 2)
    answer.gives(loaded, WEIGHT, BIAS, x, expected=expected, mistaken=mistaken, call="net(x)")
    answer.gives(loaded, WEIGHT, BIAS, X[1], expected=OUTPUT[1], call="net(x)")


@pytest.mark.exercise("Linear")
def test_linear_in_float64(answer):
    """After `.to(torch.float64)` it takes float64 and gives float64."""
    inputs = [each.double() for each in (WEIGHT, BIAS, X)]
    answer.gives(loaded, *inputs, expected=OUTPUT.double(), call="net(x)")


@pytest.mark.exercise("Linear")
def test_linear_gives_gradients(answer):
    """Gradients reach weight, bias and x."""
    upstream = torch.tensor([[1.0, 0.0], [-1.0, 2.0], [0.5, 1.0], [3.0, -2.0]])
    expected = [X.T @ upstream, upstream.sum(0), upstream @ WEIGHT.T]
    zeros = [torch.zeros_like(each) for each in expected]
    mistaken = {
        "LinearDetached": [*zeros[:2], expected[2]],
        "LinearWithDetachedInput": [*expected[:2], zeros[2]],
    }
    answer.gives(gradients_of_linear, WEIGHT, BIAS, X, upstream, expected=expected, mistaken=mistaken, call="net(x)")


@pytest.mark.exercise("Linear")
def test_linear_starts_by_the_rule(answer):
    """A new layer starts with numbers by `get_weights`' rule, and another one with others."""
    weight, bias, other = answer.value(starts_of_linear, call="Linear(20, 2000)")
    right = is_tensor(weight, 20, 2000) and is_tensor(bias, 2000) and is_tensor(other, 20, 2000)
    answer.holds(right, "weight or bias has the wrong shape.")
    for name, values, size in [("weight", weight, 20), ("bias", bias, 2000)]:
        deviation = float(values.double().std())
        mistaken = {
            "LinearWithBiasZero": name == "bias" and deviation == 0,
            "LinearWithBiasByInputs": name == "bias" and abs(deviation * 20 - 1) < 0.15,
            "LinearUndivided": name == "weight" and abs(deviation - 1) < 0.15,
            "LinearDividedByOutputs": name == "weight" and abs(deviation * 2000 - 1) < 0.15,
        }
        answer.holds(
            abs(deviation * size - 1) < 0.15,
            f"The numbers of `{name}` do not start with the deviation 1 / {size}.",
            yours=f"{deviation:.2g}",
            expected=f"{1 / size:.2g}",
            call="Linear(20, 2000)",
            mistake=first_that_holds(mistaken),
        )
    answer.holds(not torch.equal(weight, other), "Two layers start with the same numbers.")


# LogReg


def net_outputs(m, n_in, n_out, theta, batches):
    """The net with theta's numbers as its parameters, in their order; from the beginning again when there are more."""
    net = m.LogReg(n_in, n_out).to(theta.dtype).eval()
    start = 0
    with torch.no_grad():
        for p in net.parameters():
            p.copy_(theta[torch.arange(start, start + p.numel()) % len(theta)].reshape(p.shape))
            start += p.numel()
    return [net(x) for x in batches]


def trained(m, x, labels):
    """Loss before and after some steps of gradient descent from zeros."""
    net = m.LogReg(6, 3).eval()
    with torch.no_grad():
        for p in net.parameters():
            p.zero_()
    losses = []
    for _ in range(10):
        loss = -net(x)[torch.arange(len(labels)), labels].mean()
        losses.append(loss.item())
        loss.backward()
        with torch.no_grad():
            for p in net.parameters():
                p -= 0.1 * p.grad
                p.grad = None
    return [losses[0], losses[-1]]


def sums_to_one(values, axis):
    return bool(((values.sum(axis) - 1).abs() < 1e-4).all())


@pytest.mark.exercise("LogReg")
def test_logreg_counts_its_parameters(answer):
    """LogReg(6, 3) trains 6·3 + 3 = 21 numbers, and LogReg() 7 850."""
    found = answer.value(
        lambda m: [sum(p.numel() for p in net.parameters() if p.requires_grad) for net in (m.LogReg(6, 3), m.LogReg())],
        call="LogReg(6, 3).parameters(), LogReg().parameters()",
    )
    mistaken = {
        "LogRegWithoutBias": found == [18, 7840],
        "LogRegWithSingleBias": found == [19, 7841],
        "LogRegWithHiddenParameters": found == [0, 0],
        "LogRegForTenClasses": found == [7850, 7850],
    }
    answer.holds(
        found == [21, 7850],
        "The numbers to train are not n_in·n_out + n_out.",
        yours=", ".join(map(str, found)),
        expected="21, 7850",
        call="LogReg(6, 3).parameters(), LogReg().parameters()",
        mistake=first_that_holds(mistaken),
    )


@pytest.mark.exercise("LogReg")
def test_logreg_gives_log_probabilities(answer):
    """e to the power of each row sums to 1, whatever the parameters are."""
    (log_p,) = answer.value(net_outputs, 6, 3, THETA, [IMAGES], call="LogReg(6, 3)(x)")
    answer.holds(is_tensor(log_p, 3, 3), "The result is not a tensor of shape (3, 3).", call="LogReg(6, 3)(x)")
    powers = log_p.double().exp()
    mistaken = {
        "LogRegWithProbabilities": sums_to_one(log_p.double(), 1),
        "LogRegOverAxis0": sums_to_one(powers, 0),
        "LogRegOverEverything": abs(float(powers.sum()) - 1) < 1e-4,
        "LogRegNegated": sums_to_one((-log_p.double()).exp(), 1),
        "LogRegInBase2": sums_to_one((log_p.double() * math.log(2)).exp(), 1),
    }
    answer.holds(
        sums_to_one(powers, 1),
        "The rows are not log-probabilities: e to their power does not sum to 1.",
        call="LogReg(6, 3)(x)",
        mistake=first_that_holds(mistaken),
    )


@pytest.mark.exercise("LogReg")
def test_logreg_is_linear(answer):
    """Between the classes of a row, the differences for a sum of two images follow from those for each of them."""
    a, b = IMAGES[:1], IMAGES[1:2]
    outputs = answer.value(
        net_outputs, 6, 3, THETA, [torch.cat([torch.zeros(1, 6), a, b, a + b])], call="LogReg(6, 3)(x)"
    )
    answer.holds(is_tensor(outputs[0], 4, 3), "The result has the wrong shape.", call="LogReg(6, 3)(x)")
    zero, one, two, both = (outputs[0] - outputs[0][:, :1]).double()
    answer.holds(
        torch.allclose(both, one + two - zero, atol=1e-4),
        "Between flattening and log-softmax is no single linear layer.",
    )
    answer.holds(not torch.allclose(one, zero, atol=1e-4), "The output does not depend on the images.")


@pytest.mark.exercise("LogReg")
def test_logreg_flattens_images(answer):
    """(n, 2, 3), (n, 1, 2, 3) and (n, 6) give the same, for a single image, too."""
    batches = [IMAGES, IMAGES.reshape(3, 2, 3), IMAGES.reshape(3, 1, 2, 3), IMAGES[:1].reshape(1, 2, 3)]
    outputs = answer.value(net_outputs, 6, 3, THETA, batches, call="LogReg(6, 3)(x)")
    answer.holds(is_tensor(outputs[0], 3, 3), "The result has the wrong shape.", call="LogReg(6, 3)(x)")
    for x, yours, expected in zip(batches, outputs, [outputs[0]] * 3 + [outputs[0][:1]], strict=True):
        right = is_tensor(yours, *expected.shape) and torch.allclose(yours, expected, atol=1e-4)
        mistaken = {
            "LogRegByColumns": is_tensor(yours, *expected.shape) and len(x) == 3,
            "LogRegSqueezed": is_tensor(yours, 3) and len(x) == 1,
        }
        message = f"Images of shape {tuple(x.shape)} do not give the same as their rows."
        answer.holds(right, message, call="LogReg(6, 3)(x)", mistake=first_that_holds(mistaken))


@pytest.mark.exercise("LogReg")
def test_logreg_with_large_scores(answer):
    """Scores far apart keep finite log-probabilities."""
    x = IMAGES * 150
    large, again = answer.value(
        net_outputs, 6, 3, THETA.double(), [x.double(), IMAGES.double()], call="LogReg(6, 3)(x)"
    )
    answer.holds(is_tensor(large, 3, 3) and is_tensor(again, 3, 3), "The result has the wrong shape.")
    mistaken = {
        "LogRegWithoutShift": bool(large.isnan().any() or (large == -torch.inf).all(1).any()),
        "LogRegAsLogOfSoftmax": bool((large == -torch.inf).any()),
    }
    message = "With large scores the result holds nan or infinity."
    answer.holds(bool(large.isfinite().all()), message, mistake=first_that_holds(mistaken), call="LogReg(6, 3)(x)")
    answer.holds(float(large.min()) < -100, "With large scores the log-probabilities are cut off.")
    answer.holds(sums_to_one(large.exp(), 1), "With large scores the probabilities do not sum to 1.")


@pytest.mark.exercise("LogReg")
def test_logreg_learns(answer):
    """With all parameters 0 the loss is log 3, and gradient descent makes it smaller."""
    before, after = answer.value(trained, IMAGES, torch.tensor([2, 0, 1]), call="LogReg(6, 3)(x)")
    answer.holds(
        abs(before - math.log(3)) < 1e-4, "With all parameters 0 the loss is not log 3.", yours=f"{before:.4g}"
    )
    answer.holds(after < before, "The loss did not become smaller.", yours=f"{before:.4g}, then {after:.4g}")


# collapse

W1, B1 = torch.tensor([[1.0, 2.0], [0.0, -1.0], [3.0, 0.5]]), torch.tensor([1.0, -2.0])
W2, B2 = torch.tensor([[2.0, 0.0, -1.0, 1.0], [1.0, 1.0, 0.5, -3.0]]), torch.tensor([0.5, 0.0, -1.0, 2.0])
W = torch.tensor([[4.0, 2.0, 0.0, -5.0], [-1.0, -1.0, -0.5, 3.0], [6.5, 0.5, -2.75, 1.5]])
B = torch.tensor([0.5, -2.0, -3.0, 9.0])


def gradients_of_collapse(m, w1, b1, w2, b2):
    inputs = [each.clone().requires_grad_() for each in (w1, b1, w2, b2)]
    w, b = m.collapse(*inputs)
    total = w.sum() + 2 * b.sum()
    if total.requires_grad:
        total.backward()
    return [torch.zeros_like(each) if each.grad is None else each.grad for each in inputs]


@pytest.mark.exercise("collapse")
def test_collapse_of_two_layers(answer):
    """Layers from 3 to 2 to 4 numbers become one from 3 to 4, and stay as they were."""
    mistaken = {
        "collapse_with_second_bias_only": (W, B2),
        "collapse_without_second_bias": (W, B - B2),
        "collapse_swapped": (B, W),
        "collapse_transposed": (W.T, B),
        "collapse_with_bias_as_row": (W, B[None]),
        "collapse_to_weight_only": W,
        "collapse_in_float64": (W.double(), B.double()),
        "collapse_with_relu": (torch.relu(W1) @ W2, torch.relu(B1) @ W2 + B2),
    }
    answer.gives(
        lambda m, w1, b1, w2, b2: m.collapse(w1, b1, w2, b2),
        *(W1, B1, W2, B2),
        expected=(W, B),
        mistaken=mistaken,
        unchanged=True,
    )


@pytest.mark.exercise("collapse")
def test_collapse_of_equal_sizes(answer):
    """Where all sizes are equal, the order of the product still counts, and the first bias goes through."""
    w1, b1, w2, b2 = W1[:2].double(), B1.double(), W2[:, :2].double(), B2[:2].double()
    w, b = w1 @ w2, b1 @ w2 + b2
    mistaken = {
        "collapse_in_the_wrong_order": (w2 @ w1, b),
        "collapse_with_added_biases": (w, b1 + b2),
        "collapse_with_both_biases_through": (w, (b1 + b2) @ w2),
        "collapse_with_transposed_bias_product": (w, w2 @ b1 + b2),
        "collapse_with_added_weights": (w1 + w2, b),
        "collapse_entry_by_entry": (w1 * w2, b),
        "collapse_in_float32": (w.float(), b.float()),
    }
    answer.gives(
        lambda m, w1, b1, w2, b2: m.collapse(w1, b1, w2, b2), w1, b1, w2, b2, expected=(w, b), mistaken=mistaken
    )


@pytest.mark.exercise("collapse")
def test_collapse_lets_gradients_through(answer):
    """Gradients flow back to both layers."""
    across, outwards = W2.sum(1), W1.sum(0)
    expected = [across.expand(3, 2), 2 * across, (outwards + 2 * B1)[:, None].expand(2, 4), torch.full((4,), 2.0)]
    expected = [each.contiguous() for each in expected]
    mistaken = {"collapse_detached": [torch.zeros_like(each) for each in expected]}
    answer.gives(gradients_of_collapse, W1, B1, W2, B2, expected=expected, mistaken=mistaken)
