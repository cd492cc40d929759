import fc from "fast-check";
import type { Image } from "@rill/rill/pipelines";

/** Draws images of bytes, of 1 to 4 channels. */
export const byteImages = (): fc.Arbitrary<Image<Uint8Array<ArrayBuffer>>> =>
  fc.record({
    height: fc.integer({ min: 1, max: 9 }),
    width: fc.integer({ min: 1, max: 9 }),
    channels: fc.integer({ min: 1, max: 4 }),
  }).chain((shape) => {
    const length = shape.height * shape.width * shape.channels;
    return fc.oneof(
      fc.uint8Array({ minLength: length, maxLength: length }),
      // A gradient, for which filters are.
      fc.record({ start: fc.nat(255), step: fc.nat(9) }).map(({ start, step }) =>
        Uint8Array.from({ length }, (_, i) => start + i * step)
      ),
    ).map((data) => ({ data: new Uint8Array(data), ...shape }));
  });
