"""Wrong answers to 03_losses that students hand in, by name; each docstring is what its author reads."""

import torch

from grader.judge.known import stands_for

# binary_cross_entropy


@stands_for("binary_cross_entropy")
def bce_without_minus(y, p):
    """Your values are the right ones with the opposite sign. A logarithm of a probability is never positive, but a
    cost is never negative: which sign turns the one into the other?"""
    return (y * torch.log(p) + (1 - y) * torch.log(1 - p)).mean()


@stands_for("binary_cross_entropy")
def bce_sum(y, p):
    """Your values match the sum of the costs. The loss should not grow with the size of the batch: what is asked for
    is the mean."""
    return -(y * torch.log(p) + (1 - y) * torch.log(1 - p)).sum()


@stands_for("binary_cross_entropy")
def bce_every_cost(y, p):
    """You return one cost for every entry. One number is asked for: their mean over all entries."""
    return -(y * torch.log(p) + (1 - y) * torch.log(1 - p))


@stands_for("binary_cross_entropy")
def bce_mean_over_axis_0(y, p):
    """Your values match a mean over the first axis alone. A table of labels has more axes than that, and the loss is
    one number: the mean over every entry."""
    return -(y * torch.log(p) + (1 - y) * torch.log(1 - p)).mean(0)


@stands_for("binary_cross_entropy")
def bce_of_one_product(y, p):
    """Your values match the logarithm of one product over all entries. That of hundreds of probabilities is too small
    for a float, and its logarithm infinite: take the logarithm of each entry first, then the mean."""
    return -torch.log((p**y * (1 - p) ** (1 - y)).prod()) / p.numel()


@stands_for("binary_cross_entropy")
def bce_log2(y, p):
    """Your values match logarithms to the base 2. Which function of torch computes the natural logarithm?"""
    return -(y * torch.log2(p) + (1 - y) * torch.log2(1 - p)).mean()


@stands_for("binary_cross_entropy")
def bce_log10(y, p):
    """Your values match logarithms to the base 10. Which function of torch computes the natural logarithm?"""
    return -(y * torch.log10(p) + (1 - y) * torch.log10(1 - p)).mean()


@stands_for("binary_cross_entropy")
def bce_epsilon_1e_8(y, p):
    """Your values match a formula with 1e-8 added inside the logarithms. That changes the cost of very small
    probabilities, and p never reaches 0 or 1 here: is it needed?"""
    return -(y * torch.log(p + 1e-8) + (1 - y) * torch.log(1 - p + 1e-8)).mean()


@stands_for("binary_cross_entropy")
def bce_epsilon_1e_7(y, p):
    """Your values match a formula with 1e-7 added inside the logarithms. That changes the cost of very small
    probabilities, and p never reaches 0 or 1 here: is it needed?"""
    return -(y * torch.log(p + 1e-7) + (1 - y) * torch.log(1 - p + 1e-7)).mean()


@stands_for("binary_cross_entropy")
def bce_clamped(y, p):
    """Your values match predictions that were cut off at 0.001 and 0.999. Beyond these limits every prediction then
    costs the same, however wrong it is: p may come as close to 0 and 1 as a millionth."""
    p = p.clamp(0.001, 0.999)
    return -(y * torch.log(p) + (1 - y) * torch.log(1 - p)).mean()


@stands_for("binary_cross_entropy")
def bce_swapped(y, p):
    """Your values match the formula with y and p in each other's places. Labels may be 0, and log 0 is infinite:
    of which of the two does the formula take the logarithm?"""
    return -(p * torch.log(y) + (1 - p) * torch.log(1 - y)).mean()


@stands_for("binary_cross_entropy")
def bce_first_half(y, p):
    """Your values match the half of the formula that belongs to the label 1. What does an entry with the label 0
    cost?"""
    return -(y * torch.log(p)).mean()


@stands_for("binary_cross_entropy")
def bce_second_half(y, p):
    """Your values match the half of the formula that belongs to the label 0. What does an entry with the label 1
    cost?"""
    return -((1 - y) * torch.log(1 - p)).mean()


@stands_for("binary_cross_entropy")
def bce_half_without_minus(y, p):
    """Your values match a formula in which only the first half has its minus. The minus belongs to the sum of both
    halves: look at the parentheses."""
    return (-y * torch.log(p) + (1 - y) * torch.log(1 - p)).mean()


