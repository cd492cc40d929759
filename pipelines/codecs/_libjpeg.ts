import type { ImageRegion } from "../data/encoded_image.ts";
import type { Allocate } from "../stage/allocate.ts";
import { convertCmyk } from "./_channels.ts";
import { ImageProblem } from "./_image_header.ts";

/** What `tasks/_codecs/libjpeg_decoder.c` exports. */
interface Libjpeg {
  readonly memory: { readonly buffer: ArrayBuffer };
  readonly __stack_pointer: { value: number };
  open(size: number): number;
  begin(file: number, size: number): number;
  crop(top: number, left: number, height: number, width: number): void;
  width(): number;
  height(): number;
  strip(): number;
  read(): number;
  end(): void;
}

/**
 * Decodes a region of a JPEG with libjpeg-turbo, to the samples of its header: gray or RGB. What libjpeg-turbo would warn of
 * is refused where it means that samples are wrong; behind the region nobody looks for it.
 *
 * @param allocate Makes the array of the samples.
 */
export async function decodeJpeg(
  bytes: Uint8Array,
  { height, width, channels }: { height: number; width: number; channels: number },
  region: ImageRegion,
  allocate: Allocate,
): Promise<Uint8Array<ArrayBuffer>> {
  program ??= compile();
  // From here on nothing waits, so that an instance decodes one image at a time.
  const module = await program;
  loaded ??= await instantiate(module);
  const { libjpeg, stack } = loaded;
  // An error before has left it where it was.
  libjpeg.__stack_pointer.value = stack;
  let isSound = false;
  try {
    const file = libjpeg.open(bytes.length);
    if (file === 0) throw new ImageProblem("there is not enough memory for it");
    new Uint8Array(libjpeg.memory.buffer).set(bytes, file);
    const stored = libjpeg.begin(file, bytes.length);
    if (libjpeg.height() !== height || libjpeg.width() !== width) {
      throw new ImageProblem("its header has one size and its data another");
    }
    if (region.height < height || region.width < width) {
      libjpeg.crop(region.top, region.left, region.height, region.width);
    }
    const data = allocate(NO_BYTES, region.height * region.width * channels);
    for (let row = 0, at = 0; row < region.height;) {
      const rows = libjpeg.read();
      const size = rows * region.width;
      const strip = new Uint8Array(libjpeg.memory.buffer, libjpeg.strip(), size * stored);
      if (stored === 4) convertCmyk(strip, data.subarray(at, at + size * channels));
      else data.set(strip, at);
      row += rows;
      at += size * channels;
    }
    libjpeg.end();
    isSound = true;
    return data;
  } catch (error) {
    isSound = error instanceof ImageProblem;
    throw error;
  } finally {
    // An instance never gives memory back.
    if (!isSound || libjpeg.memory.buffer.byteLength > KEPT_MEMORY) loaded = undefined;
  }
}

const NO_BYTES = new Uint8Array();

interface Loaded {
  readonly libjpeg: Libjpeg;
  /** Where its stack begins. */
  readonly stack: number;
}

/** Loads the program when it is first needed: it is most of the decoders' bytes. */
async function compile(): Promise<WebAssembly.Module> {
  try {
    const { LIBJPEG } = await import("./_libjpeg_bytes.ts");
    return await WebAssembly.compile(
      Uint8Array.from(atob(LIBJPEG), (character) => character.charCodeAt(0)),
    );
  } catch (error) {
    // The next image tries again: the network may be there then.
    program = undefined;
    throw error;
  }
}

let program: Promise<WebAssembly.Module> | undefined;
let loaded: Loaded | undefined;

async function instantiate(module: WebAssembly.Module): Promise<Loaded> {
  const report = (warns: number, text: number, numbers: number): void => {
    if (warns === BEFORE_SCANS) return;
    const message = formatMessage(libjpeg.memory.buffer, text, numbers);
    throw new ImageProblem(warns === 0 ? message : `its data is damaged: ${message}`);
  };
  const { exports } = await WebAssembly.instantiate(module, { env: { report } });
  const libjpeg = exports as unknown as Libjpeg;
  return { libjpeg, stack: libjpeg.__stack_pointer.value };
}

/** What is odd before the first scan, such as bytes between two markers, makes no sample wrong, and all tools decode it. */
const BEFORE_SCANS = 1;

/** Puts a message together from its text, as C's `printf` has it, and its numbers. */
function formatMessage(memory: ArrayBuffer, text: number, numbers: number): string {
  const bytes = new Uint8Array(memory);
  const values = new Int32Array(memory, numbers, 8);
  let next = 0;
  return new TextDecoder().decode(bytes.slice(text, bytes.indexOf(0, text)))
    .replace(/%(\d*)l?([dux])/g, (_, width: string, kind: string) => {
      const value = values[next++] ?? 0;
      return kind === "x" ? value.toString(16).padStart(Number(width), "0") : String(value);
    });
}

/** The most memory with which an instance is kept, as it never gives any back. */
const KEPT_MEMORY = 2 ** 26;
