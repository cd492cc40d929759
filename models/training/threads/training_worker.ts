/**
 * The workers that are threads of a training.
 *
 * @module
 */

/** A worker that is a thread of a training: a web `Worker`, by the parts that are used of it. */
export interface TrainingWorker {
  /** Sends it a message, with buffers that are handed over. */
  postMessage(message: unknown, transfer: ArrayBuffer[]): void;
  /** Ends it. */
  terminate(): void;
  /** Is called with each message of it. */
  // deno-lint-ignore no-explicit-any -- web workers have an event here, whose type not every caller has
  onmessage: ((event: any) => void) | null;
  /** Is called for a message of it that can't be read. */
  // deno-lint-ignore no-explicit-any
  onmessageerror: ((event: any) => void) | null;
  /** Is called for an error that it didn't handle. */
  // deno-lint-ignore no-explicit-any
  onerror: ((event: any) => void) | null;
}
