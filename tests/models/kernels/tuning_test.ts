// What `deno task tune` finds is kept as JSON, and read again when WebGPU is opened.
import * as tf from "@tensorflow/tfjs-core";
import { assert, assertEquals } from "@std/assert";
import { openBackend } from "@rill/rill/models";
import type { GpuBackend } from "../../../models/kernels/webgpu/device/_gpu_backend.ts";
import type { GemmParameters } from "../../../models/kernels/webgpu/gemm/_gemm_parameters.ts";
import {
  addToStoredTuning,
  readStoredTuning,
  TUNING_FORMAT,
} from "../../../models/kernels/webgpu/tuning/_stored_tuning.ts";
import { tuneProducts } from "../../../models/kernels/webgpu/tuning/_tune_products.ts";
import { classifyGemm, getTuning } from "../../../models/kernels/webgpu/gemm/_tuning.ts";
import { assertClose, withBackend } from "../_helpers.ts";
import { webgpuTest } from "../_webgpu.ts";

/** A set that nobody would choose. */
const SET: GemmParameters = {
  threads: [4, 3],
  block: [3, 2],
  depth: 3,
  operands: "global",
  vector: 2,
  prefetch: false,
  speed: 1,
};
const TUNED = { parameters: SET, groups: 1 };
const LAYOUT = { left: "inner", right: "columns" } as const;
const KEY = classifyGemm(LAYOUT, { rows: 48, inner: 3, columns: 24 });

const identityHere = () =>
  withBackend("webgpu", () => getTuning(tf.backend() as unknown as GpuBackend).identity!);

/** Opens WebGPU with a tuning, and multiplies there: in 16 workgroups by that set, and in fewer by any usual one. */
async function openWith(stored: unknown) {
  const backend = await openBackend("webgpu", { tuning: stored });
  const { dispatchWorkgroups } = GPUComputePassEncoder.prototype;
  const groups: number[] = [];
  GPUComputePassEncoder.prototype.dispatchWorkgroups = function (x, y = 1, z = 1) {
    groups.push(x * y * z);
    return dispatchWorkgroups.call(this, x, y, z);
  };
  try {
    const product = tf.tidy(() => tf.matMul(tf.ones([48, 3]), tf.ones([3, 24])));
    assertClose(await product.data(), new Float32Array(48 * 24).fill(3), 0);
    return { tuning: backend.tuning, tuned: groups.includes(16) };
  } finally {
    GPUComputePassEncoder.prototype.dispatchWorkgroups = dispatchWorkgroups;
    await backend.close();
  }
}

webgpuTest("a tuning is used on the adapter that it was made on", async () => {
  const stored = addToStoredTuning(undefined, await identityHere(), new Map([[KEY, TUNED]]));
  const used = { tuning: { classes: 1 }, tuned: true };
  assertEquals(await openWith(JSON.parse(JSON.stringify(stored))), used);
  const other = addToStoredTuning(undefined, "another adapter", new Map([[KEY, TUNED]]));
  assertEquals(await openWith(other), { tuning: undefined, tuned: false });
  assertEquals(await openWith(undefined), { tuning: undefined, tuned: false });
});

webgpuTest("a tuning that cannot be used is ignored, and said why", async () => {
  const identity = await identityHere();
  const sets = (entries: unknown, format = TUNING_FORMAT) => ({
    format,
    adapters: { [identity]: entries },
  });
  const withSet = (change: object, more = {}) =>
    sets({ [KEY]: { groups: 1, parameters: { ...SET, ...change }, ...more } });
  const invalid = `its set for "${KEY}" is invalid`;
  const beyond = `its set for "${KEY}" is beyond the adapter's limits`;
  const cases: [unknown, string][] = [
    [null, "it is not a JSON object"],
    ["{", "it is not a JSON object"],
    [[], "it is not a JSON object"],
    [{}, "it is of format undefined, not 1"],
    [sets({ [KEY]: TUNED }, 0), "it is of format 0, not 1"],
    [{ format: TUNING_FORMAT }, "it lacks the adapters"],
    [sets([]), "its sets for this adapter are not a JSON object"],
    [sets({ [KEY]: null }), invalid],
    [sets({ [KEY]: { groups: 1 } }), invalid],
    [withSet({}, { groups: 0 }), invalid],
    [withSet({}, { groups: "8" }), invalid],
    [withSet({ threads: [4] }), invalid],
    [withSet({ block: [3, 1.5] }), invalid],
    [withSet({ depth: -1 }), invalid],
    [withSet({ depth: 1e9 }), invalid],
    [withSet({ operands: "; }" }), invalid],
    [withSet({ vector: 3 }), invalid],
    [withSet({ prefetch: 1 }), invalid],
    [withSet({ threads: [4096, 4096] }), beyond],
    [withSet({ block: [4096, 2] }), beyond],
    [withSet({ block: [3, 3] }), beyond],
    [withSet({ operands: "shared", block: [16, 16], threads: [16, 16], depth: 64 }), beyond],
    [withSet({ operands: "subgroup" }), beyond],
  ];
  for (const [stored, ignored] of cases) {
    const room = { limits: { ...LIMITS }, subgroups: true };
    assertEquals(readStoredTuning(stored, identity, room), { ignored });
  }
  assertEquals(await openWith(sets([])), {
    tuning: { ignored: "its sets for this adapter are not a JSON object" },
    tuned: false,
  });
});

