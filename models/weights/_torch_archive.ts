// The layout of PyTorch's files since version 1.6: a zip archive with a pickle, and a file for each storage beside it.
import { createBreather } from "../types/_breathe.ts";
import { listFirst } from "../types/_names.ts";
import { fail } from "./_fault.ts";
import { clip } from "./_header_json.ts";
import { readPickle } from "./_pickle.ts";
import { Dictionary, type PickleValue } from "./_pickle_values.ts";
import { decodeStorage, gatherTensor, type NamedView } from "./_torch_tensors.ts";
import { isLegacyFile, openLegacyFile } from "./_torch_legacy.ts";
import { TensorView, torchReaders } from "./_torch_values.ts";
import { openZip, type ZipArchive } from "./_zip.ts";
import type { StoredTensor } from "./checkpoint.ts";

/** An open file of PyTorch's. */
export interface TorchArchive {
  /** What was saved. */
  readonly root: PickleValue;
  /** Reads the file of a storage. */
  readStorage(key: string): Promise<Uint8Array<ArrayBuffer>>;
}

/** Opens a file of PyTorch's and reads its pickle. */
export async function openTorchArchive(bytes: Uint8Array<ArrayBuffer>): Promise<TorchArchive> {
  if (isLegacyFile(bytes)) return openLegacyFile(bytes);
  checkKind(bytes);
  const zip = await openZip(bytes);
  const folder = findFolder(zip);
  const byteOrder = `${folder}/byteorder`;
  if (zip.names.includes(byteOrder)) {
    const order = new TextDecoder().decode(await zip.read(byteOrder));
    if (order !== "little") fail(`its numbers are in the byte order ${clip(order)}`);
  }
  return {
    root: readPickle(await zip.read(`${folder}/${PICKLE}`), torchReaders),
    readStorage: (key) => zip.read(`${folder}/data/${key}`),
  };
}

const PICKLE = "data.pkl";

/** Tells by its first bytes whether a file is one of PyTorch's, of any version. */
export const isTorchFile = (bytes: Uint8Array): boolean => isZip(bytes) || isLegacyFile(bytes);

/** Tells by its first bytes whether a file is a zip archive, and not a safetensors file with a header of 67 MB. */
const isZip = (bytes: Uint8Array): boolean =>
  [0x50, 0x4B, 3, 4].every((byte, i) => bytes[i] === byte) && bytes[8] !== 0x7B;

/** Refuses files of other kinds by their first bytes. */
function checkKind(bytes: Uint8Array<ArrayBuffer>): void {
  const begins = (beginning: readonly number[], at = 0) =>
    beginning.every((byte, i) => bytes[at + i] === byte);
  if (isZip(bytes)) return;
  if (begins([0x7B], 8)) fail("it is a safetensors file: decodeSafetensors reads those");
  fail("it is not a PyTorch file: it doesn't begin as a zip archive does");
}

/** Finds the one folder in which all of an archive's files are. */
function findFolder({ names }: ZipArchive): string {
  const folders = names.flatMap((name) => /^([^/]+)\/data\.pkl$/.exec(name)?.[1] ?? []);
  const [folder, ...more] = folders;
  if (folder === undefined || more.length > 0) {
    fail(`its zip archive has ${folders.length} files FOLDER/${PICKLE}: torch.save writes one`);
  }
  if (names.includes(`${folder}/constants.pkl`)) {
    fail("it is a TorchScript program: save the model's state_dict() with torch.save");
  }
  return folder;
}

/** The dictionary of tensors in a file. */
export interface FoundState {
  readonly views: readonly NamedView[];
  /** The plain values beside the tensors, as text. */
  readonly metadata: Record<string, string>;
}

/**
 * Finds the dictionary that holds tensors: the outermost, or one that it holds, as in `{"state_dict": …, "epoch": 3}`.
 *
 * @param key The key of the dictionary, where it isn't to be found but known.
 */
export function findState(root: PickleValue, key: string | undefined): FoundState {
  if (!(root instanceof Dictionary)) {
    fail("it holds no dictionary: save the model's state_dict() with torch.save");
  }
  const entries = [...root.entries];
  const metadata = Object.fromEntries(
    entries.flatMap(([name, value]) =>
      typeof name === "string" && ["string", "number", "boolean", "bigint"].includes(typeof value)
        ? [[name, String(value)]]
        : []
    ),
  );
  return { views: listViews(key === undefined ? guessState(root) : getState(root, key)), metadata };
}

function getState(root: Dictionary, key: string): Dictionary {
  const value = root.entries.get(key);
  if (!(value instanceof Dictionary)) {
    fail(
      `it has no dictionary called ${clip(key)}: it holds ${listKeys([...root.entries.keys()])}`,
    );
  }
  return value;
}

function guessState(root: Dictionary): Dictionary {
  if (hasTensors(root) || root.entries.size === 0) return root;
  const inner = [...root.entries].flatMap(([key, value]) =>
    value instanceof Dictionary && hasTensors(value) ? [{ key, value }] : []
  );
  const [only, ...more] = inner;
  if (!only) {
    fail(
      `neither it nor a dictionary in it has tensors: it holds ${
        listKeys([...root.entries.keys()])
      }`,
    );
  }
  if (more.length > 0) {
    fail(
      `${inner.length} dictionaries in it have tensors: choose one of ` +
        `${listKeys(inner.map(({ key }) => key))} with the option key`,
    );
  }
  return only.value;
}

const hasTensors = ({ entries }: Dictionary): boolean => {
  for (const value of entries.values()) if (value instanceof TensorView) return true;
  return false;
};

function listViews({ entries }: Dictionary): NamedView[] {
  return [...entries].flatMap(([name, view]) => {
    if (!(view instanceof TensorView)) return [];
    return typeof name === "string" ? [{ name, view }] : fail("a tensor in it has no name of text");
  });
}

function listKeys(keys: readonly PickleValue[]): string {
  return listFirst(keys.map((key) => typeof key === "object" ? "…" : clip(String(key)))) ||
    "nothing";
}

/** Reads the numbers of tensors, each storage once. */
export async function readViews(
  views: readonly NamedView[],
  { readStorage }: TorchArchive,
  signal: AbortSignal | undefined,
): Promise<Record<string, StoredTensor>> {
  const storages = new Map<
    string,
    { type: string; length: number; data: Float32Array<ArrayBuffer> }
  >();
  const tensors: [string, StoredTensor][] = [];
  const breathe = createBreather();
  for (const { name, view } of views) {
    await breathe();
    signal?.throwIfAborted();
    const { storage } = view;
    const { key, type, length } = storage;
    const known = storages.get(key) ??
      { type, length, data: decodeStorage(storage, await readStorage(key)) };
    storages.set(key, known);
    if (known.type !== type || known.length !== length) {
      fail(`storage ${clip(key)} is of ${known.length} ${known.type} and of ${length} ${type}`);
    }
    tensors.push([name, gatherTensor(view, known.data)]);
  }
  // `fromEntries` defines properties and doesn't assign them, so `__proto__` is a name like any other.
  return Object.fromEntries(tensors);
}
