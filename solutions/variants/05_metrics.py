"""Right but unusual answers of 05_metrics: the suites must give each of them full points."""

from __future__ import annotations

import numpy as np
import torch

from grader.judge.known import stands_for

# predicted_classes


@stands_for("predicted_classes")
def classes_row_by_row(scores):
    """A loop over the rows, Python numbers made into a tensor."""
    return torch.tensor([int(row.argmax()) for row in scores], device=scores.device)


@stands_for("predicted_classes")
def classes_from_plain_lists(scores):
    """Python's own lists, max and index."""
    rows = scores.tolist()
    return torch.tensor([row.index(max(row)) for row in rows], dtype=torch.long, device=scores.device)


@stands_for("predicted_classes")
def classes_by_loop_from_the_first(scores):
    """A search that begins with the first score of each row."""
    best = torch.zeros(len(scores), dtype=torch.int64, device=scores.device)
    for i in range(scores.shape[0]):
        for j in range(1, scores.shape[1]):
            if scores[i, j] > scores[i, best[i]]:
                best[i] = j
    return best


@stands_for("predicted_classes")
def classes_by_loop_over_columns(scores):
    """The columns one after another, the best so far kept by where."""
    largest = scores[:, 0]
    best = torch.zeros_like(largest, dtype=torch.int64)
    for j in range(1, scores.shape[1]):
        is_larger = scores[:, j] > largest
        largest = torch.where(is_larger, scores[:, j], largest)
        best = torch.where(is_larger, j, best)
    return best


@stands_for("predicted_classes")
def classes_by_loop_from_infinity(scores):
    """A search that begins at −infinity."""
    result = []
    for row in scores:
        best, where = -float("inf"), 0
        for j, score in enumerate(row):
            if score > best:
                best, where = score.item(), j
        result.append(where)
    return torch.tensor(result).to(scores.device)


@stands_for("predicted_classes")
def classes_by_max_with_axis(scores):
    """The second thing that max gives."""
    _, columns = torch.max(scores, dim=-1)
    return columns


@stands_for("predicted_classes")
def classes_by_sorting(scores, descending=True):
    """The first column of the order, and an extra parameter with a default."""
    return torch.argsort(scores, dim=1, descending=descending)[:, 0]


@stands_for("predicted_classes")
def classes_by_topk(scores):
    """The best one of each row, its axis squeezed away."""
    return scores.topk(1, dim=1).indices.squeeze(1)


@stands_for("predicted_classes")
def classes_by_kthvalue(scores):
    """The k-th smallest of k scores."""
    return scores.kthvalue(scores.size(1), 1)[1]


@stands_for("predicted_classes")
def classes_by_marks(scores):
    """The positions at which a row equals its largest score: there are no ties."""
    return (scores == scores.amax(1, keepdim=True)).nonzero()[:, 1]


@stands_for("predicted_classes")
def classes_by_weighing_marks(scores):
    """Marks times the column numbers, summed."""
    marks = scores >= scores.max(dim=1, keepdim=True)[0]
    return (marks * torch.arange(scores.shape[1], device=scores.device)).sum(dim=1)


@stands_for("predicted_classes")
def classes_by_wins(scores):
    """The column that is above all others of its row."""
    return (scores[:, :, None] > scores[:, None, :]).sum(2).argmax(1)


@stands_for("predicted_classes")
def classes_of_the_transposed(scores):
    """The transposed table, searched down its columns."""
    return scores.T.argmax(dim=0)


@stands_for("predicted_classes")
def classes_by_numpy(scores):
    """NumPy's argmax, and back."""
    return torch.from_numpy(np.argmax(scores.cpu().numpy(), axis=1)).to(scores.device)


@stands_for("predicted_classes")
def classes_with_smallest_negatives(scores):
    """The smallest of the scores with a minus in front."""
    return (-scores).min(1).indices


@stands_for("predicted_classes")
def classes_by_running_maximum(scores):
    """Where the running maximum stands at the end of the row."""
    return scores.cummax(1).indices[:, -1]


@stands_for("predicted_classes")
def classes_by_recursion(scores):
    """Recursion on the rows."""
    first = scores[:1].argmax(1)
    return first if len(scores) == 1 else torch.cat([first, classes_by_recursion(scores[1:])])


