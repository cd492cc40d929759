"""Writes which headers the reference implementation of safetensors loads, and what it finds in them.

    python3 tests/models/references/make_safetensors.py

Then `deno fmt` the file. Made with safetensors 0.8.0 for Python. The tests need the file only, not the package.

Each case is a header, its bytes as the characters U+0000 to U+00FF, the number of zero bytes behind it, and `null` where
the file is refused, or its metadata and each tensor's type and shape.
"""

import json
import pathlib
import random
import struct
import tempfile

import safetensors

assert safetensors.__version__ == "0.8.0"
random.seed(11)
HERE = pathlib.Path(__file__).parent
FILE = pathlib.Path(tempfile.mkdtemp()) / "case.safetensors"


def load(header, size):
    FILE.write_bytes(struct.pack("<Q", len(header)) + header + bytes(size))
    try:
        entries = safetensors.deserialize(FILE.read_bytes())
        with safetensors.safe_open(FILE, "numpy") as file:
            metadata = file.metadata() or {}
    except safetensors.SafetensorError:
        return None
    return {"metadata": metadata, "tensors": {name: [t["dtype"], t["shape"]] for name, t in entries}}


def entry(dtype='"F32"', shape="[1]", offsets="[0,4]", more=""):
    return f'{{"dtype":{dtype},"shape":{shape},"data_offsets":{offsets}{more}}}'


def named(text):
    return f'{{"w":{text}}}'


E = entry()
cases = [(named(E), 4), (named(E), 5), (named(E), 3)]
# The text around the object.
for text in ["{}", "", " {}", "\n\t\r {} \n\t\r", "\ufeff{}", "{}\0", "{}{}", "null", "[]", '"{}"', "\u00a0{}", "\f{}",
             "\v{}", "\u2028{}", "//\n{}", "{/**/}", "{", "{,}", "{}x"]:
    cases.append((text, 0))
for text in [f'{{"w":{E},}}', f"{{'w':{E}}}", f"{{w:{E}}}", f'{{"w" : {E} }}   ', f'{{"w"={E}}}', f'{{"w":{E} "v":1}}']:
    cases.append((text, 4))
# Entries.
for text in ["null", "1", '"F32"', "[]", '["F32",[1],[0,4]]', '["F32",[1],[0,4],1]', '["F32",[1]]', '[[1],"F32",[0,4]]',
             "{}", '{"dtype":"F32"}', '{"shape":[1],"data_offsets":[0,4]}',
             '{"dtype":"F32","dtype":"F32","shape":[1],"data_offsets":[0,4]}', entry(more=',"shape":[1]'),
             entry(more=',"data_offsets":[0,4]'), entry(more=',"sh\\u0061pe":[1]'), entry(more=',"Shape":[1]')]:
    cases.append((named(text), 4))
# Types.
for dtype in ['{"F32":null}', '{"F32":[]}', '{"F32":{}}', '{"F32":1}', '{"F32":null,"F32":null}', "{}", '["F32"]', '"f32"',
              '"F33"', '" F32"', '""', "null", "1", "17", "true", '"\\u0046\\u0033\\u0032"', '{"F\\u00332":null}']:
    cases.append((named(entry(dtype)), 4))
for dtype, bits in {"BOOL": 8, "F4": 4, "F6_E2M3": 6, "F6_E3M2": 6, "U8": 8, "I8": 8, "F8_E5M2": 8, "F8_E4M3": 8,
                    "F8_E8M0": 8, "F8_E4M3FNUZ": 8, "F8_E5M2FNUZ": 8, "I16": 16, "U16": 16, "F16": 16, "BF16": 16,
                    "I32": 32, "U32": 32, "F32": 32, "C64": 64, "F64": 64, "I64": 64, "U64": 64, "C128": 128}.items():
    size = bits // 2
    cases += [(named(entry(f'"{dtype}"', "[4]", f"[0,{size}]")), size)]
    cases += [(named(entry(f'"{dtype}"', "[4]", f"[0,{size + 1}]")), size + 1)]
# Numbers.
for zero in ["0.0", "0e0", "0E0", "-0", "00", "+0", "0.", ".0", "0x0", "null", "false", '"0"', "[0]", "-1", "NaN", "0 "]:
    cases.append((named(entry(offsets=f"[{zero},4]")), 4))
for four in ["4.0", "4e0", "4E+0", "40e-1", "04", '"4"', "4,", "4,4", "4.0000000000000001", "18446744073709551615",
             "18446744073709551616", "9007199254740993", "1e400", "true"]:
    cases.append((named(entry(offsets=f"[0,{four}]")), 4))
for offsets in ["[0]", "[]", "4", "null", '{"0":0,"1":4}', "[4,0]", "[4,8]", "[0,3]", "[0,5]"]:
    cases.append((named(entry(offsets=offsets)), 4))
for shape in ["[1.0]", "[1e0]", "[-0]", "[]", "[1,1,1,1,1,1,1,1,1,1,1]", "null", "{}", "[[1]]", "[2]", "[01]", '"1"', "1",
              "[-1]", "[1,-1,-1]", "[0.5,2]", "[9007199254740993]", "[1,]", "[1 1]", "[NaN]", "[Infinity]", "[null]"]:
    cases.append((named(entry(shape=shape)), 4))
# Sizes that 64 bits cannot count, on the way to an empty tensor too.
for shape in ["[0]", "[0,18446744073709551615]", "[18446744073709551615,0]", "[0,9007199254740993]",
              "[0,18446744073709551616]", "[1073741824,1073741824,0]", "[4294967296,4294967296,0]",
              "[4294967296,4294967295,0]", "[0,4294967296,4294967296]", "[2147483648,4294967296,4,0]", "[0,0,0]", "[-0,0]"]:
    cases.append((named(entry(shape=shape, offsets="[0,0]")), 0))
