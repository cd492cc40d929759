import type { Metrics, Network, TrainState } from "../../models/mod.ts";
import { readNumbers } from "../../models/ops/_ops.ts";
import { runTestPass } from "../_model/test_pass.ts";
import type { Run } from "./run.ts";

const createError = (what: string, value: number): Error =>
  new Error(
    `Cannot go on as ${what} is not finite, but ${value}: ` +
      "try a lower --learning-rate; what was saved before stays as it is",
  );

/** Checks the loss of a training step. */
export function checkStepLoss({ step, loss }: Pick<Metrics, "step" | "loss">): void {
  if (!Number.isFinite(loss)) throw createError(`the loss of step ${step}`, loss);
}

/** Checks a loss on test images after a training step. */
export function checkTestLoss(step: number, loss: number): void {
  if (!Number.isFinite(loss)) throw createError(`the loss on test images after step ${step}`, loss);
}

/** Checks the parameters: one that isn't finite makes a network worthless, and is never saved over a good one. */
export async function checkParams(
  network: Network,
  { params, buffers, step }: Pick<TrainState, "params" | "buffers" | "step">,
): Promise<void> {
  for (const { name } of [...network.parameters, ...network.buffers]) {
    const tensor = params[name] ?? buffers[name];
    const value = tensor && findNotFinite(await readNumbers(tensor));
    if (value !== undefined) throw createError(`a number of ${name} after step ${step}`, value);
  }
}

function findNotFinite(numbers: Float32Array): number | undefined {
  // As doubles, floats are too few and too small for their sum to overflow.
  let sum = 0;
  for (let i = 0; i < numbers.length; i++) sum += numbers[i]!;
  return Number.isFinite(sum) ? undefined : numbers.find((number) => !Number.isFinite(number));
}

/** The number of test images that tell whether a network still computes. */
const FEW = 8;

/**
 * Checks that a network still gives a finite loss, where no test pass has shown it: after a step that is far too long the
 * parameters may be finite and nothing that is computed with them.
 */
export async function checkNetwork(
  run: Run,
  state: TrainState,
): Promise<void> {
  const batchSize = Math.min(FEW, run.testSet.length);
  for await (
    const { means } of runTestPass({ ...run, variables: state, examples: run.testSet, batchSize })
  ) {
    return checkTestLoss(state.step, means.loss.sum);
  }
}
