import { collect, type Stage } from "@rill/rill/pipelines";
import { carryRandom } from "../../../pipelines/stage/_random.ts";
import type { World } from "./_world.ts";

/** The kind of the items between two stages. What takes `any` takes all of them. */
export type Kind = "any" | "number" | "image" | "float" | "batch";

/** The seed that a pipeline carries, and how many random stages there have been. */
export interface Carried {
  readonly seed: number;
  readonly epoch: number;
  readonly place: number;
}

/** What a link's description is made of. */
export interface Choice {
  readonly a: number;
  readonly b: number;
  readonly kind: Kind;
  /** The seed of the pipeline, where it has one. */
  readonly carried: Carried | undefined;
}

/** A stage in a composition, and what is known of it beside its own code. */
export interface Link {
  /** The stage as in a program. */
  readonly text: string;
  /** The kind of its outputs; that of its inputs where it is left out. */
  readonly to?: Kind;
  /** Makes the stage. `alone` is the same with one item at a time, nothing ahead. */
  readonly make: (world: World, alone: boolean) => Stage<unknown, unknown>;
  /** Gives what comes of items in a list. By default it is what the stage makes of a plain stream of them, alone. */
  readonly list?: (items: readonly unknown[]) => readonly unknown[];
  /** The most items that it has pulled when it has given so many outputs, at least one, of which more are to come. */
  readonly pulls: (given: number, items: readonly unknown[]) => number;
  /** How often it iterates over its source, where that may be more than once. */
  readonly iterations?: number;
  /** Whether it has positions where its source has some. */
  readonly hasPositions?: boolean;
  /** Whether its state is no part of a position, as that of a fold. */
  readonly keepsState?: boolean;
  /** Whether outputs come in an order that chance decides. */
  readonly isUnordered?: boolean;
  /**
   * How many of its outputs for a whole epoch come before the first one where its items begin so many from the beginning. NaN, the
   * default, where it doesn't know, so that random stages behind refuse; undefined where it gives something else than the rest.
   */
  readonly rest?: (from: number) => number | undefined;
  /** Whether it refuses items that begin so many from the beginning of an epoch, or NaN. */
  readonly refuses?: (from: number) => boolean;
  /** The seed that it gives on. */
  readonly carries?: (carried: Carried | undefined) => Carried | undefined;
  /** Whether errors of its source come through an item of its own, in the errors of the stage that reads that. */
  readonly wrapsErrors?: boolean;
  /** Whether it cannot tell before it is iterated whether its source has positions. */
  readonly hidesSource?: boolean;
}

/** Makes links of two numbers. */
export interface LinkMaker {
  readonly from: Kind;
  readonly make: (choice: Choice) => Link;
  /** Whether it makes more items than it gets. */
  readonly grows?: boolean;
  /** Whether nothing can be told of what comes behind it. */
  readonly isLast?: boolean;
  /** Whether a stream without items is an error to it. */
  readonly needsItems?: boolean;
}

/** The rest of an epoch for a stage that makes each output of so many items, the next ones. */
export const restOf = (items: number): NonNullable<Link["rest"]> => (from) =>
  from % items === 0 ? from / items : NaN;

/** Hides the type of a stage's items, which the kinds tell. */
export const hide = <I, O>(stage: (source: AsyncIterable<I>) => AsyncIterable<O>) =>
  stage as unknown as Stage<unknown, unknown>;

/** Gives what comes of items after a link. */
export async function listOutputs(
  link: Link,
  items: readonly unknown[],
  world: World,
  carried: Carried | undefined,
): Promise<readonly unknown[]> {
  if (link.list) return link.list(items);
  async function* plain(): AsyncGenerator<unknown> {
    yield* items;
  }
  const random = carried &&
    { seed: carried.seed, epoch: carried.epoch, place: () => carried.place };
  return await collect(link.make(world, true)(carryRandom(plain(), random)));
}

/** Shows any item, in full: two are the same where this is. */
export function show(item: unknown): string {
  if (ArrayBuffer.isView(item)) return `${item.constructor.name}(${item})`;
  if (Array.isArray(item)) return `[${item.map(show).join()}]`;
  if (typeof item !== "object" || item === null) return String(item);
  return `{${Object.entries(item).map(([key, value]) => `${key}:${show(value)}`).join()}}`;
}

/** A small number that follows from an item. */
export function digest(item: unknown): number {
  if (typeof item === "number") return item;
  let sum = 7;
  const text = show(item);
  for (let i = 0; i < text.length; i++) sum = (31 * sum + text.charCodeAt(i)) % 9973;
  return sum;
}

/** Waits for so many turns of others. */
export async function wait(turns: number): Promise<void> {
  for (; turns > 0; turns--) await undefined;
}

/** The least number of items that make at least `given` outputs, where each makes so many as `counts` tells. */
export function countNeeded(counts: readonly number[], given: number): number {
  let sum = 0;
  for (const [i, count] of counts.entries()) {
    sum += count;
    if (sum >= given) return i + 1;
  }
  return counts.length;
}