@stands_for("binary_cross_entropy")
def bce_labels_reversed(y, p):
    """Your values match labels that were read the other way round. p is the probability of the label 1: which
    logarithm should be multiplied by y?"""
    return -((1 - y) * torch.log(p) + y * torch.log(1 - p)).mean()


@stands_for("binary_cross_entropy")
def bce_log_p_twice(y, p):
    """Your values match a formula with log p in both halves. Which probability was given to the label 0?"""
    return -(y * torch.log(p) + (1 - y) * torch.log(p)).mean()


@stands_for("binary_cross_entropy")
def bce_hard_labels_only(y, p):
    """Your values are right for the labels 0 and 1, and match a choice of one logarithm. A soft label such as 0.7
    takes a share of both."""
    return -torch.where(y > 0.5, torch.log(p), torch.log(1 - p)).mean()


@stands_for("binary_cross_entropy")
def bce_squared_error(y, p):
    """Your values match the mean squared distance of y and p. The cost of an entry is asked for as a logarithm of the
    probability that its label was given."""
    return ((y - p) ** 2).mean()


@stands_for("binary_cross_entropy")
def bce_returns_float(y, p):
    """Your number is right, but it is a Python number, and no gradient flows through one. Return the 0-d tensor
    itself."""
    return -(y * torch.log(p) + (1 - y) * torch.log(1 - p)).mean().item()


@stands_for("binary_cross_entropy")
def bce_detached(y, p):
    """Your values are right, but no gradient flows back into p: something on the way cuts the result off from its
    input. Look for detach, item, no_grad, or a tensor made anew from numbers."""
    return -(y * torch.log(p) + (1 - y) * torch.log(1 - p)).mean().detach()


@stands_for("binary_cross_entropy")
def bce_float32(y, p):
    """Your values are right, but always float32. The loss of float64 predictions should be float64: let the dtype of
    p decide."""
    return -(y * torch.log(p) + (1 - y) * torch.log(1 - p)).mean().float()


@stands_for("binary_cross_entropy")
def bce_default_dtype(y, p):
    """Your values are right, but their dtype follows torch's default where it differs from that of p. Look for a
    tensor that is made without naming a dtype."""
    total = torch.tensor(0.0, device=p.device)
    return total - (y * torch.log(p) + (1 - y) * torch.log(1 - p)).mean()


@stands_for("binary_cross_entropy")
def bce_changes_p(y, p):
    """Your values are right, but the call overwrites p, which its caller may still need. Functions of torch whose
    name ends in an underscore work in place: use those without it."""
    log_q = torch.log(1 - p)
    return -(y * p.log_() + (1 - y) * log_q).mean()


# binary_cross_entropy_if


@stands_for("binary_cross_entropy_if")
def bce_if_product_with_zero(y, p):
    """Your values match the formula that computes both logarithms: where a prediction is certain, 0 times log 0 is
    nan. Choose by the label first, and take only the logarithm that was chosen."""
    return -(y * torch.log(p) + (1 - y) * torch.log(1 - p)).mean()


@stands_for("binary_cross_entropy_if")
def bce_if_epsilon_1e_8(y, p):
    """Your values match logarithms with 1e-8 added inside. That hides the nan, but shifts every cost; when the label
    chooses first, nothing needs to be added."""
    return -(y * torch.log(p + 1e-8) + (1 - y) * torch.log(1 - p + 1e-8)).mean()


@stands_for("binary_cross_entropy_if")
def bce_if_clamped(y, p):
    """Your values match predictions that were cut off at 1e-7 from 0 and 1. That hides the nan, but an entry that is
    certain and right should cost exactly 0; when the label chooses first, nothing needs to be cut off."""
    p = p.clamp(1e-7, 1 - 1e-7)
    return -torch.where(y == 1, torch.log(p), torch.log(1 - p)).mean()


@stands_for("binary_cross_entropy_if")
def bce_if_nan_left_out(y, p):
    """Your values match a mean that leaves out the entries where the formula gives nan. An entry that is certain and
    right costs 0, and is still one of the n that the sum is divided by."""
    return -(y * torch.log(p) + (1 - y) * torch.log(1 - p)).nanmean()


@stands_for("binary_cross_entropy_if")
def bce_if_without_minus(y, p):
    """Your values are the right ones with the opposite sign. A logarithm of a probability is never positive, but a
    cost is never negative: which sign turns the one into the other?"""
    return torch.log(torch.where(y == 1, p, 1 - p)).mean()


