import { assertEquals, assertThrows } from "@std/assert";
import {
  addConfusionMatrices,
  classificationReport,
  confusionMatrix,
  topK,
} from "@rill/rill/models";
import { numbers } from "../_helpers.ts";

Deno.test("topK() is the beginning of a stable sort", () => {
  const data = numbers(30 * 9, 5).map((x) => Math.round(3 * x));
  for (let k = 1; k <= 9; k++) {
    const { indices, values, shape } = topK({ data, shape: [5, 6, 9] }, k);
    assertEquals(shape, [5, 6, k]);
    for (let row = 0; row < 30; row++) {
      const own = data.subarray(9 * row, 9 * row + 9);
      const sorted = [...own.keys()].sort((a, b) => own[b]! - own[a]!).slice(0, k);
      assertEquals([...indices.subarray(row * k, row * k + k)], sorted);
      assertEquals([...values.subarray(row * k, row * k + k)], sorted.map((c) => own[c]!));
    }
  }
});

Deno.test("topK() has NaN before Infinity, and takes an empty batch", () => {
  const { indices } = topK({ data: [1, NaN, -Infinity, Infinity, NaN], shape: [5] }, 5);
  assertEquals([...indices], [1, 4, 3, 0, 2]);
  assertEquals(topK({ data: [], shape: [0, 3] }, 2), {
    indices: new Int32Array(0),
    values: new Float32Array(0),
    shape: [0, 2],
  });
});

Deno.test("topK() refuses shapes and counts that don't fit", () => {
  const scores = { data: new Float32Array(6), shape: [2, 3] };
  for (const k of [0, 4, 1.5, NaN]) {
    assertThrows(() => topK(scores, k), RangeError, `Cannot find the largest ${k} of 3 numbers`);
  }
  assertThrows(() => topK({ ...scores, shape: [2, 2] }, 1), RangeError, "6 numbers of 2 x 2");
  assertThrows(() => topK({ data: [1], shape: [] }, 1), RangeError, "1 numbers of no dimension");
});

Deno.test("confusionMatrix() has a row for each class and counts none twice", () => {
  const labels = Int32Array.of(0, 0, 1, 2, -1);
  const predictions = Int32Array.of(0, 1, 1, 0, 2);
  const matrix = confusionMatrix(predictions, labels, 3, { ignoredLabel: -1 });
  assertEquals(matrix, [[1, 1, 0], [0, 1, 0], [1, 0, 0]]);
  const halves = [[0, 2], [2, 4]].map(([from, to]) =>
    confusionMatrix(predictions.subarray(from, to), labels.subarray(from, to), 3)
  );
  assertEquals(addConfusionMatrices(halves), matrix);
  for (
    const [predictions, labels, message] of [
      [[0], [0, 1], "1 predictions with 2 labels"],
      [[0, 0], [0, 2], "Cannot take label 2 of example 1 for a class: there are 2"],
      [[0.5], [0], "Cannot take prediction 0.5 of example 0"],
      [[0], [-1], "Cannot take label -1 of example 0"],
    ] as const
  ) assertThrows(() => confusionMatrix(predictions, labels, 2), RangeError, message);
  assertThrows(() => confusionMatrix([], [], 0), RangeError, "Cannot count 0 classes");
  assertThrows(() => addConfusionMatrices([]), RangeError, "no confusion matrices");
  assertThrows(
    () => addConfusionMatrices([[[1]], halves[0]!]),
    RangeError,
    "3 classes to one of 1",
  );
});

Deno.test("classificationReport() has null where there is nothing to divide by", () => {
  const report = classificationReport([[1, 1, 0], [0, 2, 0], [0, 0, 0]], ["a", "b", "c"]);
  assertEquals(report, {
    accuracy: 0.75,
    support: 4,
    classes: [
      { name: "a", precision: 1, recall: 0.5, f1: 2 / 3, support: 2 },
      { name: "b", precision: 2 / 3, recall: 1, f1: 0.8, support: 2 },
      { name: "c", precision: null, recall: null, f1: null, support: 0 },
    ],
  });
  assertEquals(classificationReport([[0, 0], [0, 0]]).accuracy, null);
  assertEquals(classificationReport([[1]]).classes[0]?.name, "0");
  assertThrows(() => classificationReport([[1, 2]]), RangeError, "1 rows, of 2 counts each");
  assertThrows(() => classificationReport([[1]], []), RangeError, "with 0 names");
});
