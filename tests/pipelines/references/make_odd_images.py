"""Writes odd_images.bin and odd_images.json: images that are seldom met, and what Pillow makes of them.

odd_images.bin holds all bytes, one piece behind the other. odd_images.json says where. Run with a Python that has Pillow
and numpy, and with libjpeg-turbo's cjpeg; the files in use were made with Pillow 9.4.0 and cjpeg 2.1.5:

    python3 tests/pipelines/references/make_odd_images.py
"""

import io
import json
import pathlib
import struct
import subprocess
import zlib

import numpy as np
from PIL import Image, __version__

random = np.random.default_rng(11)


def picture(height, width, channels=3):
    y, x = np.mgrid[0:height, 0:width]
    smooth = np.stack([x * 5, y * 7, (x + y) * 3, x * y], 2)[:, :, :channels] % 256
    return (smooth + random.integers(-4, 4, smooth.shape)).clip(0, 255).astype(np.uint8)


def encoded(image, form, **options):
    file = io.BytesIO()
    image.save(file, form, **options)
    return file.getvalue()


rgb = Image.fromarray(picture(37, 45))
cmyk = Image.fromarray(picture(21, 26, 4), "CMYK")


def cjpeg(*options, image=rgb):
    return subprocess.run(
        ["cjpeg", "-quality", "70", *options], input=encoded(image, "PPM"), stdout=subprocess.PIPE, check=True
    ).stdout


def without(data, marker):
    """A JPEG without its segment of such a marker."""
    at = data.index(bytes([0xFF, marker]))
    size = struct.unpack(">H", data[at + 2 : at + 4])[0]
    return data[:at] + data[at + 2 + size :]


def changed(data, at, value):
    return data[:at] + bytes([value]) + data[at + 1 :]


def chunk(kind, content):
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def png(height, width, data):
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    parts = b"".join(chunk(b"IDAT", part) for part in data)
    return b"\x89PNG\r\n\x1a\n" + header + parts + chunk(b"IEND", b"")


IMAGES = {}


def add(name, data, mode=None):
    image = Image.open(io.BytesIO(data))
    image.load()
    IMAGES[name] = (data, np.asarray(image.convert(mode) if mode else image))


# JPEG: four channels, as Adobe's programs write them and as others do.
four = encoded(cmyk, "JPEG", quality=80)
adobe = four.index(b"Adobe")
add("JPEG CMYK", four, "RGB")
add("JPEG YCCK", changed(four, adobe + 11, 2), "RGB")
add("JPEG CMYK without Adobe's marker", without(four, 0xEE), "RGB")
add("JPEG CMYK, progressive", encoded(cmyk, "JPEG", quality=80, progressive=True), "RGB")

# JPEG: chroma sampled in every way.
for sample in ["1x1", "2x1", "1x2", "2x2", "4x1", "1x4", "4x2", "2x4", "3x1", "1x3", "2x1,1x2,1x1", "2x2,2x1,1x2", "2x2,1x2,2x1"]:
    add(f"JPEG sampled {sample}", cjpeg("-sample", sample))
add("JPEG sampled 1x2, progressive", cjpeg("-sample", "1x2", "-progressive"))
for width in (1, 2, 7, 8, 9, 15, 16, 17, 31, 33):
    narrow = rgb.crop((0, 0, width, 18))
    add(f"JPEG {width} wide", cjpeg("-sample", "2x2", image=narrow))
add("JPEG sampled 2x1, 17 wide", cjpeg("-sample", "2x1", image=rgb.crop((0, 0, 17, 5))))

# JPEG: other coding and odd headers.
add("JPEG arithmetic", cjpeg("-arithmetic"))
add("JPEG arithmetic, progressive", cjpeg("-arithmetic", "-progressive"))
add("JPEG with restarts", cjpeg("-restart", "2B"))
add("JPEG RGB", cjpeg("-rgb"))
plain = cjpeg()
add("JPEG with bytes between its markers", plain[:20] + b"stray" + plain[20:])
add("JPEG with padding", plain[:-2] + bytes(3) + plain[-2:])
add("JPEG of JFIF 2", changed(plain, 11, 2))

# JPEG: of several rows of blocks.
large = Image.fromarray(picture(53, 66))
add("JPEG of 53 rows", cjpeg("-sample", "2x2", image=large))
add("JPEG of 53 rows, progressive", cjpeg("-sample", "2x1", "-progressive", image=large))

# WebP: animated, where the first frame is all of the image, a part of it, and transparent.
frames = [Image.fromarray(picture(16, 20)) for _ in range(2)]
add("WebP animated", encoded(frames[0], "WEBP", save_all=True, append_images=frames[1:], quality=60))
add("WebP animated, lossless", encoded(frames[0], "WEBP", save_all=True, append_images=frames[1:], lossless=True))
clear = frames[0].copy()
clear.putalpha(Image.fromarray(random.integers(0, 256, (16, 20), dtype=np.uint8)))
add("WebP animated with alpha", encoded(clear, "WEBP", save_all=True, append_images=frames[1:], quality=60))


def webp_frame(image, left, top, height, width, has_alpha, **options):
    """A WebP animation of one frame, which is a part of it."""
    chunks = encoded(image, "WEBP", **options)[12:]
    if chunks[:4] == b"VP8X":
        chunks = chunks[18:]

    def u24(value):
        return struct.pack("<I", value)[:3]

    def piece(kind, content):
        return kind + struct.pack("<I", len(content)) + content + bytes(len(content) % 2)

    place = u24(left // 2) + u24(top // 2) + u24(image.width - 1) + u24(image.height - 1)
    content = (
        b"WEBP"
        + piece(b"VP8X", bytes([0x12 if has_alpha else 2, 0, 0, 0]) + u24(width - 1) + u24(height - 1))
        + piece(b"ANIM", b"\xff\xff\xff\xff\0\0")
        + piece(b"ANMF", place + u24(100) + b"\0" + chunks)
    )
    return b"RIFF" + struct.pack("<I", len(content)) + content


add("WebP animated, a frame within", webp_frame(frames[0], 4, 6, 40, 30, False, quality=60))
add("WebP animated, a clear frame within", webp_frame(clear, 6, 2, 30, 40, True, lossless=True, exact=True))

# PNG: more than the image.
lines = b"".join(b"\0" + line.tobytes() for line in np.asarray(rgb))
good = zlib.compress(lines)
add("PNG with bytes behind its data", png(37, 45, [good + b"\0\0\0\0"]))
add("PNG with bytes behind its data, in a chunk", png(37, 45, [good[:900], good[900:], b"stray"]))
add("PNG with more lines than it says", png(20, 45, [good]))
add("PNG with bytes behind its end", png(37, 45, [good]) + b"stray")


def main():
    folder = pathlib.Path(__file__).parent
    pieces = bytearray()

    def store(data):
        pieces.extend(data)
        return [len(pieces) - len(data), len(data)]

    images = []
    for name, (data, pixels) in IMAGES.items():
        shape = pixels.shape if pixels.ndim == 3 else (*pixels.shape, 1)
        packed = zlib.compress(pixels.tobytes(), 9)
        images.append({"name": name, "bytes": store(data), "shape": shape, "pixels": store(packed)})
    (folder / "odd_images.bin").write_bytes(pieces)
    listing = {"pillow": __version__, "images": images}
    (folder / "odd_images.json").write_text(json.dumps(listing, indent=2) + "\n")


if __name__ == "__main__":
    main()
