import type { GemmParameters } from "../gemm/_gemm_parameters.ts";
import type { TunedSet } from "../gemm/_tuning.ts";
import type { ProductTimer } from "./_product_timer.ts";
import type { Product } from "./_products.ts";

/** A product of a class, and the set that it is computed with as a rule. */
export interface Member {
  readonly product: Product;
  readonly usual: GemmParameters;
}

/** The best set of a search, if it is worth it, and each product's seconds with the usual set and with that one. */
export interface Decision {
  readonly best: TunedSet | undefined;
  readonly seconds: ReadonlyMap<Product, readonly [before: number, after: number]>;
}

/** The share of the usual set's time that a set may take to be worth it, and in how many rounds it has to be the faster one. */
const WORTH = 0.95;
const WON = 4;
/** The sets that are measured again, in turn with the usual one. */
const FINALISTS = 2;
/** The rounds of that. */
const ROUNDS = 5;

/** A set that is measured in rounds, and the seconds that each product took in each of them. */
interface Contestant {
  /** Absent for the usual set. */
  readonly set: TunedSet | undefined;
  readonly seconds: ReadonlyMap<Product, number[]>;
}

/** The search for the best set for the products of one class. */
export class SetSearch {
  readonly #timer: ProductTimer;
  readonly #members: readonly Member[];
  readonly #groups: number;
  readonly #screened: { readonly set: TunedSet; readonly seconds: number }[] = [];

  constructor(timer: ProductTimer, members: readonly Member[], groups: number) {
    this.#timer = timer;
    this.#members = members;
    this.#groups = groups;
  }

  /** Times each set once, after it was compiled, until `isOver` says so. */
  async screen(sets: readonly TunedSet[], isOver: () => boolean): Promise<void> {
    for (const set of sets) {
      let seconds = 0;
      for (const { product } of this.#members) {
        if (isOver()) return;
        seconds += await this.#timer.timeCompiled(product, set);
      }
      this.#screened.push({ set, seconds });
      this.#screened.sort((a, b) => a.seconds - b.seconds);
    }
  }

  /** Lists the best set so far with its products split less and more. */
  listSplits(): readonly TunedSet[] {
    const [best] = this.#screened;
    if (!best) return [];
    return [1, Math.ceil(this.#groups / 4), this.#groups * 4]
      .map((groups) => ({ ...best.set, groups }));
  }

  /** Times the best sets in turn with the usual one, and decides among them. */
  async decide(): Promise<Decision> {
    const finalists = this.#screened
      .map(({ set }) => set)
      .filter((set) => !this.#isUsual(set))
      .slice(0, FINALISTS);
    const usual = this.#enter(undefined);
    const contestants = finalists.map((set) => this.#enter(set));
    for (let round = 0; round < ROUNDS; round++) {
      for (const { set, seconds } of [usual, ...contestants]) {
        for (const [product, runs] of seconds) runs.push(await this.#timer.time(product, set));
      }
    }
    // Other work on the machine slows a whole round down, so that rounds are compared and not times.
    const worth = contestants
      .map((contestant) => ({ contestant, ratios: compareRounds(contestant, usual) }))
      .filter(({ ratios }) =>
        findMedian(ratios) < WORTH && ratios.filter((ratio) => ratio < 1).length >= WON
      )
      .toSorted((a, b) => findMedian(a.ratios) - findMedian(b.ratios));
    const winner = worth[0]?.contestant ?? usual;
    const seconds = new Map(this.#members.map(({ product }) => {
      const runs = usual.seconds.get(product) ?? [];
      const before = findMedian(runs);
      const shares = divideEach(winner.seconds.get(product) ?? [], runs);
      return [product, [before, before * findMedian(shares)] as const];
    }));
    return { best: winner.set, seconds };
  }

  #enter(set: TunedSet | undefined): Contestant {
    return { set, seconds: new Map(this.#members.map(({ product }) => [product, []])) };
  }

  #isUsual({ parameters, groups }: TunedSet): boolean {
    return groups === this.#groups && this.#members.every(({ usual }) => usual === parameters);
  }
}

/** Computes for each round the ratio of two contestants' seconds, all products together. */
function compareRounds(one: Contestant, other: Contestant): number[] {
  return divideEach(sumRounds(one), sumRounds(other));
}

function sumRounds({ seconds }: Contestant): number[] {
  return Array.from(
    { length: ROUNDS },
    (_, round) => [...seconds.values()].reduce((sum, runs) => sum + (runs[round] ?? 0), 0),
  );
}

const divideEach = (dividends: readonly number[], divisors: readonly number[]): number[] =>
  dividends.map((dividend, i) => dividend / (divisors[i] ?? NaN));

function findMedian(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? NaN;
}
