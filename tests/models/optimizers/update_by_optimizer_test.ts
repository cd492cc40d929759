import { pipe } from "fp-ts/lib/function.js";
import { assert, assertEquals, assertThrows } from "@std/assert";
import * as rill from "@rill/rill/models";
import * as ops from "@rill/rill/models/ops";
import { countTensors, viewPart } from "../../../models/ops/_ops.ts";
import { assertClose, backendTest, numbers, withBackend } from "../_helpers.ts";
import { lion, vector } from "./_lion.ts";

backendTest("a rule of one's own goes with all pieces", async () => {
  const before = countTensors();
  const optimizer = pipe(
    lion(0.125),
    rill.weightDecay(0.5, { decoupled: true }),
    rill.byName([{ names: ["b"], weightDecay: 0, learningRate: 2 }]),
    rill.clipByValue(1),
    rill.averaged(0.5),
  );
  let params: rill.Params = { a: vector(1, -2, 3), b: vector(4) };
  let state = rill.initOptimizerState(optimizer, params);
  const expected = { a: [1, -2, 3], b: [4] };
  const momenta = { a: [0, 0, 0], b: [0] };
  for (let step = 0; step < 4; step++) {
    const given = { a: [...numbers(3, step)].map((x) => 3 * x), b: [...numbers(1, 9 + step)] };
    const gradients = { a: vector(...given.a), b: vector(...given.b) };
    ({ params, state } = rill.updateByOptimizer(optimizer, { params, gradients, state }));
    for (const name of ["a", "b"] as const) {
      const [rate, decay] = name === "a" ? [0.125, 0.5] : [0.25, 0];
      for (const [i, g] of given[name].entries()) {
        const gradient = Math.max(-1, Math.min(1, g));
        const m = momenta[name][i]!;
        const sign = Math.sign(0.9 * m + 0.1 * gradient);
        expected[name][i] = expected[name][i]! * (1 - rate * decay) - rate * sign;
        momenta[name][i] = 0.99 * m + 0.01 * gradient;
      }
      assertClose(await params[name]!.data(), expected[name], 1e-6, `${name} at step ${step}`);
      assertClose(await state.slots.m![name]!.data(), momenta[name], 1e-6);
      gradients[name].dispose();
    }
  }
  assertEquals(state.step, 4);
  for (const tensors of [params, ...Object.values(state.slots)]) {
    for (const tensor of Object.values(tensors)) tensor.dispose();
  }
  assertEquals(countTensors(), before);
});

Deno.test("what a rule gives must be the parameter and its slots", () =>
  withBackend("wasm", () => {
    const refused = (update: rill.Rule<"m">["update"], fault: string) => {
      const rule = { name: "mine", settings: {}, slots: { m: 0 }, update };
      const optimizer = rill.optimizerOf(rule, 1);
      const params = { a: vector(1, 2) };
      const state = rill.initOptimizerState(optimizer, params);
      const options = { params, gradients: { a: vector(3, 4) }, state };
      assertThrows(
        () => rill.updateByOptimizer(optimizer, options),
        RangeError,
        `Cannot update a by mine: ${fault}`,
      );
      // Nothing was consumed.
      assertEquals(params.a.shape, [2]);
    };
    refused(
      (({ parameter }: rill.Params) => ({ parameter })) as unknown as rill.Rule<"m">["update"],
      "it gave no m",
    );
    refused(({ parameter, m }) => ({ parameter, m: ops.sum(m) }), "its m has shape []");
    refused((values) => values, "it gave gradient, which is neither the parameter nor a slot");
  }));

backendTest("a rule may give what it was given", async () => {
  const optimizer = rill.optimizerOf({
    name: "still",
    settings: {},
    slots: { first: 7, second: 0 },
    update: ({ parameter, gradient, first }) => ({ parameter, first, second: gradient }),
  }, 1);
  let params: rill.Params = { a: vector(1, 2) };
  let state = rill.initOptimizerState(optimizer, params);
  const gradients = { a: vector(3, 4) };
  for (let i = 0; i < 2; i++) {
    ({ params, state } = rill.updateByOptimizer(optimizer, { params, gradients, state }));
  }
  assertEquals([...await params.a!.data()], [1, 2]);
  assertEquals([...await state.slots.first!.a!.data()], [7, 7]);
  assertEquals([...await state.slots.second!.a!.data()], [3, 4]);
});

backendTest("frozen parameters stay, without gradients and slots", async () => {
  const optimizer = pipe(rill.adam(), rill.frozen("a.*"), rill.clipByGlobalNorm(1));
  const params = { "a.x": vector(1, 2), "b.x": vector(3) };
  const state = rill.initOptimizerState(optimizer, params);
  assertEquals([Object.keys(state.slots.m!), state.trained], [["b.x"], ["b.x"]]);
  const next = rill.updateByOptimizer(optimizer, {
    params,
    gradients: { "b.x": vector(9) },
    state,
  });
  assert(next.params["a.x"] === params["a.x"]);
  assertEquals(Object.keys(next.params), ["a.x", "b.x"]);
  assertClose(await next.params["b.x"]!.data(), [2.999], 1e-6);
});

