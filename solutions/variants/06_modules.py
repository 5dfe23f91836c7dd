"""Right but unusual answers of 06_modules: the suites must give each of them full points."""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import nn

from grader.judge.known import stands_for


def _weights(*dims):
    return nn.Parameter(torch.randn(dims) / dims[0])


# get_weights


@stands_for("get_weights")
def weights_by_init(*dims):
    """nn.init on an empty Parameter, with the deviation as an argument."""
    weight = nn.Parameter(torch.empty(*dims))
    nn.init.normal_(weight, mean=0.0, std=1 / dims[0])
    return weight


@stands_for("get_weights")
def weights_by_normal(*dims):
    """torch.normal with the deviation 1 / dims[0]."""
    return nn.Parameter(torch.normal(0.0, 1 / dims[0], size=dims))


@stands_for("get_weights")
def weights_in_place(*dims):
    """An empty tensor filled and divided in place."""
    return nn.Parameter(torch.empty(dims).normal_().div_(dims[0]))


@stands_for("get_weights")
def weights_through_data(*dims):
    """A Parameter whose data are divided afterwards."""
    weight = nn.Parameter(torch.randn(*dims))
    weight.data /= weight.shape[0]
    return weight


@stands_for("get_weights")
def weights_under_no_grad(*dims):
    """A Parameter divided in place without recording."""
    weight = nn.Parameter(torch.randn(*dims))
    with torch.no_grad():
        weight /= len(weight)
    return weight


@stands_for("get_weights")
def weights_number_by_number(*dims):
    """One call of randn for each row, stacked."""
    rows = [torch.randn(dims[1:]) / dims[0] for _ in range(dims[0])]
    return nn.Parameter(torch.stack(rows))


@stands_for("get_weights")
def weights_by_box_and_muller(*dims):
    """Normal numbers from two uniform ones, in float64."""
    n = math.prod(dims)
    radius = torch.sqrt(-2 * torch.log1p(-torch.rand(n, dtype=torch.float64)))
    numbers = radius * torch.cos(2 * math.pi * torch.rand(n, dtype=torch.float64))
    return nn.Parameter((numbers.reshape(dims) / dims[0]).to(torch.get_default_dtype()))


@stands_for("get_weights")
def weights_by_inverse(*dims):
    """Normal numbers from uniform ones by the inverse of the error function."""
    uniform = torch.rand(dims, dtype=torch.float64).clamp(1e-12, 1 - 1e-12)
    normal = math.sqrt(2) * torch.erfinv(2 * uniform - 1)
    return nn.Parameter(normal.div(dims[0]).to(torch.get_default_dtype()))


@stands_for("get_weights")
def weights_by_distributions(*dims):
    """torch.distributions."""
    return nn.Parameter(torch.distributions.Normal(0.0, 1 / dims[0]).sample(dims))


@stands_for("get_weights")
def weights_from_a_leaf(*dims):
    """A Parameter made of the result of a computation with gradients."""
    return torch.nn.parameter.Parameter(torch.randn(dims, requires_grad=True) / dims[0], requires_grad=True)


@stands_for("get_weights")
def weights_with_own_generator_seeded_by_torch(*dims):
    """A generator whose seed is drawn from torch's global one: the global seed decides."""
    generator = torch.Generator().manual_seed(int(torch.randint(2**62, ())))
    return nn.Parameter(torch.randn(dims, generator=generator) / dims[0])


# Linear


@stands_for("Linear")
class LinearByEinsum(nn.Module):
    """An einsum with an ellipsis."""

    def __init__(self, in_features, out_features):
        super().__init__()
        self.weight, self.bias = _weights(in_features, out_features), _weights(out_features)

    def forward(self, x):
        return torch.einsum("...i,io->...o", x, self.weight) + self.bias


@stands_for("Linear")
class LinearByBroadcasting(nn.Module):
    """Products by broadcasting, and a sum; the bias comes first."""

    def __init__(self, in_features, out_features):
        super().__init__()
        self.bias = _weights(out_features)
        self.weight = _weights(in_features, out_features)

    def forward(self, x):
        return (x.unsqueeze(-1) * self.weight).sum(-2) + self.bias


