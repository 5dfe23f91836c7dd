"""Known mistakes of 06_modules: each is one wrong answer, its docstring the explanation for whoever made it."""

from __future__ import annotations

import math

import numpy as np
import torch
from torch import nn

from grader.judge.known import stands_for


def _right_weights(*dims):
    return nn.Parameter(torch.randn(dims) / dims[0])


def _right_log_softmax(logits):
    shifted = logits - logits.amax(-1, keepdim=True)
    return shifted - shifted.exp().sum(-1, keepdim=True).log()


# get_weights


@stands_for("get_weights")
def weights_undivided(*dims):
    """Your numbers have the deviation 1, as they come from `torch.randn`. The division by the first size is
    missing."""
    return nn.Parameter(torch.randn(dims))


@stands_for("get_weights")
def weights_divided_by_the_last_size(*dims):
    """Your numbers were divided by the last size. The rule divides by the first one, the number of inputs: which
    place in `dims` is that?"""
    return nn.Parameter(torch.randn(dims) / dims[-1])


@stands_for("get_weights")
def weights_divided_by_the_second_size(*dims):
    """Your numbers were divided by the second size. Counting starts at 0, and a bias has only one size."""
    return nn.Parameter(torch.randn(dims) / dims[1])


@stands_for("get_weights")
def weights_divided_by_the_root(*dims):
    """Your numbers were divided by the square root of the first size. That is a rule of its own, but the one asked
    for here divides by the size itself."""
    return nn.Parameter(torch.randn(dims) / math.sqrt(dims[0]))


@stands_for("get_weights")
def weights_divided_by_their_number(*dims):
    """Your numbers were divided by how many there are in all. The rule divides by the first size alone."""
    return nn.Parameter(torch.randn(dims) / math.prod(dims))


@stands_for("get_weights")
def weights_multiplied(*dims):
    """Your numbers were multiplied by the first size. The rule makes them smaller: divide."""
    return nn.Parameter(torch.randn(dims) * dims[0])


@stands_for("get_weights")
def weights_uniform(*dims):
    """Your numbers are spread evenly between 0 and 1 before the division, so they have no mean of 0. Look for the
    function whose name ends in n, for normal."""
    return nn.Parameter(torch.rand(dims) / dims[0])


@stands_for("get_weights")
def weights_uniform_around_0(*dims):
    """Your numbers are spread evenly between −1 and 1 before the division. Standard normal numbers have most of their
    mass near 0 and a deviation of 1."""
    return nn.Parameter((2 * torch.rand(dims) - 1) / dims[0])


@stands_for("get_weights")
def weights_uniform_minus_a_half(*dims):
    """Your numbers are spread evenly between −0.5 and 0.5 before the division. Standard normal numbers have most of
    their mass near 0 and a deviation of 1."""
    return nn.Parameter((torch.rand(dims) - 0.5) / dims[0])


@stands_for("get_weights")
def weights_all_zero(*dims):
    """Your numbers are all 0. Layers that start alike stay alike: draw standard normal numbers."""
    return nn.Parameter(torch.zeros(dims))


@stands_for("get_weights")
def weights_from_one_number(*dims):
    """Your tensor repeats one row of numbers. Every entry is to be a number of its own: the sizes belong into the
    call that draws."""
    return nn.Parameter((torch.randn(dims[1:]) / dims[0]).expand(dims).clone())


@stands_for("get_weights")
def weights_divided_outside(*dims):
    """Your numbers are right, but a Parameter divided by a number is no Parameter any more, only the result of a
    computation. Divide first, then wrap."""
    return nn.Parameter(torch.randn(dims)) / dims[0]


@stands_for("get_weights")
def weights_as_plain_tensor(*dims):
    """Your numbers are right, but they are a tensor and no Parameter, so a module will not find them. What wraps a
    tensor as a Parameter?"""
    return torch.randn(dims) / dims[0]


@stands_for("get_weights")
def weights_as_tensor_with_gradient(*dims):
    """Your tensor asks for gradients, but it is no Parameter: a module takes only those into its `parameters()`."""
    return (torch.randn(dims) / dims[0]).requires_grad_()


@stands_for("get_weights")
def weights_frozen(*dims):
    """Your Parameter does not ask for gradients, so nothing can train it. Leave out `requires_grad=False`."""
    return nn.Parameter(torch.randn(dims) / dims[0], requires_grad=False)


