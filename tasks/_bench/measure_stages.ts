import {
  concat,
  drain,
  enumerate,
  type Example,
  filter,
  flatMap,
  map,
  prefetch,
  readIndexed,
  repeat,
  resize,
  scan,
  shuffle,
  skip,
  take,
  tap,
  tapEvery,
  window,
  withPosition,
} from "../../pipelines/mod.ts";
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

const stages: Readonly<Record<string, Same>> = {
  "map(identity)": map((item) => item),
  "filter(true)": filter(() => true),
  "take(all)": take(Infinity),
  "skip(0)": skip(0),
  "tap(nothing)": tap(() => {}),
  "scan(identity)": scan((state: null, item: Example) => [state, item], null),
  "enumerate()": enumerate(),
  "tapEvery(1000, nothing)": tapEvery(1000, () => {}),
  "prefetch(2)": prefetch(2),
  "resize(same)": resize(size),
  "repeat(1)": (source) => repeat(1)(source),
  "concat([one])": (source) => concat([source]),
  "flatMap([item])": flatMap((item) => [item]),
  "shuffle(buffer of 1)": shuffle({ bufferSize: 1, seed: 0 }),
  "window(1)": window(1),
  "withPosition()": withPosition(),
};

/** What each stage costs per item, of which there are `items`: the middle one of `rounds` runs with it and without. */
export async function measureStages(items: number, rounds: number): Promise<StageFigures[]> {
  const source = { length: items, get: () => example };
  const secondsOf = async (stage: Same) => {
    const start = performance.now();
    await drain(stage(readIndexed(source)));
    return performance.now() - start;
  };
  const costs = Object.fromEntries(Object.keys(stages).map((name) => [name, [] as number[]]));
  for (let round = -1; round < rounds; round++) {
    for (const [name, stage] of Object.entries(stages)) {
      const without = await secondsOf((source) => source);
      const cost = (await secondsOf(stage) - without) * 1000 / items;
      if (round >= 0) costs[name].push(cost);
    }
  }
  return Object.entries(costs).map(([name, costs]) => ({ name, microseconds: median(costs) }));
}
