"""Writes warps.bin and warps.json: images, and how torchvision rotates and warps them by way of Pillow.

Run with any Python that has numpy, Pillow, torch and torchvision; the files in use were made with Pillow 9.4.0 and
torchvision 0.14.1:

    python3 tests/pipelines/references/make_warps.py
"""

import PIL
import numpy as np
import torch
import torchvision
import torchvision.transforms.functional as F
from PIL import Image
from torchvision.transforms import functional_pil

from _samples import Samples

random = np.random.default_rng(20262)

IMAGES = {
    "gray": random.integers(0, 256, (11, 14), dtype=np.uint8),
    "RGB": random.integers(0, 256, (13, 10, 3), dtype=np.uint8),
    "square": np.stack([np.add.outer(np.arange(12) * 11, np.arange(12) * a) for a in (1, 9, 5)], -1).astype(np.uint8),
    "floats": random.normal(0, 100, (8, 9)).astype(np.float32),
    "row": random.integers(0, 256, (1, 9), dtype=np.uint8),
    "column": random.integers(0, 256, (8, 1, 3), dtype=np.uint8),
    "two": random.integers(0, 256, (2, 2, 3), dtype=np.uint8),
    "pixel": np.array([[77]], np.uint8),
}

METHODS = {
    "nearest": F.InterpolationMode.NEAREST,
    "bilinear": F.InterpolationMode.BILINEAR,
    "bicubic": F.InterpolationMode.BICUBIC,
}

ROTATIONS = (
    {"angle": 0},
    {"angle": 90},
    {"angle": -90, "expand": True},
    {"angle": 180},
    {"angle": 630, "expand": True},
    {"angle": 180, "center": (3, 4.5)},
    {"angle": 90, "center": (0, 0), "fill": 9},
    {"angle": 30},
    {"angle": -137.3, "fill": 200},
    {"angle": 45, "expand": True, "fill": 7},
    {"angle": 261.7, "expand": True},
    {"angle": 11, "center": (2.5, 7)},
    {"angle": 1e-9},
    {"angle": 400, "center": (1000, -2000), "fill": 3},
)

AFFINES = (
    {},
    {"translate": (2, -3), "fill": 5},
    {"translate": (-1.25, 0.5)},
    {"scale": 0.37, "fill": 255},
    {"scale": 2.6},
    {"scale": 1.5, "translate": (40, 1)},
    {"angle": 33.3, "fill": 8},
    {"angle": 90},
    {"shear": 20},
    {"shear": (-25, 13), "center": (0, 0)},
    {"shear": (0, 45)},
    {"angle": -70, "translate": (1, 2), "scale": 1.3, "shear": (9, -14), "fill": 100},
    {"angle": 185, "scale": 0.8, "center": (3, 10)},
    # Too far for Pillow's coordinates of 16 bits.
    {"angle": 3, "scale": 0.0001, "translate": (0.0003, 0.0001)},
)

VERSIONS = {
    "pillow": PIL.__version__,
    "torch": torch.__version__,
    "torchvision": torchvision.__version__,
}


def find_coefficients(start, end):
    """The coefficients of a perspective as newer versions of torchvision find them: in double precision, then rounded."""
    rows = []
    for (x, y), (u, v) in zip(end, start):
        rows.append([x, y, 1, 0, 0, 0, -u * x, -u * y])
        rows.append([0, 0, 0, x, y, 1, -v * x, -v * y])
    matrix = torch.tensor(rows, dtype=torch.float64)
    values = torch.tensor(start, dtype=torch.float64).view(8)
    return torch.linalg.lstsq(matrix, values, driver="gels").solution.to(torch.float32).tolist()


def perspective(picture, start, end, mode, fill):
    return functional_pil.perspective(picture, find_coefficients(start, end), F.pil_modes_mapping[mode], fill)


def draw_points(height, width):
    """The corners, and points near them."""
    start = [[0, 0], [width - 1, 0], [width - 1, height - 1], [0, height - 1]]
    end = [[x + int(random.integers(-2, 3)), y + int(random.integers(-2, 3))] for x, y in start]
    return start, end


def main():
    samples = Samples(IMAGES)
    for name, image in IMAGES.items():
        picture = Image.fromarray(image)
        height, width = image.shape[:2]
        small = min(height, width) < 3
        for i, (method, mode) in enumerate(METHODS.items()):
            for j, rotation in enumerate(ROTATIONS):
                if small and (i + j) % 3 > 0:
                    continue
                options = {"method": method, **rotation}
                result = F.rotate(picture, interpolation=mode, **{"fill": 0, **rotation})
                samples.add("rotateImage", name, result, options, result.height, result.width)
            for j, change in enumerate(AFFINES):
                if small and (i + j) % 3 > 0:
                    continue
                options = {"method": method, **change}
                all_options = {"angle": 0, "translate": (0, 0), "scale": 1, "shear": (0, 0), "fill": 0, **change}
                if isinstance(all_options["shear"], int):
                    all_options["shear"] = (all_options["shear"], 0)
                result = F.affine(picture, interpolation=mode, **all_options)
                samples.add("affineImage", name, result, options, height, width)
            if small:
                continue
            for fill in (0, 30):
                start, end = draw_points(height, width)
                options = {"method": method, "startPoints": start, "endPoints": end, "fill": fill}
                samples.add("perspectiveImage", name, perspective(picture, start, end, mode, fill), options, height, width)
        if name == "RGB":
            fill = (1, 20, 255)
            for function, result in (
                ("rotateImage", F.rotate(picture, 20, fill=fill)),
                ("affineImage", F.affine(picture, 20, [0, 0], 1, [0, 0], fill=fill)),
            ):
                options = {"angle": 20, "method": "nearest", "fill": fill}
                samples.add(function, name, result, options, height, width)
    samples.write("warps", VERSIONS)


if __name__ == "__main__":
    main()
