"""Known mistakes of 05_metrics: each is one wrong answer, its docstring the explanation for whoever made it."""

from __future__ import annotations

import torch

from grader.judge.known import stands_for

# predicted_classes


@stands_for("predicted_classes")
def classes_over_axis_0(scores):
    """Your values match a search along axis 0: for each class, the picture with the largest score. There has to be
    one answer for each picture: which axis must stay?"""
    return scores.argmax(0)


@stands_for("predicted_classes")
def classes_of_the_whole_table(scores):
    """Your value matches the position of the largest score in the flattened table, a single number. Each row has a
    largest score of its own: which axis is to be searched?"""
    return scores.argmax()


@stands_for("predicted_classes")
def classes_as_largest_scores(scores):
    """Your values match the largest score of each row. That says how much; the answer is in which column it
    stands."""
    return scores.max(1).values


@stands_for("predicted_classes")
def classes_with_scores(scores):
    """Your result holds two things, the largest scores and their columns. Only the columns are asked for."""
    return tuple(scores.max(1))


@stands_for("predicted_classes")
def classes_with_the_smallest_scores(scores):
    """Your values match the column of the smallest score. A larger score means that the net believes more in this
    class."""
    return scores.argmin(1)


@stands_for("predicted_classes")
def classes_with_the_largest_sizes(scores):
    """Your values match the score that is farthest from 0, whatever its sign. A score of −8 is a small one: compare
    the scores as they are."""
    return scores.abs().argmax(1)


@stands_for("predicted_classes")
def classes_with_the_second_largest_scores(scores):
    """Your values match the second largest score of each row. In which order did you sort, and which end did you
    take?"""
    return scores.argsort(1)[:, -2] if scores.shape[1] > 1 else torch.zeros(len(scores), dtype=torch.int64)


@stands_for("predicted_classes")
def classes_of_ten_columns(scores):
    """Your values are right as long as the largest score stands in one of the first ten columns. There are as many
    classes as the table has columns."""
    return scores[:, :10].argmax(1)


@stands_for("predicted_classes")
def classes_from_1(scores):
    """Your values are all larger by 1 than they should be. Columns are counted from 0."""
    return scores.argmax(1) + 1


@stands_for("predicted_classes")
def classes_from_the_right(scores):
    """Your values match columns that are counted from the right. The first column, on the left, is class 0."""
    return scores.flip(1).argmax(1)


@stands_for("predicted_classes")
def classes_with_two_axes(scores):
    """Your values are right, but they come with the shape (n, 1). The axis of the classes has to go: what does
    `keepdim` do?"""
    return scores.argmax(1, keepdim=True)


@stands_for("predicted_classes")
def classes_squeezed(scores):
    """Your values are right, but for a single row the result has no axis left, as after `squeeze()` without an axis.
    One row gives a tensor of shape (1,)."""
    return scores.argmax(1, keepdim=True).squeeze()


@stands_for("predicted_classes")
def classes_as_floats(scores):
    """Your values are right, but they are floating-point numbers. A class is the number of a column: int64."""
    return scores.argmax(1).to(scores.dtype)


@stands_for("predicted_classes")
def classes_as_int32(scores):
    """Your values are right, but their dtype is int32. Classes and labels are int64 here."""
    return scores.argmax(1).int()


@stands_for("predicted_classes")
def classes_as_a_list(scores):
    """Your values are right, but they come as a Python list. The result is an int64 tensor."""
    return scores.argmax(1).tolist()


@stands_for("predicted_classes")
def classes_as_numpy(scores):
    """Your values are right, but they come as a NumPy array. The result is an int64 tensor."""
    return scores.argmax(1).numpy()


@stands_for("predicted_classes")
def classes_as_marks(scores):
    """Your result marks the largest score of each row in a table of the same shape. The answer is the number of the
    marked column, one for each row."""
    return scores == scores.amax(1, keepdim=True)


@stands_for("predicted_classes")
def classes_as_order(scores):
    """Your result holds all columns of each row, from the largest score to the smallest. Only the first of them is
    asked for."""
    return scores.argsort(1, descending=True)


