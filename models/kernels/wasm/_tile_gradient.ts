import type { BoundModule } from "./_bound_module.ts";
import type { Convolution } from "./_convolution.ts";
import type { Tile } from "./_tile_functions.ts";
import { allocate, countTiles, placeImages, ROOM_BYTES, spread, takeColumns } from "./_tiles.ts";

// How many tiles are worked on at a time, and bytes of a filter's gradient at all places: what they take stays in the caches.
const BLOCK_TILES = 64;
const GRADIENT_BYTES = 3 << 18;

/** Computes the gradient for a filter by tiles, given the addresses of the images, of the output's gradient, and of the result. */
export function convolveTilesFilterGradient(
  module: BoundModule,
  tile: Tile,
  convolution: Convolution,
  x: number,
  dy: number,
  dFilter: number,
): void {
  const { functions } = module;
  const { batch, rows, columns, inputChannels, outputChannels } = convolution;
  const [output, side] = tile;
  const places = (output + side - 1) ** 2;
  const [images, gradients] = placeImages(convolution, x, dy);
  const [down, across] = [countTiles(tile, rows.output), countTiles(tile, columns.output)];
  const all = batch * down * across;
  const most = Math.min(all, BLOCK_TILES);
  const width = takeColumns(outputChannels, GRADIENT_BYTES / (places * inputChannels * 4));
  const leftBytes = spread(most * inputChannels * 4);
  const rightBytes = spread(most * width * 4);
  const sumBytes = spread(inputChannels * width * 4);
  const [room, outside, lefts, right, sums] = allocate(
    module,
    ROOM_BYTES + 8 * inputChannels,
    Math.max(inputChannels, outputChannels) * 4,
    places * leftBytes * Math.ceil(all / most),
    places * rightBytes,
    places * sumBytes,
  );
  for (let column = 0; column < outputChannels; column += width) {
    const end = column + width;
    for (let first = 0; first < all; first += most) {
      const count = Math.min(most, all - first);
      const left = lefts + first / most * places * leftBytes;
      // Four channels of one tile after the other, and eight: as `multiplyPlaces` takes rows and columns.
      if (column === 0) {
        functions.toWinograd(
          ...tile,
          ...images,
          ...[down, across, rows.padding, columns.padding, 0, leftBytes, room, outside] as const,
          ...[left, first, count, 0, inputChannels, 16, count * 32, count * 16] as const,
        );
      }
      functions.toWinograd(
        ...tile,
        ...gradients,
        ...[down, across, 0, 0, 1, rightBytes, room, outside] as const,
        ...[right, first, count, column, end, 32, count * 32, 16] as const,
      );
      functions.multiplyPlaces(
        ...[places, 4, inputChannels, count, width, left, leftBytes, right, rightBytes] as const,
        ...[count * 32, sums, sumBytes, first > 0 ? 1 : 0, room] as const,
      );
    }
    functions.filterFromWinograd(
      ...tile,
      ...[sums, dFilter, inputChannels, outputChannels, column, end, sumBytes, room] as const,
    );
  }
}
