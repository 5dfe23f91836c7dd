"""Hidden suite of 03_losses: everything that the contract promises, and nothing more.

Losses must be 0-d tensors in the dtype of `p`, so they are always compared as tensors; each case compares values
too, so that no constant earns it.
"""

import itertools

import pytest
import torch

from grader.judge.compare import Tolerance

both_dtypes = pytest.mark.parametrize("dtype", [torch.float32, torch.float64], ids=["float32", "float64"])
exactly = Tolerance(0.0, 0.0)


def one_hot_rows(labels, n_classes, dtype):
    return torch.eye(n_classes, dtype=dtype)[labels]


def loss_of_each(m, given, name):
    """For each (y, p): the loss called `name`, and in float64 its gradient in p."""
    found = []
    for y, p in given:
        # of the same numbers as p: what becomes of them is seen there
        asked = p.detach().requires_grad_() if p.dtype is torch.float64 else p
        loss = getattr(m, name)(y, asked)
        asks = isinstance(loss, torch.Tensor) and loss.requires_grad
        found.append([loss, torch.autograd.grad((3 * loss).sum(), asked, allow_unused=True)[0] if asks else None])
    return found


def alternating(number):
    return torch.float32 if number % 2 else torch.float64


# binary_cross_entropy


def bce(m, y, p):
    return m.binary_cross_entropy(y, p)


def bce_called_again(m, y, p):
    f = m.binary_cross_entropy
    # at last the same tensor with other numbers in it
    return [f(y, p), f(y[:2], p[:2]), f(p=p, y=y), f(y, p.mul_(0.5))]


def bce_where_float64_is_the_default(m, y, p):
    before = torch.get_default_dtype()
    torch.set_default_dtype(torch.float64)
    try:
        return m.binary_cross_entropy(y, p)
    finally:
        torch.set_default_dtype(before)


def bce_and_gradient(m, y, p):
    p.requires_grad_()
    loss = m.binary_cross_entropy(y, p)
    if not (isinstance(loss, torch.Tensor) and loss.requires_grad):
        return loss, None
    # asked of autograd: what stands in `p.grad` anybody may have written there
    return loss, torch.autograd.grad((3 * loss).sum(), p, allow_unused=True)[0]


@pytest.mark.exercise("binary_cross_entropy", weight=2)
@both_dtypes
def test_bce_values(answer, draw, dtype):
    """The loss of a batch is the mean of −(y·log p + (1−y)·log(1−p)), in the dtype of `p`."""
    answer.agrees(bce, draw.binary(7, dtype=dtype), draw.uniform(7, low=0.01, high=0.99, dtype=dtype))


@pytest.mark.exercise("binary_cross_entropy", weight=0.5)
@pytest.mark.parametrize("shape", [(), (1,), (5, 3), (2, 3, 4), (2, 1, 3, 2)], ids=["0-d", "one", "2-d", "3-d", "4-d"])
def test_bce_shapes(answer, draw, shape):
    """Tables of any shape, down to a single number, give one mean over every entry."""
    answer.agrees(bce, draw.binary(*shape), draw.uniform(*shape, low=0.01, high=0.99))


@pytest.mark.exercise("binary_cross_entropy", weight=0.5)
def test_bce_of_many_entries(answer, draw):
    """Hundreds of entries have their mean, also some that are all alike."""
    y, p = draw.binary(397), draw.uniform(397, low=0.3, high=0.7)
    p[:9], y[:9] = p[0].item(), y[0].item()
    y[-3:], p[-3:] = 1, 0.02  # dear ones at the end: a mean of the means of parts gives them another weight
    answer.agrees(bce, y, p)


@pytest.mark.exercise("binary_cross_entropy")
def test_bce_of_every_size(answer, draw):
    """However many axes there are and however long, loss and gradient are right, and inputs are as they were."""
    shapes = [(), (), (1,), (1,), (2,), (5,), *itertools.product((1, 3), repeat=2), (2, 1, 2), (1, 2, 2), (397,)]
    given = []
    for number, shape in enumerate(shapes):
        dtype = alternating(number)
        y = draw.uniform(*shape, dtype=dtype) if number % 3 else draw.binary(*shape, dtype=dtype)
        given.append((y, draw.uniform(*shape, low=0.02, high=0.98, dtype=dtype)))
    ends = torch.tensor([0.01, 0.99, 0.01, 0.99], dtype=torch.float64)
    given.append((torch.tensor([1, 0, 0, 1], dtype=torch.float64), ends))
    answer.agrees(
        loss_of_each, given, "binary_cross_entropy", unchanged=True, call="binary_cross_entropy(y, p) of each"
    )


