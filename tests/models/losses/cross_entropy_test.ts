import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { type ClassLabels, crossEntropy, type MixedLabels } from "@rill/rill/models";
import { assertClose, backendTest, withBackend } from "../_helpers.ts";
import {
  differentiateLoss,
  type LossReference,
  references,
  takeMean,
  takeSums,
  tensorOf,
} from "./_losses.ts";

interface Reference extends LossReference {
  readonly options: Readonly<Record<string, number | readonly number[]>>;
  readonly labels?: readonly number[];
  readonly mixed?: readonly number[];
  readonly weights?: readonly number[];
  readonly soft?: readonly number[];
  readonly maps?: readonly number[];
}

function readBatch({ shape, labels, mixed, weights, soft, maps }: Reference): ClassLabels {
  const [size = 0] = shape;
  if (soft) return { labels: { data: Float32Array.from(soft), shape }, size };
  if (maps) return { labels: { data: Int32Array.from(maps), shape: shape.slice(0, -1) }, size };
  if (mixed) return mixLabels(labels!, mixed, weights!);
  return {
    labels: Int32Array.from(labels!),
    size,
    ...weights && { weights: Float32Array.from(weights) },
  };
}

/** Makes a batch of blends of two examples each, the first in the given shares. */
function mixLabels(
  first: ArrayLike<number>,
  second: ArrayLike<number>,
  shares: ArrayLike<number>,
): MixedLabels {
  const size = first.length;
  const shape = [size, 2];
  const pair = (i: number) => [first[i]!, second[i]!];
  const parts = (i: number) => [shares[i]!, 1 - shares[i]!];
  const examples = Array.from({ length: size }, (_, i) => i);
  return {
    mixedLabels: { data: Int32Array.from(examples.flatMap(pair)), shape },
    shares: { data: Float32Array.from(examples.flatMap(parts)), shape },
    size,
  };
}

backendTest("crossEntropy() has PyTorch's losses and gradients", async () => {
  const cases: readonly Reference[] = references.crossEntropy;
  assert(cases.length > 20);
  for (const reference of cases) {
    const { options, shape, output, loss, gradient } = reference;
    const what = JSON.stringify({ ...reference, gradient: undefined, output: undefined });
    const batch = readBatch(reference);
    const found = await differentiateLoss(crossEntropy(options), output, shape, batch);
    assertClose([found.value], [loss], 1e-5, what);
    assertClose(found.gradient, gradient, 1e-5, what, 0);
  }
});

Deno.test("crossEntropy() gives its accuracy by what labels say", () =>
  withBackend("wasm", async () => {
    // The first of the largest is what is predicted: classes 0, 2, 1, 0.
    const logits = [3, 1, 3, 0, 1, 2, 0, 5, 1, 2, 2, 0];
    const shape = [4, 3];
    const size = 4;
    const read = (batch: ClassLabels, options = {}) =>
      takeSums(
        (output, batch: ClassLabels) => crossEntropy(options)(output, batch).metrics!.accuracy,
        logits,
        shape,
        batch,
      );
    const labels = Int32Array.of(0, 2, 2, 1);
    assertEquals(await read({ labels, size }), [2, 4]);
    assertEquals(await read({ labels, size }, { labelSmoothing: 0.1 }), [2, 4]);
    assertEquals(await read({ labels, size }, { classWeights: [1, 2, 3] }), [2, 4]);
    assertEquals(await read({ labels, size }, { ignoredLabel: 2 }), [1, 2]);
    assertEquals(await read({ labels, size, weights: Float32Array.of(4, 0, 1, 1) }), [4, 6]);
    const mixed = mixLabels(labels, [1, 1, 1, 0], [0.75, 1, 0.25, 0.5]);
    assertEquals(await read(mixed), [0.75 + 1 + 0.75 + 0.5, 4]);
    const weights = Float32Array.of(2, 0, 1, 1);
    assertEquals(await read({ ...mixed, weights }), [2 * 0.75 + 0.75 + 0.5, 4]);
    const data = Float32Array.of(1, 0, 0, 0.5, 0.25, 0.25, 0, 0.5, 0.5, 0, 0, 1);
    assertEquals(await read({ labels: { data, shape }, size }), [1 + 0.25 + 0.5, 4]);
    const all = { data, shape };
    assertEquals(
      await read({ labels: all, size, weights: Float32Array.of(1, 2, 0, 1) }),
      [1.5, 4],
    );
  }));

Deno.test("crossEntropy() is the loss of the soft labels that mixed ones stand for", () =>
  withBackend("wasm", async () => {
    const logits = [1, -2, 0.5, 3, 0, -1];
    const labels = Int32Array.of(2, 0);
    const data = Float32Array.of(0, 0.75, 0.25, 1, 0, 0);
    const blends = mixLabels(labels, [1, 0], [0.25, 0.5]);
    const mixed = await takeMean(crossEntropy(), logits, [2, 3], blends);
    const soft = { labels: { data, shape: [2, 3] }, size: 2 };
    assertAlmostEquals(mixed, await takeMean(crossEntropy(), logits, [2, 3], soft), 1e-6);
    const smoothing = crossEntropy({ labelSmoothing: 0.2 });
    assertAlmostEquals(
      await takeMean(smoothing, logits, [2, 3], blends),
      await takeMean(smoothing, logits, [2, 3], soft),
      1e-6,
    );
    const three = {
      mixedLabels: { data: Int32Array.of(2, 1, 0, 0, 0, 1), shape: [2, 3] },
      shares: { data: Float32Array.of(0.5, 0.25, 0.25, 0.5, 0.25, 0.25), shape: [2, 3] },
      size: 2,
    };
    const thirds = {
      labels: { data: Float32Array.of(0.25, 0.25, 0.5, 0.75, 0.25, 0), shape: [2, 3] },
      size: 2,
    };
    assertAlmostEquals(
      await takeMean(crossEntropy(), logits, [2, 3], three),
      await takeMean(crossEntropy(), logits, [2, 3], thirds),
      1e-6,
    );
    const plain = await takeMean(crossEntropy(), logits, [2, 3], { labels, size: 2 });
    assert(Math.abs(mixed - plain) > 0.1, "they are not what plain labels give");
  }));