@stands_for("binary_cross_entropy_if")
def bce_if_sum(y, p):
    """Your values match the sum of the costs. The loss should not grow with the size of the batch: what is asked for
    is the mean."""
    return -torch.log(torch.where(y == 1, p, 1 - p)).sum()


@stands_for("binary_cross_entropy_if")
def bce_if_every_cost(y, p):
    """You return one cost for every entry. One number is asked for: their mean."""
    return -torch.log(torch.where(y == 1, p, 1 - p))


@stands_for("binary_cross_entropy_if")
def bce_if_log2(y, p):
    """Your values match logarithms to the base 2. Which function of torch computes the natural logarithm?"""
    return -torch.log2(torch.where(y == 1, p, 1 - p)).mean()


@stands_for("binary_cross_entropy_if")
def bce_if_labels_reversed(y, p):
    """Your values match labels that were read the other way round. p is the probability of the label 1: which
    logarithm belongs to it?"""
    return -torch.log(torch.where(y == 1, 1 - p, p)).mean()


@stands_for("binary_cross_entropy_if")
def bce_if_label_1_alone(y, p):
    """Your values match a sum over the entries with the label 1 alone, divided by n. What does an entry with the
    label 0 cost?"""
    return -torch.log(p[y == 1]).sum() / len(y)


@stands_for("binary_cross_entropy_if")
def bce_if_sum_of_two_means(y, p):
    """Your values match the mean over the entries with label 1 plus the mean over those with label 0. The entries of
    both kinds share one mean: add their costs first, and divide once, by n."""
    return -torch.log(p[y == 1]).mean() - torch.log(1 - p[y == 0]).mean()


@stands_for("binary_cross_entropy_if")
def bce_if_last_entry(y, p):
    """Your values match the cost of the last entry alone, divided by n. In a loop each cost should be added to the sum
    so far, not put in its place."""
    total = torch.zeros_like(p[0])
    for yi, pi in zip(y, p, strict=True):
        total = -torch.log(pi) if yi == 1 else -torch.log(1 - pi)
    return total / len(y)


@stands_for("binary_cross_entropy_if")
def bce_if_first_entry(y, p):
    """Your values match the cost of the first entry alone, divided by n. A return inside the loop ends it at the first
    entry: how far is yours indented?"""
    for yi, pi in zip(y, p, strict=True):
        cost = -torch.log(pi) if yi == 1 else -torch.log(1 - pi)
        return cost / len(y)


@stands_for("binary_cross_entropy_if")
def bce_if_returns_float(y, p):
    """Your number is right, but it is a Python number, and no gradient flows through one. Return the 0-d tensor
    itself."""
    return -torch.log(torch.where(y == 1, p, 1 - p)).mean().item()


@stands_for("binary_cross_entropy_if")
def bce_if_detached(y, p):
    """Your values are right, but no gradient flows back into p: something on the way cuts the result off from its
    input. Look for detach, item, no_grad, or a tensor made anew from numbers."""
    return -torch.log(torch.where(y == 1, p, 1 - p)).mean().detach()


@stands_for("binary_cross_entropy_if")
def bce_if_default_dtype(y, p):
    """Your values are right, but their dtype is torch's default, not that of p. A tensor made to be filled needs the
    dtype of p."""
    costs = torch.zeros(len(p), device=p.device)
    for i in range(len(p)):
        costs[i] = -torch.log(p[i]) if y[i] == 1 else -torch.log(1 - p[i])
    return costs.mean()


@stands_for("binary_cross_entropy_if")
def bce_if_changes_p(y, p):
    """Your values are right, but the call overwrites p, which its caller may still need. Put the chosen probabilities
    into a new tensor."""
    p[y == 0] = 1 - p[y == 0]
    return -torch.log(p).mean()


# one_hot


@stands_for("one_hot")
def one_hot_columns_from_the_largest_label(labels, n_classes):
    """Your table has as many columns as the largest label asks for. The next batch may hold another largest label:
    n_classes says how many columns there are."""
    table = torch.zeros(len(labels), int(labels.max()) + 1, dtype=torch.float32, device=labels.device)
    table[torch.arange(len(labels), device=labels.device), labels] = 1
    return table


