import { assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import * as models from "@rill/rill/models";
import { update } from "../../_helpers.ts";

Deno.test("warmupDecay rises to its peak and falls to nothing after the last step", () => {
  const both = models.warmupDecay({ peak: 1, warmupSteps: 4, steps: 10 });
  const values = Array.from({ length: 12 }, (_, i) => both(i + 1));
  assertEquals(values.slice(0, 4), [0.25, 0.5, 0.75, 1]);
  values.slice(4, 10).forEach((value, i) => assertAlmostEquals(value, (6 - i) / 7, 1e-12));
  assertEquals(values.slice(10), [0, 0]);
  assertEquals([1, 100].map(models.warmupDecay({ peak: 3 })), [3, 3]);
  assertEquals([1, 2, 9].map(models.warmupDecay({ peak: 3, warmupSteps: 2 })), [1.5, 3, 3]);
  assertEquals([1, 2, 3].map(models.warmupDecay({ peak: 3, warmupSteps: 3, steps: 3 })), [1, 2, 3]);
});

Deno.test("warmupDecay refuses settings out of range", () => {
  for (
    const options of [
      { peak: NaN },
      { peak: 1, warmupSteps: -1 },
      { peak: 1, warmupSteps: 1.5 },
      { peak: 1, warmupSteps: 3, steps: 2 },
      { peak: 1, steps: 2.5 },
    ]
  ) assertThrows(() => models.warmupDecay(options), RangeError, "Cannot make a schedule");
});

Deno.test("an optimizer takes the step's own learning rate from a schedule", async () => {
  const backend = await models.openBackend("wasm");
  for (const make of [models.sgd, models.adam]) {
    const rates = [0.1, 0, 0.2];
    const scheduled = make({ learningRate: (step) => rates[step - 1]! });
    const fixed = rates.map((learningRate) => make({ learningRate }));
    const run = async (optimizerAt: (i: number) => models.Optimizer) => {
      let params: models.Params = { p: models.toTensor(Float32Array.of(1, 2), [2]) };
      let state = models.initOptimizerState(scheduled, params);
      for (let i = 0; i < 3; i++) {
        const gradients = { p: models.toTensor(Float32Array.of(0.5, -0.25), [2]) };
        [params, state] = update(optimizerAt(i), params, gradients, state);
      }
      return [...await params.p!.data()];
    };
    assertEquals(await run(() => scheduled), await run((i) => fixed[i]!));
  }
  await backend.close();
});
