import { assertEquals } from "@std/assert";
import { createRankClock } from "../../tasks/_train/report/rank_times.ts";

Deno.test("the times of ranks are their means, and a slow rank is named once", () => {
  const clock = createRankClock(["north", "north", "south", "south"]);
  const step = (...busy: number[]) => clock.take({ whole: 8, busy });
  assertEquals([clock.read(), clock.describe()], [undefined, undefined]);
  step(1, 2, 5, 4);
  step(1, 4, 7, 4);
  assertEquals(clock.read(), { min: 1, median: 3.5, max: 6, slowest: 2 });
  assertEquals(clock.read(), undefined);
  // After so few steps it may be by chance.
  assertEquals(clock.describeSlow(), undefined);
  for (let i = 0; i < 18; i++) step(0.2, 0.2, 0.5, 0.3);
  assertEquals(
    clock.describeSlow(),
    "slow: rank 2, on south, computes 1.8 times as long as the median of the ranks, and all wait for it",
  );
  for (let i = 0; i < 20; i++) step(0.2, 0.2, 0.5, 0.3);
  assertEquals(clock.describeSlow(), undefined);
  for (let i = 0; i < 20; i++) step(0.2, 0.25, 0.2, 0.2);
  assertEquals([clock.read()?.slowest, clock.describeSlow()], [2, undefined]);
  assertEquals(
    clock.describe(),
    "ranks: of 8.000 s a step they computed 0.227 to 0.583 s, rank 2, on south, the longest; the rest was exchange and waiting",
  );
});