@stands_for("predicted_classes")
def classes_of_whole_numbers(scores):
    """Your values match scores whose places behind the point were cut off, so that several of a row become equal.
    Compare the scores as they are."""
    return scores.long().argmax(1)


@stands_for("predicted_classes")
def classes_above_0(scores):
    """Your values match a search that begins at 0, so that a row of negative scores has no winner and gets class 0.
    Begin with the first score of the row."""
    return scores.clamp_min(0).argmax(1)


@stands_for("predicted_classes")
def classes_above_minus_1(scores):
    """Your values match a search that begins at −1, so that a row of scores below it has no winner and gets class 0.
    Begin with the first score of the row."""
    return scores.clamp_min(-1).argmax(1)


@stands_for("predicted_classes")
def classes_above_one_half(scores):
    """Your values match the first column with a score above 0.5. The largest score decides, also where none or
    several are above one half."""
    return (scores > 0.5).long().argmax(1)


@stands_for("predicted_classes")
def classes_of_powers(scores):
    """Your values match e to the power of the scores, which is infinity for several large ones and 0 for several very
    negative ones. The order of the scores is all that counts, so no power is needed."""
    return torch.exp(scores).argmax(1)


@stands_for("predicted_classes")
def classes_of_sigmoids(scores):
    """Your values match the sigmoid of the scores, which is rounded to 1 for several large ones. The order of the
    scores is all that counts, so nothing has to be squeezed between 0 and 1."""
    return torch.sigmoid(scores).argmax(1)


@stands_for("predicted_classes")
def classes_in_float32(scores):
    """Your values match scores in float32, where close scores of a float64 table become equal. Compare the scores in
    the dtype in which they come."""
    return scores.float().argmax(1)


@stands_for("predicted_classes")
def classes_in_place(scores):
    """Your values are right, but the scores were changed on the way. An operation such as `-=` or one that ends in `_`
    works in place: make a new tensor instead."""
    best = scores.argmax(1)
    scores -= scores.amax(1, keepdim=True)
    return best


@stands_for("predicted_classes")
def classes_after_softmax(scores):
    """Your values match the largest probability after a softmax. Its rounding makes close scores equal, and then any of
    them may come out: is the step needed to find the largest score?"""
    return torch.softmax(scores, 1).argmax(1)


# accuracy


@stands_for("accuracy")
def accuracy_as_error_rate(scores, labels):
    """Your value matches the share of rows that are wrong. Accuracy is the share of those that are right."""
    return (scores.argmax(1) != labels).float().mean()


@stands_for("accuracy")
def accuracy_in_percent(scores, labels):
    """Your value is 100 times too large: it is in per cent. A share lies between 0 and 1."""
    return 100 * (scores.argmax(1) == labels).float().mean()


@stands_for("accuracy")
def accuracy_as_count(scores, labels):
    """Your value matches the number of right rows. Which share of all rows is it?"""
    return (scores.argmax(1) == labels).sum()


@stands_for("accuracy")
def accuracy_as_whole_number(scores, labels):
    """Your value is 1 only when all rows are right, and 0 otherwise, as after a division with `//`, a conversion to int
    or `torch.equal`. The share of right rows lies between: divide with `/`."""
    return int((scores.argmax(1) == labels).sum()) // len(labels)


@stands_for("accuracy")
def accuracy_divided_by_classes(scores, labels):
    """Your value matches the number of right rows divided by the number of classes. Divide by the number of rows."""
    return (scores.argmax(1) == labels).sum() / scores.shape[1]


@stands_for("accuracy")
def accuracy_divided_by_all_entries(scores, labels):
    """Your value matches the number of right rows divided by all entries of the table. Divide by the number of
    rows."""
    return (scores.argmax(1) == labels).sum() / scores.numel()


@stands_for("accuracy")
def accuracy_divided_by_one_less(scores, labels):
    """Your value matches the number of right rows divided by n − 1. All n rows count."""
    return (scores.argmax(1) == labels).sum() / max(len(labels) - 1, 1)


