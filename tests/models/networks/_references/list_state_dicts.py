"""Writes the names, types and shapes of torchvision's networks, in order.

    /usr/bin/python3 tests/models/networks/_references/list_state_dicts.py
"""

import json
import pathlib

import torchvision

HERE = pathlib.Path(__file__).parent

NAMES = [
    "alexnet", "densenet121", "googlenet", "mobilenet_v2", "resnet18", "resnet34", "resnet50", "squeezenet1_1",
    "vgg11", "vgg11_bn", "vgg16", "vgg16_bn",
]


def make(name):
    # With its auxiliary classifiers, as the file that torchvision offers has them.
    options = {"init_weights": False} if name == "googlenet" else {}
    return getattr(torchvision.models, name)(**options)


state_dicts = {
    name: {
        key: " ".join([str(value.dtype).removeprefix("torch."), *map(str, value.shape)])
        for key, value in make(name).state_dict().items()
    }
    for name in NAMES
}
(HERE / "state_dicts.json").write_text(json.dumps(state_dicts, indent=1) + "\n")
