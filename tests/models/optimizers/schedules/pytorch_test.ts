import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import * as models from "@rill/rill/models";
import { references } from "../_references.ts";

for (const { schedule: name, options, values, warmup } of references.schedules) {
  const words = `${name} ${JSON.stringify(options)}${
    warmup ? ` after warm-up ${JSON.stringify(warmup)}` : ""
  }`;
  Deno.test(`${words} has PyTorch's numbers`, () => {
    const make = (models as unknown as Record<string, (options: object) => models.Schedule>)[name]!;
    const own = name === "constant" ? models.constantSchedule(options.peak) : make(options);
    const schedule = warmup ? models.warmup(own, warmup) : own;
    assert(values.length >= 15);
    for (const [i, value] of values.entries()) {
      assertAlmostEquals(schedule(i + 1), value, 1e-12, `step ${i + 1}`);
    }
  });
}

Deno.test("schedules stay where they end", () => {
  const ends: [models.Schedule, number, number][] = [
    [models.cosineDecay({ peak: 1, end: 0.25, steps: 10 }), 11, 0.25],
    [models.polynomialDecay({ peak: 1, end: 0.25, steps: 10 }), 11, 0.25],
    [models.oneCycle({ peak: 1, steps: 10, startDivisor: 2, endDivisor: 5 }), 10, 0.1],
  ];
  for (const [schedule, last, end] of ends) {
    assert(schedule(last - 1) > end + 1e-6);
    for (const step of [last, last + 1, 1000]) assertAlmostEquals(schedule(step), end, 1e-12);
  }
});

Deno.test("oneCycle() has a peak at each share of its steps", () => {
  for (const [rise, steps] of [[0, 10], [1, 10], [0.3, 1], [0.05, 10]] as const) {
    const schedule = models.oneCycle({ peak: 2, steps, rise });
    const values = Array.from({ length: steps + 1 }, (_, i) => schedule(i + 1));
    assert(values.every((value) => value >= 0 && value <= 2), `${values}`);
  }
});

Deno.test("schedules refuse settings out of range", () => {
  const cases: [() => models.Schedule, string][] = [
    [() => models.constantSchedule(NaN), "value NaN: it must be finite"],
    [() => models.stepDecay({ peak: 1, every: 0 }), "every 0: it must be an integer of at least 1"],
    [() => models.exponentialDecay({ peak: 1, factor: 0 }), "factor 0: it must be above 0"],
    [() => models.cosineDecay({ peak: Infinity, steps: 1 }), "peak Infinity: it must be finite"],
    [
      () => models.cosineRestarts({ peak: 1, steps: 1, factor: 1.5 }),
      "factor 1.5: it must be an int",
    ],
    [() => models.oneCycle({ peak: 1, steps: 9, rise: 2 }), "rise 2: it must be from 0 to 1"],
    [() => models.polynomialDecay({ peak: 1, steps: 2.5 }), "steps 2.5: it must be an integer"],
    [() => models.warmup(() => 1, { steps: 0 }), "steps 0: it must be an integer"],
    [() => models.warmup(() => 1, { steps: 3, start: -1 }), "start -1: it must be from 0 to 1"],
  ];
  for (const [make, message] of cases) assertThrows(make, RangeError, message);
});

Deno.test("warm-up goes in front of any schedule, also of another warm-up", () => {
  const inner = models.warmup(models.constantSchedule(4), { steps: 2, start: 0.5 });
  const outer = models.warmup(inner, { steps: 2, start: 0 });
  assertEquals([1, 2, 3, 4, 5, 6].map(outer), [0, 1, 2, 3, 4, 4]);
});
