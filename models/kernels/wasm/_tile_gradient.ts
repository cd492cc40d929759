import type { BoundModule } from "./_bound_module.ts";
import type { Convolution } from "./_convolution.ts";
import type { Tile } from "./_tile_functions.ts";
import { allocate, placeImages, ROOM_BYTES, spread, takeColumns } from "./_tiles.ts";

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
  const [images, gradients] = placeImages(tile, convolution, x, dy);
  const all = batch * images[4] * images[5];
  const most = Math.min(all, BLOCK_TILES);
  const width = takeColumns(outputChannels, GRADIENT_BYTES / (places * inputChannels * 4));
  const leftBytes = spread(most * inputChannels * 4);
  const rightBytes = spread(most * width * 4);
  const sumBytes = spread(inputChannels * width * 4);
  const outsideBytes = Math.max(inputChannels, outputChannels) * 4;
  const [room, stretch, outside, sources, results, lefts, right, sums] = allocate(
    module,
    ROOM_BYTES,
    64,
    outsideBytes,
    places * inputChannels * 4,
    places * inputChannels * 4,
    places * leftBytes * Math.ceil(all / most),
    places * rightBytes,
    places * sumBytes,
  );
  module.bytes(outside, outsideBytes).fill(0);
  functions.tabulate(results, sums, 1, 0, places, sumBytes, inputChannels, width * 4);
  for (let column = 0; column < outputChannels; column += width) {
    const end = column + width;
    for (let first = 0; first < all; first += most) {
      const count = Math.min(most, all - first);
      const left = lefts + first / most * places * leftBytes;
      // Four channels of one tile after the other, and eight, which are panels.
      if (column === 0) {
        functions.toWinograd(
          ...tile,
          ...images,
          ...[rows.padding, columns.padding, 0, leftBytes, room, outside] as const,
          ...[left, first, count, 0, inputChannels, 16, count * 32, count * 16] as const,
        );
      }
      functions.toWinograd(
        ...tile,
        ...gradients,
        ...[0, 0, 1, rightBytes, room, outside] as const,
        ...[right, first, count, column, end, 32, count * 32, 16] as const,
      );
      functions.tabulate(sources, left, places, leftBytes, inputChannels / 4, count * 16, 4, 4);
      module.words(stretch, 3).set([0, 0, count]);
      for (let place = 0; place < places; place++) {
        functions.multiplyRows(
          sources + place * inputChannels * 4,
          16,
          right + place * rightBytes,
          count * 32,
          stretch,
          stretch + 12,
          results + place * inputChannels * 4,
          0,
          inputChannels,
          width,
          first > 0 ? 1 : 0,
        );
      }
    }
    functions.filterFromWinograd(
      ...tile,
      ...[sums, dFilter, inputChannels, outputChannels, column, end, sumBytes, room] as const,
    );
  }
}
