"""Writes policies.bin and policies.json: images, and what the operations of torchvision's RandAugment and
TrivialAugmentWide make of them by way of Pillow; and the magnitudes of the operations.

Run with any Python that has numpy, Pillow, torch and torchvision; the files in use were made with Pillow 9.4.0 and
torchvision 0.14.1:

    python3 tests/pipelines/references/make_policies.py
"""

import PIL
import numpy as np
import torch
import torchvision
from PIL import Image
from torchvision.transforms import InterpolationMode, RandAugment, TrivialAugmentWide
from torchvision.transforms.autoaugment import _apply_op

from _samples import Samples

random = np.random.default_rng(20263)

IMAGES = {
    "gray": random.integers(0, 256, (12, 11), dtype=np.uint8),
    "RGB": (random.integers(0, 256, (15, 24, 3)) // 2 + 40).astype(np.uint8),
}
METHODS = {"nearest": InterpolationMode.NEAREST, "bilinear": InterpolationMode.BILINEAR}
SIZES = ((15, 24), (224, 199))


def spaces(bins, size):
    return {
        "randAugment": RandAugment()._augmentation_space(bins, size),
        "trivialAugment": TrivialAugmentWide()._augmentation_space(bins),
    }


def magnitude_of(magnitudes, level):
    return float(magnitudes[level].item()) if magnitudes.ndim > 0 else 0.0


def list_magnitudes():
    """Lists, for each policy, number of bins and size, what the magnitudes of its operations are, and their signs."""
    return [
        [
            policy,
            bins,
            *size,
            [
                # As text, which is a line.
                [signed, " ".join(str(magnitude_of(magnitudes, level)) for level in range(bins))]
                for magnitudes, signed in space.values()
            ],
        ]
        for bins in (2, 9, 31)
        for size in SIZES
        for policy, space in spaces(bins, size).items()
    ]


def main():
    samples = Samples(IMAGES)
    for name, image in IMAGES.items():
        picture = Image.fromarray(image)
        for policy, space in spaces(31, image.shape[:2]).items():
            for index, (operation, (magnitudes, signed)) in enumerate(space.items()):
                for level in (9, 30) if magnitudes.ndim > 0 else (0,):
                    for sign in (1, -1) if signed else (1,):
                        method = "bilinear" if level == 30 and sign == 1 else "nearest"
                        fill = 77 if method == "bilinear" else 0
                        magnitude = sign * magnitude_of(magnitudes, level)
                        fills = [fill] * (1 if image.ndim == 2 else 3)
                        result = _apply_op(picture, operation, magnitude, METHODS[method], fills)
                        samples.add(policy, name, result, index, level, sign, method, fill)
    samples.write(
        "policies",
        {
            "pillow": PIL.__version__,
            "torch": torch.__version__,
            "torchvision": torchvision.__version__,
            "magnitudes": list_magnitudes(),
        },
    )


if __name__ == "__main__":
    main()
