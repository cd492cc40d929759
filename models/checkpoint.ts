import type { StoredTensor } from "./stored_tensor.ts";

/** What a checkpoint file holds. */
export interface Checkpoint {
  /** Each tensor by its name. */
  readonly tensors: Record<string, StoredTensor>;
  /** Free text by name: what is known of the tensors besides their numbers. */
  readonly metadata: Record<string, string>;
}
