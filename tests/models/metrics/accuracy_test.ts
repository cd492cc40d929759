import { assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import {
  accuracy,
  type AccuracyOptions,
  binaryAccuracy,
  classAccuracy,
  type Labels,
  type Targets,
  topK,
  topKAccuracy,
} from "@rill/rill/models";
import { backendTest, numbers, withBackend } from "../_helpers.ts";
import { takeSums, tensorOf } from "../losses/_losses.ts";

backendTest("topKAccuracy() counts what topK() finds, ties included", async () => {
  const shape = [40, 7];
  // Few values, so that many are equal.
  const logits = numbers(280, 3).map((x) => Math.round(2 * x));
  const labels = Int32Array.from(numbers(40, 4), (x) => Math.floor(3.5 * (x + 1)));
  for (const k of [1, 2, 5, 7, 9]) {
    const { indices } = topK({ data: logits, shape }, Math.min(k, 7));
    const width = Math.min(k, 7);
    const hits = labels.filter((label, i) =>
      indices.subarray(i * width, (i + 1) * width).includes(label)
    );
    const batch = { labels, size: 40 };
    assertEquals(await takeSums(topKAccuracy(k), logits, shape, batch), [hits.length, 40]);
    if (k === 1) assertEquals(await takeSums(accuracy(), logits, shape, batch), [hits.length, 40]);
  }
});

Deno.test("accuracies take NaN for as large as Infinity", () =>
  withBackend("wasm", async () => {
    const logits = [1, NaN, 5, 2, -Infinity, 0];
    const count = (...labels: number[]) =>
      Promise.all([accuracy(), topKAccuracy(1)].map(async (metric) =>
        (await takeSums(metric, logits, [2, 3], { labels: Int32Array.from(labels), size: 2 }))[0]
      ));
    assertEquals(await count(1, 0), [2, 2]);
    assertEquals(await count(2, 1), [0, 0]);
    assertEquals(
      await takeSums(topKAccuracy(2), logits, [2, 3], { labels: Int32Array.of(2, 2), size: 2 }),
      [2, 2],
    );
  }));

Deno.test("accuracies leave out ignored labels, and weigh examples and mixed labels", () =>
  withBackend("wasm", async () => {
    const logits = [3, 1, 0, 2, 1, 0, 0, 1, 2];
    const labels = Int32Array.of(0, 1, 2);
    const size = 3;
    const ignoredLabel = 1;
    for (const metric of [accuracy({ ignoredLabel }), topKAccuracy(1, { ignoredLabel })]) {
      assertEquals(await takeSums(metric, logits, [3, 3], { labels, size }), [2, 2]);
    }
    const weights = Float32Array.of(0.5, 0.25, 0);
    for (const metric of [accuracy(), topKAccuracy(1)]) {
      assertEquals(await takeSums(metric, logits, [3, 3], { labels, weights, size }), [0.5, 0.75]);
      const mixed = {
        mixedLabels: { data: Int32Array.of(0, 1, 1, 0, 2, 2), shape: [3, 2] },
        shares: { data: Float32Array.of(0.5, 0.5, 0.25, 0.75, 0, 1), shape: [3, 2] },
        size,
      };
      assertEquals(await takeSums(metric, logits, [3, 3], mixed), [0.5 + 0.75 + 1, 3]);
    }
  }));

Deno.test("accuracies weigh classes: with one over each count they are the mean of the recalls", () =>
  withBackend("wasm", async () => {
    const logits = [3, 1, 0, 2, 1, 0, 0, 1, 2, 0, 5, 0];
    const batch = { labels: Int32Array.of(0, 0, 2, 0), size: 4 };
    const classWeights = [1 / 3, 7, 1];
    for (const metric of [accuracy({ classWeights }), topKAccuracy(1, { classWeights })]) {
      const [sum, weight] = await takeSums(metric, logits, [4, 3], batch);
      assertAlmostEquals(sum! / weight!, (2 / 3 + 1) / 2, 1e-6);
      const ofTwo = tensorOf(logits, [6, 2]);
      assertThrows(
        () => metric(ofTwo, { labels: new Int32Array(6), size: 6 }),
        RangeError,
        "Cannot weigh 2 classes with 3 classWeights",
      );
    }
    const soft = { labels: { data: Float32Array.of(1, 0, 0), shape: [1, 3] }, size: 1 };
    assertThrows(
      () => accuracy({ classWeights })(tensorOf([1, 2, 3], [1, 3]), soft),
      RangeError,
      "Cannot measure a weighted accuracy with labels that are probabilities",
    );
    for (const make of [accuracy, (options: AccuracyOptions) => topKAccuracy(2, options)]) {
      assertThrows(
        () => make({ classWeights: [1, -1] }),
        RangeError,
        "Cannot weigh class 1 with -1",
      );
    }
  }));

Deno.test("classAccuracy() is a class's recall", () =>
  withBackend("wasm", async () => {
    const logits = [3, 1, 0, 2, 1, 0, 0, 1, 2];
    const batch = { labels: Int32Array.of(0, 1, 0), size: 3 };
    const read = (index: number) => takeSums(classAccuracy(index), logits, [3, 3], batch);
    assertEquals([await read(0), await read(1), await read(2)], [[1, 2], [0, 1], [0, 0]]);
  }));

Deno.test("binaryAccuracy() counts each label, and NaN as wrong", () =>
  withBackend("wasm", async () => {
    const data = Float32Array.of(1, 0, 1, 0, 0.5, 0);
    const read = (weights?: Float32Array) =>
      takeSums(binaryAccuracy(), [2, -2, -2, 0, 1, NaN], [2, 3], {
        targets: { data, shape: [2, 3] },
        size: 2,
        ...weights && { weights },
      });
    assertEquals(await read(), [4, 6]);
    assertEquals(await read(Float32Array.of(1, 0)), [2, 3]);
  }));

Deno.test("accuracies refuse what they can't count", () =>
  withBackend("wasm", () => {
    const logits = tensorOf([1, 2, 3, 4], [2, 2]);
    const soft = { labels: { data: new Float32Array(4), shape: [2, 2] }, size: 2 };
    for (const metric of [topKAccuracy(1), classAccuracy(0)]) {
      assertThrows(
        () => metric(logits, soft as unknown as Labels),
        RangeError,
        "with labels that are probabilities",
      );
    }
    const batch = { labels: Int32Array.of(0, 1), size: 2 };
    assertThrows(() => classAccuracy(2)(logits, batch), RangeError, "class 2: there are 2");
    assertThrows(
      () => accuracy()(logits, { labels: Int32Array.of(0, 2), size: 2 }),
      RangeError,
      "Cannot take label 2 of example 1",
    );
    assertThrows(
      () => binaryAccuracy()(logits, batch as unknown as Targets),
      RangeError,
      "with no targets",
    );
    for (const k of [0, 1.5, NaN]) assertThrows(() => topKAccuracy(k), RangeError, `largest ${k}`);
    for (const c of [-1, 1.5]) assertThrows(() => classAccuracy(c), RangeError, `class ${c}`);
  }));
