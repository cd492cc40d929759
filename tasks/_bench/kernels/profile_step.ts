import * as tf from "@tensorflow/tfjs-core";
import {
  adam,
  type Backend,
  initTrainState,
  type Network,
  randomKey,
  readMetrics,
  type TrainingBatch,
  trainStep,
} from "../../../models/mod.ts";
import { profilePasses } from "./profile_passes.ts";
import { type StepProfile, sumCalls, sumDispatches } from "./step_profile.ts";
import { watchKernels } from "./watch_kernels.ts";

/** Steps before the one that is looked at, which compile and take their buffers. */
const WARM_UP = 2;

/**
 * Profiles a training step: on WebGPU by timestamps, on WASM by the clock.
 *
 * @param steps How many steps to look at.
 * @returns The profile of the middle one by its time in kernels, or why there is none.
 */
export async function profileStep(
  backend: Backend,
  network: Network,
  batch: TrainingBatch,
  steps: number,
): Promise<StepProfile | { readonly missing: string }> {
  const device = (tf.backend() as unknown as { device?: GPUDevice }).device;
  if (device && !device.features.has("timestamp-query")) {
    return { missing: "the adapter has no timestamp-query" };
  }
  const optimizer = adam();
  const step = trainStep(network, optimizer);
  let state = initTrainState(network, optimizer, randomKey(0));
  const run = () => {
    const [next, metrics] = step(state, batch);
    state = next;
    return metrics;
  };
  for (let i = 0; i < WARM_UP; i++) await readMetrics([run()]);
  const profiles: StepProfile[] = [];
  for (let i = 0; i < steps; i++) {
    await backend.sync();
    profiles.push(device ? await profileByTimestamps(device, backend, run) : profileByClock(run));
  }
  const spent = ({ kernels }: StepProfile) =>
    kernels.reduce((sum, { seconds }) => sum + seconds, 0);
  return profiles.sort((a, b) => spent(a) - spent(b))[steps >> 1] ?? { missing: "no step was run" };
}

async function profileByTimestamps(
  device: GPUDevice,
  backend: Backend,
  run: () => unknown,
): Promise<StepProfile> {
  const profiler = profilePasses(device);
  const calls = watchKernels(run, () => profiler.count);
  await backend.sync();
  return sumDispatches(calls, await profiler.stop());
}

function profileByClock(run: () => unknown): StepProfile {
  const start = performance.now();
  const calls = watchKernels(run, () => performance.now());
  return sumCalls(calls, (performance.now() - start) / 1000);
}
