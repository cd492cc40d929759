"""Decodes images with Pillow for compare_images.ts: reads a path a line, and for each writes the samples to the file named
by the argument, and on standard output a line of JSON: their shape, or why there are none."""

import json
import pathlib
import sys
import warnings

import numpy as np
from PIL import Image

warnings.simplefilter("ignore")
Image.MAX_IMAGE_PIXELS = None


def samples(image, stored):
    """The samples with the channels of the file, 8 bits each."""
    if image.mode in ("I", "I;16", "I;16B"):
        # Of 16 bits the higher 8: Pillow's own convert("L") clips them to 255 instead.
        values = np.asarray(image)
        channels = [values >> 8]
        if "transparency" in image.info:
            channels.append(np.where(values == image.info["transparency"], 0, 255))
        return np.stack(channels, 2).astype(np.uint8)
    if image.mode == "CMYK":
        return np.asarray(image.convert("RGB"))
    if stored == "LA;16B":
        return np.asarray(image)[:, :, [0, 3]]
    if "transparency" in image.info and image.mode == "1":
        # Pillow 9.4 compares the bit with 255.
        values = np.asarray(image).astype(np.uint8)
        return np.stack([values * 255, np.where(values == image.info["transparency"], 0, 255).astype(np.uint8)], 2)
    if "transparency" in image.info and image.mode == "L":
        return np.asarray(image.convert("RGBA"))[:, :, [0, 3]]
    if "transparency" in image.info and image.mode in ("P", "RGB"):
        return np.asarray(image.convert("RGBA"))
    if image.mode == "P":
        return np.asarray(image.convert("RGB"))
    if image.mode == "1":
        return np.asarray(image.convert("L"))[:, :, None]
    pixels = np.asarray(image)
    return pixels[:, :, None] if pixels.ndim == 2 else pixels


for line in sys.stdin:
    try:
        with Image.open(line.rstrip("\n"), formats=["PNG", "JPEG", "WEBP"]) as image:
            stored = image.tile[0][3] if image.tile else None
            image.load()
            pixels = samples(image, stored)
            pathlib.Path(sys.argv[1]).write_bytes(pixels.tobytes())
            print(json.dumps({"shape": pixels.shape, "mode": image.mode}), flush=True)
    except Exception as error:
        print(json.dumps({"error": f"{type(error).__name__}: {error}"}), flush=True)
