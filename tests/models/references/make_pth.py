"""Writes files of PyTorch's and what torch.load makes of them, and files that torch.load would run.

    python3 tests/models/references/make_pth.py
    python3 tests/models/references/make_pth.py 500 FILE    so many random state_dicts, to compare by hand

Then `deno fmt` the file. Made with torch 1.13 (Debian's python3-torch). The tests need pth.json only. Each case is a name, a
file in base64, and the tensors in it by name, as shape and numbers (those that JSON can't write as text), or what the error must
say. Some of them are the corpus of `deno task fuzz`, too. Nothing here loads the files that would run something.
"""

import base64
import collections
import io
import json
import pathlib
import pickle
import random
import struct
import sys
import warnings
import zipfile

import numpy
import torch

warnings.filterwarnings("ignore")
HERE = pathlib.Path(__file__).parent


def save(value, **options):
    file = io.BytesIO()
    torch.save(value, file, **options)
    return file.getvalue()


def numbers(tensor):
    with numpy.errstate(all="ignore"):
        flat = tensor.detach().to(torch.float32).contiguous().reshape(-1).numpy()
    return [float(x) if numpy.isfinite(x) else str(x) for x in flat]


def describe(state):
    return {name: [list(t.shape), numbers(t)] for name, t in state.items() if isinstance(t, torch.Tensor)}


def valid(name, value, state=None, metadata=None, data=None, **options):
    data = data or save(value, **options)
    loaded = torch.load(io.BytesIO(data))
    state = loaded if state is None else loaded[state]
    return {"name": name, "file": base64.b64encode(data).decode(), "tensors": describe(state), "metadata": metadata or {}}


def refused(name, data, error):
    return {"name": name, "file": base64.b64encode(data).decode(), "error": error}


def archive(data_pkl, storages=(), extra=(), folder="archive", compression=zipfile.ZIP_STORED):
    file = io.BytesIO()
    files = [(f"{folder}/data.pkl", data_pkl), *((f"{folder}/data/{key}", data) for key, data in enumerate(storages)), *extra]
    with zipfile.ZipFile(file, "w") as out:
        for path, data in [*files, (f"{folder}/version", "3\n")]:
            # Without the time.
            out.writestr(zipfile.ZipInfo(path), data, compression)
    return file.getvalue()


def random_tensor():
    kind = random.choice([torch.float32] * 3 + [torch.float64, torch.float16, torch.bfloat16, torch.int64, torch.int32,
                                                torch.int16, torch.int8, torch.uint8, torch.bool])
    shape = [random.randrange(0 if random.random() < 0.05 else 1, 5) for _ in range(random.randrange(5))]
    if kind.is_floating_point:
        t = torch.randn(shape, dtype=torch.float64) * 10 ** random.uniform(-8, 8)
        if random.random() < 0.1 and t.numel():
            t.view(-1)[0] = random.choice([float("inf"), -float("inf"), float("nan"), 1e300])
        t = t.to(kind)
    elif kind == torch.bool:
        t = torch.rand(shape) < 0.5
    else:
        info = torch.iinfo(kind)
        t = torch.tensor([random.randint(info.min, info.max) for _ in range(int(numpy.prod(shape)))], dtype=kind)
        t = t.reshape(shape)
    for _ in range(random.randrange(4)):
        change = random.randrange(7)
        if change == 0:
            t = t.permute(random.sample(range(t.dim()), t.dim()))
        elif change == 1 and t.dim() and t.shape[0] > 1:
            t = t[random.randrange(t.shape[0]):]
        elif change == 2 and t.dim():
            t = t[..., :: random.randrange(1, 3)]
        elif change == 3 and t.dim() and t.shape[0]:
            t = t[random.randrange(t.shape[0])]
        elif change == 4:
            t = t.unsqueeze(random.randrange(t.dim() + 1))
        elif change == 5:
            t = t.unsqueeze(0).expand([3] + [-1] * t.dim())
        elif t.dim() == 4 and change == 6:
            t = t.to(memory_format=torch.channels_last)
    return t


