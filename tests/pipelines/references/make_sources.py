"""Writes sources.bin and sources.json: tar archives, images and CSV tables, and what Python makes of them.

sources.bin holds all bytes, one piece behind the other. sources.json says where. Run with a Python that has Pillow and
numpy; the files in use were made with Python 3.11, Pillow 9.4.0:

    python3 tests/pipelines/references/make_sources.py
"""

import csv
import gzip
import io
import json
import pathlib
import struct
import tarfile
import zlib

import numpy as np
from PIL import Image, __version__

random = np.random.default_rng(4)


# Archives.


def member(name, content=b"", **facts):
    info = tarfile.TarInfo(name)
    info.size = len(content)
    for key, value in facts.items():
        setattr(info, key, value)
    return info, content


PLAIN = [
    member("a.txt", b"alpha"),
    member("empty"),
    member("folder", type=tarfile.DIRTYPE),
    member("folder/block.bin", bytes(range(256)) * 2),
    member("folder/more.bin", bytes(513)),
    member("link", type=tarfile.SYMTYPE, linkname="a.txt"),
    member("hard", type=tarfile.LNKTYPE, linkname="a.txt"),
    member("fifo", type=tarfile.FIFOTYPE),
    member("./folder/last.txt", b"omega"),
]
LONG = [
    member("short.txt", b"s"),
    member("p" * 60 + "/" + "q" * 60 + "/r.txt", b"prefix"),
    member("deep/" * 60 + "leaf.txt", b"long"),
    member("long-link", type=tarfile.SYMTYPE, linkname="t" * 200),
    member("straße/图像.bin", b"unicode"),
    member("after.txt", b"a"),
]
SAMPLES = [
    member("shards/0001.jpg", b"jpeg 1"),
    member("shards/0001.cls", b"9"),
    member("shards/0002.left.JPG", b"jpeg 2"),
    member("shards/0002.cls", b"8"),
    member("shards/README", b"no extension"),
    member("shards/.hidden", b"hidden"),
    member("__meta__.json__", b"reserved"),
    member("shards.d/0003.cls", b"7"),
]


def archive(members, form):
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w", format=form) as tar:
        for info, content in members:
            tar.addfile(info, io.BytesIO(content))
    return file.getvalue()


def base256(members):
    """The archive with all sizes as GNU writes those beyond octal digits."""
    data = bytearray(archive(members, tarfile.GNU_FORMAT))
    with tarfile.open(fileobj=io.BytesIO(data)) as tar:
        for info in tar.getmembers():
            header = data[info.offset : info.offset + 512]
            header[124:136] = b"\x80" + info.size.to_bytes(11, "big")
            header[148:156] = b" " * 8
            header[148:156] = b"%06o\0 " % sum(header)
            data[info.offset : info.offset + 512] = header
    return bytes(data)


def files(data):
    with tarfile.open(fileobj=io.BytesIO(data)) as tar:
        return [[m.name, tar.extractfile(m).read().hex()] for m in tar if m.isreg()]


ARCHIVES = {
    "ustar": archive(PLAIN, tarfile.USTAR_FORMAT),
    "gnu": archive(PLAIN + LONG, tarfile.GNU_FORMAT),
    "pax": archive(PLAIN + LONG, tarfile.PAX_FORMAT),
    "pax with sizes": archive(
        [member("a.txt", b"alpha", pax_headers={"size": "5", "comment": "5"})], tarfile.PAX_FORMAT
    ),
    "base-256 sizes": base256(PLAIN[:5]),
    "samples": archive(SAMPLES, tarfile.GNU_FORMAT),
    "no files": archive([], tarfile.USTAR_FORMAT),
}


# Images.


def picture(height, width):
    y, x = np.mgrid[0:height, 0:width]
    smooth = np.stack([x * 5, y * 7, (x + y) * 3], 2) % 256
    return (smooth + random.integers(-20, 20, smooth.shape)).clip(0, 255).astype(np.uint8)


def encoded(image, form, **options):
    file = io.BytesIO()
    image.save(file, form, **options)
    return file.getvalue()


def chunk(kind, content):
    return struct.pack(">I", len(content)) + kind + content + struct.pack(
        ">I", zlib.crc32(kind + content)
    )


def png(height, width, depth, kind, lines, interlaced=False, extra=b""):
    """A PNG of lines of packed samples, each with a filter of its own kind, in turn."""
    header = struct.pack(">IIBBBBB", width, height, depth, kind, 0, 0, int(interlaced))
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + extra
        + chunk(b"IDAT", zlib.compress(lines))
        + chunk(b"IEND", b"")
    )


