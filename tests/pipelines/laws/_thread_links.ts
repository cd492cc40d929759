import { inWorkers, map } from "@rill/rill/pipelines";
import { cacheFile } from "@rill/rill/pipelines/cache-file";
import { digest, hide, type LinkMaker } from "./_link.ts";

const module = import.meta.resolve("../_in_workers.ts");

/** Stages that work in other threads. */
export const workerLinks: readonly LinkMaker[] = [
  {
    from: "any",
    make: ({ a, b }) => ({
      text: `map(digest), inWorkers(${1 + a % 2}, add)`,
      to: "number",
      make: (_, alone) =>
        hide((source: AsyncIterable<unknown>) =>
          inWorkers<number, number>(alone ? 1 : 1 + a % 2, module, {
            name: "add",
            parameters: { term: b },
          })(map(digest)(source))
        ),
      list: (items) => items.map((item) => digest(item) + b),
      // Two for each worker.
      pulls: (given) => given + 2 * (1 + a % 2) - 1,
      rest: (from) => from,
    }),
  },
  {
    from: "any",
    make: ({ a }) => ({
      text: `inWorkers(${1 + a % 2}, copyAll)`,
      make: (_, alone) =>
        hide(inWorkers(alone ? 1 : 1 + a % 2, module, { name: "copyAll", kind: "stage" })),
      list: (items) => items,
      pulls: (given) => given + 2 * (1 + a % 2) - 1,
      rest: (from) => from,
    }),
  },
  {
    from: "any",
    make: ({ a, b, carried }) => ({
      text: `map(digest), inWorkers(${1 + a % 2}, shake)`,
      to: "number",
      make: (_, alone) =>
        hide((source: AsyncIterable<unknown>) =>
          inWorkers<number, number>(alone ? 1 : 1 + a % 2, module, {
            name: "shake",
            kind: "stage",
            parameters: carried ? {} : { seed: b },
          })(map(digest)(source))
        ),
      pulls: (given) => given + 2 * (1 + a % 2) - 1,
      carries: (carried) => carried && { ...carried, place: carried.place + 1 },
      // It refuses only once there is an item.
      rest: (from) => from,
    }),
  },
];

/** Stages that keep items in files below a folder. */
export function makeFileLinks(dir: string): readonly LinkMaker[] {
  let count = 0;
  return [{
    from: "any",
    make: () => ({
      text: "cacheFile()",
      make: () => hide(cacheFile(`${dir}/${count++}.cache`, { key: "laws" })),
      list: (items) => items,
      pulls: (given) => given,
      hasPositions: false,
    }),
  }];
}
