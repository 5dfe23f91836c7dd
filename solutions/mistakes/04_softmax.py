"""Known mistakes of 04_softmax: each is one wrong answer, its docstring the explanation for whoever made it."""

from __future__ import annotations

import math

import torch

from grader.judge.known import stands_for

# softmax


@stands_for("softmax")
def softmax_over_axis_0(x):
    """Your values match a softmax taken over axis 0 (images). Each image's probabilities must sum to 1: which
    axis is that?"""
    powers = torch.exp(x - x.amax(0, keepdim=True))
    return powers / powers.sum(0, keepdim=True)


@stands_for("softmax")
def softmax_over_axis_1(x):
    """Your values match a softmax taken over axis 1, which is the axis of the classes only in a table. Count from
    the end instead: the classes are the last axis, whatever stands before it."""
    powers = torch.exp(x - x.amax(1, keepdim=True))
    return powers / powers.sum(1, keepdim=True)


@stands_for("softmax")
def softmax_over_everything(x):
    """Your probabilities sum to 1 over the whole tensor, all images together. Each image is to have a sum of 1 of
    its own: which axis does the sum run over?"""
    powers = torch.exp(x - x.max())
    return powers / powers.sum()


@stands_for("softmax")
def softmax_without_shift(x):
    """Your values are right for ordinary logits, but with large ones e to the power of x overflows to infinity, and
    infinity divided by infinity is nan. What can be subtracted from a row without changing its probabilities?"""
    powers = torch.exp(x)
    return powers / powers.sum(-1, keepdim=True)


@stands_for("softmax")
def softmax_shifted_by_table(x):
    """Your values are right unless one row of a table lies far above another: you subtract the largest logit of the
    whole table, and a row far below it becomes 0 divided by 0. Subtract each row's own."""
    largest = x.amax((-2, -1), keepdim=True) if x.dim() > 2 else x.amax(-1, keepdim=True)
    powers = torch.exp(x - largest)
    return powers / powers.sum(-1, keepdim=True)


@stands_for("softmax")
def softmax_over_axis_0_without_shift(x):
    """Your values match a softmax taken over axis 0 (images), without a shift. Each image's probabilities must sum
    to 1: which axis is that? Large logits still overflow after that: what can be subtracted from a row without
    changing its probabilities?"""
    powers = torch.exp(x)
    return powers / powers.sum(0)


@stands_for("softmax")
def softmax_over_axis_1_without_shift(x):
    """Your values match a softmax taken over axis 1, without a shift. The classes are the last axis, whatever
    stands before it: count from the end. Large logits still overflow after that: what can be subtracted from a row
    without changing its probabilities?"""
    powers = torch.exp(x)
    return powers / powers.sum(1, keepdim=True)


@stands_for("softmax")
def softmax_over_everything_without_shift(x):
    """Your probabilities sum to 1 over the whole tensor, all images together. Each image is to have a sum of 1 of
    its own: which axis does the sum run over? Large logits still overflow after that: what can be subtracted from a
    row without changing its probabilities?"""
    powers = torch.exp(x)
    return powers / powers.sum()


@stands_for("softmax")
def softmax_with_lost_axis_without_shift(x):
    """Your result matches sums that lost their axis, so that they no longer stand beside their own rows. Keep the
    last axis, with size 1, when you reduce along it. Large logits still overflow after that: what can be subtracted
    from a row without changing its probabilities?"""
    powers = torch.exp(x)
    return powers / powers.sum(-1)


@stands_for("softmax")
def softmax_without_shift_and_division(x):
    """Your values match the powers alone. The second step is missing: each row has to sum to 1. Large logits still
    overflow: what can be subtracted from a row without changing its probabilities?"""
    return torch.exp(x)


@stands_for("softmax")
def softmax_with_nan_replaced(x):
    """Your values match powers that overflow, with the nan replaced by 0 afterwards. The probabilities of such a row
    are lost by then: prevent the overflow before you take powers."""
    powers = torch.exp(x)
    return torch.nan_to_num(powers / powers.sum(-1, keepdim=True), nan=0.0)


