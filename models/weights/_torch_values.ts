// What PyTorch writes into a pickle: storages, which are files beside it, and tensors, which are views of them.
import type { StoredType } from "./_elements.ts";
import { fail } from "./_fault.ts";
import { clip } from "./_header_json.ts";
import {
  Built,
  Dictionary,
  Global,
  List,
  type PickleReaders,
  type PickleValue,
  Tuple,
} from "./_pickle_values.ts";

/** A run of numbers in a file of its own. */
export class Storage extends Built {
  constructor(
    /** The name of its file below `data/`. */
    readonly key: string,
    readonly type: StoredType,
    /** The number of elements. */
    readonly length: number,
  ) {
    super();
  }
}

/** A tensor: a view of a storage. */
export class TensorView extends Built {
  constructor(
    readonly storage: Storage,
    /** The index in the storage of the first element. */
    readonly offset: number,
    readonly shape: readonly number[],
    /** Elements in the storage from one index of a dimension to the next. */
    readonly strides: readonly number[],
  ) {
    super();
  }
}

/** A value that stands for nothing that is read, such as a device. */
class Opaque extends Built {}

/** The classes of storages whose numbers are read. */
const STORAGES: Readonly<Record<string, StoredType>> = {
  "torch.FloatStorage": "F32",
  "torch.DoubleStorage": "F64",
  "torch.HalfStorage": "F16",
  "torch.BFloat16Storage": "BF16",
  "torch.LongStorage": "I64",
  "torch.IntStorage": "I32",
  "torch.ShortStorage": "I16",
  "torch.CharStorage": "I8",
  "torch.ByteStorage": "U8",
  "torch.BoolStorage": "BOOL",
};

/** The types of numbers, which stand beside tensors in some checkpoints. */
const TYPES = [
  ...[
    "float32",
    "float64",
    "float16",
    "bfloat16",
    "int64",
    "int32",
    "int16",
    "int8",
    "uint8",
    "bool",
  ],
].map((type) => `torch.${type}`);

/** What is made of which arguments. Python's modules are called otherwise in protocol 2, hence the second names. */
const CALLS: Readonly<Record<string, (args: readonly PickleValue[]) => PickleValue>> = {
  "collections.OrderedDict": ([items]) => makeDictionary("collections.OrderedDict", items),
  "collections.Counter": ([items]) => makeDictionary("collections.Counter", items),
  "torch.Size": ([lengths]) => new Tuple(readCounts("torch.Size", lengths)),
  "torch.device": () => new Opaque(),
  "torch._utils._rebuild_tensor": (args) => makeTensor(args),
  "torch._utils._rebuild_tensor_v2": (args) => makeTensor(args),
  "torch._utils._rebuild_parameter": ([data]) =>
    data instanceof TensorView ? data : fail("its pickle has a parameter that is not a tensor"),
};

/** How the names in a file of PyTorch's are read. */
export const torchReaders: PickleReaders = {
  isKnown: (name) =>
    Object.hasOwn(CALLS, name) || Object.hasOwn(STORAGES, name) || TYPES.includes(name),
  build(name, args) {
    const call = Object.hasOwn(CALLS, name) ? CALLS[name] : undefined;
    return call ? call(args) : fail(`its pickle calls ${name}, which is not read`);
  },
  resolve(id) {
    const [tag, type, key, _device, length] = id instanceof Tuple ? id.items : [];
    if (tag !== "storage" || typeof key !== "string" || !isCount(length)) {
      fail("its pickle refers to what is not a storage");
    }
    const stored = type instanceof Global && Object.hasOwn(STORAGES, type.name)
      ? STORAGES[type.name]
      : undefined;
    if (!stored) fail(`storage ${clip(key)} in its pickle is of no type that is read`);
    return new Storage(key, stored, length);
  },
};

function makeDictionary(name: string, items: PickleValue | undefined): Dictionary {
  if (items === undefined) return new Dictionary();
  if (items instanceof Dictionary) return items;
  // Pairs, as Python 2 wrote them.
  const dictionary = new Dictionary();
  if (!(items instanceof List)) fail(`its pickle makes a ${name} of what is not a dictionary`);
  for (const pair of items.items) {
    const [key, value] = pair instanceof Tuple || pair instanceof List ? pair.items : [];
    if (key === undefined || value === undefined) fail(`its pickle makes a ${name} of no pairs`);
    dictionary.entries.set(key, value);
  }
  return dictionary;
}

function makeTensor([storage, offset, shape, strides]: readonly PickleValue[]): TensorView {
  if (!(storage instanceof Storage)) fail("its pickle has a tensor without a storage");
  if (!isCount(offset)) fail("its pickle has a tensor without an offset");
  const lengths = readCounts("tensor's shape", shape);
  const steps = readCounts("tensor's strides", strides);
  if (lengths.length !== steps.length) {
    fail(`its pickle has a tensor of ${lengths.length} dimensions with ${steps.length} strides`);
  }
  return new TensorView(storage, offset, lengths, steps);
}

/** The most dimensions of a tensor in PyTorch. */
const DIMENSION_LIMIT = 64;

function readCounts(what: string, value: PickleValue | undefined): number[] {
  const items = value instanceof Tuple || value instanceof List ? value.items : [null];
  if (!items.every(isCount)) fail(`its pickle has a ${what} that is not of integers from 0 on`);
  if (items.length > DIMENSION_LIMIT) {
    fail(`its pickle has a ${what} of ${items.length} dimensions`);
  }
  return [...items];
}

const isCount = (value: PickleValue | undefined): value is number =>
  typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
