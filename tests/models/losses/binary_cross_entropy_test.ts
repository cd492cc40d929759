import { assert, assertEquals, assertThrows } from "@std/assert";
import { binaryCrossEntropy, type Targets } from "@rill/rill/models";
import { assertClose, backendTest, withBackend } from "../_helpers.ts";
import {
  differentiateLoss,
  type LossReference,
  references,
  takeMean,
  tensorOf,
} from "./_losses.ts";

interface Reference extends LossReference {
  readonly options: { readonly posWeight?: number | readonly number[] };
  readonly targets: readonly number[];
}

backendTest("binaryCrossEntropy() has PyTorch's losses and gradients", async () => {
  const cases: readonly Reference[] = references.binaryCrossEntropy;
  assert(cases.length > 10);
  for (const { options, shape, output, targets, loss, gradient } of cases) {
    const [size = 0] = shape;
    const batch = { targets: { data: Float32Array.from(targets), shape }, size };
    const found = await differentiateLoss(binaryCrossEntropy(options), output, shape, batch);
    const what = `posWeight ${options.posWeight} of ${shape}`;
    assertClose([found.value], [loss], 1e-5, what);
    assertClose(found.gradient, gradient, 1e-5, what, 0);
  }
});

Deno.test("binaryCrossEntropy() doesn't overflow, and weighs examples", () =>
  withBackend("wasm", async () => {
    const measure = (output: number[], targets: number[], weights?: number[]) => {
      const batch = { targets: Uint8Array.from(targets), size: targets.length };
      return takeMean(binaryCrossEntropy(), output, [targets.length, 1], {
        ...batch,
        ...weights && { weights: Float32Array.from(weights) },
      });
    };
    assertEquals(await measure([1000, -1000], [0, 1]), 1000);
    assertEquals(await measure([1000, -1000], [1, 0]), 0);
    assertEquals(await measure([1000, -1000], [0, 0], [1, 3]), 250);
    assertEquals(await measure([NaN], [1]), NaN);
  }));

Deno.test("binaryCrossEntropy() refuses what it can't use", () =>
  withBackend("wasm", () => {
    const logits = tensorOf([1, 2, 3, 4], [2, 2]);
    const refuse = (batch: unknown, message: string, posWeight?: number[]) =>
      assertThrows(
        () => binaryCrossEntropy(posWeight ? { posWeight } : {})(logits, batch as Targets),
        RangeError,
        message,
      );
    const targets = { data: Float32Array.of(0, 1, 0, 1), shape: [2, 2] };
    refuse({ labels: Int32Array.of(0, 1), size: 2 }, "with no targets");
    refuse(
      { targets: { ...targets, data: Float32Array.of(0, 2, 0, 1) }, size: 2 },
      "target 2 at 1",
    );
    refuse({ targets, size: 2 }, "Cannot weigh 2 labels with 3 numbers of posWeight", [1, 2, 3]);
    for (const posWeight of [0, NaN, [1, -1], []]) {
      assertThrows(() => binaryCrossEntropy({ posWeight }), RangeError, "with posWeight");
    }
  }));
