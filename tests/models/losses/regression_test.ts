import { assert, assertEquals, assertThrows } from "@std/assert";
import type * as models from "@rill/rill/models";
import {
  huber,
  type Loss,
  meanAbsoluteError,
  meanSquaredError,
  type Targets,
} from "@rill/rill/models";
import { assertClose, backendTest, withBackend } from "../_helpers.ts";
import {
  differentiateLoss,
  type LossReference,
  references,
  takeSums,
  tensorOf,
} from "./_losses.ts";

interface Reference extends LossReference {
  readonly name: string;
  readonly options: models.HuberOptions;
  readonly targets: readonly number[];
  readonly weights?: readonly number[];
}

const LOSSES: Readonly<Record<string, (options: models.HuberOptions) => Loss<Targets>>> = {
  meanSquaredError,
  meanAbsoluteError,
  huber,
};

backendTest("the losses of regression have PyTorch's values and gradients", async () => {
  const cases: readonly Reference[] = references.regression;
  assert(cases.length > 20);
  for (const { name, options, shape, output, targets, weights, loss, gradient } of cases) {
    const [size = 0] = shape;
    const batch = {
      targets: { data: Float32Array.from(targets), shape },
      size,
      ...weights && { weights: Float32Array.from(weights) },
    };
    const found = await differentiateLoss(LOSSES[name]!(options), output, shape, batch);
    const what = `${name} ${JSON.stringify(options)} of ${shape}, ${weights ?? "not"} weighted`;
    assertClose([found.value], [loss], 1e-5, what);
    assertClose(found.gradient, gradient, 1e-5, what, 0);
  }
});

Deno.test("targets can be one number for each example, of any type", () =>
  withBackend("wasm", async () => {
    for (const targets of [Float32Array.of(1, 2), Int32Array.of(1, 2), Uint8Array.of(1, 2)]) {
      for (const shape of [[2], [2, 1]]) {
        const sums = await takeSums(meanSquaredError(), [3, 5], shape, { targets, size: 2 });
        assertEquals(sums, [4 + 9, 2]);
      }
    }
  }));

Deno.test("the losses of regression at ties, infinities and NaN are PyTorch's", () =>
  withBackend("wasm", async () => {
    const measure = (loss: Loss<Targets>, output: number) =>
      differentiateLoss(loss, [output], [1], { targets: Float32Array.of(0), size: 1 });
    assertEquals(await measure(meanAbsoluteError(), 0), { value: 0, gradient: [0] });
    assertEquals(await measure(meanAbsoluteError(), -Infinity), {
      value: Infinity,
      gradient: [-1],
    });
    assertEquals(await measure(huber({ delta: 2 }), Infinity), { value: Infinity, gradient: [2] });
    assertEquals(await measure(huber({ delta: 2 }), -2), { value: 2, gradient: [-2] });
    for (const loss of Object.values(LOSSES)) {
      assertEquals((await measure(loss({}), NaN)).value, NaN);
    }
  }));

Deno.test("the losses of regression name the field that they can't use", () =>
  withBackend("wasm", () => {
    const outputs = tensorOf([1, 2, 3, 4], [2, 2]);
    const refuse = (batch: unknown, message: string) =>
      assertThrows(() => meanSquaredError()(outputs, batch as Targets), RangeError, message);
    const data = new Float32Array(4);
    refuse({ size: 2, labels: Int32Array.of(0, 1) }, "outputs of 2 x 2 with no targets");
    refuse({ size: 2, targets: new Float32Array(2) }, "outputs of 2 x 2 with targets of 2:");
    refuse({ size: 2, targets: { data, shape: [4, 1] } }, "with targets of 4 x 1:");
    const targets = { data, shape: [2, 2] };
    refuse({ size: 2, targets, weights: Float32Array.of(1) }, "2 examples with 1 weights");
    refuse({ size: 2, targets, weights: Float32Array.of(1, NaN) }, "example 1 with NaN");
    for (const delta of [0, -1, NaN, Infinity]) {
      assertThrows(() => huber({ delta }), RangeError, `huber with delta ${delta}`);
    }
  }));