backendTest("while gradients are accumulated nothing else changes", async () => {
  const optimizer = pipe(rill.sgd({ learningRate: 1 }), rill.accumulate(3), rill.averaged(0.5));
  const start = { a: vector(1) };
  let params: rill.Params = start;
  let state = rill.initOptimizerState(optimizer, params);
  const update = (gradient: number, weight: number | rill.Tensor) => {
    const gradients = { a: vector(gradient) };
    ({ params, state } = rill.updateByOptimizer(optimizer, { params, gradients, state, weight }));
    gradients.a.dispose();
  };
  const before = countTensors();
  for (const [i, weight] of [2, 3].entries()) {
    update(6, weight);
    assert(params.a === start.a);
    assertEquals([state.step, state.accumulated?.batches], [0, i + 1]);
    // The sums, and their weight.
    assertEquals(countTensors(), before + 2);
  }
  assertEquals([...await state.accumulated!.weight.data()], [5]);
  const weight = rill.toTensor(Float32Array.of(4), []);
  update(-3, weight);
  weight.dispose();
  assertEquals([...await params.a!.data()], [0]);
  assertEquals([state.step, state.accumulated, Object.keys(state.slots)], [1, undefined, [
    "average",
  ]]);
  assertEquals(countTensors(), before);
  assertThrows(
    () => rill.updateByOptimizer(optimizer, { params, gradients: { a: vector(1) }, state }),
    RangeError,
    "Cannot accumulate gradients without the weight of their batch",
  );
});

Deno.test("slices of parameters are updated as the whole ones are", () =>
  withBackend("wasm", async () => {
    const sizes = { a: 10, b: 7 };
    const cuts = { a: [0, 4, 10], b: [0, 5, 7] } as const;
    const make = (seed: number) => ({
      a: rill.toTensor(numbers(10, seed), [2, 5]),
      b: rill.toTensor(numbers(7, seed + 1), [7]),
    });
    const names = ["a", "b"] as const;
    for (
      const optimizer of [
        pipe(rill.adamw(), rill.clipByGlobalNorm(0.5), rill.averaged(0.5)),
        pipe(rill.rmsprop({ centered: true, weightDecay: 0.1 }), rill.accumulate(2)),
        pipe(
          lion(0.1),
          rill.clipByGlobalNorm(0.5),
          rill.byName([{ names: ["b"], learningRate: 2 }]),
        ),
      ]
    ) {
      let whole: rill.Params = make(1);
      let state = rill.initOptimizerState(optimizer, whole);
      const wholes = make(1);
      const part = (tensors: rill.Params, rank: number) =>
        Object.fromEntries(names.map((name) => {
          const [from, to] = [cuts[name][rank]!, cuts[name][rank + 1]!];
          const view = viewPart(tensors[name]!, from, to - from);
          return [name, ops.multiply(view, 1)];
        })) as rill.Params;
      const parts = [0, 1].map((rank) => {
        const params = part(wholes, rank);
        return { params, state: rill.initOptimizerState(optimizer, params) };
      });
      for (let step = 0; step < 4; step++) {
        const gradients = make(10 + step);
        const weight = step + 1;
        // The sum of squares over all ranks' parts, as they exchange it.
        let squares = 0;
        for (const name of names) {
          for (const x of await gradients[name]!.data()) squares += x * x;
        }
        ({ params: whole, state } = rill.updateByOptimizer(optimizer, {
          params: whole,
          gradients,
          state,
          weight,
        }));
        for (const [rank, one] of parts.entries()) {
          parts[rank] = rill.updateByOptimizer(optimizer, {
            ...one,
            gradients: part(gradients, rank),
            weight,
            sumSquares(given) {
              assertEquals(Object.keys(given), [...names]);
              return squares;
            },
          });
        }
        for (const name of names) {
          const expected = await whole[name]!.data();
          const actual =
            (await Promise.all(parts.map(async ({ params }) => [...await params[name]!.data()])))
              .flat();
          assertEquals(actual.length, sizes[name]);
          assertClose(actual, expected, 1e-6, `${name} at step ${step} by ${optimizer.rule.name}`);
        }
      }
    }
  }));

Deno.test("a norm that isn't finite does to gradients what PyTorch's does", () =>
  withBackend("wasm", async () => {
    const optimizer = pipe(rill.sgd({ learningRate: 1 }), rill.clipByGlobalNorm(1));
    const update = async (...gradient: number[]) => {
      const params = { a: vector(1, 2) };
      const state = rill.initOptimizerState(optimizer, params);
      const gradients = { a: vector(...gradient) };
      const next = rill.updateByOptimizer(optimizer, { params, gradients, state });
      return [...await next.params.a!.data()];
    };
    assertEquals(await update(NaN, 1), [NaN, NaN]);
    assertEquals(await update(Infinity, 1), [NaN, 2]);
    assertEquals(await update(0, 0), [1, 2]);
  }));

Deno.test("a state that lacks what the optimizer keeps is refused", () =>
  withBackend("wasm", () => {
    const params = { a: vector(1) };
    const gradients = { a: vector(1) };
    const state = rill.initOptimizerState(rill.sgd(), params);
    const refused = (optimizer: rill.Optimizer, message: string) =>
      assertThrows(
        () => rill.updateByOptimizer(optimizer, { params, gradients, state }),
        RangeError,
        message,
      );
    refused(rill.adam(), "Cannot update with a state that lacks m: it has no running values");
    refused(pipe(rill.sgd(), rill.averaged(0.5)), "lacks the average of parameters");
    assertThrows(
      () => rill.updateByOptimizer(rill.sgd(), { params, gradients: {}, state }),
      RangeError,
      "Cannot find tensor a",
    );
  }));