def random_state():
    state = collections.OrderedDict()
    for i in range(random.randrange(1, 8)):
        name = random.choice(["conv", "größe", "__proto__", "0", "constructor", ""]) + random.choice(["", ".weight"]) + str(i)
        state[name] = random_tensor()
        if random.random() < 0.2:
            state[name + ".tied"] = state[name]
        if random.random() < 0.2:
            state[name + ".part"] = state[name].reshape(-1)[1:]
        if random.random() < 0.2:
            state[name + ".parameter"] = torch.nn.Parameter(state[name], requires_grad=state[name].is_floating_point())
    return state


def random_case(seed):
    random.seed(seed)
    torch.manual_seed(seed)
    state = random_state()
    options = {"pickle_protocol": random.choice([2, 2, 3, 4, 5])}
    if random.random() < 0.3:
        options["_use_new_zipfile_serialization"] = False
    if random.random() < 0.3:
        return valid(f"random {seed}", {"epoch": 3, "model": state}, "model", {"epoch": "3"}, **options)
    return valid(f"random {seed}", state, **options)


if len(sys.argv) > 1:
    cases = [random_case(seed) for seed in range(int(sys.argv[1]))]
    pathlib.Path(sys.argv[2]).write_text(json.dumps(cases))
    sys.exit()

torch.manual_seed(1)
cases = []

# What is read.
model = torch.nn.Sequential(torch.nn.Conv2d(2, 3, 2), torch.nn.BatchNorm2d(3), torch.nn.ReLU(), torch.nn.Linear(2, 2))
model(torch.randn(2, 2, 3, 3))
cases.append(valid("a model's state_dict", model.state_dict()))
for protocol in [3, 4, 5]:
    cases.append(valid(f"protocol {protocol}", model.state_dict(), pickle_protocol=protocol))
base = torch.arange(24.0).reshape(2, 3, 4)
for protocol in [2, 3, 4, 5]:
    state = {**model.state_dict(), "half": base.half()[1], "turned": base.T, "part": base[1], "bool": base > 3, "long": base.long()}
    cases.append(valid(f"before 1.6, protocol {protocol}", state, pickle_protocol=protocol, _use_new_zipfile_serialization=False))
old = save(collections.OrderedDict(w=base), _use_new_zipfile_serialization=False)
for text in [b"storage", b"cpu", b"w"]:
    # As Python 2 wrote it, with the length in one byte and in four.
    opcode = b"T" + struct.pack("<i", len(text)) if text == b"cpu" else b"U" + bytes([len(text)])
    new = b"X" + struct.pack("<i", len(text)) + text
    assert new in old
    old = old.replace(new, opcode + text)
cases.append(valid("before 1.6, from Python 2", collections.OrderedDict(w=base), data=old))
wide = torch.tensor([1.5, -2, 0, 65504, 6e-8, float("inf"), float("nan"), 1e300, -1e-320], dtype=torch.float64)
integers = torch.tensor([0, 1, -1, 2**24 + 1, 2**31 - 1, -(2**63), 2**63 - 1, 2**53 + 1, 2**61 + 2**37 + 1, -(2**61) - 2**37 - 1])
cases.append(valid("every type", {
    "double": wide, "float": wide.float(), "half": wide.half(), "bfloat16": wide.bfloat16(), "long": integers,
    "int": integers[:5].int(), "short": torch.tensor([-(2**15), 2**15 - 1], dtype=torch.int16),
    "char": torch.tensor([-128, 127], dtype=torch.int8), "byte": torch.tensor([0, 255], dtype=torch.uint8),
    "bool": torch.tensor([True, False]), "scalar": torch.tensor(2.5), "count": torch.tensor(7), "empty": torch.zeros(0, 3)}))
cases.append(valid("views", {
    "base": base, "transposed": base.transpose(0, 2), "permuted": base.permute(1, 2, 0), "row": base[1], "column": base[:, :, 2],
    "strided": base[:, ::2, 1::2], "expanded": base[0, 0].expand(2, 4), "diagonal": base[0].diagonal(), "one": base[1, 2, 3],
    "half": base.half().permute(2, 1, 0), "channels_last": torch.randn(2, 3, 2, 2).to(memory_format=torch.channels_last),
    "parameter": torch.nn.Parameter(base[0].t()), "__proto__": torch.ones(1), "größe": torch.zeros(2), "": torch.tensor(1.0)}))
