// Convolutions of 3 × 3 filters by tiles of 4 × 4 outputs: `assembly/winograd.ts` has the transforms, and what is between them are
// 36 products of matrices, whose rows are tiles. A tile takes 36 multiplications for a pair of channels where its windows take
// 144; less is won where tiles hang over, or windows over the border.
import { countWhole } from "../definitions/_whole_batch.ts";
import type { BoundModule } from "./_bound_module.ts";
import type { Convolution } from "./_convolution.ts";
import type { Axis } from "./_spans.ts";

const PLACES = 36;
const ROOM_BYTES = 2 * PLACES * 16 + 192;

/** How many tiles are worked on at a time: what is known of them at all places stays in the caches. */
const BLOCK = { tiles: 32, gradientTiles: 64 };

/** The fewest and most channels: those of few are bound by the transforms, and a panel of many would leave the L1 cache. */
const CHANNELS = { least: 16, most: 512 };

/** The fewest tiles: transforming a filter, once, takes as long as some thirty of them win. */
const LEAST_TILES = 64;

/** How many times fewer multiplications there must be, as the transforms take their time too. */
const GAIN = 1.6;

/**
 * Tells whether a convolution, and its gradients, are computed faster by tiles: by the number of the whole batch's images, as
 * results may differ in the last bits.
 */
export function isForTiles(convolution: Convolution): boolean {
  const { batch, rows, columns, inputChannels, outputChannels } = convolution;
  const fits = (channels: number) =>
    channels % 8 === 0 && channels >= CHANNELS.least && channels <= CHANNELS.most;
  if (!fits(inputChannels) || !fits(outputChannels)) return false;
  if (
    ![rows, columns].every(({ kernel, stride, padding }) =>
      kernel === 3 && stride === 1 && padding <= 2
    )
  ) {
    return false;
  }
  const tiles = countTiles(rows.output) * countTiles(columns.output);
  return countWhole(batch) * tiles >= LEAST_TILES &&
    countTaps(rows) * countTaps(columns) >= GAIN * PLACES * tiles;
}

/** Computes the output, given the addresses of images, filter and output. */
export function convolveTiles(
  module: BoundModule,
  { batch, rows, columns, inputChannels, outputChannels }: Convolution,
  x: number,
  filter: number,
  y: number,
): void {
  multiplyTiles(module, {
    batch,
    source: { address: x, height: rows.input, width: columns.input, channels: inputChannels },
    result: { address: y, height: rows.output, width: columns.output, channels: outputChannels },
    padding: [rows.padding, columns.padding],
    filter,
    turned: false,
  });
}

/** Computes the gradient for the images, given the addresses of the output's, of the filter, and of the result. */
export function convolveTilesInputGradient(
  module: BoundModule,
  { batch, rows, columns, inputChannels, outputChannels }: Convolution,
  dy: number,
  filter: number,
  dx: number,
): void {
  // It is a convolution of the output's gradient with the filter turned around.
  multiplyTiles(module, {
    batch,
    source: { address: dy, height: rows.output, width: columns.output, channels: outputChannels },
    result: { address: dx, height: rows.input, width: columns.input, channels: inputChannels },
    padding: [2 - rows.padding, 2 - columns.padding],
    filter,
    turned: true,
  });
}

/** Computes the gradient for the filter, given the addresses of the images, of the output's gradient, and of the result. */
export function convolveTilesFilterGradient(
  module: BoundModule,
  { batch, rows, columns, inputChannels, outputChannels }: Convolution,
  x: number,
  dy: number,
  dFilter: number,
): void {
  const { functions } = module;
  const [down, across] = [countTiles(rows.output), countTiles(columns.output)];
  const tiles = batch * down * across;
  const most = Math.min(tiles, BLOCK.gradientTiles);
  const weights = inputChannels * outputChannels;
  const bytes = {
    input: most * inputChannels * 4 + 64,
    output: most * outputChannels * 4 + 64,
    weights: weights * 4 + 64,
  };
  const space = allocate(module, {
    room: ROOM_BYTES,
    stretch: 64,
    outside: Math.max(inputChannels, outputChannels) * 4,
    sources: PLACES * inputChannels * 4,
    results: PLACES * inputChannels * 4,
    left: PLACES * bytes.input,
    right: PLACES * bytes.output,
    sums: PLACES * bytes.weights,
  });
  module.bytes(space.outside, Math.max(inputChannels, outputChannels) * 4).fill(0);
  functions.tabulate(
    space.results,
    space.sums,
    1,
    0,
    PLACES,
    bytes.weights,
    inputChannels,
    outputChannels * 4,
  );
  for (let first = 0; first < tiles; first += most) {
    const count = Math.min(most, tiles - first);
    // Four channels of one tile after the other, and eight, which are panels.
    functions.toWinograd(
      x,
      space.left,
      first,
      count,
      down,
      across,
      rows.input,
      columns.input,
      inputChannels,
      rows.padding,
      columns.padding,
      bytes.input,
      16,
      count * 32,
      count * 16,
      0,
      space.room,
      space.outside,
    );
    functions.toWinograd(
      dy,
      space.right,
      first,
      count,
      down,
      across,
      rows.output,
      columns.output,
      outputChannels,
      0,
      0,
      bytes.output,
      32,
      count * 32,
      16,
      1,
      space.room,
      space.outside,
    );
    functions.tabulate(
      space.sources,
      space.left,
      PLACES,
      bytes.input,
      inputChannels / 4,
      count * 16,
      4,
      4,
    );
    module.words(space.stretch, 3).set([0, 0, count]);
    for (let place = 0; place < PLACES; place++) {
      functions.multiplyRows(
        space.sources + place * inputChannels * 4,
        16,
        space.right + place * bytes.output,
        count * 32,
        space.stretch,
        space.stretch + 12,
        space.results + place * inputChannels * 4,
        0,
        inputChannels,
        outputChannels,
        first > 0 ? 1 : 0,
      );
    }
  }
  functions.filterFromWinograd(space.sums, dFilter, weights, bytes.weights, space.room);
}

