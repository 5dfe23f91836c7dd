"""What each exercise is asked on the pretended GPU: a small call or two, with inputs that anybody may know.

They are no secret and decide no point, so they need not be the hidden ones; and a suite's probes leave a net on the
CPU, where they load its weights. A scene returns what the contract wants on the inputs' device.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import torch
from torch import nn

from grader.jail.pretend.places import Origin, Place, Places

Scene = Callable[[Any, "Stage"], Sequence[Any]]


class Stage:
    """Where a scene gets its inputs. device: the one that is played; the CPU when everything stays at home."""

    def __init__(self, places: Places, home: Place) -> None:
        self._places = places
        self.home = home
        self.device = torch.device(home.value)
        self.nets: list[nn.Module] = []
        """Nets that are in use, for naming what they hold."""

    def tensor(self, numbers: Any, *, how: str = "input", grad: bool = False) -> torch.Tensor:
        """An input on the device that is played: a leaf."""
        return self._put(numbers, self.home, how, grad)

    def on_cpu(self, numbers: Any, how: str) -> torch.Tensor:
        """An input on the CPU, whatever is played."""
        return self._put(numbers, Place.CPU, how, False)

    def _put(self, numbers: Any, place: Place, how: str, grad: bool) -> torch.Tensor:
        made = numbers.clone() if isinstance(numbers, torch.Tensor) else torch.tensor(numbers)
        self._places.put(made, place, Origin(how))
        return made.requires_grad_() if grad else made

    def net(self, made: Any) -> Any:
        """A net, moved to the device that is played as whoever uses it would."""
        moved = made.to(self.device)
        if isinstance(moved, nn.Module):
            self.nets.append(moved)
        return moved

    @contextmanager
    def as_default(self) -> Iterator[None]:
        """The device that is played is torch's default."""
        torch.set_default_device(self.device)
        try:
            yield
        finally:
            torch.set_default_device(None)


def _numbers(*shape: int) -> torch.Tensor:
    """Distinct numbers between 0 and 1."""
    count = torch.Size(shape).numel()
    return ((torch.arange(1.0, count + 1) * 7 % (count + 1)) / (count + 1)).reshape(shape)


def _with_gradient(result: Any, *leaves: torch.Tensor) -> list[Any]:
    """The result, and what flows back from it."""
    if isinstance(result, torch.Tensor) and result.requires_grad:
        result.sum().backward()  # type: ignore[no-untyped-call]
    return [result, *(leaf.grad for leaf in leaves)]


def _rank(m: Any, stage: Stage) -> Sequence[Any]:
    m.rank(stage.tensor(_numbers(2, 3)))
    return []


def _of_images(name: str, shape: tuple[int, ...], *more: Any) -> Scene:
    def scene(m: Any, stage: Stage) -> Sequence[Any]:
        images = stage.tensor(_numbers(*shape), grad=True)
        return _with_gradient(getattr(m, name)(images, *more), images)

    return scene


def _loss(name: str, labels: Any, probabilities: Any) -> Scene:
    def scene(m: Any, stage: Stage) -> Sequence[Any]:
        p = stage.tensor(probabilities, grad=True)
        return _with_gradient(getattr(m, name)(stage.tensor(labels), p), p)

    return scene


def _one_hot(m: Any, stage: Stage) -> Sequence[Any]:
    return [m.one_hot(stage.tensor([2, 0, 1, 2]), 3)]


def _nll(m: Any, stage: Stage) -> Sequence[Any]:
    log_p = stage.tensor([[-0.5, -1.2, -2.3], [-1.7, -0.4, -1.9]], grad=True)
    return _with_gradient(m.nll(log_p, stage.tensor([0, 2])), log_p)


def _predicted_classes(m: Any, stage: Stage) -> Sequence[Any]:
    return [m.predicted_classes(stage.tensor(_numbers(4, 3)))]


def _accuracy(m: Any, stage: Stage) -> Sequence[Any]:
    m.accuracy(stage.tensor(_numbers(4, 3)), stage.tensor([0, 1, 2, 1]))
    return []  # a Python number will do, so a number on the CPU will too


def _misclassified(m: Any, stage: Stage) -> Sequence[Any]:
    return [m.misclassified(stage.tensor(_numbers(4, 3)), stage.tensor([0, 1, 2, 1]))]


def _weights_of_a_module(m: Any, stage: Stage) -> Sequence[Any]:
    holder = nn.Module()
    holder.weight = m.get_weights(5, 3)
    weight = stage.net(holder).weight
    return _with_gradient(stage.tensor(_numbers(4, 5)) @ weight, weight)


def _weights_by_default(m: Any, stage: Stage) -> Sequence[Any]:
    with stage.as_default():
        return [m.get_weights(5, 3)]


def _linear(m: Any, stage: Stage) -> Sequence[Any]:
    net = stage.net(m.Linear(5, 3))
    x = stage.tensor(_numbers(4, 5), grad=True)
    return _with_gradient(net(x), x, *net.parameters())


def _log_reg(m: Any, stage: Stage) -> Sequence[Any]:
    net = stage.net(m.LogReg(6, 3))
    images = stage.tensor(_numbers(4, 2, 3))
    net.train()(images).sum().backward()
    return [net.eval()(images)]