Deno.test("crossEntropy() has an infinite loss for a class of probability 0 only where it counts", () =>
  withBackend("wasm", async () => {
    const logits = [0, -Infinity, 0, 1, 2, 3];
    const options = { classWeights: [1, 2, 3] };
    const measure = (...labels: number[]) =>
      differentiateLoss(crossEntropy(options), logits, [2, 3], {
        labels: Int32Array.from(labels),
        size: 2,
      });
    const { value, gradient } = await measure(0, 2);
    assertAlmostEquals(
      value,
      (Math.log(2) + 3 * Math.log(1 + Math.exp(-1) + Math.exp(-2))) / 4,
      1e-6,
    );
    assertClose(gradient.slice(0, 3), [-0.125, 0, 0.125], 1e-6);
    assertEquals((await measure(1, 2)).value, Infinity);
    for (const special of [NaN, Infinity]) {
      const loss = await takeMean(crossEntropy(options), [special, 0, 0], [1, 3], {
        labels: Int32Array.of(1),
        size: 1,
      });
      assertEquals(loss, NaN);
    }
  }));

Deno.test("crossEntropy() is NaN where nothing counts, as in PyTorch", () =>
  withBackend("wasm", async () => {
    const batch = { labels: Int32Array.of(-1, -1), size: 2 };
    assertEquals(
      await takeSums(crossEntropy({ ignoredLabel: -1 }), [1, 2, 3, 4], [2, 2], batch),
      [0, 0],
    );
  }));

Deno.test("crossEntropy() refuses what it can't compare", () =>
  withBackend("wasm", () => {
    const logits = tensorOf([1, 2, 3, 4, 5, 6], [2, 3]);
    const refuse = (batch: unknown, message: string, options = {}) =>
      assertThrows(
        () => crossEntropy(options)(logits, batch as ClassLabels),
        RangeError,
        message,
      );
    const labels = Int32Array.of(0, 2);
    const mixed = mixLabels(labels, labels, [0.5, 0.5]);
    const { mixedLabels, shares } = mixed;
    const { data } = shares;
    refuse({ size: 2 }, "Cannot compare logits of 2 x 3 with no labels");
    refuse({ labels: Int32Array.of(1), size: 2 }, "logits of 2 x 3 with 1 labels");
    refuse({ labels: { data: new Float32Array(4), shape: [2, 2] }, size: 2 }, "labels of 2 x 2");
    refuse({ ...mixed, labels }, "with mixedLabels of 2 x 2");
    refuse({ mixedLabels: labels, shares, size: 2 }, "with 2 mixedLabels");
    refuse({ mixedLabels, size: 2 }, "with no shares");
    refuse({ shares, size: 2 }, "with no mixedLabels");
    refuse({ mixedLabels, shares: { data, shape: [4, 1] }, size: 2 }, "with shares of 4 x 1");
    refuse(
      {
        mixedLabels,
        shares: { data: Float32Array.of(0.5, 0.5, 1.5, -0.5), shape: [2, 2] },
        size: 2,
      },
      "Cannot mix the labels of example 1 in shares of 1.5 and -0.5",
    );
    refuse(
      { mixedLabels, shares: { data: Float32Array.of(0.5, 0.4, 1, 0), shape: [2, 2] }, size: 2 },
      "Cannot mix the labels of example 0",
    );
    refuse(mixLabels([0, 3], labels, [0.5, 0.5]), "Cannot take label 3 of example 1");
    refuse({ labels, weights: Float32Array.of(-1, 1), size: 2 }, "Cannot weigh example 0 with -1");
    refuse({ labels, weights: Float32Array.of(1), size: 2 }, "2 examples with 1 weights");
    const soft = { data: new Float32Array(6).fill(-1), shape: [2, 3] };
    refuse({ labels: soft, size: 2 }, "Cannot take -1 for the probability of class 0 of example 0");
    refuse({ ...mixed, labels: soft }, "with mixedLabels of 2 x 2");
    for (const options of [{}, { labelSmoothing: 0.1 }]) {
      refuse({ labels: Int32Array.of(0, 3), size: 2 }, "Cannot take label 3 of example 1", options);
      refuse({ labels: [0.5, 1], size: 2 }, "Cannot take label 0.5 of example 0", options);
    }
    refuse({ labels, size: 2 }, "Cannot weigh 3 classes with 2 classWeights", {
      classWeights: [1, 2],
    });
    for (
      const [options, message] of [
        [{ labelSmoothing: 1 }, "labelSmoothing 1"],
        [{ labelSmoothing: NaN }, "labelSmoothing NaN"],
        [{ classWeights: [1, -2] }, "Cannot weigh class 1 with -2"],
        [{ ignoredLabel: 0.5 }, "Cannot ignore label 0.5"],
      ] as const
    ) assertThrows(() => crossEntropy(options), RangeError, message);
  }));
