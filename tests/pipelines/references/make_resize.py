"""Writes resize.bin and resize.json: images, and what Pillow's filters make of them.

resize.bin holds the samples of all images, one behind the other, HWC, bytes or little-endian float32. resize.json says
where and in what shape. Run with any Python that has numpy and Pillow; the files in use were made with Pillow 9.4.0:

    python3 tests/pipelines/references/make_resize.py
"""

import json
import pathlib

import numpy as np
from PIL import Image, __version__

random = np.random.default_rng(20241)


def noise(height, width, channels=1):
    return random.integers(0, 256, (height, width, channels), dtype=np.uint8)


def extremes(height, width, channels=1):
    return 255 * random.integers(0, 2, (height, width, channels), dtype=np.uint8)


def floats(height, width, spread):
    return (random.standard_normal((height, width, 1)) * spread).astype("<f4")


CASES = [
    ("Fashion-MNIST to AlexNet", noise(28, 28), (224, 224)),
    ("Fashion-MNIST to 67", noise(28, 28), (67, 67)),
    ("Fashion-MNIST to 99", noise(28, 28), (99, 99)),
    ("down by a whole factor", noise(112, 112), (28, 28)),
    ("down by a broken factor", noise(61, 83), (17, 29)),
    ("down by one", noise(33, 33), (32, 32)),
    ("up by one", noise(32, 32), (33, 33)),
    ("up in height, down in width", noise(19, 47), (40, 13)),
    ("down in height, up in width", noise(47, 19), (13, 40)),
    ("height only", noise(20, 31), (45, 31)),
    ("width only", noise(20, 31), (20, 11)),
    ("RGB up", noise(23, 37, 3), (50, 61)),
    ("RGB down", noise(64, 97, 3), (20, 31)),
    ("four channels", noise(12, 9, 4), (31, 7)),
    ("RGB of more channels than rows", noise(2, 11, 3), (5, 23)),
    ("extreme values up", extremes(16, 16), (43, 43)),
    ("extreme values down", extremes(60, 60), (23, 23)),
    ("all white", np.full((13, 13, 1), 255, np.uint8), (29, 5)),
    ("one row", noise(1, 40), (9, 71)),
    ("one column", noise(40, 1), (71, 9)),
    ("one pixel", noise(1, 1), (6, 5)),
    ("two pixels", noise(1, 2, 3), (1, 17)),
    ("to one pixel", noise(50, 70), (1, 1)),
    ("to one row", noise(50, 30), (1, 30)),
    ("floats up", floats(20, 23, 1), (41, 37)),
    ("floats down", floats(50, 41, 1), (19, 12)),
    ("large floats", floats(9, 9, 1e30), (20, 4)),
    ("one float column", floats(30, 1, 1e-3), (13, 3)),
    ("bicubic up", noise(11, 13), (40, 31), "bicubic"),
    ("bicubic down", noise(41, 37), (12, 17), "bicubic"),
    ("bicubic up in height, down in width", noise(9, 31), (23, 10), "bicubic"),
    ("bicubic RGB up", noise(8, 9, 3), (21, 22), "bicubic"),
    ("bicubic RGB down", noise(31, 33, 3), (10, 13), "bicubic"),
    ("bicubic of four channels", noise(12, 9, 4), (17, 7), "bicubic"),
    ("bicubic of extreme values up", extremes(12, 12), (37, 37), "bicubic"),
    ("bicubic of extreme values down", extremes(40, 40), (15, 13), "bicubic"),
    ("bicubic of two pixels", extremes(2, 2), (9, 9), "bicubic"),
    ("bicubic of one pixel", noise(1, 1), (4, 5), "bicubic"),
    ("bicubic of floats up", floats(9, 10, 1), (21, 17), "bicubic"),
    ("bicubic of floats down", floats(23, 21, 1), (10, 7), "bicubic"),
    ("nearest up", noise(11, 13), (40, 31), "nearest"),
    ("nearest down", noise(41, 37), (12, 17), "nearest"),
    ("nearest by a whole factor", noise(9, 9), (27, 18), "nearest"),
    ("nearest by a half", noise(20, 20), (10, 10), "nearest"),
    # Where the places are added up: multiplied, 23 of these columns are others.
    ("nearest halfway between pixels", noise(1, 78), (1, 117), "nearest"),
    ("nearest of RGB", noise(8, 9, 3), (21, 5), "nearest"),
    ("nearest of floats", floats(9, 10, 1), (21, 7), "nearest"),
]

METHODS = {"bilinear": Image.BILINEAR, "bicubic": Image.BICUBIC, "nearest": Image.NEAREST}


def resized(image, size, method):
    channels = image.shape[2]
    if image.dtype == np.uint8 and channels in (1, 3, 4):
        # CMYK, not RGBA: with the latter Pillow multiplies by the fourth channel first.
        mode = {1: "L", 3: "RGB", 4: "CMYK"}[channels]
    else:
        mode = "F"
    picture = Image.fromarray(image[:, :, 0] if channels == 1 else image, mode)
    height, width = size
    result = np.asarray(picture.resize((width, height), METHODS[method]))
    return result.reshape(height, width, channels)


def main():
    folder = pathlib.Path(__file__).parent
    samples = bytearray()
    cases = []

    def store(image):
        entry = {"offset": len(samples), "shape": list(image.shape)}
        samples.extend(image.tobytes())
        samples.extend(bytes(-len(samples) % 4))
        return entry

    for name, image, size, *rest in CASES:
        method = rest[0] if rest else "bilinear"
        cases.append(
            {
                "name": name,
                "method": method,
                "type": "uint8" if image.dtype == np.uint8 else "float32",
                "input": store(image),
                "output": store(resized(image, size, method)),
            }
        )
    (folder / "resize.bin").write_bytes(samples)
    listing = json.dumps({"pillow": __version__, "cases": cases}, indent=2)
    (folder / "resize.json").write_text(listing + "\n")


if __name__ == "__main__":
    main()
