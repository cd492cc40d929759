import type { Example } from "../../../pipelines/mod.ts";
import { formatError } from "../../_cli/errors.ts";
import type { Library } from "./library.ts";
import { median } from "../shared/statistics.ts";

/** The cost of a stage that does nothing. */
export interface StageFigures {
  readonly name: string;
  /** Microseconds per item, more than without the stage. */
  readonly microseconds: number;
}

type Same = (source: AsyncIterable<Example>) => AsyncIterable<unknown>;

const size = { height: 1, width: 1 };
const example: Example = { image: { data: new Uint8Array(1), ...size, channels: 1 }, label: 0 };

/** Each stage by its name, made by a library that may lack it. */
const STAGES: Readonly<Record<string, (library: Library) => Same>> = {
  "map(identity)": ({ map }) => map((item) => item),
  "filter(true)": ({ filter }) => filter(() => true),
  "take(all)": ({ take }) => take(Infinity),
  "skip(0)": ({ skip }) => skip(0),
  "tap(nothing)": ({ tap }) => tap(() => {}),
  "scan(identity)": ({ scan }) => scan((state: null, item: Example) => [state, item], null),
  "enumerate()": ({ enumerate }) => enumerate(),
  "tapEvery(1000, nothing)": ({ tapEvery }) => tapEvery(1000, () => {}),
  "prefetch(2)": ({ prefetch }) => prefetch(2),
  "resize(same)": ({ resize }) => resize(size),
  "repeat(1)": ({ repeat }) => (source) => repeat(1)(source),
  "concat([one])": ({ concat }) => (source) => concat([source]),
  "flatMap([item])": ({ flatMap }) => flatMap((item) => [item]),
  "shuffle(buffer of 1)": ({ shuffle }) => shuffle({ bufferSize: 1, seed: 0 }),
  "window(1)": ({ window }) => window(1),
  "withPosition()": ({ withPosition }) => withPosition(),
};

/** Something to time again and again, in seconds; or why it can't be timed. */
export type Timed =
  & { readonly name: string }
  & ({ readonly time: () => Promise<number> } | { readonly missing: string });

/** The name of the row of items that go through no stage. */
export const NO_STAGE = "readIndexed()";

/** Lists what can be timed of a library: `items` items through no stage, and through each stage. */
export function listTimedStages(library: Library, items: number): readonly Timed[] {
  const source = { length: items, get: () => example };
  const timeOf = (stage: Same) => async () => {
    const start = performance.now();
    await library.drain(stage(library.readIndexed()(source)));
    return (performance.now() - start) / 1000;
  };
  const stages = Object.entries(STAGES).map(([name, make]) => {
    try {
      return { name, time: timeOf(make(library)) };
    } catch (error) {
      return { name, missing: formatError(error) };
    }
  });
  return [{ name: NO_STAGE, time: timeOf((source) => source) }, ...stages];
}

/** Measures what each stage costs per item, of which there are `items`: the middle one of `rounds` runs with it and without. */
export async function measureStages(
  library: Library,
  items: number,
  rounds: number,
): Promise<StageFigures[]> {
  const [none, ...stages] = listTimedStages(library, items).map((one) => {
    if ("missing" in one) throw new Error(one.missing);
    return { ...one, costs: [] as number[] };
  });
  for (let round = -1; round < rounds; round++) {
    for (const { time, costs } of stages) {
      const without = await none!.time();
      const cost = (await time() - without) * 1e6 / items;
      if (round >= 0) costs.push(cost);
    }
  }
  return stages.map(({ name, costs }) => ({ name, microseconds: median(costs) }));
}
