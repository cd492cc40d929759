"""Writes crops.bin and crops.json: images, and what torchvision cuts out of them, mirrors and erases.

Run with any Python that has numpy, Pillow, torch and torchvision; the files in use were made with Pillow 9.4.0 and
torchvision 0.14.1:

    python3 tests/pipelines/references/make_crops.py
"""

import PIL
import numpy as np
import torch
import torchvision
import torchvision.transforms.functional as F
from PIL import Image

from _samples import Samples

random = np.random.default_rng(20243)

IMAGES = {
    "gray": random.integers(0, 256, (11, 14), dtype=np.uint8),
    "RGB": random.integers(0, 256, (12, 9, 3), dtype=np.uint8),
    "floats": random.standard_normal((10, 13)).astype("<f4"),
}
# Larger and smaller than the images, with odd and even rests.
SIZES = ((5, 5), (6, 6), (7, 4), (4, 7), (11, 14), (12, 9), (15, 6), (6, 15), (16, 17), (21, 20), (1, 1))
METHODS = {
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
        height, width = image.shape[:2]
        picture = Image.fromarray(image)
        for size in SIZES:
            samples.add("centerCrop", name, F.center_crop(picture, size), *size)
        samples.add("flipImage", name, F.hflip(picture))
        for fill in (0, 7) if name != "RGB" else (0, 7, (1, 20, 255)):
            padded = F.pad(picture, 3, fill)
            for top, left in ((-3, -3), (-3, 3), (0, 0), (2, -1), (3, 3)):
                result = F.crop(padded, top + 3, left + 3, height, width)
                samples.add("cropImage", name, result, top, left, height, width, fill)
        for method, mode in METHODS.items():
            for box in ((0, 0, 7, 5), (3, 2, 6, 7), (9, 8, 1, 1)):
                result = F.resized_crop(picture, *box, (8, 9), mode)
                samples.add("resizedCrop", name, result, *box, 8, 9, method)
        # Erasing is torchvision's of tensors only.
        tensor = torch.from_numpy(np.atleast_3d(image)).permute(2, 0, 1)
        value = torch.arange(5, 5 + tensor.shape[0])[:, None, None]
        result = F.erase(tensor, 2, 3, 6, 4, value).permute(1, 2, 0).numpy()
        samples.add("erase", name, result, 2, 3, 6, 4)
    samples.write("crops", VERSIONS)


if __name__ == "__main__":
    main()
