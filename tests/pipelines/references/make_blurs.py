"""Writes blurs.bin and blurs.json: images, and how torchvision blurs them.

Run with any Python that has numpy, Pillow, torch and torchvision; the files in use were made with Pillow 9.4.0 and
torchvision 0.14.1:

    python3 tests/pipelines/references/make_blurs.py
"""

import PIL
import numpy as np
import torch
import torchvision
import torchvision.transforms.functional as F
from PIL import Image

from _samples import Samples

random = np.random.default_rng(20263)

IMAGES = {
    "gray": random.integers(0, 256, (31, 17), dtype=np.uint8),
    "RGB": random.integers(0, 256, (24, 29, 3), dtype=np.uint8),
    "flat": np.full((12, 13, 3), (0, 100, 255), np.uint8),
    "edge": np.repeat(np.array([[0] * 9 + [255] * 9], np.uint8), 14, 0),
    "row": random.integers(0, 256, (1, 19), dtype=np.uint8),
    "column": random.integers(0, 256, (23, 1, 3), dtype=np.uint8),
    "pixel": np.array([[77]], np.uint8),
}

# Height and width of the kernel, and sigma of both.
KERNELS = (
    ((3, 3), None),
    ((5, 5), (0.3, 0.3)),
    ((1, 1), None),
    ((1, 7), None),
    ((9, 1), (2.0, 1.0)),
    ((5, 9), (1.1, 3.0)),
    ((23, 23), (0.1, 0.1)),
    ((23, 23), (1.7, 1.7)),
    ((11, 11), (50.0, 50.0)),
)

VERSIONS = {
    "pillow": PIL.__version__,
    "torch": torch.__version__,
    "torchvision": torchvision.__version__,
}


def main():
    samples = Samples(IMAGES)
    for name, image in IMAGES.items():
        picture = Image.fromarray(image)
        for size, sigma in KERNELS:
            if any(n // 2 >= side for n, side in zip(size, image.shape)):
                continue
            # torchvision has the width first.
            result = F.gaussian_blur(picture, size[::-1], sigma and sigma[::-1])
            samples.add("gaussianBlurImage", name, result, size, sigma)
    samples.write("blurs", VERSIONS)


if __name__ == "__main__":
    main()