/** Images in the heap. */
interface Images {
  readonly address: number;
  readonly height: number;
  readonly width: number;
  readonly channels: number;
}

/** Convolves images with a filter, or with it turned around. */
function multiplyTiles(
  module: BoundModule,
  { batch, source, result, padding: [top, left], filter, turned }: {
    readonly batch: number;
    readonly source: Images;
    readonly result: Images;
    readonly padding: readonly [number, number];
    readonly filter: number;
    readonly turned: boolean;
  },
): void {
  const { functions } = module;
  const [down, across] = [countTiles(result.height), countTiles(result.width)];
  const tiles = batch * down * across;
  const most = Math.min(tiles, BLOCK.tiles);
  // A cache line more than there is: places a power of 2 apart would displace each other from the cache.
  const sourceBytes = most * source.channels * 4 + 64;
  const resultBytes = most * result.channels * 4 + 64;
  const panelBytes = source.channels * 32 + 64;
  const panelsBytes = panelBytes * result.channels / 8;
  const outsideBytes = Math.max(source.channels, result.channels) * 4;
  const space = allocate(module, {
    room: ROOM_BYTES,
    stretch: 64,
    zeros: outsideBytes,
    outside: outsideBytes,
    sources: PLACES * most * 4,
    results: PLACES * most * 4,
    panels: PLACES * panelsBytes,
    left: PLACES * sourceBytes,
    products: PLACES * resultBytes,
  });
  module.bytes(space.zeros, outsideBytes).fill(0);
  module.words(space.stretch, 3).set([0, 0, source.channels]);
  const [inputs, outputs] = turned
    ? [result.channels, source.channels]
    : [source.channels, result.channels];
  functions.filterToWinograd(
    filter,
    space.panels,
    inputs,
    outputs,
    panelsBytes,
    panelBytes,
    turned ? 1 : 0,
    space.room,
  );
  functions.tabulate(
    space.sources,
    space.left,
    1,
    0,
    PLACES,
    sourceBytes,
    most,
    source.channels * 4,
  );
  functions.tabulate(
    space.results,
    space.products,
    1,
    0,
    PLACES,
    resultBytes,
    most,
    result.channels * 4,
  );
  for (let first = 0; first < tiles; first += most) {
    const count = Math.min(most, tiles - first);
    functions.toWinograd(
      source.address,
      space.left,
      first,
      count,
      down,
      across,
      source.height,
      source.width,
      source.channels,
      top,
      left,
      sourceBytes,
      source.channels * 4,
      32,
      16,
      0,
      space.room,
      space.zeros,
    );
    for (let place = 0; place < PLACES; place++) {
      functions.multiplyRows(
        space.sources + place * most * 4,
        4,
        space.panels + place * panelsBytes,
        panelBytes,
        space.stretch,
        space.stretch + 12,
        space.results + place * most * 4,
        0,
        count,
        result.channels,
        0,
      );
    }
    functions.fromWinograd(
      space.products,
      result.address,
      first,
      count,
      down,
      across,
      result.height,
      result.width,
      result.channels,
      resultBytes,
      space.room,
      space.outside,
    );
  }
}

const countTiles = (outputs: number): number => Math.ceil(outputs / 4);

/** Counts the taps that fall on the image, over all windows along an axis. */
function countTaps({ input, kernel, output, padding }: Axis): number {
  let taps = 0;
  for (let i = 0; i < output; i++) {
    taps += Math.max(0, Math.min(kernel, input + padding - i) - Math.max(0, padding - i));
  }
  return taps;
}

/** Gives workspace for parts of so many bytes, each from a cache line on. */
function allocate<Name extends string>(
  module: BoundModule,
  bytes: Readonly<Record<Name, number>>,
): Record<Name, number> {
  const sizes = Object.entries<number>(bytes).map(([name, size]) =>
    [name, Math.ceil(size / 64) * 64] as const
  );
  let at = module.workspace(sizes.reduce((sum, [, size]) => sum + size, 0));
  return Object.fromEntries(sizes.map(([name, size]) => {
    const start = at;
    at += size;
    return [name, start];
  })) as Record<Name, number>;
}
