"""Writes the numbers that the tests compare with, computed by PyTorch in float64 and rounded to float32.

    /usr/bin/python3 tests/models/references/make_references.py

Then `deno fmt` them. Made with PyTorch 1.13 on CPU. The tests need the files only, not PyTorch.
"""

import base64
import json
import pathlib
import struct

import torch
from torch import nn

HERE = pathlib.Path(__file__).parent
torch.set_default_dtype(torch.float64)
torch.manual_seed(20)


def flat(tensor):
    """The elements as float32 numbers with no more digits than they need."""
    return [float(f"{v:.9g}") for v in tensor.detach().float().double().flatten().tolist()]


def stored(tensor):
    """The shape, and the elements as little-endian float32 in base64."""
    data = tensor.detach().float().contiguous().numpy().astype("<f4").tobytes()
    return {"shape": list(tensor.shape), "data": base64.b64encode(data).decode()}


def rounded(*shape):
    """Random numbers that float32 holds exactly."""
    return torch.randn(*shape).float().double()


def write(name, value):
    (HERE / name).write_text(json.dumps(value) + "\n")


def optimisers():
    start = {"weight": rounded(2, 3), "bias": rounded(2)}
    gradients = [{name: rounded(*p.shape) for name, p in start.items()} for _ in range(10)]
    for step in gradients:
        step["weight"][0, 0] = 0  # Nothing ever moves this one.
        step["bias"][1] *= 1e-6
    cases = []
    for name, settings, make in [
        ("adam", {}, lambda p: torch.optim.Adam(p)),
        (
            "adam",
            {"learningRate": 0.1, "beta1": 0.8, "beta2": 0.95, "epsilon": 0.001},
            lambda p: torch.optim.Adam(p, lr=0.1, betas=(0.8, 0.95), eps=0.001),
        ),
        ("sgd", {"learningRate": 0.1}, lambda p: torch.optim.SGD(p, lr=0.1)),
        (
            "sgd",
            {"learningRate": 0.05, "momentum": 0.9},
            lambda p: torch.optim.SGD(p, lr=0.05, momentum=0.9),
        ),
    ]:
        params = {key: nn.Parameter(value.clone()) for key, value in start.items()}
        optimiser = make(list(params.values()))
        after = []
        for step in gradients:
            for key, parameter in params.items():
                parameter.grad = step[key].clone()
            optimiser.step()
            after.append({key: flat(value) for key, value in params.items()})
        cases.append({"name": name, "settings": settings, "after": after})
    write("optimisers.json", {
        "start": {key: stored(value) for key, value in start.items()},
        "gradients": [{key: stored(value) for key, value in step.items()} for step in gradients],
        "cases": cases,
    })


def layer_case(description, layer, inputs):
    inputs = inputs.requires_grad_()
    for parameter in layer.parameters():
        parameter.data = rounded(*parameter.shape)
    output = layer(inputs)
    weights = rounded(*output.shape)
    (output * weights).sum().backward()
    return {
        "layer": description,
        "input": stored(inputs),
        "params": {key: stored(value) for key, value in layer.named_parameters()},
        "output": stored(output),
        "outputGradient": stored(weights),
        "inputGradient": stored(inputs.grad),
        "gradients": {key: stored(value.grad) for key, value in layer.named_parameters()},
    }


def layers():
    cases = []
    for filters, kernel, strides, padding, side in [
        (2, 3, 1, 0, 5), (3, 3, 1, 1, 4), (2, 5, 1, 2, 5), (2, 3, 2, 0, 8), (2, 4, 3, 1, 9), (3, 1, 2, 0, 5),
    ]:
        cases.append(layer_case(
            {"kind": "conv2d", "filters": filters, "kernelSize": kernel, "strides": strides, "padding": padding},
            nn.Conv2d(2, filters, kernel, strides, padding),
            rounded(2, 2, side, side + 1),
        ))
    for size, strides, side in [(2, 2, 6), (3, 2, 7), (3, 2, 8), (2, 3, 7), (3, 1, 5)]:
        cases.append(layer_case(
            {"kind": "maxPool2d", "poolSize": size, "strides": strides},
            nn.MaxPool2d(size, strides),
            # Integers, so that many windows have several maxima.
            torch.randint(-1, 2, (2, 2, side, side + 1)).double(),
        ))
    cases.append(layer_case({"kind": "relu"}, nn.ReLU(), torch.tensor([[-1.5, 0.0, 2.0, -0.0]])))
    cases.append(layer_case({"kind": "linear", "units": 3}, nn.Linear(5, 3), rounded(4, 5)))
    cases.append(layer_case({"kind": "flatten"}, nn.Flatten(), rounded(2, 3, 2, 4)))
    write("layers.json", cases)