@stands_for("Linear")
class LinearByColumns(nn.Module):
    """A loop over the outputs."""

    def __init__(self, in_features, out_features):
        nn.Module.__init__(self)
        self.register_parameter("weight", _weights(in_features, out_features))
        self.register_parameter("bias", _weights(out_features))

    def forward(self, x):
        columns = [(x * column).sum(-1) + b for column, b in zip(self.weight.T, self.bias, strict=True)]
        return torch.stack(columns, -1)


@stands_for("Linear")
class LinearByRows(nn.Module):
    """A loop over the inputs that adds up rows of the weight."""

    def __init__(self, in_features, out_features, *, bias_scale=1.0):
        super().__init__()
        self.in_features, self.out_features = in_features, out_features
        self.weight = _weights(in_features, out_features)
        self.bias = nn.Parameter(bias_scale * torch.randn(out_features) / out_features)

    def forward(self, x):
        total = self.bias.expand(*x.shape[:-1], self.out_features)
        for i in range(self.in_features):
            total = total + x[..., i : i + 1] * self.weight[i]
        return total


@stands_for("Linear")
class LinearByAddmm(nn.Module):
    """addmm on flattened rows, shaped back."""

    def __init__(self, in_features, out_features):
        super().__init__()
        self.weight, self.bias = _weights(in_features, out_features), _weights(out_features)

    def forward(self, x):
        rows = torch.addmm(self.bias, x.reshape(-1, x.shape[-1]), self.weight)
        return rows.view(*x.shape[:-1], -1)


@stands_for("Linear")
class LinearWithColumnOfOnes(nn.Module):
    """A column of ones beside x, and the bias as one more row of the weight."""

    def __init__(self, in_features, out_features):
        super().__init__()
        self.weight, self.bias = _weights(in_features, out_features), _weights(out_features)

    def forward(self, x):
        ones = torch.ones_like(x[..., :1])
        return torch.cat([x, ones], -1) @ torch.cat([self.weight, self.bias[None]])


@stands_for("Linear")
class LinearByRecursion(nn.Module):
    """Recursion on the leading axes, down to a single row."""

    def __init__(self, in_features, out_features):
        super().__init__()
        self.weight, self.bias = _weights(in_features, out_features), _weights(out_features)

    def forward(self, x):
        if x.ndim > 1:
            return torch.stack([self(row) for row in x])
        return torch.mv(self.weight.T, x) + self.bias


@stands_for("Linear")
class LinearByTensordot(nn.Module):
    """tensordot, and Parameters that are drawn in place."""

    def __init__(self, in_features, out_features):
        super().__init__()
        self.weight = nn.Parameter(torch.empty(in_features, out_features))
        self.bias = nn.Parameter(torch.empty(out_features))
        for parameter in (self.weight, self.bias):
            nn.init.normal_(parameter, std=1 / len(parameter))

    def forward(self, x):
        return torch.tensordot(x, self.weight, dims=1).add(self.bias)


@stands_for("Linear")
class LinearByMatmulOfTransposes(nn.Module):
    """(weightᵀ xᵀ)ᵀ, and the bias drawn before the weight."""

    def __init__(self, in_features, out_features):
        super().__init__()
        bias = torch.randn(out_features) / out_features
        self.weight = nn.Parameter(torch.randn(in_features, out_features) / in_features)
        self.bias = nn.Parameter(bias)

    def forward(self, x):
        flat = x.reshape(-1, x.shape[-1])
        return torch.matmul(self.weight.t(), flat.t()).t().reshape(x.shape[:-1] + self.bias.shape) + self.bias


