import fc from "fast-check";
import type { Damage } from "./_sources.ts";

const part = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

/** What may happen to a file: some bytes change, and often its end is lost. */
export const damage: fc.Arbitrary<Damage> = fc.record({
  cut: fc.oneof(part, fc.constant(1)),
  flips: fc.array(fc.tuple(part, fc.integer({ min: 1, max: 255 })), { maxLength: 4 }),
});
