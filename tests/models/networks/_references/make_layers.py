"""Writes what PyTorch's layers compute in float64, forward and backward: see `README.md`.

    /usr/bin/python3 tests/models/networks/_references/make_layers.py
"""

import base64
import json
import pathlib

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from seeded import seeded

HERE = pathlib.Path(__file__).parent
torch.set_default_dtype(torch.float64)


def stored(tensor):
    """The shape, and the elements as little-endian float32 in base64."""
    data = tensor.detach().float().contiguous().numpy().astype("<f4").tobytes()
    return {"shape": list(tensor.shape), "data": base64.b64encode(data).decode()}


def draw(name, shape, scale=1.0, offset=0.0):
    return torch.from_numpy(seeded(name, list(shape), scale, offset)).double()


cases = []


def add(kind, options, layer, shape, *, training=True, scale=2.0, inputs=None):
    """Runs a layer of PyTorch's, or a function, on drawn numbers: `sum(output * outputGradient)` is differentiated."""
    name = f"{kind} {json.dumps(options)} {shape} {training}"
    x = (draw(f"{name} input", shape, scale) if inputs is None else inputs).requires_grad_()
    buffers = {}
    if isinstance(layer, nn.Module):
        layer.train(training)
        state = {}
        for key, value in layer.state_dict().items():
            if key == "num_batches_tracked":
                state[key] = torch.tensor(3)
            elif key == "running_var":
                state[key] = draw(f"{name} {key}", value.shape, 0.5, 1)
            else:
                state[key] = draw(f"{name} {key}", value.shape)
        layer.load_state_dict(state)
        buffers = {key: stored(value) for key, value in layer.named_buffers()}
    output = layer(x)
    weights = draw(f"{name} output", output.shape)
    (output * weights).sum().backward()
    params = dict(layer.named_parameters()) if isinstance(layer, nn.Module) else {}
    case = {
        "kind": kind,
        "options": options,
        "training": training,
        "input": stored(x),
        "params": {key: stored(value) for key, value in params.items()},
        "buffers": buffers,
        "output": stored(output),
        "outputGradient": stored(weights),
        "inputGradient": stored(x.grad),
        "gradients": {key: stored(value.grad) for key, value in params.items()},
    }
    if training and buffers:
        case["buffersAfter"] = {key: stored(value) for key, value in layer.named_buffers()}
    cases.append(case)


def distinct(name, shape):
    """Numbers of which no two are equal or near each other, so that maxima are clear."""
    count = int(np.prod(shape))
    order = np.argsort(seeded(name, [count]), kind="stable")
    return torch.from_numpy((order - count / 2) / 16).double().reshape(shape)


def norms():
    for training in (True, False):
        for options in [{}, {"epsilon": 0.1}, {"momentum": 0.3}, {"momentum": None}, {"affine": False}]:
            given = {"eps": options.get("epsilon", 1e-5), "momentum": options.get("momentum", 0.1), "affine": options.get("affine", True)}
            add("batchNorm2d", options, nn.BatchNorm2d(3, **given), [4, 3, 2, 5], training=training)
        add("batchNorm1d", {}, nn.BatchNorm1d(5), [6, 5], training=training)
        add("batchNorm1d", {"epsilon": 0.01, "momentum": 0.5}, nn.BatchNorm1d(5, 0.01, 0.5), [2, 5], training=training)
        # PyTorch's [n, channels, length].
        add("batchNorm1d", {}, nn.BatchNorm1d(3), [2, 3, 7], training=training)
    # A mean that is far larger than the deviation, as after a layer of positive numbers.
    add("batchNorm2d", {}, nn.BatchNorm2d(2), [3, 2, 3, 3], inputs=draw("far", [3, 2, 3, 3], 0.5, 30))
    for options, last, shape in [
        ({}, [7], [3, 7]), ({"epsilon": 0.1}, [7], [3, 7]), ({"affine": False}, [7], [3, 7]), ({}, [1], [3, 1]),
        ({"dimensions": 3}, [4, 3, 2], [2, 4, 3, 2]),
    ]:
        affine = options.get("affine", True)
        add("layerNorm", options, nn.LayerNorm(last, options.get("epsilon", 1e-5), affine), shape)
    for options, channels in [
        ({"size": 5}, 8), ({"size": 5, "alpha": 5e-4, "beta": 0.75, "k": 2}, 8), ({"size": 4, "alpha": 0.7, "beta": 0.6, "k": 1.5}, 7),
        ({"size": 2, "alpha": 1, "beta": 1, "k": 1}, 5), ({"size": 1, "alpha": 0.5}, 3), ({"size": 3, "alpha": 2, "beta": 0.25, "k": 0.5}, 2),
        ({"size": 7, "alpha": 0.9}, 4),
    ]:
        given = {"alpha": 1e-4, "beta": 0.75, "k": 1, **options}
        add("localResponseNorm", options, nn.LocalResponseNorm(**given), [2, channels, 3, 2], scale=4)


