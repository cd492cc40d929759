import { assertAlmostEquals, assertEquals } from "@std/assert";
import { readCurves, thinOut } from "../../../tasks/_report/read_curves.ts";
import { chapter } from "../../../tasks/_train/settings/train_settings.ts";

const settings = { ...chapter, images: 400, batchSize: 100, epochs: 4, learningRate: 0.1 };

const step = (step: number, seconds: number, loss: unknown = 1 / step) => ({
  event: "step",
  step,
  epoch: Math.ceil(step / 4),
  loss,
  accuracy: step / 100,
  seconds,
});

Deno.test("readCurves() takes steps, epochs and the score of a log, and leaves out what is no number", () => {
  const curves = readCurves([
    { event: "run", settings, resumed: null, seconds: 0 },
    step(1, 1),
    step(2, 2, "NaN"),
    step(3, 3),
    step(4, 4),
    {
      event: "epoch",
      epoch: 1,
      loss: 0.5,
      trainAccuracy: 0.4,
      validationAccuracy: 0.3,
      seconds: 6,
    },
    { event: "save", step: 4, seconds: 6 },
    {
      event: "epoch",
      epoch: 2,
      loss: 0.4,
      trainAccuracy: 0.5,
      validationAccuracy: 0.6,
      seconds: 9,
    },
    { event: "test", accuracy: 0.7, loss: 0.9 },
  ], settings);
  assertEquals(curves.loss, [[1, 1], [3, 1 / 3], [4, 0.25]]);
  assertEquals(curves.accuracy.length, 4);
  assertEquals(
    curves.epochs.map(({ epoch, step, judgedAccuracy }) => [epoch, step, judgedAccuracy]),
    [
      [1, 4, 0.3],
      [2, 8, 0.6],
    ],
  );
  assertEquals([curves.judged, curves.steps, curves.seconds], ["validation", 8, 9]);
  assertEquals(curves.test, { accuracy: 0.7, loss: 0.9 });
  assertEquals(readCurves([], settings).loss, []);
});

Deno.test("readCurves() gives the speed within epochs, without the time between them", () => {
  const { speed, isSpeedOfEpochs } = readCurves([
    ...[step(1, 1), step(2, 2), step(3, 3), step(4, 4)],
    // It has evaluated in between.
    ...[step(5, 60), step(6, 60.8), step(7, 61.6), step(8, 62.4)],
  ], settings);
  // Parts are a fortieth of the time at least, as several steps are told of at once.
  assertEquals([speed.map(([at]) => at), isSpeedOfEpochs], [[3, 7], false]);
  assertAlmostEquals(speed[0]![1], 200 / 2, 1e-9);
  assertAlmostEquals(speed[1]![1], 200 / 1.6, 1e-9);
});

Deno.test("readCurves() gives the epochs' means and speed where fewer steps were logged", () => {
  const epoch = (epoch: number, seconds: number) => ({
    ...{ event: "epoch", epoch, loss: 1 / epoch, trainAccuracy: epoch / 4, seconds },
  });
  const events = [
    ...[epoch(1, 9), epoch(2, 11), step(10, 11.5), epoch(3, 12)],
    ...[{ event: "run", settings, resumed: { step: 12 } }, epoch(4, 2), epoch(5, 6)],
  ];
  const { loss, accuracy, speed, isSpeedOfEpochs } = readCurves(events, settings);
  assertEquals(loss, [[4, 1], [8, 1 / 2], [12, 1 / 3], [16, 1 / 4], [20, 1 / 5]]);
  assertEquals(accuracy.map(([, value]) => value), [0.25, 0.5, 0.75, 1, 1.25]);
  // Not of the first, which opens everything, nor over the run's own beginning.
  // Of a run without a log they are in its checkpoint.
  const { epochs } = readCurves(events, settings);
  const saved = readCurves([], settings, epochs.map((row) => ({ ...row, seconds: undefined })));
  assertEquals([saved.loss, saved.speed, saved.steps], [loss, [], 20]);
  assertEquals([speed, isSpeedOfEpochs], [[[8, 200], [12, 400], [20, 100]], true]);
});

Deno.test("readCurves() gives the learning rate of each part of a run", () => {
  const events = [
    { event: "run", settings, resumed: null },
    ...[1, 2, 3, 4].map((n) => step(n, n)),
    { event: "retry", step: 2, learningRate: 0.05 },
    ...[5, 6].map((n) => step(n, n)),
    { event: "run", settings: { ...settings, learningRate: 0.01 }, resumed: { step: 5 } },
    step(7, 7),
  ];
  const expected = [[1, 0.1], [2, 0.1], [3, 0.05], [4, 0.05], [5, 0.05], [6, 0.01], [7, 0.01]];
  assertEquals(readCurves(events, settings).learningRate, expected as [number, number][]);
  const falling = { ...settings, schedule: "linear" as const, accumulate: 2 };
  const rates = readCurves([16].map((n) => step(n, n)), falling).learningRate;
  assertEquals(rates.length, 16);
  assertEquals(rates[0]![1], rates[1]![1], "two steps are an update");
  assertAlmostEquals(rates[15]![1], 0.1 / 9, 1e-9, "the update after the last has none");
});

Deno.test("thinOut() gives means of neighbours, up to the last", () => {
  const points = Array.from({ length: 9 }, (_, i) => [i + 1, i] as const);
  assertEquals(thinOut(points, 3), [[3, 1], [6, 4], [9, 7]]);
  assertEquals(thinOut(points, 20), points.map(([a, b]) => [a, b]));
});
