"""The visible tests of 05_metrics: `check` runs them in your notebook. The hidden ones use other numbers."""

import pytest
import torch

# the largest scores stand in the columns 2, 0, 1, 3, 1; in the columns themselves, in the rows 1, 4, 0, 3
SCORES = torch.tensor(
    [
        [0.5, 1.0, 4.0, -6.0],
        [3.0, -1.0, 0.0, 1.0],
        [2.5, 3.0, 1.0, -2.0],
        [0.0, 0.25, 2.0, 2.5],
        [-1.0, 7.0, -8.0, 0.75],
    ]
)
LABELS = torch.tensor([2, 3, 1, 0, 1])  # rows 1 and 3 are wrong
NEGATIVE = torch.tensor([[-3.0, -2.0, -5.0], [-0.5, -0.75, -0.25]])
HUGE = torch.tensor([[900.0, 1000.0, 990.0], [-1010.0, -1000.0, -900.0]])


# predicted_classes


@pytest.mark.exercise("predicted_classes")
def test_predicted_classes_of_a_batch(answer):
    """Each row gives the column of its largest score, and the scores stay as they were."""
    mistaken = {
        "classes_over_axis_0": torch.tensor([1, 4, 0, 3]),
        "classes_of_the_whole_table": torch.tensor(17),
        "classes_as_largest_scores": torch.tensor([4.0, 3.0, 3.0, 2.5, 7.0]),
        "classes_with_the_smallest_scores": torch.tensor([3, 1, 3, 0, 2]),
        "classes_with_the_largest_sizes": torch.tensor([3, 0, 1, 3, 2]),
        "classes_from_1": torch.tensor([3, 1, 2, 4, 2]),
        "classes_from_the_right": torch.tensor([1, 3, 2, 0, 2]),
        "classes_with_two_axes": torch.tensor([[2], [0], [1], [3], [1]]),
        "classes_as_floats": torch.tensor([2.0, 0.0, 1.0, 3.0, 1.0]),
        "classes_as_int32": torch.tensor([2, 0, 1, 3, 1], dtype=torch.int32),
        "classes_as_a_list": [2, 0, 1, 3, 1],
        "classes_as_marks": SCORES == SCORES.amax(1, keepdim=True),
        "classes_of_whole_numbers": torch.tensor([2, 0, 1, 2, 1]),
    }
    answer.gives(
        lambda m, scores: m.predicted_classes(scores),
        SCORES,
        expected=torch.tensor([2, 0, 1, 3, 1]),
        mistaken=mistaken,
        unchanged=True,
    )


@pytest.mark.exercise("predicted_classes")
def test_predicted_classes_of_negative_scores(answer):
    """In a row of negative scores the largest is the one nearest to 0."""
    mistaken = {
        "classes_with_the_largest_sizes": torch.tensor([2, 1]),
        "classes_with_the_smallest_scores": torch.tensor([2, 1]),
        "classes_above_0": torch.tensor([0, 0]),
    }
    answer.gives(
        lambda m, scores: m.predicted_classes(scores), NEGATIVE, expected=torch.tensor([1, 2]), mistaken=mistaken
    )


@pytest.mark.exercise("predicted_classes")
def test_predicted_classes_of_large_scores(answer):
    """Scores near 1000 and −1000 are compared as they are, in float64 too."""
    for scores in (HUGE, HUGE.double()):
        answer.gives(
            lambda m, scores: m.predicted_classes(scores),
            scores,
            expected=torch.tensor([1, 2]),
            mistaken={"classes_of_powers": torch.exp(scores).argmax(1)},
        )


@pytest.mark.exercise("predicted_classes")
def test_predicted_classes_of_a_single_row(answer):
    """A batch of one picture gives a tensor of shape (1,)."""
    answer.gives(
        lambda m, scores: m.predicted_classes(scores),
        SCORES[3:4].clone(),
        expected=torch.tensor([3]),
        mistaken={"classes_squeezed": torch.tensor(3)},
    )


# accuracy


@pytest.mark.exercise("accuracy")
def test_accuracy_of_a_batch(answer):
    """Three of five rows are right, which makes 0.6, and the inputs stay as they were."""
    mistaken = {
        "accuracy_as_error_rate": torch.tensor(0.4),
        "accuracy_in_percent": torch.tensor(60.0),
        "accuracy_as_count": torch.tensor(3),
        "accuracy_as_whole_number": torch.tensor(0),
        "accuracy_divided_by_classes": torch.tensor(0.75),
        "accuracy_divided_by_all_entries": torch.tensor(0.15),
        "accuracy_of_every_row_with_every_label": torch.tensor(0.28),
        "accuracy_of_the_largest_scores": torch.tensor(0.2),
        "accuracy_of_sorted_classes": torch.tensor(1.0),
    }
    answer.gives(
        lambda m, scores, labels: m.accuracy(scores, labels),
        SCORES,
        LABELS,
        expected=torch.tensor(0.6, dtype=torch.float64),
        mistaken=mistaken,
        scalar=True,
        unchanged=True,
    )


