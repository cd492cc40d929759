// Measures what the machine can do, and each product of AlexNet beside it:
//
//   deno run -A tests/models/roofline_measure.ts webgpu --side=224 --batch=8
//   deno run -A tests/models/roofline_measure.ts wasm --side=67 --batch=128
//
// Taps on padding don't count. A product's limit is the longer of two times: for its arithmetic at the peak, and for moving
// each operand and the result once. Both peaks are measured between the products, and the best of each is taken, as others
// may be at work on the machine as well.
import * as tf from "@tensorflow/tfjs-core";
import { parseArgs } from "@std/cli";
import { openBackend } from "@rill/rill/models";
import { compile } from "../../_kernels/compile.ts";

const options = parseArgs(Deno.args, {
  string: ["batch", "side", "repeat"],
  default: { batch: "8", side: "224", repeat: "5" },
});
const [batch, side, repeat] = [options.batch, options.side, options.repeat].map(Number);
const name = options._[0] === "wasm" ? "wasm" : "webgpu";
const backend = await openBackend(name);
console.log(`${backend.description}; batch ${batch}, side ${side}`);
const peaks = await (name === "wasm" ? wasmPeaks() : webgpuPeaks());
for (const what of ["arithmetic", "memory"] as const) await peaks[what](); // To compile.
const best = { arithmetic: 0, memory: 0 };
await products();
console.log(`the most: ${best.arithmetic.toFixed(1)} GFLOP/s and ${best.memory.toFixed(1)} GB/s`);
await backend.close();

/** What the machine can do at the moment, others being at work on it too. */
interface Peaks {
  /** In GFLOP/s. */
  arithmetic(): Promise<number>;
  /** In GB/s. */
  memory(): Promise<number>;
}

/** Seconds that something takes. */
async function timed(run: () => void | Promise<void>): Promise<number> {
  const start = performance.now();
  await run();
  return (performance.now() - start) / 1000;
}

/** One thread in WebAssembly: sums that don't wait for each other, and `a = b + c` over arrays beyond every cache. */
async function wasmPeaks(): Promise<Peaks> {
  const sums = Array.from({ length: 8 }, (_, i) => i);
  const source = `
export function madd(at: usize, turns: i32): void {
  let x = v128.load(at);
${sums.map((i) => `  let a${i} = v128.load(at, ${16 * i});`).join("\n")}
  for (let i = 0; i < turns; i++) {
${sums.map((i) => `    a${i} = f32x4.relaxed_madd(a${i}, x, x);`).join("\n")}
  }
${sums.map((i) => `  v128.store(at, a${i}, ${16 * i});`).join("\n")}
}
export function add(a: usize, b: usize, c: usize, bytes: usize): void {
  for (let i: usize = 0; i < bytes; i += 64) {
    v128.store(a + i, f32x4.add(v128.load(b + i), v128.load(c + i)));
    v128.store(a + i, f32x4.add(v128.load(b + i, 16), v128.load(c + i, 16)), 16);
    v128.store(a + i, f32x4.add(v128.load(b + i, 32), v128.load(c + i, 32)), 32);
    v128.store(a + i, f32x4.add(v128.load(b + i, 48), v128.load(c + i, 48)), 48);
  }
}`;
  const bytes = await compile(
    "peaks.ts",
    ["--enable", "simd,relaxed-simd", "--initialMemory", "4096", "-O2"],
    (file) => Promise.resolve(file === "peaks.ts" ? source : null),
  );
  const { instance } = await WebAssembly.instantiate(bytes as Uint8Array<ArrayBuffer>);
  const { madd, add, memory } = instance.exports as unknown as {
    madd(at: number, turns: number): void;
    add(a: number, b: number, c: number, bytes: number): void;
    memory: WebAssembly.Memory;
  };
  new Float32Array(memory.buffer).fill(0.5);
  const turns = 5e6;
  const size = 2 ** 26;
  // The engine optimises what is called often, by and by.
  for (let i = 0; i < 2000; i++) {
    madd(2 ** 16, 1000);
    add(2 ** 16, 2 ** 17, 2 ** 18, 2 ** 16);
  }
  await new Promise((resolve) => setTimeout(resolve, 300));
  return {
    arithmetic: async () =>
      2 * 4 * sums.length * turns / await timed(() => madd(2 ** 16, turns)) / 1e9,
    memory: async () =>
      3 * size / await timed(() => add(2 ** 16, 2 ** 16 + size, 2 ** 16 + 2 * size, size)) / 1e9,
  };
}

