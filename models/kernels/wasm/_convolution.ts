import type { BoundModule } from "./_bound_module.ts";
import { multiply, type Product, PRODUCT_BYTES, type Rows, type Stretch } from "./_product.ts";
import {
  type Axis,
  findInputSpans,
  findOutputSpans,
  findTapSpans,
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

/** A stretch whose numbers begin so many bytes after the address of a row. */
interface RowStretch extends Stretch {
  readonly offset: number;
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

/** Computes the gradient for the filter, given the addresses of the images, of the output's gradient, and of the result. */
export function convolveFilterGradient(
  module: BoundModule,
  convolution: Convolution,
  x: number,
  dy: number,
  dFilter: number,
): void {
  const { batch, rows, columns, inputChannels, outputChannels } = convolution;
  const { functions } = module;
  const outputs = batch * rows.output * columns.output;
  const weights = rows.kernel * columns.kernel * inputChannels;
  const tables = module.workspace(PRODUCT_BYTES + 4 * (2 * outputs + weights)) + PRODUCT_BYTES;
  const inputs = module.words(tables, outputs);
  const gradients = module.words(tables + 4 * outputs, outputs);
  // Images are innermost, so that the outputs whose windows lie inside make long stretches, however small the images.
  let at = 0;
  for (let row = 0; row < rows.output; row++) {
    for (let column = 0; column < columns.output; column++) {
      const top = row * rows.stride - rows.padding;
      const left = column * columns.stride - columns.padding;
      for (let image = 0; image < batch; image++, at++) {
        inputs[at] = x +
          ((image * rows.input + top) * columns.input + left) * inputChannels * 4;
        gradients[at] = dy +
          ((image * rows.output + row) * columns.output + column) * outputChannels * 4;
      }
    }
  }
  const results = tables + 8 * outputs;
  const lines = module.words(results, weights);
  for (let i = 0; i < weights; i++) lines[i] = dFilter + i * outputChannels * 4;
  const parts: Rows[] = [];
  for (const vertical of findTapSpans(rows)) {
    for (const horizontal of findTapSpans(columns)) {
      const stretches = Array.from({ length: vertical.count }, (_, i) => ({
        start: ((vertical.first + i) * columns.output + horizontal.first) * batch,
        length: horizontal.count * batch,
      }));
      for (let tap = vertical.tap; tap < vertical.tap + vertical.taps; tap++) {
        const weight = (tap * columns.kernel + horizontal.tap) * inputChannels;
        const offset = (tap * columns.input + horizontal.tap) * inputChannels * 4;
        parts.push({
          count: horizontal.taps * inputChannels,
          results: results + weight * 4,
          stretches: horizontal.count > 0 ? stretches : [],
          pack: (to, bytes, row, rows, { start }, skip, length) =>
            functions.packColumns4(
              to,
              bytes,
              tables + (start + skip) * 4,
              length,
              offset + row * 4,
              rows,
            ),
        });
      }
    }
  }
  multiply(module, tables - PRODUCT_BYTES, {
    depth: outputs,
    columns: outputChannels,
    rows: parts,
    packColumns: (to, bytes, start, depth, column, columns) =>
      functions.packColumns8(
        to,
        bytes,
        tables + 4 * (outputs + start),
        depth,
        column * 4,
        columns,
      ),
  });
}

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
  { functions, words }: BoundModule,
  table: number,
  { batch, spans: [vertical, horizontal], kernelColumns, source, result }: {
    readonly batch: number;
    readonly spans: readonly [readonly Span[], readonly Span[]];
    readonly kernelColumns: number;
    readonly source: Images;
    readonly result: Images;
  },
): Product<RowStretch>["rows"] {
  const parts: Rows<RowStretch>[] = [];
  for (const v of vertical) {
    for (const h of horizontal) {
      const count = batch * v.count * h.count;
      const sources = table;
      const results = sources + 4 * count;
      table = results + 4 * count;
      const from = words(sources, count);
      const to = words(results, count);
      let at = 0;
      for (let image = 0; image < batch; image++) {
        for (let i = 0; i < v.count; i++) {
          const sourceRow = image * source.height + v.source + i * v.sourceStep;
          const resultRow = image * result.height + v.first + i * v.step;
          for (let j = 0; j < h.count; j++, at++) {
            const sourcePixel = sourceRow * source.width + h.source + j * h.sourceStep;
            const resultPixel = resultRow * result.width + h.first + j * h.step;
            from[at] = source.address + sourcePixel * source.channels * 4;
            to[at] = result.address + resultPixel * result.channels * 4;
          }
        }
      }
      parts.push({
        count,
        results,
        // Along a row of the kernel taps, like the pixels that they read, are neighbours.
        stretches: Array.from({ length: h.taps > 0 ? v.taps : 0 }, (_, i) => ({
          start: ((v.tap + i) * kernelColumns + h.tap) * source.channels,
          length: h.taps * source.channels,
          offset: i * source.width * source.channels * 4,
        })),
        pack: (to, bytes, row, rows, { offset }, skip, length) =>
          functions.packRows4(to, bytes, sources + row * 4, rows, offset + skip * 4, length),
      });
    }
  }
  return parts;
}