def grouped_convolutions():
    cases = []
    # Two groups, more filters than channels, a filter a channel, several filters a channel.
    for channels, filters, kernel, strides, padding, groups in [
        (4, 6, 3, 1, 1, 2), (6, 3, 3, 2, 0, 3), (3, 3, 3, 1, 1, 3), (2, 6, 2, 1, 0, 2),
    ]:
        cases.append(layer_case(
            {
                "kind": "conv2d", "filters": filters, "kernelSize": kernel, "strides": strides, "padding": padding,
                "groups": groups,
            },
            nn.Conv2d(channels, filters, kernel, strides, padding, groups=groups),
            rounded(2, channels, 5, 6),
        ))
    write("grouped_convolutions.json", cases)


def cross_entropy():
    cases = []
    for logits, labels in [
        (rounded(4, 3), [0, 2, 1, 1]),
        (torch.tensor([[1000.0, 0.0, -1000.0], [0.0, 1000.0, 999.0], [1e-3, 0.0, 88.0]]), [1, 2, 0]),
    ]:
        logits = logits.float().double().requires_grad_()
        loss = nn.functional.cross_entropy(logits, torch.tensor(labels))
        loss.backward()
        cases.append({
            "logits": stored(logits),
            "labels": labels,
            "loss": flat(loss)[0],
            "gradient": stored(logits.grad),
        })
    write("cross_entropy.json", cases)


def not_finite():
    """What NaN, infinity and numbers far apart become, in float32."""
    nan, inf = float("nan"), float("inf")
    single = dict(dtype=torch.float32)

    pools = []
    for values in [
        [nan, 1, 2, 3], [1, nan, 2, 3], [1, 2, nan, 3], [1, 2, 3, nan], [nan, 1, nan, 3], [nan, inf, 1, nan], [nan] * 4,
        [-inf] * 4, [-inf, -inf, -1, -inf], [1, inf, inf, 2], [inf, nan, 1, 2],
    ]:
        x = torch.tensor(values, **single).view(1, 1, 2, 2).requires_grad_()
        y = nn.functional.max_pool2d(x, 2)
        y.backward(torch.full_like(y, 3))
        pools.append({"input": stored(x), "output": stored(y), "gradient": stored(x.grad)})
    x = torch.tensor([nan, inf, -inf, 0.0, -0.0, 1.0, -1.0, nan, 1.0], **single).requires_grad_()
    dy = torch.tensor([2.0, 3.0, 4.0, 5.0, 6.0, inf, inf, nan, nan], **single)
    y = nn.functional.relu(x)
    y.backward(dy)
    relu = {"input": stored(x), "outputGradient": stored(dy), "output": stored(y), "gradient": stored(x.grad)}
    losses = []
    for logits, labels in [
        ([[0, 1, -inf]], [0, 1, 2]),
        ([[-inf, 5, -inf]], [1]),
        ([[3e38, -3e38, 0]], [0, 1, 2]),
        ([[1e15, 1e15]], [0, 1]),
        ([[inf, 1, 2]], [0, 1]),
        ([[inf, inf, 0]], [0, 2]),
        ([[nan, 1, 2]], [0, 2]),
        ([[1, 2, nan]], [1, 2]),
        ([[1, nan, nan]], [1, 2]),
        ([[nan, inf, 1]], [0, 1]),
        ([[-inf, -inf, -inf]], [0, 1]),
        ([[88, -88, 0]], [0, 1]),
    ]:
        for label in labels:
            z = torch.tensor(logits, **single).requires_grad_()
            loss = nn.functional.cross_entropy(z, torch.tensor([label]))
            loss.backward()
            losses.append({
                "logits": stored(z), "label": label, "loss": stored(loss), "gradient": stored(z.grad),
                "prediction": z.argmax(1).item(),
            })
    optimizers = []
    for name, make in [
        ("adam", lambda p: torch.optim.Adam(p, lr=0.1)),
        ("sgd", lambda p: torch.optim.SGD(p, lr=0.1)),
        ("momentum", lambda p: torch.optim.SGD(p, lr=0.1, momentum=0.9)),
    ]:
        parameter = nn.Parameter(torch.ones(5, **single))
        optimizer = make([parameter])
        after = []
        for gradient in [[nan, inf, -inf, 1e30, 1], [1] * 5]:
            parameter.grad = torch.tensor(gradient, **single)
            optimizer.step()
            after.append(stored(parameter))
        optimizers.append({"name": name, "after": after})
    products = []
    for layer, inputs, weights in [
        ({"kind": "linear", "units": 3}, [[inf, 0, 1]], [[0, inf, 1], [1, 1, 1], [-inf, 1, 1]]),
        ({"kind": "linear", "units": 3}, [[nan, 0, 1], [1, 2, 3]], [[0, 1, 1], [1, 1, nan], [1, 1, 1]]),
    ]:
        x = torch.tensor(inputs, **single)
        w = torch.tensor(weights, **single)
        products.append({
            "layer": layer, "input": stored(x), "weight": stored(w), "output": stored(nn.functional.linear(x, w)),
        })
    image = torch.tensor([1, 2, 3, 4, inf, 6, 7, 8, 0], **single).view(1, 1, 3, 3)
    image[0, 0, 2, 2] = nan
    filters = torch.tensor([1, 0, -1, 2], **single).view(1, 1, 2, 2)
    convolution = {
        "input": stored(image), "weight": stored(filters),
        "output": stored(nn.functional.conv2d(image, filters)),
    }
    write("not_finite.json", {
        "pools": pools, "relu": relu, "losses": losses, "optimizers": optimizers, "products": products,
        "convolution": convolution,
    })