@stands_for("accuracy")
def accuracy_of_every_row_with_every_label(scores, labels):
    """Your value matches a comparison of every row with every label, as == makes of the shapes (n, 1) and (n,). Both
    sides need the shape (n,)."""
    return (scores.argmax(1, keepdim=True) == labels).float().mean()


@stands_for("accuracy")
def accuracy_of_the_largest_scores(scores, labels):
    """Your value matches a comparison of the labels with the largest scores themselves. A label is the number of a
    column: in which column does the largest score stand?"""
    return (scores.max(1).values == labels).float().mean()


@stands_for("accuracy")
def accuracy_of_the_smallest_scores(scores, labels):
    """Your value matches a comparison of the labels with the columns of the smallest scores. The largest score of a row
    is the net's choice."""
    return (scores.argmin(1) == labels).float().mean()


@stands_for("accuracy")
def accuracy_over_axis_0(scores, labels):
    """Your answer searches along axis 0, which gives one number for each class and not for each picture. It runs only
    where there are as many rows as classes, and is wrong there too."""
    return (scores.argmax(0) == labels).float().mean()


@stands_for("accuracy")
def accuracy_with_labels_from_1(scores, labels):
    """Your value matches columns that are counted from 1. Labels and columns are both counted from 0."""
    return (scores.argmax(1) + 1 == labels).float().mean()


@stands_for("accuracy")
def accuracy_of_sorted_classes(scores, labels):
    """Your value matches a comparison of sorted classes with sorted labels. Each row's class has to be compared with
    the label of the same row."""
    return (scores.argmax(1).sort().values == labels.sort().values).float().mean()


@stands_for("accuracy")
def accuracy_of_the_best_two(scores, labels):
    """Your value also counts rows whose label has only the second largest score. The largest score of a row decides
    alone."""
    best = scores.topk(min(2, scores.shape[1]), dim=1).indices
    return (best == labels[:, None]).any(1).float().mean()


@stands_for("accuracy")
def accuracy_with_neighbours(scores, labels):
    """Your value also counts rows whose class differs from the label by 1. Class numbers are names: a 3 taken for a 4
    is as wrong as a 3 taken for an 8."""
    return ((scores.argmax(1) - labels).abs() <= 1).float().mean()


@stands_for("accuracy")
def accuracy_of_each_class_averaged(scores, labels):
    """Your value matches the mean of the shares of each class, in which rare classes weigh as much as common ones. Here
    every row counts alike."""
    is_right = (scores.argmax(1) == labels).float()
    return torch.stack([is_right[labels == label].mean() for label in labels.unique()]).mean()


@stands_for("accuracy")
def accuracy_of_positive_scores(scores, labels):
    """Your value matches the share of rows whose label has a score above 0. It counts only when it is the largest of
    its row."""
    return (scores[torch.arange(len(labels)), labels] > 0).float().mean()


@stands_for("accuracy")
def accuracy_as_mean_probability(scores, labels):
    """Your value matches the mean probability that is given to the labels. Accuracy only asks whether the label has the
    largest score, not by how much."""
    return torch.softmax(scores, 1)[torch.arange(len(labels)), labels].mean()


@stands_for("accuracy")
def accuracy_rounded(scores, labels):
    """Your value matches a share that is rounded to two places. Leave it as it is; rounding belongs where it is
    shown."""
    return round(float((scores.argmax(1) == labels).float().mean()), 2)


@stands_for("accuracy")
def accuracy_in_float16(scores, labels):
    """Your value matches a share in float16, which keeps three digits only. Use float32 or a Python number."""
    return (scores.argmax(1) == labels).half().mean()


@stands_for("accuracy")
def accuracy_of_powers(scores, labels):
    """Your value matches classes chosen by e to the power of the scores, which is infinity for several large ones
    and 0 for several very negative ones. Compare the scores as they are."""
    return (torch.exp(scores).argmax(1) == labels).float().mean()