@stands_for("softmax")
def softmax_with_one_shift_for_all(x):
    """Your values match a softmax that subtracts the largest logit of the whole tensor. A row far below it becomes
    all zeros, and 0/0 is nan: which maximum does each row need?"""
    powers = torch.exp(x - x.max())
    return powers / powers.sum(-1, keepdim=True)


@stands_for("softmax")
def softmax_minus_the_minimum(x):
    """Your values match a softmax that subtracts the smallest logit of each row. All shifted logits are then
    positive, so large ones still overflow: which logit has to become 0?"""
    powers = torch.exp(x - x.amin(-1, keepdim=True))
    return powers / powers.sum(-1, keepdim=True)


@stands_for("softmax")
def softmax_minus_the_mean(x):
    """Your values match a softmax that subtracts the mean of each row. The largest logit can still stand far above
    the mean and overflow: which logit has to become 0?"""
    powers = torch.exp(x - x.mean(-1, keepdim=True))
    return powers / powers.sum(-1, keepdim=True)


@stands_for("softmax")
def softmax_minus_the_first_logit(x):
    """Your values match a softmax that subtracts the first logit of each row. A later one can stand far above it and
    overflow: which logit has to become 0?"""
    powers = torch.exp(x - x[..., :1])
    return powers / powers.sum(-1, keepdim=True)


@stands_for("softmax")
def softmax_minus_the_largest_size(x):
    """Your values match a softmax that subtracts the largest absolute value of each row. In a row of very negative
    logits this pushes all powers down to 0: look for the largest logit, sign included."""
    powers = torch.exp(x - x.abs().amax(-1, keepdim=True))
    return powers / powers.sum(-1, keepdim=True)


@stands_for("softmax")
def softmax_of_clamped_logits(x):
    """Your values match logits that were clamped to ±50 before taking powers. Logits beyond the limit become equal,
    and so do their probabilities: shift a row instead of cutting it."""
    powers = torch.exp(x.clamp(-50, 50))
    return powers / powers.sum(-1, keepdim=True)


@stands_for("softmax")
def softmax_of_clamped_differences(x):
    """Your values match differences from the largest logit that were clamped at −10. Classes far behind then keep a
    share that is too large; very small powers do no harm and need no limit."""
    powers = torch.exp((x - x.amax(-1, keepdim=True)).clamp_min(-10))
    return powers / powers.sum(-1, keepdim=True)


@stands_for("softmax")
def softmax_with_powers_of_2(x):
    """Your values match powers of 2 in the place of powers of e. The formula takes e to the power of each logit,
    with e = 2.718…."""
    powers = 2 ** (x - x.amax(-1, keepdim=True))
    return powers / powers.sum(-1, keepdim=True)


@stands_for("softmax")
def softmax_without_powers(x):
    """Your values match logits divided by their own sum. Probabilities must not be negative: what makes a positive
    number of every logit first?"""
    return x / x.sum(-1, keepdim=True)


@stands_for("softmax")
def softmax_of_squares(x):
    """Your values match squared logits divided by their sum. Squaring makes −3 as likely as 3; the formula takes e
    to the power of each logit."""
    squares = x**2
    return squares / squares.sum(-1, keepdim=True)


@stands_for("softmax")
def softmax_without_division(x):
    """Your values match the powers of the shifted logits before they are divided. The second step is missing: each
    row has to sum to 1."""
    return torch.exp(x - x.amax(-1, keepdim=True))


@stands_for("softmax")
def softmax_divided_by_the_mean(x):
    """Your values are too large by the number of classes, as after a division by the mean of the powers. The formula
    divides by their sum."""
    powers = torch.exp(x - x.amax(-1, keepdim=True))
    return powers / powers.mean(-1, keepdim=True)


