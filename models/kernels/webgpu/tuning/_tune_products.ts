import * as tf from "@tensorflow/tfjs-core";
import type { Backend } from "../../../backend/backend.ts";
import type { GpuBackend } from "../device/_gpu_backend.ts";
import { type GemmParameters, listCandidates } from "../gemm/_gemm_parameters.ts";
import { getTuning, type TunedSet } from "../gemm/_tuning.ts";
import { ProductTimer } from "./_product_timer.ts";
import { countFlops, nameProduct, type Product } from "./_products.ts";
import { type Member, SetSearch } from "./_set_search.ts";
import { addToStoredTuning, type StoredTuning } from "./_stored_tuning.ts";

/** The times that were found for one product, in seconds. */
export interface ProductTime {
  readonly product: Product;
  readonly flops: number;
  /** With the usual sets. */
  readonly before: number;
  /** With the fastest set; absent where time ran out before it was found. */
  readonly after?: number;
  /** That set in words, where it is another one. */
  readonly set?: string | undefined;
}

/** The outcome of tuning. */
export interface TuningResult {
  readonly times: readonly ProductTime[];
  /** Adds it to what was stored before. */
  store(stored: unknown): StoredTuning;
}

/** The course of tuning, and its end. */
export interface TuningOptions {
  /** Ends the search after this time: products that it doesn't reach stay as they are. */
  readonly seconds: number;
  /** Is told what share of the products is done, and which are looked at. */
  readonly progress: (share: number, what: string) => void;
  /** Is asked often whether somebody wants it to end at once. */
  readonly stopped: () => boolean;
  /** The sets to try: by default all that the device has room for. */
  readonly sets?: readonly GemmParameters[];
}

/**
 * Finds the fastest set of parameters for each class of some products. Each candidate is timed once; the best are then
 * timed in turn with the usual set, and compared by the medians of their ratios.
 *
 * @returns What was found, or nothing where it was stopped.
 */
export async function tuneProducts(
  backend: Backend,
  products: readonly Product[],
  { seconds, progress, stopped, sets: wanted }: TuningOptions,
): Promise<TuningResult | undefined> {
  const gpu = tf.backend() as unknown as GpuBackend;
  const { groups, subgroups, identity = "" } = getTuning(gpu);
  const end = performance.now() + seconds * 1000;
  const sets = wanted ?? listCandidates(!backend.hardware, {
    limits: gpu.device.limits,
    subgroups: subgroups !== undefined,
  });
  const timer = new ProductTimer(backend, gpu);
  const found = new Map<string, TunedSet | undefined>();
  const times = new Map<Product, ProductTime>();
  try {
    const classes = new Map<string, Member[]>();
    for (const product of products) {
      if (stopped()) return undefined;
      progress(0, nameProduct(product));
      const { before, key, usual } = await timer.timeFirst(product);
      times.set(product, { product, flops: countFlops(product), before });
      classes.set(key, [...classes.get(key) ?? [], { product, usual }]);
    }
    let done = 0;
    for (const [key, members] of sortByTime(classes, times)) {
      const search = new SetSearch(timer, members, groups);
      const what = members.map(({ product }) => nameProduct(product)).join(", ");
      const isOver = () => {
        progress(done / products.length, what);
        return stopped() || performance.now() > end;
      };
      await search.screen(sets.map((parameters) => ({ parameters, groups })), isOver);
      await search.screen(search.listSplits(), isOver);
      if (stopped()) return undefined;
      if (performance.now() > end) break;
      const { best, seconds } = await search.decide();
      found.set(key, best);
      for (const [product, [before, after]] of seconds) {
        const flops = countFlops(product);
        times.set(product, { product, flops, before, after, set: best && describeSet(best) });
      }
      done += members.length;
    }
  } finally {
    timer.dispose();
  }
  return {
    times: [...times.values()],
    store: (stored) => addToStoredTuning(stored, identity, found),
  };
}

/** Sorts classes so that those that take longest come first: little is lost where time runs out. */
function sortByTime(
  classes: ReadonlyMap<string, readonly Member[]>,
  times: ReadonlyMap<Product, ProductTime>,
): (readonly [key: string, members: readonly Member[]])[] {
  const sumSeconds = (members: readonly Member[]) =>
    members.reduce((sum, { product }) => sum + (times.get(product)?.before ?? 0), 0);
  return [...classes].toSorted(([, a], [, b]) => sumSeconds(b) - sumSeconds(a));
}

function describeSet({ parameters, groups }: TunedSet): string {
  const { operands, threads, block, depth, vector, prefetch } = parameters;
  return [
    operands,
    `${threads.join("x")} threads of ${block.join("x")}`,
    ...depth > 1 ? [`depth ${depth}`] : [],
    ...vector > 1 ? [`vectors of ${vector}`] : [],
    ...prefetch ? ["prefetch"] : [],
    `${groups} groups`,
  ].join(", ");
}
