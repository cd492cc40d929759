import fc from "fast-check";
import type { Damage } from "./_sources.ts";

/** A place in a file, as a share of it; all are as likely, which those of fc.double are not. */
const part = fc.nat(2 ** 20 - 1).map((n) => n / 2 ** 20);

/** What may happen to a file: some bytes change, and often its end is lost. */
export const damage: fc.Arbitrary<Damage> = fc.record({
  cut: fc.oneof(part, fc.constant(1)),
  flips: fc.array(fc.tuple(part, fc.integer({ min: 1, max: 255 })), { maxLength: 4 }),
});