@stands_for("softmax")
def softmax_divided_by_the_largest_sum(x):
    """Your values match powers that were all divided by the largest of the rows' sums. Each row is to be divided by
    its own sum."""
    powers = torch.exp(x - x.amax(-1, keepdim=True))
    return powers / powers.sum(-1).max()


@stands_for("softmax")
def softmax_with_lost_axis(x):
    """Your result matches sums and maxima that lost their axis, so that they no longer stand beside their own rows.
    Keep the last axis, with size 1, when you reduce along it."""
    powers = torch.exp(x - x.amax(-1))
    return powers / powers.sum(-1)


@stands_for("softmax")
def softmax_of_negative_logits(x):
    """Your values match a softmax of −x: the smallest logit gets the largest probability. Look at the sign in the
    exponent."""
    powers = torch.exp(x.amin(-1, keepdim=True) - x)
    return powers / powers.sum(-1, keepdim=True)


@stands_for("softmax")
def softmax_taken_twice(x):
    """Your values match a softmax of a softmax. The two steps are to be done once."""
    return _right_softmax(_right_softmax(x))


@stands_for("softmax")
def softmax_as_logarithm(x):
    """Your values match the logarithm of softmax. Here the probabilities themselves are asked for."""
    return _right_log_softmax(x)


@stands_for("softmax")
def softmax_as_sigmoid(x):
    """Your values match 1 / (1 + e^−x), which looks at every logit alone. In a softmax the classes of a row share out
    1 between them."""
    return torch.sigmoid(x)


@stands_for("softmax")
def softmax_as_maximum(x):
    """Your values match a 1 at the largest logit and 0 elsewhere. A softmax is soft: the other classes keep their
    share, and gradients flow to all of them."""
    return (x == x.amax(-1, keepdim=True)).to(x.dtype)


@stands_for("softmax")
def softmax_detached(x):
    """Your values are right, but no gradient flows back to the logits. Something cuts the graph: `detach`, `.data`,
    `no_grad`, NumPy, or a tensor built anew from numbers."""
    return _right_softmax(x.detach())


@stands_for("softmax")
def softmax_in_float64(x):
    """Your values are right, but they are float64 whatever came in. The result has the dtype of its input."""
    return _right_softmax(x.double())


@stands_for("softmax")
def softmax_in_float32(x):
    """Your values match a computation in float32 whatever came in. The result has the dtype of its input."""
    return _right_softmax(x.float())


@stands_for("softmax")
def softmax_in_the_default_dtype(x):
    """Your values are right, but they follow torch's default dtype. The result has the dtype of its input."""
    return _right_softmax(x).to(torch.get_default_dtype())


@stands_for("softmax")
def softmax_in_place(x):
    """Your values are right, but the input was changed on the way. An operation such as `-=` or one that ends in `_`
    works in place: make a new tensor instead."""
    x -= x.amax(-1, keepdim=True)
    powers = torch.exp(x)
    return powers / powers.sum(-1, keepdim=True)


# log_softmax


@stands_for("log_softmax")
def log_of_softmax(x):
    """Your values match the logarithm of a finished softmax. Where a probability is too small for a float it has
    become 0, and its logarithm −infinity: write the logarithm of the quotient as a difference first."""
    return torch.log(_right_softmax(x))


@stands_for("log_softmax")
def log_of_softmax_without_shift(x):
    """Your values match the logarithm of a softmax without a shift. Large logits overflow there, and a probability too
    small for a float has become 0, so that its logarithm is −infinity. Write the logarithm of the quotient as a
    difference first, and shift each row by its largest logit."""
    powers = torch.exp(x)
    return torch.log(powers / powers.sum(-1, keepdim=True))


@stands_for("log_softmax")
def log_of_softmax_without_shift_plus_epsilon(x):
    """Your values match the logarithm of a softmax without a shift, plus a small number. It hides the 0 but makes all
    very small probabilities alike, and large logits overflow. Write the logarithm of the quotient as a difference
    first, and shift each row by its largest logit."""
    powers = torch.exp(x)
    return torch.log(powers / powers.sum(-1, keepdim=True) + 1e-8)