@stands_for("Linear")
class LinearWithDict(nn.Module):
    """Parameters reached by name, and a call of forward with an activation that does nothing."""

    def __init__(self, in_features, out_features):
        super().__init__()
        for name, dims in {"weight": (in_features, out_features), "bias": (out_features,)}.items():
            setattr(self, name, _weights(*dims))
        self.activation = nn.Identity()

    def forward(self, x):
        found = dict(self.named_parameters())
        return self.activation(x @ found["weight"] + found["bias"])


class _Product(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, weight):
        ctx.save_for_backward(x, weight)
        return x @ weight

    @staticmethod
    def backward(ctx, gradient):
        x, weight = ctx.saved_tensors
        rows, flow = x.reshape(-1, x.shape[-1]), gradient.reshape(-1, gradient.shape[-1])
        return gradient @ weight.T, rows.T @ flow


@stands_for("Linear")
class LinearWithOwnBackward(nn.Module):
    """A product with its own backward."""

    def __init__(self, in_features, out_features):
        super().__init__()
        self.weight, self.bias = _weights(in_features, out_features), _weights(out_features)

    def forward(self, x):
        return _Product.apply(x, self.weight) + self.bias


# LogReg


def _log_softmax(logits):
    shifted = logits - logits.amax(-1, keepdim=True)
    return shifted - shifted.exp().sum(-1, keepdim=True).log()


@stands_for("LogReg")
class LogRegAsOneMatrix(nn.Module):
    """One matrix (n_in + 1, n_out), the bias as its last row, all zeros at the start."""

    def __init__(self, n_in=784, n_out=10):
        super().__init__()
        self.theta = nn.Parameter(torch.zeros(n_in + 1, n_out))

    def forward(self, images):
        rows = torch.cat([images.flatten(1), torch.ones_like(images.flatten(1)[:, :1])], 1)
        return _log_softmax(rows @ self.theta)


@stands_for("LogReg")
class LogRegAsColumns(nn.Module):
    """A list of columns, each with its bias: one class after another."""

    def __init__(self, n_in=784, n_out=10):
        super().__init__()
        self.columns = nn.ParameterList([torch.randn(n_in) / n_in for _ in range(n_out)])
        self.biases = nn.ParameterList([torch.zeros(()) for _ in range(n_out)])

    def forward(self, images):
        rows = images.reshape(images.shape[0], -1)
        logits = [(rows * c).sum(1) + b for c, b in zip(self.columns, self.biases, strict=True)]
        return _log_softmax(torch.stack(logits, dim=1))


@stands_for("LogReg")
class LogRegTurnedRound(nn.Module):
    """The weight as (out, in), as in torch's own layer, the bias first, large starting values."""

    def __init__(self, n_in=784, n_out=10):
        super().__init__()
        self.bias = nn.Parameter(torch.randn(n_out, 1))
        self.weight = nn.Parameter(3 * torch.randn(n_out, n_in))

    def forward(self, images):
        logits = self.weight @ images.flatten(start_dim=1).T + self.bias
        shifted = logits - logits.max(0).values
        return (shifted - shifted.exp().sum(0).log()).T


@stands_for("LogReg")
class LogRegAsVector(nn.Module):
    """All numbers in one long vector, viewed as weight and bias."""

    def __init__(self, n_in=784, n_out=10):
        super().__init__()
        self.sizes = n_in, n_out
        self.all = nn.Parameter(torch.full((n_in * n_out + n_out,), 0.5))

    def forward(self, images):
        n_in, n_out = self.sizes
        weight, bias = self.all.split([n_in * n_out, n_out])
        return _log_softmax(images.view(-1, n_in) @ weight.view(n_in, n_out) + bias)


class _Flatten(nn.Module):
    def forward(self, images):
        return images.reshape(len(images), -1)


class _Affine(nn.Module):
    def __init__(self, n_in, n_out):
        super().__init__()
        self.w = nn.Parameter(torch.rand(n_in, n_out) - 0.5)
        self.b = nn.Parameter(torch.zeros(1, n_out))

    def forward(self, x):
        return torch.addmm(self.b, x, self.w)


