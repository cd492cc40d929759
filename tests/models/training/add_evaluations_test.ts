import { assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import * as models from "@rill/rill/models";
import { assertClose, getOrThrow, randomBatch, withBackend } from "../_helpers.ts";

Deno.test("evaluations of batches add up to that of all examples, a smaller last one too", () =>
  withBackend("wasm", async () => {
    const network = getOrThrow(models.build(models.linear(4), [3]));
    const variables = network.init(models.randomKey(1));
    const batch = randomBatch(10, [3], 4, 2);
    const evaluate = models.evalStep(network, {
      loss: models.crossEntropy({ classWeights: [1, 5, 0.5, 2], ignoredLabel: 3 }),
      metrics: { second: models.classAccuracy(1), none: models.classAccuracy(3) },
    });
    const all = await evaluate(variables, batch);
    const parts: models.Evaluation<"accuracy" | "second" | "none">[] = [];
    for (const rank of [0, 1, 2]) {
      parts.push(await evaluate(variables, models.shareBatch(batch, { rank, size: 3 })));
    }
    assertEquals(parts.map(({ size }) => size).toSorted(), [3, 3, 4]);
    const added = models.addEvaluations(parts);
    assertEquals([added.size, added.outputs.shape], [10, [10, 4]]);
    assertClose(added.outputs.data, all.outputs.data, 1e-6);
    const [means, expected] = [models.computeMeans(added), models.computeMeans(all)];
    assertEquals(Object.keys(means), ["loss", "accuracy", "second", "none"]);
    for (const [name, mean] of Object.entries<number>(expected)) {
      assertAlmostEquals(means[name as "loss"], mean, 1e-6);
    }
    const { loss } = models.computeMeans(parts[0]!);
    assertEquals(Math.abs(loss - means.loss) > 1e-3, true, "the parts differ");
  }));

Deno.test("addEvaluations() refuses what isn't alike", () => {
  const evaluation = (shape: number[], ...names: string[]) => ({
    size: 1,
    outputs: { data: new Float32Array(2), shape },
    means: Object.fromEntries(["loss", ...names].map((name) => [name, { sum: 1, weight: 1 }])) as {
      loss: models.NumericMean;
    },
  });
  assertThrows(() => models.addEvaluations([]), RangeError, "no evaluations");
  assertThrows(
    () => models.addEvaluations([evaluation([1, 2]), evaluation([2, 1])]),
    RangeError,
    "outputs of [1]",
  );
  assertThrows(
    () => models.addEvaluations([evaluation([1, 2]), evaluation([1, 2], "own")]),
    RangeError,
    "with loss, own to one of [2] with loss",
  );
});
