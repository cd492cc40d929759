import { pipe } from "fp-ts/lib/function.js";
import { yieldToEventLoop } from "../_cli/interrupt.ts";
import {
  type Backend,
  type Metrics,
  readMetrics,
  type StepMetrics,
  type TrainingBatch,
  type TrainState,
} from "../../models/mod.ts";
import { type Batch, recycle, scan, type Stage } from "../../pipelines/mod.ts";

/** The state after some steps, and what they measured. */
export interface Progress {
  readonly state: TrainState;
  readonly metrics: readonly Metrics[];
}

/** Steps whose metrics wait for the device at the most, and how long in milliseconds. */
const PENDING = { steps: 8, time: 250 };

/**
 * Training as a stage: a fold of batches into a state. The batches' memory is given back. A read waits for the device, so the metrics of fast steps are read
 * several at a time; slow ones come one by one.
 *
 * @param step The training step.
 * @param initial The state to start from. It is consumed.
 * @param backend Where errors that the device reports out of band are looked for.
 * @param until Asked after each step: whether this was the last.
 */
export const trainBatches = (
  step: (state: TrainState, batch: TrainingBatch) => [TrainState, StepMetrics],
  initial: TrainState,
  backend: Backend,
  until: () => boolean,
): Stage<Batch, Progress> =>
(batches) =>
  pipe(
    batches,
    scan((state: TrainState, batch: Batch) => {
      const [next, metrics] = step(state, batch);
      // The backend has its own copy of the images by now.
      recycle(batch);
      return [next, { state: next, metrics }];
    }, initial),
    readInGroups(backend, until),
  );

const readInGroups = (
  backend: Backend,
  until: () => boolean,
): Stage<{ state: TrainState; metrics: StepMetrics }, Progress> =>
  async function* (steps) {
    let pending: StepMetrics[] = [];
    let state: TrainState | undefined;
    let read = performance.now();
    const flush = async (): Promise<Progress> => {
      const metrics = await readMetrics(pending);
      backend.check();
      pending = [];
      read = performance.now();
      return { state: state!, metrics };
    };
    for await (const { state: next, metrics } of steps) {
      state = next;
      pending.push(metrics);
      await yieldToEventLoop();
      const end = until();
      const due = pending.length >= PENDING.steps || performance.now() - read >= PENDING.time;
      if (end || due) yield await flush();
      if (end) return;
    }
    if (pending.length > 0) yield await flush();
  };
