import { assert, assertEquals, assertNotEquals, assertRejects, assertThrows } from "@std/assert";
import { pipe } from "fp-ts/lib/function.js";
import {
  collect,
  drain,
  flipHorizontal,
  type RandomOptions,
  randomStageOf,
  readIndexed,
  StageError,
  withRecordPolicy,
  withSeed,
} from "@rill/rill/pipelines";
import { assertResumes, chiSquare, counting, range, testStage } from "../_helpers.ts";

const shake = (random: RandomOptions = {}) =>
  randomStageOf({
    name: "shake",
    each: (n: number, draws) => n + draws.below(10) / 10,
    ...random,
  });
const shaken = (count: number, random: RandomOptions) =>
  collect(shake(random)(counting(range(count))));

testStage<number, number>({
  name: "randomStageOf()",
  stage: shake({ seed: 1 }),
  input: range(6),
  output: await shaken(6, { seed: 1 }),
  pulled: (given) => given,
});

Deno.test("randomStageOf() gives draws by its own seed, or by the pipeline's and its place", async () => {
  const own = await shaken(50, { seed: 1 });
  assertEquals(await shaken(50, { seed: 1, epoch: 0 }), own);
  assertNotEquals(await shaken(50, { seed: 2 }), own);
  assertNotEquals(await shaken(50, { seed: 1, epoch: 1 }), own);
  const seeded = () => withSeed({ seed: 1 })(counting(range(50)));
  const first = await collect(shake()(seeded()));
  assertNotEquals(first, own);
  const twice = await collect(pipe(seeded(), shake(), shake()));
  assert(twice.some((n, i) => Math.abs(n - first[i]! - (first[i]! - i)) > 0.05));
  const items = counting(range(3));
  assertThrows(() => shake()(items), RangeError, "Cannot shake at random without a seed");
  assertThrows(() => shake({ seed: -1 }), RangeError, "Cannot shake by seed -1: the seed must be");
});

Deno.test("randomStageOf() draws evenly, and does not depend on what comes before", async () => {
  const all = await shaken(5000, { seed: 3 });
  // 9 degrees of freedom: above 28 is a chance of one in a thousand.
  assert(chiSquare(all.map((n, i) => `${Math.round(10 * (n - i))}`), 10) < 28);
  const others = await collect(shake({ seed: 3 })(counting(range(100).map((n) => n % 90))));
  assertEquals(others.slice(0, 90), all.slice(0, 90));
});

Deno.test("randomStageOf() gives what can be resumed, and given a policy", async () => {
  const source = { length: 9, get: (index: number) => index };
  const build = () => pipe(source, readIndexed({ seed: 4 }), shake(), shake());
  await assertResumes(build);
  const policy = withRecordPolicy(shake(), () => "skip");
  assertEquals(
    await collect(policy(withSeed({ seed: 1 })(counting(range(9))))),
    await collect(shake()(withSeed({ seed: 1 })(counting(range(9))))),
  );
});

Deno.test("randomStageOf() counts among the random stages, and allocates where it is asked to", async () => {
  const fill = randomStageOf({
    name: "fill",
    each: ({ image, label }: { image: typeof pixel; label: number }, draws, allocate) => {
      const data = allocate(image.data, 1);
      data[0] = draws.below(256);
      return { image: { ...image, data }, label };
    },
  });
  const pixel = { data: new Uint8Array(1), height: 1, width: 1, channels: 1 };
  const seeded = () => withSeed({ seed: 1 })(counting([{ image: pixel, label: 0 }]));
  const [first] = await collect(fill(seeded()));
  const [second] = await collect(pipe(seeded(), flipHorizontal({ probability: 0 }), fill));
  assertNotEquals(first, second);
});

Deno.test("randomStageOf() names the item that it fails at", async () => {
  const fail = randomStageOf({
    name: "shake",
    seed: 0,
    each: (n: number) => {
      if (n === 2) throw new Error("no good");
      return n;
    },
  });
  await assertRejects(
    () => drain(fail(counting(range(4)))),
    StageError,
    "Cannot shake item 2: no good",
  );
});

// Part of the contract: whoever changes these breaks every run that is to be repeated or resumed.
Deno.test("randomStageOf() keeps its draws from version to version", async () => {
  const text = (all: readonly number[]) => all.map((n, i) => Math.round(10 * (n - i))).join("");
  assertEquals(text(await shaken(20, { seed: 0 })), "00373285417651911280");
});