def packed(samples, depth):
    """Samples, one line, as a PNG has them, without a filter."""
    if depth == 16:
        return b"\0" + samples.astype(">u2").tobytes()
    if depth == 8:
        return b"\0" + samples.astype(np.uint8).tobytes()
    bits = "".join(format(int(s), f"0{depth}b") for s in samples.reshape(-1))
    bits += "0" * (-len(bits) % 8)
    return b"\0" + bytes(int(bits[i : i + 8], 2) for i in range(0, len(bits), 8))


ADAM7 = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]


def lines_of(samples, depth, interlaced):
    """All lines of an image of the shape [height, width, channels], pass by pass."""
    passes = ADAM7 if interlaced else [(0, 0, 1, 1)]
    lines = b""
    for x, y, dx, dy in passes:
        part = samples[y::dy, x::dx]
        if part.shape[1] > 0:
            lines += b"".join(packed(line, depth) for line in part)
    return lines


IMAGES = {}


def add(name, data, pixels, path=None):
    """An image, and its samples as [height, width, channels]."""
    pixels = np.asarray(pixels)
    if pixels.ndim == 2:
        pixels = pixels[:, :, None]
    IMAGES[name] = (data, pixels.astype(np.uint8))


def add_pillow(name, data, mode=None):
    image = Image.open(io.BytesIO(data))
    add(name, data, image.convert(mode) if mode else image)


