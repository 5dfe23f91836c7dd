"""The visible tests of 04_softmax: `check` runs them in your notebook. The hidden ones use other numbers."""

import math

import pytest
import torch

SCORES = torch.tensor([[1.0, 2.0, 4.0], [0.5, -1.0, 0.0], [-2.0, 3.0, 1.0], [0.0, 0.25, 2.0]])
LOG_P = torch.log_softmax(SCORES, -1)
LABELS = torch.tensor([2, 0, 1, 0])
SHARES = torch.tensor(
    [
        [0.0420101, 0.1141952, 0.8437947],
        [0.5465494, 0.1219517, 0.3314990],
        [0.0058998, 0.8756006, 0.1184997],
        [0.1033797, 0.1327421, 0.7638782],
    ]
)
CHOSEN = torch.stack([LOG_P[0, 2], LOG_P[1, 0], LOG_P[2, 1], LOG_P[3, 0]])


def gradient_of_softmax(m, x, weights):
    x = x.clone().requires_grad_()
    total = (m.softmax(x) * weights).sum()
    if total.requires_grad:
        total.backward()
    return torch.zeros_like(x) if x.grad is None else x.grad


def gradient_of_log_softmax(m, x, weights):
    x = x.clone().requires_grad_()
    total = (m.log_softmax(x) * weights).sum()
    if total.requires_grad:
        total.backward()
    return torch.zeros_like(x) if x.grad is None else x.grad


def gradient_of_nll(m, log_p, labels):
    log_p = log_p.clone().requires_grad_()
    loss = m.nll(log_p, labels)
    if isinstance(loss, torch.Tensor) and loss.requires_grad:
        loss.backward()
    return torch.zeros_like(log_p) if log_p.grad is None else log_p.grad


def with_rows(table, rows):
    """A copy of the table in which some rows hold something else."""
    copy = table.clone()
    for i, row in rows.items():
        copy[i] = torch.tensor(row)
    return copy


# softmax


@pytest.mark.exercise("softmax")
def test_softmax_of_a_batch(answer):
    """Each row of a batch becomes its own probabilities, and the input stays as it was."""
    mistaken = {
        "softmax_over_axis_0": torch.softmax(SCORES, 0),
        "softmax_over_everything": torch.softmax(SCORES.flatten(), 0).reshape(4, 3),
        "softmax_with_powers_of_2": torch.softmax(SCORES * math.log(2), 1),
        "softmax_without_powers": SCORES / torch.tensor([[7.0], [-0.5], [2.0], [2.25]]),
        "softmax_of_squares": SCORES**2 / torch.tensor([[21.0], [1.25], [14.0], [4.0625]]),
        "softmax_without_division": SHARES / SHARES.amax(1, keepdim=True),
        "softmax_divided_by_the_mean": 3 * SHARES,
        "softmax_of_negative_logits": torch.softmax(-SCORES, 1),
        "softmax_taken_twice": torch.softmax(SHARES, 1),
        "softmax_as_logarithm": LOG_P,
        "softmax_as_sigmoid": torch.sigmoid(SCORES),
        "softmax_as_maximum": torch.eye(3)[SCORES.argmax(1)],
        "softmax_in_float64": torch.softmax(SCORES.double(), 1),
    }
    answer.gives(lambda m, x: m.softmax(x), SCORES, expected=SHARES, mistaken=mistaken, unchanged=True)


@pytest.mark.exercise("softmax")
def test_softmax_with_other_numbers_of_axes(answer):
    """The classes are the last axis, whether there is one axis, two or three."""
    for x in [SCORES.reshape(2, 2, 3).double(), SCORES[0]]:
        mistaken = {"softmax_over_axis_1": torch.softmax(x, 1)} if x.ndim > 1 else {}
        answer.gives(lambda m, x: m.softmax(x), x, expected=torch.softmax(x, -1), mistaken=mistaken)


@pytest.mark.exercise("softmax")
def test_softmax_of_large_scores(answer):
    """Rows with very large or very negative scores stay finite and right, beside ordinary rows."""
    x = torch.tensor([[1000, 1001, 999], [-1000, -1001, -999], [0, 1, -1], [-200, 0, -1], [5, -1000, 6]]).float()
    small, middle, large, nan = 0.0900306, 0.2447285, 0.6652410, torch.nan
    expected = torch.tensor(
        [
            [middle, large, small],
            [middle, small, large],
            [middle, large, small],
            [0.0, 0.7310586, 0.2689414],
            [0.2689414, 0.0, 0.7310586],
        ]
    )
    mistaken = {
        "softmax_without_shift": with_rows(expected, {0: nan, 1: nan}),
        "softmax_with_nan_replaced": with_rows(expected, {0: 0.0, 1: 0.0}),
        "softmax_with_one_shift_for_all": with_rows(expected, {1: nan, 2: nan, 3: nan, 4: nan}),
        "softmax_minus_the_minimum": with_rows(expected, {3: [0.0, nan, nan], 4: [nan, 0.0, nan]}),
        "softmax_minus_the_mean": with_rows(expected, {4: [nan, 0.0, nan]}),
        "softmax_minus_the_first_logit": with_rows(expected, {3: [0.0, nan, nan]}),
        "softmax_minus_the_largest_size": with_rows(expected, {1: nan, 3: nan, 4: nan}),
        "softmax_of_clamped_logits": with_rows(expected, {0: 1 / 3, 1: 1 / 3}),
    }
    answer.gives(lambda m, x: m.softmax(x), x, expected=expected, mistaken=mistaken)


