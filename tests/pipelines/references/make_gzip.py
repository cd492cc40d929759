"""Writes gzip.json: gzip streams, and what `gzip -dc` and Python make of them.

The bytes are in base64. `gzip` has the output of `gzip -dc`, null where its exit status is that of an error, and `warns`
whether it is that of a warning; `python` has the output of Python's `gzip` module, null where it raises an error. The file
in use was made with gzip 1.12 and Python 3.11:

    python3 tests/pipelines/references/make_gzip.py
"""

import base64
import gzip
import json
import pathlib
import struct
import subprocess
import zlib


def member(content):
    """A member as `gzip -n` writes it."""
    return subprocess.run(["gzip", "-n"], input=content, stdout=subprocess.PIPE, check=True).stdout


def flagged(content, extra=None, name=None, comment=None, checked=False):
    """A member whose header has more than it must."""
    flags = 2 * checked + 4 * (extra is not None) + 8 * (name is not None) + 16 * (comment is not None)
    head = b"\x1f\x8b\x08" + bytes([flags]) + struct.pack("<IBB", 1234567890, 0, 3)
    if extra is not None:
        head += struct.pack("<H", len(extra)) + extra
    if name is not None:
        head += name + b"\0"
    if comment is not None:
        head += comment + b"\0"
    if checked:
        head += struct.pack("<H", zlib.crc32(head) & 0xFFFF)
    deflater = zlib.compressobj(9, zlib.DEFLATED, -15)
    data = deflater.compress(content) + deflater.flush()
    return head + data + struct.pack("<II", zlib.crc32(content), len(content))


def changed(data, at):
    return data[:at] + bytes([data[at] ^ 0x55]) + data[at + 1 :]


HELLO, NOTHING, WORLD = (member(text) for text in (b"hello ", b"", b"world"))
ZEROS = bytes(600)
STREAMS = {
    "three members, one of them empty, and zeros": HELLO + NOTHING + WORLD + ZEROS,
    "one member": HELLO,
    "an empty member": NOTHING,
    "an empty member and zeros": NOTHING + ZEROS,
    "one zero": HELLO + b"\0",
    "only empty members": NOTHING * 5,
    "members of one byte": b"".join(member(bytes([byte])) for byte in b"hello"),
    "an extra field": flagged(b"hello", extra=b"AB\x02\0xy"),
    "an empty extra field": flagged(b"hello", extra=b""),
    "a name": flagged(b"hello", name=b"hello.txt"),
    "an empty name": flagged(b"hello", name=b""),
    "a comment": flagged(b"hello", comment="für".encode("latin-1")),
    "a checksum of the header": flagged(b"hello", checked=True),
    "all fields, twice": 2 * flagged(b"hello", extra=b"\0" * 70, name=b"n", comment=b"c", checked=True),
    "bgzip's members": flagged(b"hello", extra=b"BC\x02\0\x1b\0") + flagged(b"", extra=b"BC\x02\0\x1b\0"),
    "zeros between members": HELLO + ZEROS + WORLD,
    "other bytes behind": HELLO + b"more",
    "one other byte behind": HELLO + b"m",
    "zeros and other bytes behind": HELLO + ZEROS + b"more",
    "half a magic number behind": HELLO + b"\x1f",
    "a header cut short behind": HELLO + WORLD[:5],
    "the last member cut short": HELLO + WORLD[:-3],
    "the second member's magic number changed": HELLO + changed(WORLD, 1),
    "the second member's method changed": HELLO + changed(WORLD, 2),
    "the second member's data changed": HELLO + changed(WORLD, 12),
    "the second member's checksum changed": HELLO + changed(WORLD, len(WORLD) - 6),
    "the second member's length changed": HELLO + changed(WORLD, len(WORLD) - 2) + NOTHING,
    "a wrong checksum of the header": changed(flagged(b"hello", checked=True), 10),
}


def read_python(data):
    try:
        return gzip.decompress(data).decode("latin-1")
    except (EOFError, OSError, zlib.error):
        return None


def main():
    streams = []
    for name, data in STREAMS.items():
        run = subprocess.run(["gzip", "-dc"], input=data, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        streams.append({
            "name": name,
            "bytes": base64.b64encode(data).decode(),
            "gzip": None if run.returncode == 1 else run.stdout.decode("latin-1"),
            "warns": run.returncode == 2,
            "python": read_python(data),
        })
    folder = pathlib.Path(__file__).parent
    (folder / "gzip.json").write_text(json.dumps(streams, ensure_ascii=False, indent=1) + "\n")


if __name__ == "__main__":
    main()