rgb = Image.fromarray(picture(19, 23))
alpha = rgb.copy()
alpha.putalpha(Image.fromarray(random.integers(0, 256, (19, 23), dtype=np.uint8)))
add_pillow("JPEG", encoded(rgb, "JPEG", quality=85))
add_pillow("JPEG 4:4:4", encoded(rgb, "JPEG", quality=95, subsampling=0))
add_pillow("JPEG progressive", encoded(rgb, "JPEG", quality=70, progressive=True))
add_pillow("JPEG gray", encoded(rgb.convert("L"), "JPEG"))
add_pillow("JPEG with restarts", encoded(rgb, "JPEG", quality=60, restart_marker_blocks=1))
add_pillow("JPEG upside down", encoded(rgb, "JPEG", exif=b"Exif\0\0MM\0*\0\0\0\x08\0\1\x01\x12\0\3\0\0\0\1\0\3\0\0\0\0\0\0"))
add_pillow("WebP lossy", encoded(rgb, "WEBP", quality=70))
add_pillow("WebP lossless", encoded(rgb, "WEBP", lossless=True))
add_pillow("WebP lossy with alpha", encoded(alpha, "WEBP", quality=70), "RGBA")
add_pillow("WebP lossless with alpha", encoded(alpha, "WEBP", lossless=True, exact=True), "RGBA")
add_pillow("PNG RGB", encoded(rgb, "PNG"))
add_pillow("PNG RGBA", encoded(alpha, "PNG"))
add_pillow("PNG gray", encoded(rgb.convert("L"), "PNG"))
add_pillow("PNG gray and alpha", encoded(alpha.convert("LA"), "PNG"))
add_pillow("PNG palette", encoded(rgb.quantize(200), "PNG"), "RGB")
add_pillow("PNG one pixel", encoded(rgb.crop((3, 3, 4, 4)), "PNG"))
for interlaced in (False, True):
    suffix = ", interlaced" if interlaced else ""
    for depth in (1, 2, 4, 8, 16):
        samples = random.integers(0, 2**depth, (11, 13, 1))
        data = png(11, 13, depth, 0, lines_of(samples, depth, interlaced), interlaced)
        bytes_ = samples >> 8 if depth == 16 else samples * (255 // (2**depth - 1))
        add(f"PNG gray, {depth} bits{suffix}", data, bytes_)
    colors = random.integers(0, 256, (16, 3), dtype=np.uint8)
    opacity = random.integers(0, 256, 5, dtype=np.uint8)
    for depth in (1, 2, 4, 8):
        samples = random.integers(0, min(2**depth, 16), (11, 13, 1))
        extra = chunk(b"PLTE", colors[: 2**depth].tobytes())
        lines = lines_of(samples, depth, interlaced)
        data = png(11, 13, depth, 3, lines, interlaced, extra)
        add(f"PNG palette, {depth} bits{suffix}", data, colors[samples[:, :, 0]])
        if depth == 4:
            extra += chunk(b"tRNS", opacity.tobytes())
            data = png(11, 13, depth, 3, lines, interlaced, extra)
            full = np.concatenate([opacity, np.full(11, 255, np.uint8)])
            pixels = np.concatenate([colors[samples[:, :, 0]], full[samples]], 2)
            add(f"PNG palette with alpha{suffix}", data, pixels)
    samples = random.integers(0, 2**16, (5, 9, 3))
    add(f"PNG RGB, 16 bits{suffix}", png(5, 9, 16, 2, lines_of(samples, 16, interlaced), interlaced), samples >> 8)
    key = samples[2, 4]
    data = png(
        5, 9, 16, 2, lines_of(samples, 16, interlaced), interlaced,
        chunk(b"tRNS", key.astype(">u2").tobytes()),
    )
    opaque = np.where((samples == key).all(2, keepdims=True), 0, 255)
    add(f"PNG RGB with a transparent color{suffix}", data, np.concatenate([samples >> 8, opaque], 2))
samples = random.integers(0, 4, (6, 7, 1))
data = png(6, 7, 2, 0, lines_of(samples, 2, False), False, chunk(b"tRNS", b"\0\2"))
add("PNG gray with a transparent color", data, np.concatenate([samples * 85, np.where(samples == 2, 0, 255)], 2))

# Every filter, applied by hand to noise, which is where mistakes show.
noise = random.integers(0, 256, (10, 7, 3), dtype=np.uint8)
filtered = b""
for y, line in enumerate(noise.reshape(10, 21).astype(int)):
    above = noise.reshape(10, 21).astype(int)[y - 1] if y else np.zeros(21, int)
    left = np.concatenate([[0] * 3, line[:-3]])
    corner = np.concatenate([[0] * 3, above[:-3]])
    p = left + above - corner
    near = np.where(
        (abs(p - left) <= abs(p - above)) & (abs(p - left) <= abs(p - corner)),
        left,
        np.where(abs(p - above) <= abs(p - corner), above, corner),
    )
    guess = [0 * line, left, above, (left + above) // 2, near][y % 5]
    filtered += bytes([y % 5]) + ((line - guess) % 256).astype(np.uint8).tobytes()
add("PNG with every filter", png(10, 7, 8, 2, filtered), noise)
add_pillow("PNG with every filter, by Pillow", png(10, 7, 8, 2, filtered))

CONVERTED = [
    ("PNG RGBA", 1, alpha.convert("L")),
    ("PNG RGBA", 3, alpha.convert("RGB")),
    ("PNG RGB", 1, rgb.convert("L")),
    ("PNG gray and alpha", 1, alpha.convert("LA").convert("L")),
    ("PNG gray and alpha", 3, alpha.convert("LA").convert("RGB")),
    ("PNG gray", 3, rgb.convert("L").convert("RGB")),
]
for name, form in [("JPEG", "JPEG"), ("WebP lossless with alpha", "WEBP")]:
    image = Image.open(io.BytesIO(IMAGES[name][0]))
    CONVERTED += [(name, 1, image.convert("L")), (name, 3, image.convert("RGB"))]


# Tables.

TABLES = {
    "plain": ([["path", "label"], ["a.png", "1"], ["b.png", "2"]], {}),
    "quoted": (
        [["path", "label"], ['he said "hi", twice', "1"], ["two\nlines", "2"], ["", "3"], [" b ", ""]],
        {},
    ),
    "all quoted": ([["a", "b", "c"], ["1", "2", "3"], ['"', '""', "\r\n"]], {"quoting": csv.QUOTE_ALL}),
    "LF": ([["x", "y"], ["1", "2"]], {"lineterminator": "\n"}),
    "CR": ([["x", "y"], ["1", "2"]], {"lineterminator": "\r"}),
    "semicolons": ([["x", "y"], ["1,5", "2;5"]], {"delimiter": ";"}),
    "tabs": ([["x", "y"], ["1\t5", "straße 图像 🎒"]], {"delimiter": "\t"}),
    "one column": ([["x"], ["1"], ["2"]], {}),
}


def table(rows, options):
    file = io.StringIO(newline="")
    csv.writer(file, **options).writerows(rows)
    return file.getvalue().encode()


def main():
    folder = pathlib.Path(__file__).parent
    pieces = bytearray()

    def store(data):
        pieces.extend(data)
        return [len(pieces) - len(data), len(data)]

    listing = {
        "pillow": __version__,
        "archives": [
            {"name": name, "bytes": store(gzip.compress(data, mtime=0)), "files": files(data)}
            for name, data in ARCHIVES.items()
        ],
        "images": [
            {"name": name, "bytes": store(data), "shape": pixels.shape, "pixels": store(pixels.tobytes())}
            for name, (data, pixels) in IMAGES.items()
        ],
        "converted": [
            {"name": name, "channels": channels, "pixels": store(image.tobytes())}
            for name, channels, image in CONVERTED
        ],
        "tables": [
            {
                "name": name,
                "separator": options.get("delimiter", ","),
                "bytes": store(table(rows, options)),
                "rows": list(csv.reader(io.StringIO(table(rows, options).decode(), newline=""), **options)),
            }
            for name, (rows, options) in TABLES.items()
        ],
    }
    (folder / "sources.bin").write_bytes(pieces)
    (folder / "sources.json").write_text(json.dumps(listing, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
