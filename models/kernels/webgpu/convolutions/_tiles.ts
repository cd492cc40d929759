// Convolutions by tiles of 4 × 4 results: `_tile_code.ts` has the programs that take images and filters to the points of tiles, and
// back; between them is a product of matrices for each point. A 3 × 3 filter takes 36 multiplications for a tile and a pair of
// channels where its windows take 144, a 5 × 5 filter 64 where they take 400.
import type * as tf from "@tensorflow/tfjs-core";
import { countWhole } from "../../definitions/_whole_batch.ts";
import { dispatch, makeOutput, spreadGroups } from "../device/_dispatch.ts";
import { type GpuBackend, isMixed } from "../device/_gpu_backend.ts";
import { makeScratch } from "../device/_scratch.ts";
import { type Epilogue, getEpilogueKind, listEpilogueArguments } from "../gemm/_epilogue.ts";
import { matmul } from "../gemm/_matmul.ts";
import { getTuning } from "../gemm/_tuning.ts";
import { sumInto } from "../sums/_channel_sums.ts";
import type { Convolution } from "./_shape.ts";
import {
  getFilterGradientProgram,
  getFilterProgram,
  getImageProgram,
  getResultProgram,
} from "./_tile_code.ts";
import { countPoints, type TileSize } from "./_tile_matrices.ts";

/** The side of a tile. */
const OUTPUT = 4;

/** The bytes of what is known of tiles at a time: of more, some images are computed after the others. */
const MOST_BYTES = 64 * 2 ** 20;

/** The turns that a program's loops may take where it computes anew what isn't finite: lavapipe ends them after 65,535. */
const MOST_TURNS = 60_000;

/** What moving a number to the points or back costs, in multiplications. */
const MOVE = 50;

/** How much less a convolution has to cost by tiles. */
const GAIN = 1.25;

/** Tells whether a convolution, and its gradients, are computed by tiles: by the number of the whole batch's images. */
export function isForTiles(backend: GpuBackend, shape: Convolution): boolean {
  const { tiles: allowed = false } = getTuning(backend);
  const { channels, filters, kernel, strides, padding, output } = shape;
  const [filter] = kernel;
  if (!allowed || isMixed(backend)) return false;
  if (kernel[1] !== filter || (filter !== 3 && filter !== 5)) return false;
  if (strides.some((stride) => stride !== 1)) return false;
  if (padding.some((pad) => pad >= filter)) return false;
  const size = { output: OUTPUT, filter };
  if (
    OUTPUT * filter ** 2 * (Math.max(channels, filters) + 1) > MOST_TURNS ||
    countImages(backend, shape, size) === 0
  ) return false;
  const batch = countWhole(shape.batch);
  const tiles = batch * countTiles(output[0]) * countTiles(output[1]);
  const pairs = channels * filters;
  const windows = batch * output[0] * output[1] * filter ** 2 * pairs;
  const products = countPoints(size) ** 2 *
    (tiles * pairs + MOVE * (tiles * (channels + filters) + pairs));
  return windows > GAIN * products;
}

/** Convolves images, with zeros beyond their edges. */
export function convolveTiles(
  backend: GpuBackend,
  x: tf.TensorInfo,
  filter: tf.TensorInfo,
  shape: Convolution,
  epilogue?: Epilogue,
): tf.TensorInfo {
  const { input, output, channels, filters, padding } = shape;
  return multiplyTiles(backend, x, filter, shape, epilogue, {
    source: input,
    target: output,
    inner: channels,
    columns: filters,
    padding,
    isTurned: false,
  });
}

/** Computes the gradient for the input: a convolution of the output's with the filter turned around. */
export function computeInputGradientByTiles(
  backend: GpuBackend,
  dy: tf.TensorInfo,
  filter: tf.TensorInfo,
  shape: Convolution,
  epilogue?: Epilogue,
): tf.TensorInfo {
  const { input, output, channels, filters, kernel, padding } = shape;
  return multiplyTiles(backend, dy, filter, shape, epilogue, {
    source: output,
    target: input,
    inner: filters,
    columns: channels,
    padding: [kernel[0] - 1 - padding[0], kernel[1] - 1 - padding[1]],
    isTurned: true,
  });
}

/** Computes the gradient for the filter: at each point, a sum over all tiles. */
export function computeFilterGradientByTiles(
  backend: GpuBackend,
  x: tf.TensorInfo,
  dy: tf.TensorInfo,
  shape: Convolution,
  epilogue?: Epilogue,
): tf.TensorInfo {
  const { batch, input, output, kernel, channels, filters, padding } = shape;
  const size = { output: OUTPUT, filter: kernel[0] };
  const result = makeOutput(backend, [...kernel, channels, filters]);
  const scale = epilogue && "scale" in epilogue ? epilogue.scale : 1;
  const tiles = [countTiles(output[0]), countTiles(output[1])] as const;
  const most = countImages(backend, shape, size);
  for (let image = 0; image < batch; image += most) {
    const images = Math.min(most, batch - image);
    const part = { image, images, tiles };
    const left = transformImages(backend, x, "input", size, part, input, channels, padding);
    const right = transformImages(backend, dy, "gradient", size, part, output, filters, [0, 0]);
    const products = multiplyPoints(backend, left, right);
    const pixels = output[0] * output[1];
    dispatch(
      backend,
      getFilterGradientProgram(size, image > 0),
      [result, products, x, dy],
      [
        channels * filters,
        ...input,
        channels,
        ...padding,
        filters,
        ...output,
        image * pixels,
        (image + images) * pixels,
        { float: scale },
      ],
      spreadGroups(backend, Math.ceil(channels * filters / 64)),
    );
    for (const { dataId } of [left, right, products]) backend.disposeData(dataId);
  }
  if (epilogue?.kind === "ones") {
    const rows = batch * output[0] * output[1];
    sumInto(backend, dy, epilogue.sums, { batch: 1, rows, columns: filters }, epilogue.scale);
  }
  return result;
}

