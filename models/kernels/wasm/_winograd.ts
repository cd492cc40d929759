// Which convolutions go by tiles, and by which: what rounds otherwise is chosen by the layer and the whole batch's size, so that a
// result's bits don't depend on how many threads there are.
import { countWhole } from "../definitions/_whole_batch.ts";
import type { Convolution } from "./_convolution.ts";
import type { Axis } from "./_spans.ts";
import type { Tile } from "./_tile_functions.ts";
import { countTiles, TILES } from "./_tiles.ts";

/** What is computed: the output, or the gradient of the input or of the filter. */
export type Direction = "output" | "input" | "filter";

// The fewest and most channels: those of few are bound by the transforms, and a panel of many would leave the L1 cache.
const LEAST_CHANNELS = 16;
const MOST_CHANNELS = 512;

// The rule, its second version, is what `tests/models/kernels/measure_tiles.ts` measured: transforming a filter, or its gradient,
// takes as long as the products of ten tiles, whatever their kind. Two threads each transform all of a filter, while the gradient is
// computed block by block of the batch. A tile's own transforms add a fifth to its products.
const FILTER_TILES = 20;
const GRADIENT_TILES = 12;
const GAIN = 1.2;

/**
 * Chooses the tiles by which a convolution, or one of its gradients, is computed faster, if it is: by the number of the whole
 * batch's images, as results may differ in the last bits.
 */
export function chooseTiles(
  { batch, rows, columns, inputChannels, outputChannels }: Convolution,
  direction: Direction,
): Tile | undefined {
  const fits = (channels: number) =>
    channels % 8 === 0 && channels >= LEAST_CHANNELS && channels <= MOST_CHANNELS;
  if (!fits(inputChannels) || !fits(outputChannels)) return undefined;
  const images = countWhole(batch);
  const others = direction === "filter" ? GRADIENT_TILES : FILTER_TILES;
  let best: Tile | undefined;
  let least = images * countTaps(rows) * countTaps(columns) / GAIN;
  for (const tile of TILES) {
    const [output, filter] = tile;
    const isFor = [rows, columns].every(({ kernel, stride, padding }) =>
      kernel === filter && stride === 1 && padding < kernel
    );
    const count = countTiles(tile, rows.output) * countTiles(tile, columns.output);
    const cost = (output + filter - 1) ** 2 * (images * count + others);
    if (isFor && cost <= least) [best, least] = [tile, cost];
  }
  return best;
}

/** Counts the taps that fall on the image, over all windows along an axis. */
function countTaps({ input, kernel, output, padding }: Axis): number {
  let taps = 0;
  for (let i = 0; i < output; i++) {
    taps += Math.max(0, Math.min(kernel, input + padding - i) - Math.max(0, padding - i));
  }
  return taps;
}