const LIMITS = {
  maxComputeInvocationsPerWorkgroup: 1024,
  maxComputeWorkgroupSizeX: 1024,
  maxComputeWorkgroupSizeY: 1024,
  maxComputeWorkgroupStorageSize: 32768,
};

Deno.test("what is found is added to what was stored before", () => {
  const other = { ...TUNED, groups: 2 };
  const first = addToStoredTuning("{", "a", new Map([["1", TUNED], ["2", TUNED]]));
  assertEquals(first, { format: TUNING_FORMAT, adapters: { a: { 1: TUNED, 2: TUNED } } });
  const second = addToStoredTuning(first, "b", new Map([["1", other]]));
  assertEquals(second.adapters, { a: { 1: TUNED, 2: TUNED }, b: { 1: other } });
  // Where the usual sets turned out to be faster, nothing is kept.
  const third = addToStoredTuning(second, "a", new Map([["1", undefined], ["3", other]]));
  assertEquals(third.adapters.a, { 2: TUNED, 3: other });
  assertEquals(addToStoredTuning({ ...first, format: 0 }, "a", new Map()).adapters, { a: {} });
});

Deno.test("products of about the same size and of one layout are of one class", () => {
  const of = (rows: number, inner: number, columns: number, layout = LAYOUT as object) =>
    classifyGemm(layout as typeof LAYOUT, { rows, inner, columns });
  assertEquals(of(18432, 3456, 384), of(18432, 2304, 256));
  assertEquals(of(128, 6400, 4096), of(100, 6400, 4096));
  assert(of(128, 6400, 4096) !== of(8, 6400, 4096));
  assert(of(128, 6400, 4096) !== of(128, 6400, 10));
  assert(of(128, 128, 128) !== of(128, 128, 128, { left: "rows", right: "columns" }));
});

const PRODUCTS = (["forward", "input gradient", "weight gradient"] as const).flatMap((pass) => [
  { name: "fc", pass, of: { batch: 3, inputs: 40, outputs: 17 } },
  {
    name: "conv",
    pass,
    of: {
      batch: 2,
      input: [6, 5],
      channels: 4,
      kernel: [3, 3],
      strides: [1, 1],
      padding: [1, 1],
      filters: 8,
      output: [6, 5],
    } as const,
  },
]);

webgpuTest(
  "the fastest set of some is found for each class of products",
  () =>
    withBackend("webgpu", async (backend) => {
      const gpu = tf.backend() as unknown as GpuBackend;
      const usual = getTuning(gpu);
      const { numTensors } = tf.memory();
      const shares: number[] = [];
      const result = await tuneProducts(backend, PRODUCTS, {
        seconds: 100,
        progress: (share) => shares.push(share),
        stopped: () => false,
        sets: [SET],
      });
      assert(result);
      assertEquals(result.times.map(({ product }) => product), PRODUCTS);
      for (const { before, after, flops, set, product } of result.times) {
        assert(before > 0 && after! > 0, product.name);
        const size = "inputs" in product.of ? 3 * 40 * 17 : 2 * 30 * 8 * 36;
        assertEquals(flops, 2 * size);
        assert(set === undefined || set.startsWith("global, 4x3 threads of 3x2, depth 3"), set);
      }
      assertEquals(shares, shares.toSorted((a, b) => a - b));
      const kept = result.store(undefined).adapters[usual.identity!]!;
      const faster = new Set(result.times.filter(({ set }) => set).map(({ set }) => set));
      assertEquals(Object.keys(kept).length > 0, faster.size > 0);
      const room = { limits: gpu.device.limits, subgroups: false };
      assert("tuned" in readStoredTuning(result.store(undefined), usual.identity!, room));
      assertEquals([getTuning(gpu), tf.memory().numTensors], [usual, numTensors]);
    }),
);

webgpuTest(
  "tuning ends when its time is over, or when it is told to",
  () =>
    withBackend("webgpu", async (backend) => {
      const options = { seconds: 0, progress: () => {}, stopped: () => false };
      const result = await tuneProducts(backend, PRODUCTS.slice(0, 2), options);
      assertEquals(result!.times.map(({ after }) => after), [undefined, undefined]);
      assertEquals(Object.values(result!.store(undefined).adapters), [{}]);
      let asked = 0;
      const stopped = () => ++asked > 4;
      const none = await tuneProducts(backend, PRODUCTS, { ...options, seconds: 100, stopped });
      assertEquals(none, undefined);
      assert(asked < 8);
    }),
);
