import { addToTally, emptyTally, type Tally } from "../_model/tally.ts";
import { testPass } from "../_model/test_pass.ts";
import type { Position, Run } from "./run.ts";

/** Images in a batch of the test pass. It decides speed and memory, not the result. */
const BATCH_SIZE = 128;

/**
 * Counts what the network makes of the test images.
 *
 * @returns The tally, or nothing when it was interrupted.
 */
export async function testEpoch(run: Run, { state }: Position): Promise<Tally | undefined> {
  const { testSet, shown, interrupt } = run;
  let tally = emptyTally(run.model.classes);
  const pass = testPass({
    ...run,
    params: state.params,
    examples: testSet,
    batchSize: BATCH_SIZE,
  });
  for await (const evaluated of pass) {
    if (interrupt.requested) return undefined;
    tally = addToTally(tally, evaluated);
    shown.test(tally.examples / testSet.length);
  }
  return tally;
}