/** Images that are computed at a time, from `image` on, and the tiles of each. */
interface Part {
  readonly image: number;
  readonly images: number;
  readonly tiles: readonly [down: number, across: number];
}

/** Convolves images with a filter, or with one that is turned around, with inputs and outputs exchanged. */
function multiplyTiles(
  backend: GpuBackend,
  x: tf.TensorInfo,
  filter: tf.TensorInfo,
  shape: Convolution,
  epilogue: Epilogue | undefined,
  { source, target, inner, columns, padding, isTurned }: {
    readonly source: readonly [height: number, width: number];
    readonly target: readonly [height: number, width: number];
    readonly inner: number;
    readonly columns: number;
    readonly padding: readonly [top: number, left: number];
    readonly isTurned: boolean;
  },
): tf.TensorInfo {
  const { batch } = shape;
  const size = { output: OUTPUT, filter: shape.kernel[0] };
  const points = countPoints(size) ** 2;
  const result = makeOutput(backend, [batch, ...target, columns]);
  const weights = makeScratch(backend, "filters", [points, inner, columns]);
  const threads = inner * columns;
  dispatch(
    backend,
    getFilterProgram(size, isTurned),
    [weights, filter],
    [threads, inner, columns],
    spreadGroups(backend, Math.ceil(threads / 64)),
  );
  const { tensors, settings, stepSettings } = listEpilogueArguments(epilogue);
  const tiles = [countTiles(target[0]), countTiles(target[1])] as const;
  const most = countImages(backend, shape, size);
  for (let image = 0; image < batch; image += most) {
    const part = { image, images: Math.min(most, batch - image), tiles };
    const each = tiles[0] * tiles[1];
    const count = part.images * each;
    const rows = Math.ceil(count / 4) * 4;
    const left = transformImages(backend, x, "input", size, part, source, inner, padding, rows);
    const products = multiplyPoints(backend, left, weights);
    dispatch(
      backend,
      getResultProgram(size, isTurned, getEpilogueKind(epilogue)),
      [result, products, x, filter, ...tensors],
      [
        count * columns,
        image * each,
        ...tiles,
        ...source,
        inner,
        ...padding,
        rows * columns,
        columns,
        ...target,
        ...settings,
      ],
      spreadGroups(backend, Math.ceil(count * columns / 64)),
      stepSettings,
    );
    for (const { dataId } of [left, products]) backend.disposeData(dataId);
  }
  backend.disposeData(weights.dataId);
  return result;
}

/** Takes images, or the gradients of results, to the points of their tiles. */
function transformImages(
  backend: GpuBackend,
  x: tf.TensorInfo,
  of: "input" | "gradient",
  size: TileSize,
  { image, images, tiles }: Part,
  [height, width]: readonly [height: number, width: number],
  channels: number,
  padding: readonly [top: number, left: number],
  /** The length of a row of tiles, where these are to lie in rows, one for each channel. */
  row?: number,
): tf.TensorInfo {
  const each = tiles[0] * tiles[1];
  const count = images * each;
  const points = countPoints(size) ** 2;
  const shape = row === undefined ? [points, count, channels] : [points, channels, row];
  const result = makeScratch(backend, of, shape);
  const pointStep = shape[1]! * shape[2]!;
  const threads = count * channels;
  dispatch(
    backend,
    getImageProgram(size, of),
    [result, x],
    [
      threads,
      image * each,
      ...tiles,
      height,
      width,
      channels,
      ...padding,
      pointStep,
      ...row === undefined ? [channels, 1] : [1, row],
    ],
    spreadGroups(backend, Math.ceil(threads / 64)),
  );
  return result;
}

/** Multiplies matrices, one for each point, of which the left ones lie turned over. */
function multiplyPoints(
  backend: GpuBackend,
  left: tf.TensorInfo,
  right: tf.TensorInfo,
): tf.TensorInfo {
  return matmul(
    backend,
    left,
    right,
    true,
    false,
    undefined,
    (backend, shape) => makeScratch(backend, "products", shape),
  )!;
}

/** Counts the images that are computed at a time, none where one takes too much. */
function countImages(
  backend: GpuBackend,
  { batch, output, input, channels, filters, kernel }: Convolution,
  size: TileSize,
): number {
  const { maxStorageBufferBindingSize, maxBufferSize } = backend.device.limits;
  const points = countPoints(size) ** 2;
  const limit = Math.min(maxStorageBufferBindingSize, maxBufferSize);
  if (4 * points * channels * filters > limit) return 0;
  const most = Math.min(limit, MOST_BYTES);
  const tiles = Math.max(
    countTiles(output[0]) * countTiles(output[1]),
    countTiles(input[0]) * countTiles(input[1]),
  );
  const byBytes = Math.floor(most / (4 * points * tiles * Math.max(channels, filters)));
  const byTurns = Math.floor(MOST_TURNS / (kernel[0] * output[0] * output[1]));
  return Math.min(batch, byBytes, byTurns);
}

const countTiles = (length: number): number => Math.ceil(length / OUTPUT);
