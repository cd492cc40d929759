/**
 * An error about a worker that can't go on: its module cannot be loaded, or it ended while it was needed. What goes wrong with
 * one item, while the worker goes on, is a {@linkcode StageError}.
 *
 * @example Usage
 * ```ts
 * import { assertEquals, assertRejects } from "@std/assert";
 * import { drain, inWorkers, WorkerError } from "@rill/rill/pipelines";
 *
 * const broken = inWorkers(1, "data:text/javascript,throw new RangeError('no luck')");
 * const error = await assertRejects(
 *   () => drain(broken(ReadableStream.from([1]))),
 *   WorkerError,
 *   "it cannot be loaded: no luck",
 * );
 * assertEquals((error.cause as Error).name, "RangeError");
 * ```
 */
export class WorkerError extends Error {
  /** The address of the worker's module. */
  readonly module: string;
  /** The position of the item that the worker was at, from 0; undefined where it never came to work. */
  readonly position: number | undefined;

  /**
   * Makes an error about a worker.
   *
   * @param module The address of its module.
   * @param reason Why it can't go on.
   * @param details The position of the item that the worker was at, and the cause.
   */
  constructor(
    module: string,
    reason: string,
    { position, cause }: { readonly position?: number | undefined; readonly cause?: unknown } = {},
  ) {
    const name = module.length > 200 ? `${module.slice(0, 200)}…` : module;
    const place = position === undefined ? "" : ` at item ${position}`;
    const why = cause === undefined
      ? ""
      : `: ${cause instanceof Error ? cause.message : String(cause)}`;
    super(
      `Cannot go on${place} in a worker with ${name}: ${reason}${why}`,
      cause === undefined ? undefined : { cause },
    );
    this.name = "WorkerError";
    this.module = module;
    this.position = position;
  }
}
