import * as tf from "@tensorflow/tfjs-core";
import type { Backend } from "../../../backend/backend.ts";
import {
  type Convolution,
  convolve,
  convolveFilterGradient,
  convolveInputGradient,
} from "../gemm/_convolution.ts";
import { candidates, chooseParameters, type GemmParameters } from "../gemm/_gemm_parameters.ts";
import { compiledPrograms } from "../device/_dispatch.ts";
import type { GpuBackend } from "../device/_gpu_backend.ts";
import { matmul } from "../gemm/_matmul.ts";
import { addToStoredTuning, type StoredTuning } from "./_stored_tuning.ts";
import { type TunedSet, tuning, useTuning } from "../gemm/_tuning.ts";

/** A product that a training step computes. */
export interface Product {
  readonly name: string;
  readonly pass: "forward" | "input gradient" | "weight gradient";
  readonly of: Convolution | Dense;
}

/** The product of a dense layer: `[batch, inputs]` by `[inputs, outputs]`. */
export interface Dense {
  readonly batch: number;
  readonly inputs: number;
  readonly outputs: number;
}

/** What was found for one product, in seconds. */
export interface ProductTime {
  readonly product: Product;
  readonly flops: number;
  /** With the usual sets. */
  readonly before: number;
  /** With the fastest set; absent where time ran out before it was found. */
  readonly after?: number;
  /** That set in words, where it is another one. */
  readonly set?: string;
}

/** What tuning found. */
export interface TuningResult {
  readonly times: readonly ProductTime[];
  /** Adds it to what was stored before. */
  store(stored: unknown): StoredTuning;
}

/** How tuning goes on, and when it ends. */
export interface TuningOptions {
  /** Ends the search after this time; what isn't found by then stays as it is. */
  readonly seconds: number;
  /** Is told what share of the products is done, and what is looked at. */
  readonly progress: (share: number, what: string) => void;
  /** Asked often: whether somebody wants it to end at once. */
  readonly stopped: () => boolean;
  /** The sets to try: by default all that the device has room for. */
  readonly sets?: readonly GemmParameters[];
}

/** The share of the usual set's time that a set may take to be worth it, and in how many rounds it has to be the faster one. */
const WORTH = 0.95;
const WON = 4;
/** Sets that are measured again, in turn with the usual one. */
const FINALISTS = 2;
/** Rounds of that. */
const ROUNDS = 5;

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
  const usual = tuning(gpu);
  const end = performance.now() + seconds * 1000;
  const sets = wanted ?? candidates(!backend.hardware, {
    limits: gpu.device.limits,
    subgroups: usual.subgroups !== undefined,
  });
  const timer = productTimer(backend, gpu);
  const found = new Map<string, TunedSet | undefined>();
  const times = new Map<Product, ProductTime>();
  try {
    const classes = new Map<string, Member[]>();
    for (const product of products) {
      if (stopped()) return undefined;
      progress(0, nameOf(product));
      const { before, key, usual } = await timer.first(product);
      times.set(product, { product, flops: flopsOf(product), before });
      classes.set(key, [...classes.get(key) ?? [], { product, usual }]);
    }
    const secondsOf = (some: readonly Member[]) =>
      some.reduce((sum, { product }) => sum + times.get(product)!.before, 0);
    // The longest first, so that little is lost where time runs out.
    const ordered = [...classes].toSorted(([, a], [, b]) => secondsOf(b) - secondsOf(a));
    let done = 0;
    for (const [key, members] of ordered) {
      const search = new Search(timer, members, usual.groups);
      const what = members.map(({ product }) => nameOf(product)).join(", ");
      const report = () => progress(done / products.length, what);
      const enough = () => {
        report();
        return stopped() || performance.now() > end;
      };
      await search.screen(sets.map((parameters) => ({ parameters, groups: usual.groups })), enough);
      await search.screen(search.splits(), enough);
      if (stopped()) return undefined;
      if (performance.now() > end) break;
      const { best, seconds } = await search.decide();
      found.set(key, best);
      for (const [i, { product }] of members.entries()) {
        const [before, after] = seconds[i];
        const set = best && describeSet(best);
        times.set(product, { ...times.get(product)!, before, after, set });
      }
      done += members.length;
    }
  } finally {
    useTuning(gpu.device, usual);
    timer.dispose();
  }
  const identity = usual.identity ?? "";
  return {
    times: products.map((product) => times.get(product)!),
    store: (stored) => addToStoredTuning(stored, identity, found),
  };
}

