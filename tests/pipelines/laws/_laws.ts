import { assert, assertEquals, assertRejects, assertStrictEquals } from "@std/assert";
import { collect, map, resumeFrom, StageError, withPosition } from "@rill/rill/pipelines";
import { isResumable, range, saved } from "../_helpers.ts";
import { type Composition, countPulls, makeStage } from "./_composition.ts";
import { type Link, show } from "./_link.ts";
import { type SourceOptions, World } from "./_world.ts";

/** A run of a composition that has begun. */
interface Begun {
  readonly world: World;
  readonly outputs: AsyncIterable<unknown>;
}

function begin(
  composition: Composition,
  { alone, ...options }: SourceOptions & { readonly alone?: boolean } = {},
): Begun {
  const world = new World();
  const { input, turns } = composition;
  const source = composition.source?.read(0) ??
    world.source(input, { turns: alone ? 0 : turns, ...options });
  return { world, outputs: makeStage(composition, world, { alone: alone ?? false })(source) };
}

const isUnordered = ({ links }: Composition) => links.some(({ isUnordered }) => isUnordered);

/** Asserts that items are those of the lists; where chance decides the order, in any. */
function assertItems(composition: Composition, items: readonly unknown[], count?: number): void {
  const shown = items.map(show);
  const expected = composition.output.map(show);
  if (!isUnordered(composition)) return assertEquals(shown, expected.slice(0, count));
  if (count === undefined) return assertEquals(shown.toSorted(), expected.toSorted());
  // A part of them, none twice.
  for (const one of shown) {
    const at = expected.indexOf(one);
    assert(at >= 0, `${one} came too often`);
    expected.splice(at, 1);
  }
}

/** Lets everything happen that happens by itself. */
const settle = (): Promise<void> =>
  new Promise((resolve) =>
    (globalThis as unknown as { setImmediate(fn: () => void): void }).setImmediate(resolve)
  );

/** Order: what comes out is what lists of the items give, each time the pipeline is iterated. */
export async function checkOrder(composition: Composition): Promise<void> {
  const { world, outputs } = begin(composition);
  for (let i = 0; i < 2; i++) assertItems(composition, await collect(outputs));
  // What is read by an index may carry a seed.
  if (composition.source) return world.check(true);
  assertItems(composition, await collect(makeStage(composition, world)(plain(composition.input))));
  // A web stream can be iterated once.
  if (composition.links.every(({ iterations = 1 }) => iterations === 1)) {
    const stream = ReadableStream.from(composition.input);
    assertItems(composition, await collect(makeStage(composition, world)(stream)));
  }
  world.check(true);
}

async function* generate<T>(items: readonly T[]): AsyncGenerator<T> {
  yield* items;
}

const plain = <T>(items: readonly T[]): AsyncIterable<T> => ({
  [Symbol.asyncIterator]: () => generate(items),
});

/** Closing: who ends early, at any item, closes every source once, and nothing is given behind. */
export async function checkEarlyEnds(composition: Composition): Promise<void> {
  for (let stop = 0; stop <= composition.output.length; stop++) {
    const { world, outputs } = begin(composition);
    const iterator = outputs[Symbol.asyncIterator]();
    const items: unknown[] = [];
    for (let i = 0; i < stop; i++) {
      const { done, value } = await iterator.next();
      assert(!done, `it ended after ${i} items`);
      items.push(value);
    }
    await iterator.return!();
    assertItems(composition, items, stop);
    assertEquals(await iterator.next(), { done: true, value: undefined });
    await settle();
    world.check(true);
  }
}

/** Backpressure: nothing is pulled before the first item is asked for, and then no more than the stages say. */
export async function checkPulls(composition: Composition): Promise<void> {
  const { world, outputs } = begin(composition);
  const iterator = outputs[Symbol.asyncIterator]();
  await settle();
  assertEquals(world.countGiven("main"), 0, "it pulled before it was asked");
  for (let given = 1; given < composition.output.length; given++) {
    await iterator.next();
    await settle();
    const pulled = world.countGiven("main");
    const most = countPulls(composition, given);
    assert(pulled <= most, `it pulled ${pulled} items for ${given}: at most ${most}`);
  }
  await iterator.return!();
  world.check(true);
}

/** Pulls until the end or an error. */
async function drainTo(items: unknown[], outputs: AsyncIterable<unknown>): Promise<unknown> {
  try {
    for await (const item of outputs) items.push(item);
  } catch (error) {
    return error;
  }
}

/** Gives the error that is to be compared: where a stage reads the source's error from an item, its cause. */
function unwrap({ links }: Composition, thrown: unknown, isOwn: (error: unknown) => boolean) {
  let error = thrown;
  if (!links.some(({ wrapsErrors }) => wrapsErrors)) return error;
  while (!isOwn(error) && error instanceof StageError) error = error.cause;
  return error;
}