@stands_for("log_softmax")
def log_of_softmax_over_axis_0_without_shift(x):
    """Your values match the logarithm of a softmax over axis 0 (images), without a shift. Each image's probabilities
    must sum to 1: which axis is that? And where powers overflow or become 0, their logarithm is lost: write the
    logarithm of the quotient as a difference first, and shift each row by its largest logit."""
    powers = torch.exp(x)
    return torch.log(powers / powers.sum(0))


@stands_for("log_softmax")
def log_of_softmax_over_everything_without_shift(x):
    """Your values match the logarithm of a softmax over the whole tensor, without a shift. Each image needs a sum of
    its own: which axis does it run over? And where powers overflow or become 0, their logarithm is lost: write the
    logarithm of the quotient as a difference first, and shift each row by its largest logit."""
    powers = torch.exp(x)
    return torch.log(powers / powers.sum())


@stands_for("log_softmax")
def log_of_softmax_over_axis_0(x):
    """Your values match the logarithm of a softmax over axis 0 (images). Each image's probabilities must sum to 1:
    which axis is that? And where a probability is too small for a float, its logarithm is −infinity: write the
    logarithm of the quotient as a difference first."""
    powers = torch.exp(x - x.amax(0, keepdim=True))
    return torch.log(powers / powers.sum(0, keepdim=True))


@stands_for("log_softmax")
def log_of_softmax_plus_epsilon(x):
    """Your values match the logarithm of softmax plus a small number. It hides the 0 but makes all very small
    probabilities alike: without the quotient no small number is needed."""
    return torch.log(_right_softmax(x) + 1e-8)


@stands_for("log_softmax")
def log_of_clamped_softmax(x):
    """Your values match the logarithm of a softmax that was kept from falling below a limit. All very small
    probabilities come out alike: without the quotient no limit is needed."""
    return torch.log(_right_softmax(x).clamp_min(1e-12))


@stands_for("log_softmax")
def log_softmax_over_axis_0(x):
    """Your values match a log-softmax taken over axis 0 (images). Each image's probabilities must sum to 1: which
    axis is that?"""
    z = x - x.amax(0, keepdim=True)
    return z - torch.log(torch.exp(z).sum(0, keepdim=True))


@stands_for("log_softmax")
def log_softmax_over_axis_1(x):
    """Your values match a log-softmax taken over axis 1, which is the axis of the classes only in a table. Count
    from the end instead: the classes are the last axis, whatever stands before it."""
    z = x - x.amax(1, keepdim=True)
    return z - torch.log(torch.exp(z).sum(1, keepdim=True))


@stands_for("log_softmax")
def log_softmax_over_everything(x):
    """Your values match a sum over the whole tensor, all images together. Each image needs a sum of its own: which
    axis does it run over?"""
    z = x - x.max()
    return z - torch.log(torch.exp(z).sum())


@stands_for("log_softmax")
def log_softmax_without_shift(x):
    """Your values are right for ordinary logits, but with large ones the powers overflow, or all of them become 0,
    before the logarithm is taken. Shift each row by its largest logit first."""
    return x - torch.log(torch.exp(x).sum(-1, keepdim=True))


@stands_for("log_softmax")
def log_softmax_over_axis_0_without_shift(x):
    """Your values match a log-softmax taken over axis 0 (images), without a shift. Each image's probabilities must
    sum to 1: which axis is that? Large logits still overflow after that: shift each row by its largest logit
    first."""
    return x - torch.log(torch.exp(x).sum(0))


@stands_for("log_softmax")
def log_softmax_over_axis_1_without_shift(x):
    """Your values match a log-softmax taken over axis 1, without a shift. The classes are the last axis, whatever
    stands before it: count from the end. Large logits still overflow after that: shift each row by its largest
    logit first."""
    return x - torch.log(torch.exp(x).sum(1, keepdim=True))


