import type { BatchInput } from "./training_batch.ts";

/** Options of `trainStep` and `evalStep`. */
export interface StepOptions {
  /**
   * How a batch's images become the network's input, such as `imageInput()`.
   *
   * @default {the numbers as they are}
   */
  readonly input?: BatchInput;
}