@pytest.mark.exercise("binary_cross_entropy")
def test_bce_soft_labels(answer, draw):
    """A label between 0 and 1 takes its share of both logarithms, in the gradient too."""
    y = draw.uniform(5, 3, dtype=torch.float64)
    answer.agrees(bce_and_gradient, y, draw.uniform(5, 3, low=0.01, high=0.99, dtype=torch.float64))


@pytest.mark.exercise("binary_cross_entropy")
@both_dtypes
def test_bce_extremes(answer, dtype):
    """Predictions within a millionth of 0 or 1 cost what the formula says: nothing is added to them or cut off."""
    y = torch.tensor([1, 0, 0, 0.75], dtype=dtype)
    p = torch.tensor([1e-6, 1 - 1e-6, 1e-6, 1 - 1e-6], dtype=dtype)
    answer.agrees(bce, y, p)


@pytest.mark.exercise("binary_cross_entropy")
@both_dtypes
def test_bce_gradients(answer, draw, dtype):
    """Gradients flow back from the loss into `p`, and are right."""
    y = draw.binary(5, 3, dtype=dtype)
    answer.agrees(bce_and_gradient, y, draw.uniform(5, 3, low=0.01, high=0.99, dtype=dtype))


@pytest.mark.exercise("binary_cross_entropy", weight=0.5)
def test_bce_default_dtype(answer, draw):
    """The loss of float32 predictions is float32, whatever torch's default dtype is."""
    y, p = draw.binary(4), draw.uniform(4, low=0.01, high=0.99)
    answer.agrees(bce_where_float64_is_the_default, y, p)


@pytest.mark.exercise("binary_cross_entropy", weight=0.5)
def test_bce_called_again(answer, draw):
    """Each call starts anew, and the arguments may be given by keyword."""
    answer.agrees(bce_called_again, draw.binary(5), draw.uniform(5, low=0.01, high=0.99))


@pytest.mark.exercise("binary_cross_entropy", weight=0.5)
def test_bce_inputs_unchanged(answer, draw):
    """The loss is right, and `y` and `p` are as they were before the call."""
    answer.agrees(bce, draw.binary(3, 2), draw.uniform(3, 2, low=0.01, high=0.99), unchanged=True)


# binary_cross_entropy_if


def bce_if(m, y, p):
    return m.binary_cross_entropy_if(y, p)


def bce_if_called_again(m, y, p):
    f = m.binary_cross_entropy_if
    # at last the same tensor with other numbers in it
    return [f(y, p), f(y[:2], p[:2]), f(p=p, y=y), f(y, p.mul_(0.5))]


def bce_if_where_float64_is_the_default(m, y, p):
    before = torch.get_default_dtype()
    torch.set_default_dtype(torch.float64)
    try:
        return m.binary_cross_entropy_if(y, p)
    finally:
        torch.set_default_dtype(before)


def bce_if_and_gradient(m, y, p):
    p.requires_grad_()
    loss = m.binary_cross_entropy_if(y, p)
    if not (isinstance(loss, torch.Tensor) and loss.requires_grad):
        return loss, None
    # asked of autograd: what stands in `p.grad` anybody may have written there
    return loss, torch.autograd.grad((3 * loss).sum(), p, allow_unused=True)[0]


@pytest.mark.exercise("binary_cross_entropy_if", weight=2)
@both_dtypes
def test_bce_if_values(answer, draw, dtype):
    """The loss of a batch is the mean of −log p for labels 1 and −log(1−p) for labels 0, in the dtype of `p`."""
    answer.agrees(bce_if, draw.binary(7, dtype=dtype), draw.uniform(7, low=0.01, high=0.99, dtype=dtype))


@pytest.mark.exercise("binary_cross_entropy_if", weight=0.5)
@pytest.mark.parametrize("labels", [[1.0], [0.0], [1.0, 1.0, 1.0], [0.0, 0.0]], ids=["1", "0", "111", "00"])
def test_bce_if_one_kind(answer, draw, labels):
    """A batch whose labels are all alike, or that holds a single one, has its mean loss as well."""
    answer.agrees(bce_if, torch.tensor(labels), draw.uniform(len(labels), low=0.01, high=0.99))


