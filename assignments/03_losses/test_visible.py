"""What `check(...)` runs in the notebook. Read it if you like: nothing here is secret.

The hidden tests ask more of the same contract: other numbers, both dtypes, more shapes. `mistaken` lists what some
common mistakes give, so that the feedback can name them.
"""

import pytest
import torch
import torch.nn.functional as F

# the four pictures of the lesson: a cat, a dog, a dog, a cat
LABELS = torch.tensor([1.0, 0.0, 0.0, 1.0])
PREDICTIONS = torch.tensor([0.9, 0.1, 0.2, 0.8])
LOSS = torch.tensor(0.164252033486018)

# the same four with two columns: dog, cat
LABEL_ROWS = torch.stack([1 - LABELS, LABELS], dim=1)
PREDICTION_ROWS = torch.stack([1 - PREDICTIONS, PREDICTIONS], dim=1)

# three classes, four rows
ANIMAL_LABELS = torch.tensor([1, 2, 1, 0])
ANIMAL_ROWS = torch.tensor([[0.0, 1, 0], [0, 0, 1], [0, 1, 0], [1, 0, 0]])
ANIMAL_P = torch.tensor([[0.1, 0.7, 0.2], [0.3, 0.3, 0.4], [0.25, 0.25, 0.5], [0.6, 0.1, 0.3]])


# binary_cross_entropy


def bce(m, y, p):
    return m.binary_cross_entropy(y, p)


def bce_and_gradient(m, y, p):
    p.requires_grad_()
    loss = m.binary_cross_entropy(y, p)
    if isinstance(loss, torch.Tensor) and loss.requires_grad:
        loss.backward()
    return loss, p.grad


@pytest.mark.exercise("binary_cross_entropy")
def test_bce_of_the_four_pictures(answer):
    """The four pictures of the lesson cost 0.164252 on average."""
    answer.gives(
        bce,
        LABELS,
        PREDICTIONS,
        expected=LOSS,
        mistaken={
            "bce_without_minus": -LOSS,
            "bce_sum": 4 * LOSS,
            "bce_log2": torch.tensor(0.2369656),
            "bce_log10": torch.tensor(0.0713337),
            "bce_labels_reversed": torch.tensor(1.9560115),
            "bce_squared_error": torch.tensor(0.025),
        },
    )


@pytest.mark.exercise("binary_cross_entropy")
def test_bce_of_soft_labels_in_a_table(answer):
    """A table of soft labels costs the mean over all its entries."""
    y = torch.tensor([[0.7, 0.2, 1.0], [0.0, 0.5, 0.9]], dtype=torch.float64)
    p = torch.tensor([[0.6, 0.3, 0.8], [0.1, 0.5, 0.4]], dtype=torch.float64)
    mistaken = {
        "bce_first_half": -(y * p.log()).mean(),
        "bce_second_half": -((1 - y) * (1 - p).log()).mean(),
        "bce_hard_labels_only": F.binary_cross_entropy(p, (y > 0.5).double()),
    }
    answer.gives(bce, y, p, expected=F.binary_cross_entropy(p, y), mistaken=mistaken)


@pytest.mark.exercise("binary_cross_entropy")
def test_bce_of_tiny_probabilities(answer):
    """A cat that was given a millionth costs −log 0.000001, as nothing is added inside the logarithm."""
    y, p = torch.tensor([1.0]), torch.tensor([1e-6])
    answer.gives(bce, y, p, expected=-torch.log(p[0]), mistaken={"bce_epsilon_1e_8": -torch.log(p[0] + 1e-8)})


@pytest.mark.exercise("binary_cross_entropy")
def test_bce_gradients(answer):
    """Gradients flow back into p: −1/p for a cat and 1/(1−p) for a dog, each divided by n."""
    right = LOSS, torch.tensor([-1 / 0.9, 1 / 0.9, 1 / 0.8, -1 / 0.8]) / 4
    mistaken = {"bce_detached": (LOSS, None)}
    answer.gives(bce_and_gradient, LABELS, PREDICTIONS, expected=right, mistaken=mistaken)


# binary_cross_entropy_if


def bce_if(m, y, p):
    return m.binary_cross_entropy_if(y, p)


