import { pipe } from "fp-ts/lib/function.js";
import { type Metrics, type TrainingBatch, type TrainStep, trainStep } from "../../models/mod.ts";
import { readIndexed, take } from "../../pipelines/mod.ts";
import { planInput } from "../_model/input_plan.ts";
import { checkStepLoss } from "./check_finite.ts";
import type { Run, RunState } from "./run.ts";
import { addStep } from "./run_counters.ts";
import { trainBatches } from "./train_batches.ts";

/**
 * Trains on the rest of an epoch. Ends early at the run's last step, and if it is interrupted.
 *
 * @returns The state and the counters then.
 * @throws {Error} If the loss of a step is not finite.
 */
export async function trainEpoch(run: Run, { state, counters }: RunState): Promise<RunState> {
  const { settings: { seed, shuffle, batchSize }, network, optimizer, backend, interrupt } = run;
  const { batches, stepOptions } = planInput(backend, run.settings);
  const { epoch, index } = counters;
  const { threads } = run;
  const step = trainStep(network, optimizer, {
    ...stepOptions,
    communicator: threads.communicator,
  });
  const stepTogether: TrainStep<TrainingBatch, "accuracy"> = (state, batch) => {
    threads.step(batch);
    return step(state, batch);
  };
  const outcomes = pipe(
    run.trainSet,
    readIndexed({ seed, epoch, shuffle, from: index }),
    batches(batchSize),
    take(run.lastStep - counters.step),
    trainBatches(stepTogether, state, backend, () => interrupt.requested),
  );
  for await (const outcome of outcomes) {
    state = outcome.state;
    for (const metrics of outcome.metrics) {
      checkStepLoss(metrics);
      counters = addStep(counters, metrics);
      run.display.step(metrics, epoch + 1);
      if (metrics.step % run.logEvery === 0) logStep(run, epoch, metrics);
    }
  }
  return { state, counters };
}

function logStep({ log, seconds }: Run, epoch: number, { step, loss, accuracy }: Metrics): void {
  log.write({ event: "step", step, epoch: epoch + 1, loss, accuracy, seconds: seconds() });
}