@pytest.mark.exercise("binary_cross_entropy_if", weight=3)
@both_dtypes
def test_bce_if_certain_and_right(answer, draw, dtype):
    """An entry that is certain and right adds exactly 0 to the sum, never nan, and still counts in the mean."""
    y = torch.tensor([1, 0, 1, 0, 0], dtype=dtype)
    certain = torch.tensor([1, 0], dtype=dtype)
    answer.agrees(bce_if, y, torch.cat([certain, draw.uniform(3, low=0.1, high=0.9, dtype=dtype)]))
    answer.gives(bce_if, y[:2], certain, expected=torch.tensor(0, dtype=dtype), tolerance=exactly)


@pytest.mark.exercise("binary_cross_entropy_if")
def test_bce_if_extremes(answer):
    """Predictions within a millionth of 0 or 1 cost what their logarithm says: nothing is added or cut off."""
    # float64 alone: in float32, 1 − |y − p| is a right way that has lost digits by here
    y = torch.tensor([1, 0, 0], dtype=torch.float64)
    answer.agrees(bce_if, y, torch.tensor([1e-6, 1 - 1e-6, 1e-6], dtype=torch.float64))
    answer.agrees(bce_if, y, torch.tensor([1 - 4e-6, 2e-6, 3e-6], dtype=torch.float64))


@pytest.mark.exercise("binary_cross_entropy_if", weight=0.5)
def test_bce_if_of_entries_that_are_alike(answer):
    """Every entry counts, also where several have the same label and prediction."""
    answer.agrees(bce_if, torch.tensor([1.0, 1, 0, 1, 0, 0]), torch.tensor([0.5, 0.5, 0.1, 0.8, 0.1, 0.1]))


@pytest.mark.exercise("binary_cross_entropy_if", weight=0.5)
def test_bce_if_of_many_entries(answer, draw):
    """Hundreds of entries have their mean, in which each counts alike."""
    y, p = draw.binary(397), draw.uniform(397, low=0.3, high=0.7)
    y[-3:], p[-3:] = 1, 0.02  # dear ones at the end: a mean of the means of parts gives them another weight
    answer.agrees(bce_if, y, p)
    # together so unlikely that no float holds it
    y = draw.binary(397, dtype=torch.float64)
    answer.agrees(bce_if, y, (y - draw.uniform(397, low=0.9, high=0.98, dtype=torch.float64)).abs())