@stands_for("one_hot")
def one_hot_int64(labels, n_classes):
    """Your table is right, but holds whole numbers (int64). It will be multiplied by logarithms: make it float32."""
    return (labels[:, None] == torch.arange(n_classes, device=labels.device)).long()


@stands_for("one_hot")
def one_hot_bool(labels, n_classes):
    """Your table is right, but holds true and false. It will be multiplied by logarithms: make it float32."""
    return labels[:, None] == torch.arange(n_classes, device=labels.device)


@stands_for("one_hot")
def one_hot_float64(labels, n_classes):
    """Your table is right, but its numbers are float64. Make it float32."""
    return (labels[:, None] == torch.arange(n_classes, device=labels.device)).double()


@stands_for("one_hot")
def one_hot_default_dtype(labels, n_classes):
    """Your table is right, but its dtype follows torch's default. Name the dtype when you make the table: float32."""
    return torch.eye(n_classes, device=labels.device)[labels]


@stands_for("one_hot")
def one_hot_transposed(labels, n_classes):
    """Your table has the classes as rows and the labels as columns. It should be the other way round: one row for
    each label."""
    table = torch.zeros(n_classes, len(labels), dtype=torch.float32, device=labels.device)
    table[labels, torch.arange(len(labels), device=labels.device)] = 1
    return table


@stands_for("one_hot")
def one_hot_zeros_and_ones_swapped(labels, n_classes):
    """Your table holds a 0 at each label and 1 elsewhere. It should hold a single 1 in each row."""
    return (labels[:, None] != torch.arange(n_classes, device=labels.device)).float()


@stands_for("one_hot")
def one_hot_counted_from_1(labels, n_classes):
    """Each 1 stands one column too far to the left, as if labels began at 1. They begin at 0, as columns do."""
    table = torch.zeros(len(labels), n_classes, dtype=torch.float32, device=labels.device)
    table[torch.arange(len(labels), device=labels.device), labels - 1] = 1
    return table


@stands_for("one_hot")
def one_hot_whole_columns(labels, n_classes):
    """Whole columns of your table are 1. Each row should get its own single 1: index the rows one by one, with the row
    numbers 0 to n − 1, and not with a colon."""
    table = torch.zeros(len(labels), n_classes, dtype=torch.float32, device=labels.device)
    table[:, labels] = 1
    return table


@stands_for("one_hot")
def one_hot_labels_as_values(labels, n_classes):
    """Your table holds the label itself where a 1 should be. The column says which class it is; the number in it is
    always 1."""
    table = torch.zeros(len(labels), n_classes, dtype=torch.float32, device=labels.device)
    table[torch.arange(len(labels), device=labels.device), labels] = labels.float()
    return table


@stands_for("one_hot")
def one_hot_filled_up(labels, n_classes):
    """Your rows are 1 from the first column up to the label. Only the column of the label itself should hold a 1."""
    return (labels[:, None] >= torch.arange(n_classes, device=labels.device)).float()


@stands_for("one_hot")
def one_hot_asks_for_a_gradient(labels, n_classes):
    """Your table is right, but asks for a gradient. Labels are given and not learnt: leave requires_grad out."""
    table = torch.eye(n_classes, dtype=torch.float32, device=labels.device)[labels]
    return table.requires_grad_()


@stands_for("one_hot")
def one_hot_list(labels, n_classes):
    """You return a list of lists with the right numbers. A tensor is asked for."""
    return [[float(column == label) for column in range(n_classes)] for label in labels.tolist()]


# categorical_cross_entropy


@stands_for("categorical_cross_entropy")
def cce_without_minus(y, p):
    """Your values are the right ones with the opposite sign. A logarithm of a probability is never positive, but a
    cost is never negative: which sign turns the one into the other?"""
    return (y * torch.log(p)).sum(1).mean()


@stands_for("categorical_cross_entropy")
def cce_mean_over_entries(y, p):
    """Your values match a mean over all n·k entries, and are k times too small. Sum over the classes of a row, then
    take the mean over the n rows."""
    return -(y * torch.log(p)).mean()


@stands_for("categorical_cross_entropy")
def cce_sum(y, p):
    """Your values match the sum over all rows. The loss should not grow with the size of the batch: what is asked for
    is the mean over the rows."""
    return -(y * torch.log(p)).sum()


@stands_for("categorical_cross_entropy")
def cce_every_row(y, p):
    """You return one cost for every row. One number is asked for: their mean."""
    return -(y * torch.log(p)).sum(1)


