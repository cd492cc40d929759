import { BLOCK, tabulateColumns } from "./column_blocks.ts";
import { MIX_ROWS } from "./mix_rows_bytes.ts";
import type { Taps } from "./taps.ts";

/** Memory in which an image of bytes is resampled. Its arrays are valid until the next one is prepared. */
export interface RowMixer {
  /** The array to write the image to, if its columns are to be resampled and can be here. */
  readonly image: Uint8Array<ArrayBuffer> | undefined;
  /** The array to write its rows of the new length to otherwise. */
  readonly rows: Uint8Array<ArrayBuffer>;
  /** The resampled image, after {@linkcode RowMixer.mix}. */
  readonly output: Uint8Array<ArrayBuffer>;
  /** Resamples the image. */
  mix(): void;
}

/**
 * Prepares to resample an image of bytes, its rows and where possible its columns, with the same results as `resample`
 * but 16 bytes at a time.
 *
 * @param columns How to resample the columns, if they are.
 * @param rows How to resample the rows.
 * @param rowLength The bytes in a row of the result.
 * @returns The memory to do it in; nothing where there is no WebAssembly with SIMD, or the image is very large.
 */
export function prepareRowMixer(
  columns: Taps | undefined,
  rows: Taps,
  rowLength: number,
): RowMixer | undefined {
  if (last?.columns === columns && last?.taps === rows && last.rowLength === rowLength) return last;
  const channels = columns ? rowLength / columns.outputs : 0;
  const blocks = columns && tabulateColumns(columns, channels);
  // Where rows shrink, or a sample is made of more than two, it is pixel by pixel.
  const table = blocks ??
    (columns && channels <= MOST_CHANNELS ? new Uint8Array(columns.pairs.buffer) : undefined);
  const pairs = new Uint8Array(rows.pairs.buffer);
  const imageLength = table ? rows.inputs * columns!.inputs * channels : 0;
  const tableAt = align(pairs.length);
  const imageAt = align(tableAt + (table?.length ?? 0));
  const rowsAt = align(imageAt + imageLength + BLOCK);
  // Of an odd number of rows, one after the last is read, with a weight of 0.
  const outputAt = align(rowsAt + (rows.inputs + 1) * rowLength + BLOCK);
  const outputLength = rows.outputs * rowLength;
  const size = outputAt + outputLength + BLOCK;
  if (size > MAX_SIZE) return undefined;
  module = module === undefined ? instantiate() : module;
  if (module === null) return undefined;
  const { memory, mixColumns, mixPixels, mixRows } = module;
  const missing = size - memory.buffer.byteLength;
  if (missing > 0) memory.grow(Math.ceil(missing / PAGE));
  const buffer = memory.buffer as ArrayBuffer;
  const all = new Uint8Array(buffer);
  all.set(pairs);
  if (table) all.set(table, tableAt);
  const mix = () => {
    if (columns && table) {
      const [inputLength, { outputs }] = [columns.inputs * channels, columns];
      if (blocks) mixColumns(imageAt, inputLength, rowsAt, rowLength, rows.inputs, tableAt);
      else mixPixels(imageAt, inputLength, rowsAt, outputs, rows.inputs, channels, tableAt);
    }
    mixRows(rowsAt, rowLength, outputAt, rows.outputs, 0);
  };
  last = {
    columns,
    taps: rows,
    rowLength,
    image: table && new Uint8Array(buffer, imageAt, imageLength),
    rows: new Uint8Array(buffer, rowsAt, rows.inputs * rowLength),
    output: new Uint8Array(buffer, outputAt, outputLength),
    mix,
  };
  return last;
}

/** The mixer that was prepared last, as most images are like the one before. */
let last: RowMixer & { columns: Taps | undefined; taps: Taps; rowLength: number } | undefined;

const PAGE = 2 ** 16;

/** The most channels of which a pixel is mixed at once. */
const MOST_CHANNELS = 4;

/** The most memory to take, in bytes, as WebAssembly never gives it back. */
const MAX_SIZE = 2 ** 25;

const align = (address: number): number => Math.ceil(address / BLOCK) * BLOCK;

interface Module {
  readonly memory: WebAssembly.Memory;
  mixRows(input: number, rowLength: number, output: number, outputs: number, taps: number): void;
  mixColumns(
    input: number,
    inputLength: number,
    output: number,
    rowLength: number,
    rows: number,
    table: number,
  ): void;
  mixPixels(
    input: number,
    inputLength: number,
    output: number,
    outputs: number,
    rows: number,
    channels: number,
    taps: number,
  ): void;
}

let module: Module | null | undefined;

function instantiate(): Module | null {
  try {
    const bytes = Uint8Array.from(atob(MIX_ROWS), (character) => character.charCodeAt(0));
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes));
    return exports as unknown as Module;
  } catch {
    return null; // An engine without SIMD, or a page whose policy forbids WebAssembly.
  }
}