@stands_for("get_weights")
def weights_always_the_same(*dims):
    """Your function gives the same numbers at each call, as after setting a seed or keeping a result. All layers of
    one size would start as copies of each other: draw anew, and leave the seed to whoever calls."""
    torch.manual_seed(0)
    return nn.Parameter(torch.randn(dims) / dims[0])


@stands_for("get_weights")
def weights_from_another_generator(*dims):
    """Your numbers do not listen to `torch.manual_seed`, so they come from NumPy or from a generator of your own.
    `torch.randn` takes torch's global one."""
    return nn.Parameter(torch.tensor(np.random.randn(*dims) / dims[0], dtype=torch.get_default_dtype()))


@stands_for("get_weights")
def weights_from_numpy_in_float64(*dims):
    """Your numbers come from NumPy, so they are float64 and do not listen to `torch.manual_seed`. Torch draws normal
    numbers in its own default dtype."""
    return nn.Parameter(torch.from_numpy(np.random.randn(*dims) / dims[0]))


@stands_for("get_weights")
def weights_in_float32(*dims):
    """Your numbers are float32 whatever torch's default dtype is. Leave the dtype out, and torch follows its
    default."""
    return nn.Parameter(torch.randn(dims, dtype=torch.float32) / dims[0])


@stands_for("get_weights")
def weights_in_float64(*dims):
    """Your numbers are float64 whatever torch's default dtype is. Leave the dtype out, and torch follows its
    default."""
    return nn.Parameter(torch.randn(dims, dtype=torch.float64) / dims[0])


@stands_for("get_weights")
def weights_for_tables_only(rows, columns):
    """Your function takes exactly two sizes. A bias has one and other layers have more: a star in the signature
    collects them all."""
    return nn.Parameter(torch.randn(rows, columns) / rows)


@stands_for("get_weights")
def weights_of_the_sizes(*dims):
    """Your tensor holds the sizes as its numbers. They are to be its shape: which function draws normal numbers of a
    given shape?"""
    return nn.Parameter(torch.tensor(dims) / dims[0])


# Linear


@stands_for("Linear")
class LinearWithoutSuper(nn.Module):
    """A module must be prepared before it can keep Parameters. What is the first line of `__init__`?"""

    def __init__(self, in_features, out_features):
        self.weight = _right_weights(in_features, out_features)
        self.bias = _right_weights(out_features)

    def forward(self, x):
        return x @ self.weight + self.bias


@stands_for("Linear")
class LinearTurnedRound(nn.Module):
    """Your weight has the shape (out, in), as in torch's own layer. Here it has a row for each input, so that no
    transpose is needed."""

    def __init__(self, in_features, out_features):
        super().__init__()
        self.weight = nn.Parameter(torch.randn(out_features, in_features) / in_features)
        self.bias = _right_weights(out_features)

    def forward(self, x):
        return x @ self.weight.T + self.bias


@stands_for("Linear")
class LinearWithoutBias(nn.Module):
    """Your layer has a weight but no Parameter as its bias. Each output needs one more number that is added whatever
    x is, and a plain tensor would neither be trained nor saved."""

    def __init__(self, in_features, out_features):
        super().__init__()
        self.weight = _right_weights(in_features, out_features)

    def forward(self, x):
        return x @ self.weight


@stands_for("Linear")
class LinearWithForgottenBias(nn.Module):
    """Your layer has a bias, but `forward` does not use it. What has to be done after the product?"""

    def __init__(self, in_features, out_features):
        super().__init__()
        self.weight = _right_weights(in_features, out_features)
        self.bias = _right_weights(out_features)

    def forward(self, x):
        return x @ self.weight


@stands_for("Linear")
class LinearMinusBias(nn.Module):
    """Your values match x @ weight − bias. The bias is added."""

    def __init__(self, in_features, out_features):
        super().__init__()
        self.weight = _right_weights(in_features, out_features)
        self.bias = _right_weights(out_features)

    def forward(self, x):
        return x @ self.weight - self.bias


@stands_for("Linear")
class LinearWithBiasPerInput(nn.Module):
    """Your bias has one number for each input. It is added to the outputs, so it needs one for each output."""

    def __init__(self, in_features, out_features):
        super().__init__()
        self.weight = _right_weights(in_features, out_features)
        self.bias = _right_weights(in_features)

    def forward(self, x):
        return (x + self.bias) @ self.weight


@stands_for("Linear")
class LinearWithSingleBias(nn.Module):
    """Your layer has a single bias for all outputs. Each output is to have one of its own."""

    def __init__(self, in_features, out_features):
        super().__init__()
        self.weight = _right_weights(in_features, out_features)
        self.bias = _right_weights(1)

    def forward(self, x):
        return x @ self.weight + self.bias