@stands_for("categorical_cross_entropy")
def cce_divided_by_classes(y, p):
    """Your values match a sum that was divided by the number of classes. There are n rows: divide by their number, the
    size of axis 0."""
    return -(y * torch.log(p)).sum() / y.shape[1]


@stands_for("categorical_cross_entropy")
def cce_log2(y, p):
    """Your values match logarithms to the base 2. Which function of torch computes the natural logarithm?"""
    return -(y * torch.log2(p)).sum(1).mean()


@stands_for("categorical_cross_entropy")
def cce_log10(y, p):
    """Your values match logarithms to the base 10. Which function of torch computes the natural logarithm?"""
    return -(y * torch.log10(p)).sum(1).mean()


@stands_for("categorical_cross_entropy")
def cce_epsilon_1e_8(y, p):
    """Your values match logarithms with 1e-8 added inside. That changes the cost of very small probabilities, and p
    never reaches 0 here: is it needed?"""
    return -(y * torch.log(p + 1e-8)).sum(1).mean()


@stands_for("categorical_cross_entropy")
def cce_swapped(y, p):
    """Your values match the formula with y and p in each other's places. Most labels are 0, and log 0 is infinite: of
    which of the two does the formula take the logarithm?"""
    return -(p * torch.log(y)).sum(1).mean()


@stands_for("categorical_cross_entropy")
def cce_both_halves(y, p):
    """Your values match the binary formula applied to every entry of the table and summed. With one column for each
    class, every row already names the other classes: only y·log p is left."""
    return -(y * torch.log(p) + (1 - y) * torch.log(1 - p)).sum(1).mean()


@stands_for("categorical_cross_entropy")
def cce_largest_p(y, p):
    """Your values match the cost of each row's largest probability. The label decides which probability counts, not
    the prediction."""
    return -torch.log(p.amax(1)).mean()


@stands_for("categorical_cross_entropy")
def cce_without_labels(y, p):
    """Your values match the sum over all classes of −log p, whatever the label. The label should switch off all
    logarithms but one: where does y stand in your formula?"""
    return -torch.log(p).sum(1).mean()


@stands_for("categorical_cross_entropy")
def cce_without_log(y, p):
    """Your values match 1 minus the probability of the right class. The cost is asked for as a logarithm of that
    probability."""
    return 1 - (y * p).sum(1).mean()


@stands_for("categorical_cross_entropy")
def cce_log_of_the_mean(y, p):
    """Your values match the logarithm of a mean probability. The mean is taken last: first a logarithm for every row,
    then the mean of these."""
    return -torch.log((y * p).sum(1).mean())


@stands_for("categorical_cross_entropy")
def cce_returns_float(y, p):
    """Your number is right, but it is a Python number, and no gradient flows through one. Return the 0-d tensor
    itself."""
    return -(y * torch.log(p)).sum(1).mean().item()


@stands_for("categorical_cross_entropy")
def cce_detached(y, p):
    """Your values are right, but no gradient flows back into p: something on the way cuts the result off from its
    input. Look for detach, item, no_grad, or a tensor made anew from numbers."""
    return -(y * torch.log(p)).sum(1).mean().detach()


@stands_for("categorical_cross_entropy")
def cce_float32(y, p):
    """Your values are right, but always float32. The loss of float64 predictions should be float64: let the dtype of
    p decide."""
    return -(y * torch.log(p)).sum(1).mean().float()


@stands_for("categorical_cross_entropy")
def cce_changes_p(y, p):
    """Your values are right, but the call overwrites p, which its caller may still need. Functions of torch whose
    name ends in an underscore work in place: use those without it."""
    return -(y * p.log_()).sum(1).mean()


# categorical_cross_entropy_if


@stands_for("categorical_cross_entropy_if")
def cce_if_product_with_zero(y, p):
    """Your values match the formula that takes every logarithm: where p is 0, 0 times log 0 is nan. Choose the entries
    where y is 1 first, and take only their logarithms."""
    return -(y * torch.log(p)).sum(1).mean()


@stands_for("categorical_cross_entropy_if")
def cce_if_epsilon_1e_8(y, p):
    """Your values match logarithms with 1e-8 added inside. That hides the nan, but shifts every cost; when the label
    chooses first, nothing needs to be added."""
    return -(y * torch.log(p + 1e-8)).sum(1).mean()


