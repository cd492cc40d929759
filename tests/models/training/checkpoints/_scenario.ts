import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import {
  type CheckpointStore,
  type DecodedCheckpoint,
  openCheckpointReader,
  openCheckpointStore,
  type TrainingCopy,
  type TrainingPosition,
} from "@rill/rill/models";
import type { FaultyFiles } from "./_faulty_files.ts";

/** A save of a scenario. */
export interface Save {
  /** How many steps after the one before; none where an epoch ends with the step that was saved. */
  readonly steps: number;
  readonly best: boolean;
  readonly permanent: boolean;
  /** Whether the numbers are others than the step's, as in a training that was begun anew. */
  readonly other: boolean;
}

export const saves: fc.Arbitrary<Save[]> = fc.array(
  fc.record({
    steps: fc.nat(2),
    best: fc.boolean(),
    permanent: fc.boolean(),
    other: fc.boolean(),
  }),
  { minLength: 1, maxLength: 4 },
);

/** Makes a position in the first epoch. */
export const positionAt = (step: number): TrainingPosition => ({
  epoch: 0,
  index: step,
  step,
  updates: step,
  seed: 0,
  sums: { steps: step, examples: step, metrics: {} },
  history: [],
});

/** Makes a training whose numbers tell after how many steps it was copied. */
export const trainingAt = (step: number, number = step): TrainingCopy => ({
  params: { weight: { shape: [2], data: Float32Array.of(number, 1) } },
  optimizer: { "m/weight": { shape: [2], data: Float32Array.of(-number, 2) } },
  position: positionAt(step),
});

/** What a store should have: the newest generation, and the best parameters. */
export interface Expected {
  readonly newest?: TrainingCopy | undefined;
  readonly best?: TrainingCopy | undefined;
}

/** Lists what a store has before the first save, and after each. */
export function listExpected(
  saves: readonly Save[],
): { training: TrainingCopy; after: Expected }[] {
  let [step, best]: [number, TrainingCopy | undefined] = [1, undefined];
  return saves.map((save, i) => {
    step += save.steps;
    const training = trainingAt(step, save.other ? 100 + i : step);
    if (save.best) best = training;
    return { training, after: { newest: training, best } };
  });
}

const pick = (checkpoint: DecodedCheckpoint | undefined): TrainingCopy | undefined =>
  checkpoint && {
    params: checkpoint.params,
    optimizer: checkpoint.optimizer,
    position: checkpoint.position,
  };

const pickParams = (training: TrainingCopy | undefined) =>
  training && { params: training.params, position: training.position };

/** Asserts that a store has one of these, whole, and nothing else; gives which. */
export async function assertHolds(
  files: FaultyFiles,
  store: CheckpointStore,
  allowed: readonly Expected[],
): Promise<number> {
  const loaded: string[] = [];
  for (const one of [store, openCheckpointReader(files)]) {
    const newest = pick((await one.load()).checkpoint);
    const best = pickParams((await one.loadBest()).checkpoint);
    loaded.push(JSON.stringify({ newest, best }));
  }
  assertEquals(loaded[1], loaded[0]);
  const found = allowed.findLastIndex(({ newest, best }) =>
    JSON.stringify({ newest, best: pickParams(best) }) === loaded[0]
  );
  assert(found >= 0, `${loaded[0]} is none of ${JSON.stringify(allowed)}`);
  return found;
}

/** Asserts that there are the files of a store's generations and no others. */
export async function assertTidy(files: FaultyFiles, store: CheckpointStore): Promise<void> {
  const generations = await store.list();
  const names = [...files.files().keys()].sort();
  const own = names.filter((name) => name !== "best.safetensors");
  if (generations.length === 0 && own.length === 0) return;
  const steps = generations.map(({ step }) => step);
  assertEquals(
    own.map((name) => name.replace(/\.optimizer-\d+\./, ".optimizer.")),
    [
      "last.json",
      ...steps.flatMap((step) => [
        `step-${step}.optimizer.safetensors`,
        `step-${step}.safetensors`,
      ]),
    ].sort(),
  );
  // A generation behind the newest is whole, too.
  for (const { step } of generations) {
    const copy = files.restart();
    const older = await openCheckpointStore(copy);
    for (const other of steps.filter((other) => other > step)) await older.discard(other);
    assertEquals((await older.load()).checkpoint?.position?.step, step);
  }
}
