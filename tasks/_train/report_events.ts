import {
  type CopiedCheckpoint,
  type EpochEvent,
  type EpochSums,
  type Means,
  type StepEvent,
  topK,
  type TrainingEvent,
  type TrainingPosition,
} from "../../models/mod.ts";
import { findBest } from "../../models/training/epochs/_best.ts";
import { quotePath } from "../_cli/errors.ts";
import { formatCommand } from "../_cli/program.ts";
import { createPairCounts, type PairCounts } from "../_model/confused_pairs.ts";
import { printNote } from "../_text/print.ts";
import { createRankClock, type RankClock } from "./report/rank_times.ts";
import { MOST_CONFUSED, noteConfusedPairs } from "./report/note_confused.ts";
import type { Run } from "./run.ts";
import type { TrainBatch } from "./train_input.ts";
import { chapter } from "./settings/train_settings.ts";
import { formatTrainCommand } from "./ranks.ts";

/** Tells people and the log what a training tells. */
export interface Reporter {
  /** Takes a checkpoint that is to be saved now. */
  save(checkpoint: Pick<CopiedCheckpoint, "training" | "reason" | "best">): void;
  take(event: TrainingEvent<"accuracy", TrainBatch>): void;
  /** Whether all epochs were made, or as many as patience allowed. */
  readonly isDone: boolean;
  /**
   * Prints how the run ended. Gives the exit code.
   *
   * @param isScored Whether no signal came while test images were scored.
   */
  end(isScored?: boolean): Promise<number>;
}

/**
 * Creates the reporter of a run.
 *
 * @param judged The number of images that are evaluated after each epoch.
 */
export function createReporter(run: Run, judged: number): Reporter {
  const { folder: { dir }, interrupt, display, badRecords } = run;
  const clock = run.ranks && createRankClock(run.ranks.hosts);
  let evaluated = 0;
  let counts = createPairCounts();
  let confused: ConfusedEpoch | undefined;
  const findBestEpoch = findBest("choose the best", { metric: run.config.settings.best });
  let position: TrainingPosition | undefined = run.position;
  let reason = "epochs";
  // The first epoch may have begun in another process.
  let secondsBefore = run.epochSeconds;
  return {
    save({ training: { position }, reason, best }) {
      const { step, epoch = 0, index = 0 } = position ?? {};
      // Epochs are counted from 1. Where one has ended, the position is the beginning of the next.
      const count = index === 0 ? epoch : epoch + 1;
      run.log.write({ event: "save", step, epoch: count, reason, best, seconds: run.seconds() });
    },
    take(event) {
      if (event.kind === "step") {
        evaluated = 0;
        counts = createPairCounts();
        if (event.times) clock?.take(event.times);
        reportStep(run, event, clock);
      } else if (event.kind === "validation") {
        evaluated += event.evaluation.size;
        countConfused(counts, event);
        display.test(Math.min(1, evaluated / judged));
      } else if (event.kind === "epoch") {
        reportEpoch(run, { ...event, seconds: event.seconds + secondsBefore });
        secondsBefore = 0;
        if (!confused || findBestEpoch({ ...event, validates: true }).isLast) {
          confused = { epoch: event.epoch + 1, counts };
        }
      } else if (event.kind === "checkpoint") {
        ({ position } = event);
      } else {
        ({ reason } = event);
      }
    },
    get isDone() {
      return reason === "epochs" || reason === "patience";
    },
    async end(isScored = true) {
      const times = clock?.describe();
      if (times !== undefined) run.note(times);
      const left = badRecords.format();
      if (left !== undefined) printNote(left);
      const go = `go on with: ${formatTrainCommand(`--resume ${quotePath(dir)}`, run.ranks)}`;
      if (reason === "aborted") {
        run.note(`interrupted after step ${position?.step}: saved to ${dir}; ${go}`);
        return interrupt.code;
      }
      if (reason === "steps" && position && position.index > 0) {
        run.print(`step ${position.step}, ${formatSums(position.sums, isChapter(run))}`);
        run.note(`saved to ${dir}; ${go}`);
        return 0;
      }
      if (!isScored) {
        run.note(`interrupted while the test images were scored: saved to ${dir}; ${go}`);
        return interrupt.code;
      }
      if (confused && !(run.data.validation && run.data.test)) noteConfused(run, confused);
      const stopped = reason === "patience" ? "ended early as no epoch was better; " : "";
      run.note(`${stopped}saved to ${dir}${await describeBest(run, position)}`);
      return 0;
    },
  };
}

/** What was confused after an epoch. */
interface ConfusedEpoch {
  readonly epoch: number;
  readonly counts: PairCounts;
}

function countConfused(
  counts: PairCounts,
  { batch, evaluation: { outputs } }: Extract<
    TrainingEvent<"accuracy", TrainBatch>,
    { kind: "validation" }
  >,
): void {
  // Images to evaluate are never mixed, so that each has one label.
  if ("labels" in batch) counts.add(topK(outputs, 1).indices, batch.labels);
}

