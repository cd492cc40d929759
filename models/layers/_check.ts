import { formatShape, isSameShape } from "../types/_shape.ts";

/**
 * Throws a RangeError unless a tensor is a batch of at least one example. Backends give anything for none: on WebGPU their refusal
 * takes with it what else was recorded.
 */
export function checkInput(
  what: string,
  inputShape: readonly number[],
  shape: readonly number[],
): void {
  const [size = 0, ...example] = shape;
  if (size >= 1 && isSameShape(example, inputShape)) return;
  throw new RangeError(
    `Cannot apply ${what} to a tensor of ${
      formatShape(shape) || "no dimension"
    }: it takes at least one example of ${formatShape(inputShape)}`,
  );
}

/** Throws a RangeError unless a tensor has one entry for each example of a pass. */
export function checkExamples(shape: readonly number[], count: number): void {
  if (shape[0] === count) return;
  throw new RangeError(
    `Cannot sum a tensor of ${formatShape(shape) || "no dimension"} over the batch: ` +
      `its first dimension must be that of the ${count} examples`,
  );
}

/** Throws a RangeError unless a layer has given a tensor of the shape that it was to give. */
export function checkGiven(
  what: string,
  expected: readonly number[],
  shape: readonly number[],
): void {
  if (isSameShape(expected, shape)) return;
  throw new RangeError(
    `Cannot go on after ${what} as it is a tensor of ${formatShape(shape) || "no dimension"}: ` +
      `the layer's plan says ${formatShape(expected) || "no dimension"}`,
  );
}

/** Throws a RangeError unless every setting is an integer of at least `least`. */
export function checkInteger(layer: string, settings: Record<string, number>, least: number): void {
  for (const [name, value] of Object.entries(settings)) {
    if (!Number.isSafeInteger(value) || value < least) {
      throw new RangeError(
        `Cannot describe ${layer} with ${name} ${value}: it must be an integer of at least ${least}`,
      );
    }
  }
}

/** Throws a RangeError unless every setting is a finite number. */
export function checkFinite(layer: string, settings: Readonly<Record<string, number>>): void {
  for (const [name, value] of Object.entries(settings)) {
    if (!Number.isFinite(value)) {
      throw new RangeError(`Cannot describe ${layer} with ${name} ${value}: it must be finite`);
    }
  }
}

/** Throws a RangeError unless a variance can be divided by after the addition of epsilon. */
export function checkEpsilon(layer: string, epsilon: number): void {
  if (epsilon >= 0 && epsilon < Infinity) return;
  throw new RangeError(
    `Cannot describe ${layer} with epsilon ${epsilon}: it must be at least 0 and finite`,
  );
}

/** Throws a RangeError unless a setting is one of the words for it: whoever isn't held to types may give others. */
export function checkWord(
  layer: string,
  name: string,
  value: unknown,
  words: readonly string[],
): void {
  if (words.some((word) => word === value)) return;
  const known = words.map((word) => JSON.stringify(word)).join(" or ");
  throw new RangeError(`Cannot describe ${layer} with ${name} ${value}: it must be ${known}`);
}
