"""Pillow's decoding of JPEGs, to be measured by bench.ts.

Prints the version, then answers each line on standard input: to "make FOLDER COUNT" how many pictures it made there, and to
"decode PREFIX" the seconds that decoding the files took whose paths begin so.
"""

import glob
import io
import sys
import time

import numpy as np
import PIL
from PIL import Image


def photo(random, height, width):
    """Colors that vary as those of photos do: the less, the finer; with a little noise."""
    y, x = np.meshgrid(np.fft.fftfreq(height), np.fft.rfftfreq(width), indexing="ij")
    scale = 1 / np.maximum(np.hypot(y, x), 1 / max(height, width))
    layers = [np.fft.irfft2(np.fft.rfft2(random.standard_normal((height, width))) * scale, (height, width)) for _ in range(3)]
    light, *colors = [layer / layer.std() for layer in layers]
    shades = np.stack([light * 55 + color * 18 for color in (colors[0], -colors[0] / 2, colors[1])], 2)
    return Image.fromarray((shades + 128 + random.normal(0, 2, shades.shape)).clip(0, 255).astype(np.uint8))


def make(folder, count):
    random = np.random.default_rng(5)
    for i in range(count):
        image = photo(random, 375, 500)
        for quality in (75, 90, 95):
            image.save(f"{folder}/{quality}-{i}.jpg", quality=quality)
    photo(random, 2000, 2000).resize((6000, 6000)).save(f"{folder}/large.jpg", quality=90)


files = {}


def decode(prefix):
    if prefix not in files:
        files[prefix] = [open(path, "rb").read() for path in sorted(glob.glob(f"{prefix}*"))]
    start = time.perf_counter()
    for content in files[prefix]:
        image = Image.open(io.BytesIO(content))
        image.load()
        if image.mode == "CMYK":
            image.convert("RGB")
    return time.perf_counter() - start


Image.MAX_IMAGE_PIXELS = None
print(f"Pillow {PIL.__version__}", flush=True)
for line in sys.stdin:
    verb, path, *rest = line.split()
    if verb == "make":
        make(path, int(rest[0]))
        print(rest[0], flush=True)
    else:
        print(decode(path), flush=True)
