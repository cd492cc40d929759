import {
  addEvaluations,
  type EvalStep,
  evalStep,
  shareBatch,
  type TrainingBatch,
} from "../../models/mod.ts";
import { addToTally, createTally, type Tally } from "../_model/tally.ts";
import { runTestPass } from "../_model/test_pass.ts";
import { checkTestLoss } from "./check_finite.ts";
import type { Run, RunState } from "./run.ts";

/** Images in a batch of the test pass. Speed and memory depend on it, the result doesn't. */
export const TEST_BATCH_SIZE = 128;

/**
 * Evaluates the network on the test images.
 *
 * @returns The tally, or `undefined` if it was interrupted.
 * @throws {Error} If a loss is not finite.
 */
export async function testEpoch(run: Run, { state }: RunState): Promise<Tally | undefined> {
  const { testSet, display, interrupt } = run;
  let tally = createTally(run.model.classes);
  const pass = runTestPass({
    ...run,
    variables: state,
    examples: testSet,
    batchSize: TEST_BATCH_SIZE,
    evaluate: evaluateInThreads(run),
  });
  for await (const evaluated of pass) {
    if (interrupt.requested) return undefined;
    tally = addToTally(tally, evaluated);
    checkTestLoss(state.step, tally.loss);
    display.test(tally.examples / testSet.length);
  }
  return tally;
}

/** Creates a function that evaluates a batch in all threads, each its share; `undefined` if there is one thread. */
function evaluateInThreads(
  { network, threads }: Run,
): EvalStep<TrainingBatch, "accuracy"> | undefined {
  if (threads.communicator.size === 1) return undefined;
  const evaluate = evalStep(network);
  return async (variables, batch) => {
    const own = shareBatch(batch, threads.communicator);
    const [others, ...first] = await Promise.all([
      threads.evaluate(batch),
      ...own.size > 0 ? [evaluate(variables, own)] : [],
    ]);
    return addEvaluations([...first, ...others]);
  };
}
