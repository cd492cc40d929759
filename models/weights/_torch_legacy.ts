// The layout of PyTorch's files before version 1.6: pickles one behind the other, and then the numbers of each storage.
import { ELEMENT_BYTES } from "./_elements.ts";
import { fail } from "./_fault.ts";
import { clip } from "./_header_json.ts";
import { readPickleAt } from "./_pickle.ts";
import { Dictionary, List, type PickleReaders, type PickleValue, Tuple } from "./_pickle_values.ts";
import { Storage, torchReaders } from "./_torch_values.ts";

/** The number that such a file begins with, as a pickle has it: 0x1950a86a20f9469cfc6c. */
const MAGIC = [0x8A, 10, 0x6C, 0xFC, 0x9C, 0x46, 0xF9, 0x20, 0x6A, 0xA8, 0x50, 0x19];

/** Where it stands: behind the protocol, and from the fourth on behind a frame's length too. */
const MAGIC_PLACES = [2, 11];

/** The version of the layout, of which there has been but one. */
const VERSION = 1001;

/** Tells by its first bytes whether PyTorch wrote a file before version 1.6. */
export const isLegacyFile = (bytes: Uint8Array): boolean =>
  bytes[0] === 0x80 && MAGIC_PLACES.some((at) => MAGIC.every((byte, i) => bytes[at + i] === byte));

/** Opens such a file: what was saved, and how the bytes of a storage are found. */
export function openLegacyFile(bytes: Uint8Array<ArrayBuffer>): {
  readonly root: PickleValue;
  readStorage(key: string): Promise<Uint8Array<ArrayBuffer>>;
} {
  let at = 0;
  const read = (readers: PickleReaders = torchReaders) => {
    const { value, end } = readPickleAt(bytes, at, readers);
    at = end;
    return value;
  };
  read(); // The number that it begins with.
  const version = read();
  if (version !== VERSION) fail(`its layout is of version ${clip(String(version))}`);
  const system = read();
  if (!(system instanceof Dictionary) || system.entries.get("little_endian") !== true) {
    fail("its numbers are not in the byte order little");
  }
  const named = new Map<string, Storage>();
  const root = read({
    ...torchReaders,
    resolve: (id) => name(torchReaders.resolve(id), id, named),
  });
  const keys = read();
  if (!(keys instanceof List)) fail("it has no list of storages");
  const storages = new Map<string, Uint8Array<ArrayBuffer>>();
  for (const key of keys.items) {
    const storage = typeof key === "string" ? named.get(key) : undefined;
    if (!storage) fail(`its pickle has no storage ${clip(String(key))}`);
    const begin = at + 8;
    const end = begin + storage.length * ELEMENT_BYTES[storage.type];
    if (!(end <= bytes.length)) fail(`it ends within storage ${clip(storage.key)}`);
    const length = new DataView(bytes.buffer, bytes.byteOffset).getBigInt64(at, true);
    if (length !== BigInt(storage.length)) {
      fail(`storage ${clip(storage.key)} has ${length} elements: it must have ${storage.length}`);
    }
    storages.set(storage.key, bytes.subarray(begin, end));
    at = end;
  }
  return {
    root,
    readStorage: (key) =>
      Promise.resolve(storages.get(key) ?? fail(`it has no storage ${clip(key)}`)),
  };
}

/** Notes a storage by its name. */
function name(value: PickleValue, id: PickleValue, named: Map<string, Storage>): PickleValue {
  if (!(value instanceof Storage)) return value;
  // Until version 0.4 one could be a part of another.
  const part = id instanceof Tuple ? id.items[5] ?? null : null;
  if (part !== null) fail(`storage ${clip(value.key)} is a part of another: save it anew`);
  named.set(value.key, value);
  return value;
}