/** All that WebGPU has: the same sums, and a copy by a program. */
function webgpuPeaks(): Peaks {
  const { device } = tf.backend() as unknown as { device: GPUDevice };
  const size = 2 ** 26;
  const [from, to] = [0, 1].map(() =>
    device.createBuffer({
      size,
      usage: GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST,
    })
  );
  const program = (body: string) => {
    const code = `@group(0) @binding(0) var<storage, read_write> y : array<f32>;
@group(0) @binding(1) var<storage, read> x : array<f32>;
@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id : vec3<u32>) {
${body}
}`;
    const pipeline = device.createComputePipeline({
      layout: "auto",
      compute: { module: device.createShaderModule({ code }), entryPoint: "main" },
    });
    const group = device.createBindGroup({
      layout: pipeline.getBindGroupLayout(0),
      entries: [to, from].map((buffer, binding) => ({ binding, resource: { buffer } })),
    });
    return (groups: number) => {
      const encoder = device.createCommandEncoder();
      const pass = encoder.beginComputePass();
      pass.setPipeline(pipeline);
      pass.setBindGroup(0, group);
      pass.dispatchWorkgroups(groups);
      pass.end();
      return encoder.finish();
    };
  };
  const submitted = (record: () => GPUCommandBuffer) =>
    timed(async () => {
      device.queue.submit([record()]);
      await device.queue.onSubmittedWorkDone();
    });
  const sums = Array.from({ length: 8 }, (_, i) => i);
  // A turn of a loop costs lavapipe something of its own.
  const steps = 64;
  const turns = 2000;
  const groups = 64;
  const step = sums.map((i) => `    a${i} = a${i} * m + m;`).join("\n");
  const madd = program(`  let m = x[0] + 0.5;
${sums.map((i) => `  var a${i} = f32(id.x) + ${i}.5;`).join("\n")}
  for (var i = 0u; i < ${turns}u; i++) {
${Array.from({ length: steps }, () => step).join("\n")}
  }
  y[id.x] = ${sums.map((i) => `a${i}`).join(" + ")};`);
  const copy = program(`  for (var i = 0u; i < 16u; i++) {
    y[id.x + i * ${size / 64}u] = x[id.x + i * ${size / 64}u];
  }`);
  return {
    arithmetic: async () =>
      2 * sums.length * steps * turns * groups * 64 / await submitted(() => madd(groups)) / 1e9,
    memory: async () => 2 * size / await submitted(() => copy(size / 64 / 64)) / 1e9,
  };
}