@pytest.mark.exercise("softmax")
def test_softmax_with_a_class_ruled_out(answer):
    """A score of −infinity gets the probability 0, and the others of its row share out 1."""
    x = torch.tensor([[0.0, -torch.inf, 0.0], [-torch.inf, 2.0, 3.0]])
    expected = torch.tensor([[0.5, 0.0, 0.5], [0.0, 0.268941, 0.731059]])
    answer.gives(lambda m, x: m.softmax(x), x, expected=expected)


@pytest.mark.exercise("softmax")
def test_softmax_adds_up_to_one(answer):
    """Each row sums to 1, without negative probabilities, and a larger score gets a larger one."""
    x = torch.linspace(-9.0, 9.0, 20).reshape(4, 5)
    shares = answer.value(lambda m, x: m.softmax(x), x)
    answer.holds(isinstance(shares, torch.Tensor) and shares.shape == x.shape, "The result is not a (4, 5) tensor.")
    answer.holds(bool((shares >= 0).all()), "A probability is negative or nan.")
    answer.holds(bool((shares.diff(dim=1) > 0).all()), "A larger score did not get a larger probability.")
    answer.holds(bool(((shares.sum(1) - 1).abs() < 1e-5).all()), "The probabilities of a row do not sum to 1.")


@pytest.mark.exercise("softmax")
def test_softmax_lets_gradients_through(answer):
    """Gradients flow through the probabilities back to the scores."""
    weights = torch.tensor([[1.0, -2.0, 0.5], [0.0, 1.0, 3.0], [2.0, 2.0, -1.0], [-1.0, 0.5, 1.0]])
    x = SCORES.clone().requires_grad_()
    (expected,) = torch.autograd.grad((torch.softmax(x, 1) * weights).sum(), x)
    mistaken = {"softmax_detached": torch.zeros(4, 3)}
    answer.gives(gradient_of_softmax, SCORES, weights, expected=expected, mistaken=mistaken)


# log_softmax


@pytest.mark.exercise("log_softmax")
def test_log_softmax_of_a_batch(answer):
    """Each row of a batch becomes its own log-probabilities, and the input stays as it was."""
    shifted = LOG_P - LOG_P.amax(1, keepdim=True)
    log_of_sum = shifted - LOG_P
    mistaken = {
        "log_softmax_over_axis_0": torch.log_softmax(SCORES, 0),
        "log_softmax_over_everything": torch.log_softmax(SCORES.flatten(), 0).reshape(4, 3),
        "log_softmax_with_half_a_shift": SCORES - log_of_sum,
        "log_softmax_without_sum": shifted,
        "log_softmax_without_log": shifted - torch.exp(log_of_sum),
        "log_softmax_with_sum_of_logs": shifted - shifted.sum(1, keepdim=True),
        "log_softmax_with_mean": LOG_P + math.log(3),
        "log_softmax_with_plus": shifted + log_of_sum,
        "log_softmax_in_base_2": torch.log2(torch.softmax(SCORES, 1)),
        "log_softmax_in_base_10": torch.log10(torch.softmax(SCORES, 1)),
        "log_softmax_negated": -LOG_P,
        "log_softmax_as_softmax": torch.softmax(SCORES, 1),
        "log_softmax_in_float64": torch.log_softmax(SCORES.double(), 1),
    }
    answer.gives(lambda m, x: m.log_softmax(x), SCORES, expected=LOG_P, mistaken=mistaken, unchanged=True)


@pytest.mark.exercise("log_softmax")
def test_log_softmax_with_other_numbers_of_axes(answer):
    """The classes are the last axis, whether there is one axis, two or three."""
    for x in [SCORES.reshape(2, 2, 3).double(), SCORES[0]]:
        mistaken = {"log_softmax_over_axis_1": torch.log_softmax(x, 1)} if x.ndim > 1 else {}
        answer.gives(lambda m, x: m.log_softmax(x), x, expected=torch.log_softmax(x, -1), mistaken=mistaken)


