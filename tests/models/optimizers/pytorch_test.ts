// Every optimizer and every piece against 20 steps of PyTorch's.
import { assert, assertEquals } from "@std/assert";
import {
  type Backend,
  initOptimizerState,
  optimizerOf,
  updateByOptimizer,
} from "@rill/rill/models";
import * as ops from "../../../models/ops/_ops.ts";
import { onCpu } from "../_cpu_backend.ts";
import { backendTest, withBackend } from "../_helpers.ts";
import { compareCase, decode, makeOptimizer, references, toTensors } from "./_references.ts";

/** Reading numbers back takes WebGPU long. */
const compares = ({ name }: Backend) => (step: number) =>
  name === "wasm" || [0, 1, 19].includes(step);

backendTest("optimizers and their pieces move parameters as PyTorch's do", async (backend) => {
  for (const case_ of references.cases) {
    const before = ops.countTensors();
    await compareCase(case_, undefined, compares(backend));
    assertEquals(ops.countTensors(), before, "nothing is left behind");
  }
});

Deno.test("optimizers and their pieces move parameters as PyTorch's do, on CPU", () =>
  onCpu(async () => {
    for (const case_ of references.cases) await compareCase(case_);
  }));

backendTest("rules without a kernel move parameters as those with one do", async (backend) => {
  for (const case_ of references.cases) {
    const optimizer = makeOptimizer(case_);
    // A copy of the rule is no rule that kernels know.
    const before = ops.countTensors();
    await compareCase(case_, { ...optimizer, rule: { ...optimizer.rule } }, compares(backend));
    assertEquals(ops.countTensors(), before, "nothing is left behind");
  }
});

Deno.test("all optimizers are compared", () => {
  const compared = new Set(references.cases.map(({ optimizer }) => optimizer));
  assertEquals(compared.size, 6);
  assert(references.cases.every(({ after }) => after.length === 20));
});

Deno.test("an update keeps what it is given where others hold it", () =>
  withBackend("wasm", async () => {
    for (const case_ of references.cases) {
      const optimizer = makeOptimizer(case_);
      const numbers = decode(references.start);
      const params = toTensors(numbers);
      const held = Object.entries(params).map(([name, tensor]) =>
        [name, ops.share(tensor)] as const
      );
      const gradients = toTensors(decode(references.gradients[0]!));
      const state = initOptimizerState(optimizer, params);
      updateByOptimizer(optimizer, { params, gradients, state, weight: 1 });
      const expected = toTensors(numbers);
      for (const [name, tensor] of held) {
        assertEquals(await tensor.data(), await expected[name]!.data());
      }
    }
  }));

Deno.test("optimizerOf() is what the others are made by", () => {
  const { rule } = optimizerOf(makeOptimizer(references.cases[0]!).rule, 0.5);
  assertEquals(rule.name, "sgd");
});