def pools():
    for size, strides, padding, ceil, include, shape in [
        (2, 2, 0, False, True, [2, 2, 6, 7]), (3, 2, 1, False, True, [2, 2, 7, 8]), (3, 2, 1, False, False, [2, 2, 7, 8]),
        (3, 2, 1, True, True, [1, 2, 8, 6]), (3, 2, 1, True, False, [1, 2, 8, 6]), (2, 3, 0, True, True, [1, 1, 6, 9]),
        ([3, 2], [2, 1], [1, 0], False, True, [2, 1, 6, 5]), ([2, 3], [1, 2], [1, 1], True, False, [1, 3, 5, 6]),
        (3, 1, 1, False, False, [1, 2, 4, 4]), (5, 5, 2, True, True, [1, 1, 6, 6]), (3, 3, 1, True, True, [1, 1, 5, 5]),
    ]:
        options = {"poolSize": size, "strides": strides, "padding": padding, "ceilMode": ceil}
        given = {"stride": strides, "padding": padding, "ceil_mode": ceil}
        add("avgPool2d", {**options, "countPadding": include}, nn.AvgPool2d(size, **given, count_include_pad=include), shape)
        if include:
            name = f"max {options}"
            add("maxPool2d", options, nn.MaxPool2d(size, **given), shape, inputs=distinct(name, shape))
            negative = distinct(name, shape) - 100  # Padding must not be a maximum of 0.
            add("maxPool2d", options, nn.MaxPool2d(size, **given), shape, inputs=negative)
    for size, shape in [
        ([3, 2], [2, 2, 7, 5]), (6, [1, 3, 13, 7]), (1, [2, 3, 4, 5]), (4, [1, 1, 4, 4]), ([2, 5], [1, 2, 6, 3]), ([7, 3], [1, 1, 4, 6]),
    ]:
        add("adaptiveAvgPool2d", {"outputSize": size}, nn.AdaptiveAvgPool2d(size), shape)
    add("globalAvgPool2d", {}, lambda x: x.mean((2, 3)), [2, 3, 4, 5])


class Padded(nn.Module):
    """A convolution with padding of its own on each side: top, bottom, left, right."""

    def __init__(self, conv, sides):
        super().__init__()
        self.sides = sides
        self.weight, self.bias = conv.weight, conv.bias
        self.settings = {"stride": conv.stride, "dilation": conv.dilation, "groups": conv.groups}

    def forward(self, x):
        top, bottom, left, right = self.sides
        return functional.conv2d(functional.pad(x, [left, right, top, bottom]), self.weight, self.bias, **self.settings)


def convolutions():
    for filters, kernel, strides, padding, dilation, groups, bias, shape in [
        (3, 3, 1, 1, 1, 1, True, [2, 2, 5, 6]), (4, 3, 2, 1, 1, 2, True, [2, 4, 6, 7]), (6, 3, 1, 0, 1, 3, False, [1, 3, 5, 4]),
        (3, 3, 1, 2, 2, 1, True, [2, 2, 6, 7]), (2, [3, 2], [2, 1], [1, 0], [1, 2], 1, True, [1, 3, 7, 6]),
        (4, 3, 1, 1, 1, 4, True, [2, 4, 5, 5]), (4, 5, 2, 2, 1, 4, True, [1, 4, 9, 8]), (8, 3, 1, 1, 1, 4, True, [1, 4, 5, 4]),
        (4, 3, 1, 2, 2, 2, True, [1, 4, 6, 6]), (4, 3, 1, 2, 2, 4, False, [1, 4, 6, 5]), (3, 1, 2, 0, 1, 1, False, [2, 4, 5, 5]),
        (3, 3, 1, "same", 1, 1, True, [1, 2, 5, 6]), (3, 4, 1, "same", 1, 1, True, [1, 2, 5, 6]),
        (2, [2, 5], 1, "same", [2, 1], 1, True, [1, 2, 6, 7]), (2, 3, 1, "valid", 1, 1, True, [1, 2, 5, 4]),
        (3, 3, 1, [0, 1, 2, 0], 1, 1, True, [2, 2, 5, 4]), (4, 3, 2, [2, 1, 0, 1], 1, 2, True, [1, 2, 6, 7]),
        (4, [3, 2], 2, [1, 2, 0, 1], 1, 4, True, [1, 4, 5, 6]),
    ]:
        options = {
            "filters": filters, "kernelSize": kernel, "strides": strides, "padding": padding, "dilation": dilation, "groups": groups,
            "bias": bias,
        }
        sides = isinstance(padding, list) and len(padding) == 4
        given = {"stride": strides, "padding": 0 if sides else padding, "dilation": dilation, "groups": groups, "bias": bias}
        layer = nn.Conv2d(shape[1], filters, kernel, **given)
        add("conv2d", options, Padded(layer, padding) if sides else layer, shape)


def activations():
    # None where a gradient jumps.
    line = torch.tensor([-30, -8, -6.5, -5.9, -3, -1.7, -1, -0.5, -0.01, 0.01, 0.3, 1, 1.5, 2.9, 3.1, 5.9, 6.1, 8, 30, 100]).view(4, 5)
    for kind, options, function in [
        ("relu", {}, nn.ReLU()), ("relu6", {}, nn.ReLU6()), ("leakyRelu", {}, nn.LeakyReLU()), ("leakyRelu", {"slope": 0.25}, nn.LeakyReLU(0.25)),
        ("sigmoid", {}, nn.Sigmoid()), ("tanh", {}, nn.Tanh()), ("silu", {}, nn.SiLU()), ("gelu", {}, nn.GELU()),
        ("gelu", {"approximate": "tanh"}, nn.GELU(approximate="tanh")),
    ]:
        add(kind, options, function, [4, 5], inputs=line.clone())
        add(kind, options, function, [2, 3, 4, 2], scale=4)
    add("linear", {"units": 3}, nn.Linear(5, 3), [4, 5])
    add("linear", {"units": 2, "bias": False}, nn.Linear(5, 2, bias=False), [1, 5])


norms()
pools()
convolutions()
activations()
(HERE / "layers.json").write_text(json.dumps(cases, indent=1) + "\n")