@stands_for("predicted_classes")
def classes_by_sorted_key(scores):
    """Python's max over the columns, with the score as its key."""
    columns = range(scores.shape[1])
    return torch.as_tensor([max(columns, key=row.__getitem__) for row in scores.tolist()], device=scores.device)


# accuracy


@stands_for("accuracy")
def accuracy_in_double(scores, labels):
    """A mean in float64."""
    return (scores.argmax(1) == labels).double().mean()


@stands_for("accuracy")
def accuracy_by_count(scores, labels):
    """A count divided by the number of rows, a 0-d tensor."""
    return (scores.argmax(dim=1) == labels).sum() / labels.shape[0]


@stands_for("accuracy")
def accuracy_as_python_number(scores, labels):
    """A Python number."""
    return (scores.argmax(1) == labels).sum().item() / len(labels)


@stands_for("accuracy")
def accuracy_by_loop(scores, labels):
    """A loop that counts; the ends of the range come as they are."""
    right = 0
    for i in range(len(labels)):
        if scores[i].argmax().item() == labels[i].item():
            right += 1
    return right / len(labels)


@stands_for("accuracy")
def accuracy_by_adding_shares(scores, labels):
    """Each right row adds one n-th."""
    n = len(labels)
    return sum(1 / n for row, label in zip(scores, labels, strict=True) if row.argmax() == label)


@stands_for("accuracy")
def accuracy_by_gather(scores, labels):
    """The label's score is the largest one: there are no ties."""
    own = scores.gather(1, labels[:, None]).squeeze(1)
    return (own == scores.amax(1)).to(scores.dtype).mean()


@stands_for("accuracy")
def accuracy_by_rank(scores, labels):
    """No other score stands above the label's."""
    own = scores[torch.arange(len(labels), device=labels.device), labels]
    return ((scores > own.unsqueeze(1)).sum(1) == 0).float().mean()


@stands_for("accuracy")
def accuracy_from_what_is_wrong(scores, labels):
    """One minus the share of wrong rows."""
    return 1 - torch.count_nonzero(scores.argmax(1) - labels) / len(labels)


@stands_for("accuracy")
def accuracy_by_confusion_table(scores, labels):
    """The diagonal of the table of labels against classes."""
    k = scores.shape[1]
    pairs = torch.bincount(labels * k + scores.argmax(1), minlength=k * k).reshape(k, k)
    return pairs.diagonal().sum() / pairs.sum()


@stands_for("accuracy")
def accuracy_class_by_class(scores, labels):
    """The shares of the classes, weighed by how often they occur."""
    chosen = scores.argmax(1)
    total = 0.0
    for c in range(scores.shape[1]):
        of_class = labels == c
        if of_class.any():
            total += (chosen[of_class] == c).float().mean().item() * of_class.sum().item()
    return total / len(labels)


@stands_for("accuracy")
def accuracy_by_numpy(scores, labels):
    """NumPy's mean of truth values, a np.float64."""
    return np.mean(scores.cpu().numpy().argmax(1) == labels.cpu().numpy())


@stands_for("accuracy")
def accuracy_by_where(scores, labels, *, right=1.0, wrong=0.0):
    """Ones and zeros by where, and extra parameters with defaults."""
    return torch.where(scores.max(1)[1].eq(labels), right, wrong).mean()


@stands_for("accuracy")
def accuracy_as_python_integer_at_the_ends(scores, labels):
    """The numbers 1 and 0 as ints, a float between."""
    right = int((scores.argmax(1) == labels).sum())
    return right // len(labels) if right % len(labels) == 0 else right / len(labels)


@stands_for("accuracy")
def accuracy_by_one_hot(scores, labels):
    """One-hot rows of classes and labels, multiplied."""
    table = torch.eye(scores.shape[1], device=scores.device)
    return (table[scores.argmax(1)] * table[labels]).sum() / len(scores)


@stands_for("accuracy")
def accuracy_by_recursion(scores, labels):
    """Recursion on halves of the batch."""
    n = len(labels)
    if n == 1:
        return float(scores[0].argmax() == labels[0])
    half = n // 2
    left, right = (
        accuracy_by_recursion(scores[:half], labels[:half]),
        accuracy_by_recursion(scores[half:], labels[half:]),
    )
    return (half * left + (n - half) * right) / n