class _LogSoftmax(nn.Module):
    def forward(self, x):
        largest = x.max(dim=1, keepdim=True)[0].detach()
        return x - (largest + torch.log(torch.exp(x - largest).sum(1, keepdim=True)))


@stands_for("LogReg")
class LogRegAsSequential(nn.Sequential):
    """A Sequential of modules of one's own."""

    def __init__(self, n_in=784, n_out=10):
        super().__init__(_Flatten(), _Affine(n_in, n_out), _LogSoftmax())


@stands_for("LogReg")
class LogRegWithFlattenModule(nn.Module):
    """nn.Flatten and nn.Dropout, which does nothing in eval mode."""

    def __init__(self, n_in=784, n_out=10, dropout=0.5):
        super().__init__()
        self.layers = nn.Sequential(nn.Flatten(), nn.Dropout(dropout), _Affine(n_in, n_out))

    def forward(self, images):
        return _log_softmax(self.layers(images))


@stands_for("LogReg")
def log_reg_as_function(n_in=784, n_out=10):
    """A function that builds a net of modules."""
    net = nn.Sequential(nn.Flatten(), _Affine(n_in, n_out))
    net.append(_LogSoftmax())
    return net


@stands_for("LogReg")
class LogRegImageByImage(nn.Module):
    """A loop over the images, and another over the classes."""

    def __init__(self, n_in=784, n_out=10):
        super().__init__()
        self.layers = nn.ModuleList(_Affine(n_in, 1) for _ in range(n_out))

    def one(self, image):
        logits = torch.cat([layer(image.reshape(1, -1))[0] for layer in self.layers])
        z = logits - logits[logits.argmax()]
        return z - torch.log(sum(torch.exp(each) for each in z))

    def forward(self, images):
        return torch.stack([self.one(image) for image in images])


@stands_for("LogReg")
class LogRegByEinsum(nn.Module):
    """Einsum, log1p of the other classes, and Parameters in a ParameterDict."""

    def __init__(self, n_in=784, n_out=10):
        super().__init__()
        self.theta = nn.ParameterDict({"w": torch.randn(n_out, n_in) / 28, "b": torch.ones(n_out)})

    def forward(self, images):
        flat = images.contiguous().view(images.size(0), -1)
        logits = torch.einsum("ni,oi->no", flat, self.theta["w"]) + self.theta["b"]
        ordered = logits.sort(-1, descending=True).values
        others = torch.exp(ordered[:, 1:] - ordered[:, :1]).sum(-1, keepdim=True)
        return logits - ordered[:, :1] - torch.log1p(others)


@stands_for("LogReg")
class LogRegByPixel(nn.Module):
    """One row of weights for each pixel, in a list, summed up in a loop."""

    def __init__(self, n_in=784, n_out=10):
        super().__init__()
        self.rows = nn.ParameterList(nn.Parameter(torch.randn(n_out) / n_in) for _ in range(n_in + 1))

    def forward(self, images):
        flat = images.flatten(1)
        logits = self.rows[-1].repeat(len(flat), 1)
        for pixel, row in zip(flat.unbind(1), self.rows, strict=False):
            logits = logits + pixel[:, None] * row
        return _log_softmax(logits)


@stands_for("LogReg")
class LogRegScaled(nn.Module):
    """Parameters that are scaled on their way into the layer: still one linear layer, with as many numbers."""

    def __init__(self, n_in=784, n_out=10):
        super().__init__()
        self.scale = 1 / n_in
        self.weight = nn.Parameter(torch.randn(n_in, n_out))
        self.bias = nn.Parameter(torch.randn(n_out))

    def forward(self, images):
        return _log_softmax(images.flatten(1) @ (self.weight * self.scale) + self.bias)


@stands_for("LogReg")
class LogRegThatForgetsTraining(nn.Module):
    """Noise while training, none in eval mode, and the log-softmax folded class by class."""

    def __init__(self, n_in=784, n_out=10):
        super().__init__()
        self.affine = _Affine(n_in, n_out)

    def forward(self, images):
        flat = images.reshape(len(images), -1)
        if self.training:
            flat = flat + 0.1 * torch.randn_like(flat)
        logits = self.affine(flat)
        total = logits[:, 0]
        for column in logits.unbind(1)[1:]:
            total = torch.maximum(total, column) + torch.log1p(torch.exp(-(total - column).abs()))
        return logits - total[:, None]


