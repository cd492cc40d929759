"""Numbers that Python and TypeScript make alike, bit by bit, without files: `../_seeded.ts` is the same in TypeScript."""

import numpy as np


def hash_name(name):
    """FNV-1a, 32 bits, of an ASCII name."""
    h = 0x811C9DC5
    for byte in name.encode("ascii"):
        h = (h ^ byte) * 0x01000193 & 0xFFFFFFFF
    return h


def hashes(name, count):
    """A hash of 32 bits for each index: the golden ratio's sequence, and MurmurHash3's last steps."""
    with np.errstate(over="ignore"):
        x = np.arange(count, dtype=np.uint32) * np.uint32(0x9E3779B1) + np.uint32(hash_name(name))
        x ^= x >> np.uint32(16)
        x *= np.uint32(0x85EBCA6B)
        x ^= x >> np.uint32(13)
        x *= np.uint32(0xC2B2AE35)
        x ^= x >> np.uint32(16)
    return x


def seeded(name, shape, scale=1.0, offset=0.0):
    """Float32 numbers, uniform in [offset - scale, offset + scale): 24 bits, times the scale, plus the offset, each rounded."""
    count = int(np.prod(shape, dtype=np.int64))
    bits = (hashes(name, count) >> np.uint32(8)).astype(np.int64) - 2**23
    unit = (bits / 2**23).astype(np.float32)
    return (unit * np.float32(scale) + np.float32(offset)).reshape(shape)


def seeded_variable(name, shape):
    """The value of a network's parameter or buffer, by what it is: weights keep the scale through ReLU, the rest is near 0 or 1."""
    kind = name.split(".")[-1]
    if kind == "num_batches_tracked":
        return np.zeros(shape, np.float32)
    if kind == "running_var":
        return seeded(name, shape, 0.5, 1)
    if kind in ("bias", "running_mean"):
        return seeded(name, shape, 0.1)
    if len(shape) == 1:
        return seeded(name, shape, 0.25, 1)
    return seeded(name, shape, np.sqrt(6 / np.prod(shape[1:])))


def seeded_labels(name, size, classes):
    """Labels, which are all classes alike."""
    return (hashes(name, size) % np.uint32(classes)).astype(np.int64)


def digest(name, array, probes=16):
    """What is compared of a large array: see `assertDigest` in `../_references.ts`."""
    flat = np.asarray(array, np.float64).reshape(-1)
    places = hashes(f"places of {name}", probes) % np.uint32(flat.size)
    probe = seeded(f"probe of {name}", [flat.size]).astype(np.float64)
    short = lambda value: float(f"{value:.9g}")
    return {
        "count": flat.size,
        "largest": short(np.abs(flat).max()),
        "norm": short(np.sqrt((flat**2).sum())),
        "projection": short((flat * probe).sum()),
        "values": [short(value) for value in flat[places]],
    }