@stands_for("Linear")
class LinearWithBiasAsRow(nn.Module):
    """Your bias has the shape (1, out). One axis is enough, since broadcasting adds it to every row by itself."""

    def __init__(self, in_features, out_features):
        super().__init__()
        self.weight = _right_weights(in_features, out_features)
        self.bias = _right_weights(1, out_features)

    def forward(self, x):
        return x @ self.weight + self.bias


@stands_for("Linear")
class LinearWithOtherNames(nn.Module):
    """Your Parameters bear other names. They are to be the attributes `weight` and `bias`, since a saved state is
    found by these names."""

    def __init__(self, in_features, out_features):
        super().__init__()
        self.w = _right_weights(in_features, out_features)
        self.b = _right_weights(out_features)

    def forward(self, x):
        return x @ self.w + self.b


@stands_for("Linear")
class LinearWithPlainTensors(nn.Module):
    """Your weight and bias are tensors, not Parameters, so `parameters()` finds nothing to train. What did
    `get_weights` return for this reason?"""

    def __init__(self, in_features, out_features):
        super().__init__()
        self.weight = torch.randn(in_features, out_features) / in_features
        self.bias = torch.randn(out_features) / out_features

    def forward(self, x):
        return x @ self.weight + self.bias


@stands_for("Linear")
class LinearWithBiasAsBuffer(nn.Module):
    """Your bias is a buffer: it is saved but never trained. It is to be a Parameter."""

    def __init__(self, in_features, out_features):
        super().__init__()
        self.weight = _right_weights(in_features, out_features)
        self.register_buffer("bias", torch.randn(out_features) / out_features)

    def forward(self, x):
        return x @ self.weight + self.bias


@stands_for("Linear")
class LinearWithFrozenBias(nn.Module):
    """Your bias does not ask for gradients, so it stays as it is for ever. Both Parameters are trained."""

    def __init__(self, in_features, out_features):
        super().__init__()
        self.weight = _right_weights(in_features, out_features)
        self.bias = _right_weights(out_features).requires_grad_(False)

    def forward(self, x):
        return x @ self.weight + self.bias


@stands_for("Linear")
class LinearWithThirdParameter(nn.Module):
    """Your layer trains a third Parameter beside weight and bias. These two are all it needs."""

    def __init__(self, in_features, out_features):
        super().__init__()
        self.weight = _right_weights(in_features, out_features)
        self.bias = _right_weights(out_features)
        self.scale = nn.Parameter(torch.ones(1))

    def forward(self, x):
        return self.scale * (x @ self.weight + self.bias)


@stands_for("Linear")
class LinearWithBiasZero(nn.Module):
    """Your layer is right, but its bias starts at 0. Here it starts by the rule of `get_weights`, like the weight."""

    def __init__(self, in_features, out_features):
        super().__init__()
        self.weight = _right_weights(in_features, out_features)
        self.bias = nn.Parameter(torch.zeros(out_features))

    def forward(self, x):
        return x @ self.weight + self.bias


@stands_for("Linear")
class LinearWithBiasByInputs(nn.Module):
    """Your layer is right, but its bias starts divided by the number of inputs. By the rule of `get_weights` a tensor
    is divided by its own first size."""

    def __init__(self, in_features, out_features):
        super().__init__()
        self.weight = _right_weights(in_features, out_features)
        self.bias = nn.Parameter(torch.randn(out_features) / in_features)

    def forward(self, x):
        return x @ self.weight + self.bias


@stands_for("Linear")
class LinearWithUndividedBias(nn.Module):
    """Your layer is right, but its bias starts with numbers that were not divided. `get_weights` makes a bias,
    too."""

    def __init__(self, in_features, out_features):
        super().__init__()
        self.weight = _right_weights(in_features, out_features)
        self.bias = nn.Parameter(torch.randn(out_features))

    def forward(self, x):
        return x @ self.weight + self.bias


@stands_for("Linear")
class LinearUndivided(nn.Module):
    """Your layer is right, but it starts with undivided normal numbers. Use `get_weights` for both Parameters."""

    def __init__(self, in_features, out_features):
        super().__init__()
        self.weight = nn.Parameter(torch.randn(in_features, out_features))
        self.bias = nn.Parameter(torch.randn(out_features))

    def forward(self, x):
        return x @ self.weight + self.bias