@stands_for("LogReg")
class LogRegInDouble(nn.Module):
    """A log-softmax in float64 and back, and rows made by padding nothing."""

    def __init__(self, n_in=784, n_out=10):
        super().__init__()
        self.affine = _Affine(n_in, n_out)

    def forward(self, images):
        logits = self.affine(F.pad(images.reshape(len(images), -1), (0, 0)))
        return _log_softmax(logits.double()).to(logits.dtype)


# collapse


@stands_for("collapse")
def collapse_by_probing(w1, b1, w2, b2):
    """The two layers applied to zeros and to unit vectors."""
    rows = torch.cat([torch.zeros_like(w1[:, :1]).T, torch.eye(len(w1), dtype=w1.dtype, device=w1.device)])
    outputs = (rows @ w1 + b1) @ w2 + b2
    return outputs[1:] - outputs[0], outputs[0]


@stands_for("collapse")
def collapse_by_einsum(w1, b1, w2, b2):
    """Two einsums."""
    return torch.einsum("ij,jk->ik", w1, w2), torch.einsum("j,jk->k", b1, w2) + b2


@stands_for("collapse")
def collapse_by_extended_matrices(w1, b1, w2, b2):
    """Each layer as one matrix with a further row and column: a single product."""
    one = torch.ones_like(b1[:1])
    first = torch.cat([torch.cat([w1, b1[None]]), torch.cat([torch.zeros_like(w1[:, 0]), one])[:, None]], 1)
    second = torch.cat([w2, b2[None]])
    both = first @ second
    return both[:-1], both[-1]


@stands_for("collapse")
def collapse_by_broadcasting(w1, b1, w2, b2):
    """Products by broadcasting, and a list in the place of a tuple."""
    return [(w1[:, :, None] * w2).sum(1), (b1[:, None] * w2).sum(0) + b2]


@stands_for("collapse")
def collapse_row_by_row(w1, b1, w2, b2):
    """A loop over the inputs."""
    return torch.stack([row @ w2 for row in w1]), b2 + torch.mv(w2.T, b1)


@stands_for("collapse")
def collapse_with_bias_through_the_layer(w1, b1, w2, b2, activation=lambda x: x):
    """A helper that applies a layer, called with the first layer's numbers as its input."""

    def second(x):
        return activation(x) @ w2

    return second(w1), second(b1) + b2


@stands_for("collapse")
def collapse_number_by_number(w1, b1, w2, b2):
    """Python's own loops over 0-d tensors, which keep the graph."""
    w = [[sum(w1[i, j] * w2[j, k] for j in range(len(w2))) for k in range(len(b2))] for i in range(len(w1))]
    b = [b2[k] + sum(b1[j] * w2[j, k] for j in range(len(w2))) for k in range(len(b2))]
    return torch.stack([torch.stack(row) for row in w]), torch.stack(b)


@stands_for("collapse")
def collapse_by_matmul_and_addmm(w1, b1, w2, b2):
    """addmm on the bias as a row."""
    return w1.matmul(w2), torch.addmm(b2, b1.view(1, -1), w2).view(-1)


@stands_for("collapse")
def collapse_by_transposes(w1, b1, w2, b2):
    """(w2ᵀ w1ᵀ)ᵀ, which is a view, and (w2ᵀ b1)."""
    return (w2.T @ w1.T).T, w2.T @ b1 + b2


@stands_for("collapse")
def collapse_in_double_and_back(w1, b1, w2, b2):
    """A computation in float64, returned in the dtype that came in."""
    w = w1.double() @ w2.double()
    b = b1.double() @ w2.double() + b2
    return w.type_as(w1), b.type_as(b1)
