import type { BoundModule } from "./_bound_module.ts";
import { multiply, type Product, PRODUCT_BYTES, type Rows } from "./_product.ts";
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
  { batch, inputChannels, outputChannels, ...axes }: Convolution,
  images: number,
  dy: number,
  dFilter: number,
): void {
  const { functions } = module;
  const outputs = batch * axes.rows.output * axes.columns.output;
  const hasPadding = axes.rows.padding > 0 || axes.columns.padding > 0;
  // A copy of the images with their padding: the taps of a kernel's row are then rows of one product, where they would be
  // products of their own for each padding that they meet. Of few channels these would be mostly empty, and packing them as
  // long as multiplying. Of what isn't finite padding would make NaN.
  const isCopied = inputChannels % 4 !== 0 &&
    (!hasPadding || functions.areFinite(dy, outputs * outputChannels) === 1);
  const [rows, columns] = isCopied
    ? [pad(axes.rows), pad(axes.columns)]
    : [axes.rows, axes.columns];
  const pixelBytes = inputChannels * 4;
  const copyBytes = isCopied ? batch * rows.input * columns.input * pixelBytes : 0;
  const weights = rows.kernel * columns.kernel * inputChannels;
  const copy = module.workspace(PRODUCT_BYTES + copyBytes + 4 * (2 * outputs + weights)) +
    PRODUCT_BYTES;
  const tables = copy + copyBytes;
  if (isCopied) {
    functions.padImages(
      images,
      copy,
      batch,
      axes.rows.input,
      axes.columns.input * pixelBytes,
      rows.input,
      columns.input * pixelBytes,
      axes.rows.padding,
      axes.columns.padding * pixelBytes,
    );
  }
  const x = isCopied ? copy : images;
  // With padding images are innermost, so that outputs whose windows lie inside make long stretches, however small the images.
  const isPadded = hasPadding && !isCopied;
  const tabulate = (
    table: number,
    address: number,
    { height, width, channels }: Images,
    [down, across]: Place,
  ) => {
    const image = [batch, height * width * channels * 4] as const;
    const line = [rows.output, down * width * channels * 4] as const;
    const pixel = [columns.output, across * channels * 4] as const;
    if (isPadded) functions.tabulate(table, address, ...line, ...pixel, ...image);
    else functions.tabulate(table, address, ...image, ...line, ...pixel);
  };
  tabulate(
    tables,
    x - (rows.padding * columns.input + columns.padding) * inputChannels * 4,
    { address: x, height: rows.input, width: columns.input, channels: inputChannels },
    [rows.stride, columns.stride],
  );
  tabulate(
    tables + 4 * outputs,
    dy,
    { address: dy, height: rows.output, width: columns.output, channels: outputChannels },
    [1, 1],
  );
  const results = tables + 8 * outputs;
  const lines = module.words(results, weights);
  for (let i = 0; i < weights; i++) lines[i] = dFilter + i * outputChannels * 4;
  const parts: Rows[] = [];
  for (const vertical of findTapSpans(rows)) {
    for (const horizontal of findTapSpans(columns)) {
      const stretches = Array.from({ length: vertical.count }, (_, i) => ({
        start: ((vertical.first + i) * columns.output + horizontal.first) * batch,
        length: horizontal.count * batch,
        offset: ((vertical.first + i) * columns.output + horizontal.first) * batch * 4,
      }));
      for (let tap = vertical.tap; tap < vertical.tap + vertical.taps; tap++) {
        const weight = (tap * columns.kernel + horizontal.tap) * inputChannels;
        const offset = (tap * columns.input + horizontal.tap) * inputChannels * 4;
        parts.push({
          count: horizontal.taps * inputChannels,
          results: results + weight * 4,
          stretches: horizontal.count > 0 ? stretches : [],
          read: isCopied
            ? { columns: tables, first: offset }
            : (to, bytes, row, rows, { start }, skip, length) =>
              functions.packColumns8(
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
  multiply(module, copy - PRODUCT_BYTES, {
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

/** Gives an axis along which the image has its padding, as far as windows reach. */
const pad = ({ kernel, output, stride }: Axis): Axis => ({
  input: (output - 1) * stride + kernel,
  kernel,
  output,
  stride,
  padding: 0,
});

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
