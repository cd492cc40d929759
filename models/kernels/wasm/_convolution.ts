import type { BoundModule } from "./_bound_module.ts";
import { multiply, type Product, PRODUCT_BYTES, type Rows } from "./_product.ts";
import {
  type Axis,
  findInputSpans,
  findOutputSpans,
  orderGradientTaps,
  type Span,
} from "./_spans.ts";

/** A convolution of NHWC images with an HWIO filter. */
export interface Convolution {
  readonly batch: number;
  readonly rows: Axis;
  readonly columns: Axis;
  readonly inputChannels: number;
  readonly outputChannels: number;
}

/** Computes the output, given the addresses of images, filter and output. */
export function convolve(
  module: BoundModule,
  convolution: Convolution,
  x: number,
  filter: number,
  y: number,
): void {
  const { batch, rows, columns, inputChannels, outputChannels } = convolution;
  const depth = rows.kernel * columns.kernel * inputChannels;
  const outputs = batch * rows.output * columns.output;
  const { functions } = module;
  const tables = module.workspace(PRODUCT_BYTES + 4 * (depth + 2 * outputs)) + PRODUCT_BYTES;
  const lines = module.words(tables, depth);
  for (let i = 0; i < depth; i++) lines[i] = filter + i * outputChannels * 4;
  multiply(module, tables - PRODUCT_BYTES, {
    depth,
    columns: outputChannels,
    rows: tabulateWindows(module, tables + 4 * depth, {
      batch,
      spans: [findOutputSpans(rows), findOutputSpans(columns)],
      kernelColumns: columns.kernel,
      source: {
        address: x,
        height: rows.input,
        width: columns.input,
        channels: inputChannels,
      },
      result: {
        address: y,
        height: rows.output,
        width: columns.output,
        channels: outputChannels,
      },
    }),
    packColumns: (to, bytes, start, depth, column, columns) =>
      functions.packColumns8(to, bytes, tables + start * 4, depth, column * 4, columns),
  });
}

/** Computes the gradient for the images, given the addresses of the output's, of the filter, and of the result. */
export function convolveInputGradient(
  module: BoundModule,
  convolution: Convolution,
  dy: number,
  filter: number,
  dx: number,
): void {
  const { batch, rows, columns, inputChannels, outputChannels } = convolution;
  const { functions } = module;
  const taps = rows.kernel * columns.kernel;
  const pixels = batch * rows.input * columns.input;
  const tables = module.workspace(PRODUCT_BYTES + 4 * (taps * inputChannels + 2 * pixels)) +
    PRODUCT_BYTES;
  const lines = module.words(tables, taps * inputChannels);
  let line = 0;
  for (const tapRow of orderGradientTaps(rows)) {
    for (const tapColumn of orderGradientTaps(columns)) {
      const tap = tapRow * columns.kernel + tapColumn;
      for (let channel = 0; channel < inputChannels; channel++) {
        lines[line++] = filter + (tap * inputChannels + channel) * outputChannels * 4;
      }
    }
  }
  multiply(module, tables - PRODUCT_BYTES, {
    depth: taps * outputChannels,
    columns: inputChannels,
    rows: tabulateWindows(module, tables + 4 * taps * inputChannels, {
      batch,
      spans: [findInputSpans(rows), findInputSpans(columns)],
      kernelColumns: columns.kernel,
      source: {
        address: dy,
        height: rows.output,
        width: columns.output,
        channels: outputChannels,
      },
      result: {
        address: dx,
        height: rows.input,
        width: columns.input,
        channels: inputChannels,
      },
    }),
    packColumns(to, bytes, start, depth, column, columns) {
      const end = start + depth;
      for (let tap = Math.floor(start / outputChannels); tap * outputChannels < end; tap++) {
        const from = Math.max(start, tap * outputChannels);
        const length = Math.min(end, (tap + 1) * outputChannels) - from;
        functions.packRows8(
          to + (from - start) * 32,
          bytes,
          tables + (tap * inputChannels + column) * 4,
          columns,
          (from - tap * outputChannels) * 4,
          length,
        );
      }
    },
  });
}

/** A place in an image, or the way from one to the next. */
type Place = readonly [down: number, across: number];

/** Images in the heap. */
interface Images {
  readonly address: number;
  readonly height: number;
  readonly width: number;
  readonly channels: number;
}

/**
 * Gives a result's pixels as rows of a product, by the taps that they use, and writes the tables of their addresses at
 * `table`.
 */
function tabulateWindows(
  { functions }: BoundModule,
  table: number,
  { batch, spans: [vertical, horizontal], kernelColumns, source, result }: {
    readonly batch: number;
    readonly spans: readonly [readonly Span[], readonly Span[]];
    readonly kernelColumns: number;
    readonly source: Images;
    readonly result: Images;
  },
): Product["rows"] {
  const parts: Rows[] = [];
  for (const v of vertical) {
    for (const h of horizontal) {
      const count = batch * v.count * h.count;
      const sources = table;
      const results = sources + 4 * count;
      table = results + 4 * count;
      const tabulate = (
        to: number,
        images: Images,
        [row, column]: Place,
        [down, across]: Place,
      ) => {
        const pixel = images.channels * 4;
        const line = images.width * pixel;
        functions.tabulate(
          to,
          images.address + row * line + column * pixel,
          batch,
          images.height * line,
          v.count,
          down * line,
          h.count,
          across * pixel,
        );
      };
      tabulate(sources, source, [v.source, h.source], [v.sourceStep, h.sourceStep]);
      tabulate(results, result, [v.first, h.first], [v.step, h.step]);
      parts.push({
        count,
        results,
        // Along a row of the kernel taps, like the pixels that they read, are neighbours.
        stretches: Array.from({ length: h.taps > 0 ? v.taps : 0 }, (_, i) => ({
          start: ((v.tap + i) * kernelColumns + h.tap) * source.channels,
          length: h.taps * source.channels,
          offset: i * source.width * source.channels * 4,
        })),
        read: { rows: sources },
      });
    }
  }
  return parts;
}
