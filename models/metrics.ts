/** A training step's metrics as numbers. */
export interface Metrics {
  /** The step's number, from 1. */
  readonly step: number;
  /** How many examples it saw. */
  readonly size: number;
  /** The mean cross-entropy of the batch before the update. */
  readonly loss: number;
  /** The part of the batch that was classified correctly before the update, from 0 to 1. */
  readonly accuracy: number;
}