/** Prints which classes were confused most often after the epoch that was best. */
function noteConfused(run: Run, { epoch, counts }: ConfusedEpoch): void {
  const images = `${counts.examples.toLocaleString("en-US")} ${nameJudged(run)} images`;
  noteConfusedPairs(run, counts.list(MOST_CONFUSED), `${images} after epoch ${epoch}`);
}

function reportStep(
  { display, log, logEvery, seconds }: Run,
  { epoch, metrics }: StepEvent,
  clock: RankClock | undefined,
): void {
  display.step(metrics, epoch + 1);
  const { step, loss, accuracy } = metrics;
  const slow = clock?.describeSlow();
  if (slow !== undefined) {
    display.clear();
    printNote(slow);
  }
  if (step % logEvery !== 0) return;
  const busy = clock?.read();
  log.write({
    event: "step",
    step,
    epoch: epoch + 1,
    loss,
    accuracy,
    seconds: seconds(),
    ...busy && { busy },
  });
}

function reportEpoch(run: Run, event: EpochEvent): void {
  const { display, log } = run;
  const { epoch, training, validation } = event;
  const further = listFurther(validation);
  display.clear();
  run.print(formatEpoch(event, nameJudged(run), isChapter(run)));
  log.write({
    event: "epoch",
    epoch: epoch + 1,
    loss: training.loss,
    trainAccuracy: training.accuracy,
    ...validation &&
      (run.data.validation
        ? { validationAccuracy: validation.accuracy, validationLoss: validation.loss }
        : { testAccuracy: validation.accuracy, testLoss: validation.loss }),
    ...further.length > 0 && { metrics: Object.fromEntries(further) },
    seconds: run.seconds(),
  });
}

/** What the images are called that decide about the best parameters. */
const nameJudged = ({ data }: Pick<Run, "data">): string => data.validation ? "val" : "test";

/**
 * Formats the line after an epoch.
 *
 * @param judged What the images are called that were evaluated.
 * @param isChapter Whether the loss is the one that the chapter's code prints: the sum of the batches' mean losses over the number of
 * images, so the mean loss over the batch size. Otherwise it is the mean loss of an image.
 */
export function formatEpoch(
  { epoch, sums, validation, seconds }: Pick<
    EpochEvent,
    "epoch" | "sums" | "validation" | "seconds"
  >,
  judged: string,
  isChapter: boolean,
): string {
  return [
    `epoch ${epoch + 1}`,
    formatSums(sums, isChapter),
    ...validation ? [`${judged} acc ${validation.accuracy.toFixed(3)}`] : [],
    ...listFurther(validation).map(([name, value]) =>
      `${judged} ${shortenName(name)} ${value.toFixed(3)}`
    ),
    `time ${seconds.toFixed(1)} sec`,
  ].join(", ");
}

/** Lists what was measured beside the loss and the accuracy. */
const listFurther = (
  means: Means = { loss: NaN, accuracy: NaN },
): [name: string, value: number][] =>
  Object.entries(means).filter(([name]) => name !== "loss" && name !== "accuracy");

/** Shortens the name of a metric for a line: "balanced acc". */
const shortenName = (name: string): string =>
  name.replace("-accuracy", " accuracy").replace(/accuracy$/, "acc");

/** Formats the results of an epoch's training steps as in its line. */
export function formatSums(
  { examples, metrics: { loss = NO_SUMS, accuracy = NO_SUMS } }: EpochSums,
  isChapter: boolean,
): string {
  const mean = isChapter ? loss.stepMeans / examples : loss.sum / loss.weight;
  return `loss ${mean.toFixed(4)}, train acc ${(accuracy.sum / accuracy.weight).toFixed(3)}`;
}

/** The sums of what wasn't measured. */
const NO_SUMS = { sum: NaN, weight: NaN, stepMeans: NaN };

/** Whether a run is on the chapter's data, and tells its loss as the chapter does. */
const isChapter = ({ config: { settings } }: Pick<Run, "config">): boolean =>
  settings.data === chapter.data;

/** Describes the best epoch of a run, and what can be done with its parameters. */
async function describeBest(
  run: Run,
  position: TrainingPosition | undefined,
): Promise<string> {
  const { config: { settings: { best } }, folder: { dir, hasBest } } = run;
  const values = (position?.history ?? []).flatMap(({ validation }) =>
    validation ? [validation[best] ?? NaN] : []
  );
  if (values.length === 0 || !await hasBest()) return "";
  const value = best === "loss" ? Math.min(...values) : Math.max(...values);
  return `; best ${nameJudged(run)} ${shortenName(best)} ${value.toFixed(3)}; look closer with: ` +
    formatCommand(`evaluate --checkpoint ${quotePath(`${dir}/best.safetensors`)}`);
}
