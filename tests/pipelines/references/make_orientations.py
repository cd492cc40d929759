"""Writes orientations.bin and orientations.json: images with an orientation in their EXIF, and what Pillow makes of them.

orientations.bin holds all bytes, one piece behind the other. orientations.json says where. Run with a Python that has
Pillow and numpy; the files in use were made with Pillow 9.4.0:

    python3 tests/pipelines/references/make_orientations.py
"""

import io
import json
import pathlib
import struct
import zlib

import numpy as np
from PIL import Image, ImageOps, __version__

ORIENTATION = 0x0112
y, x = np.mgrid[0:11, 0:17]
pixels = np.stack([x * 15, y * 23, x * y, 255 - x * 3 - y * 5], 2).astype(np.uint8)
rgba = Image.fromarray(pixels)
rgb = rgba.convert("RGB")


def tiff(orientation, order="<", kind="H"):
    """A TIFF of two tags: ImageWidth before the orientation."""
    mark = b"II" if order == "<" else b"MM"
    code = {"H": 3, "I": 4}[kind]
    value = struct.pack(order + kind, orientation).ljust(4, b"\0")
    entries = struct.pack(order + "HHIIHHI", 0x0100, 4, 1, 17, ORIENTATION, code, 1) + value
    return mark + struct.pack(order + "HIH", 42, 8, 2) + entries + bytes(4)


def encoded(image, form, exif, **options):
    file = io.BytesIO()
    image.save(file, form, exif=b"Exif\0\0" + exif, **options)
    return file.getvalue()


def with_exif_last(png):
    """The PNG with its eXIf chunk behind the samples."""
    at = png.index(b"eXIf") - 4
    size = struct.unpack(">I", png[at : at + 4])[0] + 12
    return png[:at] + png[at + size : -12] + png[at : at + size] + png[-12:]


files = []
for orientation in range(1, 9):
    exif = tiff(orientation)
    files += [
        (f"JPEG {orientation}", orientation, encoded(rgb, "JPEG", exif, quality=95)),
        (f"PNG {orientation}", orientation, encoded(rgba, "PNG", exif)),
        (f"WebP {orientation}", orientation, encoded(rgb, "WEBP", exif, lossless=True)),
    ]
files += [
    ("JPEG gray, big-endian", 6, encoded(rgb.convert("L"), "JPEG", tiff(6, ">"))),
    ("JPEG big-endian, 32 bits", 8, encoded(rgb, "JPEG", tiff(8, ">", "I"))),
    ("JPEG little-endian, 32 bits", 5, encoded(rgb, "JPEG", tiff(5, "<", "I"))),
    ("JPEG of no orientation", 1, encoded(rgb, "JPEG", tiff(9))),
    ("JPEG of orientation 0", 1, encoded(rgb, "JPEG", tiff(0))),
    ("PNG gray and alpha, big-endian", 7, encoded(rgba.convert("LA"), "PNG", tiff(7, ">"))),
    ("PNG with EXIF at the end", 6, with_exif_last(encoded(rgb, "PNG", tiff(6)))),
    ("WebP lossy with alpha", 3, encoded(rgba, "WEBP", tiff(3), quality=80)),
]

pieces = bytearray()


def store(data):
    at = len(pieces)
    pieces.extend(data)
    return [at, len(data)]


images = []
for name, orientation, data in files:
    image = Image.open(io.BytesIO(data))
    image.load()
    turned = ImageOps.exif_transpose(image)
    samples = np.asarray(turned)
    height, width, channels = np.atleast_3d(samples).shape
    images.append(
        {
            "name": name,
            "orientation": orientation,
            "bytes": store(data),
            "stored": [image.height, image.width, channels],
            "shape": [height, width, channels],
            "pixels": store(zlib.compress(samples.tobytes(), 9)),
        }
    )

folder = pathlib.Path(__file__).parent
(folder / "orientations.bin").write_bytes(pieces)
listing = {"pillow": __version__, "images": images}
(folder / "orientations.json").write_text(json.dumps(listing, indent=2) + "\n")
