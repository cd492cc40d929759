import { singleProcess } from "../../parallel/single_process.ts";
import {
  collectTensors,
  streamOptimizerState,
  streamVariables,
} from "../../weights/_stream_tensors.ts";
import type { StoredTensor } from "../../weights/checkpoint.ts";
import type { TrainingSnapshot } from "../epochs/training_event.ts";

/** Copies parameters and buffers; those that the training is judged by, or those that go on. */
export const copyVariables = (
  { network, state, variables = state }: TrainingSnapshot,
  averaged: boolean,
): Promise<Record<string, StoredTensor>> =>
  collectTensors(streamVariables(network, averaged ? variables : state));

/** Copies the optimizer's state. */
export const copyOptimizer = (
  { network, state, gather = singleProcess }: TrainingSnapshot,
): Promise<Record<string, StoredTensor>> =>
  collectTensors(streamOptimizerState(network, state.optimizer, gather()));
