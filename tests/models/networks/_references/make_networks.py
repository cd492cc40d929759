"""Writes what PyTorch and torchvision compute with seeded weights: see `README.md`.

    /usr/bin/python3 tests/models/networks/_references/make_networks.py [NAME …]

Gradients jump where a rectifier's input changes its sign. With rounding of their own no two libraries would agree there, so
some biases are settled, by `settle.py`: none of those inputs is near 0. They are in `settled.json`.
"""

import json
import pathlib
import sys

import numpy as np
import torch
import torchvision
from torch import nn

from seeded import digest, seeded, seeded_labels, seeded_variable

HERE = pathlib.Path(__file__).parent

# Biases, and a few weights, with values of their own, by network, name and index; and the number of the input for training.
SETTLED = json.loads((HERE / "settled.json").read_text()) if (HERE / "settled.json").exists() else {}


class Lenet(nn.Module):
    """The LeNet of Dive into Deep Learning."""

    def __init__(self, activation):
        super().__init__()
        self.net = nn.Sequential(
            nn.Conv2d(1, 6, 5, padding=2), activation(), nn.AvgPool2d(2, 2),
            nn.Conv2d(6, 16, 5), activation(), nn.AvgPool2d(2, 2),
            nn.Flatten(),
            nn.Linear(16 * 5 * 5, 120), activation(), nn.Linear(120, 84), activation(), nn.Linear(84, 10))

    def forward(self, x):
        return self.net(x)


class Alexnet2012(nn.Module):
    """The AlexNet of 2012. The paper's alpha multiplies the sum of squares; PyTorch's is divided by their number."""

    def __init__(self, pixels=6 * 6):
        super().__init__()
        norm = lambda: nn.LocalResponseNorm(5, alpha=5 * 1e-4, beta=0.75, k=2)
        self.features = nn.Sequential(
            nn.Conv2d(3, 96, 11, 4), nn.ReLU(), norm(), nn.MaxPool2d(3, 2),
            nn.Conv2d(96, 256, 5, padding=2, groups=2), nn.ReLU(), norm(), nn.MaxPool2d(3, 2),
            nn.Conv2d(256, 384, 3, padding=1), nn.ReLU(),
            nn.Conv2d(384, 384, 3, padding=1, groups=2), nn.ReLU(),
            nn.Conv2d(384, 256, 3, padding=1, groups=2), nn.ReLU(), nn.MaxPool2d(3, 2))
        self.classifier = nn.Sequential(
            nn.Linear(256 * pixels, 4096), nn.ReLU(), nn.Dropout(0),
            nn.Linear(4096, 4096), nn.ReLU(), nn.Dropout(0),
            nn.Linear(4096, 1000))

    def forward(self, x):
        return self.classifier(self.features(x).flatten(1))


class Resnet8(nn.Module):
    """A small residual network: three pooled convolutions, the last two with a residual block behind."""

    def __init__(self, filters):
        super().__init__()
        self.layer1 = Resnet8Layer(1, filters, None)
        self.layer2 = Resnet8Layer(filters, 2 * filters, Resnet8Block(2 * filters))
        self.layer3 = Resnet8Layer(2 * filters, 4 * filters, Resnet8Block(4 * filters))
        self.fc = nn.Linear(4 * filters, 10)

    def forward(self, x):
        return self.fc(self.layer3(self.layer2(self.layer1(x))).mean([2, 3]))


class Resnet8Layer(nn.Module):
    def __init__(self, inputs, filters, residual):
        super().__init__()
        self.conv = nn.Conv2d(inputs, filters, 3, padding=1, bias=False)
        self.pool, self.bn, self.relu = nn.MaxPool2d(2), nn.BatchNorm2d(filters), nn.ReLU()
        self.residual = residual

    def forward(self, x):
        x = self.relu(self.bn(self.pool(self.conv(x))))
        return x if self.residual is None else x + self.residual(x)


