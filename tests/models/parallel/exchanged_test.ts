import { assertEquals } from "@std/assert";
import * as models from "@rill/rill/models";
import { completeParams } from "../../../models/parallel/_partial_params.ts";
import { createTrainStep } from "../../../models/training/_create_train_step.ts";
import { getOrThrow, randomBatch, withBackend } from "../_helpers.ts";
import { addUpExchanged, countExchanged } from "./_count_exchanged.ts";

/** Counts the numbers that are taken of others, which nobody gives. */
function countTaken(rank: number, size: number) {
  let taken = 0;
  const count = (_: unknown, ofRanks: readonly (readonly Float32Array[])[]) => {
    ofRanks.forEach((arrays, from) => {
      if (from === rank) return;
      for (const { length } of arrays) taken += length;
    });
  };
  const communicator = { rank, size, allGather: count, exchange: count, abort() {} };
  return { communicator, getTaken: () => taken };
}

Deno.test("a step exchanges of large layers what goes through them and what is computed with, each number once", () =>
  withBackend("wasm", () => {
    const network = getOrThrow(models.build(
      models.sequential([
        models.conv2d({ filters: 4, kernelSize: 3 }),
        // The second one's filter is large against what goes through it.
        models.conv2d({ filters: 60, kernelSize: 3, strides: 2 }),
        models.conv2d({ filters: 70, kernelSize: 2 }),
        models.flatten(),
        models.linear(93),
        models.relu(),
        models.dropout(0.5),
        models.linear(111, { bias: false }),
        models.linear(3),
      ]),
      [7, 7, 1],
    ));
    const optimizer = models.sgd({ learningRate: 0.1 });
    // Also more ranks than examples, and than a matrix has rows that stay together.
    for (const [examples, size] of [[14, 2], [13, 3], [5, 8], [14, 31]] as const) {
      const expected = countExchanged(network, examples, size);
      for (const rank of [0, 1, size - 1]) {
        const { communicator, getTaken } = countTaken(rank, size);
        const key = models.randomKey(1);
        const state = models.initTrainState(network, optimizer, key, { communicator });
        const step = createTrainStep(network, optimizer, { communicator, keepsParts: true });
        const before = getTaken();
        const [{ params }] = step(state, randomBatch(examples, [7, 7, 1], 3));
        const after = getTaken();
        completeParams(network, params, communicator);
        const completed = getTaken();
        // Gathered once, they are whole.
        completeParams(network, params, communicator);
        assertEquals(
          // Besides, a step tells how many metrics each of the others has.
          [after - before - (size - 1), completed - after, getTaken() - completed],
          [addUpExchanged(expected[rank]!), expected[rank]!.rest, 0],
          `${rank} of ${size}`,
        );
      }
    }
  }));