@stands_for("log_softmax")
def log_softmax_over_everything_without_shift(x):
    """Your values match a sum over the whole tensor, all images together. Each image needs a sum of its own: which
    axis does it run over? Large logits still overflow after that: shift each row by its largest logit first."""
    return x - torch.log(torch.exp(x).sum())


@stands_for("log_softmax")
def log_softmax_with_lost_axis_without_shift(x):
    """Your result matches sums that lost their axis, so that they no longer stand beside their own rows. Keep the
    last axis, with size 1, when you reduce along it. Large logits still overflow after that: shift each row by its
    largest logit first."""
    return x - torch.log(torch.exp(x).sum(-1))


@stands_for("log_softmax")
def log_softmax_with_one_shift_for_all(x):
    """Your values match a shift by the largest logit of the whole tensor. In a row far below it all powers become 0:
    which maximum does each row need?"""
    z = x - x.max()
    return z - torch.log(torch.exp(z).sum(-1, keepdim=True))


@stands_for("log_softmax")
def log_softmax_with_half_a_shift(x):
    """Your values match a shift inside the sum only, so each row is off by its largest logit. What is subtracted in
    one place must be subtracted in the other."""
    return x - torch.log(torch.exp(x - x.amax(-1, keepdim=True)).sum(-1, keepdim=True))


@stands_for("log_softmax")
def log_softmax_without_sum(x):
    """Your values match the shifted logits alone: the largest of each row is 0. The logarithm of the sum of the powers
    has still to be subtracted."""
    return x - x.amax(-1, keepdim=True)


@stands_for("log_softmax")
def log_softmax_without_log(x):
    """Your values match the shifted logits minus the sum of the powers. The logarithm of a quotient is a difference of
    two logarithms: what is missing around the sum?"""
    z = x - x.amax(-1, keepdim=True)
    return z - torch.exp(z).sum(-1, keepdim=True)


@stands_for("log_softmax")
def log_softmax_with_sum_of_logs(x):
    """Your values match the shifted logits minus the sum of the logarithms. The logarithm of a sum is not the sum of
    the logarithms: add the powers first."""
    z = x - x.amax(-1, keepdim=True)
    return z - torch.log(torch.exp(z)).sum(-1, keepdim=True)


@stands_for("log_softmax")
def log_softmax_with_plus(x):
    """Your values match the shifted logits plus the logarithm of the sum. Dividing becomes subtracting when you take
    the logarithm."""
    z = x - x.amax(-1, keepdim=True)
    return z + torch.log(torch.exp(z).sum(-1, keepdim=True))


@stands_for("log_softmax")
def log_softmax_with_mean(x):
    """Your values are too large by the logarithm of the number of classes, as with the mean of the powers in the place
    of their sum."""
    z = x - x.amax(-1, keepdim=True)
    return z - torch.log(torch.exp(z).mean(-1, keepdim=True))


@stands_for("log_softmax")
def log_softmax_in_base_2(x):
    """Your values match logarithms to the base 2. The lesson's logarithm is the natural one, to the base e."""
    return _right_log_softmax(x) / math.log(2)


@stands_for("log_softmax")
def log_softmax_in_base_10(x):
    """Your values match logarithms to the base 10. The lesson's logarithm is the natural one, to the base e."""
    return _right_log_softmax(x) / math.log(10)


@stands_for("log_softmax")
def log_softmax_negated(x):
    """Your values match minus the logarithm of softmax. Logarithms of probabilities are at most 0; the minus belongs
    to the loss."""
    return -_right_log_softmax(x)


@stands_for("log_softmax")
def log_softmax_as_softmax(x):
    """Your values match softmax itself. Here its logarithm is asked for."""
    return _right_softmax(x)


@stands_for("log_softmax")
def log_softmax_with_lost_axis(x):
    """Your result matches sums and maxima that lost their axis, so that they no longer stand beside their own rows.
    Keep the last axis, with size 1, when you reduce along it."""
    z = x - x.amax(-1)
    return z - torch.log(torch.exp(z).sum(-1))