class Chapter(nn.Module):
    """The chapter's AlexNet with few and small layers: the same kinds, names and order."""

    def __init__(self, drop):
        super().__init__()
        self.conv = nn.Sequential(
            nn.Conv2d(1, 4, 3, 2), nn.ReLU(), nn.MaxPool2d(3, 2),
            nn.Conv2d(4, 6, 5, 1, 2), nn.ReLU(), nn.MaxPool2d(3, 2),
        )
        self.fc = nn.Sequential(
            nn.Linear(6 * 2 * 2, 8), nn.ReLU(), nn.Dropout(drop), nn.Linear(8, 10),
        )

    def forward(self, img):
        feature = self.conv(img)
        return self.fc(feature.view(img.shape[0], -1))


def chapter():
    network = Chapter(0.5)
    for parameter in network.parameters():
        parameter.data = parameter.data.float().double()
    params = {key: stored(value) for key, value in network.state_dict().items()}
    images, labels = rounded(4, 1, 23, 23), torch.tensor([3, 0, 9, 3])
    network.eval()
    logits = network(images)
    trained = Chapter(0.0)
    trained.load_state_dict(network.state_dict())
    optimiser = torch.optim.Adam(trained.parameters(), lr=0.01)
    losses = []
    for _ in range(5):
        loss = nn.functional.cross_entropy(trained(images), labels)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        losses.append(flat(loss)[0])
    write("chapter.json", {
        "params": params,
        "images": stored(images),
        "labels": labels.tolist(),
        "logits": stored(logits),
        "losses": losses,
        "trained": {key: stored(value) for key, value in trained.state_dict().items()},
    })


def safetensors():
    """A file in the order and with the padding of the reference implementation, of every type that is read."""
    values = [1.5, -2.0, 0.0, 65504.0, 6e-8, float("inf")]
    tensors = [
        ("wide", "F64", [2, 3], struct.pack("<6d", *values)),
        ("plain", "F32", [6], struct.pack("<6f", *values)),
        ("scalar", "F32", [], struct.pack("<f", 7.25)),
        ("half", "F16", [3, 2], struct.pack("<6e", *values)),
        ("brain", "BF16", [1, 6], b"".join(struct.pack("<f", v)[2:] for v in values)),
        ("empty", "F32", [0, 4], b""),
        ("__proto__", "F16", [1], struct.pack("<e", -0.5)),
    ]
    header, at = {"__metadata__": {"format": "pt"}}, 0
    for name, dtype, shape, data in tensors:
        header[name] = {"dtype": dtype, "shape": shape, "data_offsets": [at, at + len(data)]}
        at += len(data)
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    data = b"".join(data for *_, data in tensors)
    (HERE / "python.safetensors").write_bytes(struct.pack("<Q", len(text)) + text + data)


optimisers()
layers()
cross_entropy()
chapter()
safetensors()
grouped_convolutions()
not_finite()