cases.append((named(entry(shape="[4611686018427387904]", offsets="[0,0]")), 0))
# Fields that nothing asks for, and strings.
for value in ["1", "null", '{"a":1,"a":2}', '"\\ud800"', '"\\udc00"', '"\\ud800\\udc00"', '"\\ud800\\u0041"', "1e999", "-1e999",
              "1e-999", "0e999", "123456789012345678901234567890", '"\x01"', '"\t"', '"\\x41"', '"\\u12"', '"\\U0041"', "NaN",
              '"\\u0000"', '"\x7f"', '"\u2028"', '"\\/"', "\"\\'\"", "tru", "True", "nul", "undefined", "-", "1.", "1.e1", "1e",
              "01", "'a'", '"a', "[1,]", "{,}", '{"a"}', '[{"\\ud800":1}]', "1,", '1,"x":2', '1,"":2', '1,"\\ud800":1',
              '1,"__metadata__":3', '"\\b\\f\\n\\r\\t\\"\\\\"', '"\u00e9\U0001f600"']:
    cases.append((named(entry(more=f',"x":{value}')), 4))
for depth in [124, 125, 126, 127, 200]:
    cases.append((named(entry(more=',"x":' + "[" * depth + "]" * depth)), 4))
for depth in [125, 126]:
    cases.append((named(entry(more=',"x":' + '{"a":' * depth + "1" + "}" * depth)), 4))
# Metadata.
for value in ["null", "{}", '{"a":"b"}', '{"a":"b","a":"c"}', '{"a":null}', '{"a":1}', "[]", '"a"', "false", '[["a","b"]]',
              '{"":""}', '{"\\ud800":"a"}', '{"a":"\\ud800"}', '{"a":{}}', '{"__proto__":"a"}', '{"a":"\\u0000\U0001f600"}',
              "{},\"__metadata__\":{}", "null,\"__metadata__\":null", "null,\"__metadata__\":{}",
              '{},"\\u005f_metadata__":{}']:
    cases.append((f'{{"__metadata__":{value}}}', 0))
cases += [('{"\\u005f_metadata__":{"a":"b"}}', 0), (f'{{"__metadata__":{E}}}', 4), ('{"__METADATA__":{"a":"b"}}', 0)]
# Names, and names that come twice.
for name in ["", "\\ud800", "\\udc00", "\\ud83d\\ude00", "\U0001f600", "\\uD83D\\u0041", "\\u0000", "__proto__", "\\q"]:
    cases.append((f'{{"{name}":{E}}}', 4))
for name in [b"\xff", b"\xc0\x80", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xc3", b"\xc3\xa9"]:
    cases.append((b'{"' + name + b'":' + E.encode() + b"}", 4))
A, B = entry(), entry(offsets="[4,8]")
EMPTY = entry(shape="[0]", offsets="[4,4]")
cases += [(f'{{"w":{A},"w":{A}}}', 4), (f'{{"w":{A},"w":{B}}}', 8), (f'{{"w":{B},"w":{A}}}', 4), (f'{{"w":1,"w":{A}}}', 4),
          (f'{{"w":{A},"w":1}}', 4), (f'{{"w":{entry(shape="[3]")},"\\u0077":{A}}}', 4), (f'{{"w":{A},"v":{A},"w":{B}}}', 8)]
# Order, gaps, overlaps.
cases += [(f'{{"b":{B},"a":{A}}}', 8), (f'{{"b":{A},"a":{A}}}', 4), (f'{{"b":{A},"a":{entry(offsets="[5,9]")}}}', 9),
          (f'{{"a":{A},"z":{EMPTY},"b":{B}}}', 8), (f'{{"z":{EMPTY},"b":{B},"a":{A}}}', 8),
          (f'{{"z":{entry(shape="[0]", offsets="[2,2]")},"a":{A}}}', 4), (f'{{"z":{EMPTY}}}', 4), (f'{{"z":{EMPTY},"a":{A}}}', 4)]
cases = [(c if isinstance(c, bytes) else c.encode(), size) for c, size in cases]

# Small changes of a header that is whole.
WHOLE = f'{{"__metadata__":{{"a":"b"}},"v":{entry(more=",%sx%s:[1.5,true]" % (chr(34), chr(34)))},"w":{entry(chr(34) + "F64" + chr(34), "[1,1]", "[4,12]")}}}'
PARTS = list('{}[]:,"0123456789.-+eE \n\\') + ["0.0", "1e0", "-0", "null", '"dtype"', '"x"', "\\u0041", "\\ud800", "\u00e9",
                                                "[1]", "{}", '"a":"b",', '"x":1,', "__metadata__", "F32", "  "]
wanted = {True: 100, False: 150}
while any(wanted.values()):
    text = WHOLE
    for _ in range(random.choice([1, 1, 2])):
        at = random.randrange(len(text) + 1)
        text = text[:at] + random.choice(PARTS + [""] * 8) + text[at + random.choice([0, 0, 1, 1, 2, 3]):]
    case = (text.encode(), 12)
    loaded = load(*case) is not None
    if wanted[loaded] > 0 and case not in cases:
        wanted[loaded] -= 1
        cases.append(case)

lines = [json.dumps([header.decode("latin-1"), size, load(header, size)]) for header, size in cases]
(HERE / "safetensors.json").write_text("[\n" + ",\n".join(lines) + "\n]\n")