optimizer = torch.optim.Adam(model.parameters())
model(torch.randn(2, 2, 3, 3)).sum().backward()
optimizer.step()
schedule = torch.optim.lr_scheduler.MultiStepLR(optimizer, [3, 5])
cases.append(valid("a checkpoint", {
    "epoch": 3, "arch": "tiny", "best": 0.5, "state_dict": model.state_dict(), "optimizer": optimizer.state_dict(),
    "schedule": schedule.state_dict(), "done": False, "none": None, "shape": model[0].weight.shape, "type": torch.float16,
    "device": torch.device("cpu"), "large": 2**70, "negative": -(2**40), "bytes": [1, (2, 3, 4), {"a": b"b"}, -5, 300, 1e5]},
    "state_dict", {"epoch": "3", "arch": "tiny", "best": "0.5", "done": "false", "large": str(2**70), "negative": str(-(2**40))},
    pickle_protocol=4))
cases.append(valid("a byte order", None, data=archive(
    zipfile.ZipFile(io.BytesIO(save({"w": base}))).read("archive/data.pkl"), [base.numpy().tobytes()],
    [("archive/byteorder", "little"), ("archive/.data/serialization_id", "1")])))
cases.append(valid("nothing", {}))
two = {name: {"fc.weight": torch.eye(2) * x, "fc.bias": torch.tensor([x, x + 1.0])} for name, x in [("model", 1), ("model_ema", 5)]}
cases.append(refused("two state_dicts", save({"epoch": 3, **two}), "2 dictionaries in it have tensors: choose one of model, model_ema"))

# What is refused, none of it for what it would run.
def dump(value, protocol=2):
    return pickle.dumps(value, protocol)


class Call:
    def __init__(self, function, *args):
        self.call = function, args

    def __reduce__(self):
        return self.call


class Stateful:
    def __reduce__(self):
        return collections.OrderedDict, (), {"__dict__": Call(eval, "1")}


import os  # noqa: E402
import shutil  # noqa: E402

for protocol in [2, 4]:
    for what, call, error in [
        ("os.system", Call(os.system, "touch /tmp/owned"), "posix.system"),
        ("eval", Call(eval, "1"), "__builtin__.eval" if protocol == 2 else "builtins.eval"),
        ("rmtree", Call(shutil.rmtree, "/tmp/owned"), "shutil.rmtree"),
        ("a setstate", Stateful(), "__builtin__.eval" if protocol == 2 else "builtins.eval"),
        ("getattr", Call(getattr, "", "upper"), "__builtin__.getattr" if protocol == 2 else "builtins.getattr"),
    ]:
        cases.append(refused(f"{what}, protocol {protocol}", archive(dump({"w": call}, protocol)), f"it names {error}: "))
cases.append(refused("a call in torch.save's own file", save({"w": base, "x": Call(os.system, "true")}), "it names posix.system: "))
cases.append(refused("a whole model", save(model), "it names torch.nn.modules.container.Sequential: "))
cases.append(refused("numpy", save({"w": numpy.float32(1)}), "it names numpy.core.multiarray.scalar: "))


def text(value):
    return b"X" + struct.pack("<I", len(value)) + value.encode()


P2 = b"\x80\x02"
STORAGE = b"(" + text("storage") + b"ctorch\nFloatStorage\n" + text("0") + text("cpu") + b"K\x04tQ"
def tensor(shape, strides, offset=b"K\x00", storage=STORAGE, function="_rebuild_tensor_v2"):
    return (f"ctorch._utils\n{function}\n".encode() + b"(" + storage + offset + b"(" + shape + b"t(" + strides +
            b"t\x89ccollections\nOrderedDict\n)RtR")
def state(value):
    return P2 + b"}" + text("w") + value + b"s."