@stands_for("log_softmax")
def log_softmax_detached(x):
    """Your values are right, but no gradient flows back to the logits. Something cuts the graph: `detach`, `.data`,
    `no_grad`, NumPy, or a tensor built anew from numbers."""
    return _right_log_softmax(x.detach())


@stands_for("log_softmax")
def log_softmax_in_float64(x):
    """Your values are right, but they are float64 whatever came in. The result has the dtype of its input."""
    return _right_log_softmax(x.double())


@stands_for("log_softmax")
def log_softmax_in_float32(x):
    """Your values match a computation in float32 whatever came in. The result has the dtype of its input."""
    return _right_log_softmax(x.float())


@stands_for("log_softmax")
def log_softmax_in_place(x):
    """Your values are right, but the input was changed on the way. An operation such as `-=` or one that ends in `_`
    works in place: make a new tensor instead."""
    x -= x.amax(-1, keepdim=True)
    return x - torch.log(torch.exp(x).sum(-1, keepdim=True))


# nll


@stands_for("nll")
def nll_without_minus(log_p, labels):
    """Your value has the right size but the wrong sign. A logarithm of a probability is at most 0; a cost is at
    least 0."""
    return log_p[torch.arange(len(labels)), labels].mean()


@stands_for("nll")
def nll_as_sum(log_p, labels):
    """Your value matches the sum of the rows' costs. The loss is their mean, so that it does not grow with the
    batch."""
    return -log_p[torch.arange(len(labels)), labels].sum()


@stands_for("nll")
def nll_divided_by_all_entries(log_p, labels):
    """Your value is too small by the number of classes, as after a mean over all entries of the table. Divide by the
    number of rows."""
    return -log_p[torch.arange(len(labels)), labels].sum() / log_p.numel()


@stands_for("nll")
def nll_divided_by_classes(log_p, labels):
    """Your value matches the sum of the costs divided by the number of classes. Divide by the number of rows."""
    return -log_p[torch.arange(len(labels)), labels].sum() / log_p.shape[1]


@stands_for("nll")
def nll_of_all_classes(log_p, labels):
    """Your value matches the mean over the whole table, whatever the labels are. Of each row only the column that the
    label names counts."""
    return -log_p.mean()


@stands_for("nll")
def nll_of_every_row_with_every_label(log_p, labels):
    """Your value matches every row taken with the labels of all rows, as `log_p[:, labels]` gives. Each row goes with
    its own label only."""
    return -log_p[:, labels].mean()


@stands_for("nll")
def nll_of_the_rows_that_labels_name(log_p, labels):
    """Your answer takes labels as row numbers, as `log_p[labels]` does: it gives whole rows. A label names the column
    that counts, in its own row: an index needs both, the row and the column."""
    return -log_p[labels].mean()


@stands_for("nll")
def nll_of_column_0(log_p, labels):
    """Your value matches the first column of every row. Which column counts is what the label says."""
    return -log_p[:, 0].mean()


@stands_for("nll")
def nll_of_the_first_label(log_p, labels):
    """Your value matches the column that the first label names, taken in every row. Each row goes with its own
    label."""
    return -log_p[:, labels[0]].mean()


@stands_for("nll")
def nll_with_labels_from_1(log_p, labels):
    """Your value matches the column before the one that the label names, as if labels began at 1. They begin at 0:
    label 0 means the first column."""
    return -log_p[torch.arange(len(labels)), labels - 1].mean()


@stands_for("nll")
def nll_of_the_largest(log_p, labels):
    """Your value matches the largest log-probability of each row, the net's own choice. The label says which one
    counts, even where the net prefers another."""
    return -log_p.amax(1).mean()


@stands_for("nll")
def nll_with_axes_swapped(log_p, labels):
    """Your answer takes labels as row numbers and row numbers as columns. In log_p the rows come first and the classes
    second."""
    return -log_p[labels, torch.arange(len(labels))].mean()


