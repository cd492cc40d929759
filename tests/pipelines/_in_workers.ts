// What the workers of the tests do.

import { flow } from "fp-ts/lib/function.js";
import { filter } from "../../pipelines/items/filter.ts";
import { map } from "../../pipelines/items/map.ts";
import { flipHorizontal } from "../../pipelines/images/random/flip.ts";
import { randomCrop, type RandomCropOptions } from "../../pipelines/images/random/random_crop.ts";
import { randomStageOf } from "../../pipelines/random/random_stage_of.ts";
import type { RandomOptions } from "../../pipelines/random/random_options.ts";
import { resize } from "../../pipelines/images/resize.ts";
import { stageOf } from "../../pipelines/stage/stage_of.ts";

export default (n: number, index: number): string => `${index}: ${n}`;

export const add = (n: number, _: number, parameters: { readonly term: number }): Promise<number> =>
  Promise.resolve(n + parameters.term);

/** Gives what it got, and how long it was. */
export const echo = <T>(item: T): T => item;

export const sizes = (
  { a, b }: { readonly a: Uint8Array; readonly b: Uint8Array },
): number[] => [a.byteLength, a.buffer.byteLength, b.byteLength, b.buffer.byteLength];

export function part(length: number): Uint8Array {
  return new Uint8Array(1000).fill(length).subarray(10, 10 + length);
}

const kept = new Uint8Array(4);
export const same = (): Uint8Array => kept;

export function fail(n: number): number {
  if (n !== 2) return n;
  const cause = Object.assign(new Error("the file is cut"), { offset: 7 });
  throw Object.assign(new RangeError("no good", { cause }), { code: "E_BAD", more: { n } });
}

export function failWithText(): never {
  throw "something that is no Error";
}

export const give = (): () => void => () => {};

/** Calls what ends a worker, and goes on. */
export function end(n: number): number | Promise<never> {
  if (n !== 2) return n;
  globalThis.close();
  return new Promise(() => {});
}

export function exit(n: number): number {
  if (n === 2) Deno.exit(3);
  return n;
}

export function failLater(n: number): number | Promise<never> {
  if (n !== 2) return n;
  setTimeout(() => {
    throw new TypeError("nobody waits for this");
  });
  return new Promise(() => {});
}

export function rejectAside(n: number): number | Promise<never> {
  if (n !== 2) return n;
  Promise.reject(new TypeError("nobody waits for this either"));
  return new Promise(() => {});
}

/** Is at its second item for 20 seconds. Not without an end: Deno can't end a worker that is at such a loop, which would take a core from all tests after. */
export function forever(n: number): number {
  for (const end = Date.now() + 20_000; n === 2 && Date.now() < end;);
  return n;
}

/** Its items say how long they take. */
export const slow = (ms: number): Promise<number> =>
  new Promise((resolve) => setTimeout(() => resolve(ms), ms));

let loaded = 0;
export const loads = (): number => ++loaded;

export const noFunction = 1;

export const crop = (options: RandomCropOptions) =>
  flow(resize({ height: 5, width: 5 }), randomCrop(options));

export const late = async (term: number) => {
  await Promise.resolve();
  return flow(map((n: number) => Promise.resolve(n + term)), map((n) => n * 10));
};

export const even = () => filter((n: number) => n % 2 === 0);

export const picky = () =>
  flow(
    map((n: number) => n),
    map((n: number) => {
      if (n === 2) throw new TypeError("no good");
      return n;
    }),
  );

export const doubling = () => stageOf({ name: "double", each: (n: number) => 2 * n });

/** Random stages without a seed of their own, of which there are so many. */
export const flips = (count: number) =>
  Array.from({ length: count }, () => flipHorizontal()).reduce((all, next) => flow(all, next));

/** A random stage of numbers. */
export const shake = (random: RandomOptions) =>
  randomStageOf({ name: "shake", each: (n: number, draws) => n + draws.below(97), ...random });

export const copyAll = () => map(<T>(item: T): T => item);