async function products(): Promise<void> {
  const rows: { what: string; flops: number; bytes: number; seconds: number }[] = [];
  const random = (...shape: number[]) => tf.randomUniform(shape, -1, 1);
  const run = (kernel: string, inputs: object, attrs: object) =>
    tf.engine().runKernel(
      kernel,
      inputs as tf.NamedTensorMap,
      attrs as tf.NamedAttrMap,
    ) as tf.Tensor;
  const row = async (
    what: string,
    flops: number,
    operands: readonly tf.Tensor[],
    fn: () => tf.Tensor,
  ) => {
    let numbers = operands.reduce((sum, { size }) => sum + size, 0);
    const count = Math.max(1, Math.min(50, Math.round(1e9 / flops)));
    let seconds = Infinity;
    for (let round = 0; round <= repeat; round++) {
      for (const what of ["arithmetic", "memory"] as const) {
        best[what] = Math.max(best[what], await peaks[what]());
      }
      const all = await timed(async () => {
        for (let i = 0; i < count; i++) {
          const result = fn();
          if (i === 0) numbers = operands.reduce((sum, { size }) => sum + size, result.size);
          result.dispose();
        }
        await backend.sync();
      });
      if (round > 0) seconds = Math.min(seconds, all / count);
    }
    rows.push({ what, flops, bytes: 4 * numbers, seconds });
  };
  const half = (size: number) => Math.floor((size - 3) / 2) + 1;
  const first = Math.floor((side + 2 - 11) / 4) + 1;
  const second = half(first);
  const third = half(second);
  const last = half(third);
  for (
    const [layer, size, channels, filters, kernel, strides, pad] of [
      ["conv1", side, 1, 96, 11, 4, 1],
      ["conv2", second, 96, 256, 5, 1, 2],
      ["conv3", third, 256, 384, 3, 1, 1],
      ["conv4", third, 384, 384, 3, 1, 1],
      ["conv5", third, 384, 256, 3, 1, 1],
    ] as const
  ) {
    const out = Math.floor((size + 2 * pad - kernel) / strides) + 1;
    const x = random(batch, size, size, channels);
    const filter = random(kernel, kernel, channels, filters);
    const dy = random(batch, out, out, filters);
    const taps = Array.from({ length: out * kernel }, (_, i) => {
      const at = Math.floor(i / kernel) * strides - pad + i % kernel;
      return at >= 0 && at < size;
    }).filter((isInside) => isInside).length;
    const flops = 2 * batch * taps * taps * filters * channels;
    const attrs = { strides, pad, dataFormat: "NHWC", dilations: 1 };
    await row(`${layer} forward`, flops, [x, filter], () => run("Conv2D", { x, filter }, attrs));
    if (layer !== "conv1") {
      await row(
        `${layer} input gradient`,
        flops,
        [dy, filter],
        () => run("Conv2DBackpropInput", { dy, filter }, { ...attrs, inputShape: x.shape }),
      );
    }
    await row(
      `${layer} filter gradient`,
      flops,
      [x, dy],
      () => run("Conv2DBackpropFilter", { x, dy }, { ...attrs, filterShape: filter.shape }),
    );
    for (const tensor of [x, filter, dy]) tensor.dispose();
  }
  for (
    const [layer, inputs, outputs] of [
      ["fc1", last * last * 256, 4096],
      ["fc2", 4096, 4096],
      ["fc3", 4096, 10],
    ] as const
  ) {
    const x = random(batch, inputs);
    const weight = random(inputs, outputs);
    const dy = random(batch, outputs);
    const flops = 2 * batch * inputs * outputs;
    await row(`${layer} forward`, flops, [x, weight], () => tf.matMul(x, weight));
    await row(
      `${layer} input gradient`,
      flops,
      [dy, weight],
      () => tf.matMul(dy, weight, false, true),
    );
    await row(`${layer} weight gradient`, flops, [x, dy], () => tf.matMul(x, dy, true, false));
    for (const tensor of [x, weight, dy]) tensor.dispose();
  }
  console.log("| product | GFLOP | MB | FLOP/byte | ms | GFLOP/s | bound by | of its limit |");
  for (const { what, flops, bytes, seconds } of rows) {
    const limits = {
      arithmetic: flops / best.arithmetic / 1e9,
      memory: bytes / best.memory / 1e9,
    };
    const bound = limits.arithmetic > limits.memory ? "arithmetic" : "memory";
    console.log(
      `| ${what} | ${(flops / 1e9).toFixed(2)} | ${(bytes / 1e6).toFixed(1)} | ${
        (flops / bytes).toFixed(1)
      } | ${(seconds * 1000).toFixed(1)} | ${(flops / seconds / 1e9).toFixed(1)} | ${bound} | ${
        (limits[bound] / seconds * 100).toFixed(0)
      } % |`,
    );
  }
}