class Resnet8Block(nn.Module):
    def __init__(self, filters):
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(filters, filters, 3, padding=1, bias=False), nn.BatchNorm2d(filters)
        self.conv2, self.bn2 = nn.Conv2d(filters, filters, 3, padding=1, bias=False), nn.BatchNorm2d(filters)
        self.relu1, self.relu2 = nn.ReLU(), nn.ReLU()

    def forward(self, x):
        return self.relu2(self.bn2(self.conv2(self.relu1(self.bn1(self.conv1(x))))))


class Nin(nn.Sequential):
    """The network in network of Dive into Deep Learning."""

    def __init__(self):
        block = lambda inputs, filters, *window: nn.Sequential(
            nn.Conv2d(inputs, filters, *window), nn.ReLU(),
            nn.Conv2d(filters, filters, 1), nn.ReLU(), nn.Conv2d(filters, filters, 1), nn.ReLU())
        super().__init__(
            block(1, 96, 11, 4, 0), nn.MaxPool2d(3, 2), block(96, 256, 5, 1, 2), nn.MaxPool2d(3, 2),
            block(256, 384, 3, 1, 1), nn.MaxPool2d(3, 2), nn.Dropout(0), block(384, 10, 3, 1, 1),
            nn.AdaptiveAvgPool2d(1), nn.Flatten())


def of_torchvision(name, **options):
    """A network of torchvision's, without dropout."""
    def make():
        net = getattr(torchvision.models, name)(num_classes=10, **options)
        for module in net.modules():
            if isinstance(module, nn.Dropout):
                module.p = 0.0
        return net
    return make


# Squares of 64, where the network takes them, of 96 and of 224.
SIDES = [[2, 3, 64, 64], [1, 3, 96, 96], [1, 3, 224, 224]]

# For each network: how it is made, its classes, the shapes of the inputs of use and of training, and the number of steps.
# Five examples are shared unevenly by two and by three threads. Without steps only logits are compared.
NETWORKS = {
    "resnet18": (of_torchvision("resnet18"), 10, SIDES, [5, 3, 48, 48], 3),
    "resnet34": (of_torchvision("resnet34"), 10, SIDES, [5, 3, 64, 64], 1),
    "resnet50": (of_torchvision("resnet50"), 10, SIDES, [5, 3, 64, 64], 1),
    "alexnet-torchvision": (of_torchvision("alexnet"), 10, SIDES, [3, 3, 64, 64], 1),
    "vgg11": (of_torchvision("vgg11"), 10, SIDES, [2, 3, 64, 64], 1),
    "vgg11-bn": (of_torchvision("vgg11_bn"), 10, SIDES, [3, 3, 48, 48], 1),
    "vgg16": (of_torchvision("vgg16"), 10, SIDES, [2, 3, 64, 64], 1),
    "vgg16-bn": (of_torchvision("vgg16_bn"), 10, SIDES, [3, 3, 48, 48], 1),
    "googlenet": (of_torchvision("googlenet", aux_logits=False, init_weights=False), 10, SIDES, [4, 3, 80, 80], 1),
    "googlenet-transform": (
        of_torchvision("googlenet", aux_logits=False, init_weights=False, transform_input=True), 10, SIDES[:1], [1, 3, 64, 64], 0),
    "densenet121": (of_torchvision("densenet121"), 10, SIDES, [5, 3, 64, 64], 1),
    "mobilenet-v2": (of_torchvision("mobilenet_v2"), 10, SIDES, [5, 3, 64, 64], 1),
    "squeezenet1-1": (of_torchvision("squeezenet1_1"), 10, SIDES, [3, 3, 64, 64], 1),
    "nin": (Nin, 10, [[1, 1, 96, 96], [1, 1, 224, 224]], [2, 1, 96, 96], 1),
    "lenet": (lambda: Lenet(nn.Sigmoid), 10, [[5, 1, 28, 28]], [5, 1, 28, 28], 3),
    "lenet-relu": (lambda: Lenet(nn.ReLU), 10, [[5, 1, 28, 28]], [5, 1, 28, 28], 3),
    # At 227 a matrix is larger than some GPUs bind.
    "alexnet2012-small": (lambda: Alexnet2012(2 * 2), 1000, [[2, 3, 99, 99]], [5, 3, 99, 99], 1),
    # Of few filters, as rectifiers that are near 0 are fewer then.
    "resnet8": (lambda: Resnet8(8), 10, [[5, 1, 28, 28]], [5, 1, 28, 28], 2),
    "alexnet2012": (Alexnet2012, 1000, [[1, 3, 227, 227]], [2, 3, 227, 227], 1),
}

