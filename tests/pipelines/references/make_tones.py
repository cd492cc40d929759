"""Writes tones.bin and tones.json: images, and what torchvision makes of their tones and sharpness by way of Pillow.

Run with any Python that has numpy, Pillow, torch and torchvision; the files in use were made with Pillow 9.4.0 and
torchvision 0.14.1:

    python3 tests/pipelines/references/make_tones.py
"""

import PIL
import numpy as np
import torch
import torchvision
import torchvision.transforms.functional as F
from PIL import Image

from _samples import Samples

random = np.random.default_rng(20261)


def smooth(height, width, channels, low, high):
    """Waves with some noise, as in a photo."""
    y, x = np.mgrid[0:height, 0:width]
    waves = [np.sin(x / (4 + c)) * np.cos(y / (7 - c)) for c in range(channels)]
    image = np.stack(waves, axis=-1) * 0.5 + 0.5 + random.normal(0, 0.03, (height, width, channels))
    image = (low + (high - low) * np.clip(image, 0, 1)).astype(np.uint8)
    return image[..., 0] if channels == 1 else image


IMAGES = {
    # Every byte.
    "gray": random.permutation(256).astype(np.uint8).reshape(16, 16),
    "RGB": random.integers(0, 256, (17, 31, 3), dtype=np.uint8),
    "photo": smooth(40, 33, 3, 20, 200),
    "gray photo": smooth(37, 48, 1, 90, 140),
    # A ramp of each channel, of which equalizing makes more than 255.
    "ramps": np.arange(30 * 26 * 3, dtype=np.int64).reshape(30, 26, 3).astype(np.uint8),
    "two tones": (random.integers(0, 2, (16, 19)) * 3 + 250).astype(np.uint8),
    "flat": np.full((5, 7, 3), (0, 100, 255), np.uint8),
    "row": random.integers(30, 200, (1, 19), dtype=np.uint8),
    "column": random.integers(30, 200, (23, 1, 3), dtype=np.uint8),
    "two rows": random.integers(0, 256, (2, 9, 3), dtype=np.uint8),
    "smallest": random.integers(0, 256, (3, 3), dtype=np.uint8),
    "pixel": np.array([[[3, 200, 90]]], np.uint8),
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
        samples.add("autoContrastImage", name, F.autocontrast(picture))
        samples.add("equalizeImage", name, F.equalize(picture))
        samples.add("invertImage", name, F.invert(picture))
        for bits in range(0, 9) if name == "gray" else (1, 4):
            samples.add("posterizeImage", name, F.posterize(picture, bits), bits)
        for threshold in (0, 0.5, 1, 127.5, 128, 255, 255.5, 256) if name == "gray" else (100.2,):
            samples.add("solarizeImage", name, F.solarize(picture, threshold), threshold)
        for factor in (0, 0.1, 0.7, 1.9, 5):
            samples.add("adjustSharpness", name, F.adjust_sharpness(picture, factor), factor)
    samples.write("tones", VERSIONS)


if __name__ == "__main__":
    main()
