/** How a page trains. */
export interface LenetSettings {
  readonly epochs: number;
  readonly batchSize: number;
  readonly learningRate: number;
}

/**
 * Chooses settings for so many images: with few, which make few batches, there are more epochs of smaller ones. Of 5,000 images of
 * Fashion-MNIST LeNet tells three of four apart after the first epoch.
 */
export function chooseSettings(images: number): LenetSettings {
  const batchSize = images < 1000 ? 16 : 32;
  const epochs = Math.ceil(LEAST_STEPS / Math.ceil(images / batchSize));
  return { epochs: Math.min(Math.max(epochs, 5), 20), batchSize, learningRate: 0.002 };
}

/** So many steps it takes to learn something, about. */
const LEAST_STEPS = 300;

/** The most that settings may be. */
export const LIMITS = {
  epochs: { least: 1, most: 1000 },
  batchSize: { least: 1, most: 1024 },
  learningRate: { least: 1e-6, most: 1 },
} as const;

/** Finds what is wrong with settings, in words; undefined for good ones. */
export function checkSettings(settings: LenetSettings): string | undefined {
  for (const [key, { least, most }] of Object.entries(LIMITS)) {
    const value = settings[key as keyof LenetSettings];
    const isGood = key === "learningRate" ? Number.isFinite(value) : Number.isSafeInteger(value);
    if (isGood && value >= least && value <= most) continue;
    const name = key.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
    const needed = key === "learningRate" ? "a number" : "an integer";
    return `the ${name} must be ${needed} from ${least} to ${most}`;
  }
  return undefined;
}