# Factors and terms of variables, by the end of their names, where the seeded ones amplify rounding from layer to layer so much that
# PyTorch's own float32 is further than 1e-4 from its float64. Residual blocks that add less, as in trained networks, and rectifiers
# that let more pass amplify less.
CHANGES = {
    "densenet121": {"norm0.bias": [8, 0]},
    "googlenet": {"bn.bias": [1, 0.7]},
    "resnet50": {"bn3.weight": [0.25, 0]},
}

SETTINGS = {"learningRate": 0.01, "momentum": 0.9}


def load(name, dtype, biases):
    """Makes a network with the seeded variables, but for its changes and the biases that are given."""
    net = NETWORKS[name][0]().to(dtype)
    state = {}
    for key, value in net.state_dict().items():
        array = seeded_variable(key, list(value.shape))
        for end, (scale, term) in CHANGES.get(name, {}).items():
            if key.endswith(f".{end}"):
                array = array * np.float32(scale) + np.float32(term)
        for index, bias in biases.get(key, {}).items():
            array.reshape(-1)[int(index)] = bias
        state[key] = torch.from_numpy(array).to(value.dtype)
    net.load_state_dict(state)
    return net


def batch_of(name, shape, classes, dtype):
    images = torch.from_numpy(seeded(name, shape)).to(dtype)
    return images, torch.from_numpy(seeded_labels(f"labels of {name}", shape[0], classes))


def train(net, images, labels, steps, quiet=False):
    """Trains on one batch, and tells, unless it is quiet, of each step. Parameters are told of where there are several."""
    net.train()
    optimizer = torch.optim.SGD(net.parameters(), lr=SETTINGS["learningRate"], momentum=SETTINGS["momentum"])
    told = []
    for _ in range(steps):
        loss = nn.functional.cross_entropy(net(images), labels)
        optimizer.zero_grad()
        loss.backward()
        if quiet:
            optimizer.step()
            continue
        optimizer.step()
        params = dict(net.named_parameters())
        # Of very many parameters fewer elements each, so that the files stay small.
        probes = 16 if len(params) <= 160 else 4
        tell = lambda values: {key: digest(key, value.detach().double().numpy(), probes) for key, value in values.items()}
        told.append({
            "loss": loss.item(),
            # After the first step these are its gradients.
            "momentum": tell({key: optimizer.state[p]["momentum_buffer"] for key, p in params.items()}),
            "params": tell(params if steps > 1 else {}),
            "buffers": tell(dict(net.named_buffers())),
        })
    return told


def make(name):
    _, classes, shapes, train_shape, steps = NETWORKS[name]
    settled = SETTLED.get(name) or {"input": 1, "biases": {}}
    net = load(name, torch.float64, settled["biases"])
    net.eval()
    use = []
    for shape in shapes:
        images, _ = batch_of("input", shape, classes, torch.float64)
        with torch.no_grad():
            logits = net(images)
        use.append({"input": "input", "shape": shape, "logits": [float(f"{v:.9g}") for v in logits.flatten().tolist()]})
    input_name = f"input {settled['input']}"
    images, labels = batch_of(input_name, train_shape, classes, torch.float64)
    value = {
        "classes": classes,
        "biases": settled["biases"],
        "changes": CHANGES.get(name, {}),
        "use": use,
        "training": {
            "input": input_name,
            "shape": train_shape,
            "labels": labels.tolist(),
            "optimizer": SETTINGS,
            "steps": train(net, images, labels, steps),
        },
    }
    (HERE / f"{name.replace('-', '_')}.json").write_text(json.dumps(value) + "\n")


if __name__ == "__main__":
    for name in sys.argv[1:] or NETWORKS:
        make(name)
