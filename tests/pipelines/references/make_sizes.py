"""Writes sizes.bin and sizes.json: images, and what torchvision makes of their sizes by way of Pillow.

Run with any Python that has numpy, Pillow, torch and torchvision; the files in use were made with Pillow 9.4.0 and
torchvision 0.14.1:

    python3 tests/pipelines/references/make_sizes.py
"""

import PIL
import numpy as np
import torch
import torchvision
import torchvision.transforms.functional as F
from PIL import Image

from _samples import Samples

random = np.random.default_rng(20264)

IMAGES = {
    "gray": random.integers(0, 256, (9, 6), dtype=np.uint8),
    "RGB": random.integers(0, 256, (7, 10, 3), dtype=np.uint8),
    "RGBA": random.integers(0, 256, (4, 5, 4), dtype=np.uint8),
    "floats": random.normal(0, 100, (5, 8)).astype(np.float32),
    "row": random.integers(0, 256, (1, 5), dtype=np.uint8),
    "column": random.integers(0, 256, (4, 1, 3), dtype=np.uint8),
    "pixel": np.array([[77]], np.uint8),
}

# Left, top, right and bottom.
PADDINGS = ((1, 1, 1, 1), (0, 0, 3, 0), (2, 0, 0, 1), (7, 20, 13, 11))
MODES = {
    "bilinear": F.InterpolationMode.BILINEAR,
    "bicubic": F.InterpolationMode.BICUBIC,
    "nearest": F.InterpolationMode.NEAREST,
}

VERSIONS = {
    "pillow": PIL.__version__,
    "torch": torch.__version__,
    "torchvision": torchvision.__version__,
}


def main():
    samples = Samples(IMAGES)
    for name, image in IMAGES.items():
        picture = Image.fromarray(image)
        height, width = image.shape[:2]
        for size in ((1, 1), (height, width), (max(height - 1, 1), max(width - 2, 1)), (max(height - 4, 1), width)):
            for i, crop in enumerate(F.five_crop(picture, size)):
                samples.add("fiveCropImage", name, crop, *size, i)
            for flip in ("horizontal", "vertical"):
                for i, crop in enumerate(F.ten_crop(picture, size, flip == "vertical")[5:]):
                    samples.add("tenCropImage", name, crop, *size, i + 5, flip)
        for padding in PADDINGS:
            # Pillow expands no floats with a fill.
            for mode in ("constant", "edge", "reflect", "symmetric"):
                result = F.pad(picture, padding, 0 if name == "floats" else 7, mode)
                samples.add("padImage", name, result, padding, mode, 0 if name == "floats" else 7)
        if name == "RGBA":
            # Pillow resizes what alpha has been multiplied with.
            continue
        for side in (1, 4, 7, 13):
            for method, mode in MODES.items():
                result = F.resize(picture, side, mode)
                samples.add("resizeShorterSide", name, result, side, method, result.height, result.width)
    samples.write("sizes", VERSIONS)


if __name__ == "__main__":
    main()
