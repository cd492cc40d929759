import { assertAlmostEquals, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { CheckpointError, getOrThrow } from "../../models/mod.ts";
import { UsageError } from "../../tasks/_cli/errors.ts";
import { classes } from "../../tasks/_data/fetch/fashion_mnist.ts";
import { type ClassReport, computeReport, formatReport } from "../../tasks/_evaluate/report.ts";
import { resolveModel } from "../../tasks/_evaluate/resolve_model.ts";
import { addToTally, createTally } from "../../tasks/_model/tally.ts";

const resolve = (...args: Parameters<typeof resolveModel>) => getOrThrow(resolveModel(...args));

const batch = (labels: number[], predictions: number[], loss: number, count = 3) => ({
  size: labels.length,
  outputs: {
    data: Float32Array.from(
      predictions.flatMap((guess) => Array.from({ length: count }, (_, i) => i === guess ? 1 : 0)),
    ),
    shape: [labels.length, count],
  },
  means: {
    loss: { sum: loss * labels.length, weight: labels.length },
    accuracy: {
      sum: labels.filter((label, i) => label === predictions[i]).length,
      weight: labels.length,
    },
  },
  labels: Int32Array.from(labels),
});

const qualityOf = (report?: ClassReport) =>
  report && [report.precision, report.recall, report.f1, report.examples];

Deno.test("computeReport() counts over batches", () => {
  const tally = [batch([0, 0, 1], [0, 1, 1], 1), batch([2, 1], [0, 1], 3)]
    .reduce(addToTally, createTally(3));
  const { accuracy, loss, classes: [a, b, c], confusion } = computeReport(tally, ["a", "b", "c"]);
  assertEquals([accuracy, confusion], [0.6, [[1, 1, 0], [0, 2, 0], [1, 0, 0]]]);
  assertAlmostEquals(loss, (3 * 1 + 2 * 3) / 5, 1e-12);
  assertEquals(qualityOf(a), [0.5, 0.5, 0.5, 2]);
  assertEquals(qualityOf(b), [2 / 3, 1, 0.8, 2]);
  assertEquals(qualityOf(c), [null, 0, 0, 1]);
});

Deno.test("formatReport() names every class and shows the matrix", () => {
  const tally = addToTally(createTally(10), batch([0, 9, 9], [0, 9, 8], 0.5, 10));
  const lines = formatReport(computeReport(tally, classes)).split("\n");
  assertEquals(lines[0], "accuracy 0.6667, loss 0.5000, 3 images");
  assertEquals(lines.length, 1 + 1 + 12 + 1 + 12);
  assertStringIncludes(lines[4] ?? "", "T-shirt/top      1.000   1.000  1.000       1");
  assertEquals(lines.at(-1), "9 Ankle boot    0  0  0  0  0  0  0  0  1  1");
});

Deno.test("resolveModel() takes the metadata, else the command line and the shapes", () => {
  const model = {
    name: "alexnet",
    side: 99,
    channels: 1,
    classes: 10,
    dropout: 0.1,
    mean: 0.2,
    std: 0.3,
  };
  const own = { metadata: { rill: JSON.stringify({ model }) }, tensors: {} };
  assertEquals<unknown>(resolve(own, {}, "f"), model);
  assertEquals<unknown>(resolve(own, { side: 99 }, "f"), model);
  assertThrows(() => resolve(own, { side: 67 }, "f"), UsageError, "trained with 99");

  // As runs before the first release saved it.
  const { std: deviation, ...rest } = model;
  const old = {
    metadata: { rill: JSON.stringify({ model: { ...rest, deviation } }) },
    tensors: {},
  };
  assertEquals<unknown>(resolve(old, {}, "f"), model);
  assertThrows(() => resolve(old, { std: 1 }, "f"), UsageError, "trained with 0.3");

  const exported = (channels: number, outputs: number) => ({
    metadata: { format: "pt" },
    tensors: {
      "conv.0.weight": { shape: [96, channels, 11, 11], data: new Float32Array() },
      "fc.6.weight": { shape: [outputs, 4096], data: new Float32Array() },
    },
  });
  const { side, mean, std } = resolve(exported(1, 10), { side: 67 }, "f");
  assertEquals([side, mean, std], [67, 0, 1]);
  assertEquals(resolve(exported(1, 10), {}, "f").side, 224);
  const small = exported(1, 10);
  const fc = { "fc.0.weight": { shape: [4096, 256], data: new Float32Array() } };
  assertThrows(
    () => resolve({ ...small, tensors: { ...small.tensors, ...fc } }, {}, "f"),
    CheckpointError,
    "its tensors fit 67 to 98; name it with --side",
  );
  assertThrows(
    () => resolve(exported(3, 1000), {}, "f"),
    CheckpointError,
    "it takes 3 channels and tells 1000 classes apart: the data set has 1 and 10",
  );
  const foreign = { metadata: { rill: "{}" }, tensors: {} };
  assertThrows(() => resolve(foreign, {}, "f"), CheckpointError, "no known model");
  const damaged = { metadata: { rill: "{" }, tensors: {} };
  assertThrows(() => resolve(damaged, {}, "f"), CheckpointError, "no known model");
});
