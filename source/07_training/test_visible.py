"""The visible tests of 07_training: `check` runs them in your notebook. The hidden ones use other numbers."""

import pytest
import torch
from torch import nn

from grader import data
from grader.judge.compare import Tolerance, describe

# matmul

LEFT = torch.tensor([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
RIGHT = torch.tensor([[1.0, 0.0, 2.0, -2.0], [2.0, -1.0, 0.0, 1.0], [0.0, 3.0, 1.0, 4.0]])
PRODUCT = torch.tensor([[5.0, 7.0, 5.0, 12.0], [14.0, 13.0, 14.0, 21.0]])


def gradients_of_matmul(m, a, b, weights):
    a, b = a.clone().requires_grad_(), b.clone().requires_grad_()
    total = (m.matmul(a, b) * weights).sum()
    if total.requires_grad:
        total.backward()
    return [torch.zeros_like(each) if each.grad is None else each.grad for each in (a, b)]


@pytest.mark.exercise("matmul")
def test_matmul_of_a_small_pair(answer):
    """A (2, 3) and a (3, 4) matrix make a (2, 4) one, and both stay as they were."""
    mistaken = {
        "matmul_transposed": PRODUCT.T,
        "matmul_as_mean": PRODUCT / 3,
        "matmul_in_float64": PRODUCT.double(),
        "matmul_as_whole_numbers": PRODUCT.long(),
        "matmul_of_first_terms_only": LEFT[:, :1] * RIGHT[:1],
        "matmul_without_the_last_term": PRODUCT - LEFT[:, 2:] * RIGHT[2:],
        "matmul_without_sum": LEFT[:, :, None] * RIGHT[None],
    }
    answer.gives(lambda m, a, b: m.matmul(a, b), LEFT, RIGHT, expected=PRODUCT, mistaken=mistaken, unchanged=True)


@pytest.mark.exercise("matmul")
def test_matmul_of_other_sizes(answer):
    """A single row times a single column is one number; a column times a row is a whole table; squares work too."""
    row, column = torch.tensor([[1.0, -2.0, 3.0]]).double(), torch.tensor([[2.0], [0.5], [1.0]]).double()
    square = torch.tensor([[1.0, 2.0], [3.0, 4.0]])
    other = torch.tensor([[0.0, 1.0], [-1.0, 1.0]])
    answer.gives(lambda m, a, b: m.matmul(a, b), row, column, expected=torch.tensor([[4.0]]).double())
    table = torch.tensor([[2.0, -4.0, 6.0], [0.5, -1.0, 1.5], [1.0, -2.0, 3.0]]).double()
    answer.gives(lambda m, a, b: m.matmul(a, b), column, row, expected=table)
    mistaken = {
        "matmul_entry_by_entry": square * other,
        "matmul_of_swapped_factors": torch.tensor([[3.0, 4.0], [2.0, 2.0]]),
        "matmul_rows_times_rows": torch.tensor([[2.0, 1.0], [4.0, 1.0]]),
        "matmul_transposed": torch.tensor([[-2.0, -4.0], [3.0, 7.0]]),
    }
    expected = torch.tensor([[-2.0, 3.0], [-4.0, 7.0]])
    answer.gives(lambda m, a, b: m.matmul(a, b), square, other, expected=expected, mistaken=mistaken)


@pytest.mark.exercise("matmul")
def test_matmul_of_sizes_that_do_not_fit(answer):
    """Inner sizes that differ raise a ValueError, whichever is the larger and also when one of them is 1."""
    answer.gives(lambda m, a, b: m.matmul(a, b), LEFT, RIGHT, expected=PRODUCT)
    for a, b in [(LEFT, RIGHT[:2]), (LEFT[:, :2], RIGHT), (LEFT, RIGHT[:1]), (LEFT[:, :1], RIGHT)]:
        answer.raises("ValueError", lambda m, a, b: m.matmul(a, b), a, b)


@pytest.mark.exercise("matmul")
def test_matmul_lets_gradients_through(answer):
    """Gradients flow back into both matrices."""
    weights = torch.tensor([[1.0, 0.0, 2.0, 0.0], [0.0, -1.0, 0.0, 1.0]])
    expected = [
        torch.tensor([[5.0, 2.0, 2.0], [-2.0, 2.0, 1.0]]),
        torch.tensor([[1.0, -4.0, 2.0, 4.0], [2.0, -5.0, 4.0, 5.0], [3.0, -6.0, 6.0, 6.0]]),
    ]
    mistaken = {"matmul_detached": [torch.zeros(2, 3), torch.zeros(3, 4)]}
    answer.gives(gradients_of_matmul, LEFT, RIGHT, weights, expected=expected, mistaken=mistaken)


# fit_line

X = torch.tensor([0.0, 1.0, 2.0, 4.0])
Y = torch.tensor([1.0, 3.0, 4.0, 8.0])
CLOSE = Tolerance(1e-4, 1e-5)


@pytest.mark.exercise("fit_line")
def test_fit_line_makes_one_step(answer):
    """One step moves a and b against the slopes of the mean squared error at a = b = 0."""
    # the slopes are -2·43/4 and -2·16/4
    mistaken = {
        "line_without_the_factor_2": (0.1 * 10.75, 0.1 * 4.0),
        "line_with_sum_of_errors": (0.1 * 86.0, 0.1 * 32.0),
        "line_uphill": (-2.15, -0.8),
        "line_as_b_and_a": (0.8, 2.15),
        "line_as_tensors": (torch.tensor(2.15), torch.tensor(0.8)),
        "line_with_a_first": (2.15, 0.1 * (8.0 - 2 * 2.15 * 1.75)),
        "line_with_b_first": (0.1 * (21.5 - 2 * 0.8 * 1.75), 0.8),
        "line_without_b": (2.15, 0.0),
        "line_without_a": (0.0, 0.8),
        "line_without_x_in_the_slope": (0.8, 0.8),
        "line_with_one_step_less": (0.0, 0.0),
    }
    answer.gives(
        lambda m, x, y, lr, steps: m.fit_line(x, y, lr, steps),
        X,
        Y,
        0.1,
        1,
        expected=(2.15, 0.8),
        mistaken=mistaken,
        tolerance=CLOSE,
        unchanged=True,
    )


@pytest.mark.exercise("fit_line")
def test_fit_line_makes_exactly_as_many_steps_as_asked(answer):
    """No step leaves (0.0, 0.0), two steps go on from where the first one ended."""
    answer.gives(lambda m, x, y: m.fit_line(x, y, lr=0.1, steps=0), X, Y, expected=(0.0, 0.0))
    # errors after one step: 0.8 - 1, 2.95 - 3, 5.1 - 4, 9.4 - 8
    expected = (2.15 - 0.1 * 2 * 7.75 / 4, 0.8 - 0.1 * 2 * 2.25 / 4)
    answer.gives(lambda m, x, y: m.fit_line(x, y, lr=0.1, steps=2), X, Y, expected=expected, tolerance=CLOSE)


@pytest.mark.exercise("fit_line")
def test_fit_line_arrives_at_the_line(answer):
    """Points that lie on a line give that line after many steps; float64 works too."""
    x = torch.tensor([-1.0, 0.0, 0.5, 2.0], dtype=torch.float64)
    answer.gives(
        lambda m, x, y: m.fit_line(x=x, y=y, lr=0.2, steps=300),
        x,
        3 * x - 1,
        expected=(3.0, -1.0),
        tolerance=CLOSE,
    )


# sgd_step

STEP = "sgd_step(params, lr)"


def moved(m, values, gradients, lr, kind):
    """The parameters after one step, and their gradients (zeros for none); `kind` is what they are handed over as."""
    params = [nn.Parameter(value.clone()) for value in values]
    for p, gradient in zip(params, gradients, strict=True):
        p.grad = None if gradient is None else gradient.clone()
    if kind == "generator":
        m.sgd_step((p for p in params), lr)
    elif kind == "values of a dict":
        m.sgd_step(dict(enumerate(params)).values(), lr)
    else:
        m.sgd_step(params, lr)
    return [p.detach() for p in params], [torch.zeros_like(p) if p.grad is None else p.grad for p in params]


VALUES = [torch.tensor([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]), torch.tensor([1.0, -1.0]), torch.tensor(5.0)]
GRADIENTS = [torch.tensor([[1.0, 0.0, -1.0], [2.0, 0.5, 4.0]]), None, torch.tensor(-2.0)]
MOVED = [torch.tensor([[0.5, 2.0, 3.5], [3.0, 4.75, 4.0]]), torch.tensor([1.0, -1.0]), torch.tensor(6.0)]
CLEARED = [torch.zeros(2, 3), torch.zeros(2), torch.tensor(0.0)]


@pytest.mark.exercise("sgd_step")
def test_sgd_step_moves_and_clears(answer):
    """Each parameter with a gradient moves by −lr times it, the gradient is cleared, and the others stay."""
    uncleared = [g if g is not None else torch.zeros(2) for g in GRADIENTS]
    uphill = [2 * v - p for v, p in zip(VALUES, MOVED)]
    unscaled = [v if g is None else v - g for v, g in zip(VALUES, GRADIENTS)]
    mistaken = {
        "step_uphill": (uphill, CLEARED),
        "step_without_lr": (unscaled, CLEARED),
        "step_that_keeps_the_gradient": (MOVED, uncleared),
        "step_that_clears_first": (VALUES, CLEARED),
        "step_to_a_new_name": (VALUES, uncleared),
        "step_of_the_first_only": ([MOVED[0], *VALUES[1:]], [CLEARED[0], *uncleared[1:]]),
    }
    answer.gives(moved, VALUES, GRADIENTS, 0.5, "list", expected=(MOVED, CLEARED), mistaken=mistaken, call=STEP)


@pytest.mark.exercise("sgd_step")
def test_sgd_step_takes_any_iterable(answer):
    """A generator, which can be walked through only once, and the values of a dict work like a list."""
    for kind in ("generator", "values of a dict"):
        uncleared = [torch.zeros(2) if g is None else g for g in GRADIENTS]
        mistaken = {"step_in_two_loops": (MOVED, uncleared)} if kind == "generator" else {}
        answer.gives(moved, VALUES, GRADIENTS, 0.5, kind, expected=(MOVED, CLEARED), mistaken=mistaken, call=STEP)


@pytest.mark.exercise("sgd_step")
def test_sgd_step_again_and_again(answer):
    """Three steps on the loss w² with lr 0.25 halve w three times: the parameter stays trainable."""

    def three_steps(m):
        w = nn.Parameter(torch.tensor([8.0, -16.0]))
        for _ in range(3):
            (w**2).sum().backward()
            m.sgd_step([w], lr=0.25)
        return w.detach()

    answer.gives(three_steps, expected=torch.tensor([1.0, -2.0]), call=STEP)


# fit

FIT = "fit(net, x, y, epochs, batch_size, lr)"


def trained(m, x, y, epochs, batch_size, lr):
    """What came of `fit` on a linear net that starts at zero: rows as they came (by column 0), weights, losses."""
    torch.manual_seed(0)
    seen = []

    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.weight = nn.Parameter(torch.zeros(2, 2))
            self.spare = nn.Parameter(torch.ones(1))

        def forward(self, rows):
            if torch.is_grad_enabled():
                seen.append([int(number) for number in rows[:, 0]])
            return torch.log_softmax(rows[:, 1:] @ self.weight, 1)

    net = Net()
    losses = m.fit(net, x, y, epochs, batch_size, lr)
    return {"rows": seen, "weight": net.weight.detach(), "spare": net.spare.detach(), "losses": losses}


ROWS = torch.tensor([[0.0, 1.0, 2.0], [1.0, -1.0, 0.5], [2.0, 0.0, 1.0], [3.0, 2.0, -1.0], [4.0, 1.0, 1.0]])
CLASSES = torch.tensor([0, 1, 0, 1, 1])


@pytest.mark.exercise("fit")
def test_fit_with_all_rows_in_one_batch(answer):
    """One batch of all five rows makes one step: from log 2 a row, down the mean gradient; x and y stay as they were."""
    value = answer.value(trained, ROWS, CLASSES, 1, 5, 0.5, call=FIT)
    # every row has p = 1/2, so its gradient is ±x/2: the means over the rows are ±0.1 and ±0.25
    weight = torch.tensor([[-0.05, 0.05], [0.125, -0.125]])
    losses = value["losses"]
    right = isinstance(losses, list | tuple) and len(losses) == 1 and type(losses[0]) is float
    answer.holds(right, "The result is not a list of one Python float.", yours=describe(losses), call=FIT)
    answer.holds(abs(losses[0] - 0.693147) < 1e-4, "The loss is not log 2.", yours=f"{losses[0]:.6f}", call=FIT)
    for name, factor in (("fit_uphill", -1), ("fit_with_the_sum_of_losses", 5), ("fit_without_a_step", 0)):
        is_it = torch.allclose(value["weight"], factor * weight, atol=1e-5)
        answer.holds(not is_it, "The weights have not moved rightly.", call=FIT, mistake=name)
    answer.holds(torch.allclose(value["weight"], weight, atol=1e-5), "The weights have not moved rightly.", call=FIT)
    answer.holds(value["spare"].item() == 1, "A parameter that the net does not use has moved.", call=FIT)


@pytest.mark.exercise("fit")
def test_fit_visits_every_row_in_batches(answer):
    """In each epoch every row comes once, in batches of two with the fifth row alone at the end, in new orders."""
    value = answer.value(trained, ROWS, CLASSES, 6, 2, 0.1, call=FIT)
    sizes = [len(rows) for rows in value["rows"]]
    answer.holds(sizes == [2, 2, 1] * 6, "The batches have not the sizes 2, 2 and 1.", yours=str(sizes[:6]), call=FIT)
    orders = [sum(value["rows"][i : i + 3], []) for i in range(0, 18, 3)]
    once = all(sorted(order) == [0, 1, 2, 3, 4] for order in orders)
    answer.holds(once, "Not every row came once in each epoch.", yours=str(orders[0]), call=FIT)
    in_file = all(order == [0, 1, 2, 3, 4] for order in orders)
    message = "The rows came in the order of the file."
    answer.holds(not in_file, message, call=FIT, mistake="fit_in_the_order_of_the_file")
    # six orders of five rows are all equal once in 120**5 times
    same = all(order == orders[0] for order in orders)
    answer.holds(not same, "All epochs had the same order.", call=FIT, mistake="fit_with_one_order_for_all")


@pytest.mark.exercise("fit")
def test_fit_learns_with_labels_that_follow_their_rows(answer):
    """Sixty points of two classes are told apart after some epochs: labels go with their rows, and the loss falls."""
    corner = torch.arange(60) % 2
    x = torch.stack([torch.arange(60.0), 4.0 * corner - 2, torch.ones(60)], 1)
    value = answer.value(trained, x, corner, 5, 8, 0.5, call=FIT)
    losses = value["losses"]
    right = isinstance(losses, list | tuple) and len(losses) == 5 and all(type(loss) is float for loss in losses)
    answer.holds(right, "The result is not a list of five Python floats.", yours=describe(losses), call=FIT)
    falls = losses[0] < 0.693 and losses[-1] < 0.1
    answer.holds(falls, "The loss does not fall.", yours=f"{losses[0]:.3f} to {losses[-1]:.3f}", call=FIT)


# train_digits

TRAIN_DIGITS = "train_digits(x, y, x_valid, y_valid)"


def answers_of_the_net(m, x, y, x_valid, y_valid):
    """What the trained net says of the validation rows, in eval mode."""
    torch.manual_seed(0)
    net = m.train_digits(x, y, x_valid, y_valid)
    if not isinstance(net, nn.Module):
        return type(net).__name__
    net.eval()
    with torch.no_grad():
        return net(x_valid)


def normalised_digits():
    """The digits that come with scikit-learn, as the exercise gets them."""
    (x, y), (x_valid, y_valid), _ = data.digits()
    mean, deviation = x.mean(), x.std()
    arrays = (x - mean) / deviation, y, (x_valid - mean) / deviation, y_valid
    return tuple(torch.from_numpy(each) for each in arrays)


def answers(answer):
    """The net's answer to the validation rows, if it is a table of ten numbers for each."""
    x, y, x_valid, y_valid = normalised_digits()
    said = answer.value(answers_of_the_net, x, y, x_valid, y_valid, call=TRAIN_DIGITS)
    names = {
        "float": "digits_returned_as_accuracy",
        "tuple": "digits_returned_with_losses",
        "Tensor": "digits_returned_as_predictions",
        "list": "digits_returned_as_losses",
        "NoneType": "digits_not_returned",
    }
    is_net = not isinstance(said, str)
    mistake = names.get(said, "") if not is_net else ""
    answer.holds(is_net, "The result is no nn.Module.", yours=str(said), call=TRAIN_DIGITS, mistake=mistake)
    is_table = isinstance(said, torch.Tensor) and said.shape == (len(y_valid), 10)
    message = "The net's answer has not the shape (n, 10)."
    answer.holds(is_table, message, yours=describe(said), call=TRAIN_DIGITS)
    return said, y_valid


@pytest.mark.exercise("train_digits", weight=2)
def test_train_digits_reads_digits(answer):
    """At least 85 of 100 validation rows are read rightly."""
    said, labels = answers(answer)
    accuracy = (said.argmax(1) == labels).double().mean().item()
    enough = accuracy >= 0.85
    answer.holds(
        enough, "The accuracy is too low.", yours=f"{accuracy:.3f}", expected="0.85 or more", call=TRAIN_DIGITS
    )


@pytest.mark.exercise("train_digits")
def test_train_digits_returns_log_probabilities(answer):
    """The net returns float32 log-probabilities: powers of e of a row sum to 1."""
    said, labels = answers(answer)
    answer.holds(
        said.dtype is torch.float32, "The net's answer is not float32.", yours=describe(said), call=TRAIN_DIGITS
    )
    message = "Powers of e of the ten numbers of a row do not sum to 1."
    as_probabilities = torch.allclose(said.sum(1), torch.ones(len(labels)), atol=1e-3)
    answer.holds(not as_probabilities, message, call=TRAIN_DIGITS, mistake="digits_as_probabilities")
    ones = torch.allclose(said.exp().sum(1), torch.ones(len(labels)), atol=1e-3)
    answer.holds(ones, message, call=TRAIN_DIGITS)
    learnt = (said.argmax(1) == labels).double().mean().item() >= 0.3
    answer.holds(learnt, "The net does no better than guessing.", call=TRAIN_DIGITS)
