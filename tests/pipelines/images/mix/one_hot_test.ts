import { assert, assertAlmostEquals, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { pipe } from "fp-ts/lib/function.js";
import {
  type Batch,
  batch,
  collect,
  cutMix,
  drain,
  gather,
  type MixedBatch,
  mixup,
  oneHot,
  type SoftBatch,
  StageError,
} from "@rill/rill/pipelines";
import type { Bytes } from "../_augment.ts";
import { getOnly } from "../../_get_only.ts";
import { counting, range, testStage, tiny } from "../../_helpers.ts";

const batchOf = (...labels: number[]): Batch<Bytes> => ({
  images: { data: new Uint8Array(labels.length), shape: [labels.length, 1, 1, 1] },
  labels: Int32Array.from(labels),
  size: labels.length,
});
const inputs = [batchOf(0, 2), batchOf(1), batchOf(2, 2, 0)];
const rows = (...rows: number[][]): SoftBatch["labels"] => ({
  data: Float32Array.from(rows.flat()),
  shape: [rows.length, 3],
});

testStage<Batch<Bytes>, Pick<Batch<Bytes>, "images"> & SoftBatch>({
  name: "oneHot()",
  stage: oneHot({ classes: 3 }),
  input: inputs,
  output: [
    { ...inputs[0]!, labels: rows([1, 0, 0], [0, 0, 1]) },
    { ...inputs[1]!, labels: rows([0, 1, 0]) },
    { ...inputs[2]!, labels: rows([0, 0, 1], [0, 0, 1], [1, 0, 0]) },
  ],
  pulled: (given) => given,
});

Deno.test("oneHot() smooths as PyTorch's cross-entropy does", async () => {
  const { labels } = getOnly(
    await collect(oneHot({ classes: 3, smoothing: 0.3 })(counting([batchOf(2)]))),
  );
  [0.1, 0.1, 0.8].forEach((x, i) => assertAlmostEquals(labels.data[i]!, x, 1e-7));
  const even = getOnly(await collect(oneHot({ classes: 4, smoothing: 1 })(counting([batchOf(2)]))));
  assertEquals(even.labels.data, new Float32Array(4).fill(0.25));
});

Deno.test("oneHot() adds up the shares of blends", async () => {
  const mixed: MixedBatch<Bytes> = {
    images: batchOf(0, 0).images,
    mixedLabels: { data: Int32Array.of(1, 2, 0, 0), shape: [2, 2] },
    shares: { data: Float32Array.of(0.75, 0.25, 0.5, 0.5), shape: [2, 2] },
    size: 2,
  };
  const output = getOnly(await collect(oneHot({ classes: 3 })(counting([mixed]))));
  assertEquals(output, {
    images: mixed.images,
    labels: rows([0, 0.75, 0.25], [1, 0, 0]),
    size: 2,
  });
});

Deno.test("oneHot() goes behind mixup() and cutMix()", async () => {
  const examples = () => counting(range(8).map(tiny));
  for (const mix of [mixup({ alpha: 1, seed: 0 }), cutMix({ seed: 0 })]) {
    const all = await pipe(
      examples(),
      batch(4),
      mix,
      oneHot({ classes: 8, smoothing: 0.1 }),
      collect,
    );
    for (const { labels: { data, shape } } of all) {
      assertEquals(shape, [4, 8]);
      for (let i = 0; i < 4; i++) {
        const row = data.subarray(8 * i, 8 * i + 8);
        assert(row.every((x) => x >= 0.0125 - 1e-8));
        assertAlmostEquals(row.reduce((a, b) => a + b), 1, 1e-6);
      }
    }
  }
});

Deno.test("oneHot() keeps the other fields of any batch", async () => {
  const records = [{ labels: 1, weights: 0.5 }, { labels: 0, weights: 2 }];
  const gathered = gather(2, { integers: ["labels"] })(counting(records));
  const output = getOnly(await collect(oneHot({ classes: 2 })(gathered)));
  assertEquals(output, {
    labels: { data: Float32Array.of(0, 1, 1, 0), shape: [2, 2] },
    weights: Float32Array.of(0.5, 2),
    size: 2,
  });
});

Deno.test("oneHot() takes a batch of nothing", async () => {
  const none = { labels: new Int32Array(), size: 0 };
  const { labels } = getOnly(await collect(oneHot({ classes: 2 })(counting([none]))));
  assertEquals(labels, { data: new Float32Array(), shape: [0, 2] });
});

Deno.test("oneHot() names the batch with a label that is no class", async () => {
  for (const bad of [-1, 3]) {
    const error = await assertRejects(
      () => drain(oneHot({ classes: 3 })(counting([batchOf(0), batchOf(1, bad)]))),
      StageError,
      `Cannot encode item 1: the label of example 1 is ${bad}, not an index of 3 classes`,
    );
    assertEquals(error.position, 1);
  }
  await assertRejects(
    () => drain(oneHot({ classes: 3 })(counting([{ ...batchOf(0, 1), size: 3 }]))),
    StageError,
    "Cannot encode item 0: the batch of 3 has 2 labels",
  );
  const soft = { labels: { data: new Float32Array(3), shape: [1, 3] }, size: 1 };
  const again = async () => {
    // @ts-expect-error It has been done.
    await drain(oneHot({ classes: 3 })(counting([soft])));
  };
  await assertRejects(again, StageError, "the batch has no labels that are indices");
});

Deno.test("oneHot() refuses bad options when it is called", () => {
  for (const bad of [0, -1, 2.5]) {
    assertThrows(
      () => oneHot({ classes: bad }),
      RangeError,
      `Cannot encode labels of ${bad} classes: the number must be an integer`,
    );
  }
  for (const bad of [-0.1, 1.1, NaN]) {
    assertThrows(
      () => oneHot({ classes: 3, smoothing: bad }),
      RangeError,
      `Cannot encode labels with a smoothing of ${bad}: the smoothing must be a number from 0 to 1`,
    );
  }
});