@stands_for("accuracy")
def accuracy_in_place(scores, labels):
    """Your value is right, but an input was changed on the way. An operation such as `-=` or one that ends in `_` works
    in place: make a new tensor instead."""
    labels -= scores.argmax(1)
    return (labels == 0).float().mean()


# misclassified


@stands_for("misclassified")
def wrong_as_the_right_ones(scores, labels):
    """Your result holds the rows that are right. Asked for are those where class and label differ."""
    return (scores.argmax(1) == labels).nonzero().squeeze(1)


@stands_for("misclassified")
def wrong_with_two_axes(scores, labels):
    """Your row numbers are right, but they come with the shape (m, 1), one column for each axis that `nonzero`
    searched. The last axis has to go."""
    return (scores.argmax(1) != labels).nonzero()


@stands_for("misclassified")
def wrong_squeezed(scores, labels):
    """Your row numbers are right, but when a single row is wrong no axis is left, as after `squeeze()` without an axis.
    One wrong row gives a tensor of shape (1,): which axis is to go?"""
    return (scores.argmax(1) != labels).nonzero().squeeze()


@stands_for("misclassified")
def wrong_as_a_tuple(scores, labels):
    """Your row numbers are right, but they come inside a tuple, as `torch.where` with one argument gives them. Take the
    tensor out of it."""
    return torch.where(scores.argmax(1) != labels)


@stands_for("misclassified")
def wrong_as_a_list(scores, labels):
    """Your row numbers are right, but they come as a Python list. The result is an int64 tensor."""
    return (scores.argmax(1) != labels).nonzero().squeeze(1).tolist()


@stands_for("misclassified")
def wrong_as_marks(scores, labels):
    """Your result says for each row whether it is wrong. Asked for are the numbers of those rows: where does True
    stand?"""
    return scores.argmax(1) != labels


@stands_for("misclassified")
def wrong_as_predicted_classes(scores, labels):
    """Your result holds the classes that were chosen in the wrong rows. Asked for are the numbers of these rows."""
    chosen = scores.argmax(1)
    return chosen[chosen != labels]


@stands_for("misclassified")
def wrong_as_labels(scores, labels):
    """Your result holds the labels of the wrong rows. Asked for are the numbers of these rows."""
    return labels[scores.argmax(1) != labels]


@stands_for("misclassified")
def wrong_as_rows_of_scores(scores, labels):
    """Your result holds the scores of the wrong rows. Asked for are the numbers of these rows."""
    return scores[scores.argmax(1) != labels]


@stands_for("misclassified")
def wrong_as_count(scores, labels):
    """Your value says how many rows are wrong. Asked for is which ones."""
    return (scores.argmax(1) != labels).sum()


@stands_for("misclassified")
def wrong_from_1(scores, labels):
    """Your row numbers are all larger by 1 than they should be. Rows are counted from 0."""
    return (scores.argmax(1) != labels).nonzero().squeeze(1) + 1


@stands_for("misclassified")
def wrong_in_descending_order(scores, labels):
    """Your row numbers are right, but they run from the last to the first. They shall ascend."""
    return (scores.argmax(1) != labels).nonzero().squeeze(1).flip(0)


@stands_for("misclassified")
def wrong_in_order_of_scores(scores, labels):
    """Your row numbers are right, but they are sorted by the largest score, the surest mistake first. They shall
    ascend."""
    rows = (scores.argmax(1) != labels).nonzero().squeeze(1)
    return rows[scores[rows].amax(1).argsort(descending=True)]


@stands_for("misclassified")
def wrong_in_order_of_classes(scores, labels):
    """Your row numbers are right, but they are grouped by label, as a loop over the classes gives them. They shall
    ascend over all classes."""
    chosen = scores.argmax(1)
    groups = [((labels == c) & (chosen != c)).nonzero().squeeze(1) for c in range(scores.shape[1])]
    return torch.cat(groups)


@stands_for("misclassified")
def wrong_as_int32(scores, labels):
    """Your row numbers are right, but their dtype is int32. Positions are int64."""
    return (scores.argmax(1) != labels).nonzero().squeeze(1).int()


