import * as tf from "@tensorflow/tfjs-core";
import { computeConvolutionInfo, type ConvolutionAttrs } from "../definitions/_convolution_info.ts";
import { FILTER_GRADIENT_ROWS, MULTIPLY_COLUMNS } from "../definitions/_kernel_names.ts";
import { computeProductShape } from "../definitions/_product_shape.ts";
import type { BoundModule } from "./_bound_module.ts";
import { accelerate, areFloats, makeOutput } from "./_accelerate.ts";
import { type Convolution, convolve, convolveInputGradient } from "./_convolution.ts";
import { computeFilterGradientRows, convolveFilterGradient } from "./_filter_gradient.ts";
import { convolveByLines, convolveByLinesFilterGradient, isForLines } from "./_lines.ts";
import { multiplyMatrices } from "./_matmul.ts";
import type { Tile } from "./_tile_functions.ts";
import { convolveTilesFilterGradient } from "./_tile_gradient.ts";
import { type ConvolveTiles, convolveTiles, convolveTilesInputGradient } from "./_tiles.ts";
import { chooseTiles } from "./_winograd.ts";

/** Registers matrix products and convolutions, and the gradients of convolutions; these by tiles where that is faster, or `direct`. */
export function registerProducts(direct?: boolean): void {
  const choose: typeof chooseTiles = (...layer) => direct ? undefined : chooseTiles(...layer);
  accelerate("BatchMatMul", (module, { inputs: { a, b }, attrs, backend }) => {
    const shape = areFloats(a, b) ? computeProductShape(a.shape, b.shape, attrs) : undefined;
    if (!shape) return undefined;
    const { rows, inner, columns, batch, leftBatch, rightBatch } = shape;
    return makeOutput(backend, shape.result, (result) => {
      for (let i = 0; i < batch; i++) {
        multiplyMatrices(
          module,
          { address: module.address(a) + i * leftBatch * 4, transposed: attrs.transposeA },
          { address: module.address(b) + i * rightBatch * 4, transposed: attrs.transposeB },
          result + i * rows * columns * 4,
          [rows, inner, columns],
        );
      }
    });
  });

  accelerate(MULTIPLY_COLUMNS, (module, { inputs: { x, weight }, attrs, backend }) => {
    if (!areFloats(x, weight)) return undefined;
    const { start, end } = attrs;
    const [rows, depth] = x.shape as [number, number];
    return makeOutput(backend, [rows, end - start], (y) => {
      const a = { address: module.address(x), transposed: false };
      const address = module.address(weight) + start * 4;
      const b = { address, transposed: false, width: weight.shape[1]! };
      multiplyMatrices(module, a, b, y, [rows, depth, end - start]);
    });
  });

  accelerate("Conv2D", (module, { inputs: { x, filter }, attrs, backend }) => {
    const found = describeConvolution(x.shape, filter.shape, attrs);
    if (!found || !areFloats(x, filter) || found.outputShape.includes(0)) return undefined;
    return makeOutput(backend, found.outputShape, (y) => {
      const places = [module.address(x), module.address(filter), y] as const;
      if (isForLines(found.convolution) && isFinite(module, filter)) {
        return convolveByLines(module, found.convolution, ...places);
      }
      convolveImages(module, found.convolution, places, {
        tile: choose(found.convolution, "output"),
        computes: [convolveTiles, convolve],
        numbers: countNumbers(found.convolution),
      });
    });
  });

  accelerate("Conv2DBackpropInput", (module, { inputs: { dy, filter }, attrs, backend }) => {
    const { inputShape } = attrs;
    const found = describeConvolution(inputShape, filter.shape, attrs);
    if (!found || !areFloats(dy, filter)) return undefined;
    return makeOutput(backend, inputShape, (dx) => {
      const { input, output } = countNumbers(found.convolution);
      const places = [module.address(dy), module.address(filter), dx] as const;
      convolveImages(module, found.convolution, places, {
        tile: choose(found.convolution, "input"),
        computes: [convolveTilesInputGradient, convolveInputGradient],
        numbers: { input: output, output: input },
      });
    });
  });

  accelerate("Conv2DBackpropFilter", (module, { inputs: { x, dy }, attrs, backend }) => {
    const { filterShape } = attrs;
    const found = describeConvolution(x.shape, filterShape, attrs);
    if (!found || !areFloats(x, dy)) return undefined;
    return makeOutput(backend, filterShape, (dFilter) => {
      const tile = choose(found.convolution, "filter");
      const places = [module.address(x), module.address(dy), dFilter] as const;
      if (isForLines(found.convolution) && isFinite(module, dy)) {
        convolveByLinesFilterGradient(module, found.convolution, ...places);
      } else if (tile && isFinite(module, x) && isFinite(module, dy)) {
        convolveTilesFilterGradient(module, tile, found.convolution, ...places);
      } else convolveFilterGradient(module, found.convolution, ...places);
    });
  });

  // By no tiles, which have sums for all taps at once.
  accelerate(FILTER_GRADIENT_ROWS, (module, { inputs: { x, dy }, attrs, backend }) => {
    const { filterShape, start, end } = attrs;
    const found = describeConvolution(x.shape, filterShape, attrs);
    if (!found || !areFloats(x, dy)) return undefined;
    return makeOutput(backend, [end - start, filterShape[3]], (rows) => {
      const places = [module.address(x), module.address(dy), rows] as const;
      computeFilterGradientRows(module, found.convolution, ...places, [start, end]);
    });
  });
}