OK = tensor(b"K\x04", b"K\x01")
cases.append(valid("by hand", None, data=archive(state(OK), [bytes(16)])))
for what, data, error in [
    ("GLOBAL of os.system", b"cos\nsystem\n" + text("true") + b"\x85R.", "it names os.system: "),
    ("STACK_GLOBAL", P2 + text("os") + text("system") + b"\x93" + text("true") + b"\x85R.", "it names os.system: "),
    ("STACK_GLOBAL of no text", P2 + b"K\x01K\x02\x93.", "its pickle has a name that is not text"),
    ("INST", b"(" + text("true") + b"ios\nsystem\n.", "it names os.system: "),
    ("OBJ", P2 + b"(ccollections\nOrderedDict\no.", "the opcode OBJ at byte 28"),
    ("NEWOBJ", P2 + b"ccollections\nOrderedDict\n)\x81.", "the opcode NEWOBJ at"),
    ("NEWOBJ_EX", P2 + b"ccollections\nOrderedDict\n)}\x92.", "the opcode NEWOBJ_EX at"),
    ("EXT1", P2 + b"\x82\x01.", "the opcode EXT1 at"),
    ("EXT2", P2 + b"\x83\x01\x00.", "the opcode EXT2 at"),
    ("EXT4", P2 + b"\x84\x01\x00\x00\x00.", "the opcode EXT4 at"),
    ("PERSID", P2 + b"Pstorage\n.", "the opcode PERSID at"),
    ("NEXT_BUFFER", P2 + b"\x97.", "the opcode NEXT_BUFFER at"),
    ("an unknown opcode", P2 + b"\xff.", "the opcode 0xff at"),
    ("a dotted name", P2 + b"ctorch\n_utils._rebuild_tensor_v2.__globals__\n.", "it names torch._utils._rebuild_tensor_v2.__globals__: "),
    ("a name of JavaScript's", P2 + b"cconstructor\nprototype\n.", "it names constructor.prototype: "),
    ("a name of all objects", P2 + b"c__proto__\ntoString\n)R.", "it names __proto__.toString: "),
    ("BUILD on a name", P2 + b"ctorch\nFloatStorage\n}b.", "sets the state of what is not a dictionary"),
    ("BUILD on a tensor", state(OK + b"}b"), "sets the state of what is not a dictionary"),
    ("BUILD with a call", state(b"ccollections\nOrderedDict\n)R(cos\nsystem\n" + text("true") + b"\x85Rtb"), "it names os.system: "),
    ("a call of a storage", state(b"ctorch\nFloatStorage\nK\x01\x85R"), "its pickle calls torch.FloatStorage, which is not read"),
    ("a call of what is built", P2 + b"ccollections\nOrderedDict\n)R)R.", "its pickle calls what is not a name"),
    ("a call without a tuple", P2 + b"ccollections\nOrderedDict\n]R.", "without arguments"),
    ("protocol 0", b"(dp0\n.", "the opcode 0x64 at byte 1"),
    ("protocol 6", b"\x80\x06N.", "is of protocol 6"),
    ("an empty pickle", b"", "its pickle ends at byte 0"),
    ("no STOP", P2 + b"}", "its pickle ends at byte 3"),
    ("no value", P2 + b".", "takes a value where there is none"),
    ("two values", P2 + b"}}.", "ends with more than one value"),
    ("no mark", P2 + b"}u.", "takes a mark where there is none"),
    ("no memo", P2 + b"h\x05.", "recalls value 5, which is not there"),
    ("items of a number", P2 + b"K\x01K\x02K\x03s.", "sets items of what is not a dictionary"),
    ("a key alone", P2 + b"}(K\x01u.", "a key without a value"),
    ("items of a list", P2 + b"}K\x01a.", "appends to what is not a list"),
    ("text beyond the end", P2 + b"X\xff\xff\xff\xffabc.", "its pickle ends at byte"),
    ("text of 2^63 bytes", P2 + b"\x8d" + bytes(7) + b"\x80.", "its pickle ends at byte"),
    ("text that is no UTF-8", P2 + b"X\x01\x00\x00\x00\xff.", "text that is not UTF-8"),
    ("a long integer", P2 + b"\x8b\x00\x01\x00\x00" + bytes(256) + b".", "an integer of 256 bytes"),
    ("no dictionary", P2 + b"N.", "it holds no dictionary"),
    ("no tensors", P2 + b"}" + text("epoch") + b"K\x03s.", "has tensors: it holds epoch"),
    ("a deep list", P2 + b"]" * 3000 + b"a" * 2999 + b".", "it holds no dictionary"),
    ("names that are numbers", P2 + b"}K\x01" + OK + b"s.", "a tensor in it has no name of text"),
    ("a tensor of nothing", state(tensor(b"K\x04", b"K\x01", storage=b"N")), "a tensor without a storage"),
    ("a tensor with a negative offset", state(tensor(b"K\x04", b"K\x01", offset=b"J\xff\xff\xff\xff")), "a tensor without an offset"),
    ("a tensor beyond its storage", state(tensor(b"K\x05", b"K\x01")), "tensor w goes up to element 4 of storage 0, which has 4"),
    ("an offset beyond its storage", state(tensor(b"K\x04", b"K\x01", offset=b"K\x01")), "goes up to element 4 of storage 0"),
    ("a stride beyond its storage", state(tensor(b"K\x02", b"K\x04")), "goes up to element 4 of storage 0"),
    ("a negative length", state(tensor(b"J\xff\xff\xff\xff", b"K\x01")), "a tensor's shape that is not of integers"),
    ("a length of 2^62", state(tensor(b"\x8a\x08" + bytes(7) + b"\x40", b"K\x00")), "a tensor's shape that is not of integers"),
    ("a huge tensor of one element", state(tensor(b"J\xff\xff\xff\x7f", b"K\x00")), "its tensors up to w repeat what it holds"),
    ("a huge empty tensor's product", state(tensor(b"J\xff\xff\xff\x7f" * 60, b"K\x00" * 60)), "its tensors up to w repeat"),
    ("more strides than lengths", state(tensor(b"K\x04", b"K\x01K\x01")), "of 1 dimensions with 2 strides"),
    ("65 dimensions", state(tensor(b"K\x01" * 65, b"K\x01" * 65)), "of 65 dimensions"),
    ("a storage that is not there", state(tensor(b"K\x04", b"K\x01", storage=STORAGE.replace(text("0"), text("1")))),
     "its zip archive has no archive/data/1"),
    ("a storage elsewhere", state(tensor(b"K\x04", b"K\x01", storage=STORAGE.replace(text("0"), text("../version")))),
     "its zip archive has no archive/data/../version"),
    ("a storage of another length", state(tensor(b"K\x04", b"K\x01", storage=STORAGE.replace(b"K\x04", b"K\x05"))),
     "storage 0 has 16 bytes: 5 elements of F32 are 20"),
    ("a storage of two types", P2 + b"}" + text("v") + OK + b"s" + text("w") +
     tensor(b"K\x04", b"K\x01", storage=STORAGE.replace(b"Float", b"Int")) + b"s.", "storage 0 is of 4 F32 and of 4 I32"),
    ("complex numbers", state(tensor(b"K\x02", b"K\x01", storage=STORAGE.replace(b"Float", b"ComplexFloat"))),
     "it names torch.ComplexFloatStorage: "),
    ("a storage of no type", state(tensor(b"K\x04", b"K\x01", storage=STORAGE.replace(b"FloatStorage", b"float32"))),
     "storage 0 in its pickle is of no type that is read"),
    ("another id", P2 + b"K\x01Q.", "refers to what is not a storage"),
    ("a parameter of nothing", state(b"ctorch._utils\n_rebuild_parameter\nN\x85R"), "a parameter that is not a tensor"),
]:
    cases.append(refused(what, archive(data, [bytes(16)]), error))