@stands_for("misclassified")
def wrong_as_floats(scores, labels):
    """Your row numbers are right, but they are floating-point numbers. Positions are int64."""
    return (scores.argmax(1) != labels).nonzero().squeeze(1).float()


@stands_for("misclassified")
def wrong_padded(scores, labels):
    """Your result has one entry for each row, with −1 where the row is right. Only the wrong rows belong into it."""
    return torch.where(scores.argmax(1) != labels, torch.arange(len(labels)), -1)


@stands_for("misclassified")
def wrong_first_only(scores, labels):
    """Your result holds the first wrong row only. Do not leave the search at the first find."""
    return (scores.argmax(1) != labels).nonzero().squeeze(1)[:1]


@stands_for("misclassified")
def wrong_without_row_0(scores, labels):
    """Your row numbers are right, but row 0 is missing when it is wrong. Is its number taken for `False` somewhere?"""
    rows = torch.arange(len(labels)) * (scores.argmax(1) != labels)
    return rows[rows != 0]


@stands_for("misclassified")
def wrong_without_the_last_row(scores, labels):
    """Your row numbers are right, but the last row is missing when it is wrong. Where does your loop or slice end?"""
    return (scores.argmax(1) != labels)[:-1].nonzero().squeeze(1)


@stands_for("misclassified")
def wrong_empty_as_float(scores, labels):
    """Your row numbers are right, but when none is wrong the empty tensor is of a floating dtype, as `torch.tensor([])`
    makes it. It has to be int64 then too."""
    return torch.tensor([i for i, row in enumerate(scores) if row.argmax() != labels[i]])


@stands_for("misclassified")
def wrong_none_as_none(scores, labels):
    """Your row numbers are right, but when none is wrong the result is None. An empty tensor of shape (0,) says the
    same, and a loop over it works."""
    rows = (scores.argmax(1) != labels).nonzero().squeeze(1)
    return rows if len(rows) else None


@stands_for("misclassified")
def wrong_none_as_minus_1(scores, labels):
    """Your row numbers are right, but when none is wrong the result is −1. The answer is then an empty tensor of shape
    (0,)."""
    rows = (scores.argmax(1) != labels).nonzero().squeeze(1)
    return rows if len(rows) else torch.tensor([-1])


@stands_for("misclassified")
def wrong_none_raises(scores, labels):
    """Your row numbers are right, but when none is wrong your answer raises, as `torch.stack` of an empty list does.
    The answer is then an empty tensor of shape (0,) and dtype int64."""
    return torch.stack([torch.tensor(i) for i, row in enumerate(scores) if row.argmax() != labels[i]])


@stands_for("misclassified")
def wrong_with_the_smallest_scores(scores, labels):
    """Your result matches a comparison of the labels with the columns of the smallest scores. The largest score of a
    row is the net's choice."""
    return (scores.argmin(1) != labels).nonzero().squeeze(1)


@stands_for("misclassified")
def wrong_by_the_largest_scores(scores, labels):
    """Your result matches a comparison of the labels with the largest scores themselves. A label is the number of a
    column: in which column does the largest score stand?"""
    return (scores.max(1).values != labels).nonzero().squeeze(1)


@stands_for("misclassified")
def wrong_with_labels_from_1(scores, labels):
    """Your result matches columns that are counted from 1. Labels and columns are both counted from 0."""
    return (scores.argmax(1) + 1 != labels).nonzero().squeeze(1)


@stands_for("misclassified")
def wrong_by_powers(scores, labels):
    """Your result matches classes chosen by e to the power of the scores, which is infinity for several large ones
    and 0 for several very negative ones. Compare the scores as they are."""
    return (torch.exp(scores).argmax(1) != labels).nonzero().squeeze(1)


@stands_for("misclassified")
def wrong_in_place(scores, labels):
    """Your row numbers are right, but an input was changed on the way. An operation such as `-=` or one that ends in
    `_` works in place: make a new tensor instead."""
    labels -= scores.argmax(1)
    return labels.nonzero().squeeze(1)
