/**
 * Stages whose work is done in threads.
 *
 * @module
 */

import { checkInteger } from "../_arguments/check_integer.ts";
import { markPerItem } from "../stage/_per_item.ts";
import { advanceRandom, carryRandom, findRandom, type RandomContext } from "../stage/_random.ts";
import { findStart } from "../stage/_start.ts";
import { workItems } from "../stage/_work_items.ts";
import { getThreads } from "./_thread_pool.ts";
import { workInThreads } from "./_work_in_threads.ts";
import type { WorkerPool } from "./worker_pool.ts";
import type { Stage } from "../stage/stage.ts";
import type { ThreadJob } from "./_worker_thread.ts";

export { StageError } from "../stage/stage_error.ts";
export { WorkerError } from "./worker_error.ts";
export type { WorkerPool } from "./worker_pool.ts";

/** Options of {@linkcode inWorkers}. */
export interface InWorkersOptions {
  /**
   * The name of the export that does the work.
   *
   * @default {"default"}
   */
  readonly name?: string;
  /**
   * The kind of the export:
   * - `"function"`: `(item, index, parameters) => output`, or a promise of it. Its errors are those of {@linkcode map}.
   * - `"stage"`: `(parameters) => stage`, or a promise of it, called once in each worker. The stage is one that makes one
   *   output of each item by itself, as `map`, `resize` and `randomCrop` do, or several such in `flow`. Its errors are its
   *   own. What is random in it is drawn by the item's index here, and by the seed and the place that it would have here.
   *
   * @default {"function"}
   */
  readonly kind?: "function" | "stage";
  /** The last argument of the export. It is copied once, as JSON or whatever else can be cloned. */
  readonly parameters?: unknown;
  /**
   * Whether the arrays in the items are handed over to the workers instead of copied. Those that fill their buffer are gone
   * then for everybody here: it is for items that nobody else has, such as files just read, and not for those of a data
   * set in memory, which the next epoch needs again.
   *
   * @default {false}
   */
  readonly transfer?: boolean;
  /**
   * Where the workers come from, and wait for the next stream, as {@linkcode createWorkerPool} says. By default they are started
   * for each stream and terminated with it.
   */
  readonly pool?: WorkerPool | undefined;
}

/** The number of items that a worker has: the one it works on, and the next. */
const DEPTH = 2;

/**
 * Runs the work of a stage in workers, each a thread of its own with `module` loaded. What comes out is what the stage
 * gives without them, item by item and in the same order, whatever their number; as with `map`, a pipeline can be resumed
 * at every item, with another number of workers too. Holds up to two items for each worker, the one it gave included.
 *
 * Outputs are never copied: the arrays in them that fill their buffer are handed over, so the module mustn't use them
 * again. Other arrays take only what they show of their buffer along, both ways. As `postMessage` has it, an item or
 * output may be made of plain objects, arrays, typed arrays and the like, but of no functions, and what is of a class of
 * its own comes without it.
 *
 * To send an item and its output takes some 50 µs, about what it takes to resize a small image. It is for work that takes
 * longer, as decoding does.
 *
 * Workers are started when they are needed, from the first pull on, and terminated with the stream: at its end, when it
 * fails and when it is closed. The stream doesn't wait for items that are in work then, and a worker takes no other. A
 * stream that is neither read to its end nor closed keeps its workers. With a `pool` they wait there for the next stream.
 *
 * A browser stops a terminated worker in the middle of what it runs. Deno's `terminate()` does so only where the worker
 * waits for something: synchronous work, as decoding is, goes on to its end, and the program can't end before. So a worker in
 * an endless loop keeps a processor busy and the process alive, until `Deno.exit()` or a signal ends it. Work that
 * may not come to an end belongs into a process of its own.
 *
 * In Deno, workers have the program's permissions; to load a module from a file takes `--allow-read`.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { collect, inWorkers } from "@rill/rill/pipelines";
 *
 * // More often: new URL("./square.ts", import.meta.url).
 * const module = "data:text/javascript,export default (n, index, { factor }) => factor * n * n";
 * const squares = inWorkers<number, number>(2, module, { parameters: { factor: 10 } });
 * assertEquals(await collect(squares(ReadableStream.from([1, 2, 3]))), [10, 40, 90]);
 * ```
 *
 * @example A stage, in a module of its own
 * ```ts ignore
 * // prepare.ts
 * import { flow } from "fp-ts/lib/function.js";
 * import { randomCrop, type RandomCropOptions, resize } from "@rill/rill/pipelines";
 *
 * export default ({ crop }: { crop: RandomCropOptions }) =>
 *   flow(resize({ height: 256, width: 256 }), randomCrop(crop));
 *
 * // main.ts
 * const prepare = inWorkers<Example, Example>(4, new URL("./prepare.ts", import.meta.url), {
 *   kind: "stage",
 *   parameters: { crop: { height: 224, width: 224, seed: 1 } },
 * });
 * ```
 *
 * @typeParam I The type of the items that go in.
 * @typeParam O The type of the items that come out.
 * @param workers How many workers there may be.
 * @param module The absolute address of the module.
 * @param options What the module's work is, and how items get there.
 * @returns The stage. What the work throws at an item fails the stream with a {@linkcode StageError}, whose cause has the
 * name, the message and the stack that it had in the worker, and so does an item or output that cannot be sent. A module
 * that cannot be loaded and a worker that ends by itself fail it with a {@linkcode WorkerError}.
 * @throws {RangeError} When `workers` is not an integer of at least 1.
 * @throws {TypeError} When `module` is not an absolute address, `kind` is unknown, `parameters` cannot be copied, or `pool`
 * is none of {@linkcode createWorkerPool}.
 */
export function inWorkers<I, O>(
  workers: number,
  module: string | URL,
  { name = "default", kind = "function", parameters, transfer = false, pool }: InWorkersOptions =
    {},
): Stage<I, O> {
  checkInteger(`work in ${workers} workers`, "number", workers, { min: 1 });
  if (kind !== "function" && kind !== "stage") {
    throw new TypeError(
      `Cannot work in workers with the kind ${JSON.stringify(kind)}: it must be function or stage`,
    );
  }
  const job = { module: checkAddress(module), name, kind, parameters: copyOf(parameters) };
  const threads = pool && getThreads(pool);
  return (source) => {
    const random = findRandom(source);
    /** How many random stages the export has, which its workers tell. */
    let places = NaN;
    const makeJob = (): ThreadJob => ({
      job: { ...job, start: findStart(source), ...random && { random: fixPlace(random) } },
      owned: transfer,
      tellPlaces: (count) => places = count,
    });
    const work = {
      concurrency: workers * DEPTH,
      begin: () => workInThreads<I, O>({ workers, makeJob, pool: threads }),
    };
    const outputs = workItems(source, { name: "inWorkers", ...work });
    return carryRandom(
      markPerItem(outputs, { source, ...work }),
      random && advanceRandom(random, () => kind === "stage" ? places : 0),
    );
  };
}

const fixPlace = ({ seed, epoch, place }: RandomContext) => ({ seed, epoch, place: place() });

function checkAddress(module: string | URL): string {
  const address = String(module);
  if (URL.canParse(address)) return address;
  throw new TypeError(
    `Cannot work in workers with ${
      JSON.stringify(address)
    }: the module's address must be absolute, ` +
      "as new URL(…, import.meta.url) gives it",
  );
}

function copyOf(parameters: unknown): unknown {
  try {
    return structuredClone(parameters);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new TypeError(`Cannot copy the parameters for workers: ${reason}`, { cause });
  }
}