# Archives.
good = state(OK)
whole = archive(good, [bytes(16)])
cases.append(refused("compressed", archive(good, [bytes(16)], compression=zipfile.ZIP_DEFLATED), "archive/data.pkl in its zip archive is compressed"))
cases.append(refused("big-endian", archive(good, [bytes(16)], [("archive/byteorder", "big")]), "its numbers are in the byte order big"))
cases.append(refused("two archives", archive(good, [bytes(16)], [("b/data.pkl", "")]), "its zip archive has 2 files FOLDER/data.pkl"))
cases.append(refused("no pickle", archive(good, [], [], "a/b"), "its zip archive has 0 files FOLDER/data.pkl"))
cases.append(refused("one name twice", archive(good, [bytes(16)], [("archive/data/0", bytes(16))]), "its zip archive has two files called archive/data/0"))
flipped = bytearray(whole)
flipped[whole.index(bytes(16))] = 1
cases.append(refused("a changed number", bytes(flipped), "archive/data/0 is damaged: "))
flipped = bytearray(whole)
flipped[whole.index(b"collections")] = 0x43
cases.append(refused("a changed pickle", bytes(flipped), "archive/data.pkl is damaged: "))
cases.append(refused("cut", whole[:-30], "its zip archive is damaged: "))

# The format before PyTorch 1.6. Python 2 wrote text in opcodes of its own.
old = save({"w": base}, _use_new_zipfile_serialization=False)
at = old.rindex(struct.pack("<q", 24))
cases.append(refused("before 1.6, cut", old[:-1], "it ends within storage "))
cases.append(refused("before 1.6, cut before the storages", old[:at], "it ends within storage "))
cases.append(refused("before 1.6, another length", old[:at] + struct.pack("<q", 23) + old[at + 8 :], "elements: it must have 24"))
cases.append(refused("before 1.6, big-endian", old.replace(b"little_endianq\x02\x88", b"little_endianq\x02\x89"), "its numbers are not in the byte order little"))
cases.append(refused("before 1.6, another version", old.replace(b"\x80\x02M\xe9\x03.", b"\x80\x02M\xea\x03.", 1), "its layout is of version 1002"))
cases.append(refused("before 1.6, os.system", old.replace(b"ctorch._utils\n_rebuild_tensor_v2\n", b"cos\nsystem\n"), "it names os.system"))
cases.append(refused("before 1.6, no list of storages", old.replace(b"\x80\x02]q\x00", b"\x80\x02}q\x00"), "its pickle appends to what is not a list"))
script = io.BytesIO()
torch.jit.save(torch.jit.script(torch.nn.Linear(1, 1)), script)
cases.append(refused("TorchScript", script.getvalue(), "it is a TorchScript program"))
for what, change in [
    ("a size of 4 GB", {20: 0xFFFFFFF0, 24: 0xFFFFFFF0}), ("another method", {10: 12}), ("encrypted", {8: 1}), ("an offset beyond", {42: 0x7FFFFFFF}),
]:
    changed = bytearray(whole)
    at = whole.index(b"PK\x01\x02")
    for field, value in change.items():
        changed[at + field : at + field + (2 if field < 16 else 4)] = value.to_bytes(2 if field < 16 else 4, "little")
    cases.append(refused(f"a directory with {what}", bytes(changed), ""))
# All files' entries point to the first one's bytes.
changed = bytearray(whole)
at = -1
while (at := whole.find(b"PK\x01\x02", at + 1)) >= 0:
    changed[at + 42 : at + 46] = bytes(4)
cases.append(refused("files in one place", bytes(changed), ""))

# Valid files for `deno task fuzz`.
corpus = HERE / "../../../tasks/_fuzz/corpus/pth"
corpus.mkdir(exist_ok=True)
for case in cases:
    if case["name"] in ["a model's state_dict", "protocol 4", "every type", "views", "a checkpoint", "by hand", "before 1.6, protocol 2"]:
        name = case["name"].replace("'s", "").replace(" ", "_").replace(".", "_").replace(",", "")
        (corpus / f"{name}.pth").write_bytes(base64.b64decode(case["file"]))

(HERE / "pth.json").write_text("[\n" + ",\n".join(json.dumps(case) for case in cases) + "\n]\n")
