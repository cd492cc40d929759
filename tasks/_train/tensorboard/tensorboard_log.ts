import { basename, resolve } from "node:path";
import { joinPath } from "../../_files/files.ts";
import type { JsonLog } from "../report/json_log.ts";
import type { LogEvent } from "../report/run_log.ts";
import { createEventFile, type EventFile } from "./event_file.ts";

/** How a run goes from step to step. */
export interface LogCourse {
  /** The images of an epoch, and of a step. */
  readonly images: number;
  readonly batchSize: number;
  /** The learning rate of each step, from 1. */
  readonly learningRate: (step: number) => number;
}

/** What is known where a process begins to train. */
export interface LogStart {
  /** The last step that was made before. */
  readonly step: number;
  /** The epochs that have ended before. */
  readonly epoch: number;
  /** The seconds that the run took before. */
  readonly seconds: number;
  /** What the run's log tells of the time before. */
  readonly before: readonly LogEvent[];
}

/**
 * Opens a log that tells TensorBoard of a run.
 *
 * @param tensorboard The folder that TensorBoard is shown. The run's own is below it, and is called as that which it is saved to.
 * @throws {Error} If no file can be created there.
 */
export async function openTensorboardLog(
  tensorboard: string,
  { out, course, start, warn }: {
    readonly out: string;
    readonly course: LogCourse;
    readonly start: LogStart;
    readonly warn: (line: string) => void;
  },
): Promise<JsonLog> {
  const dir = joinPath(tensorboard, basename(resolve(out)) || "run");
  // A new run makes void whatever another of its name has told.
  const next = start.step === 0 ? 0 : start.step + 1;
  if (!isUnended(course, start)) {
    return createTensorboardLog(await createEventFile(dir, next, warn), course, start);
  }
  // What was told of the epoch's end stands at that step, too: both are made void, and the step is told again.
  const events = await createEventFile(dir, start.step, warn);
  const { before, step } = start;
  const last = before.findLast((one) => one.event === "step" && one.step === step);
  const log = createTensorboardLog(events, course, { ...start, step: step - 1 });
  if (last) log.write({ ...last, event: "step" });
  return log;
}

/** Whether a run goes on behind an epoch's last step, and that epoch hasn't ended: it is evaluated again. */
const isUnended = (course: LogCourse, { step, epoch }: Pick<LogStart, "step" | "epoch">): boolean =>
  step > 0 && step === (epoch + 1) * countStepsOfEpoch(course);

const countStepsOfEpoch = ({ images, batchSize }: LogCourse): number =>
  Math.ceil(images / batchSize);

/** The shortest time, in seconds, that tells a speed: steps are read back several at once. */
const LEAST_SECONDS = 1;

/**
 * Makes a log that tells TensorBoard of a run: loss, accuracy, learning rate and images a second of steps, and what epochs and the
 * test come to, by split.
 */
export function createTensorboardLog(
  events: EventFile,
  course: LogCourse,
  { step, seconds }: Pick<LogStart, "step" | "seconds">,
): JsonLog {
  const { images, batchSize, learningRate } = course;
  const stepsOfEpoch = countStepsOfEpoch(course);
  /** Counts the images that steps have seen; the last of an epoch may have seen fewer. */
  const countImages = (step: number) =>
    Math.floor(step / stepsOfEpoch) * images + step % stepsOfEpoch * batchSize;
  let last = step;
  /** Where a speed was told last, or an epoch began. */
  let timed = { step, seconds };
  const tell = (step: number, scalars: Readonly<Record<string, unknown>>) => {
    const numbers = Object.entries(scalars).filter((one): one is [string, number] =>
      typeof one[1] === "number"
    );
    events.write({ wallTime: Date.now() / 1000, step, scalars: Object.fromEntries(numbers) });
  };
  return {
    write({ event, ...facts }) {
      const { loss, accuracy, metrics } = facts;
      if (event === "step") {
        const now = { step: Number(facts.step), seconds: Number(facts.seconds) };
        const spent = now.seconds - timed.seconds;
        const isTimed = spent >= LEAST_SECONDS;
        tell(now.step, {
          "loss/step": loss,
          "accuracy/step": accuracy,
          learning_rate: learningRate(now.step),
          ...isTimed && {
            images_per_second: (countImages(now.step) - countImages(timed.step)) / spent,
          },
        });
        last = now.step;
        if (isTimed) timed = now;
      } else if (event === "epoch") {
        const step = Number(facts.epoch) * stepsOfEpoch;
        const judged = "validationLoss" in facts ? "validation" : "test";
        tell(step, {
          "loss/train": loss,
          "accuracy/train": facts.trainAccuracy,
          [`loss/${judged}`]: facts[`${judged}Loss`],
          [`accuracy/${judged}`]: facts[`${judged}Accuracy`],
          ...Object.fromEntries(
            Object.entries(metrics ?? {}).map(([name, value]) => [`${name}/${judged}`, value]),
          ),
        });
        // What was evaluated was not trained on.
        last = step;
        timed = { step, seconds: Number(facts.seconds) };
      } else if (event === "test") {
        tell(last, { "loss/test": loss, "accuracy/test": accuracy });
      }
    },
    renew() {},
    close: () => events.close(),
  };
}
