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

sys.dont_write_bytecode = True
from made_photos import photo


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
