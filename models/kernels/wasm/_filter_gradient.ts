import type { BoundModule } from "./_bound_module.ts";
import type { Convolution } from "./_convolution.ts";
import { multiply, PRODUCT_BYTES, type Rows } from "./_product.ts";
import { type Axis, findTapSpans } from "./_spans.ts";

/** Computes the gradient for the filter, given the addresses of the images, of the output's gradient, and of the result. */
export function convolveFilterGradient(
  module: BoundModule,
  convolution: Convolution,
  images: number,
  dy: number,
  dFilter: number,
): void {
  const { batch, rows, columns, inputChannels, outputChannels } = convolution;
  const numbers = batch * rows.output * columns.output * outputChannels;
  const hasPadding = rows.padding > 0 || columns.padding > 0;
  // Of what isn't finite padding would make NaN.
  const isCopied = inputChannels % 4 !== 0 &&
    (!hasPadding || module.functions.areFinite(dy, numbers) === 1);
  const compute = isCopied ? multiplyCopies : multiplyTaps;
  compute(module, convolution, images, dy, dFilter);
}

/**
 * Computes it of a copy of the images that has their padding: all taps are rows of one product, read where they lie, with the
 * pixels of a line one after the other. Of few channels the products of taps would be mostly empty, and packing them takes as
 * long as multiplying.
 */
function multiplyCopies(
  module: BoundModule,
  { batch, inputChannels, outputChannels, ...axes }: Convolution,
  images: number,
  dy: number,
  dFilter: number,
): void {
  const { functions } = module;
  const [rows, columns] = [pad(axes.rows), pad(axes.columns)];
  const pixelBytes = inputChannels * 4;
  const lineBytes = columns.input * pixelBytes;
  const lines = batch * rows.output;
  const outputs = lines * columns.output;
  const weights = rows.kernel * columns.kernel * inputChannels;
  const copyBytes = batch * rows.input * lineBytes;
  const copy = module.workspace(PRODUCT_BYTES + copyBytes + 4 * (2 * weights + outputs)) +
    PRODUCT_BYTES;
  functions.padImages(
    images,
    copy,
    batch,
    axes.rows.input,
    axes.columns.input * pixelBytes,
    rows.input,
    lineBytes,
    axes.rows.padding,
    axes.columns.padding * pixelBytes,
  );
  const sources = copy + copyBytes;
  const results = sources + 4 * weights;
  const gradients = results + 4 * weights;
  const tapBytes = columns.kernel * inputChannels;
  functions.tabulate(sources, copy, 1, 0, rows.kernel, lineBytes, tapBytes, 4);
  functions.tabulate(results, dFilter, 1, 0, 1, 0, weights, outputChannels * 4);
  functions.tabulate(gradients, dy, 1, 0, 1, 0, outputs, outputChannels * 4);
  multiply(module, copy - PRODUCT_BYTES, {
    depth: outputs,
    columns: outputChannels,
    rows: [{
      count: weights,
      results,
      stretches: Array.from({ length: lines }, (_, i) => ({
        start: i * columns.output,
        length: columns.output,
        offset: (Math.floor(i / rows.output) * rows.input + i % rows.output * rows.stride) *
          lineBytes,
      })),
      read: { rows: sources, step: columns.stride * pixelBytes },
    }],
    packColumns: (to, bytes, start, depth, column, columns) =>
      functions.packColumns8(to, bytes, gradients + 4 * start, depth, column * 4, columns),
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

/** Computes it by products of the taps that meet the same padding. */
function multiplyTaps(
  module: BoundModule,
  convolution: Convolution,
  x: number,
  dy: number,
  dFilter: number,
): void {
  const { rows, columns, inputChannels } = convolution;
  const weights = rows.kernel * columns.kernel * inputChannels;
  computeFilterGradientRows(module, convolution, x, dy, dFilter, [0, weights]);
}

/**
 * Computes some rows of the gradient for the filter, given the addresses of the images, of the output's gradient, and of the first of
 * these rows: each is of one tap and one input channel.
 */
export function computeFilterGradientRows(
  module: BoundModule,
  { batch, rows, columns, inputChannels, outputChannels }: Convolution,
  x: number,
  dy: number,
  result: number,
  [firstRow, endRow]: readonly [first: number, end: number],
): void {
  const { functions } = module;
  const outputs = batch * rows.output * columns.output;
  const weights = endRow - firstRow;
  const tables = module.workspace(PRODUCT_BYTES + 4 * (2 * outputs + weights)) + PRODUCT_BYTES;
  // With padding images are innermost, so that outputs whose windows lie inside make long stretches, however small the images.
  const isPadded = rows.padding > 0 || columns.padding > 0;
  const tabulate = (
    table: number,
    address: number,
    [height, width, pixelBytes]: readonly [height: number, width: number, pixelBytes: number],
    [down, across]: readonly [down: number, across: number],
  ) => {
    const image = [batch, height * width * pixelBytes] as const;
    const line = [rows.output, down * width * pixelBytes] as const;
    const pixel = [columns.output, across * pixelBytes] as const;
    if (isPadded) functions.tabulate(table, address, ...line, ...pixel, ...image);
    else functions.tabulate(table, address, ...image, ...line, ...pixel);
  };
  const pixelBytes = inputChannels * 4;
  tabulate(
    tables,
    x - (rows.padding * columns.input + columns.padding) * pixelBytes,
    [rows.input, columns.input, pixelBytes],
    [rows.stride, columns.stride],
  );
  const gradients = tables + 4 * outputs;
  tabulate(gradients, dy, [rows.output, columns.output, outputChannels * 4], [1, 1]);
  const results = gradients + 4 * outputs;
  functions.tabulate(results, result, 1, 0, 1, 0, weights, outputChannels * 4);
  const parts: Rows[] = [];
  for (const vertical of findTapSpans(rows)) {
    for (const horizontal of findTapSpans(columns)) {
      const stretches = Array.from(
        { length: horizontal.count > 0 ? vertical.count : 0 },
        (_, i) => ({
          start: ((vertical.first + i) * columns.output + horizontal.first) * batch,
          length: horizontal.count * batch,
        }),
      );
      for (let tap = vertical.tap; tap < vertical.tap + vertical.taps; tap++) {
        const weight = (tap * columns.kernel + horizontal.tap) * inputChannels;
        const first = Math.max(weight, firstRow);
        const end = Math.min(weight + horizontal.taps * inputChannels, endRow);
        if (first >= end) continue;
        const offset = (tap * columns.input + horizontal.tap) * pixelBytes + (first - weight) * 4;
        parts.push({
          count: end - first,
          results: results + (first - firstRow) * 4,
          stretches,
          read: (to, bytes, row, rows, { start }, skip, length) =>
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
  multiply(module, tables - PRODUCT_BYTES, {
    depth: outputs,
    columns: outputChannels,
    rows: parts,
    packColumns: (to, bytes, start, depth, column, columns) =>
      functions.packColumns8(to, bytes, gradients + 4 * start, depth, column * 4, columns),
  });
}
