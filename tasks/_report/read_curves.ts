import type { LogEvent } from "../_train/report/run_log.ts";
import { countSteps, planLearningRate } from "../_train/settings/plan_optimizer.ts";
import { completeSaved, type TrainSettings } from "../_train/settings/train_settings.ts";

/** A place on a curve: a step, and the value there. */
export type Point = readonly [step: number, value: number];

/** What was measured after an epoch. */
export interface EpochRow {
  readonly epoch: number;
  /** The step that it ended with. */
  readonly step: number;
  readonly loss: number | undefined;
  readonly accuracy: number | undefined;
  /** Of the images that decide about the best parameters. */
  readonly judgedLoss: number | undefined;
  readonly judgedAccuracy: number | undefined;
  /** Since the run began. */
  readonly seconds: number | undefined;
}

/** The curves of a run. Of training they are of single batches; where fewer were logged than epochs, of the epochs' means. */
export interface RunCurves {
  readonly loss: readonly Point[];
  readonly accuracy: readonly Point[];
  readonly learningRate: readonly Point[];
  /** Images in a second. */
  readonly speed: readonly Point[];
  /** Whether the speed is that of whole epochs, with their evaluations and saves, as no two steps of an epoch were logged. */
  readonly isSpeedOfEpochs: boolean;
  readonly epochs: readonly EpochRow[];
  /** What the images are called that were evaluated after each epoch. */
  readonly judged: "validation" | "test";
  /** The score on test images at the end, where others decided. */
  readonly test: { readonly accuracy: number; readonly loss: number } | undefined;
  /** The seconds that the run took. */
  readonly seconds: number | undefined;
  readonly steps: number;
}

/** The most points of a curve: more than a screen shows are their means. */
const MOST_POINTS = 240;

const isNumber = (value: unknown): value is number =>
  typeof value === "number" && Number.isFinite(value);

const isObject = (value: unknown): value is object => typeof value === "object" && value !== null;

const toNumber = (value: unknown): number | undefined => isNumber(value) ? value : undefined;

/**
 * Reads the curves of a run from the events of its log. What isn't a number is left out.
 *
 * @param settings The run's, where the log doesn't say them.
 * @param history What was measured after each epoch, where the log doesn't say it.
 */
export function readCurves(
  events: readonly LogEvent[],
  settings: TrainSettings,
  history: readonly EpochRow[] = [],
): RunCurves {
  const perEpoch = countSteps({ ...settings, epochs: 1 });
  const steps = events.filter(({ event, step }) => event === "step" && isNumber(step));
  const logged = events.filter(({ event, epoch }) => event === "epoch" && isNumber(epoch))
    .map((one) => toEpochRow(one, perEpoch));
  const epochs = logged.length > 0 ? logged : history;
  const curve = (key: "loss" | "accuracy"): Point[] => {
    const points = steps.flatMap((one): Point[] =>
      isNumber(one[key]) ? [[Number(one.step), one[key]]] : []
    );
    const means = pickEpochs(epochs, key);
    return points.length < means.length ? means : thinOut(points);
  };
  const speed = measureSpeed(steps, settings.batchSize);
  const test = events.findLast(({ event }) => event === "test");
  const last = Math.max(0, ...steps.map(({ step }) => Number(step)), ...epochs.map((e) => e.step));
  return {
    loss: curve("loss"),
    accuracy: curve("accuracy"),
    learningRate: traceLearningRate(events, settings, last),
    speed: speed.length > 0 ? speed : measureEpochs(epochs, settings.images),
    isSpeedOfEpochs: speed.length === 0,
    epochs,
    judged: events.some(({ validationAccuracy }) => isNumber(validationAccuracy))
      ? "validation"
      : "test",
    test: isNumber(test?.accuracy) && isNumber(test.loss)
      ? { accuracy: test.accuracy, loss: test.loss }
      : undefined,
    seconds: toNumber(events.findLast(({ seconds }) => isNumber(seconds))?.seconds),
    steps: last,
  };
}

