// Measures the products of a large dense layer as one thread computes them and as each of two does, by half of the examples or of
// the outputs: CPU time, each kind in turn in one process.
// By hand: deno run -A tests/models/parallel/measure_products.ts
import process from "node:process";
import { type Tensor, toTensor } from "@rill/rill/models";
import { tidy } from "@rill/rill/models/ops";
import { MULTIPLY_COLUMNS } from "../../../models/kernels/definitions/_kernel_names.ts";
import { viewPart } from "../../../models/ops/_ops.ts";
import { runKernel } from "../../../models/ops/_base/tfjs.ts";
import { reshape } from "../../../models/ops/mod.ts";
import { numbers, withBackend } from "../_helpers.ts";

/** The inputs and the outputs, as AlexNet's `fc2` has them. */
const WIDTH = 4096;
const ROUNDS = 15;

const make = (rows: number): Tensor => toTensor(numbers(rows * WIDTH, rows), [rows, WIDTH]);
const getTime = () => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
};

await withBackend("wasm", () => {
  const weight = make(WIDTH);
  const multiply = (a: Tensor, b: Tensor, transposeB: boolean) =>
    runKernel("BatchMatMul", { a, b }, { transposeA: false, transposeB });
  for (const examples of [32, 128]) {
    const [all, half] = [make(examples), make(examples / 2)];
    const own = () => reshape(viewPart(weight, 0, WIDTH / 2 * WIDTH), [WIDTH / 2, WIDTH]);
    const kinds: Readonly<Record<string, () => void>> = {
      "forward, one thread": () => multiply(all, weight, false),
      "forward, half of the examples": () => multiply(half, weight, false),
      "forward, half of the outputs": () =>
        runKernel(MULTIPLY_COLUMNS, { x: all, weight }, { start: 0, end: WIDTH / 2 }),
      "back, one thread": () => multiply(all, weight, true),
      "back, half of the examples": () => multiply(half, weight, true),
      "back, half of the outputs": () => multiply(all, own(), true),
    };
    const times = new Map(Object.keys(kinds).map((kind) => [kind, [] as number[]]));
    for (let i = 0; i < ROUNDS; i++) {
      for (const [kind, compute] of Object.entries(kinds)) {
        const start = getTime();
        tidy(() => void compute());
        times.get(kind)!.push(getTime() - start);
      }
    }
    for (const [kind, taken] of times) {
      const [least] = taken.sort((a, b) => a - b);
      const median = taken[ROUNDS >> 1]!;
      console.log(
        `${examples} examples, ${kind}: ${least!.toFixed(1)} ms, median ${median.toFixed(1)}`,
      );
    }
  }
});
