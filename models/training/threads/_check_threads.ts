import type { Backend } from "../../backend/backend.ts";
import { getProgramAddress } from "../../kernels/_open_once.ts";
import type { ThreadOptions } from "./thread_options.ts";
import type { ThreadsOptions } from "./_training_threads.ts";

/** What threads work on, and by what. */
export interface ThreadsRequest extends ThreadOptions {
  readonly backend: Pick<Backend, "name" | "description">;
  readonly model: object | URL | string;
  readonly options?: unknown;
}

/** Gives what the threads of a request are told, all but their task. */
export const describeThreads = (
  { createWorker, kernels, model, options, threadTimeout: timeout }: ThreadsRequest,
): Omit<ThreadsOptions, "task"> => ({
  module: typeof model === "string" || model instanceof URL ? String(model) : undefined,
  options,
  kernels,
  wasmUrl: getProgramAddress(),
  createWorker,
  timeout,
});

/**
 * Checks what threads are to work by.
 *
 * @param verb What they are to do.
 * @throws {RangeError} If a number is out of its range, the address of a module is not absolute, or several threads can't do so.
 */
export function checkThreads(verb: string, request: ThreadsRequest): void {
  const { backend, createWorker, model, options, threads = 1, threadTimeout = 1 } = request;
  if (!Number.isSafeInteger(threads) || threads < 1) {
    throw new RangeError(
      `Cannot ${verb} with threads of ${threads}: it must be an integer of at least 1`,
    );
  }
  if (!(threadTimeout > 0)) {
    throw new RangeError(
      `Cannot ${verb} with a threadTimeout of ${threadTimeout}: it must be more than 0 milliseconds`,
    );
  }
  if (typeof model === "string" && !URL.canParse(model)) {
    throw new RangeError(
      `Cannot ${verb} by the plan of ${
        JSON.stringify(model)
      }: the module's address must be absolute, ` +
        "as new URL(…, import.meta.url) gives it",
    );
  }
  if (threads === 1) return;
  if (backend.name !== "wasm") {
    throw new RangeError(
      `Cannot ${verb} in ${threads} threads on ${backend.description}: they share the work on WASM only`,
    );
  }
  if (!createWorker && typeof model !== "string" && !(model instanceof URL)) {
    throw new RangeError(
      `Cannot ${verb} in ${threads} threads by a plan that is here only: ` +
        "give the address of a module, whose function each thread calls, or createWorker",
    );
  }
  const hasWorkers = createWorker !== undefined || typeof Worker !== "undefined";
  if (!hasWorkers || typeof SharedArrayBuffer === "undefined") {
    throw new RangeError(
      `Cannot ${verb} in ${threads} threads here: it takes web Workers and shared memory, which pages have where they are ` +
        "cross-origin isolated",
    );
  }
  try {
    structuredClone(options);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new RangeError(`Cannot ${verb} in ${threads} threads with these options: ${reason}`, {
      cause,
    });
  }
}
