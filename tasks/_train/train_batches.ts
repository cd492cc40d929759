import { pipe } from "fp-ts/lib/function.js";
import {
  type Backend,
  type Metrics,
  readMetrics,
  type StepMetrics,
  type TrainingBatch,
  type TrainState,
} from "../../models/mod.ts";
import {
  type Batch,
  recycle,
  scan,
  type Stage,
  stageOf,
  type StageRun,
} from "../../pipelines/mod.ts";
import { yieldToEventLoop } from "../_cli/interrupt.ts";

/** The state after some steps, and their metrics. */
export interface StepResults {
  readonly state: TrainState;
  readonly metrics: readonly Metrics[];
}

/** The most steps whose metrics are not yet read, and the longest time for that, in milliseconds. */
const PENDING = { steps: 8, time: 250 };

/**
 * Creates the stage that trains: a fold of batches into a state. The batches' memory is recycled. A read waits for the device,
 * so the metrics of fast steps are read several at a time; those of slow steps one by one.
 *
 * @param step The training step.
 * @param initial The state to start from. It is consumed.
 * @param backend The backend, asked for errors that the device reports out of band.
 * @param isLast Asked after each step whether it was the last.
 */
export const trainBatches = (
  step: (state: TrainState, batch: TrainingBatch) => [TrainState, StepMetrics],
  initial: TrainState,
  backend: Backend,
  isLast: () => boolean,
): Stage<Batch, StepResults> =>
(batches) =>
  pipe(
    batches,
    scan((state: TrainState, batch: Batch) => {
      const [next, metrics] = step(state, batch);
      // The backend has its own copy of the images by now.
      recycle(batch);
      return [next, { state: next, metrics }];
    }, initial),
    readInGroups(backend, isLast),
  );

interface Step {
  readonly state: TrainState;
  readonly metrics: StepMetrics;
}

const readInGroups = (backend: Backend, isLast: () => boolean): Stage<Step, StepResults> =>
  stageOf({
    name: "read the metrics",
    async *begin({ input }: StageRun<Step>): AsyncGenerator<StepResults, void, undefined> {
      let pending: StepMetrics[] = [];
      let last: TrainState | undefined;
      let read = performance.now();
      const flush = async (state: TrainState): Promise<StepResults> => {
        const metrics = await readMetrics(pending);
        backend.check();
        pending = [];
        read = performance.now();
        return { state, metrics };
      };
      for await (const { state, metrics } of input) {
        last = state;
        pending.push(metrics);
        await yieldToEventLoop();
        const end = isLast();
        const due = pending.length >= PENDING.steps || performance.now() - read >= PENDING.time;
        if (end || due) yield await flush(state);
        if (end) return;
      }
      if (last && pending.length > 0) yield await flush(last);
    },
  });