@stands_for("Linear")
class LinearDividedByOutputs(nn.Module):
    """Your layer is right, but its weight starts divided by the number of outputs. The rule takes the first size of
    the weight's shape, (in, out)."""

    def __init__(self, in_features, out_features):
        super().__init__()
        self.weight = nn.Parameter(_right_weights(out_features, in_features).detach().T.contiguous())
        self.bias = _right_weights(out_features)

    def forward(self, x):
        return x @ self.weight + self.bias


@stands_for("Linear")
class LinearWithUniformStart(nn.Module):
    """Your layer is right, but it starts with evenly spread numbers, as torch's own layer does. Here the start is
    normal numbers divided by the first size."""

    def __init__(self, in_features, out_features):
        super().__init__()
        bound = 1 / math.sqrt(in_features)
        self.weight = nn.Parameter(torch.empty(in_features, out_features).uniform_(-bound, bound))
        self.bias = nn.Parameter(torch.empty(out_features).uniform_(-bound, bound))

    def forward(self, x):
        return x @ self.weight + self.bias


@stands_for("Linear")
class LinearSeeded(nn.Module):
    """Your layer is right, but every new one starts with the same numbers, since a seed is set. Leave the seed to
    whoever builds the net."""

    def __init__(self, in_features, out_features):
        super().__init__()
        torch.manual_seed(0)
        self.weight = _right_weights(in_features, out_features)
        self.bias = _right_weights(out_features)

    def forward(self, x):
        return x @ self.weight + self.bias


@stands_for("Linear")
class LinearForTablesOnly(nn.Module):
    """Your values are right for tables, but the product that you chose takes nothing else. `@` works along the last
    axis whatever comes before it."""

    def __init__(self, in_features, out_features):
        super().__init__()
        self.weight = _right_weights(in_features, out_features)
        self.bias = _right_weights(out_features)

    def forward(self, x):
        return torch.mm(x, self.weight) + self.bias


@stands_for("Linear")
class LinearThatFlattens(nn.Module):
    """Your numbers are right, but all leading axes were run together into rows. The result keeps them: only the last
    axis changes its size."""

    def __init__(self, in_features, out_features):
        super().__init__()
        self.weight = _right_weights(in_features, out_features)
        self.bias = _right_weights(out_features)

    def forward(self, x):
        return x.reshape(-1, x.shape[-1]) @ self.weight + self.bias


@stands_for("Linear")
class LinearWithImagesFlattened(nn.Module):
    """Your layer flattens everything behind the first axis. A linear layer works along the last axis only; flattening
    comes before it, in the net."""

    def __init__(self, in_features, out_features):
        super().__init__()
        self.weight = _right_weights(in_features, out_features)
        self.bias = _right_weights(out_features)

    def forward(self, x):
        return x.reshape(len(x), -1) @ self.weight + self.bias


@stands_for("Linear")
class LinearSqueezed(nn.Module):
    """Your values are right, but axes of size 1 are dropped. The result has all axes of x but the last, in their
    sizes, and then one for the outputs."""

    def __init__(self, in_features, out_features):
        super().__init__()
        self.weight = _right_weights(in_features, out_features)
        self.bias = _right_weights(out_features)

    def forward(self, x):
        return (x @ self.weight + self.bias).squeeze()


@stands_for("Linear")
class LinearDetached(nn.Module):
    """Your values are right, but no gradient reaches weight and bias. `.data` and `.detach()` cut the graph: use the
    Parameters themselves."""

    def __init__(self, in_features, out_features):
        super().__init__()
        self.weight = _right_weights(in_features, out_features)
        self.bias = _right_weights(out_features)

    def forward(self, x):
        return x @ self.weight.data + self.bias.data


@stands_for("Linear")
class LinearWithDetachedInput(nn.Module):
    """Your values are right, but no gradient gets back to x, so no layer before this one could learn."""

    def __init__(self, in_features, out_features):
        super().__init__()
        self.weight = _right_weights(in_features, out_features)
        self.bias = _right_weights(out_features)

    def forward(self, x):
        return x.detach() @ self.weight + self.bias


@stands_for("Linear")
class LinearWithCopies(nn.Module):
    """Your layer computes with copies that it made at the start, so it does not follow when the Parameters change.
    Use `self.weight` and `self.bias` in `forward`."""

    def __init__(self, in_features, out_features):
        super().__init__()
        self.weight = _right_weights(in_features, out_features)
        self.bias = _right_weights(out_features)
        self.copies = [self.weight.detach().clone(), self.bias.detach().clone()]

    def forward(self, x):
        return x @ self.copies[0] + self.copies[1]