def _collapse(m: Any, stage: Stage) -> Sequence[Any]:
    w1 = stage.tensor(_numbers(4, 5), grad=True)
    made = m.collapse(w1, *(stage.tensor(_numbers(*shape)) for shape in ((5,), (5, 3), (3,))))
    weight, bias = made
    return [*_with_gradient(weight, w1), bias]


def _matmul(m: Any, stage: Stage) -> Sequence[Any]:
    a, b = stage.tensor(_numbers(2, 4), grad=True), stage.tensor(_numbers(4, 3), grad=True)
    return _with_gradient(m.matmul(a, b), a, b)


def _fit_line(m: Any, stage: Stage) -> Sequence[Any]:
    m.fit_line(stage.tensor([0.1, 0.4, 0.9]), stage.tensor([1.0, 1.4, 2.1]), 0.1, 2)
    return []


def _sgd_step(m: Any, stage: Stage) -> Sequence[Any]:
    params = [nn.Parameter(stage.tensor(_numbers(*shape))) for shape in ((3, 2), (2,), (4,))]
    for p, shape in zip(params[:2], ((3, 2), (2,)), strict=True):
        p.grad = stage.tensor(_numbers(*shape))
    m.sgd_step((p for p in params), 0.1)
    return params


def _small_net(stage: Stage) -> nn.Module:
    net: nn.Module = stage.net(nn.Sequential(nn.Linear(4, 3), nn.LogSoftmax(dim=1)))
    return net


def _fit(m: Any, stage: Stage) -> Sequence[Any]:
    x, y = stage.tensor(_numbers(5, 4)), stage.tensor([0, 2, 1, 1, 0])
    m.fit(_small_net(stage), x, y, 1, 3, 0.1)
    return []


def _fit_of_data_on_the_cpu(m: Any, stage: Stage) -> Sequence[Any]:
    x, y = stage.on_cpu(_numbers(5, 4), "images"), stage.on_cpu([0, 2, 1, 1, 0], "labels")
    m.fit(_small_net(stage), x, y, 1, 3, 0.1)
    return []


def _digits() -> tuple[torch.Tensor, torch.Tensor]:
    """Two rows for each of ten classes that differ in where they are bright."""
    rows = torch.full((20, 784), -0.4)
    for row in range(20):
        rows[row, 70 * (row // 2) : 70 * (row // 2) + 60 + row % 2] = 2.0
    return rows, torch.arange(20) // 2


def _train_digits(m: Any, stage: Stage) -> Sequence[Any]:
    rows, labels = _digits()
    x, y, x_valid, y_valid = (stage.tensor(each) for each in (rows, labels, rows, labels))
    net = stage.net(m.train_digits(x, y, x_valid, y_valid))
    return [net.eval()(x_valid)]


_CERTAIN = ([[1.0, 0.0, 0.0], [0.0, 0.0, 1.0]], [[0.7, 0.2, 0.1], [0.2, 0.2, 0.6]])
_HARD = ([1.0, 0.0, 0.0, 1.0], [0.9, 0.1, 0.2, 0.8])

SCENES: dict[str, tuple[Scene, ...]] = {
    "rank": (_rank,),
    "flatten": (_of_images("flatten", (2, 3, 4)),),
    "unflatten": (_of_images("unflatten", (2, 6), 2, 3),),
    "bgr_to_rgb": (_of_images("bgr_to_rgb", (2, 4, 3)),),
    "hwc_to_chw": (_of_images("hwc_to_chw", (2, 4, 3)),),
    "nhwc_to_nchw": (_of_images("nhwc_to_nchw", (2, 3, 4, 3)),),
    "crop": (_of_images("crop", (3, 4, 5), 1, (1, 3), (0, 4)),),
    "binary_cross_entropy": (_loss("binary_cross_entropy", *_HARD),),
    "binary_cross_entropy_if": (_loss("binary_cross_entropy_if", *_HARD),),
    "one_hot": (_one_hot,),
    "categorical_cross_entropy": (_loss("categorical_cross_entropy", *_CERTAIN),),
    "categorical_cross_entropy_if": (_loss("categorical_cross_entropy_if", *_CERTAIN),),
    "softmax": (_of_images("softmax", (2, 3)),),
    "log_softmax": (_of_images("log_softmax", (2, 3)),),
    "nll": (_nll,),
    "predicted_classes": (_predicted_classes,),
    "accuracy": (_accuracy,),
    "misclassified": (_misclassified,),
    "get_weights": (_weights_of_a_module, _weights_by_default),
    "Linear": (_linear,),
    "LogReg": (_log_reg,),
    "collapse": (_collapse,),
    "matmul": (_matmul,),
    "fit_line": (_fit_line,),
    "sgd_step": (_sgd_step,),
    "fit": (_fit, _fit_of_data_on_the_cpu),
    "train_digits": (_train_digits,),
}
"""By exercise. One that is not named here is not asked: it has no device, as those of NumPy."""

AT_HOME = frozenset(SCENES) - {"train_digits", "fit"}
"""Those that must also stay on the CPU, when their inputs do, where there is a GPU. Where to train is a choice."""