@pytest.mark.exercise("log_softmax")
def test_log_softmax_where_softmax_is_zero(answer):
    """Scores far apart keep their log-probabilities: [0, 1000] becomes [−1000, 0]."""
    x = torch.tensor([[0.0, 1000.0], [0.0, -1000.0], [-1000.0, -1000.0]], dtype=torch.float64)
    expected = torch.tensor([[-1000.0, 0.0], [0.0, -1000.0], [-0.6931471806, -0.6931471806]], dtype=torch.float64)
    shares = torch.softmax(x, 1)
    mistaken = {
        "log_of_softmax": torch.log(shares),
        "log_of_softmax_plus_epsilon": torch.log(shares + 1e-8),
        "log_of_clamped_softmax": torch.log(shares.clamp_min(1e-12)),
        "log_softmax_without_shift": with_rows(expected, {0: -torch.inf, 2: torch.inf}),
        "log_softmax_with_one_shift_for_all": with_rows(expected, {1: torch.inf, 2: torch.inf}),
    }
    answer.gives(lambda m, x: m.log_softmax(x), x, expected=expected, mistaken=mistaken)


@pytest.mark.exercise("log_softmax")
def test_log_softmax_lets_gradients_through(answer):
    """Gradients flow through the log-probabilities back to the scores."""
    weights = torch.tensor([[1.0, -2.0, 0.5], [0.0, 1.0, 3.0], [2.0, 2.0, -1.0], [-1.0, 0.5, 1.0]]).double()
    x = SCORES.double().requires_grad_()
    (expected,) = torch.autograd.grad((torch.log_softmax(x, 1) * weights).sum(), x)
    mistaken = {"log_softmax_detached": torch.zeros(4, 3).double()}
    answer.gives(gradient_of_log_softmax, SCORES.double(), weights, expected=expected, mistaken=mistaken)


# nll


@pytest.mark.exercise("nll")
def test_nll_of_a_batch(answer):
    """The loss is the mean over the rows of −log p of the right class, and the inputs stay as they were."""
    mistaken = {
        "nll_without_minus": torch.tensor(-0.7940422),
        "nll_as_sum": torch.tensor(3.1761688),
        "nll_divided_by_all_entries": torch.tensor(3.1761688 / 12),
        "nll_divided_by_classes": torch.tensor(3.1761688 / 3),
        "nll_of_all_classes": -LOG_P.mean(),
        "nll_of_every_row_with_every_label": -LOG_P[:, LABELS].mean(),
        "nll_of_column_0": -LOG_P[:, 0].mean(),
        "nll_of_the_first_label": -LOG_P[:, 2].mean(),
        "nll_with_labels_from_1": -torch.stack([LOG_P[0, 1], LOG_P[1, 2], LOG_P[2, 0], LOG_P[3, 2]]).mean(),
        "nll_of_the_largest": -LOG_P.amax(1).mean(),
        "nll_with_second_log": torch.tensor(torch.nan),
        "nll_of_probabilities": -torch.exp(CHOSEN).mean(),
        "nll_as_log_of_mean": -torch.log(torch.exp(CHOSEN).mean()),
        "nll_per_row": -CHOSEN,
        "nll_with_one_axis": torch.tensor([0.7940422]),
        "nll_in_float64": -CHOSEN.double().mean(),
        "nll_as_python_number": -CHOSEN.mean().item(),
    }
    answer.gives(
        lambda m, log_p, labels: m.nll(log_p, labels),
        LOG_P,
        LABELS,
        expected=torch.tensor(0.7940422),
        mistaken=mistaken,
        unchanged=True,
    )


@pytest.mark.exercise("nll")
def test_nll_of_a_single_row(answer):
    """A batch of one picture costs what that picture costs, in float64 too."""
    log_p = torch.log(torch.tensor([[0.1, 0.2, 0.7]], dtype=torch.float64))
    expected = torch.tensor(1.6094379124, dtype=torch.float64)
    answer.gives(lambda m, log_p, labels: m.nll(log_p, labels), log_p, torch.tensor([1]), expected=expected)


@pytest.mark.exercise("nll")
def test_nll_of_a_sure_and_wrong_net(answer):
    """A log-probability of −1000 costs 1000."""
    log_p = torch.tensor([[-1000.0, 0.0], [0.0, -1000.0]])
    mistaken = {
        "nll_by_way_of_probabilities": torch.tensor(torch.inf),
        "nll_with_epsilon": -torch.log(torch.tensor([1e-8, 1.0])).mean(),
    }
    answer.gives(
        lambda m, log_p, labels: m.nll(log_p, labels),
        log_p,
        torch.tensor([0, 0]),
        expected=torch.tensor(500.0),
        mistaken=mistaken,
    )


@pytest.mark.exercise("nll")
def test_nll_lets_gradients_through(answer):
    """Only the log-probabilities of the right classes get a gradient: −1/n each."""
    expected = torch.tensor([[0.0, 0.0, -0.25], [-0.25, 0.0, 0.0], [0.0, -0.25, 0.0], [-0.25, 0.0, 0.0]])
    mistaken = {"nll_detached": torch.zeros(4, 3)}
    answer.gives(gradient_of_nll, LOG_P, LABELS, expected=expected, mistaken=mistaken)