/** A product of a class, and what it is computed with as a rule. */
interface Member {
  readonly product: Product;
  readonly usual: GemmParameters;
}

/** The search for the best set for the products of one class. */
class Search {
  readonly #timer: ProductTimer;
  readonly #members: readonly Member[];
  readonly #groups: number;
  readonly #screened: { readonly set: TunedSet; readonly seconds: number }[] = [];

  constructor(timer: ProductTimer, members: readonly Member[], groups: number) {
    this.#timer = timer;
    this.#members = members;
    this.#groups = groups;
  }

  /** Times each set once, after it was compiled. */
  async screen(sets: readonly TunedSet[], enough: () => boolean): Promise<void> {
    for (const set of sets) {
      let seconds = 0;
      for (const { product } of this.#members) {
        if (enough()) return;
        seconds += await this.#timer.timeCompiled(product, set);
      }
      this.#screened.push({ set, seconds });
      this.#screened.sort((a, b) => a.seconds - b.seconds);
    }
  }

  /** The best set so far with its products split less and more. */
  splits(): readonly TunedSet[] {
    const [best] = this.#screened;
    if (!best) return [];
    return [1, Math.ceil(this.#groups / 4), this.#groups * 4]
      .map((groups) => ({ ...best.set, groups }));
  }

  /** The best set, if it is worth it, and each product's seconds with the usual set and with that one. */
  async decide(): Promise<{ best?: TunedSet; seconds: readonly [number, number][] }> {
    const finalists = this.#screened
      .map(({ set }) => set)
      .filter((set) => !this.#isUsual(set))
      .slice(0, FINALISTS);
    const contestants = [undefined, ...finalists];
    const runs = contestants.map(() => this.#members.map(() => [] as number[]));
    for (let round = 0; round < ROUNDS; round++) {
      for (const [c, set] of contestants.entries()) {
        for (const [i, { product }] of this.#members.entries()) {
          runs[c][i].push(await this.#timer.time(product, set));
        }
      }
    }
    // Other work on the machine slows a whole round down, so that rounds are compared and not times.
    const rounds = Array.from({ length: ROUNDS }, (_, r) => r);
    const total = (c: number, r: number) => runs[c].reduce((sum, times) => sum + times[r], 0);
    const ratios = (c: number) => rounds.map((r) => total(c, r) / total(0, r));
    const worth = contestants
      .map((set, c) => ({ set, c, share: median(ratios(c)) }))
      .filter(({ c, share }) => share < WORTH && ratios(c).filter((x) => x < 1).length >= WON)
      .toSorted((a, b) => a.share - b.share);
    const winner = worth[0]?.c ?? 0;
    return {
      best: contestants[winner],
      seconds: this.#members.map((_, i) => {
        const before = median(runs[0][i]);
        const share = median(rounds.map((r) => runs[winner][i][r] / runs[0][i][r]));
        return [before, before * share];
      }),
    };
  }

  #isUsual({ parameters, groups }: TunedSet): boolean {
    return groups === this.#groups && this.#members.every(({ usual }) => usual === parameters);
  }
}

type ProductTimer = ReturnType<typeof productTimer>;

/** Times products, each with operands of its own that are made when it comes first. */
function productTimer(backend: Backend, gpu: GpuBackend) {
  const usual = tuning(gpu);
  /** Long enough that waiting for the queue, some 10 ms, counts for little. */
  const least = backend.hardware ? 0.1 : 0.04;
  const made = new Map<Product, { operands: tf.Tensor[]; count: number }>();
  let asked: { key: string; usual: GemmParameters } | undefined;
  const run = (product: Product, set: TunedSet | undefined) => {
    useTuning(gpu.device, {
      ...usual,
      tuned: {
        get(key, { rows, columns, inner }) {
          asked = { key, usual: chooseParameters(usual.sets, rows, columns, inner) };
          return set;
        },
      },
    });
    const known = made.get(product) ?? { operands: operandsOf(product), count: 1 };
    made.set(product, known);
    const [left, right] = known.operands;
    gpu.disposeData(multiply(gpu, product, left, right).dataId);
    return known;
  };
  const time = async (product: Product, set: TunedSet | undefined) => {
    const count = made.get(product)?.count ?? 1;
    const start = performance.now();
    for (let i = 0; i < count; i++) run(product, set);
    await backend.sync();
    return (performance.now() - start) / 1000 / count;
  };
  /** A time without that of compiling. */
  const timeCompiled = async (product: Product, set: TunedSet | undefined) => {
    const before = compiledPrograms(gpu.device);
    const seconds = await time(product, set);
    return compiledPrograms(gpu.device) === before ? seconds : await time(product, set);
  };
  return {
    time,
    timeCompiled,
    /** The usual set's seconds, what it is, and the product's class. */
    async first(product: Product) {
      await time(product, undefined);
      const once = await time(product, undefined);
      made.get(product)!.count = Math.max(1, Math.min(200, Math.ceil(least / once)));
      return { before: await time(product, undefined), ...asked! };
    },
    dispose() {
      for (const { operands } of made.values()) tf.dispose(operands);
    },
  };
}

function multiply(
  gpu: GpuBackend,
  { pass, of }: Product,
  left: tf.Tensor,
  right: tf.Tensor,
): tf.TensorInfo {
  if ("kernel" in of) {
    if (pass === "forward") return convolve(gpu, left, right, of);
    if (pass === "input gradient") return convolveInputGradient(gpu, left, right, of);
    return convolveFilterGradient(gpu, left, right, of);
  }
  return matmul(gpu, left, right, pass === "weight gradient", pass === "input gradient")!;
}

/** Operands of a product: numbers from -1 to 1, since a device may be faster on such as are all the same. */
function operandsOf({ pass, of }: Product): [tf.Tensor, tf.Tensor] {
  const [x, weight, dy] = "kernel" in of
    ? [
      [of.batch, ...of.input, of.channels],
      [...of.kernel, of.channels, of.filters],
      [of.batch, ...of.output, of.filters],
    ]
    : [[of.batch, of.inputs], [of.inputs, of.outputs], [of.batch, of.outputs]];
  const [left, right] = pass === "forward"
    ? [x, weight]
    : pass === "input gradient"
    ? [dy, weight]
    : [x, dy];
  return [noise(left), noise(right)];
}

function noise(shape: number[]): tf.Tensor {
  const data = new Float32Array(tf.util.sizeFromShape(shape));
  // Some of them again and again: to draw a hundred million takes seconds.
  const drawn = Math.min(data.length, 65521);
  for (let i = 0, state = 1; i < drawn; i++) {
    state = Math.imul(state, 1664525) + 1013904223 | 0;
    data[i] = state / 2 ** 31;
  }
  for (let at = drawn; at < data.length; at *= 2) data.copyWithin(at, 0, at);
  return tf.tensor(data, shape);
}

export const nameOf = ({ name, pass }: Product): string => `${name} ${pass}`;

function flopsOf({ of }: Product): number {
  if (!("kernel" in of)) return 2 * of.batch * of.inputs * of.outputs;
  const [height, width] = of.output;
  return 2 * of.batch * height * width * of.filters * of.kernel[0] * of.kernel[1] * of.channels;
}

function describeSet({ parameters, groups }: TunedSet): string {
  const { operands, threads, block, depth, vector, prefetch }: GemmParameters = parameters;
  return [
    operands,
    `${threads.join("x")} threads of ${block.join("x")}`,
    ...depth > 1 ? [`depth ${depth}`] : [],
    ...vector > 1 ? [`vectors of ${vector}`] : [],
    ...prefetch ? ["prefetch"] : [],
    `${groups} groups`,
  ].join(", ");
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1];
}
