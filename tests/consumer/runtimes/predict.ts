// What every runtime computes: the logits of a small network, and the losses of a small training.
import * as rill from "@rill/rill/models";
import createPlan from "./plan.ts";

/** Draws numbers from -1 to 1, the same everywhere. */
export function draw(count: number, seed: number): Float32Array<ArrayBuffer> {
  let state = seed + 1;
  return Float32Array.from({ length: count }, () => {
    state = Math.imul(state, 1103515245) + 12345 | 0;
    return (state >>> 8) / 2 ** 23 - 1;
  });
}

/** Computes the logits of two images by a seeded network, on the backend that is open. */
export async function predict(): Promise<number[]> {
  const { network } = createPlan();
  const images = { data: draw(2 * 81, 3), shape: [2, 9, 9, 1] };
  const { data } = await rill.predictStep(network)(network.init(rill.randomKey(1)), {
    images,
    size: 2,
  });
  return [...data];
}

/** Trains on a few batches, and gives the loss of each step. */
export async function train(
  options: Pick<rill.TrainEpochsOptions, "backend" | "model" | "threads" | "createWorker">,
): Promise<number[]> {
  async function* batches() {
    for (const size of [5, 4, 3]) {
      yield await Promise.resolve({
        images: { data: draw(size * 81, size), shape: [size, 9, 9, 1] },
        labels: Int32Array.from({ length: size }, (_, i) => i % 3),
        size,
      });
    }
  }
  const losses: number[] = [];
  for await (const event of rill.trainEpochs({ ...options, epochs: 2, train: batches })) {
    if (event.kind === "step") losses.push(event.metrics.loss);
  }
  return losses;
}
