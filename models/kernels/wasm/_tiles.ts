// Convolutions by tiles: `assembly/winograd/` has the transforms, and what is between them are products of matrices whose rows are
// tiles, one for each place of a tile.
import type { BoundModule } from "./_bound_module.ts";
import type { Convolution } from "./_convolution.ts";
import type { PlacedImages, Tile } from "./_tile_functions.ts";

/** The kinds of tiles. */
export const TILES: readonly Tile[] = [[3, 3], [4, 3], [4, 5]];

// What is worked on at a time, so that what is known of it at all places stays in the caches: all tiles, as long as they take so
// many bytes, and so many bytes of the filter; else so many tiles, and the whole filter.
const SOURCE_BYTES = 5 << 20;
const FILTER_BYTES = 3 << 18;
const BLOCK_TILES = 32;

/** The most columns of products that are worked on at a time. */
const BLOCK_COLUMNS = 64;

/** Space for the transforms of a tile and of four filters. */
export const ROOM_BYTES = 2560;

/** How many tiles cover so many outputs. */
export const countTiles = ([output]: Tile, outputs: number): number => Math.ceil(outputs / output);

/** Computes the output, given the addresses of images, filter and output. */
export function convolveTiles(
  module: BoundModule,
  tile: Tile,
  convolution: Convolution,
  x: number,
  filter: number,
  y: number,
): void {
  const [images, results] = placeImages(tile, convolution, x, y);
  multiplyTiles(module, tile, convolution, [images, filter, results, 0]);
}

/** Computes the gradient for the images, given the addresses of the output's, of the filter, and of the result. */
export function convolveTilesInputGradient(
  module: BoundModule,
  tile: Tile,
  { batch, rows, columns, inputChannels, outputChannels }: Convolution,
  dy: number,
  filter: number,
  dx: number,
): void {
  // It is a convolution of the output's gradient with the filter turned around.
  const turn = ({ input, output, padding, ...rest }: Convolution["rows"]) => ({
    ...rest,
    input: output,
    output: input,
    padding: tile[1] - 1 - padding,
  });
  const turned = {
    batch,
    rows: turn(rows),
    columns: turn(columns),
    inputChannels: outputChannels,
    outputChannels: inputChannels,
  };
  const [images, results] = placeImages(tile, turned, dy, dx);
  multiplyTiles(module, tile, turned, [images, filter, results, 1]);
}

/** Places images and outputs at their addresses. */
export function placeImages(
  tile: Tile,
  { rows, columns, inputChannels, outputChannels }: Convolution,
  x: number,
  y: number,
): readonly [input: PlacedImages, output: PlacedImages] {
  const [down, across] = [countTiles(tile, rows.output), countTiles(tile, columns.output)];
  return [
    [x, rows.input, columns.input, inputChannels, down, across],
    [y, rows.output, columns.output, outputChannels, down, across],
  ];
}

/** Convolves images with a filter, or with it turned around. */
function multiplyTiles(
  module: BoundModule,
  tile: Tile,
  { batch, rows, columns, inputChannels, outputChannels }: Convolution,
  [images, filter, results, turned]: readonly [
    images: PlacedImages,
    filter: number,
    results: PlacedImages,
    turned: 0 | 1,
  ],
): void {
  const { functions } = module;
  const [output, side] = tile;
  const places = (output + side - 1) ** 2;
  const all = batch * results[4] * results[5];
  const inputBytes = inputChannels * 4;
  const isWhole = all * places * inputBytes <= SOURCE_BYTES;
  const most = isWhole ? all : Math.min(all, BLOCK_TILES);
  const columnBytes = places * inputBytes;
  const fitting = isWhole ? FILTER_BYTES / columnBytes : BLOCK_COLUMNS;
  const width = takeColumns(outputChannels, Math.min(BLOCK_COLUMNS, fitting));
  const placeBytes = spread(most * inputBytes);
  const resultBytes = spread(most * width * 4);
  const panelBytes = inputBytes * 8 + 64;
  const panelsBytes = spread(panelBytes * (isWhole ? width : outputChannels) / 8);
  const outsideBytes = Math.max(inputChannels, outputChannels) * 4;
  const [room, stretch, zeros, outside, sources, targets, panels, left, products] = allocate(
    module,
    ROOM_BYTES,
    64,
    outsideBytes,
    outsideBytes,
    places * most * 4,
    places * most * 4,
    places * panelsBytes,
    places * placeBytes,
    places * resultBytes,
  );
  module.bytes(zeros, outsideBytes).fill(0);
  module.words(stretch, 3).set([0, 0, inputChannels]);
  functions.tabulate(sources, left, 1, 0, places, placeBytes, most, inputBytes);
  functions.tabulate(targets, products, 1, 0, places, resultBytes, most, width * 4);
  const channels = turned ? [outputChannels, inputChannels] : [inputChannels, outputChannels];
  const [inputs = 0, outputs = 0] = channels;
  for (let first = 0; first < all; first += most) {
    const count = Math.min(most, all - first);
    const padding = [rows.padding, columns.padding] as const;
    functions.toWinograd(
      ...tile,
      ...images,
      ...padding,
      ...[0, placeBytes, room, zeros, left, first, count] as const,
      ...[0, inputChannels, inputBytes, 32, 16] as const,
    );
    for (let column = 0; column < outputChannels; column += width) {
      const end = column + width;
      const own = panels + (isWhole ? 0 : column / 8 * panelBytes);
      if (first === 0) {
        functions.filterToWinograd(
          ...tile,
          ...[filter, own, inputs, outputs, column, end, panelsBytes, panelBytes] as const,
          ...[turned, room] as const,
        );
      }
      for (let place = 0; place < places; place++) {
        const at = place * most * 4;
        functions.multiplyRows(
          sources + at,
          4,
          own + place * panelsBytes,
          panelBytes,
          stretch,
          stretch + 12,
          targets + at,
          0,
          count,
          width,
          0,
        );
      }
      functions.fromWinograd(
        ...tile,
        ...results,
        ...[resultBytes, room, outside, products, first, count, column, end] as const,
      );
    }
  }
}

/** Gives a length of so many cache lines that many places lie in different sets of a cache. */
export const spread = (bytes: number): number => (Math.ceil(bytes / 128) * 2 + 1) * 64;

/** Finds how many columns are worked on at a time: as many as may be, in equal parts, of eight columns or a multiple. */
export function takeColumns(columns: number, most: number): number {
  let parts = 1;
  while (columns % (8 * parts) !== 0 || columns > Math.max(8, most) * parts) parts++;
  return columns / parts;
}

/** Gives the addresses of parts of the workspace of so many bytes, each from a cache line on. */
export function allocate<Sizes extends readonly number[]>(
  module: BoundModule,
  ...bytes: Sizes
): { readonly [Part in keyof Sizes]: number } {
  const sizes = bytes.map((size) => Math.ceil(size / 64) * 64);
  let at = module.workspace(sizes.reduce((sum, size) => sum + size, 0));
  return sizes.map((size) => (at += size) - size) as { [Part in keyof Sizes]: number };
}
