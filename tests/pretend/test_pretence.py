"""The pretence itself: what tensors answer, what moves, what PyTorch allows, and that the numbers stay the same."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import nn

from grader.jail.pretend.errors import NO_NUMPY, TWO_DEVICES, DeviceError, NumpyError
from grader.jail.pretend.functions import FunctionMode
from grader.jail.pretend.machine import machine_with_gpu
from grader.jail.pretend.operators import MOST_OPERATORS, EnoughError, OperatorMode
from grader.jail.pretend.places import Place, Places

GPU = torch.device("cuda", 0)


@contextmanager
def pretending() -> Iterator[Places]:
    places = Places(lambda file: file == __file__)
    operators = OperatorMode(places, Place.CPU)
    with operators, FunctionMode(places, operators, chosen=False):
        yield places


@pytest.fixture
def places() -> Iterator[Places]:
    with pretending() as found:
        yield found


@pytest.fixture
def x(places: Places) -> torch.Tensor:
    return torch.arange(6.0).reshape(2, 3).to("cuda")


def test_a_tensor_answers_for_its_device(x):
    assert (x.device, x.is_cuda, x.is_cpu, x.get_device(), x.type()) == (GPU, True, False, 0, "torch.cuda.FloatTensor")


def test_a_tensor_that_comes_back_answers_for_the_cpu(x):
    assert (x.cpu().device.type, x.to("cpu").is_cuda, x.cpu().get_device()) == ("cpu", False, -1)


@pytest.mark.parametrize(
    "made",
    [
        lambda x: x + 1,
        lambda x: x.T[0],
        lambda x: torch.zeros(2, device=x.device),
        lambda x: torch.zeros(2, device=0),
        lambda x: torch.zeros(2).to(x),
        lambda x: torch.zeros(2).cuda(),
        lambda x: torch.zeros(2).type_as(x),
        lambda x: torch.zeros(2).type("torch.cuda.DoubleTensor"),
        lambda x: torch.as_tensor([1.0], device="cuda:0"),
        lambda x: x.new_tensor([1.0]),
        lambda x: torch.randn_like(x),
        lambda x: F.one_hot(x.argmax(1), 3),
        lambda x: x[:, [0, 2]],
        lambda x: torch.where(x > 1, x, torch.tensor(0.0)),
        lambda x: nn.Linear(3, 2).to(x.device)(x),
        lambda x: torch.vmap(lambda row: row.flip(0))(x),
    ],
)
def test_results_are_where_their_inputs_are_or_where_they_were_asked_for(x, made):
    assert made(x).device == GPU


def test_a_tensor_made_of_one_on_the_gpu_is_there_and_one_made_of_numbers_is_not(x):
    with pytest.warns(UserWarning, match="To copy construct from a tensor"):
        assert torch.tensor(x[0]).is_cuda
    assert not torch.tensor([x[0, 0], x[0, 1]]).is_cuda


def test_what_is_made_without_a_device_is_on_the_cpu_or_on_the_default_device(x):
    assert not torch.ones(2).is_cuda
    with torch.device("cuda"):
        assert torch.ones(2).is_cuda
        assert torch.tensor([1]).is_cuda


def test_numbers_can_be_read_from_the_gpu(x):
    assert (x[0].tolist(), x.sum().item(), bool(x[0, 1] > 0), float(x[1, 2])) == ([0.0, 1.0, 2.0], 15.0, True, 5.0)


@pytest.mark.parametrize("read", [lambda x: x.numpy(), np.asarray, np.exp, lambda x: np.add(1.0, x)])
def test_numpy_cannot_read_from_the_gpu(x, read):
    with pytest.raises(NumpyError) as error:
        read(x)
    assert str(error.value) == NO_NUMPY


@pytest.mark.parametrize(
    "meet",
    [
        lambda x: x + torch.ones(3),
        lambda x: x @ torch.ones(3),
        lambda x: torch.cat([x, torch.zeros(1, 3)]),
        lambda x: torch.stack([x[0, 0], torch.tensor(1.0)]),
        lambda x: torch.zeros(2, 3).add_(x),
        lambda x: torch.tensor(0.0).add_(x[0, 0]),
        lambda x: x.gather(1, torch.zeros(2, 1, dtype=torch.int64)),
        lambda x: F.nll_loss(x, torch.tensor([0, 1])),
        lambda x: F.mse_loss(x, torch.zeros(2, 3)),
        lambda x: nn.Linear(3, 2)(x),
        lambda x: torch.eye(3) * x[0, 0],
        lambda x: x.__setitem__(x > 1, torch.zeros(4)),
        lambda x: torch.zeros(3).__setitem__(x[0].long(), x[0]),
        lambda x: torch.einsum("ij,j->i", x, torch.ones(3)),
    ],
)
def test_two_devices_raise_pytorchs_own_words(x, meet):
    with pytest.raises(DeviceError) as error:
        meet(x)
    assert str(error.value).startswith(TWO_DEVICES)


def test_an_error_says_where_the_tensor_was_used_and_where_it_came_to_be(x):
    ones = torch.ones(3)
    with pytest.raises(DeviceError) as error:
        x + ones
    made, used = error.value.clue.origin.line, error.value.clue.used
    assert (made.text, used.text) == ("ones = torch.ones(3)", "x + ones")
    assert f"It came to be in {__file__}, line {made.number}." in str(error.value)


@pytest.mark.parametrize(
    "meet",
    [
        lambda x: x * torch.tensor(2.0),
        lambda x: x[torch.tensor([1, 0])],
        lambda x: x[torch.tensor([True, False])],
        lambda x: x[torch.tensor(1)],
        lambda x: x.clone().copy_(torch.ones(2, 3)),
        lambda x: x.clone().__setitem__(0, torch.ones(3)),
        lambda x: x.clone().__setitem__(x > 1, torch.tensor(1.0)),
        lambda x: torch.zeros(2, 3).copy_(x),
        lambda x: torch.ones(3)[x[0, 1].long()],
        lambda x: torch.zeros(3).__setitem__(x[0].long(), 1.0),
        lambda x: torch.zeros(3).__setitem__(x[0].long(), x[0, :1]),
    ],
)
def test_what_pytorch_allows_raises_nothing(x, meet):
    meet(x)


def test_gradients_come_back_through_a_move(places):
    weight = torch.ones(3, requires_grad=True)
    (weight.to("cuda") * 2).sum().backward()
    assert (weight.grad.tolist(), weight.grad.is_cuda, weight.is_leaf) == ([2.0, 2.0, 2.0], False, True)


def test_a_module_moves_with_its_parameters_buffers_and_gradients(places):
    net = nn.BatchNorm1d(3)
    net(torch.randn(4, 3)).sum().backward()
    net.to("cuda")
    parts = [*net.parameters(), net.running_mean, net.weight.grad]
    assert all(each.is_cuda for each in parts)
    assert all(each.is_leaf for each in net.parameters())


def test_a_gradient_on_the_cpu_cannot_be_assigned(x):
    with pytest.raises(DeviceError, match="attempting to assign a gradient with device type 'cpu'"):
        x.grad = torch.zeros(2, 3)


def test_an_operator_that_is_not_known_raises_a_doubt_and_no_error(places, x):
    torch.histc(x)
    assert places.doubts == []
    torch.bucketize(x, torch.tensor([1.0, 2.0]))
    assert len(places.doubts) == 1


def test_a_loop_without_end_is_cut_off(x):
    with pytest.raises(EnoughError):
        any(x.sum() < 0 for _ in range(MOST_OPERATORS))


def test_the_authors_lines_alone_find_a_gpu():
    with machine_with_gpu(lambda file: file == __file__):
        assert torch.cuda.is_available()
        assert torch.cuda.device_count() == 1
        torch.cuda.synchronize()
    with machine_with_gpu(lambda _file: False):
        assert not torch.cuda.is_available() or torch.version.cuda


def test_afterwards_torch_is_as_it_was():
    before = torch.cuda.is_available
    with machine_with_gpu(lambda _file: True), pretending():
        torch.zeros(2, device="cuda")
    assert torch.cuda.is_available is before
    assert torch.zeros(2).device.type == "cpu"


def training(optimiser: type[torch.optim.Optimizer], device: str) -> list[float]:
    torch.manual_seed(7)
    net = nn.Sequential(nn.Linear(5, 8), nn.Tanh(), nn.BatchNorm1d(8), nn.Linear(8, 3), nn.LogSoftmax(1))
    x, y = torch.randn(24, 5), torch.randint(3, (24,))
    net, x, y = net.to(device), x.to(device), y.to(device)
    moves, losses = optimiser(net.parameters(), lr=0.05), []
    for rows in torch.randperm(24).repeat(3).split(7):
        moves.zero_grad()
        loss = F.nll_loss(net(x[rows]), y[rows])
        loss.backward()
        moves.step()
        losses.append(loss.item())
    return losses


@pytest.mark.parametrize("optimiser", [torch.optim.SGD, torch.optim.Adam, torch.optim.RMSprop, torch.optim.Adagrad])
def test_the_losses_of_a_training_are_the_same_as_on_the_cpu(optimiser):
    expected = training(optimiser, "cpu")
    with pretending() as places:
        assert training(optimiser, "cuda") == expected
    assert places.doubts == []
