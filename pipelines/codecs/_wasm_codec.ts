import { ImageProblem } from "./_image_header.ts";

/** A factory of a decoder of `@jsquash`, as Emscripten makes them. */
type CodecFactory = (options: {
  readonly noInitialRun: boolean;
  readonly wasmBinary?: Uint8Array;
  readonly printErr: (line: string) => void;
}) => Promise<Codec>;

interface Codec {
  decode(bytes: Uint8Array, ...options: readonly boolean[]): Pixels | null;
}

/** An image of four channels. */
export interface Pixels {
  readonly data: { readonly buffer: ArrayBufferLike };
  readonly height: number;
  readonly width: number;
}

/** The result of a decoder, and the warnings that it printed. */
export interface Decoded {
  readonly pixels: Pixels;
  readonly warnings: readonly string[];
}

/**
 * Makes a decoder in WebAssembly, which is loaded when it is first used.
 *
 * @param importFactory Imports the package's function that makes it, of whatever type the package gives it.
 * @param resolve Gives the address of its program.
 * @param options The arguments of the decoder after the bytes.
 */
export function createWasmDecoder(
  importFactory: () => Promise<unknown>,
  resolve: () => string,
  ...options: readonly boolean[]
): (bytes: Uint8Array) => Promise<Decoded> {
  let loading: Promise<Codec> | undefined;
  let lines: string[] = [];
  const load = async (): Promise<Codec> => {
    const factory = await importFactory();
    const wasmBinary = await readProgram(resolve);
    return await (factory as CodecFactory)({
      noInitialRun: true,
      ...(wasmBinary && { wasmBinary }),
      printErr: (line) => lines.push(line),
    });
  };
  return async (bytes) => {
    loading ??= load();
    const instance = loading;
    let codec: Codec;
    try {
      codec = await instance;
    } catch (error) {
      loading = undefined;
      throw error;
    }
    lines = [];
    let pixels: Pixels | null;
    try {
      pixels = codec.decode(bytes, ...options);
    } catch (cause) {
      // It stopped in the middle, so its memory cannot be trusted.
      if (loading === instance) loading = undefined;
      throw new ImageProblem(lines.at(-1) ?? "its data cannot be decoded", { cause });
    }
    // An instance keeps the memory of the largest image that it has seen.
    if (loading === instance && pixels && pixels.height * pixels.width > KEPT_PIXELS) {
      loading = undefined;
    }
    if (!pixels) throw new ImageProblem(lines.at(-1) ?? "its data is damaged");
    return { pixels, warnings: lines };
  };
}

/** The most pixels of an image after which an instance is kept. */
const KEPT_PIXELS = 2 ** 24;

/**
 * Reads the program in Node, whose `fetch` does not read files. Elsewhere the package fetches it from beside its own
 * code: in Deno from its cache, in a browser from where the bundler put it.
 */
async function readProgram(resolve: () => string): Promise<Uint8Array | undefined> {
  const { process } = globalThis as {
    process?: {
      versions?: { node?: string; deno?: string };
      getBuiltinModule?: (name: string) => {
        readFile(url: URL): Promise<Uint8Array>;
      };
    };
  };
  if (!process?.versions?.node || process.versions.deno) return undefined;
  return await process.getBuiltinModule?.("node:fs/promises")
    .readFile(new URL(resolve()));
}
