// Measures sets of parameters on the products of dense layers, in turn with those that are taken as a rule, on adapters with
// subgroups; for each, the median milliseconds and the median ratio of a round's times:
//
//   deno run -A tests/models/webgpu_sets.ts [--batch=8] [--rounds=8] 16x32 32x16 ...
import * as tf from "@tensorflow/tfjs-core";
import { parseArgs } from "@std/cli";
import { openBackend } from "@rill/rill/models";
import type { GpuBackend } from "../../../models/kernels/webgpu/_gpu_backend.ts";
import { matmul } from "../../../models/kernels/webgpu/gemm/_matmul.ts";
import { type TunedSet, tuning, useTuning } from "../../../models/kernels/webgpu/gemm/_tuning.ts";

const { batch, rounds, _: blocks } = parseArgs(Deno.args, {
  string: ["batch", "rounds", "_"],
  default: { batch: "8", rounds: "8" },
});
const backend = await openBackend("webgpu");
const gpu = tf.backend() as unknown as GpuBackend;
const usual = tuning(gpu);
const sets: (TunedSet | undefined)[] = [undefined];
for (const text of blocks) {
  const [rows, columns] = String(text).split("x").map(Number);
  sets.push({
    parameters: {
      threads: [1, 8],
      block: [rows, columns],
      depth: 1,
      operands: "subgroup",
      vector: 1,
      speed: 1,
    },
    groups: usual.groups,
  });
}
const size = Number(batch);
for (const [inputs, outputs] of [[6400, 4096], [4096, 4096]]) {
  const x = tf.randomUniform([size, inputs]);
  const weight = tf.randomUniform([inputs, outputs]);
  const dy = tf.randomUniform([size, outputs]);
  await compare(`${inputs} x ${outputs} forward`, x, weight, false, false);
  await compare(`${inputs} x ${outputs} input gradient`, dy, weight, false, true);
  await compare(`${inputs} x ${outputs} weight gradient`, x, dy, true, false);
  tf.dispose([x, weight, dy]);
}
await backend.close();

async function compare(
  name: string,
  a: tf.Tensor,
  b: tf.Tensor,
  transposeA: boolean,
  transposeB: boolean,
): Promise<void> {
  const times = sets.map(() => [] as number[]);
  for (let round = 0; round <= Number(rounds); round++) {
    for (const [i, set] of sets.entries()) {
      useTuning(gpu.device, { ...usual, tuned: { get: () => set } });
      const start = performance.now();
      gpu.disposeData(matmul(gpu, a, b, transposeA, transposeB)!.dataId);
      await backend.sync();
      // The first round compiles.
      if (round > 0) times[i].push(performance.now() - start);
    }
  }
  const cells = times.map((of, i) => {
    const ratio = median(times[0].map((before, r) => before / of[r]));
    return `${i === 0 ? "as a rule" : blocks[i - 1]} ${median(of).toFixed(0)} ms, ${
      ratio.toFixed(2)
    } times as fast`;
  });
  console.log(`${name}: ${cells.join(" | ")}`);
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1];
}