/** Tells whether all numbers of a tensor are finite. */
const isFinite = (module: BoundModule, x: tf.TensorInfo): boolean =>
  areFinite(module, module.address(x), tf.util.sizeFromShape(x.shape));

const areFinite = ({ functions }: BoundModule, address: number, count: number): boolean =>
  functions.areFinite(address, count) === 1;

/** Counts the numbers of an image and of what is made of it. */
function countNumbers(
  { rows, columns, inputChannels, outputChannels }: Convolution,
): { readonly input: number; readonly output: number } {
  return {
    input: rows.input * columns.input * inputChannels,
    output: rows.output * columns.output * outputChannels,
  };
}

type Compute = (
  module: BoundModule,
  convolution: Convolution,
  images: number,
  filter: number,
  results: number,
) => void;

/**
 * Convolves images in one of two ways: by tiles where these are for it, and each image's numbers are finite, as what isn't would
 * spread to all outputs of a tile. An image's results don't depend on the others.
 */
function convolveImages(
  module: BoundModule,
  convolution: Convolution,
  [images, filter, results]: readonly [images: number, filter: number, results: number],
  { tile, computes: [computeTiles, byWindows], numbers: { input, output } }: {
    readonly tile: Tile | undefined;
    readonly computes: readonly [byTiles: ConvolveTiles, byWindows: Compute];
    /** The numbers of an image and of its results. */
    readonly numbers: { readonly input: number; readonly output: number };
  },
): void {
  const { batch, rows, columns, inputChannels, outputChannels } = convolution;
  const weights = rows.kernel * columns.kernel * inputChannels * outputChannels;
  if (!tile || !areFinite(module, filter, weights)) {
    byWindows(module, convolution, images, filter, results);
    return;
  }
  const byTiles: Compute = (module, ...rest) => computeTiles(module, tile, ...rest);
  if (areFinite(module, images, batch * input)) {
    byTiles(module, convolution, images, filter, results);
    return;
  }
  for (let i = 0; i < batch; i++) {
    const image = images + i * input * 4;
    const compute = areFinite(module, image, input) ? byTiles : byWindows;
    compute(module, { ...convolution, batch: 1 }, image, filter, results + i * output * 4);
  }
}

/** Describes a convolution, unless it is of a kind that is left to tfjs. */
function describeConvolution(
  inputShape: readonly number[],
  filterShape: readonly number[],
  attrs: ConvolutionAttrs,
): { readonly convolution: Convolution; readonly outputShape: readonly number[] } | undefined {
  const info = computeConvolutionInfo(inputShape, filterShape, attrs);
  if (!info) return undefined;
  return {
    convolution: {
      batch: info.batchSize,
      inputChannels: info.inChannels,
      outputChannels: info.outChannels,
      rows: {
        input: info.inHeight,
        kernel: info.filterHeight,
        output: info.outHeight,
        stride: info.strideHeight,
        padding: info.padInfo.top,
      },
      columns: {
        input: info.inWidth,
        kernel: info.filterWidth,
        output: info.outWidth,
        stride: info.strideWidth,
        padding: info.padInfo.left,
      },
    },
    outputShape: info.outShape,
  };
}
