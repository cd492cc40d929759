import { addToTally, createTally, type Tally } from "../_model/tally.ts";
import { runTestPass } from "../_model/test_pass.ts";
import { evalStep, type Evaluation, shareBatch } from "../../models/mod.ts";
import type { Position, Run } from "./run.ts";

/** Images in a batch of the test pass. It decides speed and memory, not the result. */
export const TEST_BATCH_SIZE = 128;

/**
 * Counts what the network makes of the test images.
 *
 * @returns The tally, or nothing when it was interrupted.
 */
export async function testEpoch(run: Run, { state }: Position): Promise<Tally | undefined> {
  const { testSet, shown, interrupt } = run;
  let tally = createTally(run.model.classes);
  const pass = runTestPass({
    ...run,
    params: state.params,
    examples: testSet,
    batchSize: TEST_BATCH_SIZE,
    evaluate: evaluateTogether(run),
  });
  for await (const evaluated of pass) {
    if (interrupt.requested) return undefined;
    tally = addToTally(tally, evaluated);
    shown.test(tally.examples / testSet.length);
  }
  return tally;
}

/** Evaluates a batch by all threads, each its share, where there are several. */
function evaluateTogether({ network, team }: Run): ReturnType<typeof evalStep> | undefined {
  if (team.communicator.size === 1) return undefined;
  const evaluate = evalStep(network);
  return async (params, batch) => {
    const own = shareBatch(batch, team.communicator);
    const [others, ...first] = await Promise.all([
      team.evaluate(batch),
      ...own.size > 0 ? [evaluate(params, own)] : [],
    ]);
    return joined([...first, ...others]);
  };
}

const joined = (parts: readonly Evaluation[]): Evaluation => ({
  logits: Float32Array.from(parts.flatMap(({ logits }) => [...logits])),
  losses: Float64Array.from(parts.flatMap(({ losses }) => [...losses])),
  predictions: Int32Array.from(parts.flatMap(({ predictions }) => [...predictions])),
});
