import type { Tensor } from "./tensor.ts";

/** What a training step measured, still on the backend: read it with `readMetrics`. */
export interface StepMetrics {
  /** The step's number, from 1. */
  readonly step: number;
  /** How many examples it saw. */
  readonly size: number;
  /**
   * `[2]`: the mean cross-entropy of the batch before the update, and how many examples were classified correctly before
   * it.
   */
  readonly values: Tensor;
}