/** Errors of the source come as they are, behind the items before them, and everything else is closed. */
export async function checkSourceErrors(composition: Composition): Promise<void> {
  const error = new Error("the source failed");
  for (let at = 0; at <= composition.input.length; at++) {
    const { world, outputs } = begin(composition, { failure: { at, error } });
    const items: unknown[] = [];
    const thrown = await drainTo(items, outputs);
    if (thrown) assertStrictEquals(unwrap(composition, thrown, (it) => it === error), error);
    assertItems(composition, items, thrown ? items.length : undefined);
    await settle();
    world.check(true);
  }
}

/** An error of a stage, anywhere in the composition, comes as that stage's, and everything is closed. */
export async function checkStageErrors(composition: Composition): Promise<void> {
  const cause = new Error("the stage failed");
  const { failure: { at, after }, links } = composition;
  const world = new World();
  let index = 0;
  const insert = {
    at: at % (links.length + 1),
    stage: map((item: unknown, i) => {
      index = i;
      if (i === after) throw cause;
      return item;
    }),
  };
  const source = world.source(composition.input, { turns: composition.turns });
  const items: unknown[] = [];
  const thrown = await drainTo(items, makeStage(composition, world, { insert })(source));
  if (thrown) {
    const error = unwrap(
      composition,
      thrown,
      (it) => it instanceof StageError && it.cause === cause,
    );
    assert(error instanceof StageError, `${error}`);
    assertStrictEquals(error.cause, cause);
    assertEquals([error.stage, error.position], ["map", after]);
    assertEquals(index, after);
  }
  assertItems(composition, items, thrown ? items.length : undefined);
  await settle();
  world.check(true);
}

/**
 * Resuming: the positions are the same each time; and at every item one that was saved gives the rest, with the same positions, in the
 * same pipeline, and in one whose stages work on one item at a time and nothing ahead.
 */
export async function checkResumes(composition: Composition): Promise<void> {
  const { links } = composition;
  const { outputs } = begin(composition);
  if (links.some(({ hidesSource }) => hidesSource)) {
    if (links.some(({ hasPositions = true }) => !hasPositions)) return;
  } else {
    assertEquals(isResumable(outputs), links.every(({ hasPositions = true }) => hasPositions));
  }
  if (!isResumable(outputs)) return;
  const tell = async (alone: boolean, position?: Parameters<typeof resumeFrom>[0]) => {
    const { world, outputs } = begin(composition, { alone });
    const pairs = await collect(withPosition()(resumeFrom(position)(outputs)));
    await settle();
    world.check(true);
    return pairs.map(([item, position]) => [show(item), JSON.stringify(position)] as const);
  };
  const whole = await tell(false);
  const itemsOf = (pairs: typeof whole) => pairs.map(([item]) => item);
  assertEquals(itemsOf(whole), composition.output.map(show));
  assertEquals(await tell(false), whole, "again");
  assertEquals(itemsOf(await tell(true)), itemsOf(whole), "one at a time");
  if (links.some(({ keepsState }) => keepsState)) return;
  for (const stop of range(whole.length)) {
    const position = saved(JSON.parse(whole[stop]![1]));
    const rest = whole.slice(stop + 1);
    assertEquals(await tell(false, position), rest, `after ${stop + 1} items`);
    const alone = await tell(true, position);
    assertEquals(itemsOf(alone), itemsOf(rest), `one at a time, after ${stop + 1} items`);
  }
}

/**
 * The rest of an epoch: what is read from any item on gives the rest of what the whole gives, one item at a time too; and where a
 * random stage couldn't know what that is, it refuses.
 */
export async function checkRests(composition: Composition): Promise<void> {
  const { links, source, output } = composition;
  for (let from = 1; from <= source!.length; from++) {
    const { start, isRefused } = findRest(links, from);
    for (const alone of [false, true]) {
      const give = async () => {
        const world = new World();
        const items = await collect(makeStage(composition, world, { alone })(source!.read(from)));
        world.check(true);
        return items.map(show);
      };
      if (isRefused) await assertRejects(give, Error, "from the middle of an epoch");
      if (isRefused || start === undefined || Number.isNaN(start)) continue;
      const [items, expected] = [await give(), output.slice(start).map(show)];
      if (isUnordered(composition)) assertEquals(items.sort(), expected.sort(), `from ${from}`);
      else assertEquals(items, expected, `from ${from}`);
    }
  }
}

/** Finds where the outputs of links begin among those of the whole, or whether one of them refuses. */
function findRest(links: readonly Link[], from: number) {
  let start: number | undefined = from;
  for (const { rest = () => NaN, refuses = () => false } of links) {
    if (refuses(start)) return { isRefused: true };
    start = rest(start);
    if (start === undefined) break;
  }
  return { start, isRefused: false };
}

/** All laws, by name. */
export const laws: Readonly<Record<string, (composition: Composition) => Promise<void>>> = {
  "give what lists of the items give": checkOrder,
  "close every source once when closed early": checkEarlyEnds,
  "pull no more than they say": checkPulls,
  "pass errors of the source on and close": checkSourceErrors,
  "close when one of them fails": checkStageErrors,
  "resume at every item": checkResumes,
};