@stands_for("Linear")
class LinearDrawnAgain(nn.Module):
    """Your layer draws new numbers at each call of `forward`. They are to be drawn once, in `__init__`, and then only
    trained."""

    def __init__(self, in_features, out_features):
        super().__init__()
        self.weight = _right_weights(in_features, out_features)
        self.bias = _right_weights(out_features)

    def forward(self, x):
        return x @ _right_weights(*self.weight.shape) + _right_weights(*self.bias.shape)


@stands_for("Linear")
class LinearWithReLU(nn.Module):
    """Your layer cuts negative outputs off at 0. That is what an activation does; the linear layer itself ends with
    the sum."""

    def __init__(self, in_features, out_features):
        super().__init__()
        self.weight = _right_weights(in_features, out_features)
        self.bias = _right_weights(out_features)

    def forward(self, x):
        return torch.relu(x @ self.weight + self.bias)


@stands_for("Linear")
class LinearInFloat32(nn.Module):
    """Your layer is float32 whatever torch's default dtype is. Leave the dtype out, and torch follows its default."""

    def __init__(self, in_features, out_features):
        super().__init__()
        self.weight = nn.Parameter(torch.randn(in_features, out_features, dtype=torch.float32) / in_features)
        self.bias = nn.Parameter(torch.randn(out_features, dtype=torch.float32) / out_features)

    def forward(self, x):
        return x @ self.weight + self.bias


@stands_for("Linear")
class LinearThatCastsToFloat32(nn.Module):
    """Your layer turns x into float32 first, so it cannot follow `.to(torch.float64)`. Leave x in its dtype."""

    def __init__(self, in_features, out_features):
        super().__init__()
        self.weight = _right_weights(in_features, out_features)
        self.bias = _right_weights(out_features)

    def forward(self, x):
        return x.float() @ self.weight + self.bias


@stands_for("Linear")
class LinearWithoutReturn(nn.Module):
    """Your `forward` returns nothing. The result has to be returned, not only computed."""

    def __init__(self, in_features, out_features):
        super().__init__()
        self.weight = _right_weights(in_features, out_features)
        self.bias = _right_weights(out_features)

    def forward(self, x):
        x @ self.weight + self.bias


# LogReg


class _Layer(nn.Module):
    def __init__(self, n_in, n_out):
        super().__init__()
        self.weight = _right_weights(n_in, n_out)
        self.bias = _right_weights(n_out)

    def forward(self, x):
        return x @ self.weight + self.bias


class _Net(nn.Module):
    """A right net, so that a mistake says only what is different."""

    def __init__(self, n_in=784, n_out=10):
        super().__init__()
        self.layer = _Layer(n_in, n_out)

    def flatten(self, images):
        return images.reshape(len(images), -1)

    def end(self, logits):
        return _right_log_softmax(logits)

    def forward(self, images):
        return self.end(self.layer(self.flatten(images)))


@stands_for("LogReg")
class LogRegWithLogits(_Net):
    """Your net gives the logits themselves. The last step is missing: the log-softmax over the classes."""

    def end(self, logits):
        return logits


@stands_for("LogReg")
class LogRegWithProbabilities(_Net):
    """Your rows are probabilities that sum to 1. The net is to give their logarithms."""

    def end(self, logits):
        return _right_log_softmax(logits).exp()


@stands_for("LogReg")
class LogRegOverAxis0(_Net):
    """Your log-softmax runs over axis 0, the images. Each image's probabilities must sum to 1: which axis is that?"""

    def end(self, logits):
        return _right_log_softmax(logits.T).T


@stands_for("LogReg")
class LogRegOverEverything(_Net):
    """Your probabilities sum to 1 over all images together. Each image is to have a sum of 1 of its own."""

    def end(self, logits):
        return _right_log_softmax(logits.flatten()).reshape(logits.shape)


@stands_for("LogReg")
class LogRegWithoutShift(_Net):
    """Your values are right for ordinary logits, but with large ones the powers overflow, or all of them become 0.
    Shift each row by its largest logit first, as in lesson 4."""

    def end(self, logits):
        return logits - logits.exp().sum(1, keepdim=True).log()


@stands_for("LogReg")
class LogRegWithOneShiftForAll(_Net):
    """Your values match a shift by the largest logit of the whole batch. In a row far below it all powers become 0:
    which maximum does each row need?"""

    def end(self, logits):
        shifted = logits - logits.max()
        return shifted - shifted.exp().sum(1, keepdim=True).log()