function toEpochRow(event: LogEvent, perEpoch: number): EpochRow {
  const epoch = Number(event.epoch);
  return {
    epoch,
    step: epoch * perEpoch,
    loss: toNumber(event.loss),
    accuracy: toNumber(event.trainAccuracy),
    judgedLoss: toNumber(event.validationLoss ?? event.testLoss),
    judgedAccuracy: toNumber(event.validationAccuracy ?? event.testAccuracy),
    seconds: toNumber(event.seconds),
  };
}

/** Picks a curve over epochs. */
export const pickEpochs = (epochs: readonly EpochRow[], key: keyof EpochRow): Point[] =>
  epochs.flatMap((row) => row[key] === undefined ? [] : [[row.step, row[key]] as const]);

/** Thins out a curve: neighbours become their mean, at the last one's place. */
export function thinOut(points: readonly Point[], most: number = MOST_POINTS): Point[] {
  const count = Math.min(points.length, most);
  return Array.from({ length: count }, (_, i) => {
    const from = Math.floor(i * points.length / count);
    const part = points.slice(from, Math.floor((i + 1) * points.length / count));
    const mean = part.reduce((sum, [, value]) => sum + value, 0) / part.length;
    return [part.at(-1)![0], mean];
  });
}

/** The most points of a learning rate, which is drawn as it was planned. */
const RATE_POINTS = 120;

/** Traces the learning rate over the steps that were made: by the settings that each part of the run had. */
function traceLearningRate(
  events: readonly LogEvent[],
  own: TrainSettings,
  last: number,
): Point[] {
  let settings = own;
  /** From which step on which settings hold. */
  const parts: { readonly from: number; readonly settings: TrainSettings }[] = [];
  for (const { event, learningRate, ...one } of events) {
    if (event === "run" && isObject(one.settings)) {
      settings = completeSaved(one.settings);
      const { step } = Object(one.resumed);
      parts.push({ from: isNumber(step) ? step : 0, settings });
    } else if (event === "retry" && isNumber(learningRate)) {
      settings = { ...settings, learningRate };
      parts.push({ from: toNumber(one.step) ?? 0, settings });
    }
  }
  if (parts.length === 0) parts.push({ from: 0, settings });
  return parts.flatMap(({ from, settings }, i) => {
    const to = Math.min(parts[i + 1]?.from ?? last, last);
    const rate = planLearningRate(settings);
    const every = Math.max(1, Math.ceil((to - from) / RATE_POINTS));
    const steps: number[] = [];
    for (let step = from + 1; step <= to; step += every) steps.push(step);
    if (to > from && steps.at(-1) !== to) steps.push(to);
    return steps.map((step): Point => [
      step,
      rate(Math.floor((step - 1) / settings.accumulate) + 1),
    ]);
  });
}

/** The parts into which the time of a run is divided to measure its speed. */
const SPEED_PARTS = 40;

/** Measures how many images a second were trained on: over parts of epochs, as the metrics of several steps come at once. */
function measureSpeed(steps: readonly LogEvent[], batchSize: number): Point[] {
  const timed = steps.flatMap(({ step, epoch, seconds }) =>
    isNumber(step) && isNumber(seconds) ? [{ step, epoch, seconds }] : []
  );
  const total = (timed.at(-1)?.seconds ?? 0) - (timed[0]?.seconds ?? 0);
  const least = total / SPEED_PARTS;
  const points: Point[] = [];
  let begin = timed[0];
  for (const one of timed) {
    // Between epochs it evaluates; a run that goes on begins its clock anew.
    if (begin === undefined || one.epoch !== begin.epoch || one.seconds < begin.seconds) {
      begin = one;
      continue;
    }
    const seconds = one.seconds - begin.seconds;
    if (seconds < least || seconds <= 0) continue;
    points.push([one.step, (one.step - begin.step) * batchSize / seconds]);
    begin = one;
  }
  return points;
}

/** Measures the same from epoch to epoch; the first one's time is that of opening everything, too. */
function measureEpochs(epochs: readonly EpochRow[], images: number): Point[] {
  return epochs.slice(1).flatMap(({ epoch, step, seconds = NaN }, i): Point[] => {
    const before = epochs[i]!;
    const elapsed = seconds - (before.seconds ?? NaN);
    // A run that goes on begins its clock anew.
    return epoch === before.epoch + 1 && elapsed > 0 ? [[step, images / elapsed]] : [];
  });
}
