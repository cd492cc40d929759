// Optimizers in mixed precision, where gradients are scaled and steps are skipped.
import { pipe } from "fp-ts/lib/function.js";
import { assert, assertEquals } from "@std/assert";
import * as rill from "@rill/rill/models";
import { advanceLossScaling, createLossScaling, findOverflow } from "../../../models/ops/_ops.ts";
import { assertClose, numbers, withBackend } from "../_helpers.ts";
import { webgpuTest, withFeature } from "../_webgpu.ts";
import { lion, vector } from "./_lion.ts";

/** Optimizers that divide gradients by the loss's scale in different places. */
const SCALED = [
  pipe(rill.adam({ learningRate: 0.1 }), rill.clipByGlobalNorm(0.5)),
  pipe(rill.sgd({ learningRate: 0.1, weightDecay: 0.1 }), rill.clipByValue(0.5)),
  pipe(rill.rmsprop(), rill.byName([{ names: ["b"], learningRate: 2 }]), rill.averaged(0.5)),
  lion(0.1),
  pipe(rill.adamw(), rill.accumulate(2)),
];

/** Updates, with gradients that are infinite where that is said, and gives the parameters and the scale after each update. */
async function updateScaled(optimizer: rill.Optimizer, overflows: readonly boolean[]) {
  const make = (factor: number, seed: number) => ({
    a: vector(...[...numbers(6, seed)].map((x) => factor * x)),
    b: vector(...[...numbers(3, seed + 1)].map((x) => factor * x)),
  });
  const count = optimizer.accumulate ?? 1;
  let params: rill.Params = make(1, 1);
  let state = rill.initOptimizerState(optimizer, params);
  const scales: (number | undefined)[] = [];
  let seed = 10;
  for (const overflow of overflows) {
    for (let i = 0; i < count; i++) {
      const [scale = 1] = await state.scaling?.data() ?? [];
      // Of the batches that are accumulated the first one overflows.
      const gradients = make(overflow && i === 0 ? Infinity : scale, overflow ? 99 : seed++);
      const options = { params, gradients, state, weight: 2 };
      ({ params, state } = rill.updateByOptimizer(optimizer, options));
    }
    scales.push((await state.scaling?.data())?.[0]);
  }
  return { params: [...await params.a!.data(), ...await params.b!.data()], scales };
}

webgpuTest(
  "pieces and rules of one's own take gradients that are scaled, and skip overflows",
  async () => {
    const mixed = await withBackend(
      "webgpu",
      async () => {
        const all = [];
        for (const optimizer of SCALED) {
          all.push(await updateScaled(optimizer, [false, true, false]));
        }
        return all;
      },
      { precision: "mixed" },
    );
    await withBackend("wasm", async () => {
      for (const [i, optimizer] of SCALED.entries()) {
        assertEquals(mixed[i]!.scales, [65536, 32768, 32768]);
        const { params } = await updateScaled(optimizer, [false, false]);
        assertClose(mixed[i]!.params, params, 1e-5, optimizer.rule.name);
      }
    });
  },
  withFeature("shader-f16"),
);

webgpuTest(
  "two optimizers over one state change the loss's scale once",
  () =>
    withBackend("webgpu", async () => {
      const [one, other] = [
        pipe(rill.sgd(), rill.frozen("b")),
        pipe(rill.adam(), rill.frozen("a")),
      ];
      const scaling = createLossScaling([8, 1, 0, 0, 0]);
      assert(scaling);
      const step = async (gradient: number) => {
        const params = { a: vector(1), b: vector(2) };
        const gradients = { a: vector(8), b: vector(gradient) };
        findOverflow(Object.values(gradients), scaling);
        const first = { ...rill.initOptimizerState(one, params), scaling };
        const half = rill.updateByOptimizer(one, {
          params,
          gradients,
          state: first,
          advancesScale: false,
        });
        const second = { ...rill.initOptimizerState(other, half.params), scaling };
        const { params: next } = rill.updateByOptimizer(other, {
          params: half.params,
          gradients,
          state: second,
          advancesScale: false,
        });
        advanceLossScaling(scaling);
        const [scale] = await scaling.data();
        return [...await next.a!.data(), ...await next.b!.data(), scale!];
      };
      assertClose(await step(8), [0.99, 1.999, 16], 1e-6);
      // Both are skipped, by what one of them has.
      assertEquals(await step(Infinity), [1, 2, 8]);
    }, { precision: "mixed" }),
  withFeature("shader-f16"),
);