@pytest.mark.exercise("accuracy")
def test_accuracy_is_not_rounded(answer):
    """Two of three rows are right, which makes 0.6666667."""
    mistaken = {
        "accuracy_rounded": torch.tensor(0.67),
        "accuracy_in_float16": torch.tensor(2 / 3, dtype=torch.float16),
    }
    answer.gives(
        lambda m, scores, labels: m.accuracy(scores, labels),
        SCORES[:3].double(),
        LABELS[:3].clone(),
        expected=2 / 3,
        mistaken=mistaken,
        scalar=True,
    )


@pytest.mark.exercise("accuracy")
def test_accuracy_of_all_and_none(answer):
    """It is 1 when all rows are right and 0 when all are wrong, for a single row too."""
    for scores in (SCORES, SCORES[:1].clone()):
        right = scores.argmax(1)
        for labels, expected in ((right, 1.0), ((right + 1) % 4, 0.0)):
            answer.gives(
                lambda m, scores, labels: m.accuracy(scores, labels), scores, labels, expected=expected, scalar=True
            )


# misclassified


@pytest.mark.exercise("misclassified")
def test_misclassified_of_a_batch(answer):
    """Rows 1 and 3 are wrong, and the inputs stay as they were."""
    mistaken = {
        "wrong_as_the_right_ones": torch.tensor([0, 2, 4]),
        "wrong_with_two_axes": torch.tensor([[1], [3]]),
        "wrong_as_a_tuple": (torch.tensor([1, 3]),),
        "wrong_as_a_list": [1, 3],
        "wrong_as_marks": torch.tensor([False, True, False, True, False]),
        "wrong_as_predicted_classes": torch.tensor([0, 3]),
        "wrong_as_labels": torch.tensor([3, 0]),
        "wrong_as_count": torch.tensor(2),
        "wrong_from_1": torch.tensor([2, 4]),
        "wrong_in_descending_order": torch.tensor([3, 1]),
        "wrong_as_int32": torch.tensor([1, 3], dtype=torch.int32),
        "wrong_padded": torch.tensor([-1, 1, -1, 3, -1]),
    }
    answer.gives(
        lambda m, scores, labels: m.misclassified(scores, labels),
        SCORES,
        LABELS,
        expected=torch.tensor([1, 3]),
        mistaken=mistaken,
        unchanged=True,
    )


@pytest.mark.exercise("misclassified")
def test_misclassified_when_one_is_wrong(answer):
    """A single wrong row gives a tensor of shape (1,), in float64 too, and row 0 counts like any other."""
    for wrong in (0, 3):
        labels = SCORES.argmax(1)
        labels[wrong] = 1 if wrong else 0
        mistaken = {"wrong_squeezed": torch.tensor(wrong)}
        if wrong == 0:
            mistaken["wrong_without_row_0"] = torch.zeros(0, dtype=torch.int64)
        answer.gives(
            lambda m, scores, labels: m.misclassified(scores, labels),
            SCORES.double(),
            labels,
            expected=torch.tensor([wrong]),
            mistaken=mistaken,
        )


@pytest.mark.exercise("misclassified")
def test_misclassified_when_none_is_wrong(answer):
    """Without a wrong row the result is empty, of shape (0,), and int64."""
    mistaken = {
        "wrong_empty_as_float": torch.tensor([]),
        "wrong_none_as_none": None,
        "wrong_none_as_minus_1": torch.tensor([-1]),
    }
    answer.gives(
        lambda m, scores, labels: m.misclassified(scores, labels),
        SCORES,
        SCORES.argmax(1),
        expected=torch.zeros(0, dtype=torch.int64),
        mistaken=mistaken,
    )


@pytest.mark.exercise("misclassified")
def test_misclassified_when_all_are_wrong(answer):
    """When all rows are wrong, the result holds all row numbers."""
    answer.gives(
        lambda m, scores, labels: m.misclassified(scores, labels),
        SCORES,
        (SCORES.argmax(1) + 1) % 4,
        expected=torch.arange(5),
    )