@stands_for("LogReg")
class LogRegAsLogOfSoftmax(_Net):
    """Your values match the logarithm of a finished softmax. Where a probability is too small for a float it has
    become 0, and its logarithm −infinity: write the logarithm of the quotient as a difference."""

    def end(self, logits):
        powers = (logits - logits.amax(1, keepdim=True)).exp()
        return (powers / powers.sum(1, keepdim=True)).log()


@stands_for("LogReg")
class LogRegWithEpsilon(_Net):
    """Your values match the logarithm of a softmax plus a small number. It makes all very small probabilities alike:
    without the quotient no small number is needed."""

    def end(self, logits):
        powers = (logits - logits.amax(1, keepdim=True)).exp()
        return (powers / powers.sum(1, keepdim=True) + 1e-8).log()


@stands_for("LogReg")
class LogRegNegated(_Net):
    """Your values match minus the log-probabilities. The minus belongs to the loss."""

    def end(self, logits):
        return -_right_log_softmax(logits)


@stands_for("LogReg")
class LogRegInBase2(_Net):
    """Your values match logarithms to the base 2. The lesson's logarithm is the natural one."""

    def end(self, logits):
        return _right_log_softmax(logits) / math.log(2)


@stands_for("LogReg")
class LogRegAsSigmoids(_Net):
    """Your values match the logarithm of 1 / (1 + e^−x), which looks at every logit alone. In a softmax the classes
    of a row share out 1 between them."""

    def end(self, logits):
        return torch.nn.functional.logsigmoid(logits)


@stands_for("LogReg")
class LogRegWithReLU(_Net):
    """Your net cuts negative logits off at 0 before the log-softmax. Logistic regression has no activation: logits
    may be negative."""

    def end(self, logits):
        return _right_log_softmax(torch.relu(logits))


@stands_for("LogReg")
class LogRegUnflattened(_Net):
    """Your net works along the last axis of the images, without flattening them. All pixels of an image have to stand
    in one row first."""

    def flatten(self, images):
        return images


@stands_for("LogReg")
class LogRegFlattenedAway(_Net):
    """Your net flattens the whole batch into one row, the images' axis too. Keep axis 0, and run only the others
    together."""

    def flatten(self, images):
        return images.reshape(-1)


@stands_for("LogReg")
class LogRegFor784Pixels(_Net):
    """Your net flattens to rows of 784 whatever size it was made for. Let −1 work out the number of pixels."""

    def flatten(self, images):
        return images.reshape(-1, 784)


@stands_for("LogReg")
class LogRegForSquareImages(_Net):
    """Your net runs exactly two axes of an image together. An image may have one axis or three as well: keep axis 0,
    and let −1 work out the rest."""

    def flatten(self, images):
        n, rows, columns = images.shape
        return images.reshape(n, rows * columns)


@stands_for("LogReg")
class LogRegByColumns(_Net):
    """Your images are flattened column after column. In this course they are flattened row after row, as `view` and
    `reshape` do it."""

    def flatten(self, images):
        axes = range(images.ndim - 1, 0, -1)
        return images.permute(0, *axes).reshape(len(images), -1)


@stands_for("LogReg")
class LogRegSqueezed(_Net):
    """Your values are right, but axes of size 1 are dropped, so a batch of one image loses its axis. The result keeps
    both axes."""

    def end(self, logits):
        return _right_log_softmax(logits).squeeze()


@stands_for("LogReg")
class LogRegNormalised(_Net):
    """Your net subtracts the mean of the batch, so an image's result depends on the others beside it. Each row is to
    depend on its own image alone."""

    def flatten(self, images):
        rows = images.reshape(len(images), -1)
        return rows - rows.mean(0)


@stands_for("LogReg")
class LogRegInPlace(_Net):
    """Your values are right, but the images were changed on the way. An operation such as `*=` works in place: make a
    new tensor instead."""

    def flatten(self, images):
        with torch.no_grad():
            images -= images.mean()
            images += 0.5
        return images.reshape(len(images), -1)


@stands_for("LogReg")
class LogRegWithoutBias(nn.Module):
    """Your net trains n_in·n_out numbers: the biases are missing. Each class needs one more number that is added
    whatever the image is."""

    def __init__(self, n_in=784, n_out=10):
        super().__init__()
        self.weight = _right_weights(n_in, n_out)

    def forward(self, images):
        return _right_log_softmax(images.reshape(len(images), -1) @ self.weight)


