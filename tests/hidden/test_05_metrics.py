"""Hidden suite of 05_metrics: the chosen class of each row, the share of right ones, and the rows that are wrong."""

from __future__ import annotations

import itertools

import pytest
import torch

from grader.judge.answer import Answer
from grader.judge.compare import Tolerance
from grader.judge.draw import Draw

every_dtype = pytest.mark.parametrize("dtype", [torch.float32, torch.float64], ids=["float32", "float64"])

SHARE = Tolerance(relative=0.0, absolute=1e-6)
"""The contract's for a share: its rounding in float32 is 6e-8."""


def scores_that_choose(draw: Draw, chosen: torch.Tensor, k: int, dtype: torch.dtype = torch.float32) -> torch.Tensor:
    """(n, k) scores whose largest of row i stands in column chosen[i].

    The scores of a row are at least 0.3 apart, so ties cannot happen; some rows lie higher than others.
    """
    ranks = torch.stack([draw.permutation(k) for _ in range(len(chosen))])
    best = ranks.argmax(1)
    rows = torch.arange(len(chosen))
    ranks[rows, best], ranks[rows, chosen] = ranks[rows, chosen], k - 1
    jitter = draw.uniform(len(chosen), k, low=0.0, high=0.4, dtype=torch.float64)
    heights = draw.uniform(len(chosen), 1, low=-3.0, high=3.0, dtype=torch.float64)
    return ((ranks - (k - 1) / 2 + jitter - 0.2) * 0.6 + heights).to(dtype).contiguous()


def with_largest(scores: torch.Tensor, value: int) -> torch.Tensor:
    """The scores, each row moved so that its largest is exactly `value`."""
    return scores - scores.amax(1, keepdim=True) + value


def labels_beside(draw: Draw, chosen: torch.Tensor, k: int, wrong: list[int]) -> torch.Tensor:
    """int64 (n,): the chosen classes, but for the rows in `wrong`, which get another class."""
    labels = chosen.clone()
    for i in wrong:
        labels[i] = (chosen[i] + draw.integers(1, low=1, high=k)[0]) % k
    return labels


def some(draw: Draw, n: int, m: int) -> list[int]:
    """m of the numbers 0 … n − 1, ascending."""
    return sorted(draw.permutation(n)[:m].tolist())


def of_every_size(draw: Draw, chosen: torch.Tensor, k: int, dtype: torch.dtype) -> torch.Tensor:
    """(n, k) scores: of the rows i % 4 = 0 … 3 huge ones, huge ones all below 0, tiny ones, ordinary ones."""
    scores = scores_that_choose(draw, chosen, k, torch.float64)
    below = scores - (k + 4)
    sizes = [scores * 1e30, below * 1e30, scores * 1e-4, scores * 300]
    return torch.stack([sizes[i % 4][i] for i in range(len(chosen))]).to(dtype).contiguous()


def close_scores(draw: Draw, chosen: torch.Tensor, k: int) -> list[torch.Tensor]:
    """(n, k) scores near 0 and near 1, of which float32 resp. float64 still tells the largest."""
    near_0 = 1e-9 * scores_that_choose(draw, chosen, k)
    return [near_0, 1 + 1e-9 * scores_that_choose(draw, chosen, k, torch.float64)]


