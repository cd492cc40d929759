// Checks of the settings that layers, initializers and networks are described with.

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
