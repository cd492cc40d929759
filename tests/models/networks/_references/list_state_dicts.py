"""Writes the names, types and shapes of torchvision's networks, in order.

    /usr/bin/python3 tests/models/networks/_references/list_state_dicts.py
"""

import json
import pathlib

import torchvision

HERE = pathlib.Path(__file__).parent

state_dicts = {
    "resnet18": {
        name: " ".join([str(value.dtype).removeprefix("torch."), *map(str, value.shape)])
        for name, value in torchvision.models.resnet18().state_dict().items()
    }
}
(HERE / "state_dicts.json").write_text(json.dumps(state_dicts, indent=1) + "\n")
