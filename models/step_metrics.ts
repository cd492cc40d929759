import type { Tensor } from "./tensor.ts";

/** What a training step measured, still on the backend: read it with `readMetrics`. */
export interface StepMetrics {
  /** The step's number, from 1. */
  readonly step: number;
  /** How many examples it saw. */
  readonly size: number;
  /** The mean cross-entropy of the batch before the update, a scalar. */
  readonly loss: Tensor;
  /** How many examples were classified correctly before the update, a scalar. */
  readonly correct: Tensor;
}