def tables(draw: Draw) -> list[tuple[torch.Tensor, torch.Tensor]]:
    """Scores and labels of every small size, in either dtype: all right, all wrong and mixed; at last many rows."""
    found = []
    for number, (n, k) in enumerate([*itertools.product((1, 2, 3), (1, 2, 3, 4)), (6, 2), (5, 5), (397, 3)]):
        chosen = draw.integers(n, high=k)
        scores = scores_that_choose(draw, chosen, k, torch.float32 if number % 2 else torch.float64)
        shares = (0, n // 2, n) if k > 1 and n < 9 else (n // 3 if k > 1 else 0,)
        found.extend(
            (scores + shift, labels_beside(draw, chosen, k, some(draw, n, wrong)))
            for wrong in shares
            for shift in (0, -9)
        )
    return found


def alike(draw: Draw) -> tuple[torch.Tensor, torch.Tensor]:
    """(9, 3) scores and labels, in which rows come twice and three times, right ones and wrong ones."""
    chosen = draw.labels(5, 3)
    scores, labels = scores_that_choose(draw, chosen, 3), labels_beside(draw, chosen, 3, [1, 3])
    rows = torch.tensor([0, 1, 2, 3, 4, 0, 0, 1, 3])[draw.permutation(9)]
    return scores[rows], labels[rows]


def of_many_classes(draw: Draw) -> tuple[torch.Tensor, torch.Tensor]:
    """(5, 300) scores and labels, of which those of rows 1 and 4 are wrong by 256: more than a byte tells apart."""
    chosen = torch.cat([255 - draw.permutation(200)[:1], draw.permutation(43)[:2], 299 - draw.permutation(44)[:2]])
    return scores_that_choose(draw, chosen, 300), chosen + torch.tensor([0, 256, 0, 0, -256])


# predicted_classes


@pytest.mark.exercise("predicted_classes", weight=2)
@every_dtype
def test_predicted_classes_of_a_batch(answer: Answer, draw: Draw, dtype: torch.dtype) -> None:
    """Each row gives the column of its largest score, and the scores stay as they were."""
    scores = scores_that_choose(draw, draw.labels(7, 4), 4, dtype)
    answer.agrees(lambda m, scores: m.predicted_classes(scores), scores, unchanged=True)


@pytest.mark.exercise("predicted_classes")
def test_predicted_classes_of_more_classes_than_rows(answer: Answer, draw: Draw) -> None:
    """Tables with more columns than rows work like those with more rows."""
    for n, k in [(3, 10), (2, 5)]:
        chosen = draw.permutation(k - 1)[:n] + 1
        answer.agrees(lambda m, scores: m.predicted_classes(scores), scores_that_choose(draw, chosen, k))
    for k in (23, 300):  # beyond the ten classes of digits, and beyond a byte
        chosen = k - 1 - draw.permutation(11)[:4]
        answer.agrees(lambda m, scores: m.predicted_classes(scores), scores_that_choose(draw, chosen, k))


@pytest.mark.exercise("predicted_classes")
def test_predicted_classes_of_as_many_rows_as_classes(answer: Answer, draw: Draw) -> None:
    """In a square table each row still gives the column of its own largest score."""
    for k in (3, 5):
        scores = scores_that_choose(draw, (draw.permutation(k - 1) + 1).repeat(2)[:k], k)
        # one row holds the largest of every column: searched along the wrong axis, all answers are that row
        scores[1] += 2 * k + 6
        answer.agrees(lambda m, scores: m.predicted_classes(scores), scores)


@pytest.mark.exercise("predicted_classes")
def test_predicted_classes_of_a_single_row_or_class(answer: Answer, draw: Draw) -> None:
    """A single row gives a tensor of shape (1,), and a single class is chosen in every row."""
    for n, k in [(1, 5), (6, 1), (1, 1)]:
        chosen = draw.integers(n, low=1, high=k) if k > 1 else torch.zeros(n, dtype=torch.int64)
        answer.agrees(lambda m, scores: m.predicted_classes(scores), scores_that_choose(draw, chosen, k))


@pytest.mark.exercise("predicted_classes", weight=2)
def test_predicted_classes_of_negative_scores(answer: Answer, draw: Draw) -> None:
    """Scores may all be below 0, such as log-probabilities or distances with a minus in front."""
    scores = scores_that_choose(draw, draw.labels(6, 3), 3)
    answer.agrees(lambda m, scores: m.predicted_classes(scores), torch.log_softmax(scores, 1))
    answer.agrees(lambda m, scores: m.predicted_classes(scores), scores - 70)


@pytest.mark.exercise("predicted_classes")
def test_predicted_classes_of_positive_scores(answer: Answer, draw: Draw) -> None:
    """Scores may all be above 0, such as probabilities, and lie far above 1."""
    scores = scores_that_choose(draw, draw.labels(6, 3), 3)
    answer.agrees(lambda m, scores: m.predicted_classes(scores), torch.softmax(scores, 1))
    answer.agrees(lambda m, scores: m.predicted_classes(scores), scores + 70)


@pytest.mark.exercise("predicted_classes")
@every_dtype
def test_predicted_classes_of_scores_of_any_size(answer: Answer, draw: Draw, dtype: torch.dtype) -> None:
    """Very large, very negative and very small scores are compared as they are."""
    scores = of_every_size(draw, draw.labels(8, 4), 4, dtype)
    answer.agrees(lambda m, scores: m.predicted_classes(scores), scores)


@pytest.mark.exercise("predicted_classes")
def test_predicted_classes_of_close_scores(answer: Answer, draw: Draw) -> None:
    """Scores that differ little, far behind the point, still have a largest one."""
    for k in (3, 2):
        for scores in close_scores(draw, draw.labels(6, k), k):
            answer.agrees(lambda m, scores: m.predicted_classes(scores), scores)


@pytest.mark.exercise("predicted_classes")
def test_predicted_classes_of_two_classes(answer: Answer, draw: Draw) -> None:
    """Of two classes, too, the larger score counts, whatever sign the two have."""
    for shift in (-8, 0.5, 8):
        scores = scores_that_choose(draw, draw.labels(8, 2), 2) + shift
        answer.agrees(lambda m, scores: m.predicted_classes(scores), scores)


@pytest.mark.exercise("predicted_classes")
def test_predicted_classes_of_every_size(answer: Answer, draw: Draw) -> None:
    """However many rows and classes there are, each row gives its column, and the scores stay as they were."""
    given = [scores for scores, _ in tables(draw)]
    answer.agrees(
        lambda m, given: [m.predicted_classes(scores) for scores in given],
        given,
        unchanged=True,
        call="predicted_classes(scores) of each",
    )


@pytest.mark.exercise("predicted_classes")
def test_predicted_classes_called_again(answer: Answer, draw: Draw) -> None:
    """Each call starts anew, and the input may be passed by its name `scores`."""
    first = scores_that_choose(draw, draw.labels(4, 3), 3)
    second = scores_that_choose(draw, draw.labels(9, 5), 5, torch.float64)
    answer.agrees(
        lambda m, scores, others: [
            m.predicted_classes(scores),
            m.predicted_classes(scores=others),
            m.predicted_classes(scores),
            m.predicted_classes(scores.neg_()),  # the same tensor with other numbers in it
        ],
        first,
        second,
    )


# accuracy


@pytest.mark.exercise("accuracy", weight=2)
@every_dtype
def test_accuracy_of_a_batch(answer: Answer, draw: Draw, dtype: torch.dtype) -> None:
    """The share of rows whose predicted class is the label, and the inputs stay as they were."""
    chosen = draw.labels(7, 4)
    labels = labels_beside(draw, chosen, 4, some(draw, 7, 2))
    answer.agrees(
        lambda m, scores, labels: m.accuracy(scores, labels),
        scores_that_choose(draw, chosen, 4, dtype),
        labels,
        tolerance=SHARE,
        scalar=True,
        unchanged=True,
    )


@pytest.mark.exercise("accuracy", weight=2)
def test_accuracy_of_many_rows(answer: Answer, draw: Draw) -> None:
    """The share of many rows is exact to six places: it is not rounded, and no row is left out."""
    n, k = 257, 23
    chosen = draw.labels(n, k)
    # the wrong rows lie apart from the ends, so that the first rows alone give another share
    wrong = [i + 20 for i in some(draw, n - 40, 94)]
    answer.agrees(
        lambda m, scores, labels: m.accuracy(scores, labels),
        scores_that_choose(draw, chosen, k),
        labels_beside(draw, chosen, k, wrong),
        tolerance=SHARE,
        scalar=True,
    )


@pytest.mark.exercise("accuracy")
def test_accuracy_of_all_and_none(answer: Answer, draw: Draw) -> None:
    """It is 1 when all rows are right and 0 when all are wrong, for one row as for several."""
    for n in (6, 1):
        chosen = draw.labels(n, 3) if n > 1 else draw.integers(n, low=1, high=3)
        scores = scores_that_choose(draw, chosen, 3)
        for wrong in ([], list(range(n))):
            answer.agrees(
                lambda m, scores, labels: m.accuracy(scores, labels),
                scores,
                labels_beside(draw, chosen, 3, wrong),
                tolerance=SHARE,
                scalar=True,
            )


@pytest.mark.exercise("accuracy")
def test_accuracy_of_few_rows(answer: Answer, draw: Draw) -> None:
    """Tables with fewer rows than classes, and with as many, have their share too."""
    # the square ones first: a search along axis 0 raises at others
    for n, k, m in [(4, 4, 1), (5, 5, 3), (3, 8, 1)]:
        chosen = (draw.permutation(k - 1) + 1).repeat(2)[:n]
        scores = scores_that_choose(draw, chosen, k)
        answer.agrees(
            lambda m, scores, labels: m.accuracy(scores, labels),
            scores,
            labels_beside(draw, chosen, k, some(draw, n, m)),
            tolerance=SHARE,
            scalar=True,
        )


@pytest.mark.exercise("accuracy")
def test_accuracy_of_many_classes(answer: Answer, draw: Draw) -> None:
    """There may be hundreds of classes, and each is another one."""
    answer.agrees(
        lambda m, scores, labels: m.accuracy(scores, labels), *of_many_classes(draw), tolerance=SHARE, scalar=True
    )


@pytest.mark.exercise("accuracy")
def test_accuracy_where_classes_are_missing(answer: Answer, draw: Draw) -> None:
    """Every row counts alike, when classes are of unequal size or do not occur at all."""
    chosen = torch.tensor([0, 0, 0, 0, 0, 0, 2, 2, 3])[draw.permutation(9)]
    labels = torch.where(chosen == 2, 3, chosen)
    # the largest score of each row is 3, at times the label itself: comparing these two differs from a constant answer
    scores = with_largest(scores_that_choose(draw, chosen, 5), 3)
    answer.agrees(lambda m, scores, labels: m.accuracy(scores, labels), scores, labels, tolerance=SHARE, scalar=True)
    # a single class is always right
    one = draw.normal(4, 1)
    answer.agrees(
        lambda m, scores, labels: m.accuracy(scores, labels),
        one,
        torch.zeros(4, dtype=torch.int64),
        tolerance=SHARE,
        scalar=True,
    )


@pytest.mark.exercise("accuracy")
@every_dtype
def test_accuracy_of_scores_of_any_size(answer: Answer, draw: Draw, dtype: torch.dtype) -> None:
    """Very large, very negative and very small scores are compared as they are."""
    chosen = draw.permutation(3).repeat(4) + 1
    # only rows of tiny scores are wrong: whoever fails at other sizes cannot gain there what he loses
    labels = labels_beside(draw, chosen, 4, [2, 6])
    answer.agrees(
        lambda m, scores, labels: m.accuracy(scores, labels),
        of_every_size(draw, chosen, 4, dtype),
        labels,
        tolerance=SHARE,
        scalar=True,
    )


@pytest.mark.exercise("accuracy")
def test_accuracy_of_close_scores_and_of_two_classes(answer: Answer, draw: Draw) -> None:
    """Close scores still have a largest one, and of two classes the larger score counts, whatever its sign."""
    chosen = draw.labels(9, 2)
    tables = [*close_scores(draw, chosen, 2), *(scores_that_choose(draw, chosen, 2) + shift for shift in (-8, 0.5, 8))]
    for scores in tables:
        answer.agrees(
            lambda m, scores, labels: m.accuracy(scores, labels),
            scores,
            labels_beside(draw, chosen, 2, some(draw, 9, 2)),
            tolerance=SHARE,
            scalar=True,
        )


@pytest.mark.exercise("accuracy")
def test_accuracy_of_rows_that_are_alike(answer: Answer, draw: Draw) -> None:
    """Every row counts, also where several have the same scores and label."""
    answer.agrees(lambda m, scores, labels: m.accuracy(scores, labels), *alike(draw), tolerance=SHARE, scalar=True)


@pytest.mark.exercise("accuracy")
def test_accuracy_of_every_size(answer: Answer, draw: Draw) -> None:
    """However many rows and classes there are, the share is right, and the inputs stay as they were."""
    # float(…) because each share may be a number or a tensor of any floating dtype; kept until all are there
    answer.agrees(
        lambda m, given: [float(share) for share in [m.accuracy(scores, labels) for scores, labels in given]],
        tables(draw),
        tolerance=SHARE,
        unchanged=True,
        call="accuracy(scores, labels) of each",
    )


@pytest.mark.exercise("accuracy")
def test_accuracy_called_again(answer: Answer, draw: Draw) -> None:
    """Each call starts anew, and the inputs may be passed by their names `scores` and `labels`."""
    chosen, other = draw.labels(6, 3), draw.labels(9, 4)
    inputs = (
        scores_that_choose(draw, chosen, 3),
        labels_beside(draw, chosen, 3, some(draw, 6, 1)),
        scores_that_choose(draw, other, 4, torch.float64),
        labels_beside(draw, other, 4, some(draw, 9, 5)),
    )
    # float(…) because each share may be a number or a tensor of any floating dtype
    answer.agrees(
        lambda m, scores, labels, others, theirs: [
            float(m.accuracy(scores, labels)),
            float(m.accuracy(scores=others, labels=theirs)),
            float(m.accuracy(scores, labels)),
            float(m.accuracy(scores.neg_(), labels)),  # the same tensor with other numbers in it
        ],
        *inputs,
        tolerance=SHARE,
    )


# misclassified


@pytest.mark.exercise("misclassified", weight=2)
@every_dtype
def test_misclassified_of_a_batch(answer: Answer, draw: Draw, dtype: torch.dtype) -> None:
    """The numbers of the wrong rows in ascending order, and the inputs stay as they were."""
    chosen = draw.labels(9, 4)
    answer.agrees(
        lambda m, scores, labels: m.misclassified(scores, labels),
        scores_that_choose(draw, chosen, 4, dtype),
        labels_beside(draw, chosen, 4, some(draw, 9, 3)),
        unchanged=True,
    )


@pytest.mark.exercise("misclassified", weight=2)
def test_misclassified_of_many_rows(answer: Answer, draw: Draw) -> None:
    """Of many rows all wrong ones are found, the first and the last too."""
    n, k = 257, 23
    chosen = draw.labels(n, k)
    wrong = [0, *(i + 1 for i in some(draw, n - 2, 170)), n - 1]
    answer.agrees(
        lambda m, scores, labels: m.misclassified(scores, labels),
        scores_that_choose(draw, chosen, k),
        labels_beside(draw, chosen, k, wrong),
    )


@pytest.mark.exercise("misclassified")
def test_misclassified_of_many_classes(answer: Answer, draw: Draw) -> None:
    """There may be hundreds of classes, and each is another one."""
    answer.agrees(lambda m, scores, labels: m.misclassified(scores, labels), *of_many_classes(draw))


@pytest.mark.exercise("misclassified")
def test_misclassified_of_close_scores(answer: Answer, draw: Draw) -> None:
    """Scores that differ little, far behind the point, still have a largest one."""
    for k in (3, 2):
        chosen = draw.labels(9, k)
        for scores in close_scores(draw, chosen, k):
            answer.agrees(
                lambda m, scores, labels: m.misclassified(scores, labels),
                scores,
                labels_beside(draw, chosen, k, some(draw, 9, 4)),
            )


@pytest.mark.exercise("misclassified")
def test_misclassified_when_none_is_wrong(answer: Answer, draw: Draw) -> None:
    """Without a wrong row the result is empty, of shape (0,) and int64, for a single row or class too."""
    for n, k in [(6, 3), (1, 3), (4, 1)]:
        chosen = draw.integers(n, high=k)
        answer.agrees(
            lambda m, scores, labels: m.misclassified(scores, labels), scores_that_choose(draw, chosen, k), chosen
        )


@pytest.mark.exercise("misclassified")
def test_misclassified_when_one_is_wrong(answer: Answer, draw: Draw) -> None:
    """A single wrong row gives a tensor of shape (1,), when it is the only row too."""
    for n, wrong in [(5, 3), (5, 0), (1, 0)]:
        chosen = draw.integers(n, high=3)
        answer.agrees(
            lambda m, scores, labels: m.misclassified(scores, labels),
            scores_that_choose(draw, chosen, 3),
            labels_beside(draw, chosen, 3, [wrong]),
        )


@pytest.mark.exercise("misclassified")
def test_misclassified_when_all_are_wrong(answer: Answer, draw: Draw) -> None:
    """When all rows are wrong, the result holds all row numbers."""
    for n, k in [(6, 3), (3, 7)]:
        chosen = draw.integers(n, high=k)
        answer.agrees(
            lambda m, scores, labels: m.misclassified(scores, labels),
            scores_that_choose(draw, chosen, k),
            labels_beside(draw, chosen, k, list(range(n))),
        )


@pytest.mark.exercise("misclassified")
def test_misclassified_of_few_rows(answer: Answer, draw: Draw) -> None:
    """Tables with fewer rows than classes, and with as many, are searched row by row."""
    for n, k, right in [(4, 4, 2), (5, 5, 1), (3, 8, 0)]:
        chosen = (draw.permutation(k - 1) + 1).repeat(2)[:n]
        # the largest score of each row equals the label of the right one: comparing these two does not find all rows
        answer.agrees(
            lambda m, scores, labels: m.misclassified(scores, labels),
            with_largest(scores_that_choose(draw, chosen, k), int(chosen[right])),
            labels_beside(draw, chosen, k, [i for i in range(n) if i not in (right, n - 1)]),
        )


@pytest.mark.exercise("misclassified")
@every_dtype
def test_misclassified_of_scores_of_any_size(answer: Answer, draw: Draw, dtype: torch.dtype) -> None:
    """Very large, very negative and very small scores are compared as they are."""
    chosen = draw.permutation(3).repeat(4) + 1
    answer.agrees(
        lambda m, scores, labels: m.misclassified(scores, labels),
        of_every_size(draw, chosen, 4, dtype),
        labels_beside(draw, chosen, 4, [0, 5, 10]),
    )


@pytest.mark.exercise("misclassified")
def test_misclassified_of_rows_that_are_alike(answer: Answer, draw: Draw) -> None:
    """Every wrong row is named, also where several have the same scores and label."""
    answer.agrees(lambda m, scores, labels: m.misclassified(scores, labels), *alike(draw))


@pytest.mark.exercise("misclassified")
def test_misclassified_of_every_size(answer: Answer, draw: Draw) -> None:
    """However many rows and classes there are, the wrong rows are named, and the inputs stay as they were."""
    answer.agrees(
        lambda m, given: [m.misclassified(scores, labels) for scores, labels in given],
        tables(draw),
        unchanged=True,
        call="misclassified(scores, labels) of each",
    )


@pytest.mark.exercise("misclassified")
def test_misclassified_called_again(answer: Answer, draw: Draw) -> None:
    """Each call starts anew, and the inputs may be passed by their names `scores` and `labels`."""
    chosen, other = draw.labels(6, 3), draw.labels(9, 4)
    answer.agrees(
        lambda m, scores, labels, others, theirs: [
            m.misclassified(scores, labels),
            m.misclassified(scores=others, labels=theirs),
            m.misclassified(scores, labels),
            m.misclassified(scores.neg_(), labels),  # the same tensor with other numbers in it
        ],
        scores_that_choose(draw, chosen, 3),
        labels_beside(draw, chosen, 3, some(draw, 6, 2)),
        scores_that_choose(draw, other, 4, torch.float64),
        labels_beside(draw, other, 4, some(draw, 9, 5)),
    )