@stands_for("LogReg")
class LogRegWithSingleBias(nn.Module):
    """Your net trains a single bias for all classes. Added to all logits alike it cancels in the softmax: each class
    needs a bias of its own."""

    def __init__(self, n_in=784, n_out=10):
        super().__init__()
        self.weight = _right_weights(n_in, n_out)
        self.bias = nn.Parameter(torch.zeros(1))

    def forward(self, images):
        return _right_log_softmax(images.reshape(len(images), -1) @ self.weight + self.bias)


@stands_for("LogReg")
class LogRegWithForgottenBias(nn.Module):
    """Your net has the biases, but its output does not depend on them. What has to be done after the product?"""

    def __init__(self, n_in=784, n_out=10):
        super().__init__()
        self.weight = _right_weights(n_in, n_out)
        self.bias = _right_weights(n_out)

    def forward(self, images):
        return _right_log_softmax(images.reshape(len(images), -1) @ self.weight)


@stands_for("LogReg")
class LogRegWithTwoLayers(nn.Module):
    """Your net has two linear layers in a row, and so too many numbers to train. Two of them do no more than one
    does."""

    def __init__(self, n_in=784, n_out=10):
        super().__init__()
        self.one, self.two = _Layer(n_in, n_out), _Layer(n_out, n_out)

    def forward(self, images):
        return _right_log_softmax(self.two(self.one(images.reshape(len(images), -1))))


@stands_for("LogReg")
class LogRegWithHiddenLayer(nn.Module):
    """Your net has a hidden layer with an activation. That is a neural network; logistic regression is one linear
    layer and a log-softmax."""

    def __init__(self, n_in=784, n_out=10):
        super().__init__()
        self.one, self.two = _Layer(n_in, n_out), _Layer(n_out, n_out)

    def forward(self, images):
        return _right_log_softmax(self.two(torch.relu(self.one(images.reshape(len(images), -1)))))


@stands_for("LogReg")
class LogRegForTenClasses(nn.Module):
    """Your net has 784 inputs and 10 classes whatever it is asked for. Use `n_in` and `n_out`."""

    def __init__(self, n_in=784, n_out=10):
        super().__init__()
        self.layer = _Layer(784, 10)

    def forward(self, images):
        return _right_log_softmax(self.layer(images.reshape(len(images), -1)))


@stands_for("LogReg")
class LogRegWithHiddenParameters(nn.Module):
    """Your Parameters stand in a Python list, where a module does not find them, so nothing can be trained. Assign
    them, or a module that holds them, to attributes."""

    def __init__(self, n_in=784, n_out=10):
        super().__init__()
        self.own = [_right_weights(n_in, n_out), _right_weights(n_out)]

    def forward(self, images):
        return _right_log_softmax(images.reshape(len(images), -1) @ self.own[0] + self.own[1])


@stands_for("LogReg")
class LogRegDetached(_Net):
    """Your values are right, but no gradient reaches the parameters. Something cuts the graph: `.detach()`, `.data`,
    `no_grad`, or NumPy."""

    def end(self, logits):
        return _right_log_softmax(logits.detach())


@stands_for("LogReg")
class LogRegWithDetachedImages(_Net):
    """Your values are right, but no gradient gets back to the images. Leave them as they are, without `.detach()`."""

    def flatten(self, images):
        return images.detach().reshape(len(images), -1)


@stands_for("LogReg")
class LogRegInFloat32(_Net):
    """Your net turns the images into float32, so it cannot follow `.to(torch.float64)`. Leave them in their dtype."""

    def flatten(self, images):
        return images.reshape(len(images), -1).float()


_nets: dict[tuple, _Layer] = {}


@stands_for("LogReg")
class LogRegWithSharedLayer(nn.Module):
    """Your nets of one size share their layer, so that training one changes all. Make a new layer for each net, in
    `__init__`."""

    def __init__(self, n_in=784, n_out=10):
        super().__init__()
        sizes = (n_in, n_out, torch.get_default_dtype())
        if sizes not in _nets:
            _nets[sizes] = _Layer(n_in, n_out)
        self.layer = _nets[sizes]

    def forward(self, images):
        rows = images.reshape(len(images), -1)
        return _right_log_softmax(rows @ self.layer.weight + self.layer.bias)


# collapse