@pytest.mark.exercise("binary_cross_entropy_if")
def test_bce_if_of_every_size(answer, draw):
    """However long they are, and whatever labels there are, loss and gradient are right; inputs are as they were."""
    labels = [[0.0], [1.0], [0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [1.0, 0.0, 1.0], [0.0] * 6, [1.0] * 5, [0.0, 1.0]]
    given = []
    for number, each in enumerate([*labels, [0.0], [1.0], draw.binary(397).tolist()]):
        y = torch.tensor(each, dtype=alternating(number))
        given.append((y, draw.uniform(len(each), low=0.02, high=0.98, dtype=y.dtype)))
    ends = torch.tensor([0.001, 0.999, 0.25, 0.001, 0.999], dtype=torch.float64)
    given.append((torch.tensor([1, 0, 1, 0, 1], dtype=torch.float64), ends))
    answer.agrees(
        loss_of_each, given, "binary_cross_entropy_if", unchanged=True, call="binary_cross_entropy_if(y, p) of each"
    )


@pytest.mark.exercise("binary_cross_entropy_if")
@both_dtypes
def test_bce_if_gradients(answer, draw, dtype):
    """Gradients flow back from the chosen logarithms into `p`, and are right."""
    y = draw.binary(7, dtype=dtype)
    answer.agrees(bce_if_and_gradient, y, draw.uniform(7, low=0.01, high=0.99, dtype=dtype))


@pytest.mark.exercise("binary_cross_entropy_if", weight=0.5)
def test_bce_if_default_dtype(answer, draw):
    """The loss of float32 predictions is float32, whatever torch's default dtype is."""
    y, p = draw.binary(4), draw.uniform(4, low=0.01, high=0.99)
    answer.agrees(bce_if_where_float64_is_the_default, y, p)


@pytest.mark.exercise("binary_cross_entropy_if", weight=0.5)
def test_bce_if_called_again(answer, draw):
    """Each call starts anew, and the arguments may be given by keyword."""
    answer.agrees(bce_if_called_again, draw.binary(5), draw.uniform(5, low=0.01, high=0.99))


@pytest.mark.exercise("binary_cross_entropy_if", weight=0.5)
def test_bce_if_inputs_unchanged(answer, draw):
    """The loss is right, and `y` and `p` are as they were before the call."""
    answer.agrees(bce_if, draw.binary(6), draw.uniform(6, low=0.01, high=0.99), unchanged=True)


# one_hot


def table(m, labels, n_classes):
    return m.one_hot(labels, n_classes)


def table_called_again(m, labels, n_classes):
    f = m.one_hot
    first = [f(labels, n_classes), f(labels[:2], n_classes + 1), f(n_classes=n_classes, labels=labels.flip(0))]
    each = labels.unique()
    try:
        f(labels, n_classes).fill_(7)  # a table is its caller's: the next one is none the worse for it
        f(each, n_classes).fill_(7)
    except RuntimeError:
        pass  # of a view, or made in inference mode: right as well
    # at last the same tensor with other numbers in it
    return [*first, f(labels, n_classes), f(each, n_classes), f(labels.copy_(labels.flip(0)), n_classes)]


def table_of_each(m, given):
    return [m.one_hot(labels, n_classes) for labels, n_classes in given]


def table_where_float64_is_the_default(m, labels, n_classes):
    before = torch.get_default_dtype()
    torch.set_default_dtype(torch.float64)
    try:
        return m.one_hot(labels, n_classes)
    finally:
        torch.set_default_dtype(before)


def table_and_gradient_beside_it(m, labels, n_classes, weights):
    """The table, and the gradient of what is multiplied by it; None when the table asks for one too."""
    made = m.one_hot(labels, n_classes)
    leaf = weights.clone().requires_grad_()
    try:
        # a copy, since a table made in inference mode is right but may be used no further
        factor, rows = leaf * 2, made.clone()
        total = (factor * rows).sum()
        # a product keeps this factor only for the gradient of a table that asks for one, and then misses it
        factor.mul_(3)
        return made, torch.autograd.grad(total, leaf)[0]
    except Exception:
        return made, None


@pytest.mark.exercise("one_hot", weight=2)
@pytest.mark.parametrize(("n", "k"), [(5, 3), (9, 4), (7, 2), (6, 1)])
def test_one_hot_values(answer, draw, n, k):
    """Row i holds a 1 in the column of label i and 0 elsewhere, in float32."""
    answer.agrees(table, draw.labels(n, k), k)


@pytest.mark.exercise("one_hot", weight=2)
@pytest.mark.parametrize(("n", "k"), [(6, 5), (3, 8)])
def test_one_hot_absent_class(answer, draw, n, k):
    """There is a column for every class, those that no label of the batch names too."""
    answer.agrees(table, draw.labels(n, 3), k)


@pytest.mark.exercise("one_hot")
def test_one_hot_as_many_labels_as_classes(answer):
    """With as many labels as classes, rows are still labels and columns classes."""
    answer.agrees(table, torch.tensor([1, 2, 0]), 3)
    answer.agrees(table, torch.tensor([3, 0, 1, 2]), 4)


@pytest.mark.exercise("one_hot")
def test_one_hot_single_label(answer):
    """A single label makes a table of one row."""
    for label, k in [(0, 4), (2, 4), (3, 4), (5, 6)]:
        answer.agrees(table, torch.tensor([label]), k)


@pytest.mark.exercise("one_hot")
def test_one_hot_of_every_size(answer, draw):
    """However many labels and classes there are, the table is right, and the labels are as they were."""
    sizes = [*itertools.product((1, 2, 3, 4), repeat=2), (397, 3)]
    given = [(draw.integers(n, high=k), k) for n, k in [*sizes, *sizes[:-1]]]
    answer.agrees(table_of_each, given, unchanged=True, call="one_hot(labels, n_classes) of each")


@pytest.mark.exercise("one_hot")
def test_one_hot_of_many_classes(answer):
    """There may be more than ten classes, and hundreds."""
    for labels, k in [([0, 3], 12), ([299, 3, 130], 400)]:
        answer.agrees(table, torch.tensor(labels), k)


@pytest.mark.exercise("one_hot")
def test_one_hot_default_dtype(answer, draw):
    """The table is float32, whatever torch's default dtype is."""
    answer.agrees(table_where_float64_is_the_default, draw.labels(5, 3), 3)


@pytest.mark.exercise("one_hot")
def test_one_hot_asks_for_no_gradient(answer, draw):
    """The table is right and asks for no gradient."""
    answer.agrees(
        table_and_gradient_beside_it, draw.labels(5, 4), 4, draw.normal(5, 4), call="one_hot(labels, n_classes)"
    )


@pytest.mark.exercise("one_hot")
def test_one_hot_called_again(answer, draw):
    """Each call starts anew, and the arguments may be given by keyword."""
    answer.agrees(table_called_again, draw.labels(6, 4), 4)


@pytest.mark.exercise("one_hot")
def test_one_hot_labels_unchanged(answer, draw):
    """The table is right, and the labels are as they were before the call."""
    answer.agrees(table, draw.labels(7, 4), 4, unchanged=True)


def tables(draw):
    """One-hot `y` and `p` for few rows and classes of every number, in either dtype, and with a right class of 1e-5."""
    given = []
    for number, (n, k) in enumerate([*itertools.product((1, 2, 3), (1, 2, 3)), (5, 2), (5, 5), (397, 3)]):
        y = one_hot_rows(draw.integers(n, high=k), k, alternating(number))
        given.append((y, draw.probabilities(n, k, y.dtype)))
    unlikely = torch.tensor([[1e-5, 1 - 1e-5], [0.98, 0.02]], dtype=torch.float64)
    return [*given, (torch.eye(2, dtype=torch.float64), unlikely)]


# categorical_cross_entropy


def cce(m, y, p):
    return m.categorical_cross_entropy(y, p)


def cce_called_again(m, y, p):
    f = m.categorical_cross_entropy
    # at last the same tensor with other numbers in it
    return [f(y, p), f(y[:2], p[:2]), f(p=p, y=y), f(y, p.copy_(p.flip(1)))]


def cce_where_float64_is_the_default(m, y, p):
    before = torch.get_default_dtype()
    torch.set_default_dtype(torch.float64)
    try:
        return m.categorical_cross_entropy(y, p)
    finally:
        torch.set_default_dtype(before)


def cce_and_gradient(m, y, p):
    p.requires_grad_()
    loss = m.categorical_cross_entropy(y, p)
    if not (isinstance(loss, torch.Tensor) and loss.requires_grad):
        return loss, None
    # asked of autograd: what stands in `p.grad` anybody may have written there
    return loss, torch.autograd.grad((3 * loss).sum(), p, allow_unused=True)[0]


@pytest.mark.exercise("categorical_cross_entropy", weight=2)
@both_dtypes
def test_cce_values(answer, draw, dtype):
    """The loss of a batch is the mean over its rows of −Σ y·log p, in the dtype of `p`."""
    answer.agrees(cce, one_hot_rows(draw.labels(5, 3), 3, dtype), draw.probabilities(5, 3, dtype))


@pytest.mark.exercise("categorical_cross_entropy", weight=0.5)
@pytest.mark.parametrize(("n", "k"), [(1, 4), (2, 5), (6, 2), (9, 4), (3, 12)])
def test_cce_shapes(answer, draw, n, k):
    """Few rows or many, two classes or more: the mean is taken over the rows."""
    y = one_hot_rows(draw.integers(n, high=k), k, torch.float32)
    answer.agrees(cce, y, draw.probabilities(n, k))


@pytest.mark.exercise("categorical_cross_entropy")
@both_dtypes
def test_cce_extremes(answer, dtype):
    """A probability of a millionth costs what its logarithm says: nothing is added to it or cut off."""
    p = torch.tensor([[1 - 2e-6, 1e-6, 1e-6], [1e-6, 0.5, 0.5 - 1e-6]], dtype=dtype)
    answer.agrees(cce, one_hot_rows(torch.tensor([2, 0]), 3, dtype), p)


@pytest.mark.exercise("categorical_cross_entropy")
@both_dtypes
def test_cce_gradients(answer, draw, dtype):
    """Gradients flow back from the loss into `p`, and are right."""
    answer.agrees(cce_and_gradient, one_hot_rows(draw.labels(5, 3), 3, dtype), draw.probabilities(5, 3, dtype))


@pytest.mark.exercise("categorical_cross_entropy")
def test_cce_of_every_size(answer, draw):
    """However many rows and classes there are, loss and gradient are right, and inputs are as they were."""
    answer.agrees(
        loss_of_each,
        tables(draw),
        "categorical_cross_entropy",
        unchanged=True,
        call="categorical_cross_entropy(y, p) of each",
    )


@pytest.mark.exercise("categorical_cross_entropy", weight=0.5)
def test_cce_of_many_rows(answer, draw):
    """Hundreds of rows have their mean, in which each counts alike."""
    y, p = one_hot_rows(draw.labels(397, 3), 3, torch.float32), draw.probabilities(397, 3)
    # dear ones at the end: a mean of the means of parts gives them another weight
    y[-3:], p[-3:] = torch.tensor([1.0, 0, 0]), torch.tensor([0.02, 0.5, 0.48])
    answer.agrees(cce, y, p)


@pytest.mark.exercise("categorical_cross_entropy", weight=0.5)
def test_cce_as_many_rows_as_classes(answer, draw):
    """With as many rows as classes, rows are still rows and columns classes."""
    y = one_hot_rows(torch.tensor([1, 2, 0]), 3, torch.float32)
    answer.agrees(cce, y, draw.probabilities(3, 3))


@pytest.mark.exercise("categorical_cross_entropy", weight=0.5)
def test_cce_default_dtype(answer, draw):
    """The loss of float32 predictions is float32, whatever torch's default dtype is."""
    y = one_hot_rows(draw.labels(5, 3), 3, torch.float32)
    answer.agrees(cce_where_float64_is_the_default, y, draw.probabilities(5, 3))


@pytest.mark.exercise("categorical_cross_entropy", weight=0.5)
def test_cce_called_again(answer, draw):
    """Each call starts anew, and the arguments may be given by keyword."""
    y = one_hot_rows(draw.labels(5, 3), 3, torch.float32)
    answer.agrees(cce_called_again, y, draw.probabilities(5, 3))


@pytest.mark.exercise("categorical_cross_entropy", weight=0.5)
def test_cce_inputs_unchanged(answer, draw):
    """The loss is right, and `y` and `p` are as they were before the call."""
    y = one_hot_rows(draw.labels(7, 4), 4, torch.float32)
    answer.agrees(cce, y, draw.probabilities(7, 4), unchanged=True)


# categorical_cross_entropy_if


def cce_if(m, y, p):
    return m.categorical_cross_entropy_if(y, p)


def cce_if_called_again(m, y, p):
    f = m.categorical_cross_entropy_if
    # at last the same tensor with other numbers in it
    return [f(y, p), f(y[:2], p[:2]), f(p=p, y=y), f(y, p.copy_(p.flip(1)))]


def cce_if_where_float64_is_the_default(m, y, p):
    before = torch.get_default_dtype()
    torch.set_default_dtype(torch.float64)
    try:
        return m.categorical_cross_entropy_if(y, p)
    finally:
        torch.set_default_dtype(before)


def cce_if_and_gradient(m, y, p):
    p.requires_grad_()
    loss = m.categorical_cross_entropy_if(y, p)
    if not (isinstance(loss, torch.Tensor) and loss.requires_grad):
        return loss, None
    # asked of autograd: what stands in `p.grad` anybody may have written there
    return loss, torch.autograd.grad((3 * loss).sum(), p, allow_unused=True)[0]


@pytest.mark.exercise("categorical_cross_entropy_if", weight=2)
@both_dtypes
def test_cce_if_values(answer, draw, dtype):
    """The loss of a batch is the mean over its rows of −log of the right class's probability, in the dtype of `p`."""
    answer.agrees(cce_if, one_hot_rows(draw.labels(5, 3), 3, dtype), draw.probabilities(5, 3, dtype))


@pytest.mark.exercise("categorical_cross_entropy_if", weight=0.5)
@pytest.mark.parametrize(("n", "k"), [(1, 4), (2, 5), (6, 2), (9, 4), (3, 12)])
def test_cce_if_shapes(answer, draw, n, k):
    """Few rows or many, two classes or more: the mean is taken over the rows."""
    y = one_hot_rows(draw.integers(n, high=k), k, torch.float32)
    answer.agrees(cce_if, y, draw.probabilities(n, k))


@pytest.mark.exercise("categorical_cross_entropy_if", weight=3)
@both_dtypes
def test_cce_if_ruled_out(answer, draw, dtype):
    """A class that is rightly given exactly 0 costs nothing, never nan, and its row still counts in the mean."""
    p = torch.tensor([[0, 0.25, 0.75], [1, 0, 0], [0.5, 0.5, 0]], dtype=dtype)
    y = one_hot_rows(torch.tensor([1, 0, 1, 2, 0]), 3, dtype)
    answer.agrees(cce_if, y, torch.cat([p, draw.probabilities(2, 3, dtype)]), unchanged=True)
    several = torch.tensor([[0.7, 0, 0, 0.3], [0, 0.6, 0.4, 0]], dtype=dtype)
    answer.agrees(cce_if, one_hot_rows(torch.tensor([3, 2]), 4, dtype), several)
    certain = one_hot_rows(torch.tensor([1, 0]), 3, dtype)
    answer.agrees(cce_if, certain, certain)


@pytest.mark.exercise("categorical_cross_entropy_if")
@both_dtypes
def test_cce_if_extremes(answer, dtype):
    """A probability of a millionth costs what its logarithm says: nothing is added to it or cut off."""
    p = torch.tensor([[1 - 2e-6, 1e-6, 1e-6], [1e-6, 0.5, 0.5 - 1e-6]], dtype=dtype)
    answer.agrees(cce_if, one_hot_rows(torch.tensor([2, 0]), 3, dtype), p)


@pytest.mark.exercise("categorical_cross_entropy_if")
@both_dtypes
def test_cce_if_gradients(answer, draw, dtype):
    """Gradients flow back from the chosen logarithms into `p`, and are right."""
    y = one_hot_rows(draw.labels(5, 3), 3, dtype)
    answer.agrees(cce_if_and_gradient, y, draw.probabilities(5, 3, dtype))


@pytest.mark.exercise("categorical_cross_entropy_if")
def test_cce_if_of_every_size(answer, draw):
    """However many rows and classes there are, loss and gradient are right, and inputs are as they were."""
    answer.agrees(
        loss_of_each,
        tables(draw),
        "categorical_cross_entropy_if",
        unchanged=True,
        call="categorical_cross_entropy_if(y, p) of each",
    )


@pytest.mark.exercise("categorical_cross_entropy_if", weight=0.5)
def test_cce_if_of_many_rows(answer, draw):
    """Hundreds of rows have their mean, in which each counts alike."""
    y, p = one_hot_rows(draw.labels(397, 3), 3, torch.float32), draw.probabilities(397, 3)
    # dear ones at the end: a mean of the means of parts gives them another weight
    y[-3:], p[-3:] = torch.tensor([1.0, 0, 0]), torch.tensor([0.02, 0.5, 0.48])
    answer.agrees(cce_if, y, p)


@pytest.mark.exercise("categorical_cross_entropy_if", weight=0.5)
def test_cce_if_as_many_rows_as_classes(answer, draw):
    """With as many rows as classes, rows are still rows and columns classes."""
    y = one_hot_rows(torch.tensor([1, 2, 0]), 3, torch.float32)
    answer.agrees(cce_if, y, draw.probabilities(3, 3))


@pytest.mark.exercise("categorical_cross_entropy_if", weight=0.5)
def test_cce_if_default_dtype(answer, draw):
    """The loss of float32 predictions is float32, whatever torch's default dtype is."""
    y = one_hot_rows(draw.labels(5, 3), 3, torch.float32)
    answer.agrees(cce_if_where_float64_is_the_default, y, draw.probabilities(5, 3))


@pytest.mark.exercise("categorical_cross_entropy_if", weight=0.5)
def test_cce_if_called_again(answer, draw):
    """Each call starts anew, and the arguments may be given by keyword."""
    y = one_hot_rows(draw.labels(5, 3), 3, torch.float32)
    answer.agrees(cce_if_called_again, y, draw.probabilities(5, 3))


@pytest.mark.exercise("categorical_cross_entropy_if", weight=0.5)
def test_cce_if_inputs_unchanged(answer, draw):
    """The loss is right, and `y` and `p` are as they were before the call."""
    y = one_hot_rows(draw.labels(4, 3), 3, torch.float32)
    p = torch.cat([draw.probabilities(3, 3), y[3:]])
    answer.agrees(cce_if, y, p, unchanged=True)