@stands_for("categorical_cross_entropy_if")
def cce_if_clamped(y, p):
    """Your values match probabilities that were cut off at 0.0001. That hides the nan, but a smaller probability of
    the right class then costs too little; when the label chooses first, nothing needs to be cut off."""
    return -(y * torch.log(p.clamp(min=1e-4))).sum(1).mean()


@stands_for("categorical_cross_entropy_if")
def cce_if_mean_over_entries(y, p):
    """Your values match a mean over all n·k entries, and are k times too small. Each row has one cost: take the mean
    over the n rows."""
    return -torch.where(y == 1, torch.log(p), torch.zeros_like(p)).mean()


@stands_for("categorical_cross_entropy_if")
def cce_if_rows_left_out(y, p):
    """Your values match a mean that leaves out the rows where the formula gives nan. A row that holds a 0 still has
    its cost, and is one of the n that the sum is divided by."""
    return -(y * torch.log(p)).sum(1).nanmean()


@stands_for("categorical_cross_entropy_if")
def cce_if_from_a_plain_zero(y, p):
    """Your values are right, but where every row is certain and right you return a plain number. A loss is a tensor,
    also when it is 0: what is your sum started from?"""
    total = 0.0
    for row, label in zip(p, y.argmax(1), strict=True):
        if row[label] != 1:
            total = total - torch.log(row[label])
    return total / len(p)


@stands_for("categorical_cross_entropy_if")
def cce_if_sum(y, p):
    """Your values match the sum over all rows. The loss should not grow with the size of the batch: what is asked for
    is the mean over the rows."""
    return -torch.log(p[y == 1]).sum()


@stands_for("categorical_cross_entropy_if")
def cce_if_every_row(y, p):
    """You return one cost for every row. One number is asked for: their mean."""
    return -torch.log(p[y == 1])


@stands_for("categorical_cross_entropy_if")
def cce_if_without_minus(y, p):
    """Your values are the right ones with the opposite sign. A logarithm of a probability is never positive, but a
    cost is never negative: which sign turns the one into the other?"""
    return torch.log(p[y == 1]).mean()


@stands_for("categorical_cross_entropy_if")
def cce_if_log2(y, p):
    """Your values match logarithms to the base 2. Which function of torch computes the natural logarithm?"""
    return -torch.log2(p[y == 1]).mean()


@stands_for("categorical_cross_entropy_if")
def cce_if_wrong_classes(y, p):
    """Your values match the entries where y is 0. The cost of a row is −log of the probability of its right class:
    where does y say that it is?"""
    return -torch.log(p[y == 0]).mean()


@stands_for("categorical_cross_entropy_if")
def cce_if_largest_p(y, p):
    """Your values match the cost of each row's largest probability. The label decides which probability counts, not
    the prediction."""
    return -torch.log(p.amax(1)).mean()


@stands_for("categorical_cross_entropy_if")
def cce_if_both_halves(y, p):
    """Your values match the binary choice made for every entry of the table and summed: −log p where y is 1 and
    −log(1−p) where it is 0. With one column for each class only the entry where y is 1 costs something."""
    return -torch.log(torch.where(y == 1, p, 1 - p)).sum(1).mean()


@stands_for("categorical_cross_entropy_if")
def cce_if_returns_float(y, p):
    """Your number is right, but it is a Python number, and no gradient flows through one. Return the 0-d tensor
    itself."""
    return -torch.log(p[y == 1]).mean().item()


@stands_for("categorical_cross_entropy_if")
def cce_if_detached(y, p):
    """Your values are right, but no gradient flows back into p: something on the way cuts the result off from its
    input. Look for detach, item, no_grad, or a tensor made anew from numbers."""
    return -torch.log(p[y == 1]).mean().detach()


@stands_for("categorical_cross_entropy_if")
def cce_if_default_dtype(y, p):
    """Your values are right, but their dtype is torch's default, not that of p. A tensor made to be filled needs the
    dtype of p."""
    costs = torch.zeros(len(p), device=p.device)
    for i in range(len(p)):
        costs[i] = -torch.log(p[i][y[i] == 1]).sum()
    return costs.mean()


@stands_for("categorical_cross_entropy_if")
def cce_if_changes_p(y, p):
    """Your values are right, but the call overwrites entries of p, which its caller may still need. Choose from p
    without changing it, or work on a copy."""
    p[y == 0] = 1
    return -torch.log(p).sum(1).mean()
