import * as tf from "@tensorflow/tfjs-core";
import { compile } from "../../_kernels/compile.ts";

/** Prepares the peaks of a backend that is open. */
export const openPeaks = async (backend: "webgpu" | "wasm"): Promise<Peaks> =>
  backend === "wasm" ? await compileWasmPeaks() : makeWebgpuPeaks();

/** Measures what the machine can do at the moment, others being at work on it too. */
export interface Peaks {
  /** In GFLOP/s. */
  arithmetic(): Promise<number>;
  /** In GB/s. */
  memory(): Promise<number>;
}

/** Gives the seconds that something takes. */
export async function time(run: () => void | Promise<void>): Promise<number> {
  const start = performance.now();
  await run();
  return (performance.now() - start) / 1000;
}

/** Compiles the peaks of one thread in WebAssembly: sums that don't wait for each other, and `a = b + c` over arrays beyond every cache. */
async function compileWasmPeaks(): Promise<Peaks> {
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
  // The engine optimizes what is called often, by and by.
  for (let i = 0; i < 2000; i++) {
    madd(2 ** 16, 1000);
    add(2 ** 16, 2 ** 17, 2 ** 18, 2 ** 16);
  }
  await new Promise((resolve) => setTimeout(resolve, 300));
  return {
    arithmetic: async () =>
      2 * 4 * sums.length * turns / await time(() => madd(2 ** 16, turns)) / 1e9,
    memory: async () =>
      3 * size / await time(() => add(2 ** 16, 2 ** 16 + size, 2 ** 16 + 2 * size, size)) / 1e9,
  };
}

/** Makes the peaks of all that WebGPU has: the same sums, and a copy by a program. */
function makeWebgpuPeaks(): Peaks {
  const { device } = tf.backend() as unknown as { device: GPUDevice };
  const size = 2 ** 26;
  const createBuffer = () =>
    device.createBuffer({
      size,
      usage: GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST,
    });
  const [from, to] = [createBuffer(), createBuffer()];
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
  const submit = (record: () => GPUCommandBuffer) =>
    time(async () => {
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
      2 * sums.length * steps * turns * groups * 64 / await submit(() => madd(groups)) / 1e9,
    memory: async () => 2 * size / await submit(() => copy(size / 64 / 64)) / 1e9,
  };
}
