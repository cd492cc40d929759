"""Writes colors.bin and colors.json: images, and what torchvision makes of their colors by way of Pillow.

Run with any Python that has numpy, Pillow, torch and torchvision; the files in use were made with Pillow 9.4.0 and
torchvision 0.14.1:

    python3 tests/pipelines/references/make_colors.py
"""

import PIL
import numpy as np
import torch
import torchvision
import torchvision.transforms.functional as F
from PIL import Image

from _samples import Samples

random = np.random.default_rng(20242)

# Every byte.
GRAY = random.permutation(256).astype(np.uint8).reshape(16, 16)
RGB = random.integers(0, 256, (12, 13, 3), dtype=np.uint8)
# Near gray, and near black: where hue and saturation are rounded most.
PALE = random.integers(118, 138, (9, 11, 3), dtype=np.uint8)
DARK = random.integers(0, 9, (9, 11, 3), dtype=np.uint8)
# The ends and the middle of the channels, each with each.
LEVELS = (0, 1, 127, 128, 254, 255)
EDGES = np.array([[r, g, b] for r in LEVELS for g in LEVELS for b in LEVELS], np.uint8).reshape(12, 18, 3)

IMAGES = {"gray": GRAY, "RGB": RGB, "pale": PALE, "dark": DARK, "edges": EDGES}
FACTORS = (0, 0.7, 1.3, 2.6)
TURNS = (-0.5, -0.21, 0.003, 0.1, 0.5)


VERSIONS = {
    "pillow": PIL.__version__,
    "torch": torch.__version__,
    "torchvision": torchvision.__version__,
}


def main():
    samples = Samples(IMAGES)
    for name, image in IMAGES.items():
        picture = Image.fromarray(image)
        for function, adjust in (
            ("adjustBrightness", F.adjust_brightness),
            ("adjustContrast", F.adjust_contrast),
            ("adjustSaturation", F.adjust_saturation),
        ):
            # One more factor for each, so as not to depend on a few.
            for factor in (*FACTORS, round(float(random.uniform(0, 2)), 4)):
                samples.add(function, name, adjust(picture, factor), factor)
        for turn in (*TURNS, round(float(random.uniform(-0.5, 0.5)), 4)):
            samples.add("adjustHue", name, F.adjust_hue(picture, turn), turn)
        samples.add("grayscale", name, F.to_grayscale(picture, 1), 1)
    samples.add("grayscale", "pale", F.to_grayscale(Image.fromarray(PALE), 3), 3)
    samples.add("grayscale", "gray", F.to_grayscale(Image.fromarray(GRAY), 3), 3)
    samples.add("toRgb", "gray", Image.fromarray(GRAY).convert("RGB"))
    samples.add("toFloat", "gray", F.to_tensor(GRAY).numpy())
    samples.write("colors", VERSIONS)


if __name__ == "__main__":
    main()
