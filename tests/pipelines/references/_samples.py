"""Samples of images in one file, and a listing that says where they are."""

import json
import pathlib

import numpy as np


class Samples:
    """Collects images, HWC, bytes or little-endian float32, one behind the other, and what was done to get them."""

    def __init__(self, images):
        self.bytes = bytearray()
        self.images = {}
        for name, image in images.items():
            kind = "uint8" if image.dtype == np.uint8 else "float32"
            height, width, channels = np.atleast_3d(image).shape
            self.images[name] = [kind, height, width, channels, self.store(image)]
        self.cases = []

    def store(self, image):
        offset = len(self.bytes)
        self.bytes.extend(np.ascontiguousarray(image).tobytes())
        self.bytes.extend(bytes(-len(self.bytes) % 4))
        return offset

    def add(self, function, name, result, *parameters):
        """Adds what a function of an image and some parameters gives."""
        self.cases.append([function, name, list(parameters), self.store(np.asarray(result))])

    def write(self, name, versions):
        """Writes the samples, and the listing with a line for each entry, as `deno fmt` would have it."""
        folder = pathlib.Path(__file__).parent
        (folder / f"{name}.bin").write_bytes(self.bytes)
        entries = [f'  "{key}": {json.dumps(value)}' for key, value in versions.items()]
        images = [f'    "{key}": {json.dumps(value)}' for key, value in self.images.items()]
        cases = [f"    {json.dumps(case)}" for case in self.cases]
        entries.append('  "images": {\n' + ",\n".join(images) + "\n  }")
        entries.append('  "cases": [\n' + ",\n".join(cases) + "\n  ]")
        (folder / f"{name}.json").write_text("{\n" + ",\n".join(entries) + "\n}\n")