@stands_for("collapse")
def collapse_in_the_wrong_order(w1, b1, w2, b2):
    """Your weight is w2 @ w1. x meets w1 first, so w1 stands first; a product of matrices may not be turned round."""
    return w2 @ w1, b1 @ w2 + b2


@stands_for("collapse")
def collapse_with_added_biases(w1, b1, w2, b2):
    """Your bias is b1 + b2. The first bias goes through the second layer as well: what does w2 do to it?"""
    return w1 @ w2, b1 + b2


@stands_for("collapse")
def collapse_with_second_bias_only(w1, b1, w2, b2):
    """Your bias is b2 alone. The first bias goes through the second layer and is still there afterwards."""
    return w1 @ w2, b2.clone()


@stands_for("collapse")
def collapse_without_second_bias(w1, b1, w2, b2):
    """Your bias is b1 @ w2. The second layer adds a bias of its own."""
    return w1 @ w2, b1 @ w2


@stands_for("collapse")
def collapse_with_both_biases_through(w1, b1, w2, b2):
    """Your bias is (b1 + b2) @ w2 where the sizes allow it. Only b1 stands before the second layer."""
    return w1 @ w2, (b1 + b2) @ w2


@stands_for("collapse")
def collapse_with_transposed_bias_product(w1, b1, w2, b2):
    """Your first bias was sent through the second weight the wrong way round. It is a row, so it stands before w2."""
    return w1 @ w2, w2 @ b1 + b2


@stands_for("collapse")
def collapse_with_added_weights(w1, b1, w2, b2):
    """Your weight is w1 + w2. One layer after the other is a product, not a sum: multiply out the brackets."""
    return w1 + w2, b1 @ w2 + b2


@stands_for("collapse")
def collapse_entry_by_entry(w1, b1, w2, b2):
    """Your weights were multiplied entry by entry. A layer after a layer is a product of matrices, written `@`."""
    return w1 * w2, b1 @ w2 + b2


@stands_for("collapse")
def collapse_swapped(w1, b1, w2, b2):
    """Your two results are right, but the bias comes first. The pair is (w, b)."""
    return b1 @ w2 + b2, w1 @ w2


@stands_for("collapse")
def collapse_transposed(w1, b1, w2, b2):
    """Your weight is transposed. It has a row for each input and a column for each output, like w1 and w2."""
    return (w1 @ w2).T, b1 @ w2 + b2


@stands_for("collapse")
def collapse_to_weight_only(w1, b1, w2, b2):
    """Your weight is right, but the bias is missing: return both, as a pair."""
    return w1 @ w2


@stands_for("collapse")
def collapse_with_bias_as_row(w1, b1, w2, b2):
    """Your numbers are right, but the bias has the shape (1, out). It has one axis, like b1 and b2."""
    return w1 @ w2, (b1[None] @ w2) + b2


@stands_for("collapse")
def collapse_with_relu(w1, b1, w2, b2):
    """Your values match layers with negative numbers cut off at 0 between them. Here there is no activation; with
    one, no single layer could do the same."""
    return torch.relu(w1) @ w2, torch.relu(b1) @ w2 + b2


@stands_for("collapse")
def collapse_detached(w1, b1, w2, b2):
    """Your values are right, but no gradient flows back to the layers. Something cuts the graph: `detach`, `.data`,
    `no_grad`, NumPy, or a new Parameter."""
    return nn.Parameter(w1 @ w2), nn.Parameter(b1 @ w2 + b2)


@stands_for("collapse")
def collapse_in_float64(w1, b1, w2, b2):
    """Your values are right, but they are float64 whatever came in. The results have the dtype of the layers."""
    return w1.double() @ w2.double(), b1.double() @ w2.double() + b2.double()


@stands_for("collapse")
def collapse_in_float32(w1, b1, w2, b2):
    """Your values match a computation in float32 whatever came in. The results have the dtype of the layers."""
    return w1.float() @ w2.float(), b1.float() @ w2.float() + b2.float()


@stands_for("collapse")
def collapse_in_the_default_dtype(w1, b1, w2, b2):
    """Your values are right, but they follow torch's default dtype. The results have the dtype of the layers."""
    dtype = torch.get_default_dtype()
    return (w1 @ w2).to(dtype), (b1 @ w2 + b2).to(dtype)


@stands_for("collapse")
def collapse_in_place(w1, b1, w2, b2):
    """Your values are right, but b2 was changed on the way. `+=` works in place: make a new tensor instead."""
    with torch.no_grad():
        b2 += b1 @ w2
    return w1 @ w2, b2
