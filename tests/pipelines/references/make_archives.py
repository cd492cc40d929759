"""Writes archives.json: odd tar archives, and what Python, GNU tar and bsdtar make of them.

The bytes are gzip's, in base64. `files` has Python's files, the bytes of names and contents in hex; where Python, GNU tar and
bsdtar don't give the same names, `differs` says so. The file in use was made with Python 3.11, GNU tar 1.34 and
bsdtar 3.6.2:

    python3 tests/pipelines/references/make_archives.py
"""

import base64
import gzip
import io
import json
import pathlib
import re
import subprocess
import tarfile
import tempfile


def archive(members, form=tarfile.USTAR_FORMAT, encoding="utf-8"):
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w", format=form, encoding=encoding, errors="surrogateescape") as tar:
        for name, content, *facts in members:
            info = tarfile.TarInfo(name)
            info.size = len(content)
            for key, value in facts[0].items() if facts else ():
                setattr(info, key, value)
            tar.addfile(info, io.BytesIO(content))
    return file.getvalue()


def bare(data):
    """An archive without its end, which Python pads to whole records."""
    with tarfile.open(fileobj=io.BytesIO(data)) as tar:
        last = tar.getmembers()[-1]
        return data[: last.offset_data + -(-last.size // 512) * 512]


def header(name, kind, content=b"", size=None):
    """A member of any type with any bytes as its name."""
    block = bytearray(512)
    block[: len(name)] = name
    block[100:124] = b"0000644\0" + b"0000000\0" * 2
    block[124:136] = b"%011o\0" % (len(content) if size is None else size)
    block[136:148] = b"00000000000\0"
    block[148:156] = b" " * 8
    block[156:157] = kind
    block[257:265] = b"ustar\00000"
    block[148:156] = b"%06o\0 " % sum(block)
    return bytes(block) + content + bytes(-len(content) % 512)


def record(key, value):
    rest = len(key) + len(value) + 3
    length = rest + len(str(rest))
    length = rest + len(str(length))
    return b"%d %s=%s\n" % (length, key, value)


def by_program(program, names):
    with tempfile.TemporaryDirectory() as folder:
        for name in names:
            path = folder.encode() + b"/" + name
            pathlib.Path(path.decode(errors="surrogateescape")).parent.mkdir(parents=True, exist_ok=True)
            with open(path, "wb") as file:
                file.write(b"content of " + name[-3:])
        command = [*program, "-cf", "-", "-C", folder]
        return subprocess.run([*(c.encode() for c in command), *names], stdout=subprocess.PIPE, check=True).stdout


END = bytes(1024)
CUT = ["日" * 40, "x" * 99 + "é"]
KOI8 = "привет".encode("koi8-r")
LATIN = "été.jpg".encode("latin-1")
LONG = b"\xe9" * 120 + b".jpg"
AB = archive([("a", b"aa"), ("b", b"bb" * 400)])
C = archive([("c", b"cc")])
GNU = ["tar", "--owner=0", "--group=0", "--mtime=@0", "--mode=644"]
BSD = ["bsdtar", "--uid", "0", "--gid", "0", "--format", "pax"]
ARCHIVES = {
    "names cut inside a character, GNU": archive([(n, b"1") for n in CUT], tarfile.GNU_FORMAT),
    "names cut inside a character, PAX": archive([(n, b"1") for n in CUT], tarfile.PAX_FORMAT),
    "names cut inside a character, by GNU tar": by_program([*GNU, "--format=gnu"], [n.encode() for n in CUT]),
    "names cut inside a character, PAX by GNU tar": by_program([*GNU, "--format=posix"], [n.encode() for n in CUT]),
    "names cut inside a character, by bsdtar": by_program(BSD, [n.encode() for n in CUT]),
    "a binary attribute": header(b"x", b"x", record(b"SCHILY.xattr.user.x", bytes(range(256))) + record(b"path", b"new"))
    + header(b"old", b"0", b"1") + END,
    "a comment in Latin-1": header(b"x", b"x", record(b"comment", b"f\xfcr") + record(b"size", b"1"))
    + header(b"a", b"0", b"1") + END,
    "a key in Latin-1": header(b"x", b"x", record(b"cl\xe9", b"1")) + header(b"a", b"0", b"1") + END,
    "a global comment in Latin-1": header(b"g", b"g", record(b"comment", b"f\xfcr")) + header(b"a", b"0", b"1") + END,
    "a PAX header of 8 MB": header(
        b"x", b"x", record(b"comment", b"c" * 8_000_000) + record(b"path", b"after") + record(b"x", b"")
    ) + header(b"a", b"0", b"1") + END,
    "names in KOI8-R": header(KOI8, b"0", b"1") + header(b"dir/" + KOI8, b"0", b"2") + END,
    "a name in Latin-1 behind a prefix": archive([("p" * 120 + "/" + LATIN.decode("latin-1"), b"1")], encoding="latin-1"),
    "a long name in Latin-1, GNU": header(b"././@LongLink", b"L", LONG + b"\0") + header(LONG[:100], b"0", b"1") + END,
    "a long name in Latin-1, PAX": header(
        b"x", b"x", record(b"hdrcharset", b"BINARY") + record(b"path", LONG)
    ) + header(b"a", b"0", b"1") + END,
    "names in Latin-1 and KOI8-R, by GNU tar": by_program([*GNU, "--format=gnu"], [LATIN, KOI8, LONG]),
    "types nobody knows": b"".join(header(kind.lower(), kind, kind) for kind in (b"Z", b"B", b"8", b"I", b"!")) + END,
    "a type of one piece": header(b"a", b"7", b"1") + END,
    "directories with unsafe names": header(b"/", b"5") + header(b"../", b"5") + header(b"a", b"0", b"1") + END,
    "links with unsafe names": header(b"/l", b"2") + header(b"../l", b"1") + header(b"a", b"0", b"1") + END,
    "a device of a size": header(b"d", b"3", size=700) + header(b"a", b"0", b"1") + END,
    "no end": bare(AB),
    "one block of zeros": bare(AB) + bytes(512),
    "one block of zeros and junk": bare(AB) + bytes(512) + b"junk" * 128,
    "one block of zeros and an archive": bare(AB) + bytes(512) + C,
    "junk behind the end": bare(AB) + END + b"junk" * 200,
    "an archive behind the end": AB + C,
    "an archive behind none": bare(AB) + C,
    "one block of zeros alone": bytes(512),
    "an end alone": END,
}


def python_files(data):
    with tarfile.open(fileobj=io.BytesIO(data), mode="r:", errors="surrogateescape", encoding="utf-8") as tar:
        return [
            [m.name.encode("utf-8", "surrogateescape").hex(), tar.extractfile(m).read().hex()]
            for m in tar
            if m.isreg() or m.type not in tarfile.SUPPORTED_TYPES
        ]


def names(program, data):
    run = subprocess.run(program, input=data, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    # bsdtar writes bytes that aren't text as octal digits.
    unescape = lambda line: re.sub(rb"\\([0-7]{3})", lambda found: bytes([int(found[1], 8)]), line)
    return [unescape(line) for line in run.stdout.split(b"\n") if line]


def kept(listing, files):
    """The names of a listing that are those of files."""
    wanted = {bytes.fromhex(name) for name, _ in files}
    return [name for name in listing if name in wanted]


def main():
    listing = []
    for name, data in ARCHIVES.items():
        files = python_files(data)
        expected = [bytes.fromhex(name) for name, _ in files]
        differs = [
            program[0]
            for program in (["tar", "-P", "--quoting-style=literal", "-tf", "-"], ["bsdtar", "-P", "-tf", "-"])
            if kept(names(program, data), files) != expected
        ]
        listing.append({
            "name": name,
            "bytes": base64.b64encode(gzip.compress(data, mtime=0)).decode(),
            "files": files,
            "differs": differs,
        })
    folder = pathlib.Path(__file__).parent
    (folder / "archives.json").write_text(json.dumps(listing, indent=1) + "\n")


if __name__ == "__main__":
    main()