# misclassified


@stands_for("misclassified")
def wrong_by_mask(scores, labels):
    """The row numbers, indexed by a mask."""
    return torch.arange(len(labels), device=labels.device)[scores.argmax(1) != labels]


@stands_for("misclassified")
def wrong_by_where(scores, labels):
    """torch.where with one argument gives a tuple: its only part."""
    (rows,) = torch.where(scores.argmax(1) != labels)
    return rows


@stands_for("misclassified")
def wrong_by_nonzero_as_tuple(scores, labels):
    """nonzero as a tuple of axes."""
    return torch.nonzero(scores.argmax(1).ne(labels), as_tuple=True)[0]


@stands_for("misclassified")
def wrong_by_flattening(scores, labels):
    """nonzero of a difference, flattened."""
    return (scores.argmax(1) - labels).nonzero().flatten()


@stands_for("misclassified")
def wrong_by_first_column(scores, labels):
    """The first column of what argwhere gives."""
    return torch.argwhere(~(scores.argmax(1) == labels))[:, 0]


@stands_for("misclassified")
def wrong_by_loop(scores, labels):
    """A loop, and a tensor with its dtype said."""
    rows = []
    for i in range(len(labels)):
        if scores[i].argmax() != labels[i]:
            rows.append(i)
    return torch.tensor(rows, dtype=torch.int64, device=labels.device)


@stands_for("misclassified")
def wrong_by_growing(scores, labels):
    """An empty int64 tensor that grows by concatenation."""
    rows = torch.empty(0, dtype=torch.long, device=labels.device)
    for i, (row, label) in enumerate(zip(scores.tolist(), labels.tolist(), strict=True)):
        if row.index(max(row)) != label:
            rows = torch.cat([rows, torch.tensor([i], device=labels.device)])
    return rows


@stands_for("misclassified")
def wrong_by_sorting(scores, labels):
    """Sets of row numbers, sorted at last."""
    chosen = scores.argmax(1)
    right = {i for i in range(len(labels)) if chosen[i] == labels[i]}
    return torch.tensor(sorted(set(range(len(labels))) - right), device=labels.device).long()


@stands_for("misclassified")
def wrong_by_masked_select(scores, labels):
    """masked_select, and an extra parameter with a default."""
    rows = torch.arange(0, scores.shape[0], device=scores.device)
    return torch.masked_select(rows, torch.max(scores, 1).indices != labels)


@stands_for("misclassified")
def wrong_by_numpy(scores, labels):
    """NumPy's flatnonzero, and back."""
    wrong = np.flatnonzero(scores.cpu().numpy().argmax(axis=1) != labels.cpu().numpy())
    return torch.from_numpy(wrong).to(labels.device)


@stands_for("misclassified")
def wrong_by_rank(scores, labels):
    """Some other score stands above the label's."""
    own = scores.gather(1, labels.unsqueeze(1))
    return (scores > own).any(dim=1).nonzero(as_tuple=True)[0]


@stands_for("misclassified")
def wrong_class_by_class(scores, labels):
    """A loop over the classes, sorted at last."""
    chosen = scores.argmax(1)
    found = [((labels == c) & (chosen != c)).nonzero()[:, 0] for c in range(scores.shape[1])]
    return torch.cat(found).sort().values


@stands_for("misclassified")
def wrong_by_stable_order(scores, labels):
    """A stable sort brings the wrong rows to the front."""
    is_right = (scores.argmax(1) == labels).int()
    return is_right.argsort(stable=True)[: len(labels) - int(is_right.sum())]


@stands_for("misclassified")
def wrong_by_reshape(scores, labels):
    """nonzero, reshaped to one axis."""
    return (scores.argmax(1) != labels).nonzero().reshape(-1)


@stands_for("misclassified")
def wrong_by_recursion(scores, labels):
    """Recursion on the rows, from the last one."""
    n = len(labels) - 1
    if n < 0:
        return torch.zeros(0, dtype=torch.int64, device=labels.device)
    last = torch.full((int(scores[n].argmax() != labels[n]),), n, device=labels.device)
    return torch.cat([wrong_by_recursion(scores[:n], labels[:n]), last])
