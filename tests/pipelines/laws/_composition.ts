import fc from "fast-check";
import { flow } from "fp-ts/lib/function.js";
import type { Stage } from "@rill/rill/pipelines";
import { range } from "../_helpers.ts";
import { formatLinks } from "./_format_links.ts";
import { imageLinks, recyclingLink } from "./_image_links.ts";
import { itemLinks } from "./_item_links.ts";
import { type Carried, type Kind, type Link, type LinkMaker, listOutputs } from "./_link.ts";
import { World } from "./_world.ts";

/** All stages under test. Those of images come as often as others, though an image must be made before. */
export const allLinks: readonly LinkMaker[] = [
  ...itemLinks,
  ...range(8).map(() => imageLinks[0]!),
  ...imageLinks,
  recyclingLink,
  ...formatLinks,
];

/** Numbers that a composition is made of. Whatever they are, they make one, so that they can shrink. */
export interface Plan {
  readonly length: number;
  readonly turns: number;
  readonly steps: readonly { readonly pick: number; readonly a: number; readonly b: number }[];
  /** Where something fails: a place in the composition, and how many items before it. */
  readonly failure: { readonly at: number; readonly after: number };
}

/** Draws compositions of 1 to `maxLinks` stages. */
export const drawPlan = (maxLinks = 6): fc.Arbitrary<Plan> =>
  fc.record({
    length: fc.nat(12),
    turns: fc.nat(3),
    steps: fc.array(
      fc.record({ pick: fc.nat(9999), a: fc.nat(9), b: fc.nat(9) }),
      { minLength: 1, maxLength: maxLinks },
    ),
    failure: fc.record({ at: fc.nat(99), after: fc.nat(9) }),
  });

/** A composition of stages, and what must come of it. */
export interface Composition {
  readonly text: string;
  readonly links: readonly Link[];
  readonly input: readonly unknown[];
  /** The input from a source of another kind, which nobody watches. */
  readonly source?: ReadableSource | undefined;
  readonly turns: number;
  readonly failure: Plan["failure"];
  /** What comes in at each link, and what comes out at the end. */
  readonly lists: readonly (readonly unknown[])[];
  readonly output: readonly unknown[];
}

/** As many outputs as a stage that makes more may get. */
const MANY = 24;

/** Options of {@linkcode compose}. */
export interface ComposeOptions {
  /** Stages of which one is to be among the others. */
  readonly must?: readonly LinkMaker[];
  /** What to read in place of numbers. */
  readonly source?: ReadableSource;
}

/** A source that can be read from anywhere in an epoch. */
export interface ReadableSource {
  readonly text: string;
  readonly items: readonly unknown[];
  /** The length of its first epoch. */
  readonly length: number;
  /** Reads it, from an item of its first epoch on. */
  readonly read: (from: number) => AsyncIterable<unknown>;
  readonly carried: Carried | undefined;
}

/** Makes the composition of a plan, from the kinds of stages that fit one behind the other. */
export async function compose(
  { length, turns, steps, failure }: Plan,
  { must = [], source }: ComposeOptions = {},
): Promise<Composition> {
  const input = source?.items ?? range(length).map((n) => n * n % 97);
  const world = new World();
  const links: Link[] = [];
  const lists: (readonly unknown[])[] = [input];
  let kind: Kind = "number";
  let carried = source?.carried;
  for (const [i, { pick, a, b }] of steps.entries()) {
    const items: readonly unknown[] = lists.at(-1)!;
    const makers = must.length > 0 && i === failure.at % steps.length ? must : allLinks;
    const fitting: readonly LinkMaker[] = makers.filter(({ from, grows, isLast, needsItems }) =>
      (from === "any" || from === kind) && !(grows && items.length > MANY) &&
      !(isLast && i < steps.length - 1) && !(needsItems && items.length === 0)
    );
    const maker = fitting[pick % fitting.length];
    if (!maker) continue;
    const link = maker.make({ a, b, kind, carried });
    lists.push(await listOutputs(link, items, world, carried));
    if (link.carries) carried = link.carries(carried);
    kind = link.to ?? kind;
    links.push(link);
  }
  return {
    text: `${source?.text ?? `${length} items`}, ${links.map(({ text }) => text).join(", ")}`,
    links,
    input,
    source,
    turns,
    failure,
    lists,
    output: lists.at(-1)!,
  };
}

/** Makes the stage of a composition. */
export function makeStage(
  { links }: Pick<Composition, "links">,
  world: World,
  { alone = false, insert }: {
    readonly alone?: boolean;
    /** A stage to put in between, before the link of that index. */
    readonly insert?: { readonly at: number; readonly stage: Stage<unknown, unknown> };
  } = {},
): Stage<unknown, unknown> {
  const stages = links.map((link) => link.make(world, alone));
  if (insert) stages.splice(insert.at, 0, insert.stage);
  return (source) => stages.reduce((items, stage) => flow(stage)(items), source);
}

/** The most items that the source may have given when the composition has given so many, of which more are to come. */
export function countPulls({ links, lists }: Composition, given: number): number {
  const all = (count: number): number =>
    links.slice(0, count).reduce((all, { iterations = 1 }) => iterations * all, lists[0]!.length);
  /** For the first `count` links. */
  const bound = (count: number, given: number): number => {
    if (given <= 0) return 0;
    // What has given all may have found the end.
    if (given >= lists[count]!.length) return all(count);
    if (count === 0) return given;
    const { pulls, iterations = 1 } = links[count - 1]!;
    const inputs = lists[count - 1]!;
    const needed = pulls(given, inputs);
    if (iterations === 1) return bound(count - 1, needed);
    const whole = Math.floor(needed / inputs.length);
    return whole * all(count - 1) + bound(count - 1, needed - whole * inputs.length);
  };
  return bound(links.length, given);
}