def bce_if_and_gradient(m, y, p):
    p.requires_grad_()
    loss = m.binary_cross_entropy_if(y, p)
    if isinstance(loss, torch.Tensor) and loss.requires_grad:
        loss.backward()
    return loss, p.grad


@pytest.mark.exercise("binary_cross_entropy_if")
def test_bce_if_of_the_four_pictures(answer):
    """The four pictures of the lesson cost 0.164252 on average, as before."""
    answer.gives(
        bce_if,
        LABELS,
        PREDICTIONS,
        expected=LOSS,
        mistaken={
            "bce_if_without_minus": -LOSS,
            "bce_if_sum": 4 * LOSS,
            "bce_if_log2": torch.tensor(0.2369656),
            "bce_if_labels_reversed": torch.tensor(1.9560115),
            "bce_if_label_1_alone": torch.tensor(0.0821260),
            "bce_if_sum_of_two_means": 2 * LOSS,
        },
    )


@pytest.mark.exercise("binary_cross_entropy_if")
def test_bce_if_of_a_certain_net(answer):
    """A certain and right prediction costs exactly 0, never nan, and still counts in the mean."""
    answer.gives(
        bce_if,
        torch.tensor([1.0, 0.0, 1.0, 1.0]),
        torch.tensor([1.0, 0.0, 0.5, 0.5]),
        expected=torch.tensor(0.3465736),
        mistaken={
            "bce_if_product_with_zero": torch.tensor(torch.nan),
            "bce_if_nan_left_out": torch.tensor(0.6931472),
        },
    )


@pytest.mark.exercise("binary_cross_entropy_if")
def test_bce_if_of_dogs_only(answer):
    """A batch that holds dogs only has its mean loss as well."""
    p = torch.tensor([0.1, 0.6, 0.3], dtype=torch.float64)
    y = torch.zeros_like(p)
    answer.gives(bce_if, y, p, expected=F.binary_cross_entropy(p, y))


@pytest.mark.exercise("binary_cross_entropy_if")
def test_bce_if_gradients(answer):
    """Gradients flow back into p: −1/p for a cat and 1/(1−p) for a dog, each divided by n."""
    right = LOSS, torch.tensor([-1 / 0.9, 1 / 0.9, 1 / 0.8, -1 / 0.8]) / 4
    mistaken = {"bce_if_detached": (LOSS, None)}
    answer.gives(bce_if_and_gradient, LABELS, PREDICTIONS, expected=right, mistaken=mistaken)


# one_hot


def table(m, labels, n_classes):
    return m.one_hot(labels, n_classes)


@pytest.mark.exercise("one_hot")
def test_one_hot_of_four_animals(answer):
    """The labels 1, 2, 1, 0 become the table of the lesson, in float32."""
    answer.gives(
        table,
        ANIMAL_LABELS,
        3,
        expected=ANIMAL_ROWS,
        mistaken={
            "one_hot_int64": ANIMAL_ROWS.long(),
            "one_hot_bool": ANIMAL_ROWS.bool(),
            "one_hot_float64": ANIMAL_ROWS.double(),
            "one_hot_transposed": ANIMAL_ROWS.T,
            "one_hot_zeros_and_ones_swapped": 1 - ANIMAL_ROWS,
        },
    )


@pytest.mark.exercise("one_hot")
def test_one_hot_of_dogs_and_cats_only(answer):
    """Five classes make five columns, whichever of them are in the batch."""
    answer.gives(
        table,
        torch.tensor([0, 1, 1]),
        5,
        expected=torch.tensor([[1.0, 0, 0, 0, 0], [0, 1, 0, 0, 0], [0, 1, 0, 0, 0]]),
        mistaken={"one_hot_columns_from_the_largest_label": torch.tensor([[1.0, 0], [0, 1], [0, 1]])},
    )


@pytest.mark.exercise("one_hot")
def test_one_hot_of_many(answer):
    """A longer batch matches torch's own table."""
    labels = torch.arange(20) % 7
    answer.gives(table, labels, 7, expected=F.one_hot(labels, 7).float())


# categorical_cross_entropy


