// Convolutions by tiles: `assembly/winograd/` has the transforms, and what is between them are products of matrices whose rows are
// tiles, one for each place of a tile.
import type { BoundModule } from "./_bound_module.ts";
import type { Convolution } from "./_convolution.ts";
import type { Axis } from "./_spans.ts";
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

/** Space for the transforms of a tile and of four filters, and for what products need beside the addresses of rows. */
export const ROOM_BYTES = 2560;

/** How many tiles cover so many outputs. */
export const countTiles = ([output]: Tile, outputs: number): number => Math.ceil(outputs / output);

/** Computes the output, given the addresses of images, filter and output. */
export const convolveTiles: ConvolveTiles = (module, tile, convolution, x, filter, y) =>
  multiplyTiles(module, tile, convolution, [x, filter, y], 0);

/** Computes the gradient for the images, given the addresses of the output's, of the filter, and of the result. */
export const convolveTilesInputGradient: ConvolveTiles = (
  module,
  tile,
  convolution,
  dy,
  filter,
  dx,
) => multiplyTiles(module, tile, convolution, [dx, filter, dy], 1);

/** Convolves images by tiles, or computes their gradient. */
export type ConvolveTiles = (
  module: BoundModule,
  tile: Tile,
  convolution: Convolution,
  images: number,
  filter: number,
  results: number,
) => void;

/** Places images and outputs at their addresses. */
export const placeImages = (
  { rows, columns, inputChannels, outputChannels }: Convolution,
  x: number,
  y: number,
): readonly [input: PlacedImages, output: PlacedImages] => [
  [x, rows.input, columns.input, inputChannels],
  [y, rows.output, columns.output, outputChannels],
];

/** Convolves images with a filter, or the outputs' gradients with the filter turned around: that is the images' gradient. */
function multiplyTiles(
  module: BoundModule,
  tile: Tile,
  convolution: Convolution,
  [x, filter, y]: readonly [x: number, filter: number, y: number],
  turned: 0 | 1,
): void {
  const { functions } = module;
  const [output, side] = tile;
  const places = (output + side - 1) ** 2;
  const placed = placeImages(convolution, x, y);
  const [images, results] = turned ? [placed[1], placed[0]] : placed;
  const [inputChannels, outputChannels] = [images[3], results[3]];
  const [down, across] = [countTiles(tile, results[1]), countTiles(tile, results[2])];
  const pad = ({ padding }: Axis) => turned ? side - 1 - padding : padding;
  const all = convolution.batch * down * across;
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
  const [room, outside, panels, left, products] = allocate(
    module,
    ROOM_BYTES + 8 * most,
    Math.max(inputChannels, outputChannels) * 4,
    places * panelsBytes,
    places * placeBytes,
    places * resultBytes,
  );
  const { rows, columns, inputChannels: inputs, outputChannels: outputs } = convolution;
  for (let first = 0; first < all; first += most) {
    const count = Math.min(most, all - first);
    functions.toWinograd(
      ...tile,
      ...images,
      ...[down, across, pad(rows), pad(columns)] as const,
      ...[0, placeBytes, room, outside, left, first, count] as const,
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
      functions.multiplyPlaces(
        ...[places, 1, count, inputChannels, width, left, placeBytes, own, panelsBytes] as const,
        ...[panelBytes, products, resultBytes, 0, room] as const,
      );
      functions.fromWinograd(
        ...tile,
        ...results,
        ...[down, across, resultBytes, room, outside, products, first, count, column, end] as const,
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