@stands_for("nll")
def nll_with_second_log(log_p, labels):
    """Your value matches another logarithm taken of log_p. It holds logarithms already, and those of negative numbers
    are nan."""
    return -torch.log(log_p[torch.arange(len(labels)), labels]).mean()


@stands_for("nll")
def nll_by_way_of_probabilities(log_p, labels):
    """Your value matches a logarithm of the probabilities, which underflow to 0 for a net that is sure and wrong.
    log_p holds the logarithms already: use them as they are."""
    return -torch.log(torch.exp(log_p))[torch.arange(len(labels)), labels].mean()


@stands_for("nll")
def nll_with_epsilon(log_p, labels):
    """Your value matches a logarithm of the probabilities plus a small number, which limits what a wrong answer
    can cost. log_p holds the logarithms already: use them as they are."""
    return -torch.log(torch.exp(log_p) + 1e-8)[torch.arange(len(labels)), labels].mean()


@stands_for("nll")
def nll_of_probabilities(log_p, labels):
    """Your value matches the mean of the probabilities with a minus in front. What a row costs is minus the logarithm,
    as it stands in log_p."""
    return -torch.exp(log_p)[torch.arange(len(labels)), labels].mean()


@stands_for("nll")
def nll_as_log_of_mean(log_p, labels):
    """Your value matches the logarithm of the mean probability. Take the mean of the logarithms, as they stand in
    log_p."""
    return -torch.log(torch.exp(log_p)[torch.arange(len(labels)), labels].mean())


@stands_for("nll")
def nll_per_row(log_p, labels):
    """Your result holds the cost of each row. The loss is one number: their mean."""
    return -log_p[torch.arange(len(labels)), labels]


@stands_for("nll")
def nll_with_one_axis(log_p, labels):
    """Your value is right, but it comes as a tensor of shape (1,). The loss is a tensor of rank 0."""
    return -log_p[torch.arange(len(labels)), labels].mean(0, keepdim=True)


@stands_for("nll")
def nll_as_python_number(log_p, labels):
    """Your value is right, but it comes as a Python number, through which no gradient flows. Leave it a tensor of
    rank 0."""
    return -log_p[torch.arange(len(labels)), labels].mean().item()


@stands_for("nll")
def nll_detached(log_p, labels):
    """Your value is right, but no gradient flows back to log_p. Something cuts the graph: `detach`, `.data`,
    `no_grad`, NumPy, or a tensor built anew from numbers."""
    return -log_p.detach()[torch.arange(len(labels)), labels].mean()


@stands_for("nll")
def nll_in_float64(log_p, labels):
    """Your value is right, but it is float64 whatever came in. The result has the dtype of log_p."""
    return -log_p.double()[torch.arange(len(labels)), labels].mean()


@stands_for("nll")
def nll_in_float32(log_p, labels):
    """Your value matches a computation in float32 whatever came in. The result has the dtype of log_p."""
    return -log_p.float()[torch.arange(len(labels)), labels].mean()


@stands_for("nll")
def nll_in_the_default_dtype(log_p, labels):
    """Your value is right, but it follows torch's default dtype, as a tensor made by `torch.zeros` does unless it is
    told otherwise. The result has the dtype of log_p."""
    return -log_p[torch.arange(len(labels)), labels].mean().to(torch.get_default_dtype())


@stands_for("nll")
def nll_in_place(log_p, labels):
    """Your value is right, but log_p was changed on the way. An operation such as `*=` or one that ends in `_` works in
    place: make a new tensor instead."""
    log_p *= -1
    return log_p[torch.arange(len(labels)), labels].mean()


def _right_softmax(x):
    powers = torch.exp(x - x.amax(-1, keepdim=True))
    return powers / powers.sum(-1, keepdim=True)


def _right_log_softmax(x):
    z = x - x.amax(-1, keepdim=True)
    return z - torch.log(torch.exp(z).sum(-1, keepdim=True))