def cce(m, y, p):
    return m.categorical_cross_entropy(y, p)


def cce_and_gradient(m, y, p):
    p.requires_grad_()
    loss = m.categorical_cross_entropy(y, p)
    if isinstance(loss, torch.Tensor) and loss.requires_grad:
        loss.backward()
    return loss, p.grad


@pytest.mark.exercise("categorical_cross_entropy")
def test_cce_of_two_columns(answer):
    """Cats and dogs in two columns cost the same as with one number each."""
    answer.gives(cce, LABEL_ROWS, PREDICTION_ROWS, expected=LOSS)


@pytest.mark.exercise("categorical_cross_entropy")
def test_cce_of_three_classes(answer):
    """With three classes each row costs −log of the probability of its right class."""
    loss = F.nll_loss(ANIMAL_P.log(), ANIMAL_LABELS)
    answer.gives(
        cce,
        ANIMAL_ROWS,
        ANIMAL_P,
        expected=loss,
        mistaken={
            "cce_without_minus": -loss,
            "cce_mean_over_entries": loss / 3,
            "cce_sum": loss * 4,
            "cce_divided_by_classes": loss * 4 / 3,
            "cce_both_halves": F.binary_cross_entropy(ANIMAL_P, ANIMAL_ROWS) * 3,
        },
    )


@pytest.mark.exercise("categorical_cross_entropy")
def test_cce_gradients(answer):
    """Gradients flow back into p: −1/p at the right class, divided by n, and 0 elsewhere."""
    loss = F.nll_loss(ANIMAL_P.log(), ANIMAL_LABELS)
    right = loss, -ANIMAL_ROWS / ANIMAL_P / 4
    mistaken = {"cce_detached": (loss, None)}
    answer.gives(cce_and_gradient, ANIMAL_ROWS, ANIMAL_P, expected=right, mistaken=mistaken)


# categorical_cross_entropy_if


def cce_if(m, y, p):
    return m.categorical_cross_entropy_if(y, p)


def cce_if_and_gradient(m, y, p):
    p.requires_grad_()
    loss = m.categorical_cross_entropy_if(y, p)
    if isinstance(loss, torch.Tensor) and loss.requires_grad:
        loss.backward()
    return loss, p.grad


@pytest.mark.exercise("categorical_cross_entropy_if")
def test_cce_if_of_three_classes(answer):
    """With three classes each row costs −log of the probability of its right class."""
    loss = F.nll_loss(ANIMAL_P.log(), ANIMAL_LABELS)
    answer.gives(
        cce_if,
        ANIMAL_ROWS,
        ANIMAL_P,
        expected=loss,
        mistaken={
            "cce_if_without_minus": -loss,
            "cce_if_mean_over_entries": loss / 3,
            "cce_if_sum": loss * 4,
            "cce_if_both_halves": F.binary_cross_entropy(ANIMAL_P, ANIMAL_ROWS) * 3,
        },
    )


@pytest.mark.exercise("categorical_cross_entropy_if")
def test_cce_if_of_ruled_out_classes(answer):
    """A class that is rightly given exactly 0 costs nothing, never nan, and its row still counts."""
    answer.gives(
        cce_if,
        torch.tensor([[0.0, 1, 0], [1, 0, 0], [0, 0, 1]]),
        torch.tensor([[0.0, 0.5, 0.5], [1, 0, 0], [0.25, 0.25, 0.5]]),
        expected=torch.tensor(0.4620981),
        mistaken={
            "cce_if_product_with_zero": torch.tensor(torch.nan),
            "cce_if_rows_left_out": torch.tensor(0.6931472),
        },
    )


@pytest.mark.exercise("categorical_cross_entropy_if")
def test_cce_if_gradients(answer):
    """Gradients flow back into p: −1/p at the right class, divided by n, and 0 elsewhere."""
    loss = F.nll_loss(ANIMAL_P.log(), ANIMAL_LABELS)
    right = loss, -ANIMAL_ROWS / ANIMAL_P / 4
    mistaken = {"cce_if_detached": (loss, None)}
    answer.gives(cce_if_and_gradient, ANIMAL_ROWS, ANIMAL_P, expected=right, mistaken=mistaken)
