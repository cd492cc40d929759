import { createHash } from "node:crypto";
import type { DatasetFile, Manifest } from "../../tasks/_data/fetch/dataset.ts";

/** A small data set in memory: 2 × 3 images, 5 to train on and 3 to test on. */
export interface FakeDataset {
  readonly manifest: Manifest;
  /** The plain files by key. */
  readonly plain: Readonly<Record<DatasetFile, Uint8Array<ArrayBuffer>>>;
  /** The gzipped files by file name. */
  readonly gzipped: Readonly<Record<string, Uint8Array<ArrayBuffer>>>;
  /** Writes all files to a folder, gzipped or plain. */
  write(dir: string, options?: { plain?: boolean }): Promise<void>;
}

export async function fakeDataset(overrides: Partial<Manifest> = {}): Promise<FakeDataset> {
  const plain = {
    trainImages: images(5),
    trainLabels: labels(5),
    testImages: images(3),
    testLabels: labels(3),
  };
  const names = {
    trainImages: "train-images-idx3-ubyte",
    trainLabels: "train-labels-idx1-ubyte",
    testImages: "t10k-images-idx3-ubyte",
    testLabels: "t10k-labels-idx1-ubyte",
  };
  const keys = Object.keys(plain) as DatasetFile[];
  const facts = (key: DatasetFile) => ({
    name: names[key],
    items: key.startsWith("train") ? 5 : 3,
    bytes: plain[key].length,
    sha256: createHash("sha256").update(plain[key]).digest("hex"),
  });
  const manifest: Manifest = {
    title: "Fake-MNIST",
    folder: "fake-mnist",
    files: Object.fromEntries(keys.map((key) => [key, facts(key)])) as Manifest["files"],
    systemDir: "/nonexistent/fake-mnist",
    debianPackage: "dataset-fake-mnist",
    addresses: [],
    ...overrides,
  };
  const gzipped = Object.fromEntries(
    await Promise.all(
      keys.map(async (key) => [`${names[key]}.gz`, await gzip(plain[key])] as const),
    ),
  );
  const write = async (dir: string, { plain: asPlain = false } = {}) => {
    await Deno.mkdir(dir, { recursive: true });
    for (const key of keys) {
      await (asPlain
        ? Deno.writeFile(`${dir}/${names[key]}`, plain[key])
        : Deno.writeFile(`${dir}/${names[key]}.gz`, gzipped[`${names[key]}.gz`]!));
    }
  };
  return { manifest, plain, gzipped, write };
}

export async function gzip(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
  const stream = new Response(bytes).body!.pipeThrough(new CompressionStream("gzip"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

// The samples are noise, so that the gzipped file is long enough to be cut.
const images = (count: number): Uint8Array<ArrayBuffer> => {
  const pixels = Array.from({ length: count * 6 }, (_, i) => (i * 97 + (i * i) % 31) % 256);
  return Uint8Array.from([0, 0, 8, 3, 0, 0, 0, count, 0, 0, 0, 2, 0, 0, 0, 3, ...pixels]);
};

const labels = (count: number): Uint8Array<ArrayBuffer> =>
  Uint8Array.from([0, 0, 8, 1, 0, 0, 0, count, ...Array.from({ length: count }, (_, i) => i % 10)]);
