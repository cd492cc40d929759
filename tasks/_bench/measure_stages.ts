import type { Example } from "../../pipelines/mod.ts";
import { errorLine } from "../_cli/error_line.ts";
import type { Library } from "./library.ts";
import { median } from "./statistics.ts";

/** What a stage costs that does nothing. */
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

/** Seconds that items take through a stage and through none, run by run; or why the library has no such stage. */
export type StageRuns =
  & { readonly name: string }
  & (
    | { readonly seconds: readonly number[]; readonly without: readonly number[] }
    | { readonly missing: string }
  );

/** Times `items` items through each stage, in turn with the same items through none; a round before the first warms up. */
export async function timeStages(
  library: Library,
  items: number,
  rounds: number,
): Promise<StageRuns[]> {
  const source = { length: items, get: () => example };
  const secondsOf = async (stage: Same) => {
    const start = performance.now();
    await library.drain(stage(library.readIndexed(source)));
    return (performance.now() - start) / 1000;
  };
  const found = Object.entries(STAGES).map(([name, make]) => {
    try {
      return { name, stage: make(library), seconds: [] as number[], without: [] as number[] };
    } catch (error) {
      return { name, missing: errorLine(error) };
    }
  });
  for (let round = -1; round < rounds; round++) {
    for (const one of found) {
      if ("missing" in one) continue;
      const without = await secondsOf((source) => source);
      const seconds = await secondsOf(one.stage);
      if (round < 0) continue;
      one.without.push(without);
      one.seconds.push(seconds);
    }
  }
  return found;
}

/** Measures what each stage costs per item, of which there are `items`: the middle one of `rounds` runs with it and without. */
export async function measureStages(
  library: Library,
  items: number,
  rounds: number,
): Promise<StageFigures[]> {
  const stages = await timeStages(library, items, rounds);
  return stages.flatMap((stage) => {
    if ("missing" in stage) return [];
    const costs = stage.seconds.map((seconds, i) => (seconds - stage.without[i]!) * 1e6 / items);
    return { name: stage.name, microseconds: median(costs) };
  });
}
